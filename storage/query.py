"""Questions to the published index: read-only, no files, no network, bounded in time and memory."""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb

from storage.answer import MEMORY_LIMIT, REBUILD, ask
from storage.article import Candidate, Photo
from storage.errors import IndexFaultError
from storage.found import FoundArticle, FoundBlock, FoundLink, FoundMember, FoundPassage, FoundVersion
from storage.index.database import check_not_newer, check_version, first_line, no_index, version_of
from storage.index.schema import literal
from storage.index.url_links import links_of
from storage.layout import Layout
from storage.urls import article_id, canonical_url

DEFAULT_TIMEOUT_S = 60.0

# Without a temporary folder nothing is ever written: a query too large for the memory fails and says so.
_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
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


def open_published(archive: Path, *, scratch: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Connection to the published index as it is now; what is published later it does not see.

    An older program's may lack tables and columns. With `scratch`, an absolute folder, SQL may write there,
    and what does not fit into memory goes there. Raises: IndexFaultError, also for a newer program's.
    """
    path = Layout(archive).index
    if not path.is_file():
        raise no_index(archive)
    try:
        connection = duckdb.connect(str(path), read_only=True, config=_limits(scratch))
    except duckdb.Error as error:
        raise IndexFaultError(
            f"the index cannot be read: {first_line(error)}", hint=REBUILD, where=str(path)
        ) from error
    try:
        # A file that this process has open already is shared by DuckDB, with its settings.
        shared = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
        if shared is None or not shared[0]:
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            _shut(connection, scratch)
            connection.execute("SET lock_configuration = true")  # from here on SQL cannot undo the limits
        # Not before: any name in the file may be a view, of files that whoever made it wants to have read.
        (version,) = connection.execute("SELECT max(version) FROM schema_version").fetchall()[0]
        version = int(version or 0)
    except (duckdb.Error, ValueError) as error:
        connection.close()
        hint = "presswarc replay builds it from the WARC files; --archive names another archive"
        told = "the file is not an index of Presswarc's"
        raise IndexFaultError(told, hint=hint, where=str(path)) from error
    try:
        check_not_newer(version, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_current(archive: Path) -> duckdb.DuckDBPyConnection:
    """Connection to a published index with the tables of this program's version. Raises: IndexFaultError."""
    connection = open_published(archive)
    try:
        path = Layout(archive).index
        check_version(version_of(connection, path), path)
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
    answer = ask(connection, sql, params, timeout_s)
    return QueryResult(columns=answer.columns, types=answer.types, rows=tuple(answer.rows))


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
               word_count, authors, dateline, published_at, origin_url, words_added, words_removed,
               correction, correction_kind
        FROM versions WHERE article_id = ? ORDER BY version""",
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
    "links": (
        FoundLink,
        """SELECT url, kind, target_url, relation, verdict, compared FROM url_links
        WHERE url_id = $1 OR url_id IN (SELECT url_id FROM aliases WHERE article_id = $1)
        ORDER BY url, kind""",
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
    known = (
        "SELECT article_id FROM articles "
        "WHERE article_id = coalesce((SELECT article_id FROM aliases WHERE url_id = $1), $1)"
    )
    steps = (
        (known, article_id(url)),
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
    others = [article_id(str(target)) for (target,) in run_sql(connection, moved, [url]).rows]
    others += _without_doubtful(connection, url)
    for other in others:
        for (found,) in run_sql(connection, known, [other]).rows:
            return str(found)
    return None


def _without_doubtful(connection: duckdb.DuckDBPyConnection, url: str) -> list[str]:
    """Identifier of the URL without its doubtful parameters, where none of them selects anything there."""
    selecting = "SELECT 1 FROM url_parameters WHERE site = ? AND selects AND list_contains(?, parameter)"
    return [
        link.target_id
        for link in links_of(article_id(url), canonical_url(url), None)
        if not run_sql(connection, selecting, [link.site, [name for name, _ in link.dropped]]).rows
    ]


def _limits(scratch: Path | None) -> dict[str, str | bool | int | float | list[str]]:
    """What the database is opened with."""
    if scratch is None:
        return _LIMITS
    return {**_LIMITS, "enable_external_access": "true", "temp_directory": str(scratch / "spilled")}


def _shut(connection: duckdb.DuckDBPyConnection, scratch: Path | None) -> None:
    """Close all files and folders to SQL, but for those in `scratch`.

    DuckDB itself allows the file that it has open, and its log: COPY TO would overwrite the index.
    """
    if scratch is None:
        connection.execute("SET GLOBAL disabled_filesystems = 'LocalFileSystem'")
        return
    connection.execute(f"SET GLOBAL allowed_directories = [{literal(f'{scratch}/')}]")
    connection.execute("SET GLOBAL enable_external_access = false")
