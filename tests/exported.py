"""What an export holds, so that two of one archive can be compared."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import duckdb

Holding = frozenset[tuple[str, str]]
_OF_ITS_TIME = ("datapackage",)  # members of a WACZ that tell when it was made


def holding(path: Path) -> Holding:
    """What lies at `path`: its parts, and a digest or count of each. Raises where it is not whole."""
    if path.is_dir():
        return _folder(path)
    if path.suffix == ".wacz":
        return _package(path)
    if path.suffix == ".sqlite":
        return _database(path)
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        raise ValueError(f"{path.name} ends within a line")
    return frozenset({("lines", hashlib.sha256(data).hexdigest())})


def _folder(path: Path) -> Holding:
    files = [one for one in path.rglob("*") if one.is_file()]
    with duckdb.connect() as connection:
        rows = {
            one: str(connection.read_parquet(str(one)).fetchall())
            if one.suffix == ".parquet"
            else one.read_text()
            for one in files
        }
    return frozenset((str(one.relative_to(path)), _digest(held)) for one, held in rows.items())


def _package(path: Path) -> Holding:
    with ZipFile(path) as package:
        if torn := package.testzip():
            raise ValueError(f"{torn} in {path.name} is damaged")
        return frozenset(
            (one.filename, str(one.CRC))
            for one in package.infolist()
            if not one.filename.startswith(_OF_ITS_TIME)
        )


def _database(path: Path) -> Holding:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        if (found := database.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
            raise ValueError(f"{path.name}: {found}")
        return frozenset({("dump", _digest("\n".join(database.iterdump())))})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
