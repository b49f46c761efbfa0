"""Did the fix work, or is the authorizer's cache still answering?"""

from __future__ import annotations

from datetime import datetime, timedelta

from loganalyzer.comparison.records import CacheAnswer, Period

DEFAULT_TTL = timedelta(seconds=300)
"""How long API Gateway keeps an authorizer's result unless told otherwise, at most an hour
(authorizerResultTtlInSeconds, https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html)."""


def cache_answer(before: Period, after: Period, *, changed: datetime | None, ttl: timedelta) -> CacheAnswer:
    """What the denials after the change allow to say; a result of before it is gone ``ttl`` after it at the latest.

    ``after.later`` must have been counted from then on.
    """
    changed = changed or after.start
    expires = None if changed is None else changed + ttl
    old = fresh = unclear = 0
    for moment, authorizer in after.denials:
        if moment is None or changed is None or expires is None:
            unclear += 1
        elif moment < changed:
            continue
        elif moment > expires or authorizer == "ran":
            fresh += 1
        elif authorizer == "cached":
            old += 1
        else:
            unclear += 1
    before_cached, before_answers = _answers(before)
    after_cached, after_answers = _answers(after)
    return CacheAnswer(
        verdict=_verdict(before, after, old=old, fresh=fresh, unclear=unclear),
        changed=changed,
        expires=expires,
        before_cached=before_cached,
        before_answers=before_answers,
        after_cached=after_cached,
        after_answers=after_answers,
        denials_before=len(before.denials),
        old=old,
        fresh=fresh,
        unclear=unclear,
        later=after.later,
    )


def _answers(period: Period) -> tuple[int, int]:
    """How many results are known to be from the cache, and how many are known to be from it or from the function."""
    cached = period.authorizers.get("cached", 0)
    return cached, cached + period.authorizers.get("ran", 0) + period.authorizers.get("failed", 0)


def _verdict(before: Period, after: Period, *, old: int, fresh: int, unclear: int) -> str:
    if not before.denials and not (old or fresh or unclear):
        seen = _answers(before)[1] + _answers(after)[1]
        return "no denials" if seen else "none"
    if fresh:
        return "not the cache"
    if unclear:
        return "unknown"
    if not old:
        return "cleared"
    return "expired" if after.later else "cache"
