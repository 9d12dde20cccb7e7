"""A WACZ package that is being written: a ZIP file whose datapackage.json lists every member with its digest.

Source: WACZ 1.1.1, "datapackage.json"; Frictionless data package.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Self
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from storage.exports.pages import Page, page_time

WACZ_VERSION = "1.1.1"
PACKAGE, PACKAGE_DIGEST = "datapackage.json", "datapackage-digest.json"
_UNIX = 3  # the same ZIP file on every system
_COPY_BYTES = 1 << 20
_SPOOL_BYTES = 64 << 20
_FIRST_YEAR, _LAST_YEAR = 1980, 2107  # what a ZIP file can tell


class Package:
    """The ZIP file: members one after another, then `describe`, which lists them."""

    def __init__(self, out: BinaryIO, created_at: datetime, scratch: Path) -> None:
        """Write to `out`; `created_at` is the time of every member, `scratch` a folder with room."""
        self._zip = ZipFile(out, "w", allowZip64=True)
        self._created_at = created_at.astimezone(UTC)
        self._scratch = scratch
        self._resources: list[dict[str, str | int]] = []
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        """The package."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the ZIP file."""
        self._zip.close()

    @contextmanager
    def member(self, path: str, *, packed: bool = False) -> Iterator[IO[bytes]]:
        """A member to write, `packed` or stored as it is. What does not fit into memory waits on the disk."""
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES, dir=str(self._scratch)) as spool:
            yield spool
            size = spool.tell()
            spool.seek(0)
            self.add(path, spool, size, packed=packed)

    def add(self, path: str, source: IO[bytes], size: int, *, packed: bool = False) -> None:
        """Write what `source` gives, `size` bytes, as a member; datapackage.json will list it."""
        digest, count = hashlib.sha256(), 0
        with self._open(path, size, packed=packed) as out:
            while data := source.read(_COPY_BYTES):
                digest.update(data)
                count += len(data)
                out.write(data)
        name = _resource_name(path, self._names)
        self._names.add(name)
        told: dict[str, str | int] = {"name": name, "path": path}
        self._resources.append(told | {"hash": f"sha256:{digest.hexdigest()}", "bytes": count})

    def describe(self, *, title: str, software: str, main: Page | None) -> None:
        """Write datapackage.json, which lists every member so far, and the digest of it."""
        told: dict[str, object] = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": title,
            "software": software,
            "created": page_time(self._created_at),
        }
        if main is not None:
            told |= {"mainPageUrl": main.url, "mainPageDate": page_time(main.captured_at)}
        data = json.dumps(told | {"resources": self._resources}, indent=2).encode()
        digest = {"path": PACKAGE, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        for path, content in ((PACKAGE, data), (PACKAGE_DIGEST, json.dumps(digest, indent=2).encode())):
            with self._open(path, len(content), packed=True) as out:
                out.write(content)

    def _open(self, path: str, size: int, *, packed: bool) -> IO[bytes]:
        """A member of that size.

        Its own header gets the fields for large files only where the directory at the end has them too: a
        reader of WACZ files (wabac.js) takes both to be of one length.
        """
        year = min(max(self._created_at.year, _FIRST_YEAR), _LAST_YEAR)
        month, day, hour, minute, second = self._created_at.timetuple()[1:6]
        info = ZipInfo(path, (year, month, day, hour, minute, second))
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.create_system = _UNIX
        info.external_attr = 0o644 << 16
        return self._zip.open(info, "w", force_zip64=size > ZIP64_LIMIT)


def _resource_name(path: str, taken: set[str]) -> str:
    """Name of a member in datapackage.json, which allows small letters, digits and a few marks.

    >>> _resource_name("archive/Ä b.WARC.gz", {"-b.warc.gz"})
    '2--b.warc.gz'
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", path.rpartition("/")[2].lower()) or "-"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{number}-{plain}"
    return name
