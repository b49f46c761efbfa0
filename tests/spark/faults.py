"""Inputs that fail in ways that workers must survive; a module of its own, as workers import it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class KillsOnce:
    """A file; whoever opens it first, as ``marker`` tells, dies of it."""

    path: Path
    marker: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    @property
    def size(self) -> int:
        """Its size."""
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        """Its bytes, the second time."""
        if not self.marker.exists():
            self.marker.touch()
            os._exit(1)
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class Unforeseen:
    """Something that no reader expects: opening it raises what is no I/O error."""

    name: str
    size: int = 1

    def open(self) -> BinaryIO:
        """Never succeeds."""
        raise ZeroDivisionError("by surprise")
