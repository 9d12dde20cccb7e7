"""Which records an export takes."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import duckdb

from storage.errors import IndexFaultError
from storage.index.choose import Choice, choose

_ROWS = 10_000
# The captures asked for, and the nearest capture with the body that each revisit among them shows.
_PLACES = """
    WITH wanted AS (SELECT c.* FROM captures c SEMI JOIN (FROM chosen WHERE asked) USING (record_id)),
    bodies AS (
        SELECT arg_min({'file': b.warc_file, 'at': b.warc_offset},
                       (abs(epoch_us(b.captured_at) - epoch_us(coalesce(w.refers_to_at, w.captured_at))),
                        b.warc_file, b.warc_offset)) AS place
        FROM wanted w JOIN captures b ON b.url = coalesce(w.refers_to_url, w.url)
        WHERE w.record_type = 'revisit' AND b.record_type <> 'revisit'
          AND (b.payload_digest = w.payload_digest OR b.captured_at = w.refers_to_at)
        GROUP BY w.record_id
    )
    SELECT warc_file, warc_offset FROM wanted
    UNION SELECT place.file, place.at FROM bodies
    ORDER BY ALL"""


class Places:
    """Records by WARC file and offset, in little memory."""

    def __init__(self) -> None:
        """No records."""
        self._offsets: dict[str, array[int]] = {}

    def add(self, warc_file: str, offset: int) -> None:
        """Take in a record; those of a file come by rising offset."""
        self._offsets.setdefault(warc_file, array("Q")).append(offset)

    def __contains__(self, place: tuple[str, int]) -> bool:
        """Whether the record at this file and offset is in."""
        offsets = self._offsets.get(place[0])
        if offsets is None:
            return False
        at = bisect_left(offsets, place[1])
        return at < len(offsets) and offsets[at] == place[1]


def places_of(connection: duckdb.DuckDBPyConnection, choice: Choice) -> Places:
    """Records of the captures chosen, and of those whose bodies the revisits among them show.

    The temporary table `chosen` of the connection has the choice from now on. Raises: IndexFaultError.
    """
    try:
        choose(connection, choice)
    except duckdb.Error as error:
        raise _unreadable(error) from error
    places = Places()
    for warc_file, offset in rows_of(connection, _PLACES):
        places.add(str(warc_file), int(str(offset)))
    return places


def rows_of(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()
) -> Iterator[tuple[object, ...]]:
    """Rows of a query, a part of them at a time; the connection takes no other in between.

    Raises: IndexFaultError.
    """
    try:
        answer = connection.execute(sql, list(values))
        while rows := answer.fetchmany(_ROWS):
            yield from rows
    except duckdb.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: duckdb.Error) -> IndexFaultError:
    """The error to raise for a query that failed."""
    return IndexFaultError(
        f"the index cannot be read: {str(error).strip().partition(chr(10))[0]}",
        hint="presswarc replay builds it again from the WARC files",
    )
