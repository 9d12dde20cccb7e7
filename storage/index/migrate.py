"""Indexes that an older Presswarc made, brought to the tables of this one.

What was read from the WARC files (the base tables) is kept, and changed step by step where its columns or the
rules for its values did; all else is derived from it, so it is dropped, and every URL marked to be derived
anew. The next refresh then makes what a replay would make of the same rows. What of it takes a look at the
texts is left to the steps that derive: they find it missing.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from storage.index.base_tables import CAPTURES, CRAWLS, DISCOVERIES, EXTRACTIONS, FAILURES
from storage.index.load import stage
from storage.index.macros import MACROS
from storage.index.schema import SCHEMA_VERSION, Macro, Table, View, columns
from storage.index.tables import CONTENTS, EXTRAS, TABLES
from storage.index.views import VIEWS
from storage.urls import article_id, canonical_url, host_of

BASE_TABLES = (CRAWLS, CAPTURES, FAILURES, DISCOVERIES, EXTRACTIONS, CONTENTS, EXTRAS)
PARTS: tuple[Table | View | Macro, ...] = (*TABLES, *VIEWS, *MACROS)

_SETTLED = (
    f"INSERT INTO schema_version VALUES ({SCHEMA_VERSION})",
    "INSERT INTO work.state VALUES (true)",
)
# As if every row had just been added.
_MARK_ALL = (
    "INSERT INTO work.touched SELECT url FROM captures UNION SELECT url FROM extractions",
    "INSERT INTO work.unextracted SELECT record_id FROM captures",
    "INSERT INTO work.unidentified SELECT DISTINCT article_id FROM extractions",
    """
    INSERT INTO work.unlearned
    SELECT DISTINCT host, article_id, content_digest FROM extractions WHERE outcome = 'article'""",
)

_ADDRESSES = Table(
    name="addresses",
    comment="",
    columns=columns(
        "url | VARCHAR | URL",
        "canonical_url | VARCHAR | Its canonical URL",
        "article_id | VARCHAR | Identifier of the article there",
        "host | VARCHAR | Host",
    ),
)
_READDRESS = """
UPDATE extractions SET canonical_url = s.canonical_url, article_id = s.article_id, host = s.host
FROM staged s
WHERE s.url = extractions.url
  AND (s.canonical_url, s.article_id, s.host)
      <> (extractions.canonical_url, extractions.article_id, extractions.host)
"""
_CONTENTS_ONCE = f"""
DELETE FROM work.contents WHERE rowid IN (
    SELECT rowid FROM work.contents
    WHERE content_digest IN (
        SELECT content_digest FROM work.contents GROUP BY content_digest HAVING count(*) > 1)
    QUALIFY row_number() OVER (PARTITION BY content_digest ORDER BY {", ".join(CONTENTS.rank)}, rowid) > 1)
"""
_URLS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What brings the base tables of version `since` to those of the next one, in order.

    `marks` are SQL for the end, when all tables are there: what else is to be made anew.
    """

    since: int
    work: tuple[Callable[[duckdb.DuckDBPyConnection], object], ...]
    marks: tuple[str, ...] = ()


def migrate(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Bring the tables from `version` to today's. Inside a transaction: all of it, or nothing."""
    _drop_derived(connection)
    steps = [step for step in STEPS if step.since >= version]
    for step in steps:
        for one in step.work:
            one(connection)
    marks = [mark for step in steps for mark in step.marks]
    for statement in (*_create_derived(), *_MARK_ALL, *marks):
        connection.execute(statement)


def create_statements() -> list[str]:
    """SQL that makes an empty index of this version."""
    return ["CREATE SCHEMA work", *(one for part in PARTS for one in part.statements()), *_SETTLED]


def _create_derived() -> list[str]:
    """SQL that makes all but the base tables, empty, and says anew what those hold."""
    statements: list[str] = []
    for part in PARTS:
        statements += part.comments() if part in BASE_TABLES else part.statements()
    return [*statements, *_SETTLED]


def _drop_derived(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every macro, view and table but the base tables."""
    kept = {table.name.removeprefix("work.") for table in BASE_TABLES}
    for kind, found in (
        ("MACRO", "duckdb_functions() WHERE function_type = 'macro'"),
        ("MACRO TABLE", "duckdb_functions() WHERE function_type = 'table_macro'"),
        ("VIEW", "duckdb_views() WHERE true"),
        ("TABLE", "duckdb_tables() WHERE NOT temporary"),
    ):
        column = "function_name" if kind.startswith("MACRO") else f"{kind.lower()}_name"
        names = connection.execute(
            f"SELECT DISTINCT schema_name, {column} FROM {found} AND NOT internal "
            "AND database_name = current_database() ORDER BY ALL"
        ).fetchall()
        for schema, name in names:
            if name not in kept:
                connection.execute(f'DROP {kind} "{schema}"."{name}"')


def _contents_by_digest(connection: duckdb.DuckDBPyConnection) -> None:
    """Contents are known by their digest alone, whichever articles have them."""
    connection.execute("ALTER TABLE work.contents DROP COLUMN article_id")
    connection.execute(_CONTENTS_ONCE)


def _readdress(connection: duckdb.DuckDBPyConnection) -> None:
    """Canonical URLs and article ids by the rules of today."""
    urls = connection.cursor().execute("SELECT DISTINCT url FROM extractions ORDER BY url")
    while portion := urls.fetchmany(_URLS_AT_ONCE):
        stage(connection, _ADDRESSES, (_address(url) for (url,) in portion))
        connection.execute(_READDRESS)


def _address(url: str) -> tuple[str, ...]:
    """Row of `_ADDRESSES`."""
    canonical = canonical_url(url)
    return url, canonical, article_id(url), host_of(canonical)


# Sketches have what follows each hash since.
_ALL_TEXTS = "INSERT INTO work.unsketched SELECT content_digest FROM work.contents"

STEPS = (
    Step(since=3, work=(_contents_by_digest, _readdress)),
    Step(since=4, work=(), marks=(_ALL_TEXTS,)),
    Step(since=5, work=()),  # there is a view more
)
OLDEST = min(step.since for step in STEPS)
