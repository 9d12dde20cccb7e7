"""Whether two articles are one: what they share, and what else speaks for it.

Two articles merge when at least half of one text's word 5-shingles stand in the other, or two fifths with a
second sign (one points at the other, one names the other's site as its source, both have the same title or
one long passage, nearly all of one stands in the other with boilerplate). What a host writes under everything
counts neither for nor against. Of texts that share nothing but their ends, which may be what a few hosts
write under everything, or that stand on one host, more than half. From three tenths up the pair is noted as
related.
"""

from __future__ import annotations

import json
from datetime import timedelta

from pipelines.overlap import Overlap, Shingled, overlap
from pipelines.sketch import normalise
from pipelines.syndication import credits_site_of, points_at
from storage.index.clusters import ClusterArticle, Pair

MERGE_AT = 0.5
MERGE_WITH_SIGN_AT = 0.4
RELATED_AT = 0.3
# Both ways, so that no text is near to two stories; else the longer text holds much besides, and the shorter
# is an excerpt.
NEAR_AT = 0.55
MERGE_ON_ONE_HOST_AT = 0.65  # what two texts of a host have in common may be the host's
THREE_FIFTHS = 0.58  # a text cut to three fifths has a little less
LONG_PASSAGE = 100  # shingles one after the other; a quote that both have is shorter
NEARLY_ALL = 0.8  # of one text, boilerplate and all: a sign where much is taken for boilerplate
COPY_AT = 0.95  # both ways: a copy, whatever of it is boilerplate
COPIES = "copies of one another"
LEAST_SHINGLES = 12  # a shorter text is found inside another by chance, or as a phrase
LEAST_EXACT_WORDS = 20  # below, equal texts ("This video is not available") need the same title as well
LEAST_TITLE_WORDS = 3
SAME_TITLE_DAYS = 5  # a column has the same title every week


def compare(
    left: ClusterArticle, right: ClusterArticle, left_text: Shingled, right_text: Shingled
) -> Pair | None:
    """What two articles share, and whether it makes them one cluster; None when it is too little to note."""
    signs = second_signs(left, right)
    if left.text_digest == right.text_digest:
        merges = left.word_count >= LEAST_EXACT_WORDS or "same_title" in signs
        why = "the same text" if merges else "the same text, too short to say"
        return _pair(left, right, kind="exact", why=why, merges=merges, signs=signs, found=None)
    found = overlap(left_text, right_text)
    one_host = left.host == right.host
    if found.passage >= LONG_PASSAGE and not one_host and not found.ends_alike:
        signs = (*signs, "long_passage")
    if max(found.whole_left_in_right, found.whole_right_in_left) >= NEARLY_ALL:
        signs = (*signs, "nearly_all_with_boilerplate")
    why, merges = judge(found, _counted(signs, left, right), one_host=one_host)
    if not merges and max(found.left_in_right, found.right_in_left) < RELATED_AT:
        return None
    alike = min(found.left_in_right, found.right_in_left) >= NEAR_AT or why == COPIES
    kind = ("near" if alike else "excerpt") if merges else "related"
    return _pair(left, right, kind=kind, why=why, merges=merges, signs=signs, found=found)


def judge(found: Overlap, signs: tuple[str, ...], *, one_host: bool) -> tuple[str, bool]:
    """Why two texts are or are not one cluster, and whether; `signs` are those that count here."""
    sizes = (found.left + found.left_discounted, found.right + found.right_discounted)
    if min(sizes) < LEAST_SHINGLES:
        return "too short to say", False
    if min(found.whole_left_in_right, found.whole_right_in_left) >= COPY_AT:
        return COPIES, True
    if min(found.left, found.right) < LEAST_SHINGLES:
        return "hardly more than boilerplate", False
    most = max(found.left_in_right, found.right_in_left)
    if most >= _least_of(found, one_host=one_host):
        return "enough of one stands in the other", True
    if most >= MERGE_WITH_SIGN_AT and signs:
        return "two fifths and a second sign", True
    if most < MERGE_WITH_SIGN_AT:
        why = "less than two fifths"
    elif most < MERGE_AT:
        why = "less than half, and no second sign"
    else:
        why = "may be the host's own, and no second sign" if one_host else "only the end, and no second sign"
    return why, False


def _least_of(found: Overlap, *, one_host: bool) -> float:
    """From which share on two texts are one without a sign.

    What a host writes under everything stands at the end, or is short, and else it is known to be that.
    """
    if one_host:
        long = found.passage >= LONG_PASSAGE and not found.ends_alike
        return THREE_FIFTHS if long else MERGE_ON_ONE_HOST_AT
    return THREE_FIFTHS if found.ends_alike else MERGE_AT


def second_signs(left: ClusterArticle, right: ClusterArticle) -> tuple[str, ...]:
    """What besides the text says that two articles are one: names of signs, in a fixed order."""
    titles = [normalise(one.title or "") for one in (left, right)]
    same_title = titles[0] == titles[1] and titles[0].count(" ") >= LEAST_TITLE_WORDS - 1
    signs = {
        "left_points_at_right": points_at(left, right),
        "right_points_at_left": points_at(right, left),
        "left_credits_right": credits_site_of(left, right),
        "right_credits_left": credits_site_of(right, left),
        "same_title": same_title,
    }
    return tuple(name for name, holds in signs.items() if holds)


def _counted(signs: tuple[str, ...], left: ClusterArticle, right: ClusterArticle) -> tuple[str, ...]:
    """The signs without a title that both may have as numbers of one column."""
    far = (
        left.published_at is not None
        and right.published_at is not None
        and abs(left.published_at - right.published_at) > timedelta(days=SAME_TITLE_DAYS)
    )
    return signs if left.host != right.host and not far else tuple(s for s in signs if s != "same_title")


def _pair(
    left: ClusterArticle,
    right: ClusterArticle,
    *,
    kind: str,
    why: str,
    merges: bool,
    signs: tuple[str, ...],
    found: Overlap | None,
) -> Pair:
    """Pair with its evidence."""
    told: dict[str, object] = {"why": why, "signs": signs}
    if found is not None:
        told["shingles"] = (found.left, found.right)
        if found.left_discounted or found.right_discounted:
            told["boilerplate"] = (found.left_discounted, found.right_discounted)
            told["with_boilerplate"] = (found.whole_left_in_right, found.whole_right_in_left)
    return Pair(
        left_id=left.article_id,
        right_id=right.article_id,
        kind=kind,
        left_in_right=found.left_in_right if found else 1.0,
        right_in_left=found.right_in_left if found else 1.0,
        merges=merges,
        evidence=json.dumps(told),
    )
