"""One request among many: by an id, or part of one, that somebody has."""

from __future__ import annotations

from collections.abc import Sequence

from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.formats import Input
from loganalyzer.model import Request
from loganalyzer.parser import find
from loganalyzer.parser.table import Table

_SHOWN = 4


class Lookup:
    """Finds the rows of a table that was scanned from ``inputs``."""

    def __init__(self, inputs: Sequence[Input], table: Table) -> None:
        self._inputs, self._table = inputs, table

    def fits(self, wanted: str) -> bool:
        """Whether any request has this id, or one that begins so."""
        return bool(find.rows_with(wanted, self._inputs, self._table))

    def of(self, request: Request) -> int:
        """Where the row of a request stands; several may have its id, not its extended one as well."""
        for at in find.rows_with(request.request_id, self._inputs, self._table):
            if self._extended_id(at) == request.extended_request_id:
                return at
        raise NothingReadable(f"no request with the id '{request.request_id}' in what was read")

    def by_id(self, request_id: str) -> int:
        """Where the row of the only request stands that has this id: its id, its extended one, or that of its call.

        Raises :class:`NothingReadable` if no request has it, :class:`UsageError` if several do.
        """
        matches = find.rows_with(request_id, self._inputs, self._table)
        if not matches:
            raise NothingReadable(
                f"no request with the id '{request_id}' in what was read",
                tip="give the request id, its beginning, the extended id (x-amz-apigw-id) or the Lambda request id",
            )
        if len(matches) > 1:
            more = ", …" if len(matches) > _SHOWN else ""
            raise UsageError(
                f"'{request_id}' fits {len(matches)} requests: {', '.join(self._names(matches[:_SHOWN]))}{more}",
                tip="give more of the id, or the extended id",
            )
        return matches[0]

    def _names(self, rows: Sequence[int]) -> list[str]:
        """What tells these requests from each other."""
        names = [self._table.request_id(self._table.rows["id"][at].tobytes()) for at in rows]
        if len(set(names)) > 1:
            return names
        return [self._extended_id(at) or name for at, name in zip(rows, names, strict=True)]

    def _extended_id(self, index: int) -> str:
        return self._table.extended_id(self._table.rows["xid"][index].tobytes())
