"""Leaving out the rows of successes changes nothing that is said of failures, nor any count."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loganalyzer import vocabulary as words
from loganalyzer.analysis import Analysis
from loganalyzer.classifier.classify import SUCCEEDED
from loganalyzer.classifier.conditions import Case
from loganalyzer.classifier.evidence import Window, facts_of
from loganalyzer.classifier.rules import catalogue
from loganalyzer.errors import LogAnalyzerError
from loganalyzer.formats import find_inputs
from loganalyzer.parser import table
from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.successes import DOUBTFUL
from loganalyzer.parser.summary import empty_rows
from loganalyzer.reading import analyze
from loganalyzer.simulate import SimulatedRequest
from tests.parser.test_same_table import files
from tests.strategies import CUTS, Event, damaged_logs, events_of, interleavings, mixed, pieces, raw, requests, stock

pytestmark = pytest.mark.usefixtures("blocks")

SHOWN = [*words.BY_HEAD["Method completed with status:"], *words.BY_HEAD["API Key … authorized because"]]
"""Sentences that every request shows which is seen to have succeeded."""

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def said(analysis: Analysis) -> tuple[object, ...]:
    """Everything an analysis says but the rows of successes."""
    rows = [row for row in analysis.records() if row.outcome != SUCCEEDED]
    return analysis.summary(), analysis.coverage, rows


def agree(*paths: Path, jobs: int | None = None) -> Analysis:
    """Demand that both ways say the same; returns the analysis without successes."""
    brief = analyze(*paths, successes=False, jobs=jobs)
    assert said(brief) == said(analyze(*paths))
    return brief


def of_two_scanners(*paths: Path) -> table.Table:
    """The table of files that were scanned apart, as two processes do."""
    whole = Scanner(brief=True)
    for numbered in enumerate(find_inputs(paths)):
        for part in table._share(iter([[numbered]]), brief=True, overlap=False):
            if isinstance(part, table.Table):
                whole.adopt(part.rows, part.successes, part.texts, part.long_ids, part.kept)
    return table._united(table.table_of(whole))


@settings(max_examples=30)
@given(st.lists(interleavings(most=3), min_size=1, max_size=4), st.sampled_from([0, 1 << 30]))
def test_what_is_handed_over_in_between_comes_together(logs: list[list[Event]], piece: int) -> None:
    """A process that hands over what it has found after every batch tells no less than one that keeps it to the end."""
    with pytest.MonkeyPatch.context() as patched, files(*(b"".join(map(raw, log)) for log in logs if log)) as paths:
        patched.setattr(table, "_PIECE", piece)
        inputs = find_inputs(paths)
        one = table.scan(inputs, brief=True, jobs=1)
        parts = table._share(
            iter([[(number, source)] for number, source in enumerate(inputs)]), brief=True, overlap=False
        )
        whole = Scanner(brief=True)
        for part in parts:
            if isinstance(part, table.Table):
                whole.adopt(part.rows, part.successes, part.texts, part.long_ids, part.kept)
                whole.coverage.merge(part.coverage)
        several = table._united(table.table_of(whole))
        assert several.coverage == one.coverage
        assert said(Analysis(inputs, several)) == said(Analysis(inputs, one))


@pytest.mark.parametrize("capture", sorted((FIXTURES / "captures").iterdir()), ids=lambda path: path.name)
def test_captures_read_alike(capture: Path) -> None:
    """A capture gives the same counts and failures with and without the rows of what succeeded."""
    agree(capture)


@settings(max_examples=40)
@given(requests(), st.integers(0, 1 << 16))
def test_any_interleaving_reads_alike(drawn: list[SimulatedRequest], seed: int) -> None:
    """However requests mix, both ways say the same."""
    with files(b"".join(map(raw, mixed([events_of(request) for request in drawn], Random(seed))))) as paths:
        agree(*paths)


@settings(max_examples=40)
@given(requests(), st.integers(0, 1 << 16))
def test_texts_that_nothing_names_any_more_are_forgotten(drawn: list[SimulatedRequest], seed: int) -> None:
    """A scanner that forgets texts and takes few lines at a time tells what one tells that remembers them all."""
    with (
        pytest.MonkeyPatch.context() as patched,
        files(b"".join(map(raw, mixed([*map(events_of, drawn)], Random(seed))))) as paths,
    ):
        for name in ("_MANY_TEXTS", "_FOLD_AT", "_TAKE_AT"):
            patched.setattr(f"loganalyzer.parser.scanner.{name}", 0)
        agree(*paths)


@settings(max_examples=60)
@given(interleavings(), CUTS)
def test_requests_spread_over_files_read_alike(events: list[Event], cuts: list[int]) -> None:
    """What one file shows to have succeeded is put together with what others say of the same request."""
    logs = [log for log in pieces(events, cuts) if log]
    with files(*(b"".join(map(raw, log)) for log in logs)) as paths:
        agree(*paths)


@settings(max_examples=80)
@given(damaged_logs(), damaged_logs())
def test_damaged_logs_read_alike(one: bytes, other: bytes) -> None:
    """Damage, also to lines of requests in two files, does not set the two ways apart."""
    with files(one, other) as paths:
        try:
            expected = said(analyze(*paths))
        except LogAnalyzerError:
            return
        assert said(analyze(*paths, successes=False)) == expected


def test_a_success_and_a_failure_of_one_id_are_told_apart(tmp_path: Path) -> None:
    """A failed request whose id a successful one has as well keeps its category, evidence and timeline."""
    good = next(events_of(r) for r in stock() if r.truth.category == "" and "Received response" in str(r.messages))
    bad = next(events_of(r) for r in stock() if r.truth.category == "PROXY_INTEG_RESPONSE_INVALID")
    for name, events in (("a", good), ("b", bad)):
        text = b"".join(raw((at, good[0][1], message)) for at, _, message in events)
        (tmp_path / name).write_bytes(text)
    brief = agree(tmp_path / "a", tmp_path / "b")
    (row,) = brief.records()
    assert row.category == "PROXY_INTEG_RESPONSE_INVALID"
    assert row.evidence
    assert brief.summary().succeeded == 1


def test_a_log_given_twice_is_no_longer(tmp_path: Path) -> None:
    """The same successes in two files are one each."""
    text = b"".join(raw(event) for request in stock()[:60] for event in events_of(request))
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(text)
    assert agree(tmp_path / "a", tmp_path / "b").summary().requests == analyze(tmp_path / "a").summary().requests


def test_a_success_behind_an_api_key_is_put_together(tmp_path: Path) -> None:
    """Wherever the lines of a success without a template are cut in two, it is one, and nothing is read again."""
    keyed = next(events_of(r) for r in stock() if "API Key is associated" in str(r.messages) and not r.truth.category)
    for cut in range(1, len(keyed)):
        for name, events in (("a", keyed[:cut]), ("b", keyed[cut:])):
            (tmp_path / name).write_bytes(b"".join(map(raw, events)))
        assert agree(tmp_path / "a", tmp_path / "b").summary().succeeded == 1
        found = of_two_scanners(tmp_path / "a", tmp_path / "b")
        assert (len(found.successes), len(found.rows), len(found.torn)) == (1, 0, 0)


def test_processes_read_alike(tmp_path: Path) -> None:
    """Two processes and one say the same without the rows of successes."""
    rng = Random(7)
    for name in "abcd":
        chosen = [events_of(request) for request in rng.sample(stock(), 30)]
        (tmp_path / name).write_bytes(b"".join(map(raw, mixed(chosen, rng))))
    assert said(analyze(tmp_path, successes=False, jobs=2)) == said(agree(tmp_path))


def test_rows_of_successes_are_left_out() -> None:
    """Requests that succeeded have no row, and few bytes are kept of each."""
    analysis = analyze(FIXTURES / "captures", successes=False)
    shown = list(analysis.records(everything=True))
    assert len(shown) < analysis.summary().requests
    assert analysis._found.table.successes.dtype.itemsize <= 48


def test_doubtful_facts_are_those_of_the_catalogue() -> None:
    """No entry makes a failure of a request that completed below 400 unless one of the doubtful facts holds."""
    rows = empty_rows(1)
    rows["said"] = [sum(1 << code % 64 for code in SHOWN if code // 64 == part) for part in (0, 1)]
    certain = int(facts_of(rows, Window(None, traced=False))[0])
    excluded = [*DOUBTFUL, "in_authorizer", "phase_unknown", "stopped_after_authorizer", "cause_untold", "test_log"]
    possible = sum(words.FACT_BIT.values()) & ~sum(words.FACT_BIT[name] for name in excluded)
    decided = {s.code for s in words.SENTENCES if s.rank or s.head == "Gateway response type:"}
    said_all = sum(1 << s.code for s in words.SENTENCES[1:] if s.code not in decided)
    for entry in catalogue().values():
        for condition in entry.when:
            for status in (200, 304):
                facts = possible & ~condition.not_facts | certain
                case = Case(said=said_all, facts=facts, status=status, gateway="", decisive=0)
                assert not condition.holds(case), f"{entry.id} holds for a request that completed with {status}"
