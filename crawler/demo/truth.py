"""What the sample sites say, as facts: what a crawl and an extraction of them should find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from crawler.demo.content import COURIER_HOST, Story, stories
from crawler.demo.posts import author_of, origin_url, permalink
from crawler.demo.sections import article_url


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthPhoto:
    """One photograph as its page shows it; on the news site a VIRIN stands in the image's name alone."""

    caption: str
    credit: str
    virin: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthArticle:
    """One article's facts. `paragraphs` are all blocks of its body, headings, quotes and list items too.

    The first paragraph has the dateline in front ("PORT ALDMOOR -- "), as pages show it. `repost_kind` is
    whole, cut or added. `says` is how the page names its origin (see `content.Story`). `edition` is the
    first day on which the page reads like this.
    """

    url: str
    host: str
    number: int
    section: str
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    modified_at: datetime
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    photos: tuple[TruthPhoto, ...] = ()
    repost_of: str | None = None
    repost_kind: str | None = None
    says: str | None = None
    edition: int = 1


@cache
def truth(edition: int = 1) -> tuple[TruthArticle, ...]:
    """Every article of both sites on that day, newest first."""
    return tuple(_truth_of(story) for story in stories(edition))


def _truth_of(story: Story) -> TruthArticle:
    photos = tuple(
        TruthPhoto(
            caption=picture.caption,
            credit=picture.credit,
            virin=picture.virin or None,
            title=picture.title or None,
        )
        for picture in story.pictures
    )
    return TruthArticle(
        url=permalink(story) if story.host == COURIER_HOST else article_url(story),
        host=story.host,
        number=story.number,
        section=story.section,
        title=story.title,
        paragraphs=story.paragraphs,
        published_at=story.published_at,
        modified_at=story.modified_at,
        authors=(author_of(story),) if story.host == COURIER_HOST else story.authors,
        dateline=story.dateline or None,
        photos=photos,
        repost_of=origin_url(story),
        repost_kind=story.repost_kind or None,
        says=story.says or None,
        edition=story.edition,
    )
