"""Indexes that several test files make, and what is in their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.cluster import update_clusters
from storage.index.database import create_statements
from storage.index.schema import STORAGE_VERSION
from storage.index.writer import IndexWriter

CLUSTER_TABLES = (
    "pairs", "clusters", "articles", "work.sketches", "work.sketched", "work.common", "work.hot",
)  # fmt: skip


@contextmanager
def empty_index(archive: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the published index of a new archive, which has every table and no row."""
    archive.mkdir()
    config = {"storage_compatibility_version": STORAGE_VERSION}
    with duckdb.connect(str(archive / "index.duckdb"), config=config) as connection:
        for statement in create_statements():
            connection.execute(statement)
        yield connection


def add(writer: IndexWriter, pages: Sequence[tuple[Any, Any]], **how: bool) -> None:
    """Add pages: the capture of each, and its extraction if it has one."""
    writer.add(captures=[of for of, _ in pages], extractions=[one for _, one in pages if one], **how)


def settle(writer: IndexWriter) -> None:
    """Derive articles and clusters."""
    writer.refresh()
    update_clusters(writer)


def put(writer: IndexWriter, pages: Sequence[tuple[Any, Any]]) -> None:
    """Add pages, and derive articles and clusters."""
    add(writer, pages)
    settle(writer)


def tables(writer: IndexWriter, names: Iterable[str] = CLUSTER_TABLES) -> dict[str, list[str]]:
    """Rows of each table, in an order of their own."""
    return {name: sorted(map(repr, writer.connection.execute(f"FROM {name}").fetchall())) for name in names}


def built(archive: Path, pages: Sequence[tuple[Any, Any]]) -> dict[str, list[str]]:
    """The tables about clusters of an index of those pages."""
    with IndexWriter(archive) as writer:
        put(writer, pages)
        return tables(writer)


def built_in_batches(
    archive: Path,
    batches: Iterable[Sequence[tuple[Any, Any]]],
    derive: Callable[[IndexWriter], None],
    names: Iterable[str],
) -> dict[str, list[str]]:
    """Those tables after the batches, each derived but every third."""
    with IndexWriter(archive) as writer:
        for number, batch in enumerate(batches):
            add(writer, batch)
            if number % 3 != 2:
                derive(writer)
        derive(writer)
        return tables(writer, names)
