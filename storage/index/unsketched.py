"""Digests, word counts and sketches that an older program made by another rule, made anew from the texts.

A migration knows no texts: it notes the contents, and this is done before what was learned or derived is
brought up to date. A process killed in between goes on where it was.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import duckdb

from storage.index.database import transaction
from storage.index.load import stage
from storage.index.schema import Table, columns, rows_with

_AT_ONCE = 5000

_SKETCHES = Table(
    name="sketches",
    comment="",
    columns=columns(
        "content_digest | VARCHAR | Content",
        "text_digest | VARCHAR | Digest of its text",
        "word_count | INTEGER | Words of it",
        "sketch | UBIGINT[] | Its sketch",
    ),
)
_PORTION = f"CREATE OR REPLACE TEMP TABLE unsketched AS FROM work.unsketched LIMIT {_AT_ONCE}"
_TEXTS = f'SELECT content_digest, "text" FROM {rows_with("work.contents", "content_digest", "unsketched")}'
_STORE = """
UPDATE work.contents SET text_digest = s.text_digest, word_count = s.word_count, sketch = s.sketch
FROM staged s WHERE s.content_digest = contents.content_digest
"""
_DONE = "DELETE FROM work.unsketched WHERE content_digest IN (FROM unsketched)"


class Measured(Protocol):
    """What is counted and hashed of a text: `pipelines.sketch.Measured`."""

    @property
    def text_digest(self) -> str: ...  # noqa: D102 told there
    @property
    def word_count(self) -> int: ...  # noqa: D102
    @property
    def sketch(self) -> tuple[int, ...]: ...  # noqa: D102


def renew_sketches(
    connection: duckdb.DuckDBPyConnection, path: Path, measure: Callable[[str], Measured]
) -> int:
    """Number of contents noted that are measured by today's rule now; the database lies at `path`."""
    renewed = 0
    while connection.execute("FROM work.unsketched LIMIT 1").fetchone():
        with transaction(connection, path):
            connection.execute(_PORTION)
            texts = connection.execute(_TEXTS).fetchall()
            told = ((digest, measure(text)) for digest, text in texts)
            rows = ((digest, one.text_digest, one.word_count, one.sketch) for digest, one in told)
            if stage(connection, _SKETCHES, rows):
                connection.execute(_STORE)
            connection.execute(_DONE)
        renewed += len(texts)
    return renewed
