"""The audit of an API's settings, for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from loganalyzer.reports.clean import clean
from loganalyzer.reports.headline import count
from loganalyzer.reports.page import Page

if TYPE_CHECKING:
    from loganalyzer.audit.examine import Audit
    from loganalyzer.audit.finding import Finding, Unseen

SCHEMA = "loganalyzer-audit/1"
"""Names the form of the JSON document."""

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_EFFECTS = {
    "causes": "can make requests fail",
    "hides": "hides how requests failed",
    "risks": "a risk beside the failures",
}
_WORD = r"(?:'[^']*'|[^\s'])+"
_WITH_ITS_OPTION = re.compile(rf"--[\w-]+ (?!--){_WORD}|{_WORD}")
_SHOWN = 8
LOOKS = re.compile(r"^aws \S+ (?:get|list|describe)-")
"""A command that changes nothing."""


def show_audit(audit: Audit, page: Page) -> None:
    """Write what was found, then what could not be seen, then what was checked."""
    page.line((_subject(audit), "bold"))
    page.line(_counts(audit))
    for finding in audit.findings:
        page.blank()
        _show_finding(finding, page)
    if audit.unseen:
        page.heading(f"Could not see ({len({one.check for one in audit.unseen})} checks are not complete)")
        for line in _unseen_lines(audit.unseen):
            page.line(line, label=("! ", "yellow"))
    if audit.problems:
        page.heading("Could not use")
        for problem in audit.problems:
            tip = f" (tip: {clean(problem.tip)})" if problem.tip else ""
            page.line(f"{clean(problem.where)}: {clean(problem.what)}{tip}", label=("! ", "yellow"))
    page.heading(f"Nothing to say about ({len(audit.passed)})")
    page.line(", ".join(audit.passed) or "no check saw all that it needs", indent=2)
    page.blank()
    page.line(("These are the settings as they are now: what was deployed may be older.", "dim"))


def _subject(audit: Audit) -> str:
    stages = ("stage " if len(audit.stages) == 1 else "stages ") + ", ".join(audit.stages) if audit.stages else ""
    when = f"settings of {audit.taken.replace('T', ' ').removesuffix('+00:00')}Z" if audit.taken else ""
    parts = (f"{audit.kind} API {audit.api or 'of unknown id'}", stages, audit.region, when)
    return clean(" · ".join(part for part in parts if part))


def _counts(audit: Audit) -> str:
    levels = [str(finding.severity) for finding in audit.findings]
    said = [count(levels.count(name), name) for name in ("error", "warning", "note") if name in levels]
    found = ", ".join(said) or "Nothing was found"
    incomplete = len({one.check for one in audit.unseen})
    unseen = f"; {count(incomplete, 'check')} could not see all they need" if incomplete else ""
    return f"{found}; {count(len(audit.passed), 'check')} found nothing{unseen}."


def _show_finding(finding: Finding, page: Page) -> None:
    severity = str(finding.severity)
    effect = _EFFECTS[finding.effect.value]
    page.line(
        (severity.upper(), _STYLES[severity]),
        f"  {clean(finding.check)} · {clean(finding.where)}",
        (f" · {effect}", "dim"),
    )
    page.line((clean(finding.what), "bold"), indent=2)
    page.line(clean(finding.why), label=("why     ", "dim"), indent=2)
    page.line(_concerned(finding), label=("for     ", "dim"), indent=2)
    if finding.command:
        label = "look    " if LOOKS.match(finding.command) else "mend    "
        show_command(finding.command, page, label=label, indent=2)
    if finding.template and severity != "note":
        label = "or      " if finding.command else "mend    "
        for number, line in enumerate(finding.template.splitlines()):
            page.code(clean(line), label=("" if number else label).ljust(8), indent=2)
    page.line(finding.link, label=("see     ", "dim"), indent=2)


def _concerned(finding: Finding) -> str:
    named = finding.categories
    if not named:
        return "no category in particular" if finding.effect.value == "risks" else "every category"
    return ", ".join(named[:_SHOWN]) + (f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else "")


def show_command(command: str, page: Page, *, label: str, indent: int) -> None:
    """Write a command so that it can be copied: what is too long goes on below after a backslash."""
    for number, one in enumerate(command.splitlines()):
        for place, line in enumerate(continued(one, page.width - indent - len(label))):
            first = label if not number and not place else " " * len(label)
            page.code(clean(line), label=first, indent=indent)


def continued(command: str, width: int) -> list[str]:
    """The command in lines of at most ``width`` where words allow, joined by backslashes; a word is never broken."""
    lines: list[str] = []
    for word in _WITH_ITS_OPTION.findall(command):
        if lines and len(lines[-1]) + len(word) + 3 <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"    {word}" if lines else word)
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def _unseen_lines(unseen: Iterable[Unseen]) -> Iterator[str]:
    """One line for each check and permission."""
    for one in unseen:
        of = f" of {one.of}" if one.of else ""
        yield clean(
            f"{one.check}: {one.call.partition(':')[2]}{of} was not seen ({one.reason}); it needs {one.permission}"
        )


def audit_document(audit: Audit) -> dict[str, Any]:
    """The audit as a JSON object."""
    return {
        "schema": SCHEMA,
        "api": audit.api,
        "kind": audit.kind,
        "stages": list(audit.stages),
        "region": audit.region,
        "taken": audit.taken,
        "findings": [finding_document(finding) for finding in audit.findings],
        "unseen": [asdict(one) for one in audit.unseen],
        "passed": list(audit.passed),
        "problems": [asdict(problem) for problem in audit.problems],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding as a JSON object; no ``categories`` are all of them, no ``routes`` and no ``stage`` too."""
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "effect": finding.effect.value,
        "where": finding.where,
        "what": finding.what,
        "why": finding.why,
        "categories": list(finding.categories),
        "stage": finding.stage,
        "routes": list(finding.routes),
        "command": finding.command,
        "template": finding.template,
        "link": finding.link,
    }
