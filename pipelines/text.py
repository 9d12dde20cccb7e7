"""Plain-text dumps -> the same blocks by the same rules as pages."""

from __future__ import annotations

import re

from pipelines.boilerplate import headings, judge_story, judge_wording
from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.fields.dates import parse_date
from pipelines.fields.languages import language_of
from pipelines.fields.metadata import kind_of_url, strip_site
from pipelines.fields.offers import from_text
from pipelines.fields.people import collective_name, find_dateline, says_by, split_names
from pipelines.page.segments import Reading
from pipelines.page.walk import segment_text
from pipelines.photos.photographs import read_photo
from pipelines.words import ends_sentence, normal, word_count
from storage.article import Article, Block, BlockKind, Outcome

_FULL_WORDS, _FEWEST_TITLE_WORDS, _MOST_TITLE_WORDS, _MOST_LINES_ABOVE = 12, 2, 30, 60
_SENTENCE_WORDS, _WEAK, _MOST_WEIGHT, _LONG_WORDS = 8, 3, 80, 20
_CRUMBS = re.compile(
    r"^home\s+(?:(?:world|news|politics|business|sports?|tech(?:nology)?|opinion|local|national|"
    r"international|health|science|u\.?s\.?|>|»|/|:)\s+)*",
    re.IGNORECASE,
)


def clean_text(text: str, *, url: str | None = None) -> Article:
    """The article in a plain-text dump (WET, a text file); what is no paragraph is a removed block."""
    reading = segment_text(text)
    judgement = judge_wording(reading)
    title, site = title_line(reading, judgement.settled)
    judge_story(judgement, title)
    judgement.add(_body(reading, judgement.settled))
    blocks = judgement.blocks()
    kept = [block.text for block in blocks if block.kept]
    raw, authors, dateline = _date_line(blocks), byline_names(blocks), first_dateline(blocks)
    language = language_of("\n\n".join(kept))
    told = (("title", title), ("authors", "; ".join(authors)), ("dateline", dateline), ("published_at", raw))
    return Article(
        title=title,
        text="\n\n".join(kept),
        authors=authors,
        dateline=dateline,
        published_at=parse_date(raw) if raw else None,
        published_raw=raw,
        language=language,
        site_name=site,
        candidates=from_text((*told, ("language", language), ("site_name", site))),
        page_kind=kind_of_url(url),
        blocks=blocks,
        photos=tuple(read_photo(reading, group, url) for group in judgement.groups),
        outcome=Outcome.ARTICLE if kept else Outcome.NOT_AN_ARTICLE if blocks else Outcome.EMPTY,
    )


def byline_names(blocks: tuple[Block, ...], *, declared: str | None = None) -> tuple[str, ...]:
    """Names of the first byline that has any; else the newsroom or office, `declared` or in a byline."""
    lines = [b.text for b in blocks if b.kind is BlockKind.BYLINE and not headings.is_date_line(b.text)]
    for line in lines:
        names = split_names(line)
        if names := names if says_by(line) else tuple(name for name in names if " " in name):
            return names
    collective = declared or next((found for line in lines if (found := collective_name(line))), None)
    return (collective,) if collective else ()


def first_dateline(blocks: tuple[Block, ...]) -> str | None:
    """Dateline that one of the first kept paragraphs opens with."""
    kept = [block.text for block in blocks if block.kept and block.kind is BlockKind.BODY]
    return next((found for text in kept[:3] if (found := find_dateline(text))), None)


def _date_line(blocks: tuple[Block, ...]) -> str | None:
    return next((b.text for b in blocks if b.kind is BlockKind.BYLINE and parse_date(b.text)), None)


def title_line(reading: Reading, settled: frozenset[int]) -> tuple[str | None, str | None]:
    """Title and site name, from the lines above the first paragraph."""
    lines: list[str] = []
    for index, segment in enumerate(reading.segments):
        if index in settled:
            continue
        if (
            word_count(segment.text) >= _FULL_WORDS
            and ends_sentence(segment.text)
            and not segment.text.endswith("?")
        ):
            break
        if _FEWEST_TITLE_WORDS <= word_count(segment.text) <= _MOST_TITLE_WORDS and not headings.is_date_line(
            segment.text
        ):
            lines.append(segment.text)
        if len(lines) >= _MOST_LINES_ABOVE:
            break
    with_site = sorted(
        (found for line in lines if (found := strip_site(line, None, known=tuple(lines)))[1]),
        key=lambda f: len(f[0]),
    )
    if with_site:
        title, site = with_site[0]
        return _CRUMBS.sub("", title) or title, site
    heads = [line for line in lines if not line.lower().startswith("by ")]
    longest = next(
        (line for line in heads if word_count(line) >= 2 * _FEWEST_TITLE_WORDS), heads[0] if heads else None
    )
    return (_CRUMBS.sub("", longest) or longest, None) if longest else (None, None)


def _body(reading: Reading, settled: frozenset[int]) -> Verdicts:
    """Verdicts on the rest: body as far as the story runs, navigation before and behind."""
    rest = [index for index in range(len(reading.segments)) if index not in settled]
    span = _story(reading, rest)
    seen: set[str] = set()
    for index in rest:
        text = reading.segments[index].text
        if index not in span:
            yield index, Verdict(kind=BlockKind.NAVIGATION, rule="text:outside_body")
        elif normal(text) in seen and word_count(text) >= _FULL_WORDS:
            yield index, Verdict(kind=BlockKind.REPEATED, rule="text:twice")
        else:
            heading = not ends_sentence(text) and word_count(text) < _FULL_WORDS
            yield (
                index,
                Verdict(kind=BlockKind.HEADING if heading else BlockKind.BODY, rule="text:body", kept=True),
            )
        seen.add(normal(text))


def _story(reading: Reading, lines: list[int]) -> range:
    """Numbers of the segments among which the story runs: where its sentences outweigh other lines most.

    The lines of menus and of lists of headlines end in no full stop; one that ends so among many of them is
    no story. A long paragraph is one wherever it stands.
    """
    best = weight = 0
    start = first = last = -1
    long: list[int] = []
    for place, index in enumerate(lines):
        count = reading.words[index]
        ended = reading.sentences[index]
        if weight <= 0:
            weight, start = 0, place
        weight += (min(count, _MOST_WEIGHT) if count >= _SENTENCE_WORDS else _WEAK) if ended else -1
        if weight > best:
            best, first, last = weight, start, place
        if ended and count >= _LONG_WORDS:
            long.append(place)
    if best <= 0:
        return range(0)
    return range(lines[min([first, *long])], lines[max([last, *long])] + 1)
