"""The same analysis on Spark, for logs that outgrow one machine; needs the extra ``loganalyzer[spark]``.

Workers read whole inputs and scan them with the very scanner of one machine. What travels between them is one small
record a request and input, never a line of log; rows of one request merge wherever its lines stood.
"""

from loganalyzer.spark.flow import analyze, coverage_of, demand_free, write
from loganalyzer.spark.gathered import Gathered, from_spark

__all__ = ["Gathered", "analyze", "coverage_of", "demand_free", "from_spark", "write"]
