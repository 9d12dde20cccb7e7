"""Extraction by rules that are not today's, for tests of what a change of rules does to an index.

The functions stand in a module of their own because worker processes import them.
"""

from __future__ import annotations

from dataclasses import replace

from pipelines.run import extract, extraction_row
from storage.article import BlockKind, Outcome

RULE = "other:volunteers"
FEWEST_WORDS = 150


def stricter(record, capture):
    """Today's extraction, without paragraphs on volunteers, short articles, VIRINs, and with loud titles."""
    today = extract(record, capture)
    article = today.article
    if article is None:
        return replace(today, reason=f"by other rules: {today.reason}")
    if today.word_count < FEWEST_WORDS:
        return extraction_row(capture, Outcome.NOT_AN_ARTICLE, reason="short by other rules")
    blocks = tuple(
        replace(block, kept=False, kind=BlockKind.PROMOTION, rule=RULE)
        if block.kept and "volunteer" in block.text
        else replace(block, rule="other:share")
        if block.kind is BlockKind.SHARE
        else block
        for block in article.blocks
    )
    other = replace(
        article,
        title=article.title and article.title.upper(),
        text="\n\n".join(part for part in article.text.split("\n\n") if "volunteer" not in part),
        blocks=blocks,
        photos=tuple(replace(photo, virin=None, taken_on=None) for photo in article.photos),
    )
    return extraction_row(capture, Outcome.ARTICLE, article=other)


def looser(record, capture):
    """Today's extraction, with an article of every page that has none."""
    today = extract(record, capture)
    if today.article is not None or today.outcome is not Outcome.NOT_AN_ARTICLE:
        return today
    from pipelines.extract import extract_article
    from pipelines.records import page_of

    page = page_of(record)
    article = replace(
        extract_article(page.body, url=page.url, content_type=page.content_type), outcome=Outcome.ARTICLE
    )
    return extraction_row(capture, Outcome.ARTICLE, article=article)
