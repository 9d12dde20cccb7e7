"""Clusters of articles that tell the same text: pairs compared exactly, joined where enough is shared.

A cluster is what hangs together by merging pairs (see `pipelines.compare`); its id is the smallest article_id
in it. Only the latest version of an article takes part.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from pipelines.compare import compare
from pipelines.overlap import Shingled, shingled
from pipelines.syndication import Standing, rank_members
from storage.index.clusters import ClusterArticle, ClusterText, Member, Pair
from storage.index.sketches import CENTRES, HOT_FROM

_ARTICLES_AT_ONCE = 500
_SHINGLED_TEXTS = 1000


class ClusterStore(Protocol):
    """Where articles, pairs and clusters are kept: `storage.index.clusters.ClusterTables`."""

    def stale(self) -> bool: ...  # noqa: D102 told there
    def candidates(self) -> Iterator[list[tuple[ClusterText, ClusterText]]]: ...  # noqa: D102
    def store_pairs(self, pairs: Iterable[Pair]) -> None: ...  # noqa: D102
    def reach(self) -> tuple[int, list[Pair]]: ...  # noqa: D102
    def articles(self, article_ids: Iterable[str]) -> list[ClusterArticle]: ...  # noqa: D102
    def store_members(self, members: Iterable[Member]) -> None: ...  # noqa: D102


class ClusterWriter(Protocol):
    """What has a cluster store: `storage.index.writer.IndexWriter`."""

    @property
    def clusters(self) -> ClusterStore:
        """The store."""


def update_clusters(writer: ClusterWriter) -> int:
    """Number of articles whose place was looked at again: the changed, and what hangs together with them."""
    store = writer.clusters
    if not store.stale():
        return 0
    store.store_pairs(compare_all(store.candidates()))
    count, pairs = store.reach()
    store.store_members(list(_members(store, pairs)))
    return count


def compare_all(portions: Iterable[Sequence[tuple[ClusterText, ClusterText]]]) -> Iterator[Pair]:
    """The candidates that share enough to be kept; few texts are in memory at once."""
    known: OrderedDict[str, Shingled] = OrderedDict()

    def read(one: ClusterText) -> Shingled:
        if one.article.article_id not in known:
            known[one.article.article_id] = shingled(one.text, one.common)
            while len(known) > _SHINGLED_TEXTS:
                known.popitem(last=False)
        return known[one.article.article_id]

    for portion in portions:
        for left, right in portion:
            pair = compare(left.article, right.article, read(left), read(right))
            if pair is not None:
                yield pair


def _members(store: ClusterStore, pairs: Sequence[Pair]) -> Iterator[Member]:
    """Members of all that hangs together by these pairs."""
    groups = components({one for pair in pairs for one in (pair.left_id, pair.right_id)}, pairs)
    first = {article_id: group[0] for group in groups for article_id in group}
    pairs_of: dict[str, list[Pair]] = {}
    for pair in pairs:
        pairs_of.setdefault(first[pair.left_id], []).append(pair)
    for portion in _portions(groups):
        articles = {one.article_id: one for one in store.articles(one for group in portion for one in group)}
        for group in portion:
            yield from _members_within([articles[one] for one in group], pairs_of[group[0]])


def _portions(groups: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """The groups in lists of some hundreds of articles: one query for each."""
    portion: list[list[str]] = []
    count = 0
    for group in groups:
        portion.append(group)
        count += len(group)
        if count >= _ARTICLES_AT_ONCE:
            yield portion
            portion, count = [], 0
    if portion:
        yield portion


def components(article_ids: Iterable[str], pairs: Iterable[Pair]) -> list[list[str]]:
    """The articles in groups that hang together by pairs, each in order of article_id."""
    parent = {article_id: article_id for article_id in article_ids}

    def root(article_id: str) -> str:
        while parent[article_id] != article_id:
            parent[article_id] = parent[parent[article_id]]
            article_id = parent[article_id]
        return article_id

    for pair in pairs:
        first, second = sorted((root(pair.left_id), root(pair.right_id)))
        parent[second] = first
    groups: dict[str, list[str]] = {}
    for article_id in sorted(parent):
        groups.setdefault(root(article_id), []).append(article_id)
    return list(groups.values())


def _members_within(texts: Sequence[ClusterArticle], pairs: Sequence[Pair]) -> Iterator[Member]:
    """Members of the clusters among articles that hang together by pairs of any kind."""
    by_id = {text.article_id: text for text in texts}
    for group in untangled(texts, pairs):
        among = [pair for pair in pairs if pair.left_id in group and pair.right_id in group]
        if len(group) == 1:
            yield alone(next(iter(group)))
        else:
            yield from members_of([by_id[one] for one in sorted(group)], among)


def untangled(articles: Sequence[ClusterArticle], pairs: Sequence[Pair]) -> list[set[str]]:
    """The articles in clusters: whole reposts together, a text with a common excerpt with one other only.

    A roundup holds excerpts of several stories, and a teaser stands in several listings: joined by every
    excerpt they would make one cluster of stories that have nothing in common. So reposts that are much the
    same both ways are put together first. Two of these groups go together when their origins, or most of
    each, share text with the other; and that which is not the origin goes with a single other, the one with
    which it shares most.
    """
    by_id = {one.article_id: one for one in articles}
    whole = [pair for pair in pairs if pair.kind != "excerpt"]
    groups = components(by_id, whole)
    core = {one: group[0] for group in groups for one in group}
    members = {group[0]: group for group in groups}
    origin = {group[0]: rank_members([by_id[one] for one in group], {})[0].article_id for group in groups}
    between: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        left, right = sorted((core[pair.left_id], core[pair.right_id]))
        if left != right:
            between.setdefault((left, right), []).append(pair)
    crowd = len(articles) >= HOT_FROM
    best: dict[str, tuple[float, float, Pair]] = {}
    for (left, right), links in between.items():
        ends = {one for pair in links for one in (pair.left_id, pair.right_id)}
        if not all(_tied(ends, members[one], origin[one], crowd=crowd) for one in (left, right)):
            continue
        first = rank_members([by_id[origin[left]], by_id[origin[right]]], {})[0].article_id
        later = right if first == origin[left] else left
        for pair in links:
            closeness = (_score(pair), min(pair.left_in_right, pair.right_in_left), pair)
            if later not in best or closeness[:2] > best[later][:2]:
                best[later] = closeness  # of equals the first stays: pairs come in order
    kept = [pair for _, _, pair in best.values()]
    return [set(group) for group in components(by_id, [*whole, *kept])]


def _tied(ends: set[str], group: Sequence[str], origin: str, *, crowd: bool) -> bool:
    """Whether pairs that end in some of a group concern the group: its origin, or most of it.

    Else one of it may only be framed by another story's text. In a crowd too large for all to be paired
    several do.
    """
    linked = sum(one in ends for one in group)
    return origin in ends or 2 * linked > len(group) or (crowd and linked >= CENTRES)


def members_of(texts: Sequence[ClusterArticle], pairs: Sequence[Pair]) -> list[Member]:
    """Members of one cluster of several articles, with its origin and the evidence for it."""
    standings = rank_members(texts, _held(texts, pairs))
    origin = standings[0].article_id
    cluster_id = min(text.article_id for text in texts)
    own: dict[str, list[Pair]] = {}
    for pair in pairs:
        own.setdefault(pair.left_id, []).append(pair)
        own.setdefault(pair.right_id, []).append(pair)
    return [_member(one, cluster_id, origin, own.get(one.article_id, [])) for one in standings]


def alone(article_id: str) -> Member:
    """A cluster of one."""
    return Member(
        cluster_id=article_id,
        article_id=article_id,
        relation="exact",
        score=1.0,
        is_origin=True,
        evidence="{}",
    )


def _member(standing: Standing, cluster_id: str, origin: str, own: Sequence[Pair]) -> Member:
    """One member, by its pair with the origin, or with another member when it has none with the origin.

    `own` are its pairs.
    """
    article_id = standing.article_id
    if article_id == origin:
        return Member(
            cluster_id=cluster_id,
            article_id=article_id,
            relation="exact",
            score=1.0,
            is_origin=True,
            evidence=standing.evidence(),
        )
    best = max(
        own, key=lambda pair: (_other(pair, article_id) == origin, _score(pair), _other(pair, article_id))
    )
    told = {"with": _other(best, article_id), "signs": json.loads(best.evidence)["signs"]}
    shares = (best.left_in_right, best.right_in_left)
    in_other, of_other = shares if best.left_id == article_id else shares[::-1]
    return Member(
        cluster_id=cluster_id,
        article_id=article_id,
        relation=best.kind,
        score=_score(best),
        is_origin=False,
        evidence=standing.evidence(shares={**told, "of_this": in_other, "of_that": of_other}),
    )


def _held(texts: Sequence[ClusterArticle], pairs: Sequence[Pair]) -> Mapping[str, float]:
    """For each member, the mean share of each other member's text that it holds."""
    total = {text.article_id: 0.0 for text in texts}
    for pair in pairs:
        total[pair.right_id] += pair.left_in_right
        total[pair.left_id] += pair.right_in_left
    return {article_id: held / (len(texts) - 1) for article_id, held in total.items()}


def _score(pair: Pair) -> float:
    """Containment behind a pair: the larger of both directions."""
    return max(pair.left_in_right, pair.right_in_left)


def _other(pair: Pair, article_id: str) -> str:
    """The pair's other article."""
    return pair.right_id if pair.left_id == article_id else pair.left_id
