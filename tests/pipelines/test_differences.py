"""What differs between two extractions of one capture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from builders import capture
from pipelines.differences import BlockChange, compare, is_same
from pipelines.run import extraction_row
from pipelines.tally import ArticleDifferences, Tally
from storage.article import Article, Block, BlockKind, Outcome, PageKind, Photo
from storage.index.rows import extras_row
from storage.index.stored import RemovedBlock, Stored, stored_form

CAPTURE = capture(1, "https://news.example/story", 0)
PHOTO = Photo(
    caption="A ferry.", credit="Dov", virin="250402-F-CD551-1011", taken_on=date(2025, 4, 2), url="/a"
)


def removed(text, kind=BlockKind.PROMOTION, rule="promotion:newsletter", path="/p[1]"):
    return Block(text=text, kind=kind, kept=False, rule=rule, path=path)


ARTICLE = Article(
    title="A title of some words",
    text="The ferry runs.\n\nSubscribe to our newsletter today.\n\nIt is late.",
    authors=("Ann", "Bob"),
    published_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    blocks=(removed("Share this", BlockKind.SHARE, "share:prompt"),),
    photos=(PHOTO,),
)


def extracted(article, outcome=Outcome.ARTICLE, reason=""):
    return extraction_row(CAPTURE, outcome, reason=reason, article=article)


def stored(extraction):
    """What the index would say of an extraction; nothing for None."""
    if extraction is None:
        return Stored(
            capture=CAPTURE, outcome=None, reason="", canonical_url="", article_id="x", content_digest="",
            extras_digest="",
        )  # fmt: skip
    return Stored(
        capture=CAPTURE,
        outcome=extraction.outcome.value,
        reason=extraction.reason,
        canonical_url=extraction.canonical_url,
        article_id=extraction.article_id,
        content_digest=extraction.content_digest,
        extras_digest=extras_row(extraction.article)[0] if extraction.article else "",
    )


def difference(before, after):
    """The difference of two articles."""
    old, new = extracted(before), extracted(after)
    return compare(stored(old), stored_form(before), new)


def test_the_same_article_does_not_differ():
    assert is_same(stored(extracted(ARTICLE)), extracted(ARTICLE))
    assert difference(ARTICLE, ARTICLE) is None


def test_each_field_that_differs_is_named_with_both_values():
    other = replace(ARTICLE, title="Another", authors=("Ann",), language="en", page_kind=PageKind.RELEASE)
    found = difference(ARTICLE, other)
    assert found.changed == ("title", "authors", "language", "page_kind")
    assert [(one.before, one.after) for one in found.fields] == [
        ("A title of some words", "Another"), (("Ann", "Bob"), ("Ann",)), (None, "en"),
        ("article", "release"),
    ]  # fmt: skip
    assert (found.text_before, found.text_after, found.words_lost) == ("", "", 0)


def test_one_moment_in_two_zones_is_no_difference():
    there = ARTICLE.published_at.astimezone(timezone(timedelta(hours=-5)))
    assert difference(ARTICLE, replace(ARTICLE, published_at=there)) is None


def test_a_paragraph_that_a_rule_removes_now_is_told_with_the_rule():
    block = removed("Subscribe to our newsletter today.")
    other = replace(ARTICLE, text="The ferry runs.\n\nIt is late.", blocks=(*ARTICLE.blocks, block))
    found = difference(ARTICLE, other)
    assert found.changed == ("text", "blocks")
    assert (found.words_lost, found.words_gained) == (5, 0)
    (one,) = found.blocks
    assert (one.change, one.text, one.before) == (BlockChange.REMOVED, block.text, None)
    assert one.after == RemovedBlock(text=block.text, kind="promotion", rule=block.rule, path=block.path)
    (back,) = difference(other, ARTICLE).blocks
    assert (back.change, back.before, back.after) == (BlockChange.KEPT, one.after, None)


def test_blocks_removed_both_times_differ_by_rule_or_by_place():
    by_rule = replace(ARTICLE, blocks=(removed("Share this", BlockKind.NAVIGATION, "navigation:menu"),))
    by_place = replace(ARTICLE, blocks=(removed("Share this", BlockKind.SHARE, "share:prompt", "/div"),))
    assert [one.change for one in difference(ARTICLE, by_rule).blocks] == [BlockChange.JUDGED]
    assert [one.change for one in difference(ARTICLE, by_place).blocks] == [BlockChange.MOVED]
    without = replace(ARTICLE, blocks=())
    assert [one.change for one in difference(ARTICLE, without).blocks] == [BlockChange.VANISHED]
    assert [one.change for one in difference(without, ARTICLE).blocks] == [BlockChange.APPEARED]


def test_a_photo_told_otherwise_is_one_photo():
    other = replace(PHOTO, virin=None, taken_on=None)
    (found,) = difference(ARTICLE, replace(ARTICLE, photos=(other,))).photos
    assert (found.before, found.after) == (PHOTO, other)
    (gone,) = difference(ARTICLE, replace(ARTICLE, photos=())).photos
    assert (gone.before, gone.after) == (PHOTO, None)


def test_an_article_lost_or_gained_is_told_with_its_whole_text():
    dropped = extracted(None, Outcome.NOT_AN_ARTICLE, "a listing")
    lost = compare(stored(extracted(ARTICLE)), stored_form(ARTICLE), dropped)
    assert (lost.changed, lost.outcome_before, lost.outcome_after) == (
        ("outcome", "text"), "article", "not_an_article",
    )  # fmt: skip
    assert (lost.text_before, lost.text_after, lost.reason_after) == (ARTICLE.text, "", "a listing")
    gained = compare(stored(dropped), None, extracted(ARTICLE))
    assert (gained.text_before, gained.text_after, gained.words_lost) == ("", ARTICLE.text, 0)
    assert gained.title == ARTICLE.title


def test_a_capture_that_is_looked_at_now_or_no_more_differs():
    dropped = extracted(None, Outcome.EMPTY, "no text")
    assert compare(stored(None), None, dropped).outcome_before is None
    assert compare(stored(dropped), None, None).outcome_after is None
    assert is_same(stored(None), None)
    assert not is_same(stored(dropped), None)


def test_articles_are_counted_once_and_weighed_by_what_they_lose():
    block = removed("Subscribe to our newsletter today.")
    other = replace(ARTICLE, text="The ferry runs.\n\nIt is late.", blocks=(*ARTICLE.blocks, block))
    one = difference(ARTICLE, other)
    lost = compare(stored(extracted(ARTICLE)), stored_form(ARTICLE), extracted(None, Outcome.EMPTY))
    tally = Tally()
    changed = ArticleDifferences(article_id="a", captures=3, was=True, is_now=True, differences=(one, one))
    gone = ArticleDifferences(article_id="b", captures=1, was=True, is_now=False, differences=(lost,))
    same = ArticleDifferences(article_id="c", captures=4, was=True, is_now=True, differences=())
    for article in (changed, gone, same):
        tally.add(article)
    assert (tally.captures, tally.captures_changed, tally.articles, tally.articles_changed) == (8, 3, 3, 2)
    assert (tally.articles_lost, tally.articles_gained) == (1, 0)
    assert tally.changed == {"text": 3, "blocks": 2, "outcome": 1}
    assert [(rule.change, rule.rule_after, n) for rule, n in tally.rules.items()] == [
        ("removed", "promotion:newsletter", 2)
    ]
    assert sorted((changed, gone, same), key=lambda article: article.weight()) == [same, changed, gone]


TEXTS = st.sampled_from(["One.", "Two of them.", "Three.", "A line that is longer than twenty letters."])
BLOCKS = st.builds(
    removed,
    TEXTS,
    st.sampled_from([BlockKind.SHARE, BlockKind.RELATED]),
    st.sampled_from("ab"),
    st.sampled_from("xy"),
)
ARTICLES = st.builds(
    lambda texts, blocks: replace(ARTICLE, text="\n\n".join(texts), blocks=tuple(blocks)),
    st.lists(TEXTS, max_size=4),
    st.lists(BLOCKS, max_size=6),
)


@given(ARTICLES, ARTICLES)
def test_block_differences_lead_from_the_one_page_to_the_other(before, after):
    found = difference(before, after)
    old, new = Counter(stored_form(before).removed), Counter(stored_form(after).removed)
    blocks = found.blocks if found else ()
    went = Counter(one.before for one in blocks if one.before)
    came = Counter(one.after for one in blocks if one.after)
    assert old - went + came == new
    assert went - old == Counter()
    assert all(one.before != one.after for one in blocks)


@given(ARTICLES, ARTICLES)
def test_digests_and_values_agree_on_what_is_the_same(before, after):
    same = is_same(stored(extracted(before)), extracted(after))
    if same:
        assert difference(before, after) is None
    elif Counter(before.blocks) != Counter(after.blocks) or before.text != after.text:
        assert difference(before, after) is not None
