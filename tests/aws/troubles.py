"""What goes wrong between a client and CloudWatch Logs, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Troubles:
    """Every so manieth call goes wrong in a way of its own; 0 is never.

    ``errors``: a 500; ``resets``: the connection is closed without an answer; ``cut_bodies``: within the answer;
    ``repeated``: an empty page with the token that was sent; ``stuck``: a page with events and the token that was
    sent, which gives the same page again; ``bad_tokens``: a token that was good is refused; ``empty``: a page without
    events before the real one. ``met`` counts what happened.
    """

    errors: int = 0
    resets: int = 0
    cut_bodies: int = 0
    repeated: int = 0
    stuck: int = 0
    bad_tokens: int = 0
    empty: int = 0
    met: Counter[str] = field(default_factory=Counter)
    _calls: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def name(self) -> str:
        """What goes wrong, in a word or more."""
        names = ("errors", "resets", "cut_bodies", "repeated", "stuck", "bad_tokens", "empty")
        return "+".join(name for name in names if getattr(self, name)) or "none"

    def strikes(self, name: str) -> bool:
        """Whether this call has this trouble."""
        every = int(getattr(self, name))
        if not every:
            return False
        with self._lock:
            self._calls[name] += 1
            struck = self._calls[name] % every == 0
            self.met[name] += struck
        return struck
