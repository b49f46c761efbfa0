"""The template filled in: styles, scripts and chart specifications embedded, and the policy that fixes them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from loganalyzer.reports.html.charts import charts_of
from loganalyzer.reports.html.contents import contents_of

if TYPE_CHECKING:
    from jinja2 import Template

    from loganalyzer.classifier.rules import Entry
    from loganalyzer.reports.report import Report


def html_document(report: Report, *, entries: Mapping[str, Entry]) -> Iterator[str]:
    """The report as an HTML page, in pieces; its size is bounded, however many requests there are."""
    from markupsafe import Markup

    contents = contents_of(report, entries=entries)
    charts = charts_of(contents.groups, report)
    scripts = [_drawing() if charts else "", _file("page.js")]
    style = _file("page.css")
    yield from _template().generate(
        page=contents,
        charts=charts,
        specs=Markup(_data({chart.id: chart.spec for chart in charts})),  # noqa: S704 - holds no character of mark-up
        style=Markup(style),  # noqa: S704 - a file of this package
        scripts=[Markup(script) for script in scripts if script],  # noqa: S704 - files of packages, made safe below
        policy=_policy(style, scripts),
    )


def _policy(style: str, scripts: list[str]) -> str:
    """Nothing but these very scripts and styles may run, and nothing may be fetched from anywhere."""
    return (
        f"default-src 'none'; script-src {' '.join(map(_hash, filter(None, scripts)))}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(value: object) -> str:
    """JSON that ends no script element, whatever it holds."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _drawing() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # Within a script element these would open or end something; within a script both spellings mean the same.
    bundle = bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--").replace("<script", "<\\script")
    return bundle.replace("\r\n", "\n").replace("\r", "\n")  # as parsers of HTML do, so that the hash holds


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("loganalyzer.reports", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _file(name: str) -> str:
    return files("loganalyzer.reports.html").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")
