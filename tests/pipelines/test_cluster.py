import json
import random
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cluster import components, members_of, update_clusters
from pipelines.compare import compare
from pipelines.overlap import shingled
from pipelines.sketch import text_digest, word_count
from storage.index.clusters import ClusterArticle, ClusterText, Pair
from storage.urls import article_id, host_of

WORDS = [f"word{number}" for number in range(2000)]


def prose(seed, words=200):
    return " ".join(random.Random(seed).choices(WORDS, k=words))


TEXTS = {}


def page(url, text, **changes):
    fields = {
        "article_id": article_id(url),
        "url": url,
        "host": host_of(url),
        "site_name": None,
        "title": None,
        "word_count": word_count(text),
        "text_digest": text_digest(text),
        "authors": (),
        "credits": (),
        "declared_canonical": None,
        "origin_url": None,
        "published_at": None,
        "first_captured_at": datetime(2026, 11, 1),  # noqa: DTZ001 as TIMESTAMP columns give it
        "dateline": None,
        "head": text[:300],
        "tail": text[-400:],
    }
    found = ClusterArticle(**(fields | changes))
    TEXTS[found.text_digest] = text
    return found


def text_of(one):
    return TEXTS[one.text_digest]


def pair_of(left, right, common=frozenset()):
    return compare(left, right, *(shingled(text_of(one), common) for one in (left, right)))


ORIGINAL = page("https://www.defense.gov/News/Article/Article/4012345/", prose(1))
CUT = " ".join(text_of(ORIGINAL).split()[:120])
FRAMED = f"{prose(7, 60)} {text_of(ORIGINAL)} {prose(8, 60)}"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (text_of(ORIGINAL).upper() + "!", "exact"),
        (text_of(ORIGINAL) + " " + prose(2, 15), "near"),
        (CUT, "near"),
        (FRAMED, "near"),
        (" ".join(text_of(ORIGINAL).split()[:60]), "excerpt"),
        (f"{prose(7, 300)} {text_of(ORIGINAL)} {prose(8, 100)}", "excerpt"),
    ],
)
def test_reposts_whole_cut_and_framed_merge_with_their_original(text, kind):
    pair = pair_of(ORIGINAL, page("https://blog.example/a", text))
    assert (pair.kind, pair.merges) == (kind, True)


def test_other_words_about_the_same_event_do_not_even_relate():
    assert pair_of(ORIGINAL, page("https://blog.example/a", prose(5))) is None


def shared(part, **changes):
    """A page of 200 words whose first `part` is the original's."""
    words = [*text_of(ORIGINAL).split()[: round(200 * part)], *prose(9).split()[: round(200 * (1 - part))]]
    return page("https://blog.example/a", " ".join(words), **changes)


def test_a_third_in_common_is_related_and_no_more():
    pair = pair_of(ORIGINAL, shared(0.35, origin_url=ORIGINAL.url))
    assert (pair.kind, pair.merges) == ("related", False)


@pytest.mark.parametrize(
    ("original", "changes", "sign"),
    [
        ({}, {"origin_url": "http://war.gov/x/article/4012345"}, "points_at"),
        ({}, {"declared_canonical": ORIGINAL.url}, "points_at"),
        ({"site_name": "Fleet Gazette"}, {"credits": ("Source: Fleet Gazette.",)}, "credits"),
        ({"title": "Ship sails for Spain"}, {"title": "SHIP SAILS FOR SPAIN"}, "same_title"),
    ],
)
def test_two_fifths_in_common_merge_with_a_second_sign_only(original, changes, sign):
    left = replace(ORIGINAL, **original)
    assert pair_of(left, shared(0.45)).merges is False
    pair = pair_of(left, shared(0.45, **changes))
    assert pair.merges is True
    assert any(sign in name for name in json.loads(pair.evidence)["signs"])


def test_short_equal_texts_merge_under_the_same_title_only():
    text = "This video is not available"
    pages = [
        page(f"https://a.example/{number}", text, title=title)
        for number, title in enumerate(["Ship sails for Spain"] * 2 + ["x"])
    ]
    assert pair_of(pages[0], pages[1]).merges is True
    assert pair_of(pages[0], pages[2]).merges is False
    assert pair_of(pages[0], pages[2]).kind == "exact"


def test_a_phrase_found_in_a_long_text_merges_nothing():
    phrase = " ".join(text_of(ORIGINAL).split()[10:20])
    assert pair_of(ORIGINAL, page("https://a.example/x", phrase)).merges is False


@given(st.permutations([ORIGINAL, page("https://b.example/1", CUT), page("https://c.example/2", FRAMED)]))
def test_a_pair_is_the_same_from_both_sides_and_a_cluster_in_any_order(pages):
    pairs = []
    for position, one in enumerate(pages):
        for other in pages[position + 1 :]:
            left, right = sorted((one, other), key=lambda one: one.article_id)
            pairs.append(pair_of(left, right))
    members = members_of(pages, pairs)
    assert {member.article_id for member in members if member.is_origin} == {ORIGINAL.article_id}
    assert {member.cluster_id for member in members} == {min(page.article_id for page in pages)}
    relations = {member.article_id: member.relation for member in members}
    assert set(relations.values()) == {"exact", "near"}


EDGES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), max_size=12
)


@given(EDGES, st.randoms(use_true_random=False))
def test_components_do_not_depend_on_the_order_of_pairs(edges, rng):
    ids = [str(number) for number in range(10)]
    pairs = [
        Pair(
            left_id=str(left),
            right_id=str(right),
            kind="near",
            left_in_right=1.0,
            right_in_left=1.0,
            merges=True,
            evidence="{}",
        )
        for left, right in edges
    ]
    found = components(ids, pairs)
    shuffled = rng.sample(pairs, len(pairs))
    assert components(ids, shuffled) == found
    assert sorted(one for group in found for one in group) == ids
    where = {one: place for place, group in enumerate(found) for one in group}
    assert all(where[pair.left_id] == where[pair.right_id] for pair in pairs)
    assert all(group == sorted(group) for group in found)


class Store:
    """Some articles, each a candidate with each, kept in lists."""

    def __init__(self, articles):
        self.by_id = {one.article_id: one for one in articles}
        self.waiting, self.pairs, self.members = True, [], []

    @property
    def clusters(self):
        return self

    def stale(self):
        return self.waiting

    def candidates(self):
        texts = [
            ClusterText(article=one, text=text_of(one), common=frozenset())
            for _, one in sorted(self.by_id.items())
        ]
        yield [(left, right) for place, left in enumerate(texts) for right in texts[place + 1 :]]

    def store_pairs(self, pairs):
        self.pairs = list(pairs)

    def reach(self):
        return len(self.by_id), [pair for pair in self.pairs if pair.merges]

    def articles(self, article_ids):
        return [self.by_id[one] for one in sorted(article_ids)]

    def store_members(self, members):
        self.members, self.waiting = list(members), False


def test_articles_that_hang_together_have_one_place_each_and_one_origin():
    texts = [ORIGINAL, page("https://b.example/1", CUT), page("https://c.example/2", prose(3))]
    store = Store(texts)
    assert update_clusters(store) == 3
    assert sorted(one.article_id for one in store.members) == sorted(one.article_id for one in texts[:2])
    assert len({member.cluster_id for member in store.members}) == 1
    assert sum(member.is_origin for member in store.members) == 1
    assert update_clusters(store) == 0


def clusters_of(*texts):
    store = Store(texts)
    update_clusters(store)
    found = {one: {one} for one in store.by_id.keys() - {member.article_id for member in store.members}}
    for member in store.members:
        found.setdefault(member.cluster_id, set()).add(member.article_id)
    return sorted(map(sorted, found.values()))


def dated(url, text, day):
    return page(url, text, published_at=datetime(2026, 11, day))  # noqa: DTZ001 as TIMESTAMP columns give it


FIRST, SECOND = (
    dated("https://a.example/1", prose(11, 100), 1),
    dated("https://b.example/2", prose(12, 100), 2),
)


def test_a_roundup_of_two_stories_does_not_make_them_one():
    roundup = dated(
        "https://c.example/week", f"{prose(13, 60)} {text_of(FIRST)} {text_of(SECOND)} {prose(14, 60)}", 5
    )
    found = clusters_of(FIRST, SECOND, roundup)
    assert len(found) == 2
    assert not any({FIRST.article_id, SECOND.article_id} <= set(group) for group in found)


def test_two_excerpts_of_one_story_go_with_it():
    story = dated("https://a.example/1", prose(11, 300), 1)
    words = text_of(story).split()
    parts = [dated(f"https://b.example/{at}", " ".join(words[at : at + 80]), 3) for at in (0, 150)]
    assert clusters_of(story, *parts) == [sorted(text.article_id for text in (story, *parts))]


def test_a_teaser_on_a_listing_does_not_tie_the_stories_listed():
    teasers = [" ".join(text_of(text).split()[:40]) for text in (FIRST, SECOND)]
    listing = page("https://c.example/news", " ".join([*teasers, prose(15, 20)]))
    tags = [page(f"https://c.example/tag/{number}", teaser) for number, teaser in enumerate(teasers)]
    found = clusters_of(FIRST, SECOND, listing, *tags)
    assert not any({FIRST.article_id, SECOND.article_id} <= set(group) for group in found)


@given(st.permutations(range(4)))
def test_untangling_does_not_depend_on_the_order_of_texts(order):
    roundup = dated(
        "https://c.example/week", f"{prose(13, 60)} {text_of(FIRST)} {text_of(SECOND)} {prose(14, 60)}", 5
    )
    teaser = page("https://d.example/t", " ".join(text_of(FIRST).split()[:40]))
    texts = [FIRST, SECOND, roundup, teaser]
    assert clusters_of(*(texts[place] for place in order)) == clusters_of(*texts)
