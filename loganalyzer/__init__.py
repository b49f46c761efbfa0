"""Name every failed request in Amazon API Gateway execution logs.

The names below are the public library; pandas and boto3 are loaded when they are first needed.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "LogAnalyzerError",
    "__version__",
    "analyze",
    "explain",
    "explain_pasted",
    "explain_response",
    "from_spark",
]

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis, analyze, explain
    from loganalyzer.errors import LogAnalyzerError
    from loganalyzer.responses import explain_pasted, explain_response
    from loganalyzer.spark import from_spark


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    if name in {"Analysis", "analyze", "explain"}:
        from loganalyzer import analysis

        return getattr(analysis, name)
    if name in {"explain_pasted", "explain_response"}:
        from loganalyzer import responses

        return getattr(responses, name)
    if name == "from_spark":
        from loganalyzer.spark import from_spark

        return from_spark
    if name == "LogAnalyzerError":
        from loganalyzer.errors import LogAnalyzerError

        return LogAnalyzerError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
