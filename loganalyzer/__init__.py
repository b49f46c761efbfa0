"""Name every failed request in Amazon API Gateway execution logs.

The names below are the public library; pandas and boto3 are loaded when they are first needed.
"""

import sys
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Comparison",
    "LogAnalyzerError",
    "__version__",
    "analyze",
    "compare",
    "explain",
    "explain_pasted",
    "explain_response",
    "show",
]

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis, analyze, explain
    from loganalyzer.comparison.compare import compare
    from loganalyzer.comparison.records import Comparison
    from loganalyzer.display import show
    from loganalyzer.errors import LogAnalyzerError
    from loganalyzer.responses import explain_pasted, explain_response


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name in {"Analysis", "analyze", "explain"}:
        from loganalyzer import analysis

        return getattr(analysis, name)
    if name in {"explain_pasted", "explain_response"}:
        from loganalyzer import responses

        return getattr(responses, name)
    if name == "compare":
        from loganalyzer.comparison.compare import compare

        return compare
    if name == "Comparison":
        from loganalyzer.comparison.records import Comparison

        return Comparison
    if name == "show":
        from loganalyzer.display import show

        return show
    if name == "LogAnalyzerError":
        from loganalyzer.errors import LogAnalyzerError

        return LogAnalyzerError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: object) -> None:
    """Draw analyses and timelines in this shell: ``%load_ext loganalyzer``, if it was imported before there was one."""
    from loganalyzer.display import register

    register(shell)


def _register() -> None:
    """Draw analyses and timelines, where there is an IPython shell to draw them in."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        load_ipython_extension(shell)


_register()
