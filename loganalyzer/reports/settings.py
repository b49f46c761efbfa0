"""Settings that explain failures, in the reports of a log: which they are, how sure that is, and what mends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from loganalyzer.reports.audit import LOOKS, finding_document, show_command
from loganalyzer.reports.clean import clean
from loganalyzer.reports.headline import count
from loganalyzer.reports.page import Page

if TYPE_CHECKING:
    from loganalyzer.audit.explaining import Explanations

_FEW = 3
_OF_THE_LOG = ("execution-logging", "data-trace")


@dataclass(frozen=True, slots=True)
class Explaining:
    """One setting that explains a category: ``label`` says how sure that is, ``command`` mends it, empty where none
    does."""

    label: str
    what: str
    check: str
    command: str = ""


def explaining(explanations: Explanations, category: str, *, certain: bool) -> tuple[list[Explaining], int]:
    """The settings to name with a category, and how many more there are.

    What keeps the log from telling more is named where the diagnosis is not ``certain``.
    """
    listed = explanations.of(category)
    causes = [finding for finding in listed if finding.effect.value == "causes"]
    hiding = [finding for finding in listed if finding.check in _OF_THE_LOG]
    causes.sort(key=lambda finding: not explanations.sure(category, finding))
    named = [
        Explaining(
            "setting" if explanations.sure(category, finding) else "maybe",
            finding.what,
            finding.check,
            finding.command if str(finding.severity) != "note" and not LOOKS.match(finding.command) else "",
        )
        for finding in causes[:_FEW]
    ]
    named += [] if certain else [Explaining("hidden", finding.what, finding.check) for finding in hiding[:1]]
    return named, max(0, len(causes) - _FEW)


def show_explaining(explanations: Explanations, category: str, page: Page, *, certain: bool) -> None:
    """Write the settings that explain a category, below what the catalogue says of it."""
    named, more = explaining(explanations, category, certain=certain)
    for one in named:
        page.line(clean(one.what), (f"  ({one.check})", "dim"), label=(f"{one.label:<8}", "dim"), indent=2)
        if one.command:
            show_command(one.command, page, label="mend    ", indent=2)
    if more:
        page.line(f"and {count(more, 'more finding')}", label="        ", indent=2)


def settings_lines(explanations: Explanations) -> Iterator[tuple[str, str]]:
    """What was looked at of the settings, as lines of the coverage."""
    foreign = explanations.foreign()
    for audit in explanations.audits:
        which = f"API {audit.api or 'of unknown id'}{'/' + ','.join(audit.stages) if audit.stages else ''}"
        when = f" as of {audit.taken[:16].replace('T', ' ')}Z" if audit.taken else ""
        if audit in foreign:
            yield (
                "loss",
                clean(
                    f"Settings of {which}: no failed request is of that API and stage, so they explain nothing here."
                ),
            )
            continue
        found = f"Settings of {which}{when}: {count(len(audit.findings), 'finding')}; loganalyzer audit shows all."
        yield "fact", clean(found + " They may have changed since the log was written." if when else found)
        if incomplete := len({one.check for one in audit.unseen}):
            yield "note", clean(f"Settings of {which}: {count(incomplete, 'check')} could not see all they need.")


def explaining_document(explanations: Explanations) -> dict[str, Any]:
    """The audits and what they explain, as a JSON object."""
    return {
        "apis": [
            {"api": one.api, "stages": list(one.stages), "taken": one.taken, "unseen": [asdict(u) for u in one.unseen]}
            for one in explanations.audits
        ],
        "explains": {
            category: [
                {**finding_document(finding), "sure": explanations.sure(category, finding)} for finding in findings
            ]
            for category, findings in explanations.all().items()
        },
    }
