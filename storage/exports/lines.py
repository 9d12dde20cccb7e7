"""Lines of the CDXJ index as the programs that read an export need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from storage.cdxj import REVISIT_MIME, Line, parse_line

NOT_MODIFIED = "304"


def key_of(line: bytes) -> bytes:
    """The SURT key of a line.

    >>> key_of(b'org,example)/a 20261122000000 {}')
    b'org,example)/a'
    """
    return line.partition(b" ")[0]


def moment_of(line: bytes) -> bytes:
    """Key and second of a line, by which lines are sorted.

    >>> moment_of(b'org,example)/a 20261122000000 {}')
    b'org,example)/a 20261122000000'
    """
    return b" ".join(line.split(b" ", 2)[:2])


def packed_line(line: bytes, filename: str) -> bytes:
    """The line with another file name, and without the status of a 304.

    The readers of WACZ files give a revisit the status of its line: with 304 they show an empty page, without
    one they take 200 and show the body that it refers to.
    """
    told = parse_line(line)
    status = "" if _is_unchanged(told) else told.status
    return _written(replace(told, filename=filename, status=status))


def unchanged_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """For each 304 in the sorted `lines` one more line of its second, which leads to the body it confirmed.

    pywb answers a 304 as it was, and the browser shows an empty page. Where both lines are in its index it
    takes this one, because it sorts first. A 304 of which no earlier body is known gets none.
    """
    for _, group in groupby(lines, key=key_of):
        bodies: dict[str, Line] = {}  # the latest capture with a body: of each digest, and of all
        found: set[bytes] = set()
        for line in group:
            told = parse_line(line)
            if told.mime != REVISIT_MIME and told.status.startswith("2"):
                bodies[told.digest] = bodies[""] = told
            elif _is_unchanged(told) and told.digest in bodies:
                found.add(_written(replace(bodies[told.digest], stamp=told.stamp, url=told.url)))
        yield from sorted(found)


def _is_unchanged(line: Line) -> bool:
    """Whether it is the line of a 304."""
    return line.mime == REVISIT_MIME and line.status == NOT_MODIFIED


def _written(line: Line) -> bytes:
    """The line, with its line end."""
    return line.text().encode("ascii") + b"\n"
