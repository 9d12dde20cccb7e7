"""Clusters of articles that tell the same text: pairs compared exactly, joined where enough is shared.

Two articles merge when at least half of one text's word 5-shingles stand in the other, or two fifths with a
second sign (one points at the other, one names the other's site as its source, both have the same title).
From three tenths up the pair is noted as related. A cluster is what hangs together by merging pairs; its id
is the smallest article_id in it. Only the latest version of an article takes part.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from pipelines.sketch import containment, normalise, shingles
from pipelines.syndication import Standing, credits_site_of, points_at, rank_members
from storage.index.clusters import ClusterText, Member, Pair

MERGE_AT = 0.5
MERGE_WITH_SIGN_AT = 0.4
RELATED_AT = 0.3
NEAR_AT = 0.5  # both ways; else the longer text holds much besides, and the shorter is an excerpt
LEAST_SHINGLES = 12  # a shorter text is found inside another by chance, or as a phrase
LEAST_EXACT_WORDS = 20  # below, equal texts ("This video is not available") need the same title as well
LEAST_TITLE_WORDS = 3

_PAIRS_AT_ONCE = 500
_TEXTS_AT_ONCE = 500
_SHINGLED_TEXTS = 1000


class ClusterStore(Protocol):
    """Where articles, pairs and clusters are kept: `storage.index.clusters.ClusterTables`."""

    def unclustered(self) -> list[str]: ...  # noqa: D102 told there
    def candidates(self) -> list[tuple[str, str]]: ...  # noqa: D102
    def texts(self, article_ids: Iterable[str]) -> list[ClusterText]: ...  # noqa: D102
    def store_pairs(self, pairs: Sequence[Pair]) -> None: ...  # noqa: D102
    def reachable(self) -> tuple[list[str], list[Pair]]: ...  # noqa: D102
    def store_members(self, members: Sequence[Member]) -> None: ...  # noqa: D102


class ClusterWriter(Protocol):
    """What has a cluster store: `storage.index.writer.IndexWriter`."""

    @property
    def clusters(self) -> ClusterStore:
        """The store."""


def update_clusters(writer: ClusterWriter) -> int:
    """Number of articles whose place was looked at again: the changed, and what hangs together with them."""
    store = writer.clusters
    if not store.unclustered():
        return 0
    store.store_pairs(list(compare_all(store, store.candidates())))
    article_ids, pairs = store.reachable()
    groups = components(article_ids, pairs)
    first = {article_id: group[0] for group in groups for article_id in group}
    pairs_of: dict[str, list[Pair]] = {}
    for pair in pairs:
        pairs_of.setdefault(first[pair.left_id], []).append(pair)
    members = [alone(group[0]) for group in groups if len(group) == 1]
    for portion in _portions([group for group in groups if len(group) > 1]):
        texts = {text.article_id: text for text in store.texts(one for group in portion for one in group)}
        for group in portion:
            members += _members_within([texts[one] for one in group], pairs_of[group[0]])
    store.store_members(members)
    return len(article_ids)


def _portions(groups: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """The groups in lists of some hundreds of articles: one query for each, few texts in memory."""
    portion: list[list[str]] = []
    for group in groups:
        portion.append(group)
        if sum(map(len, portion)) >= _TEXTS_AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def compare_all(store: ClusterStore, candidates: Sequence[tuple[str, str]]) -> Iterator[Pair]:
    """The candidates that share enough to be kept; few texts are in memory at once."""
    known: OrderedDict[str, frozenset[int]] = OrderedDict()

    def shingled(text: ClusterText) -> frozenset[int]:
        if text.article_id not in known:
            known[text.article_id] = shingles(text.text)
            while len(known) > _SHINGLED_TEXTS:
                known.popitem(last=False)
        return known[text.article_id]

    for start in range(0, len(candidates), _PAIRS_AT_ONCE):
        portion = candidates[start : start + _PAIRS_AT_ONCE]
        texts = {text.article_id: text for text in store.texts({one for pair in portion for one in pair})}
        for left_id, right_id in portion:
            left, right = texts[left_id], texts[right_id]
            pair = compare(left, right, shingled(left), shingled(right))
            if pair is not None:
                yield pair


def compare(
    left: ClusterText, right: ClusterText, left_shingles: frozenset[int], right_shingles: frozenset[int]
) -> Pair | None:
    """What two articles share, and whether it makes them one cluster; None when it is too little to note."""
    signs = second_signs(left, right)
    if left.text_digest == right.text_digest:
        merges = left.word_count >= LEAST_EXACT_WORDS or "same_title" in signs
        return _pair(left, right, "exact", (1.0, 1.0), merges=merges, signs=signs)
    shares = (containment(left_shingles, right_shingles), containment(right_shingles, left_shingles))
    most = max(shares)
    if most < RELATED_AT:
        return None
    long_enough = min(len(left_shingles), len(right_shingles)) >= LEAST_SHINGLES
    merges = long_enough and (most >= MERGE_AT or (most >= MERGE_WITH_SIGN_AT and bool(signs)))
    kind = "related"
    if merges:
        kind = "near" if min(shares) >= NEAR_AT else "excerpt"
    return _pair(left, right, kind, shares, merges=merges, signs=signs)


def second_signs(left: ClusterText, right: ClusterText) -> tuple[str, ...]:
    """What besides the text says that two articles are one: names of signs, in a fixed order."""
    titles = [normalise(text.title or "") for text in (left, right)]
    same_title = titles[0] == titles[1] and titles[0].count(" ") >= LEAST_TITLE_WORDS - 1
    signs = {
        "left_points_at_right": points_at(left, right),
        "right_points_at_left": points_at(right, left),
        "left_credits_right": credits_site_of(left, right),
        "right_credits_left": credits_site_of(right, left),
        "same_title": same_title,
    }
    return tuple(name for name, holds in signs.items() if holds)


def _pair(
    left: ClusterText,
    right: ClusterText,
    kind: str,
    shares: tuple[float, float],
    *,
    merges: bool,
    signs: tuple[str, ...],
) -> Pair:
    """Pair with its evidence."""
    return Pair(
        left_id=left.article_id,
        right_id=right.article_id,
        kind=kind,
        left_in_right=round(shares[0], 6),
        right_in_left=round(shares[1], 6),
        merges=merges,
        evidence=json.dumps({"signs": signs}),
    )


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


def _members_within(texts: Sequence[ClusterText], pairs: Sequence[Pair]) -> Iterator[Member]:
    """Members of the clusters among articles that hang together by pairs of any kind."""
    by_id = {text.article_id: text for text in texts}
    for group in untangled(texts, pairs):
        among = [pair for pair in pairs if pair.left_id in group and pair.right_id in group]
        if len(group) == 1:
            yield alone(next(iter(group)))
        else:
            yield from members_of([by_id[one] for one in sorted(group)], among)


def untangled(texts: Sequence[ClusterText], pairs: Sequence[Pair]) -> list[set[str]]:
    """The articles in clusters: whole reposts together, a text with a common excerpt with one other only.

    A roundup holds excerpts of several stories, and a teaser stands in several listings: joined by every
    excerpt they would make one cluster of stories that have nothing in common. So of two texts with a common
    excerpt, the one that is not the origin goes with a single other, the one with which it shares most.
    """
    by_id = {text.article_id: text for text in texts}
    groups = components(by_id, [pair for pair in pairs if pair.kind != "excerpt"])
    core = {one: group[0] for group in groups for one in group}
    origin = {group[0]: rank_members([by_id[one] for one in group], {})[0].article_id for group in groups}
    best: dict[str, tuple[float, float, Pair]] = {}
    for pair in pairs:
        left, right = core[pair.left_id], core[pair.right_id]
        if pair.kind != "excerpt" or left == right:
            continue
        first = rank_members([by_id[origin[left]], by_id[origin[right]]], {})[0].article_id
        later = right if first == origin[left] else left
        closeness = (_score(pair), min(pair.left_in_right, pair.right_in_left), pair)
        if later not in best or closeness[:2] > best[later][:2]:
            best[later] = closeness  # of equals the first stays: pairs come in order
    kept = [pair for _, _, pair in best.values()]
    return [set(group) for group in components(by_id, [*(p for p in pairs if p.kind != "excerpt"), *kept])]


def members_of(texts: Sequence[ClusterText], pairs: Sequence[Pair]) -> list[Member]:
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


def _held(texts: Sequence[ClusterText], pairs: Sequence[Pair]) -> Mapping[str, float]:
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
