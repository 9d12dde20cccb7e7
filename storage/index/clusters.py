"""The cluster tables: which pairs to look at, what was found, which articles hang together.

`pipelines.cluster` decides; here is what it reads and writes. A pair's row depends on the two articles
alone, and a cluster on the pairs alone, so that neither order nor batches of what was added show in the
result.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from storage.index.candidates import find_candidates
from storage.index.cluster_facts import facts
from storage.index.database import UNPUBLISHED, transaction
from storage.index.load import stage
from storage.index.schema import Table, columns
from storage.index.search_queue import QUEUE_MARKED
from storage.index.tables import CLUSTERS, PAIRS

PAIRS_AT_ONCE = 500  # compared
_UNPACKED = 40  # times as many have their texts taken out of the articles at once

_IDS = Table(name="ids", comment="", columns=columns("article_id | VARCHAR | Article"))

_WANTED = """
CREATE OR REPLACE TEMP TABLE wanted_texts AS
SELECT format('{:016x}', article) AS article_id, common
FROM work.sketched WHERE article IN (
    SELECT unnest([a, b]) FROM candidates WHERE place > $after AND place <= $until)
"""
_COMPARED = facts("compared", "wanted_texts", texts=True)
_PORTION = """
SELECT c.*, w.common FROM compared c JOIN wanted_texts w USING (article_id) WHERE article_id IN (
    SELECT format('{:016x}', unnest([a, b])) FROM candidates WHERE place > $after AND place <= $until)
"""
_PLACES = """
SELECT format('{:016x}', a), format('{:016x}', b) FROM candidates
WHERE place > $after AND place <= $until ORDER BY place
"""

_REACHED = """
CREATE OR REPLACE TEMP TABLE reached AS SELECT DISTINCT article_id FROM work.unclustered
"""
_EDGE = "CREATE OR REPLACE TEMP TABLE edge AS FROM reached"
# What hung together before, and what hangs together now.
_GROWN = """
CREATE OR REPLACE TEMP TABLE edge AS
SELECT article_id FROM (
    SELECT m.article_id FROM clusters m SEMI JOIN (
        SELECT cluster_id FROM clusters SEMI JOIN edge USING (article_id)) USING (cluster_id)
    UNION
    SELECT right_id FROM pairs SEMI JOIN edge ON left_id = article_id WHERE merges
    UNION
    SELECT left_id FROM pairs SEMI JOIN edge ON right_id = article_id WHERE merges)
ANTI JOIN reached USING (article_id)
"""
_REACHED_PAIRS = """
SELECT p.* FROM pairs p SEMI JOIN reached ON left_id = article_id WHERE merges ORDER BY left_id, right_id
"""
_PAIRED = """
CREATE OR REPLACE TEMP TABLE paired AS
SELECT left_id AS article_id FROM pairs SEMI JOIN reached ON left_id = article_id WHERE merges
UNION
SELECT right_id FROM pairs SEMI JOIN reached ON right_id = article_id WHERE merges
"""
_PLACED = facts("placed", "paired", texts=False)

_STORE = (
    """
    CREATE OR REPLACE TEMP TABLE reached_articles AS
    SELECT rowid AS place, article_id, cluster_id, is_duplicate FROM articles
    WHERE rowid IN (SELECT a.rowid FROM articles a SEMI JOIN reached USING (article_id))""",
    """
    INSERT INTO new_members
    SELECT article_id, article_id, 'exact', 1.0, true, '{}'
    FROM (SELECT article_id FROM reached_articles) ANTI JOIN paired USING (article_id)""",
    "DELETE FROM clusters WHERE article_id IN (FROM reached)",
    "INSERT INTO clusters FROM new_members",
    """
    CREATE OR REPLACE TEMP TABLE marked AS
    SELECT place, a.article_id, n.cluster_id, NOT n.is_origin AS is_duplicate,
           a.is_duplicate = n.is_origin AS is_turned
    FROM reached_articles a JOIN new_members n USING (article_id)
    WHERE a.cluster_id IS DISTINCT FROM n.cluster_id OR a.is_duplicate = n.is_origin""",
    QUEUE_MARKED,
    """
    UPDATE articles SET cluster_id = n.cluster_id, is_duplicate = n.is_duplicate
    FROM marked n WHERE articles.rowid = n.place""",
    "DELETE FROM work.unclustered",
    UNPUBLISHED,
    *(f"DROP TABLE temp.{name}" for name in ("reached_articles", "new_members", "marked")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterArticle:
    """What clustering looks at in an article.

    `credits` are its removed bylines and source lines, `head` and `tail` the ends of its text. `other_ids`
    are the ids of the other URLs that it is known by.
    """

    article_id: str
    url: str
    host: str
    site_name: str | None
    title: str | None
    word_count: int
    text_digest: str
    authors: tuple[str, ...]
    credits: tuple[str, ...]
    declared_canonical: str | None
    origin_url: str | None
    published_at: datetime | None
    first_captured_at: datetime
    dateline: str | None
    head: str
    tail: str
    other_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterText:
    """An article's text, and those of its sketch's hashes (upper halves) that are common on its host."""

    article: ClusterArticle
    text: str
    common: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles that share text, smaller article_id left, with the share of each found in the other."""

    left_id: str
    right_id: str
    kind: str
    left_in_right: float
    right_in_left: float
    merges: bool
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article's place in its cluster."""

    cluster_id: str
    article_id: str
    relation: str
    score: float
    is_origin: bool
    evidence: str


class ClusterTables:
    """What clustering reads and writes in the index."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Work in the writer's database, which lies at `path`."""
        self._connection = connection
        self._path = path

    def stale(self) -> bool:
        """Whether articles changed, came or went since clusters were last stored."""
        return bool(self._connection.execute("FROM work.unclustered LIMIT 1").fetchall())

    def candidates(self) -> Iterator[list[tuple[ClusterText, ClusterText]]]:
        """Pairs with an unclustered article that may share text, smaller article_id left, some at a time.

        Those that have the text of an unclustered article, or had it, are unclustered from here on.
        """
        for after in range(0, find_candidates(self._connection), PAIRS_AT_ONCE):
            span = {"after": after, "until": after + PAIRS_AT_ONCE}
            if after % (_UNPACKED * PAIRS_AT_ONCE) == 0:
                self._connection.execute(_WANTED, {**span, "until": after + _UNPACKED * PAIRS_AT_ONCE})
                self._run(_COMPARED)
            rows = self._connection.execute(_PORTION, span).fetchall()
            texts = {
                row[0]: ClusterText(article=_article(row[:17]), text=row[17], common=frozenset(row[18]))
                for row in rows
            }
            places = self._connection.execute(_PLACES, span).fetchall()
            yield [(texts[left], texts[right]) for left, right in places]

    def store_pairs(self, pairs: Iterable[Pair]) -> None:
        """Put these in the place of every pair that has an unclustered article."""
        rows = (
            (p.left_id, p.right_id, p.kind, p.left_in_right, p.right_in_left, p.merges, p.evidence)
            for p in pairs
        )
        with transaction(self._connection, self._path):
            there = stage(self._connection, PAIRS, rows)
            for side in ("left_id", "right_id"):
                self._connection.execute(
                    f"DELETE FROM pairs WHERE {side} IN (SELECT article_id FROM work.unclustered)"
                )
            if there:
                self._connection.execute("INSERT INTO pairs SELECT * FROM staged")

    def reach(self) -> tuple[int, list[Pair]]:
        """How many articles may have another cluster now, and the merging pairs among them."""
        self._connection.execute(_REACHED)
        self._connection.execute(_EDGE)
        while self._connection.execute("FROM edge LIMIT 1").fetchall():
            self._connection.execute(_GROWN)
            self._connection.execute("INSERT INTO reached FROM edge")
        self._connection.execute(_PAIRED)
        self._run(_PLACED)
        (count,) = self._connection.execute("SELECT count(*) FROM reached").fetchall()[0]
        rows = self._connection.execute(_REACHED_PAIRS).fetchall()
        return int(count), [Pair(**dict(zip(PAIRS.names, row, strict=True))) for row in rows]

    def articles(self, article_ids: Iterable[str]) -> list[ClusterArticle]:
        """These articles, which have merging pairs, by article_id."""
        if not stage(self._connection, _IDS, ((one,) for one in article_ids)):
            return []
        rows = self._connection.execute(
            "FROM placed SEMI JOIN staged USING (article_id) ORDER BY article_id"
        ).fetchall()
        return [_article(row) for row in rows]

    def store_members(self, members: Iterable[Member]) -> None:
        """Put these in the place of the rows of the articles reached; those not told of are alone."""
        rows = ((m.cluster_id, m.article_id, m.relation, m.score, m.is_origin, m.evidence) for m in members)
        with transaction(self._connection, self._path):
            source = "staged" if stage(self._connection, CLUSTERS, rows) else "clusters LIMIT 0"
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE new_members AS FROM {source}")
            self._run(_STORE)

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)


def _article(row: Sequence[Any]) -> ClusterArticle:
    """What clustering looks at, from the columns that `facts` gives."""
    return ClusterArticle(
        article_id=row[0], url=row[1], host=row[2], site_name=row[3], title=row[4], word_count=row[5],
        text_digest=row[6], authors=tuple(row[7] or ()), credits=tuple(row[8]), declared_canonical=row[9],
        origin_url=row[10], published_at=row[11], first_captured_at=row[12], dateline=row[13],
        head=row[14], tail=row[15], other_ids=tuple(row[16]),
    )  # fmt: skip
