"""Rules of the user's own: what they are found for, what they cost, and that nobody else knows of them."""

from __future__ import annotations

import pickle
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.classifier import patterns
from loganalyzer.classifier.closer import Closer
from loganalyzer.classifier.rules import catalogue, catalogue_with
from loganalyzer.errors import UsageError
from loganalyzer.model import Request

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"
SHOP = Path(__file__).parents[2] / "fixtures" / "rules" / "shop.toml"

REST = """
title = "What happened"
stage = "BACKEND"
cause = "Why."
fix = "Do this."
link = "https://example.com/page"
lambda_error = "no"
certainty = { log = "seen", client = "seen" }
"""
ID = "5f0c7a1e-3b1d-4e0a-9c55-0d2f7b6c1e{:02d}"
ERROR = "Lambda execution failed with status 200 due to customer function error: {}. Lambda request id: 91d0b8a0-{:04d}"


def rule(when: str, *, category: str = "X_OWN", more: str = "") -> str:
    """A sound rule with a condition."""
    return f"[{category}]{REST}when = {when}\n{more}\n"


def diagnosed(folder: Path, rules: str, *messages: Sequence[str]) -> list[Request]:
    """The diagnosis of a request for each list of messages, by some rules."""
    own, log = folder / "own.toml", folder / "case.log"
    own.write_text(rules, encoding="utf-8")
    lines = [
        f"2026-11-20T12:00:00.{at:03d}Z ({ID.format(number)}) {message}\n"
        for number, said in enumerate(messages)
        for at, message in enumerate(said)
    ]
    log.write_text("".join(lines), encoding="utf-8")
    rows = {row.request_id: row for row in la.analyze(log, rules=[own], jobs=1).records(everything=True)}
    return [rows[ID.format(number)] for number in range(len(messages))]


def threw(error: str, number: int = 0) -> list[str]:
    """The lines of a request whose function threw an error."""
    return [ERROR.format(error, number), "Method completed with status: 502"]


def test_a_text_tells_requests_apart_that_are_alike_otherwise(tmp_path: Path) -> None:
    """Of two requests that differ in the words of the deciding line alone, one has the user's category."""
    own = rule("{ said = 'Lambda execution failed with status', text = 'order \\d+ is gone' }")
    gone, other, again = diagnosed(
        tmp_path, own, threw("order 17 is gone"), threw("no stock"), threw("order 5 is gone")
    )
    assert (gone.category, other.category, again.category) == ("X_OWN", "PROXY_INTEG_ERROR", "X_OWN")
    assert (gone.stopped_at, gone.confidence) == ("BACKEND", "high")
    assert gone.evidence[0] == threw("order 17 is gone")[0]


@pytest.mark.parametrize(
    ("when", "category"),
    [
        ("{ text = 'order' }", "X_OWN"),
        ("{ text = ['order', 'gone'] }", "X_OWN"),
        ("{ text = ['order', 'stock'] }", "PROXY_INTEG_ERROR"),
        ("{ text = '(?i)ORDER' }", "X_OWN"),
        ("{ text = '^Lambda execution failed' }", "X_OWN"),
        ("{ text = 'completed with status' }", "PROXY_INTEG_ERROR"),  # not the line that decides
        ("{ text = 'order', status = 500 }", "PROXY_INTEG_ERROR"),
        ("[{ text = 'stock' }, { text = 'order' }]", "X_OWN"),
        ("{ said = 'Lambda execution failed with status', status = '5xx' }", "X_OWN"),
        ("{ said = 'Lambda execution failed with status' }", "PROXY_INTEG_ERROR"),  # which asks for more
    ],
)
def test_what_a_condition_holds_for(tmp_path: Path, when: str, category: str) -> None:
    """Patterns are searched in the deciding line alone, all of them; whoever looks at its words goes first."""
    (row,) = diagnosed(tmp_path, rule(when), threw("order 17 is gone"))
    assert row.category == category


def test_who_is_beaten_gives_way(tmp_path: Path) -> None:
    """A rule that asks for less than another is found if it says that it beats it."""
    own = rule("{ said = 'Lambda execution failed with status' }", more='beats = "PROXY_INTEG_ERROR"')
    assert diagnosed(tmp_path, own, threw("no stock"))[0].category == "X_OWN"


def test_alternatives_and_lowerings_look_at_the_text_too(tmp_path: Path) -> None:
    """A pattern may stand wherever a condition may."""
    own = rule(
        "{ said = 'Lambda execution failed with status', status = '5xx' }",
        more="alternatives = [{ category = 'THROTTLED', when = { text = 'too many' } }]\n"
        "lower = [{ to = 'low', when = { text = 'perhaps' }, why = 'the function is not sure' }]",
    )
    many, unsure, sure = diagnosed(tmp_path, own, threw("too many calls"), threw("perhaps gone"), threw("gone"))
    assert (many.alternatives, many.confidence) == (("THROTTLED",), "medium")
    assert (unsure.reasons, unsure.confidence) == (("the function is not sure",), "low")
    assert (sure.alternatives, sure.reasons, sure.confidence) == ((), (), "high")


def test_requests_that_share_an_id_are_told_apart(tmp_path: Path) -> None:
    """Where a client sends its own id twice, each request is judged by its own line."""
    own = rule("{ text = 'order' }")
    said = [
        *("Extended Request Id: AAAAAAAAAAAAAAA=", *threw("order 17 is gone")),
        *("Extended Request Id: BBBBBBBBBBBBBBB=", *threw("no stock")),
    ]
    diagnosed(tmp_path, own, said[:3])
    log = tmp_path / "case.log"
    log.write_text("".join(f"2026-11-20T12:00:00.{n:03d}Z ({ID.format(0)}) {line}\n" for n, line in enumerate(said)))
    rows = la.analyze(log, rules=tmp_path / "own.toml", jobs=1).records()
    assert sorted(row.category for row in rows) == ["PROXY_INTEG_ERROR", "X_OWN"]


def test_an_overridden_entry_counts_everywhere(tmp_path: Path) -> None:
    """Default status, words and stage are those of the user's entry."""
    own = rule("{ said = 'Key throttle limit exceeded for' }", category="THROTTLED", more="client = { status = 418 }")
    line = (
        "Key throttle limit exceeded for RestApi a1b2c3d4e5, Stage prod, Resource x1y2z3, HttpMethod GET. Limit: 5.00"
    )
    (row,) = diagnosed(tmp_path, own, [line])
    assert (row.category, row.client_status, row.stopped_at) == ("THROTTLED", 418, "BACKEND")
    frame = la.analyze(tmp_path / "case.log", rules=tmp_path / "own.toml", jobs=1).failures
    assert frame["title"].tolist() == ["What happened"]


def test_the_backends_own_answers_are_counted_as_such(tmp_path: Path) -> None:
    """A rule for requests that API Gateway completed adds to the backend's failures, not to the gateway's."""
    own = rule("{ fact = ['completed', 'undecided'], status = 503 }").replace("BACKEND", "COMPLETED")
    said = [
        "Starting execution for request: x",
        "Successfully completed execution",
        "Method completed with status: 503",
    ]
    (row,) = diagnosed(tmp_path, own, said)
    assert row.category == "X_OWN"
    summary = la.analyze(tmp_path / "case.log", rules=tmp_path / "own.toml", jobs=1).summary()
    assert (summary.backend_failed, summary.gateway_failed) == (1, 0)


@pytest.mark.parametrize(
    ("line", "authorizer"),
    [
        ("Execution failed due to configuration error: Authorizer error", "failed"),
        ("The client is not authorized to perform this operation.", "unknown"),
    ],
)
def test_an_own_category_of_the_authorizer_says_that_it_failed(tmp_path: Path, line: str, authorizer: str) -> None:
    """The column for the authorizer tells a failed one from one that denied, whatever the category is called."""
    own = rule("{ text = '.' }", more='beats = ["ACCESS_DENIED", "AUTHORIZER_INVOKE_DENIED"]')
    (row,) = diagnosed(tmp_path, own.replace("BACKEND", "AUTHORIZATION"), [line])
    assert (row.category, row.authorizer) == ("X_OWN", authorizer)


def test_the_last_file_counts(tmp_path: Path) -> None:
    """Files may speak of each other's categories; of one id the last file's entry counts."""
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(rule("{ text = 'a' }", more='beats = "X_OTHER"'))
    second.write_text(rule("{ text = 'a' }").replace("What", "Later") + rule("{ text = 'b' }", category="X_OTHER"))
    entries = catalogue_with([first, second])
    assert entries["X_OWN"].title == "Later happened"
    assert list(entries) == [*catalogue(), "X_OWN", "X_OTHER"]
    assert la.explain("x_own", rules=[first, second]).title == "Later happened"


def test_nobody_else_knows_of_rules() -> None:
    """An analysis with rules leaves the next one as it was; rules without effect leave all as it is."""
    plain = la.analyze(CAPTURES, jobs=1).summary()
    own = la.analyze(CAPTURES, rules=SHOP, jobs=1)
    assert own.summary().by_category["X_PACKAGE_UNREADABLE"] == 4
    assert sum(own.summary().by_category.values()) == sum(plain.by_category.values())
    assert "X_PACKAGE_UNREADABLE" in own.entries
    assert la.analyze(CAPTURES, jobs=1).summary() == plain
    assert "X_PACKAGE_UNREADABLE" not in catalogue()
    with pytest.raises(UsageError):
        la.explain("X_PACKAGE_UNREADABLE")


def test_a_catalogue_travels() -> None:
    """The catalogue with the user's rules can be pickled, and judges elsewhere as it does here."""
    entries = pickle.loads(pickle.dumps(catalogue_with(SHOP)))
    assert entries == catalogue_with(SHOP)
    summary = la.analyze(CAPTURES / "error.log", rules=entries, jobs=1).summary()
    assert summary == la.analyze(CAPTURES / "error.log", rules=SHOP, jobs=1).summary()


def test_a_pattern_looks_at_each_message_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred requests with three messages between them, three are looked at; other requests are not asked."""
    looked: Counter[str] = Counter()
    asked: Counter[int] = Counter()
    fits, decisive = patterns.fits, Closer.decisive
    monkeypatch.setattr(patterns, "fits", lambda p, text: looked.update([text]) or fits(p, text))
    monkeypatch.setattr(Closer, "decisive", lambda self, at: asked.update([at]) or decisive(self, at))
    own = rule("{ said = 'Lambda execution failed with status', text = 'order' }")
    others = [["Execution failed due to a timeout error", "Method completed with status: 504"]] * 20
    fine = [["Successfully completed execution", "Method completed with status: 200"]] * 20
    messages = [threw(error) for error in ("order 17", "no stock", "order 5")] * 20
    rows = diagnosed(tmp_path, own, *messages, *others, *fine)
    assert sum(row.category == "X_OWN" for row in rows) == 40
    assert set(looked.values()) == {1}
    assert len(looked) == 3
    assert len(asked) == 60


def test_without_patterns_no_message_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that look at no text cost nothing more, and need no package."""
    monkeypatch.setitem(sys.modules, "re2", None)
    monkeypatch.setattr(Closer, "decisive", lambda self, at: pytest.fail("asked for a message"))
    own = rule("{ said = 'Lambda execution failed with status', status = '5xx' }")
    assert diagnosed(tmp_path, own, threw("no stock"))[0].category == "X_OWN"


@pytest.mark.parametrize("present", [None, la])
def test_patterns_without_their_package_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: object
) -> None:
    """Where RE2's package is not there, or another one of its name is, the rules say what to install."""
    monkeypatch.setitem(sys.modules, "re2", present)
    with pytest.raises(UsageError, match=r"own.toml:9: X_OWN: patterns need the package google-re2") as caught:
        diagnosed(tmp_path, rule("[{ text = 'a' }, { text = 'b' }]"), threw("a"))
    assert "\n" not in caught.value.message


def test_a_pattern_that_would_blow_up_does_not(tmp_path: Path) -> None:
    """What takes others ages to find out about a hostile line is found out at once."""
    own = rule("{ text = '(x+x+)+y|(a|aa)+$' }")
    assert diagnosed(tmp_path, own, threw("x" * 5000 + "a" * 5000 + "b"))[0].category == "PROXY_INTEG_ERROR"


def test_bytes_that_are_no_text_are_looked_at(tmp_path: Path) -> None:
    """A line that is not UTF-8 is looked at like any other."""
    diagnosed(tmp_path, rule("{ text = 'caf. is closed' }"), threw("x"))
    line = ERROR.format("caf\xe9 is closed", 1)
    (tmp_path / "case.log").write_bytes(f"2026-11-20T12:00:00.000Z ({ID.format(0)}) {line}\n".encode("latin-1"))
    rows = la.analyze(tmp_path / "case.log", rules=tmp_path / "own.toml", jobs=1).records()
    assert [row.category for row in rows] == ["X_OWN"]


def test_files_that_cannot_be_read_are_one_clear_line(tmp_path: Path) -> None:
    """A file that is missing, or is a directory, or has a fault is named, with what to do."""
    with pytest.raises(UsageError, match=r"none.toml: no such file"):
        la.analyze(CAPTURES, rules=tmp_path / "none.toml")
    with pytest.raises(UsageError, match=r": is a directory"):
        la.explain("THROTTLED", rules=[tmp_path])
    own = tmp_path / "own.toml"
    own.write_text(rule("{}").replace("BACKEND", "BACKND"))
    with pytest.raises(UsageError, match=r"own.toml:3: X_OWN: stage cannot be 'BACKND' \(and 1 more\)") as caught:
        la.analyze(CAPTURES, rules=own)
    assert f"rules check {own}" in caught.value.tip


def test_an_entry_is_data(tmp_path: Path) -> None:
    """Entries are equal if what stands in them is, so that a changed rule is another one."""
    entries = catalogue_with(SHOP)
    own = entries["X_PACKAGE_UNREADABLE"]
    assert own == catalogue_with([str(SHOP)])["X_PACKAGE_UNREADABLE"]
    assert replace(own, title="Else") != own
