"""The pictures of the README, made by the tool itself from ``fixtures/captures``: ``python -m tests.pictures``.

Needs the packages for development and Chromium. What the command prints becomes SVG by way of rich, one request is
drawn by ``trace --format svg``, and the HTML report is photographed in light and in dark.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
CAPTURES = Path("fixtures/captures")
PICTURES = ROOT / "fixtures" / "pictures"
REQUEST = "1b3b1d76"
"""A request of the captures whose function fails: with data trace, so that its whole life is in the log."""
NAMES = ("analyze.svg", "trace.svg", "timeline.svg", "report-light.png", "report-dark.png")
WIDTH = 100
"""Columns of the terminal in a picture."""

_INK = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34),
     (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
)  # fmt: skip
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def environment() -> dict[str, str]:
    """The environment of the command: so wide a terminal, in colour if it is one."""
    named = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {**named, "TERM": "xterm-256color", "COLUMNS": str(WIDTH), "PYTHONPATH": str(ROOT)}


def command(*words: str) -> list[str]:
    """How ``loganalyzer`` of this tree is called."""
    return [sys.executable, "-m", "loganalyzer", *words]


def shown(*words: str) -> str:
    """What ``loganalyzer`` writes to a terminal, with its escape sequences."""
    master, slave = pty.openpty()
    running = subprocess.Popen(command(*words), env=environment(), cwd=ROOT, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    found = []
    with os.fdopen(master, "rb", buffering=0) as screen, suppress(OSError):  # Linux ends it with an error
        while part := screen.read(65_536):
            found.append(part)
    if running.wait():
        sys.exit(f"loganalyzer {' '.join(words)} ended with {running.returncode}")
    return b"".join(found).decode("utf-8").replace("\r\n", "\n")


def terminal(*words: str, lines: int) -> str:
    """A picture of a terminal after a command, its output cut after so many lines; it asks nothing of the network."""
    rows = shown(*words).splitlines()
    text = f"\x1b[2m$\x1b[0m \x1b[1mloganalyzer {' '.join(words)}\x1b[0m\n" + "\n".join(rows[:lines])
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(file=nowhere, record=True, width=WIDTH, force_terminal=True, color_system="truecolor")
        console.print(Text.from_ansi(text + ("\n\x1b[2m…\x1b[0m" if len(rows) > lines else "")), no_wrap=True)
        picture = console.export_svg(title=f"loganalyzer {words[0]}", theme=_INK, unique_id=words[0])
    # Rich names fonts of a server: what shows an image fetches none, and the next font of the list is as good.
    return "\n".join(line.rstrip() for line in _FONTS.sub("", picture).splitlines()) + "\n"


def photograph(report: Path, *, into: Path, browser: str) -> None:
    """Pictures of the top of a report, light and dark, as ``report-light.png`` and ``report-dark.png``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = started.new_page(
                viewport={"width": 1180, "height": 880}, color_scheme="dark" if scheme == "dark" else "light"
            )
            page.set_default_timeout(300_000)
            page.goto(report.as_uri())
            page.wait_for_selector("html[data-ready=yes]", state="attached")
            page.screenshot(path=into / f"report-{scheme}.png", animations="disabled")
            page.close()
        started.close()


def main() -> None:
    """Make every picture anew."""
    PICTURES.mkdir(exist_ok=True)
    captures = str(CAPTURES)
    (PICTURES / "analyze.svg").write_text(terminal("analyze", captures, lines=34), encoding="utf-8")
    (PICTURES / "trace.svg").write_text(terminal("trace", REQUEST, captures, lines=64), encoding="utf-8")
    drawing = command("trace", "--format", "svg", "-o", str(PICTURES / "timeline.svg"), REQUEST, captures)
    subprocess.run(drawing, env=environment(), cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as directory:
        report = Path(directory) / "report.html"
        writing = command("analyze", "--format", "html", "-o", str(report), captures)
        subprocess.run(writing, env=environment(), cwd=ROOT, check=True)
        photograph(report, into=PICTURES, browser=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    for name in NAMES:
        print(f"{(PICTURES / name).stat().st_size / 1000:6.0f} kB  fixtures/pictures/{name}")


if __name__ == "__main__":
    main()
