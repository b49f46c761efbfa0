"""Like failures are folded into one with a count."""

from __future__ import annotations

from dataclasses import replace

from loganalyzer.model import Request
from loganalyzer.reports.folds import Group, fold
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED


def _fold(requests: list[Request]) -> list[Group]:
    return fold(requests, shown=lambda request: request)


def test_like_requests_are_one_fold() -> None:
    """Requests that differ in nothing that matters are counted together, the first being the example."""
    second = replace(FAILED, request_id="other", path="/orders/18", evidence=("x",), reasons=("r1",))
    (group,) = _fold([FAILED, second, replace(second, reasons=("r2", "r1"))])
    (one,) = group.folds
    assert (one.count, one.example, list(one.reasons)) == (3, FAILED, ["r1", "r2"])


def test_what_differs_is_apart() -> None:
    """Method, route, status, confidence and stage each make a kind of their own."""
    others = [
        replace(FAILED, method="GET"),
        replace(FAILED, resource="/carts"),
        replace(FAILED, client_status=500),
        replace(FAILED, confidence="low"),
        replace(FAILED, resource="", path="/a"),
        replace(FAILED, resource="", path="/b"),
    ]
    (group,) = _fold([FAILED, *others])
    assert len(group.folds) == 7
    (group,) = _fold([FAILED, replace(FAILED, stopped_at="ROUTE")])
    assert group.stages == ("BACKEND", "ROUTE")


def test_the_gateways_failures_come_first_and_incomplete_ones_last() -> None:
    """Groups are ordered by whose failure it is, then by how often it happened; successes are not in it."""
    groups = _fold([CUT_SHORT, CUT_SHORT, ANSWERED, ANSWERED, ANSWERED, DENIED, FAILED, FAILED, SUCCEEDED])
    assert [(group.category, group.count) for group in groups] == [
        ("PROXY_INTEG_ERROR", 2),
        ("ACCESS_DENIED", 1),
        ("BACKEND_RETURNED_4XX", 3),
        ("INCOMPLETE", 2),
    ]


def test_what_broke_is_counted() -> None:
    """Of one kind of requests the most frequent details are shown with their counts, masked like all else."""
    details = ["a", "b", "b", "c", "d", "d", "d", ""]
    requests = [replace(FAILED, detail=text) for text in details]
    (group,) = fold(requests, shown=lambda request: replace(request, detail=request.detail.upper()))
    assert group.folds[0].count == len(details)
    assert group.folds[0].details == {"D": 3, "B": 2, "A": 1}


def test_what_broke_is_counted_over_all_kinds() -> None:
    """The group's numbers are those of all its kinds, also of what is rare in each; what masking makes alike is one."""
    kinds = [replace(FAILED, resource=f"/{n}") for n in range(3)]
    told = [
        (text, one) for one in kinds for text, times in (("a", 4), ("b", 3), ("c", 2), ("d", 1)) for _ in range(times)
    ]
    extra = [("d", kinds[0])] * 9
    requests = [replace(one, detail=text) for text, one in (*told, *extra)]
    (group,) = _fold(requests)
    assert group.details == {"a": 12, "d": 12, "b": 9}
    (masked,) = fold(requests, shown=lambda request: replace(request, detail="***"))
    assert masked.details == {"***": 33} and [one.details for one in masked.folds] == [
        {"***": 17},
        {"***": 9},
        {"***": 9},
    ]
