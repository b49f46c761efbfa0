"""Any form of an execution log → canonical text.

The canonical log is the text of a CloudWatch S3 export: ``<ISO-8601 ms>Z (<request id>) <message>``, one event a line;
lines without that prefix continue the event above.  ``-`` stands for a time or an id that the source does not give.
Where a source tells where an event ends, its continuation lines are written with a leading TAB, so that logged text can
never pose as an event.  A family of forms is one file here; which one reads an input is decided by its content.
"""

from loganalyzer.formats.base import Chunk, Family, Origin
from loganalyzer.formats.fields import Fields, fields_of
from loganalyzer.formats.inputs import Input
from loganalyzer.formats.locating import Made, Source, find_inputs

__all__ = ["Chunk", "Family", "Fields", "Input", "Made", "Origin", "Source", "fields_of", "find_inputs"]
