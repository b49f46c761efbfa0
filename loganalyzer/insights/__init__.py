"""Counting inside CloudWatch itself: queries of Logs Insights made from the catalogue, and what their rows mean.

Nothing but counts and a few whole requests leaves CloudWatch. What the query cannot see comes back as candidates.
"""

from loganalyzer.insights.count import count
from loganalyzer.insights.live import count_requests
from loganalyzer.insights.records import Counted, Counts

__all__ = ["Counted", "Counts", "count", "count_requests"]
