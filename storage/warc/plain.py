"""warcio's writer, made to write what it is given and nothing else."""

from __future__ import annotations

from warcio.warcwriter import WARCWriter


class PlainWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """warcio's writer without digests of its own: ours are in the fields already."""

    def ensure_digest(self, record: object, *, block: bool = True, payload: bool = True) -> None:
        """Add nothing."""


class RawHead:
    """An HTTP head that warcio writes as it stands, where its own type would re-build it."""

    def __init__(self, head: bytes) -> None:
        """Write these bytes."""
        self.headers_buff = head

    def compute_headers_buffer(self, _filter: object = None) -> None:
        """Leave the bytes alone."""
