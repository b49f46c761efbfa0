"""The whole catalogue: complete, well-formed, documented, and silent about requests that went well."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import pytest

from loganalyzer import analyze, vocabulary
from loganalyzer.classifier.rulefile.files import Source, read_rules
from loganalyzer.classifier.rules import Entry, catalogue, read_entries, source_of
from loganalyzer.errors import UsageError
from loganalyzer.formats.base import timestamp
from loganalyzer.scales import Stage
from loganalyzer.simulate import make_requests
from tests.classifier.cases import SUCCESS, case_at, files, name_of

ENTRIES = tuple(catalogue().values())
LOGGED = tuple(entry.id for entry in ENTRIES if entry.logged)
TABLES: dict[str, dict[str, Any]] = {}
FILES = sorted((resources.files("loganalyzer.classifier") / "catalogue").iterdir(), key=lambda item: item.name)
for file in FILES:
    TABLES |= tomllib.loads(file.read_text(encoding="utf-8"))

NAME_NO_CATEGORY = {"DEFAULT_4XX", "DEFAULT_5XX", "RESOURCE_NOT_FOUND"}
"""Gateway response types that stand for no one kind of failure: the line above tells the cause, or nothing does."""

DECIDED_BY_CODE = {"UNCLASSIFIED", "INCOMPLETE"}
"""What is left when no entry holds."""

NEEDS_MORE_THAN_THE_LOG = {"COGNITO_UNAUTHORIZED"}
"""Told from its twins only by the type of the authorizer: never more than an alternative."""

NO_VERB = {"A", "An", "Any", "As", "If", "In", "It", "No", "On", "The", "This", "When", "You", "Your"}

named = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)


def test_ids_are_unique_over_all_files() -> None:
    """No two files define the same category, and all of them are in the catalogue."""
    ids = [name for item in FILES for name in tomllib.loads(item.read_text(encoding="utf-8"))]
    assert sorted(ids) == sorted(set(ids)) == sorted(catalogue())


@named
def test_id_is_upper_snake(entry: Entry) -> None:
    """An id is made of capital words joined by underscores; ids of the user's own rules begin otherwise."""
    assert re.fullmatch(r"[A-Z]+(?:_[A-Z0-9]+)*", entry.id)
    assert not entry.id.startswith("X_")


@named
def test_entry_is_documented(entry: Entry) -> None:
    """Every entry says what happened, why in one sentence, what to do as an order, and where AWS says so."""
    assert entry.title and not entry.title.endswith(".")
    assert entry.cause.endswith(".") and not re.search(r"[.!?] +[A-Z]", entry.cause)
    first = entry.fix.split()[0].rstrip(",;:")
    assert re.fullmatch(r"[A-Z][a-z]+", first) and first not in NO_VERB
    assert entry.fix.endswith(".")
    assert re.fullmatch(r"https://[\w.-]+/\S+", entry.link)


@named
def test_client_side_is_plausible(entry: Entry) -> None:
    """Default status, error type and body of the client's answer fit each other."""
    assert entry.client_status is None or entry.client_status == 200 or 400 <= entry.client_status <= 599
    assert entry.client_error_type == "" or entry.client_error_type.endswith("Exception")
    assert entry.client_body == "" or entry.client_body.startswith("{") or entry.id == "REQUEST_TOO_LARGE"


@named
def test_entry_holds_under_some_condition(entry: Entry) -> None:
    """Every category can be reached: by its own conditions or because nothing else fits."""
    assert bool(entry.when) == (entry.id not in DECIDED_BY_CODE | NEEDS_MORE_THAN_THE_LOG)
    assert all(condition.terms for condition in entry.when), "an empty condition would hold for every request"


@named
def test_alternatives_and_beaten_ones_are_categories(entry: Entry) -> None:
    """What an entry speaks of exists, and is another category than itself."""
    spoken_of = {other.category for other in entry.alternatives} | entry.beats
    assert spoken_of <= catalogue().keys() - {entry.id}


@pytest.mark.parametrize("category", LOGGED)
def test_category_has_a_hit_and_a_near_miss(category: str) -> None:
    """What the log can show has a case that shows it, and one that is easily taken for it but is something else."""
    hits = [case_at(path).hits for path in files() if path.parent.name == category]
    assert True in hits, f"fixtures/cases/{category} has no case with this category"
    assert False in hits, f"fixtures/cases/{category} has no near miss"


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_case_stands_in_the_right_folder(path: Path) -> None:
    """Folders are categories, and exactly the near misses are called so."""
    case = case_at(path)
    assert case.folder in catalogue().keys() | {SUCCESS}
    assert case.name.startswith("near_") is not case.hits
    assert {row["category"] for row in case.expect} <= catalogue().keys() | {""}
    assert {row["stopped_at"] for row in case.expect} <= set(Stage.__members__)


def conditions_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Every condition in the raw table of an entry."""
    when = table.get("when", [])
    rows = [*table.get("alternatives", []), *table.get("lower", [])]
    return [*(when if isinstance(when, list) else [when]), *(row["when"] for row in rows)]


@named
def test_named_sentences_are_in_the_vocabulary(entry: Entry) -> None:
    """A rule speaks of sentences and facts that exist."""
    for condition in conditions_of(TABLES[entry.id]):
        for key in ("said", "said_any", "not_said"):
            heads = condition.get(key, [])
            assert set(heads if isinstance(heads, list) else [heads]) <= vocabulary.BY_HEAD.keys()
        for key in ("fact", "fact_any", "not_fact"):
            assert set(condition.get(key, [])) <= vocabulary.FACT_BIT.keys()


def test_every_failure_line_is_named_by_an_entry() -> None:
    """No sentence that decides over a failure is left without a rule."""
    silent = [
        sentence.head
        for sentence in vocabulary.SENTENCES
        if sentence.rank and not any(when.names(sentence.code) for entry in ENTRIES for when in entry.when)
    ]
    assert not silent


def test_gateway_response_types_are_those_of_aws() -> None:
    """The types are botocore's, and each is named by an entry or known to name none."""
    loader = import_module("botocore.loaders").Loader()
    enum = loader.load_service_model("apigateway", "service-2")["shapes"]["GatewayResponseType"]["enum"]
    assert set(vocabulary.GATEWAY_RESPONSE_TYPES) == set(enum)
    told = {kind for entry in ENTRIES for when in entry.when for kind in when.gateway}
    assert told.isdisjoint(NAME_NO_CATEGORY)
    assert told | NAME_NO_CATEGORY == set(enum)


@pytest.mark.parametrize("level", ["trace", "info"])
def test_no_entry_matches_a_successful_request(level: str, tmp_path: Path) -> None:
    """Requests that went well, some with bodies that talk of errors, are successes, whatever the level."""
    log = tmp_path / "case.log"
    lines = [
        b"%s (%s) %s\n" % (timestamp(at), request.truth.request_id.encode(), message)
        for request in make_requests(600, seed=21, level=level, failures=0.0)
        for at, message in request.lines
    ]
    log.write_bytes(b"".join(lines))
    analysis = analyze(log, jobs=1)
    assert analysis.summary().succeeded == analysis.coverage.requests == 600
    assert list(analysis.records()) == []


def test_a_damaged_catalogue_is_one_error() -> None:
    """A package whose catalogue was tampered with says so, and where."""
    damaged = Source("10_authorization.toml", '[THROTTLED]\ntitle = "no more than that"\n')
    with pytest.raises(UsageError, match=r"10_authorization.toml:1: THROTTLED: cause, .* are missing") as caught:
        read_entries(damaged)
    assert "reinstall" in caught.value.tip


@named
def test_the_text_of_an_entry_is_the_entry(entry: Entry) -> None:
    """What can be printed of an entry to begin a rule with is TOML, and is that entry."""
    assert tomllib.loads(source_of(entry.id)) == {entry.id: TABLES[entry.id]}


@named
def test_advice_is_whole_sentences(entry: Entry) -> None:
    """Hints stand for themselves: each is a sentence, none twice."""
    assert all(line.endswith(".") and line[:1].isupper() for line in entry.advice)
    assert len(set(entry.advice)) == len(entry.advice)


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("AUTHORIZER_ERROR_UNAUTHORIZED", "Errors metric"),
        ("AUTHORIZER_APIGW_TIMEOUT", "29 seconds or less"),
        ("AUTHORIZER_LAMBDA_TIMEOUT", "29 seconds or less"),
        ("IMPLICIT_DENY", "TTL to 0"),
        ("ACCESS_DENIED", "bypasses the authorizer"),
        ("PROXY_INTEG_RESPONSE_INVALID", "1 MB"),
    ],
)
def test_what_misleads_is_said(category: str, words: str) -> None:
    """Traps that belong to a category are shown with it."""
    assert any(words in line for line in catalogue()[category].advice)


def test_faulty_advice_is_reported() -> None:
    """Advice is texts."""
    (file,) = read_rules([Source("own.toml", "[X_OWN]\nadvice = [1]\n")])
    assert any("advice must be a text" in fault.what for fault in file.faults)
