"""The CMS of defense.gov, war.gov, the services and commands (AFPIMS), known by its markup.

Two layouts: the print page of 2016 (`div.da_print_body div.da_black`, text parted by line breaks) and the
present page (`h1.maintitle` and `div.body` in `div.adetail`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pipelines.fields.people import collective_name, split_names
from pipelines.page.segments import Reading
from pipelines.templates.content_element import subtree
from pipelines.templates.template import Template
from storage.article import BlockKind, PageKind

_NAME = "defense_gov"
_LIFE = "da_print_bio"
_PRINT = frozenset(("da_print_body", _LIFE))
_PRINT_STORY = "da_black"
_DETAIL = frozenset(("adetail", "article-view"))
_STORY = frozenset(("body", "body-text", "article-body", "articlebody", _PRINT_STORY))
_TITLE = "maintitle"
# One of these is in every page of this CMS: on most others nothing more is looked at.
_TELLING = (*sorted(_PRINT | _DETAIL), _TITLE)
_INFO = frozenset(("da_story_info", "info"))
_SAYS_BY = re.compile(r"(?:^|[|\u2022\n])\s*by:?\s+(?P<told>\S[^|\u2022\n]*)", re.IGNORECASE)
_PUBLISHED = re.compile(r"\s*/?\s*\bpublished\b.*$", re.IGNORECASE | re.DOTALL)
_COMMA = re.compile(r",(?!\s*(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d)\b)\s*", re.IGNORECASE)
_ARTICLE_URL = re.compile(r"/article/\d+", re.IGNORECASE)
_PARTS = {
    "info": BlockKind.BYLINE, "tags": BlockKind.NAVIGATION, "breadcrumbs": BlockKind.NAVIGATION,
    "article-print": BlockKind.SHARE, "share-bar": BlockKind.SHARE, "kicker": BlockKind.NAVIGATION,
    "historical": BlockKind.HISTORICAL_NOTICE, "related": BlockKind.RELATED,
}  # fmt: skip
_BOXES = {word: kind for word, kind in _PARTS.items() if kind is not BlockKind.BYLINE}  # among the paragraphs
_PRINT_PARTS = {
    "da_story_info": BlockKind.BYLINE, "da_related_item": BlockKind.RELATED,
    "da_body_center": BlockKind.NAVIGATION,
}  # fmt: skip
# Of a life the line tells "Retired May 4, 1985", which is no date of the page.
_LIFE_PARTS = {**_PRINT_PARTS, "da_story_info": BlockKind.WIDGET}
# Words of the detail's class, and the numbers that the CMS gives its content types.
_KINDS = {
    "transcript": PageKind.TRANSCRIPT, "transcripts": PageKind.TRANSCRIPT,
    "contract": PageKind.CONTRACT, "contracts": PageKind.CONTRACT, "content-type-400": PageKind.CONTRACT,
    "speech": PageKind.SPEECH, "speeches": PageKind.SPEECH, "content-type-11": PageKind.SPEECH,
    "release": PageKind.RELEASE, "newsrelease": PageKind.RELEASE, "news-release": PageKind.RELEASE,
    "advisory": PageKind.RELEASE, "content-type-9": PageKind.RELEASE, "content-type-2": PageKind.RELEASE,
    "content-type-13": PageKind.TRANSCRIPT,
}  # fmt: skip

_Hinted = tuple[tuple[int, list[str]], ...]  # nodes with the words of their classes and ids


def template(reading: Reading, url: str | None) -> Template | None:
    """The template of an article's page; of lists, galleries and other pages there is none."""
    if not any(word in reading.hints for word in _TELLING):
        return None
    hinted = tuple((number, node.hints.split()) for number, node in enumerate(reading.nodes) if node.hints)
    page = next((number for number, words in hinted if not _PRINT.isdisjoint(words)), -1)
    if page >= 0:
        return _print_page(reading, hinted, page)
    detail = next((number for number, words in hinted if not _DETAIL.isdisjoint(words)), -1)
    titled = any(_TITLE in words and reading.nodes[number].tag == "h1" for number, words in hinted)
    if detail < 0 and not (titled and _ARTICLE_URL.search(url or "")):
        return None
    # The services' skins leave the class out.
    titled = titled or any(
        node.tag == "h1" and detail in reading.ancestors(number) for number, node in enumerate(reading.nodes)
    )
    story = _story(reading, hinted, detail)
    among = subtree(reading, story) if story >= 0 else range(0)
    around = reading.ancestors(story) if story >= 0 else ()
    outside = tuple(each for each in hinted if each[0] not in among and each[0] not in around)
    inside = tuple(each for each in hinted if each[0] in among and each[0] != story)
    return Template(
        publisher=_NAME, body=story, around=detail, exact=True, kind=_kind(reading, detail),
        parts=(*_parts(outside, _PARTS), *_parts(inside, _BOXES)), authors=_authors(reading, outside),
        lacks="" if titled and story >= 0 else "div.body" if titled else f"h1.{_TITLE}",
    )  # fmt: skip


def _story(reading: Reading, hinted: _Hinted, detail: int) -> int:
    """The node of the story, -1 without; dialogs and cards have a body too, so it is that with most text."""
    stories = (
        number for number, words in hinted if not _STORY.isdisjoint(words) and _DETAIL.isdisjoint(words)
    )
    within = (number for number in stories if detail < 0 or detail in reading.ancestors(number))
    return max(within, key=lambda number: (reading.weights[number], -number), default=-1)


def _print_page(reading: Reading, hinted: _Hinted, page: int) -> Template:
    story = next((number for number, words in hinted if number > page and _PRINT_STORY in words), -1)
    is_life = _LIFE in reading.nodes[page].hints
    return Template(
        publisher=_NAME, body=story, exact=True, bare=True,
        parts=tuple(_parts(hinted, _LIFE_PARTS if is_life else _PRINT_PARTS)),
        authors=() if is_life else _authors(reading, hinted),
        lacks="" if story >= 0 else f"div.{_PRINT_STORY}",
    )  # fmt: skip


def _parts(hinted: _Hinted, kinds: Mapping[str, BlockKind]) -> Iterator[tuple[int, BlockKind]]:
    for number, words in hinted:
        known = next((word for word in words if word in kinds), None)
        if known:
            yield number, kinds[known]


def _authors(reading: Reading, hinted: _Hinted) -> tuple[str, ...]:
    """Who wrote, by the line under the title: "By RANK NAME, UNIT / Published DATE"."""
    nodes = {number for number, words in hinted if not _INFO.isdisjoint(words)}
    if not nodes:
        return ()
    lines = [s.text for s in reading.segments if not nodes.isdisjoint(reading.ancestors(s.node))]
    return names_in_info("\n".join(lines))


def names_in_info(info: str) -> tuple[str, ...]:
    """Persons, else the office, of the line under an article's title: what stands before its first comma.

    >>> names_in_info("By James Example Jr., Space and Missile Center Public Affairs / Published May 4, 2015")
    ('James Example Jr.',)
    >>> names_in_info("By Harbor News Service, / Published May 4, 2015"), names_in_info("May 4, 2015")
    (('Harbor News Service',), ())
    """
    found = _SAYS_BY.search(info)
    told = _PUBLISHED.sub("", found["told"] if found else info)
    first = _COMMA.split(told, maxsplit=1)[0]
    names = split_names(f"By {first}") if found else ()
    office = collective_name(f"By {first}") if first and not names else None
    return names or ((office,) if office and (found or _PUBLISHED.search(info)) else ())


def _kind(reading: Reading, detail: int) -> PageKind | None:
    """The kind that the classes of the detail or of an element around it name."""
    if detail < 0:
        return None
    words = (word for node in reading.ancestors(detail) for word in reading.nodes[node].hints.split())
    return next((_KINDS[word] for word in words if word in _KINDS), None)
