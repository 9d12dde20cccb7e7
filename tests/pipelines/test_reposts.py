"""Reposts made of real texts, among real texts that are none: how many of them the index puts together."""

from __future__ import annotations

import json
import random
from itertools import combinations

import pytest

from builders import capture
from pipelines.cluster import update_clusters
from pipelines.learned import update_learned
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.writer import IndexWriter

pytestmark = pytest.mark.long

STORIES = 60
LONE = 40


def words_of(paragraphs):
    return " ".join(paragraphs).split()


def cut(paragraphs, share, at):
    words = words_of(paragraphs)
    size = round(len(words) * share)
    start = {"head": 0, "middle": (len(words) - size) // 2, "tail": len(words) - size}[at]
    return [" ".join(words[start : start + size])]


def framed(paragraphs, frame):
    around, size = words_of(frame), len(words_of(paragraphs)) // 3
    return [" ".join(around[:size]), *paragraphs, " ".join(around[size : 2 * size])]


def edited(paragraphs, drawn):
    return [
        " ".join("officials" if drawn.random() < 0.02 else word for word in paragraph.split())
        for paragraph in paragraphs
    ]


def reposted(way, story, frame, drawn):
    """The story's paragraphs as a repost has them."""
    if way.startswith("cut"):
        return cut(story, 0.6 if way.endswith("60 %") else 0.4, drawn.choice(["head", "middle", "tail"]))
    if way == "framed":
        return framed(story, frame)
    if way == "in another order":
        return drawn.sample(story, len(story))
    return edited(story, drawn) if way == "edited" else story


WAYS = ("whole", "cut to 60 %", "cut to 40 %", "framed", "edited", "in another order")


@pytest.fixture(scope="module")
def texts(shared):
    """Some hundred words of each real page, in paragraphs."""
    drawn, found = random.Random(5), []
    for path in sorted((shared / "corpora" / "wcxb-dev" / "truth").glob("*.json")):
        paragraphs = [
            one for one in json.loads(path.read_text()).get("main_content", "").split("\n") if one.strip()
        ]
        size, taken = drawn.choice([150, 300, 500]), []
        while paragraphs and len(words_of(taken)) < size:
            taken.append(paragraphs.pop(0).strip())
        if len(words_of(taken)) >= size and len(taken) > 2:
            found.append(taken)
    drawn.shuffle(found)
    return found


def made(texts):
    """Pages with the story that each tells: stories, their reposts in every way, texts of their own."""
    drawn = random.Random(7)
    free = iter(texts)
    hosts = {f"{number}.example": next(free) for number in range(20)}
    found = []

    def page(story, paragraphs):
        host = drawn.choice(list(hosts))
        ending = " ".join(words_of(hosts[host])[:80])
        number = len(found)
        of = capture(number, f"https://{host}/{number}", number)
        text = "\n\n".join([*paragraphs, f"{ending} {drawn.randrange(1000)}"])
        article = Article(title=f"Of number {number}", text=text, outcome=Outcome.ARTICLE)
        found.append((story, of, extraction_row(of, Outcome.ARTICLE, article=article)))

    for story in range(STORIES):
        paragraphs = next(free)
        page(story, paragraphs)
        for way in drawn.sample(WAYS, 2):
            page(story, reposted(way, paragraphs, next(free), drawn))
    for story in range(LONE):
        page(STORIES + story, next(free))
    return found


def test_reposts_of_real_texts_are_found_and_nothing_else_is(texts, tmp_path):
    pages = made(texts)
    with IndexWriter(tmp_path) as writer:
        writer.add(captures=[of for _, of, _ in pages], extractions=[one for _, _, one in pages])
        update_learned(writer)
        writer.refresh()
        update_clusters(writer)
        clusters = dict(writer.connection.execute("SELECT url, cluster_id FROM articles").fetchall())
    found = right = wanted = 0
    for (story, of, _), (other_story, other, _) in combinations(pages, 2):
        together = clusters[of.url] == clusters[other.url]
        found += together
        wanted += story == other_story
        right += together and story == other_story
    assert wanted == 3 * STORIES
    assert right / found >= 0.98
    assert right / wanted >= 0.97
