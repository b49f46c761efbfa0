"""The notebooks run from top to bottom and show what they talk about; they are kept without outputs, so that they can
be reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))

SHOWN = {
    "01_first_look": {
        "lines": "Verifying Usage Plan for request",
        "analyze": "Where they stopped",
        "requests": "first_seen",
        "failures": "PROXY_INTEG_ERROR",
        "confidence": "medium",
        "doubtful": "perhaps ",
        "choose": "stopped here",
        "explain": "Make the function faster",
        "frame": "PROXY_INTEG_RESPONSE_INVALID",
    },
    "02_incident": {
        "answer": "AUTHORIZER_LAMBDA_TIMEOUT    stopped at AUTHORIZATION",
        "analyze": "110 failed",
        "funnel": "110 stopped",
        "kinds": "cached            87",
        "timeout": "stopped here",
        "masking": "suspected: the backend",
        "latency": "cached",
        "denied": "The client is not authorized",
        "maker": "policy cached for another resource",
        "policy": "prod/GET/bikes",
        "all_denied": "True    87",
        "first_minutes": "may still be answering",
        "cache_verdict": "cache - old results run out at 17:05",
        "old_policies": "by a policy made at 16:59",
        "later": "The cache has answered, but no longer does",
        "after_funnel": "7 with an error",
        "by_route": "may be chance",
        "reached": "before 13 requests",
    },
    "03_live_account": {
        "groups": "API-Gateway-Execution-Logs_abcde12345/prod",
        "free": "free of charge",
        "billed": "which AWS bills by what it scans",
        "refused": "nobody has allowed it",
        "fetch": '<progress max="1" value="1.000"',
        "once_more": "calls at first",
        "analyze": "Where they stopped",
        "beside": "WAF_FILTERED",
        "functions": "lambda_error",
        "timeline": "PROXY_INTEG_ERROR",
    },
}
"""What the outputs of some cells hold."""


def test_there_are_notebooks() -> None:
    """Every notebook says what it shows."""
    assert [path.stem for path in PATHS] == list(SHOWN)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    """A notebook in the repository is source alone: valid, as the library writes it, no outputs, no counts."""
    content = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(content, as_version=4)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook) + "\n" == content
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_notebooks_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs, none writes to standard error, and the outputs hold what the text talks about."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    notebook = _executed(path)
    cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    for cell in cells.values():
        assert [out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stderr"] == []
    for name, said in SHOWN[path.stem].items():
        assert said in _told(cells[name]), name


def _executed(path: Path) -> Any:
    """The notebook after a run. A kernel that does not start is started again: its ports may just have been taken."""
    for attempt in range(3):
        notebook = nbformat.read(path, as_version=4)
        place = {"metadata": {"path": str(NOTEBOOKS)}}
        try:
            NotebookClient(notebook, timeout=300, startup_timeout=120, resources=place).execute()
            break
        except RuntimeError:
            if attempt == 2:
                raise
    return notebook


def _told(cell: Any) -> str:
    """All that a cell has put out."""
    told = [out.get("text", "") for out in cell.outputs]
    for out in cell.outputs:
        told += [value for value in out.get("data", {}).values() if isinstance(value, str)]
    return "\n".join(told)
