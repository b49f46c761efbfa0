"""The rooms of the house: imports run one way, heavy packages stay where they belong, public names are documented."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "loganalyzer"

LAYERS = (
    ("errors", "scales", "coverage", "model", "sentences", "sentence_facts", "vocabulary"),
    ("timespec", "redact"),
    ("formats", "fetcher"),
    ("parser",),
    ("classifier",),
    ("correlate", "audit", "client"),
    (
        "analysis",
        "reading",
        "arrow",
        "judged",
        "rows",
        "sources",
        "frames",
        "trends",
        "plot",
        "comparison",
        "spark",
        "insights",
        "watch",
        "responses",
    ),
    ("reports",),
    ("display",),
    ("cli",),
    ("__main__",),
)
"""The rooms in the order in which data flows; each may import its own layer and those above it in this list."""

SIDE_ROOMS = {
    "redact": {"errors", "scales", "model", "vocabulary"},
    "timespec": {"errors", "scales", "model", "vocabulary"},
    "simulate": {"errors", "scales", "model", "vocabulary"},
}
"""Rooms that know the nouns alone, whoever uses them."""

WIDER_USE = {
    "redact": {"reports", "display", "cli", "audit", "spark"},
    "simulate": {"cli"},
    "timespec": {"cli", "fetcher"},
}
"""Who may use a side room."""

HEAVY = {
    "pandas": {"analysis", "reading", "rows", "comparison", "frames", "spark"},
    "pyarrow": {"arrow", "formats", "reports", "spark"},
    "pyspark": {"spark"},
    "boto3": {"fetcher", "audit"},
    "botocore": {"fetcher", "audit"},
    "altair": {"plot"},
    "jinja2": {"reports"},
    "vl_convert": {"reports"},
}
"""Packages that cost much to load, and the rooms that may import them."""

ONLY_INSIDE_FUNCTIONS = {"pandas", "pyarrow", "pyspark", "boto3", "botocore", "jinja2", "vl_convert"}
"""Packages that are loaded when they are first needed."""

FACADE = "loganalyzer"
"""The package itself: a list of public names that everybody may ask."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the module it stands in, what it imports, whether type checkers or functions alone run it."""

    module: str
    line: int
    target: str
    typing: bool
    late: bool

    @property
    def room(self) -> str:
        """The room that imports."""
        return room_of(self.module)

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room that a module of this package stands in, the package itself for its own list of names."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else FACADE


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[Import]:
    """Every import in a module, wherever it stands."""
    yield from _imports(tree_of(path), name_of(path), typing=False, late=False)


def _imports(node: ast.AST, module: str, *, typing: bool, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        checked = typing or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING")
        inside = late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for target in _targets(child):
            yield Import(module, getattr(child, "lineno", 0), target, typing=checked, late=inside)
        yield from _imports(child, module, typing=checked, late=inside)


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        if node.module == FACADE:
            return [f"{FACADE}.{alias.name}" for alias in node.names]
        return [node.module or ""]
    return []


ALL = [found for path in modules() for found in imports_of(path)]


def rank_of(room: str) -> int | None:
    """Where a room stands in the flow, None for a side room."""
    return next((rank for rank, rooms in enumerate(LAYERS) if room in rooms), None)


def allowed(found: Import) -> bool:
    """Whether an import within the package runs the right way."""
    source, target = found.room, room_of(found.target)
    if source in (target, FACADE):
        return True
    if source in SIDE_ROOMS:
        return target in SIDE_ROOMS[source]
    if target in WIDER_USE:
        return source in WIDER_USE[target]
    own, other = rank_of(source), rank_of(target)
    return own is not None and other is not None and other <= own


def test_every_room_has_its_place() -> None:
    """A new room is put into the order before it is used."""
    rooms = {room_of(name_of(path)) for path in modules()} - {FACADE}
    assert rooms <= {room for rooms in LAYERS for room in rooms} | SIDE_ROOMS.keys()


def test_imports_run_one_way() -> None:
    """No room imports one that stands behind it in the flow, not even inside a function or for types."""
    own = [found for found in ALL if found.target.split(".")[0] == FACADE and is_module(found.target)]
    assert own
    assert [str(found) for found in own if not allowed(found)] == []


def is_module(target: str) -> bool:
    """Whether a target is a module of the package rather than a name that the package itself offers."""
    room = room_of(target)
    return (ROOT / room).is_dir() or (ROOT / f"{room}.py").is_file()


@pytest.mark.parametrize("package", sorted(HEAVY))
def test_heavy_packages_stay_in_their_rooms(package: str) -> None:
    """What takes long to load is imported in few places, and some only when they are needed."""
    found = [found for found in ALL if found.target.split(".")[0] == package and not found.typing]
    assert [str(one) for one in found if one.room not in HEAVY[package]] == []
    if package in ONLY_INSIDE_FUNCTIONS:
        assert [str(one) for one in found if not one.late] == []


def undocumented(path: Path) -> Iterator[str]:
    """The public names of a module that have no docstring, the module itself included."""
    tree = tree_of(path)
    if not ast.get_docstring(tree):
        yield name_of(path)
    yield from _undocumented(tree, name_of(path))


def _undocumented(node: ast.Module | ast.ClassDef, owner: str) -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            if not ast.get_docstring(child):
                yield f"{owner}.{child.name}"
            if isinstance(child, ast.ClassDef):
                yield from _undocumented(child, f"{owner}.{child.name}")


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_public_names_are_documented(path: Path) -> None:
    """Every module, class, function and method that others may use says what it promises."""
    assert list(undocumented(path)) == []
