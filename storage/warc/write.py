"""One WARC file after another, each written whole: `.open` while it grows, then fsync, then its own name.

warcio serialises the records; we give it the block as bytes and digests of our own. Each is a gzip member of
its own, packed by zlib-ng at level 6 in half of zlib's time (level 9 took 50 % more for 0.6 % of the size
on news pages). A file is never opened again once its writer is gone.

Source: WARC/1.1, sections 4 (file and record model) and 5.1 (field syntax), annex D (compression).
"""

from __future__ import annotations

import logging
import os
import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, FileIO
from pathlib import Path
from typing import Self

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from zlib_ng import zlib_ng

from storage.errors import DISK_FULL, ArchiveError, OutOfSpaceError
from storage.layout import Layout
from storage.model import Record
from storage.warc.build import UNFIT, Draft, Original, warcinfo
from storage.warc.held import held, is_locked, write_all
from storage.warc.plain import PlainWriter, RawHead

log = logging.getLogger(__name__)
OPEN_SUFFIX = ".open"
GZIP_LEVEL = 6
_TOKEN = re.compile(r"[!#-'*+.^_`|~0-9A-Za-z-]+")
VERSION = "WARC/1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who writes, and for which crawl: the warcinfo fields, and the parts of the file's name."""

    source: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A record that was written, with the name of the file it lies in (see `Layout.warc_name`)."""

    record: Record
    warc_file: str


class WarcWriter:
    """Writes records in the order given; a new file when the last has reached `max_bytes` or `max_age_s`.

    Raises: OutOfSpaceError, ArchiveError. After either, the file ends with its last whole exchange.
    """

    def __init__(
        self,
        layout: Layout,
        origin: Origin,
        *,
        max_bytes: int,
        max_age_s: float = float("inf"),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Write below `layout.warc`. No file is made before the first record."""
        self._layout = layout
        self._origin = origin
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._now = now
        self._monotonic = monotonic
        self._begun_s = 0.0
        self._serial = 0
        self._file: FileIO | None = None
        self._path = Path()
        self._name = ""

    def __enter__(self) -> Self:
        """The writer."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file that is open."""
        self.close()

    def write(self, drafts: Sequence[Draft | Original]) -> list[Placed]:
        """Write the records of one exchange, all into one file or none, and hand them to the system."""
        fresh: list[Placed] = []
        self._hold()
        if self._file is not None and self._has_grown(self._file):
            self.close()
        if self._file is None:
            fresh = self._start()
        return fresh + self._append(drafts)

    def close(self) -> None:
        """Make the open file durable and give it its own name."""
        self._hold()
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            with file:  # locked until it has its name
                os.fsync(file.fileno())
                self._path.rename(finished_name(self._path))
                sync_folder(self._path.parent)
        except OSError as error:
            raise _disk_error(error, self._path) from error

    def _hold(self) -> None:
        """See to it that the open file still lies where it is to be; one that was changed is left `.open`."""
        if self._file is None:
            return
        try:
            self._file = held(self._file, self._path)
        except OSError as error:
            self._let_go()
            raise _disk_error(error, self._path) from error
        except ArchiveError:
            self._let_go()
            raise

    def _let_go(self) -> None:
        """Leave the file `.open`: the next process finishes what is whole of it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _has_grown(self, file: FileIO) -> bool:
        """Whether the open file is large or old enough."""
        return file.tell() >= self._max_bytes or self._monotonic() - self._begun_s >= self._max_age_s

    def _start(self) -> list[Placed]:
        """Open the next file with its warcinfo record."""
        moment = self._now()
        self._begun_s = self._monotonic()
        folder = self._layout.warc / moment.strftime("%Y/%m")
        try:
            _make_folder(folder)
        except OSError as error:
            raise _disk_error(error, folder) from error
        self._file, self._path = self._create(folder, moment)
        finished = finished_name(self._path)
        self._name = self._layout.warc_name(finished)
        return self._append([warcinfo(finished.name, self._origin.fields, moment)])

    def _create(self, folder: Path, moment: datetime) -> tuple[FileIO, Path]:
        """A new locked `.open` file whose name no other file has."""
        while True:
            self._serial += 1
            parts = [self._origin.source, moment.strftime("%Y%m%d%H%M%S"), f"{self._serial:05d}"]
            name = "-".join(file_safe(part) for part in [*parts, socket.gethostname()])
            path = folder / f"{name}.warc.gz{OPEN_SUFFIX}"
            if finished_name(path).exists():
                continue
            try:
                file = path.open("x+b", buffering=0)
            except FileExistsError:
                continue
            except OSError as error:
                raise _disk_error(error, path) from error
            try:
                if is_locked(file, path):
                    return file, path
            except OSError as error:
                file.close()
                raise _disk_error(error, path) from error
            file.close()

    def _append(self, drafts: Sequence[Draft | Original]) -> list[Placed]:
        """Write records; on failure the file is cut back to where it was before the first.

        Half an exchange would be there for replay, and not for the crawl that was told of the failure.
        """
        if self._file is None:
            raise ArchiveError("no WARC file is open")
        packed = [(one, one.packed if isinstance(one, Original) else pack(one)) for one in drafts]
        begin = self._file.tell()
        placed: list[Placed] = []
        try:
            for draft, data in packed:
                record = draft.placed(self._file.tell(), len(data))
                write_all(self._file, data)
                placed.append(Placed(record=record, warc_file=self._name))
        except OSError as error:
            self._cut_back(begin)
            raise _disk_error(error, self._path) from error
        return placed

    def _cut_back(self, offset: int) -> None:
        """End the file at `offset`, whatever of a failed write reached it.

        A disk that refuses even this leaves the file `.open`; the next process cuts it.
        """
        if self._file is None:
            return
        try:
            os.ftruncate(self._file.fileno(), offset)
            self._file.seek(offset)
            if not offset:
                self._path.unlink()
        except OSError as error:
            log.warning("%s: its torn end is left for the next start: %s", self._path.name, error.strerror)
            offset = 0
        if offset:
            self.close()
        self._let_go()


def pack(draft: Draft) -> bytes:
    """The record as one gzip member. Raises: ArchiveError where a field could break the header."""
    for name, value in draft.fields:
        if UNFIT.search(value) or not _TOKEN.fullmatch(name):
            raise ArchiveError(
                f"the WARC field {name!r} holds a control character",
                hint="report this: it is a fault in presswarc",
            )
    out = BytesIO()
    headers = StatusAndHeaders("", list(draft.fields), protocol=VERSION)
    http = RawHead(draft.head) if draft.head else None
    length = len(draft.body)
    record = ArcWarcRecord(
        "warc", draft.record_type, headers, BytesIO(draft.body), http, None, length, payload_length=length
    )
    PlainWriter(out, gzip=False, warc_version=VERSION).write_record(record)
    return _squeezed(out.getbuffer())


def pack_bytes(head: bytes, block: bytes) -> bytes:
    """A record's header, with its blank line, and its block, as one gzip member."""
    return _squeezed(head, block, b"\r\n\r\n")


def _squeezed(*parts: bytes | memoryview) -> bytes:
    """The parts as one gzip member."""
    squeezer = zlib_ng.compressobj(GZIP_LEVEL, zlib_ng.DEFLATED, zlib_ng.MAX_WBITS + 16)
    packed = [squeezer.compress(part) for part in parts]
    return b"".join([*packed, squeezer.flush()])


def finished_name(path: Path) -> Path:
    """The name of an `.open` file once it is whole.

    >>> finished_name(Path("a.warc.gz.open")).name
    'a.warc.gz'
    """
    return path.with_name(path.name.removesuffix(OPEN_SUFFIX))


def file_safe(text: str) -> str:
    """`text` in the alphabet of our file names.

    >>> file_safe("../Ä b")
    '-b'
    """
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text).replace("..", "").strip(".")[:60]


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    """Make a folder with those above it, each durable."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _disk_error(error: OSError, path: Path) -> ArchiveError:
    """The error to raise for a write that failed."""
    if error.errno in DISK_FULL:
        return OutOfSpaceError(
            f"no space left to write {path.name}",
            hint="free some space, then run the same command",
            where=str(path),
        )
    return ArchiveError(
        f"cannot write {path.name}: {error.strerror}", hint="check the folder's rights", where=str(path)
    )
