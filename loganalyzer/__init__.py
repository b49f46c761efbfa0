"""Name every failed request in Amazon API Gateway execution logs.

The names below are the public library; pandas and boto3 are loaded when they are first needed.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Fetched",
    "LogAnalyzerError",
    "__version__",
    "analyze",
    "explain",
    "explain_pasted",
    "explain_response",
    "fetch",
]

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis, analyze, explain
    from loganalyzer.errors import LogAnalyzerError
    from loganalyzer.fetcher.live import fetch
    from loganalyzer.formats.stored import Fetched
    from loganalyzer.responses import explain_pasted, explain_response


_AT = {
    "Analysis": "loganalyzer.analysis",
    "Fetched": "loganalyzer.formats.stored",
    "LogAnalyzerError": "loganalyzer.errors",
    "analyze": "loganalyzer.analysis",
    "explain": "loganalyzer.analysis",
    "explain_pasted": "loganalyzer.responses",
    "explain_response": "loganalyzer.responses",
    "fetch": "loganalyzer.fetcher.live",
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
