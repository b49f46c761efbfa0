"""Which family of forms reads an input: told by its first bytes."""

from __future__ import annotations

from loganalyzer.formats.base import Family
from loganalyzer.formats.export import S3Export
from loganalyzer.formats.fields import NO_FIELDS, Fields


def family_of(head: bytes, *, suffix: str = "", fields: Fields = NO_FIELDS) -> Family:
    """The family that reads an input beginning with ``head``.

    ``suffix`` marks request ids made up for this input, ``fields`` is the user's word on the fields of its records.
    """
    export = S3Export()
    if export.recognises(head):
        return export
    # Exports are what speed matters for, and they need none of these.
    from loganalyzer.formats.delimited import Delivered
    from loganalyzer.formats.documents import Json
    from loganalyzer.formats.lines import Text
    from loganalyzer.formats.parquet import Parquet
    from loganalyzer.formats.tables import Tables
    from loganalyzer.formats.wrapped import Wrapped

    families: tuple[Family, ...] = (
        Parquet(suffix=suffix, fields=fields),
        Json(suffix=suffix, fields=fields),
        Tables(suffix=suffix, fields=fields),
        Wrapped(suffix=suffix, fields=fields),
        Delivered(suffix=suffix, fields=fields),
        Text(suffix=suffix),
    )
    return next((family for family in families if family.recognises(head)), families[-1])
