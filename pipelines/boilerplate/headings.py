"""The page's own title among its text, bylines, dates and the breadcrumb above it."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.page.segments import Reading
from pipelines.words import ends_sentence, normal, word_count
from storage.article import BlockKind

_SITE_SEPARATORS = (" | ", " - ", " \u2013 ", " — ", " » ", " :: ", " · ", " • ", " > ", " < ")
_BYLINE = re.compile(
    r"\s*(?:(?:written |posted |reported |story |photos? |"
    r"words )?by:? +(?=\S*(?-i:[A-Z])|\d+(?:st|nd|rd|th)\b)[^.!?]{2,100}(?:[.][^.!?]{1,60}){0,5}|"
    r"published (?:on |by |at )?.{4,60}|(?:last )?updated:? .{4,60}|posted (?:on|by|at) .{3,60}|"
    r".{0,60}\bstaff writer|(?:von|par|por|door)(?: (?:(?:und|et|y|en|de|van|von) )?"
    r"(?-i:[^\W\d_a-zà-ÿ])[\w.'\u2019-]+){2,7})\s*",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?:\W|published|posted|updated|on|(?:mon|tues|wednes|thurs|fri|satur|"
    rf"sun)day){{0,12}}(?:{_MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}}\.? {_MONTH},? \d{{4}}|"
    r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})(?:[\s,|@•·-]*(?:at )?\d{1,2}[:.]\d\d.{0,30})?\s*",
    re.IGNORECASE,
)
_MAY_SIGN = re.compile(r"\b(?:by|von|par|por|door)\b|publish|updat|posted|staff writer|\d", re.IGNORECASE)
_PARTS = re.compile(r"\s*[|•·/]\s*")
_DEEPEST_TITLE, _BYLINE_REACH, _LONGEST = 12, 6, 320
_LONGEST_CRUMB_WORDS, _LONGEST_CRUMBS = 6, 60
_MOST_BYLINE_WORDS, _MOST_UNIT_WORDS, _FULL_WORDS, _LINKED = 20, 6, 12, 0.5
_MOST_DATE_WORDS = 12  # with its time and zone


def same_title(text: str, title: str) -> bool:
    """Whether a line is the title, with or without a site's name behind it or a breadcrumb before it.

    >>> same_title("Fleet Sails | Demo News", "Fleet Sails"), same_title("Fleet", "Fleet Sails")
    (True, False)
    """
    flat, wanted = normal(text), normal(title)
    if flat == wanted or not flat.startswith(wanted):
        return flat == wanted
    return any(normal(part) == wanted for separator in _SITE_SEPARATORS for part in text.split(separator)[:1])


def is_date_line(text: str) -> bool:
    """Whether a line is a date and nothing else.

    >>> is_date_line("April 6, 2022"), is_date_line("April 6, 2022, was cold")
    (True, False)
    """
    return _DATE.fullmatch(text) is not None


def judge(reading: Reading, title: str | None, settled: frozenset[int], site: str | None = None) -> Verdicts:
    """Verdicts on the title's printings, crumbs, bylines and dates, and on the site's name."""
    start = _body_start(reading, settled, title)
    for index, segment in enumerate(reading.segments):
        text = segment.text
        if index in settled or len(text) > _LONGEST:
            continue
        if title and _prints_title(reading, index, title, start):
            yield index, Verdict(kind=BlockKind.TITLE, rule="title:repeated")
        elif title and index <= start + 1 and _is_crumb(reading.flats[index], text, title):
            yield index, Verdict(kind=BlockKind.NAVIGATION, rule="navigation:breadcrumb_title")
        elif site and index < start and reading.flats[index] == normal(site):
            yield index, Verdict(kind=BlockKind.NAVIGATION, rule="navigation:site_name")
        elif reading.words[index] <= _MOST_BYLINE_WORDS and not _is_far_cell(reading, index, start):
            if _is_byline(text) and (index <= start + _BYLINE_REACH or not reading.sentences[index]):
                yield index, Verdict(kind=BlockKind.BYLINE, rule="byline:line")
            elif reading.words[index] <= _MOST_DATE_WORDS and is_date_line(text):
                yield index, Verdict(kind=BlockKind.BYLINE, rule="byline:date")


def _is_far_cell(reading: Reading, index: int, start: int) -> bool:
    """Whether a line is a cell of a table in the story, where a date is a date and a name a name."""
    return reading.tags[index] in ("td", "th") and index > start + _BYLINE_REACH


def _is_byline(text: str) -> bool:
    """Whether a line says who wrote and when, in one part or several."""
    if _MAY_SIGN.search(text) is None:
        return False
    parts = [part for part in _PARTS.split(text) if part]
    known = [_BYLINE.fullmatch(part) or is_date_line(part) for part in parts]
    return any(known) and (
        all(hit or word_count(part) <= _MOST_UNIT_WORDS for hit, part in zip(known, parts, strict=True))
    )


def _prints_title(reading: Reading, index: int, title: str, start: int) -> bool:
    if reading.tags[index] == "h1" and word_count(reading.segments[index].text) <= 40 and index <= start:  # noqa: PLR2004 -- a headline
        return True
    near = index <= start + _DEEPEST_TITLE if reading.is_dump else True
    tells = index > start and reading.sentences[index] and not ends_sentence(title)
    return (
        near
        and not tells  # a sentence of the story that says what the title says
        and reading.flats[index].startswith(normal(title))
        and same_title(reading.segments[index].text, title)
    )


def _is_crumb(flat: str, text: str, title: str) -> bool:
    """Whether a few words of navigation are glued before the title."""
    wanted = normal(title)
    if len(wanted) < 12 or wanted not in flat:  # noqa: PLR2004 -- too short to be told from a word
        return False
    before = flat.split(wanted, 1)[0]
    return (
        0 < len(before) <= _LONGEST_CRUMBS
        and word_count(text) <= word_count(title) + 2 * _LONGEST_CRUMB_WORDS
        and not ends_sentence(text)
    )


def _body_start(reading: Reading, settled: frozenset[int], title: str | None) -> int:
    """Number of the first segment that reads as a paragraph."""
    for index, segment in enumerate(reading.segments):
        if (
            index not in settled
            and reading.words[index] >= _FULL_WORDS
            and reading.sentences[index]
            and segment.link_share < _LINKED
        ):
            if title and same_title(segment.text, title):
                continue
            return index
    return len(reading.segments)
