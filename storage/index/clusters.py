"""The cluster tables: which pairs to look at, what was found, which articles hang together.

`pipelines.cluster` decides; here is what it reads and writes. A pair's row depends on the two articles
alone, and a cluster on the pairs alone, so that neither order nor batches of what was added show in the
result.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from storage.index.load import stage
from storage.index.schema import Table, columns
from storage.index.tables import CLUSTERS, PAIRS

MOST_EQUAL = 20  # articles of one text that are paired each with each

_IDS = Table(name="ids", comment="", columns=columns("article_id | VARCHAR | Article"))

# A sketch estimates containment with an error of about half / sqrt(its size): the floor lies well under the
# share that matters (0.3), and small sketches are let through with a single hash in common. Not so on one
# host: there a single hash may be a chance word before the site's common ending.
_CANDIDATES = f"""
SELECT DISTINCT least(a, b) AS left_id, greatest(a, b) AS right_id FROM (
    SELECT c.a, c.b FROM (
        SELECT s.article_id AS a, o.article_id AS b, count(*) AS shared
        FROM work.sketches s SEMI JOIN work.unclustered USING (article_id)
        JOIN work.sketches o ON o.hash = s.hash AND o.article_id <> s.article_id
        ANTI JOIN work.common k ON k.hash = s.hash
        GROUP BY ALL
        HAVING least(any_value(s.size), any_value(o.size)) <= 10
            OR 5 * count(*) >= least(any_value(s.size), any_value(o.size))) c
    JOIN articles x ON x.article_id = c.a JOIN articles y ON y.article_id = c.b
    WHERE c.shared > 1 OR x.host <> y.host
    UNION ALL
    SELECT x.article_id, y.article_id
    FROM equals x JOIN equals y USING (text_digest)
    WHERE x.texts <= {MOST_EQUAL} AND x.article_id < y.article_id
    UNION ALL
    SELECT x.article_id, y.article_id
    FROM (FROM equals WHERE texts > {MOST_EQUAL} AND place = 1) x
    JOIN (FROM equals WHERE place > 1) y USING (text_digest, titled))
ORDER BY ALL
"""

# What a site answers whatever is asked ("no such page") may be the text of thousands of articles. Each of
# them goes with the first alone, so that who has a text, and who had it first, concerns all who have it.
_SAME_TEXT = """
INSERT INTO work.unclustered
SELECT article_id FROM articles WHERE text_digest IN (
    SELECT text_digest FROM articles SEMI JOIN work.unclustered USING (article_id)
    UNION
    SELECT text_digest FROM articles WHERE article_id IN (
        SELECT right_id FROM pairs JOIN work.unclustered ON left_id = article_id WHERE kind = 'exact'
        UNION ALL
        SELECT left_id FROM pairs JOIN work.unclustered ON right_id = article_id WHERE kind = 'exact'))
  AND article_id NOT IN (FROM work.unclustered)
"""
_EQUALS = """
CREATE OR REPLACE TEMP TABLE equals AS
SELECT article_id, text_digest, if(word_count < 20, lower(trim(coalesce(title, ''))), '') AS titled,
       count(*) OVER (PARTITION BY text_digest) AS texts,
       row_number() OVER (
           PARTITION BY text_digest, titled
           ORDER BY published_at NULLS LAST, first_captured_at, article_id) AS place
FROM articles SEMI JOIN work.unclustered USING (article_id) WHERE word_count > 0
"""

_GROWN = """
SELECT DISTINCT article_id FROM (
    SELECT article_id FROM staged
    UNION ALL
    SELECT m.article_id FROM clusters c SEMI JOIN staged USING (article_id) JOIN clusters m USING (cluster_id)
    UNION ALL
    SELECT right_id FROM pairs JOIN staged ON left_id = article_id WHERE merges
    UNION ALL
    SELECT left_id FROM pairs JOIN staged ON right_id = article_id WHERE merges)
"""

_TEXTS = """
SELECT article_id, url, host, site_name, title, text, word_count, text_digest, authors,
       coalesce(b.credits, []), declared_canonical, origin_url, published_at, first_captured_at
FROM articles SEMI JOIN staged USING (article_id)
LEFT JOIN (SELECT article_id, list("text" ORDER BY position) AS credits
           FROM blocks SEMI JOIN staged USING (article_id)
           WHERE kind IN ('byline', 'source_link') GROUP BY article_id) b USING (article_id)
ORDER BY article_id
"""

_MARK_ARTICLES = """
UPDATE articles SET cluster_id = c.cluster_id, is_duplicate = NOT c.is_origin
FROM clusters c
WHERE c.article_id = articles.article_id AND c.article_id IN (SELECT article_id FROM staged)
  AND (articles.cluster_id IS DISTINCT FROM c.cluster_id OR articles.is_duplicate = c.is_origin)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterText:
    """What clustering looks at in an article. `credits` are its removed bylines and source lines."""

    article_id: str
    url: str
    host: str
    site_name: str | None
    title: str | None
    text: str
    word_count: int
    text_digest: str
    authors: tuple[str, ...]
    credits: tuple[str, ...]
    declared_canonical: str | None
    origin_url: str | None
    published_at: datetime | None
    first_captured_at: datetime


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

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Work in the writer's database."""
        self._connection = connection

    def unclustered(self) -> list[str]:
        """Articles that changed, came or went since clusters were last stored."""
        return self._strings("SELECT article_id FROM work.unclustered ORDER BY article_id")

    def candidates(self) -> list[tuple[str, str]]:
        """Pairs with an unclustered article that may share text, smaller article_id left, in order.

        Those that have the text of an unclustered article, or had it, are unclustered from here on.
        """
        self._connection.execute(_SAME_TEXT)
        self._connection.execute(_EQUALS)
        return [(str(left), str(right)) for left, right in self._connection.execute(_CANDIDATES).fetchall()]

    def texts(self, article_ids: Iterable[str]) -> list[ClusterText]:
        """Those of the articles that exist, by article_id."""
        if not self._stage(article_ids):
            return []
        rows = self._connection.execute(_TEXTS).fetchall()
        return [
            ClusterText(
                article_id=row[0], url=row[1], host=row[2], site_name=row[3], title=row[4], text=row[5],
                word_count=row[6], text_digest=row[7], authors=tuple(row[8] or ()), credits=tuple(row[9]),
                declared_canonical=row[10], origin_url=row[11], published_at=row[12],
                first_captured_at=row[13],
            )
            for row in rows
        ]  # fmt: skip

    def store_pairs(self, pairs: Sequence[Pair]) -> None:
        """Put these in the place of every pair that has an unclustered article."""
        self._connection.execute("BEGIN")
        for side in ("left_id", "right_id"):
            self._connection.execute(
                f"DELETE FROM pairs WHERE {side} IN (SELECT article_id FROM work.unclustered)"
            )
        rows = (
            (p.left_id, p.right_id, p.kind, p.left_in_right, p.right_in_left, p.merges, p.evidence)
            for p in pairs
        )
        if stage(self._connection, PAIRS, rows):
            self._connection.execute("INSERT INTO pairs SELECT * FROM staged")
        self._connection.execute("COMMIT")

    def reachable(self) -> tuple[list[str], list[Pair]]:
        """Articles whose cluster may change, with the merging pairs among them; whole clusters only."""
        found = set(self.unclustered())
        size = 0
        while len(found) > size:
            size = len(found)
            self._stage(found)
            found.update(self._strings(_GROWN))
        if not self._stage(found):
            return [], []
        pairs = self._connection.execute(
            "SELECT p.* FROM pairs p JOIN staged ON left_id = article_id WHERE merges "
            "ORDER BY left_id, right_id"
        ).fetchall()
        existing = self._strings(
            "SELECT article_id FROM articles SEMI JOIN staged USING (article_id) ORDER BY article_id"
        )
        return existing, [Pair(**dict(zip(PAIRS.names, row, strict=True))) for row in pairs]

    def store_members(self, members: Sequence[Member]) -> None:
        """Put these in the place of the rows of their articles and of the unclustered ones."""
        changed = {member.article_id for member in members}.union(self.unclustered())
        self._connection.execute("BEGIN")
        if self._stage(changed):
            self._connection.execute(
                "DELETE FROM clusters WHERE article_id IN (SELECT article_id FROM staged)"
            )
        rows = ((m.cluster_id, m.article_id, m.relation, m.score, m.is_origin, m.evidence) for m in members)
        if stage(self._connection, CLUSTERS, rows):
            self._connection.execute("INSERT INTO clusters SELECT * FROM staged")
            self._connection.execute(_MARK_ARTICLES)
        self._connection.execute("DELETE FROM work.unclustered")
        self._connection.execute("UPDATE work.state SET unpublished = true")
        self._connection.execute("COMMIT")

    def _stage(self, article_ids: Iterable[str]) -> int:
        """Number of ids now in the temporary table `staged`."""
        return stage(self._connection, _IDS, ((one,) for one in sorted(article_ids)))

    def _strings(self, query: str) -> list[str]:
        """First column of a query."""
        return [str(row[0]) for row in self._connection.execute(query).fetchall()]
