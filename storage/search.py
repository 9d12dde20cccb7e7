"""The search of the published index for programs: the macro `search`, with its answer as values."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from storage.errors import IndexFaultError, QueryError
from storage.index.load import naive_utc
from storage.query import DEFAULT_TIMEOUT_S, run_sql

_HINT = "presswarc replay builds the index again, with search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is searched for. `words` may narrow it too (`"a phrase" -word title:word host:a.org`).

    Of several hosts or sources any will do. `since` is the first moment, `until` the first one too late.
    """

    words: str
    limit: int = 10
    since: datetime | None = None
    until: datetime | None = None
    hosts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    author: str | None = None
    language: str | None = None
    kind: str | None = None
    duplicates: bool = False
    opening: str = "«"
    closing: str = "»"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that was found. In `snippet` what was searched for stands between the question's marks."""

    article_id: str
    score: float
    title: str | None
    url: str
    host: str
    source: str
    published_at: datetime | None
    language: str | None
    is_duplicate: bool
    cluster_id: str
    snippet: str


def search(
    connection: duckdb.DuckDBPyConnection, question: Question, timeout_s: float = DEFAULT_TIMEOUT_S
) -> list[Hit]:
    """The articles that a question finds, best first.

    Raises: QueryError where the question names a day that is none; IndexFaultError where the index has no
    search.
    """
    names = ", ".join(field.name for field in fields(Hit))
    sql = (
        f"SELECT {names} FROM search($words, n := $n, since := $since, before := $before, author := $author, "  # noqa: S608 (names of our own)
        "language := $language, kind := $kind, duplicates := $duplicates, opening := $opening, "
        "closing := $closing)"
    )
    params: dict[str, Any] = {
        "words": _words(question),
        "n": question.limit,
        "since": _moment(question.since),
        "before": _moment(question.until),
        "author": _writable(question.author),
        "language": _writable(question.language),
        "kind": _writable(question.kind),
        "duplicates": question.duplicates,
        "opening": question.opening,
        "closing": question.closing,
    }
    try:
        rows = run_sql(connection, sql, params, timeout_s).rows
    except QueryError as error:
        if isinstance(error.__cause__, duckdb.CatalogException):
            raise IndexFaultError("the index has no search", hint=_HINT) from error
        if "takes a day" in str(error):
            raise QueryError(_day_error(error), hint="write 2026, 2026-03 or 2026-03-01") from error
        raise
    named: list[dict[str, Any]] = [
        dict(zip((field.name for field in fields(Hit)), row, strict=True)) for row in rows
    ]
    return [Hit(**one) for one in named]


def _words(question: Question) -> str | None:
    """The words, and before them what may be said several times."""
    narrowing = [
        f'{field}:"{value.replace(chr(34), " ")}"'
        for field, values in (("host", question.hosts), ("source", question.sources))
        for value in values
    ]
    return _writable(" ".join([*narrowing, question.words]))


def _writable(text: str | None) -> str | None:
    """The text, with a mark in the place of what was no UTF-8 on the command line: no article has it."""
    return text and text.encode("utf-8", "replace").decode()


def _moment(moment: datetime | None) -> str | None:
    """The time as the macro takes it."""
    return None if moment is None else naive_utc(moment).isoformat(sep=" ")


def _day_error(error: QueryError) -> str:
    """What the macro said of a day, without what DuckDB put before it."""
    return error.message.partition("Error: ")[2].split("\n", 1)[0] or error.message
