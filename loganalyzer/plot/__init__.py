"""Charts of an analysis for notebooks; drawn by Altair, which comes with the extra ``reports``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import altair as alt

    from loganalyzer.model import FunnelStep, Latency, Trend

EXTRA = ("jinja2", "altair", "vl_convert")
"""The modules that the extra ``reports`` installs."""


class Counted(Protocol):
    """What charts are drawn of: an :class:`~loganalyzer.Analysis`."""

    def over_time(self) -> Trend | None:
        """Requests and failures by time."""

    def funnel(self) -> Sequence[FunnelStep]:
        """How far requests got."""

    def latency(self) -> Sequence[Latency]:
        """Latency quantiles."""


class Plot:
    """Charts of one analysis; each method raises :class:`UsageError` if Altair is not installed."""

    def __init__(self, analysis: Counted) -> None:
        self._analysis = analysis

    def failures(self) -> alt.LayerChart:
        """Failed and incomplete requests over time, by category."""
        trend = self._analysis.over_time()
        if trend is None:
            raise UsageError("there is no chart over time: no request has a time", tip="plot.funnel() needs none")
        chart: alt.LayerChart = _charts().failures(trend)
        return chart

    def funnel(self) -> alt.LayerChart:
        """How many requests reached each step of the lifecycle, and how many ended in it."""
        chart: alt.LayerChart = _charts().funnel(self._analysis.funnel())
        return chart

    def latency(self, *, of: str = "route") -> alt.LayerChart:
        """Median, 95th percentile and maximum ``of`` each ``route | authorizer | integration``."""
        if of not in _OF:
            raise UsageError(f"latency of '{of}' is not known", tip=f"one of {', '.join(_OF)}")
        chart: alt.LayerChart = _charts().latency([one for one in self._analysis.latency() if one.of == of])
        return chart


_OF = ("route", "authorizer", "integration")


def _charts() -> ModuleType:
    demand_extra("charts need", modules=("altair",))
    from loganalyzer.plot import charts

    return charts


def demand_extra(what: str, *, modules: Sequence[str] = EXTRA) -> None:
    """Raise :class:`UsageError` that begins with ``what`` and names the extra, if one of its modules is missing."""
    from importlib.util import find_spec

    if missing := [name for name in modules if find_spec(name) is None]:
        raise UsageError(
            f"{what} {', '.join(missing).replace('_', '-')}, which "
            f"{'is' if len(missing) == 1 else 'are'} not installed",
            tip="pip install 'loganalyzer[reports]'",
        )
