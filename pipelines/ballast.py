"""What makes a page large and is none of its text: pictures written out in it, scripts, styles, comments."""

from __future__ import annotations

import re

_MOST_PIECES = 20_000  # looked at: no page that people read has more
_LEAST_BYTES = 4096  # a piece of fewer stays: it may say what the page is
_BEGINNING = re.compile(rb"<(script|style)\b[^<>]{0,500}>|<!--|;base64,", re.IGNORECASE)
_DATA = re.compile(rb"[A-Za-z0-9+/=%\s]*")
_READ = re.compile(rb"ld\+json", re.IGNORECASE)


def without_ballast(body: bytes, most: int) -> bytes:
    """A page of more than `most` bytes with its long pieces of that kind emptied; what has no end stays.

    >>> without_ballast(b"<img src='data:image/png;base64," + b"A" * 5000 + b"'><p>text", 1000)
    b"<img src='data:image/png;base64,'><p>text"
    """
    if len(body) <= most:
        return body
    kept: list[bytes] = []
    at, endless = 0, set[bytes]()
    for _ in range(_MOST_PIECES):
        begun = _BEGINNING.search(body, at)
        if begun is None:
            break
        ending = _ending(begun)
        end = begun.end() if ending in endless or _READ.search(begun[0]) else _end(body, begun.end(), ending)
        if end < 0:
            endless.add(ending)  # nor has any that begins later
            end = begun.end()
        is_long = end - begun.end() >= _LEAST_BYTES
        kept.append(body[at : begun.end() if is_long else end])
        at = end
    kept.append(body[at:])
    return b"".join(kept)


def _ending(begun: re.Match[bytes]) -> bytes:
    """What ends a piece; empty where any other letter does."""
    if begun[1]:
        return b"</" + begun[1].lower()
    return b"-->" if begun[0] == b"<!--" else b""


def _end(body: bytes, start: int, ending: bytes) -> int:
    """Where a piece ends, -1 where it does not."""
    if not ending:
        return _DATA.match(body, start).end()  # type: ignore[union-attr]  # it matches nothing, too
    found = re.compile(re.escape(ending), re.IGNORECASE).search(body, start)
    return found.start() if found else -1
