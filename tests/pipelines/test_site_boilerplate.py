"""What a site writes under each of its articles joins none of them."""

import random
from datetime import UTC, datetime

import duckdb
import pytest

from builders import capture
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.sketches import COMMON_FROM
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.urls import article_id

pytestmark = pytest.mark.long

START = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(5000)]


def prose(seed, words):
    return " ".join(random.Random(seed).choices(WORDS, k=words))


TAIL = prose("tail", 60)
STORIES = [
    (f"https://paper.example/story-{number}", f"{prose(number, 40)}\n\n{TAIL}")
    for number in range(2 * COMMON_FROM)
]
LONG = ("https://paper.example/long", f"{prose('long', 300)}\n\n{TAIL}")
REPOST = ("https://blog.example/repost", prose("long", 200))


def found(number, url, text, hours=0):
    """Capture and extraction of an article."""
    article = Article(title=f"A title of number {number}", text=text, outcome=Outcome.ARTICLE)
    of = capture(number, url, hours, record_id=f"<urn:{number}:{hours}>")
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def tables(archive, values, batch):
    """Pairs and clusters of the values added in batches."""
    with IndexWriter(archive) as writer:
        for some in portions(values, batch):
            writer.add(captures=[one for one, _ in some], extractions=[one for _, one in some])
            writer.refresh()
            update_clusters(writer)
        writer.publish()
    with duckdb.connect(str(Layout(archive).index), read_only=True) as connection:
        return (
            connection.execute("FROM pairs ORDER BY ALL").fetchall(),
            connection.execute(
                "SELECT cluster_id, article_id, relation FROM clusters ORDER BY ALL"
            ).fetchall(),
        )


def portions(values, size):
    return [values[start : start + size] for start in range(0, len(values), size)]


VALUES = [found(number, *page) for number, page in enumerate([*STORIES, LONG, REPOST])]


def test_a_common_ending_joins_nothing_and_hides_no_repost(tmp_path):
    pairs, clusters = tables(tmp_path, VALUES, len(VALUES))
    assert [{left, right} for left, right, *_ in pairs] == [{article_id(LONG[0]), article_id(REPOST[0])}]
    assert len({cluster for cluster, *_ in clusters}) == len(VALUES) - 1


@pytest.mark.parametrize("batch", [1, 7])
def test_what_became_common_late_leaves_no_pairs_of_before(tmp_path, batch):
    whole = tables(tmp_path / "whole", VALUES, len(VALUES))
    assert tables(tmp_path / "portions", VALUES[::-1], batch) == whole


def test_what_ceased_to_be_common_pairs_articles_again(tmp_path):
    few = [found(number, *page) for number, page in enumerate(STORIES[:COMMON_FROM])]
    changed = found(0, STORIES[0][0], prose("rewritten", 80), hours=5)
    whole = tables(tmp_path / "whole", [*few, changed], len(few) + 1)
    assert whole[0]
    assert tables(tmp_path / "later", [*few, changed], len(few)) == whole
