"""The stories of both sites, read from `stories/*.toml`; a repost takes its paragraphs from its origin.

In a body, blank lines part the paragraphs and `markup` says what the marks mean. In a repost's body a line
`@2-5` stands for the origin's paragraphs two to five as they were on the first day.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.demo.markup import curly, plain, texts_of, unlinked

DEFENSE_HOST = "www.aldmoor-defense.test"
COURIER_HOST = "www.harbor-courier.test"
_ORIGIN_PARAGRAPHS = re.compile(r"@(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One photograph of a story, shown after that many paragraphs. `number` is the asset's number."""

    after: int
    number: int
    title: str
    alt: str
    caption: str
    credit: str
    virin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A headline of another story inside a body, after that many paragraphs; `form` is link, bold or also."""

    after: int
    form: str
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A reader's comment under a post."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as one site publishes it. `texts` are written paragraphs (see `markup`), dateline in front.

    `says` is how a repost names its origin: source-link, canonical, og-url, appeared-first, credit, nothing.
    `marks` are peculiarities of the page: json-ld, published-time, og-suffix, old (historical notice),
    breaks (a body without <p>), unlisted (in no listing or feed), unmapped (in no sitemap), counter (a
    number on the page that changes daily).
    """

    number: int
    slug: str
    host: str
    section: str
    title: str
    published_at: datetime
    modified_at: datetime
    texts: tuple[str, ...]
    byline: str = ""
    authors: tuple[str, ...] = ()
    dateline: str = ""
    teaser: str = ""
    tags: tuple[str, ...] = ()
    related: tuple[int, ...] = ()
    pictures: tuple[Picture, ...] = ()
    asides: tuple[Aside, ...] = ()
    comments: tuple[Comment, ...] = ()
    marks: tuple[str, ...] = ()
    delivery: str = "plain"
    charset: str = ""
    repost_of: int | None = None
    repost_kind: str = ""
    says: str = ""
    edition: int = 1

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What a reader sees of the body, block by block."""
        return tuple(plain(text) for text in self.texts)


@cache
def stories(edition: int) -> tuple[Story, ...]:
    """Every story of both sites on that day, newest first."""
    found = [story for story in _all_stories(edition) if story.edition <= edition]
    return tuple(sorted(found, key=lambda story: (story.published_at, story.number), reverse=True))


def site_stories(host: str, edition: int) -> tuple[Story, ...]:
    """The stories of one site on that day, newest first."""
    return tuple(story for story in stories(edition) if story.host == host)


@cache
def gone(edition: int) -> frozenset[int]:
    """Numbers of the stories that were there before and are taken down on that day."""
    if edition == 1:
        return frozenset()
    return frozenset(table["number"] for _, table in _tables() if table.get("second", {}).get("gone"))


@cache
def find(host: str, number: int, edition: int) -> Story | None:
    """The story with that number on that site, if it is there on that day."""
    wanted = (story for story in site_stories(host, edition) if story.number == number)
    return next(wanted, None)


@cache
def _tables() -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Host and table of every story in the files, the defense site first: reposts look back at it."""
    hosts = {"defense": DEFENSE_HOST, "courier": COURIER_HOST}
    found = []
    for source in sorted((files("crawler.demo") / "stories").iterdir(), key=lambda item: item.name):
        if source.name.endswith(".toml"):
            host = hosts[source.name.partition("-")[0]]
            content = tomllib.loads(source.read_text(encoding="utf-8"))
            found += [(host, {"section": content["section"], **table}) for table in content["story"]]
    return tuple(sorted(found, key=lambda pair: pair[0]))


def _all_stories(edition: int) -> Iterator[Story]:
    away = gone(edition)
    first_day: dict[int, Story] = {}
    for host, table in _tables():
        story = _story(host, table, first_day)
        if host == DEFENSE_HOST:
            first_day[story.number] = story
        if story.number not in away:
            yield _second_day(story, table.get("second", {})) if edition > 1 else story


def _story(host: str, table: Mapping[str, Any], origins: Mapping[int, Story]) -> Story:
    """The story of one table as it first appeared."""
    repost_of = table.get("repost_of")
    texts = tuple(_resolved(texts_of(table["body"]), origins.get(repost_of) if repost_of else None))
    title = table["title"]
    dateline = table.get("dateline", "")
    if dateline:
        texts = (f"{dateline} -- {texts[0]}", *texts[1:])
    if host == COURIER_HOST:
        texts, title = tuple(curly(text) for text in texts), curly(title)
    plain_fields = (
        "number",
        "slug",
        "section",
        "byline",
        "teaser",
        "delivery",
        "charset",
        "repost_kind",
        "says",
    )
    return Story(
        host=host,
        title=title,
        texts=texts,
        dateline=dateline,
        published_at=table["published"],
        modified_at=table.get("modified", table["published"]),
        authors=tuple(table.get("authors", ())),
        tags=tuple(table.get("tags", ())),
        related=tuple(table.get("related", ())),
        pictures=tuple(Picture(**picture) for picture in table.get("photo", ())),
        asides=tuple(Aside(**aside) for aside in table.get("aside", ())),
        comments=tuple(Comment(**comment) for comment in table.get("comment", ())),
        marks=tuple(table.get("marks", ())),
        repost_of=repost_of,
        edition=table.get("edition", 1),
        **{name: table[name] for name in plain_fields if name in table},
    )


def _resolved(texts: tuple[str, ...], origin: Story | None) -> Iterator[str]:
    for text in texts:
        span = _ORIGIN_PARAGRAPHS.fullmatch(text)
        if span is None:
            yield text
        elif origin is not None:
            first, last = int(span[1]), int(span[2] or span[1])
            # A repost pastes what it sees: the links of the origin stay behind.
            yield from (unlinked(taken) for taken in origin.texts[first - 1 : last])


def _second_day(story: Story, second: Mapping[str, Any]) -> Story:
    """The story after the second day's changes: paragraphs replaced by number, put behind, another title."""
    if not second:
        return story
    ready = curly if story.host == COURIER_HOST else str
    texts = list(story.texts)
    for number, text in second.get("replace", {}).items():
        texts[int(number) - 1] = ready(text)
    texts += [ready(text) for text in second.get("add", ())]
    title = ready(second.get("title", story.title))
    return replace(story, texts=tuple(texts), title=title, modified_at=second["modified"], edition=2)
