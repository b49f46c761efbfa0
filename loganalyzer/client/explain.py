"""From what was understood of a response to candidates, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.client.records import Answerer, Candidate, ClientResponse, ExplainedResponse, Understood
from loganalyzer.client.symptoms import HIT, SILENT, AnswererRow, Comparison, Possible, Symptom, compare, symptom_table
from loganalyzer.client.understand import understand
from loganalyzer.scales import Confidence

_LONG_MS = 28_500
"""29 s is the integration timeout's default, about 30 s what an authorizer gets."""

UNKNOWN = Answerer(
    "unknown",
    "nobody knows who: the headers are not all there",
    None,
)
NOBODY_KNOWN = Answerer(
    "not_api_gateway",
    "something else than API Gateway, as it seems",
    None,
    means="None of the headers is API Gateway's: every REST API's response has x-amz-apigw-id and x-amzn-RequestId.",
    fix="Check where the host name points, and which proxies lie between: one may have removed headers.",
    link="https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
)


def explain(response: ClientResponse) -> ExplainedResponse:
    """What a response may mean, by the symptom table; never empty-handed, never surer than the response allows."""
    understood = understand(response)
    answerer = answerer_of(response, understood)
    fitting, customised = _fitting(understood, response.body, answerer)
    candidates = list(_candidates(fitting, understood, response, answerer=answerer, customised=customised))
    if answerer.api_gateway is False or answerer.id == NOBODY_KNOWN.id:
        told = any(comparison.mark == HIT or comparison.body == HIT for comparison in fitting)
        if not told:
            candidates = [_someone_else(answerer), *candidates]
    elif not candidates:
        candidates = [_anything(understood)]
    notes = tuple(_notes(response, understood, answerer, customised=customised))
    return ExplainedResponse(response, understood, answerer, tuple(candidates), notes, customised=customised)


def answerer_of(response: ClientResponse, understood: Understood) -> Answerer:
    """Who gave the response, by its headers, the host it came from, and the form of its body."""
    host = _host(response.url)
    for row in symptom_table().answerer:
        if row.answered(response, host):
            return Answerer(row.id, row.title, row.api_gateway, _means(row, understood), row.fix, row.link)
    return NOBODY_KNOWN if response.whole and not understood.marks & {"amazon_headers"} else UNKNOWN


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _means(row: AnswererRow, understood: Understood) -> str:
    said = [said.means for said in row.said if (said.status, said.message) == (understood.status, understood.message)]
    return f"{row.means} Here: {said[0]}." if said else row.means


def _fitting(understood: Understood, body: str | None, answerer: Answerer) -> tuple[list[Comparison], bool]:
    """The rows that fit, best first, and whether they do so only if the response is customised.

    In a response of a REST API a default text without an error type is no proof: backends write such texts too.
    """
    table = symptom_table()
    bare = answerer.id == "rest_api" and understood.error_type == ""
    known = [compare(row, understood, body, unfamiliar=False) for row in table.symptom]
    familiar = any(HIT in (row.message, row.body) or (row.fits and row.mark == HIT) for row in known)
    compared = [compare(row, understood, body, unfamiliar=bare or not familiar) for row in table.symptom]
    fitting = _best(comparison for comparison in compared if comparison.fits)
    if answerer.api_gateway is False:
        return [comparison for comparison in fitting if HIT in (comparison.mark, comparison.body)], False
    if any(comparison.specific for comparison in fitting):
        return fitting, False
    customised = _best(comparison for comparison in compared if comparison.customised)
    if bare:
        return [*fitting, *customised], False
    if customised:
        return customised, True
    return ([] if answerer.id == NOBODY_KNOWN.id else fitting), False


def _best(comparisons: Iterable[Comparison]) -> list[Comparison]:
    return sorted(comparisons, key=lambda comparison: -comparison.weight)


def _candidates(
    fitting: list[Comparison],
    understood: Understood,
    response: ClientResponse,
    *,
    answerer: Answerer,
    customised: bool,
) -> Iterable[Candidate]:
    seen: set[str] = set()
    for number, comparison in enumerate(fitting):
        possible = _by_time(comparison.row.candidates, response.elapsed_ms)
        possible = [one for one in possible if _applies(one, understood.status)]
        for place, one in enumerate(possible):
            key = one.category or one.title
            if key in seen:
                continue
            seen.add(key)
            best = not number and not place and not customised and _alone(fitting, comparison)
            sure = _confidence(comparison, len(possible)) if best else Confidence.LOW
            if answerer.id == NOBODY_KNOWN.id and HIT not in (comparison.body, comparison.mark):
                sure = Confidence.LOW
            found = candidate(comparison.row, one, sure, understood.status)
            yield _without_its_text(found, comparison) if len(possible) == 1 else found


def _without_its_text(found: Candidate, comparison: Comparison) -> Candidate:
    """The only candidate of a row rests on the row's text; where that is not known, it must not claim it."""
    if SILENT not in (comparison.message, comparison.body):
        return found
    return replace(found, why=f"its default answer ({comparison.row.title}) fits what is known of the response")


def _alone(fitting: list[Comparison], best: Comparison) -> bool:
    """Whether no other row is as well supported."""
    return all(other is best or other.weight < best.weight for other in fitting)


def _applies(one: Possible, status: int | None) -> bool:
    return not one.only or status is None or one.only == f"{status // 100}xx"


def _by_time(candidates: tuple[Possible, ...], elapsed_ms: int | None) -> list[Possible]:
    """What takes long comes first if the answer took so long, last if it is known to have come sooner."""
    if elapsed_ms is None:
        return list(candidates)
    return sorted(
        candidates,
        key=lambda one: 0 if not one.slower_than_ms else -1 if elapsed_ms >= one.slower_than_ms else 1,
    )


def _confidence(comparison: Comparison, many: int) -> Confidence:
    """How sure the first candidate of the best row is.

    High if it is the only one and text and error type (or a mark) were seen so in AWS's own answers; medium if there is
    at most one other; else low, however well the row fits: the client's side does not tell them apart.
    """
    parts = (comparison.mark, comparison.body)
    proof = HIT in parts or (comparison.message, comparison.error_type) == (HIT, HIT)
    if many == 1 and proof and comparison.row.certainty != "inferred":
        return Confidence.HIGH
    return Confidence.MEDIUM if comparison.specific and many <= 2 else Confidence.LOW


def candidate(row: Symptom, one: Possible, sure: Confidence, status: int | None) -> Candidate:
    """A candidate of a row with what the catalogue says of its category."""
    entry = catalogue().get(one.category)
    if entry is None:
        roots = one.roots or (tuple(_hidden(status)) if one.hides else ())
        return Candidate(
            "", one.title, sure, one.why, row.tell_apart, one.fix, one.link or row.link, row.id, roots, logged=one.hides
        )
    return _of_entry(entry, row, one, sure)


def _of_entry(entry: Entry, row: Symptom, one: Possible, sure: Confidence) -> Candidate:
    return Candidate(
        category=entry.id,
        title=one.title or entry.title,
        confidence=sure,
        why=one.why,
        tell_apart=row.tell_apart,
        fix=one.fix or entry.fix,
        link=entry.link,
        symptom=row.id,
        roots=one.roots,
        log_shows=entry.seen_as if entry.logged else (),
        stopped_at=entry.stage.name if entry.stage is not None else "",
        lambda_error=entry.lambda_error,
        logged=entry.logged,
    )


def _hidden(status: int | None) -> list[str]:
    """The categories whose gateway response has this status by default: what a customised one may hide first of all."""
    return [entry.id for entry in catalogue().values() if entry.client_status == status and entry.client_error_type]


def _someone_else(answerer: Answerer) -> Candidate:
    return Candidate(
        category="",
        title=f"No REST API answered: {answerer.title}",
        confidence=Confidence.HIGH if answerer.api_gateway is False else Confidence.MEDIUM,
        why=answerer.means,
        tell_apart="The execution log of a REST API has no line of such a response.",
        fix=answerer.fix,
        link=answerer.link,
        symptom=f"answered_by_{answerer.id}",
        logged=False,
    )


def _anything(understood: Understood) -> Candidate:
    """What is left for a response of which the table knows nothing."""
    entry = catalogue()["UNCLASSIFIED"]
    told = f"an error type that API Gateway is not known to use ({understood.error_type})"
    why = told if understood.error_type else "no row of the symptom table fits what is known of the response"
    return Candidate(
        entry.id, "A failure of no known kind", Confidence.LOW, why,
        "Look the request up in the log by its id; $context.error.responseType in the access log names the kind.",
        "Look the request up by its ids, or say more of the response (status, x-amzn-ErrorType, body).", entry.link,
        "nothing_fits",
    )  # fmt: skip


def _notes(response: ClientResponse, understood: Understood, answerer: Answerer, *, customised: bool) -> Iterable[str]:
    if (response.elapsed_ms or 0) >= _LONG_MS:
        yield f"the answer took {(response.elapsed_ms or 0) / 1000:.0f} s, about as long as API Gateway waits"
    if response.cut:
        yield f"{response.cut}; what is missing may matter"
    if customised:
        yield (
            "status, error type and body do not belong together as AWS sends them by default: a gateway response is "
            "customised, or something in between changed it. Status and body prove nothing then"
        )
    if understood.status and understood.error_type is None and understood.message is None and not understood.marks:
        yield "only the status is known: x-amzn-ErrorType and the body tell most of these apart"
    if answerer.id == "rest_api" and understood.error_type == "" and not understood.marks & {"remapped"}:
        yield "there is no x-amzn-ErrorType, which API Gateway's own errors carry: the backend may have answered"


def explain_all(responses: Iterable[ClientResponse]) -> list[ExplainedResponse]:
    """Every response explained, in order; those that differ in their ids and times alone are judged once."""
    judged: dict[tuple[object, ...], ExplainedResponse] = {}
    explained = []
    for response in responses:
        understood = understand(response)
        key = (
            *(
                understood.status,
                understood.error_type,
                understood.null_message,
                understood.marks,
                understood.log_group,
            ),
            *(response.body, response.whole, response.cut, _host(response.url), bool(understood.ids)),
            *(answerer_of(response, understood), (response.elapsed_ms or -1) // 1000),
        )
        one = judged.get(key) or judged.setdefault(key, explain(response))
        explained.append(replace(one, response=response, understood=understood))
    return explained


def folded(explanations: Iterable[ExplainedResponse]) -> list[ExplainedResponse]:
    """Responses that say the same as one, with their number; those of API Gateway first, then the most frequent."""
    kinds: dict[tuple[object, ...], list[ExplainedResponse]] = {}
    for one in explanations:
        seen = one.understood
        names = tuple((found.category or found.title, found.confidence) for found in one.candidates)
        key = (seen.status, seen.error_type, seen.message, seen.marks, one.answerer.id, names, seen.log_group)
        kinds.setdefault(key, []).append(one)
    rank = {True: 0, None: 1, False: 2}
    together = [replace(members[0], alike=len(members)) for members in kinds.values()]
    return sorted(together, key=lambda one: (rank[one.answerer.api_gateway], -one.alike))
