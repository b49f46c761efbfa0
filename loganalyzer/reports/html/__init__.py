"""The report as one web page that opens without a network and may be sent on.

Written with jinja2 (autoescape), drawn by Vega with Altair's specifications, all of it in the file; a
Content-Security-Policy forbids the page every request. Needs the extra ``reports``.
"""

from loganalyzer.reports.html.page import html_document

__all__ = ["html_document"]
