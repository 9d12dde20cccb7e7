"""Puts what the sample answers under each question of docs/sql.md: `python docs/make_sql.py ARCHIVE`.

The archive is that of `presswarc demo`, run twice. A test runs every query, and compares the answers that do
not hang on times and places of a crawl (those marked `sample: varies`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

DOCUMENT = Path(__file__).with_name("sql.md")
ROWS, CELL = 4, 60
EMPTY = "The sample has nothing of the kind.\n"
_RECIPE = re.compile(
    r"^### (?P<question>[^\n]+)\n(?:<!-- sample: (?P<sample>\w+) -->\n)?"
    r"```sql\n(?P<sql>.+?)\n```\n(?P<told>.*?)(?=^##|\Z)",
    re.MULTILINE | re.DOTALL,
)
_MACHINE = re.compile(r"(?<=-\d{5}-)[^./]+(?=\.warc\.gz$)")  # in a file's name, whoever runs this
_ANSWER = re.compile(rf"(?:^\|.*\n)+|^{re.escape(EMPTY)}", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A question, its SQL, and the answer that stands under it. `sample` is empty, varies or nothing."""

    question: str
    sql: str
    sample: str
    answer: str


def recipes(text: str) -> Iterator[Recipe]:
    """Each recipe of the document, in order."""
    for found in _RECIPE.finditer(text):
        answer = _ANSWER.search(found["told"])
        yield Recipe(
            question=found["question"],
            sql=found["sql"],
            sample=found["sample"] or "",
            answer=answer[0] if answer else "",
        )


def filled(text: str, connection: duckdb.DuckDBPyConnection) -> str:
    """The document with the answers that this index gives."""

    def put(found: re.Match[str]) -> str:
        head = found[0][: found.start("told") - found.start()]
        told = _ANSWER.sub("", found["told"])
        first, gap, rest = told.partition("\n\n")
        return f"{head}{first.rstrip()}\n\n{answer(connection, found['sql'])}{gap[1:]}{rest.lstrip(chr(10))}"

    return _RECIPE.sub(put, text)


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The first rows that a query gives, as a Markdown table."""
    result = connection.execute(sql)
    rows = result.fetchmany(ROWS)
    if not rows:
        return EMPTY
    names = [column[0] for column in result.description or ()]
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: object) -> str:
    """A value as a cell: short, on one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ", timespec="minutes")
    elif isinstance(value, Mapping):
        value = ", ".join(f"{key}: {one}" for key, one in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        value = ", ".join(map(str, value))
    told = _MACHINE.sub("host", " ".join(str(value).split()).replace("|", r"\|"))
    if len(told) <= CELL:
        return told
    # The two ends of an address tell more than its beginning alone.
    return told[:28] + "…" + told[29 - CELL :] if told.startswith("http") else told[: CELL - 1].rstrip() + "…"


def main(archive: str) -> None:
    """Write the document anew."""
    with duckdb.connect(str(Path(archive) / "index.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), connection), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
