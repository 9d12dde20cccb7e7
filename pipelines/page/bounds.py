"""How much of a page is read: what a tree takes grows with its tags, to hundreds of times their bytes."""

from __future__ import annotations

from bisect import bisect_right

MAX_READ_BYTES = 4 << 20  # unpacked
MAX_TAGS = 150_000  # an element takes a kilobyte while a page is extracted; long pages have a fifth of it


def bounded(body: bytes) -> bytes:
    """The beginning of a page that is read; all of it but for pages that no reader would read to the end.

    >>> bounded(b"<p>one</p>"), len(bounded(b"<b>" * 1_000_000)), len(bounded(bytes(9_000_000)))
    (b'<p>one</p>', 450000, 4194304)
    """
    return up_to_tag(body[:MAX_READ_BYTES], MAX_TAGS)


def up_to_tag(body: bytes, most: int) -> bytes:
    """The body up to so many tags.

    >>> up_to_tag(b"<a><b></b></a>", 2)
    b'<a><b>'
    """
    if body.count(b"<") <= most:
        return body
    return body[: bisect_right(range(len(body)), most, key=lambda end: body.count(b"<", 0, end)) - 1]
