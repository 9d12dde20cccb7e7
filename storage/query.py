"""Questions to the published index: read-only, no files, no network, bounded in time and memory."""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb

from storage.article import Candidate, Photo
from storage.errors import IndexFaultError, QueryError
from storage.found import FoundArticle, FoundBlock, FoundMember, FoundPassage, FoundVersion
from storage.index.database import check_version, no_index
from storage.layout import Layout
from storage.urls import article_id

DEFAULT_TIMEOUT_S = 60.0
MEMORY_LIMIT = "2GB"
_REBUILD = "presswarc replay builds it again from the WARC files"
_TOO_LARGE = f"a query may use {MEMORY_LIMIT}: ask for fewer rows or columns"

# Without a temporary folder nothing is ever written: a query too large for the memory fails and says so.
_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": MEMORY_LIMIT,
    "temp_directory": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """Names and DuckDB types of the columns, and the rows as Python values."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def open_published(archive: Path) -> duckdb.DuckDBPyConnection:
    """Connection to the published index as it is now; what is published later it does not see.

    Raises: IndexFaultError.
    """
    path = Layout(archive).index
    if not path.is_file():
        raise no_index(archive)
    try:
        connection = duckdb.connect(str(path), read_only=True, config=_LIMITS)
    except duckdb.Error as error:
        raise IndexFaultError(
            f"the index cannot be read: {_message(error)}", hint=_REBUILD, where=str(path)
        ) from error
    try:
        connection.execute("SELECT version FROM schema_version").fetchall()
        # A file that this process has open already is shared by DuckDB, with its settings.
        shared = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
        if shared is None or not shared[0]:
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            connection.execute("SET lock_configuration = true")  # from here on SQL cannot undo the limits
    except duckdb.Error as error:
        connection.close()
        hint = "presswarc replay builds it from the WARC files; --archive names another archive"
        told = "the file is not an index of Presswarc's"
        raise IndexFaultError(told, hint=hint, where=str(path)) from error
    return connection


def open_current(archive: Path) -> duckdb.DuckDBPyConnection:
    """Connection to a published index with the tables of this program's version. Raises: IndexFaultError."""
    connection = open_published(archive)
    try:
        check_version(connection, Layout(archive).index, _REBUILD)
    except BaseException:
        connection.close()
        raise
    return connection


def run_sql(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    params: Sequence[object] | Mapping[str, object] | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
) -> QueryResult:
    """Result of the SQL, of several statements that of the last.

    Raises: QueryError with what DuckDB said; IndexFaultError where the file itself is damaged.
    """
    timer = threading.Timer(timeout_s, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        answer = connection.execute(sql, params)
        if answer is None:
            raise QueryError("there is no statement to run", hint="presswarc query --help has examples")
        described = answer.description or []
        rows = tuple(answer.fetchall()) if described else ()
    except duckdb.InterruptException as error:
        hint = "narrow it by host, source or published_at, or give it more time"
        raise QueryError(f"the query was stopped after {timeout_s:g} s", hint=hint) from error
    except MemoryError as error:
        raise QueryError("there is not enough memory for the answer", hint=_TOO_LARGE) from error
    except (duckdb.Error, RuntimeError, ValueError) as error:
        if "Corrupt database file" in str(error):
            raise IndexFaultError(f"the index is damaged: {_message(error)}", hint=_REBUILD) from error
        raise QueryError(str(error).strip(), hint=_hint(error)) from error
    finally:
        timer.cancel()
    return QueryResult(
        columns=tuple(str(column[0]) for column in described),
        types=tuple(str(column[1]) for column in described),
        rows=rows,
    )


def find_article(connection: duckdb.DuckDBPyConnection, url: str) -> FoundArticle | None:
    """The article at a URL, in whatever form it is given, or where it redirects; None when unknown.

    Raises: QueryError.
    """
    found = _article_id_of(connection, url)
    if found is None:
        return None
    names = [name for name in FoundArticle.__dataclass_fields__ if name not in _PARTS]
    (row,) = run_sql(
        connection, f"SELECT {', '.join(names)} FROM articles WHERE article_id = ?", [found]
    ).rows
    values = _untyped(names, row)
    parts: dict[str, Any] = {
        name: tuple(_parts(connection, query, kind, found)) for name, (kind, query) in _PARTS.items()
    }
    return FoundArticle(**values, **parts)


_PHOTO_FIELDS = tuple(field.name for field in fields(Photo))
_PARTS: Mapping[str, tuple[type, str]] = {
    "versions": (
        FoundVersion,
        """SELECT version, url, first_captured_at, last_captured_at, captures, changed, title, text,
               word_count FROM versions WHERE article_id = ? ORDER BY version""",
    ),
    "photos": (
        Photo,
        f"SELECT {', '.join(_PHOTO_FIELDS)} FROM photos WHERE article_id = ? ORDER BY position",
    ),
    "blocks": (
        FoundBlock,
        "SELECT position, kind, text, rule FROM blocks WHERE article_id = ? ORDER BY position",
    ),
    "fields": (
        Candidate,
        "SELECT field, value, source, won FROM fields WHERE article_id = ? ORDER BY position",
    ),
    "passages": (
        FoundPassage,
        "SELECT position, label, text FROM passages WHERE article_id = ? ORDER BY position",
    ),
    "members": (
        FoundMember,
        """SELECT m.article_id, a.url, a.title, a.published_at, m.relation, m.score, m.is_origin, m.evidence
        FROM clusters c JOIN clusters m USING (cluster_id) JOIN articles a ON a.article_id = m.article_id
        WHERE c.article_id = ? ORDER BY m.is_origin DESC, m.score DESC, m.article_id""",
    ),
}


def _parts(connection: duckdb.DuckDBPyConnection, query: str, kind: type, found: str) -> list[object]:
    """Rows of a query as values of a kind."""
    result = run_sql(connection, query, [found])
    return [kind(**_untyped(result.columns, row)) for row in result.rows]


def _untyped(names: Sequence[str], row: Sequence[object]) -> dict[str, Any]:
    """Row by column name, lists as tuples; the columns have the types of the fields of the same name."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in zip(names, row, strict=True)
    }


def _article_id_of(connection: duckdb.DuckDBPyConnection, url: str) -> str | None:
    """Identifier of the article at a URL: by its key, else by what a capture showed or redirected to."""
    steps = (
        ("SELECT article_id FROM articles WHERE article_id = ?", article_id(url)),
        (
            """SELECT article_id FROM captures WHERE url = ? AND article_id IS NOT NULL
            ORDER BY captured_at DESC LIMIT 1""",
            url,
        ),
    )
    for query, value in steps:
        rows = run_sql(connection, query, [value]).rows
        if rows:
            return str(rows[0][0])
    moved = (
        "SELECT redirect_to FROM captures WHERE url = ? AND redirect_to IS NOT NULL "
        "ORDER BY captured_at DESC LIMIT 1"
    )
    for (target,) in run_sql(connection, moved, [url]).rows:
        known = run_sql(connection, steps[0][0], [article_id(str(target))]).rows
        return str(known[0][0]) if known else None
    return None


def _hint(error: Exception) -> str:
    """What to try after DuckDB refused something."""
    text = str(error)
    if isinstance(error, duckdb.CatalogException):
        return "SHOW TABLES lists the tables; DESCRIBE articles lists the columns"
    if isinstance(error, duckdb.OutOfMemoryException):
        return _TOO_LARGE
    if isinstance(error, duckdb.PermissionException) or "read-only" in text or "disabled" in text:
        return "the published index is read-only; presswarc query -o FILE writes the rows of an answer"
    return ""


def _message(error: Exception) -> str:
    """First line of what DuckDB said."""
    return str(error).strip().split("\n", 1)[0]
