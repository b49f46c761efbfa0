"""Name every failed request in Amazon API Gateway execution logs.

The names below are the public library; pandas and boto3 are loaded when they are first needed.
"""

import sys
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Comparison",
    "Fetched",
    "LogAnalyzerError",
    "__version__",
    "analyze",
    "compare",
    "estimate",
    "explain",
    "explain_pasted",
    "explain_response",
    "fetch",
    "from_spark",
    "groups",
    "show",
]

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.comparison.compare import compare
    from loganalyzer.comparison.records import Comparison
    from loganalyzer.display import show
    from loganalyzer.errors import LogAnalyzerError
    from loganalyzer.fetcher.live import estimate, fetch, groups
    from loganalyzer.formats.stored import Fetched
    from loganalyzer.reading import analyze, explain
    from loganalyzer.responses import explain_pasted, explain_response
    from loganalyzer.spark.gathered import from_spark


_AT = {
    "Analysis": "loganalyzer.analysis",
    "Comparison": "loganalyzer.comparison.records",
    "Fetched": "loganalyzer.formats.stored",
    "LogAnalyzerError": "loganalyzer.errors",
    "analyze": "loganalyzer.reading",
    "compare": "loganalyzer.comparison.compare",
    "estimate": "loganalyzer.fetcher.live",
    "explain": "loganalyzer.reading",
    "explain_pasted": "loganalyzer.responses",
    "explain_response": "loganalyzer.responses",
    "fetch": "loganalyzer.fetcher.live",
    "from_spark": "loganalyzer.spark.gathered",
    "groups": "loganalyzer.fetcher.live",
    "show": "loganalyzer.display",
}
"""Every public name and where it is."""


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name not in _AT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_AT[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: object) -> None:
    """Draw analyses and the like in this shell: ``%load_ext loganalyzer``, if it was imported before there was one."""
    from loganalyzer.display import register

    register(shell)


def _register() -> None:
    """Draw analyses and the like, where there is an IPython shell to draw them in."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        load_ipython_extension(shell)


_register()
