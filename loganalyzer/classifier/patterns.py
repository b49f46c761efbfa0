"""The patterns by which a user's rule looks at a message: RE2's, whose time grows with the text and nothing else.

RE2 knows neither lookaround nor backreferences, so no pattern can blow up: https://github.com/google/re2/wiki/Syntax.
Its package is needed where a rule has a pattern, and loaded then.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Protocol

from loganalyzer.errors import UsageError

MISSING = "patterns need the package google-re2, which is not installed"
INSTALL = "pip install 'loganalyzer[rules]'"
SYNTAX = "patterns are RE2's, without lookaround and backreferences: https://github.com/google/re2/wiki/Syntax"
FITS_ALL = "it fits every text"

_PROBES = ("", "\x01", "0 ä")
"""What fits all of these fits anything."""


class _Pattern(Protocol):
    def search(self, text: str) -> object | None: ...


def fits(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text; raises :class:`UsageError` without RE2's package."""
    return _compiled(pattern).search(text) is not None


def fault_of(pattern: str) -> str:
    """What is wrong with a pattern, empty if nothing is; raises :class:`UsageError` without RE2's package."""
    re2 = _re2()
    try:
        found = _compiled(pattern)
    except re2.error as error:
        return _words_of(error)
    if all(found.search(probe) is not None for probe in _PROBES):
        return FITS_ALL
    return ""


@cache
def _compiled(pattern: str) -> _Pattern:
    re2 = _re2()
    options = re2.Options()
    options.log_errors = False
    compiled: _Pattern = re2.compile(pattern, options)
    return compiled


def _re2() -> ModuleType:
    try:
        import re2
    except ImportError:
        raise UsageError(MISSING, tip=INSTALL) from None
    if not hasattr(re2, "Options"):  # another package of that name
        raise UsageError(MISSING, tip=INSTALL)
    module: ModuleType = re2
    return module


def _words_of(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
