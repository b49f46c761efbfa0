"""Sentences that people write in halves: what stands between the halves is theirs, the words are the log's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer import analyze
from loganalyzer.formats.spelling import respelled
from loganalyzer.vocabulary import CE, SENTENCES, UNTOLD

BETWEEN = [": **", ":** ", "`: `", ': "', " - ", " \u2013 ", " => ", ":: ", ": <code>", ":</b> ", " (", ":\\n", "__: "]
MALFORMED = "Malformed Lambda proxy response"
SAID = [s.head for s in SENTENCES if s.rank and "…" not in s.head and not s.echoed]
MARKS = st.text(alphabet=" \t:*_`\"'\u201c\u201d=>.,;-()[]", min_size=1, max_size=8)


@pytest.mark.parametrize("between", BETWEEN)
def test_a_cause_is_found_behind_whatever_people_put_in_front_of_it(tmp_path: Path, between: str) -> None:
    """A failure has the category of its cause, also where emphasis, quotation marks or a dash part the two."""
    path = tmp_path / "paste"
    path.write_text(f"In the log I see {UNTOLD}{between}{MALFORMED}\nMethod completed with status: **502**\n")
    (request,) = analyze(path, jobs=1).records(everything=True)
    assert (request.category, request.status) == ("PROXY_INTEG_RESPONSE_INVALID", 502)


@pytest.mark.parametrize(
    ("written", "logged"),
    [
        (f"{UNTOLD}: invalid endpoint ADDRESS", f"{CE}Invalid endpoint address"),
        (f'{CE}"Could not parse policy"', f"{CE}Could not parse policy"),
        (
            f"{CE}Invalid JSON in response: **Unrecognized field",
            f"{CE}Invalid JSON in response: Unrecognized field",
        ),
        ("Method completed with status code 502", "Method completed with status: 502"),
        ("Method completed with status=`504`", "Method completed with status: 504"),
        ("Lambda invocation failed with status: **429**. Lambda", "Lambda invocation failed with status: 429. Lambda"),
        ("Execution failed due to a config error: Could not parse policy", f"{CE}Could not parse policy"),
        ("Execution failed: Malformed Lambda proxy response", f"{CE}Malformed Lambda proxy response"),
        (f"{CE}javax.net.ssl.SSLException: PKIX path building failed: x", f"{CE}PKIX path building failed: x"),
        ("Execution failed due to configuration: Could not parse policy", f"{CE}Could not parse policy"),
        (f"{CE}Malformed lambda response", f"{CE}{MALFORMED}"),
        (f"{CE}Malformed proxy responses", f"{CE}{MALFORMED}"),
        (f"{CE}Invalid permission on the Lambda", f"{CE}Invalid permissions on Lambda function"),
        (f"{CE}Unable to transform the request", f"{CE}Unable to transform request"),
        (
            f"{CE}API Gateway doesn't have permissions to assume the role",
            f"{CE}API Gateway does not have permission to assume the provided role",
        ),
        ("Execution failed due to time-out error", "Execution failed due to a timeout error"),
        ("Execution failed due to a configuration error: Could not parse policy", f"{CE}Could not parse policy"),
        ("Execution failed due to configuration issue", UNTOLD),
        ("Execution failed due to configuration", UNTOLD),
        ("Execution failed due to an integration timeout", "Execution failed due to a timeout error"),
        ("Execution failed: Integration Timeout 29000ms", "Execution failed due to a timeout error 29000ms"),
        ("Execution failed due to VPC link error", "Execution failed due to an vpc link error"),
        ("why \u201cExecution failed due to configuration\u201d errors", f"why \u201c{UNTOLD}\u201d errors"),
    ],
)
def test_a_sentence_in_halves_is_spelled_as_logged(written: str, logged: str) -> None:
    """Case and signs become the log's; what opens in front of the second half does not stay open behind it."""
    assert respelled(written) == logged


@pytest.mark.parametrize(
    "words",
    [
        "Execution failed due to configuration error which nobody knows",
        "Lambda invocation failed with status 500",
        "Method completed with status: 2026-11-02",
        "Unauthorized request from 10.0.0.1",
        "Execution failed: Unable to transform request",
        "Execution failed: timeout",
        "Execution failed due to a vpc link error",
    ],
)
def test_other_words_stay_as_they_are(words: str) -> None:
    """What is no half of a sentence, or others say too, is left alone."""
    assert respelled(words) == words


@given(st.sampled_from(SAID), MARKS)
def test_what_the_log_says_stays_as_it_is(head: str, behind: str) -> None:
    """A sentence spelled as the log spells it comes out as it went in."""
    assert respelled(f"{head} {behind}").startswith(head)


@given(st.sampled_from(SAID), MARKS, MARKS)
def test_spelling_anew_changes_nothing_more(head: str, between: str, behind: str) -> None:
    """A text that was put together once needs no more of it."""
    once = respelled(head.replace(": ", between) + behind)
    assert respelled(once) == once
