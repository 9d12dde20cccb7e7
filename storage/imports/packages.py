"""WACZ files that others made: their WARC files, what they say of themselves, and whether both agree.

Source: Web Archive Collection Zipped (WACZ) 1.1.1; Frictionless data package.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self
from zipfile import BadZipFile, ZipFile, ZipInfo

from storage.layout import WARC_ENDINGS
from storage.parts import Copied

PACKAGE, PACKAGE_DIGEST = "datapackage.json", "datapackage-digest.json"
MAX_NOTE_BYTES = 64 << 20
_STEP_BYTES = 1 << 20
_UNSAFE = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|[\x00-\x1f]")
_CANT_UNPACK = (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a package says of itself; "" where it says nothing. `signed_by` is not checked."""

    title: str = ""
    software: str = ""
    created: str = ""
    signed_by: str = ""


@dataclass(slots=True)
class Package:
    """An open WACZ file. `digests` is what it tells of its members, `problems` grows with what is not so."""

    file: ZipFile
    about: About
    problems: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """The package."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.file.close()

    def warcs(self) -> list[ZipInfo]:
        """Members that are WARC files, or WACZ files again, or claim to be."""
        return [one for one in self._members() if _is_capture_file(one.filename)]

    def notes(self) -> list[ZipInfo]:
        """Members that say something which the WARC files do not: all others, but for indexes."""
        return [
            one
            for one in self._members()
            if not _is_capture_file(one.filename) and not one.filename.startswith("indexes/")
        ]

    def read(self, member: ZipInfo) -> bytes | None:
        """Bytes of a small member, checked; None where it is too large or does not unpack."""
        if member.file_size > MAX_NOTE_BYTES:
            self.problems.append(f"{member.filename}: too large to be kept ({member.file_size} bytes)")
            return None
        parts: list[bytes] = []
        copied = self._through(member, parts.append)
        return b"".join(parts) if copied else None

    def extract(self, member: ZipInfo, out: BinaryIO) -> Copied | None:
        """Write a member's bytes to `out`, checked; None where it does not unpack to its end."""
        return self._through(member, out.write)

    def check(self, member: ZipInfo) -> None:
        """Check a member's bytes, keeping none."""
        self._through(member, lambda _: None)

    def _through(self, member: ZipInfo, take: Any) -> Copied | None:  # noqa: ANN401 (any taker of bytes)
        told = self.digests.get(member.filename, "")
        algorithm, _, value = told.partition(":")
        own = hashlib.sha256()
        claimed = hashlib.new(algorithm) if algorithm in hashlib.algorithms_available else None
        size = 0
        try:
            with self.file.open(member) as stream:
                while part := stream.read(_STEP_BYTES):
                    take(part)
                    own.update(part)
                    size += len(part)
                    if claimed:
                        claimed.update(part)
        except _CANT_UNPACK as error:
            self.problems.append(f"{member.filename}: does not unpack ({error})")
            return None
        if claimed and claimed.hexdigest() != value.lower():
            teller = PACKAGE_DIGEST if member.filename == PACKAGE else PACKAGE
            problem = f"{member.filename}: its {algorithm} is not the one in {teller}"
            self.problems += [problem] if problem not in self.problems else []
        return Copied(size=size, sha256=own.hexdigest())

    def _members(self) -> Iterator[ZipInfo]:
        for one in self.file.infolist():
            if not one.is_dir() and not _UNSAFE.search(one.filename):
                yield one


def open_package(path: Path) -> Package:
    """The WACZ file at `path`, with what it says of itself. Raises: zipfile.BadZipFile, OSError."""
    package = Package(file=ZipFile(path), about=About())
    for one in package.file.infolist():
        if _UNSAFE.search(one.filename):
            package.problems.append(f"{one.filename!r}: an unsafe name, passed over")
    described, signed = _document(package, PACKAGE), _document(package, PACKAGE_DIGEST)
    if described is None:
        package.problems.append(f"no {PACKAGE} that can be read: nothing in it can be checked")
    else:
        _take_resources(package, described)
    if signed is not None and described is not None:
        _check_description(package, signed)
    if not package.warcs():
        package.problems.append("no WARC file in it")
    package.about = _about(described or {}, signed or {})
    return package


def _take_resources(package: Package, described: dict[str, Any]) -> None:
    """Note what the package tells of each member, and which of those it tells of are not there."""
    there = {one.filename for one in package.file.infolist()}
    resources = described.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict) and isinstance(resource.get("path"), str):
            package.digests[resource["path"]] = str(resource.get("hash") or "")
    package.problems += [
        f"{name}: told of in {PACKAGE}, not in the file" for name in package.digests if name not in there
    ]
    package.problems += [
        f"{one.filename}: not told of in {PACKAGE}"
        for one in package.warcs()
        if one.filename not in package.digests
    ]


def _check_description(package: Package, signed: dict[str, Any]) -> None:
    """Check the description's own digest."""
    package.digests[PACKAGE] = str(signed.get("hash") or "")
    package.check(package.file.getinfo(PACKAGE))


def _document(package: Package, name: str) -> dict[str, Any] | None:
    """A JSON object among the members, None where there is none that can be read."""
    try:
        member = package.file.getinfo(name)
        raw = package.read(member)
        document = json.loads(raw) if raw is not None else None
    except (KeyError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _about(described: dict[str, Any], signed: dict[str, Any]) -> About:
    """What the two documents say in words."""
    signature = signed.get("signedData")
    signature = signature if isinstance(signature, dict) else {}
    return About(
        title=_text(described.get("title")),
        software=_text(described.get("software")),
        created=_text(described.get("created")),
        signed_by=_text(signature.get("domain") or signature.get("software")),
    )


def _text(value: object) -> str:
    """A short text, "" for anything else."""
    return value[:1000] if isinstance(value, str) else ""


def _is_capture_file(name: str) -> bool:
    """Whether a member is to be read as WARC or WACZ.

    >>> [_is_capture_file(name) for name in ("archive/data.warc.gz", "b.wacz", "pages/pages.jsonl")]
    [True, True, False]
    """
    low = name.lower()
    return low.startswith("archive/") or low.endswith((*WARC_ENDINGS, ".wacz"))
