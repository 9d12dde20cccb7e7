"""The gzip members of a file as it streams in: the wanted ones whole, with where they lie; no file of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from zlib_ng import zlib_ng

from storage.imports.archived import MOST_RECORD_BYTES
from storage.warc.members import UNPACK_ERROR

HEAD_BYTES = 1 << 14


class TornError(Exception):
    """What streams in is no gzip member any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A gzip member: where it begins in the file, its bytes, and what it holds."""

    first: int
    packed: bytes
    data: bytes


@dataclass(slots=True)
class Members:
    """Takes the bytes of a file from `at` on. `wants` tells by the start of what a member holds."""

    wants: Callable[[bytes], bool]
    at: int = 0
    _packed: bytearray = field(default_factory=bytearray)
    _data: bytearray = field(default_factory=bytearray)
    _wanted: bool | None = None
    _begun: int = 0
    _inflater: zlib_ng._Decompress | None = None

    def feed(self, part: bytes) -> Iterator[Member]:
        """The wanted members that end in the bytes that come next. Raises: TornError."""
        while part:
            if self._inflater is None:
                self._inflater = zlib_ng.decompressobj(zlib_ng.MAX_WBITS + 16)
                self._begun = self.at
            try:
                data = self._inflater.decompress(part)
            except UNPACK_ERROR as error:
                raise TornError(f"at {self._begun}: {error}") from error
            rest = self._inflater.unused_data
            self._keep(part[: len(part) - len(rest)], data, ended=self._inflater.eof)
            self.at += len(part) - len(rest)
            if self._inflater.eof:
                if self._wanted:
                    yield Member(first=self._begun, packed=bytes(self._packed), data=bytes(self._data))
                self._packed.clear()
                self._data.clear()
                self._wanted = self._inflater = None
            part = rest

    @property
    def whole_to(self) -> int:
        """Up to where the members have ended."""
        return self.at if self._inflater is None else self._begun

    @property
    def is_between(self) -> bool:
        """Whether all that began has ended."""
        return self._inflater is None

    def _keep(self, packed: bytes, data: bytes, *, ended: bool) -> None:
        """Keep the bytes of a member that is wanted, or may be."""
        if self._wanted is False:
            return
        self._packed += packed
        self._data += data
        if self._wanted is None and (ended or len(self._data) >= HEAD_BYTES):
            self._wanted = self.wants(bytes(self._data))
        if self._wanted is False or len(self._data) > MOST_RECORD_BYTES:
            self._wanted = False
            self._packed.clear()
            self._data.clear()
