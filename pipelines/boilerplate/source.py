"""The tail of a repost: "Source link", "appeared first on", and the category line behind it."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import Verdict, Verdicts, whole
from pipelines.page.segments import Reading
from pipelines.words import ends_sentence, word_count
from storage.article import BlockKind

_SOURCE = whole(
    r"(?:source|original|article|news) (?:link|source|article|story|post)(?: here)?|"
    r"read (?:the )?(?:original|full)(?: (?:article|story|post))?"
    r"(?: (?:here|at|on|from) .{2,60})?|(?:this (?:article|story|post) )?(?:was )?(?:originally |"
    r"first )(?:published|appeared|posted)(?: (?:on|at|by|in) .{2,100})?|"
    r"the post .{2,200} (?:appeared first|first appeared) on .{2,80}|(?:source|via|h/t|"
    r"credit)s?\s*[:\u2013-]\s*\S.{0,100}|.{0,120}\bappeared first on\b.{2,80}|"
    r"view (?:the )?(?:original|source)(?: .{0,40})?|continue reading (?:at|on) .{2,60}|this (?:article|"
    r"story|post) (?:was )?(?:originally|first) "
    r"(?:published|appeared|posted).{2,140}|(?:originally|first) published (?:at|on|by|in) .{2,100}",
)
_BARE = whole("source|via|sources|original")
_REACH, _MOST_WORDS, _LONGEST = 8, 5, 320
_LAST_SHARE = 0.6
_PLACE = re.compile(r"[^.!?]{2,60}")


def judge(reading: Reading, settled: frozenset[int]) -> Verdicts:
    """Verdicts on the source line, and on the short lines (categories, tags) behind one that is the end."""
    found = -1
    for index, segment in enumerate(reading.segments):
        if index in settled or len(segment.text) > _LONGEST:
            continue
        bare = _BARE.fullmatch(segment.text) and (
            segment.link_share > 0 or index >= _LAST_SHARE * len(reading.segments)
        )
        if _SOURCE.fullmatch(segment.text) or bare:
            found = index
            yield index, Verdict(kind=BlockKind.SOURCE_LINK, rule="source:line")
        elif found >= 0 and index - found <= _REACH and _is_category(segment.text):
            if any(
                ends_sentence(s.text) and word_count(s.text) > 2 * _REACH
                for s in reading.segments[found + 1 : index]
            ):
                continue  # the story goes on: what stands here is no tail
            if (
                reading.is_dump
                or index >= _LAST_SHARE * len(reading.segments)
                or not _goes_on(reading, index)
            ):
                yield index, Verdict(kind=BlockKind.NAVIGATION, rule="source:category_line")


def _is_category(text: str) -> bool:
    return word_count(text) <= _MOST_WORDS and not ends_sentence(text) and _PLACE.fullmatch(text) is not None


def _goes_on(reading: Reading, index: int) -> bool:
    return any(
        ends_sentence(s.text) and word_count(s.text) > 2 * _REACH for s in reading.segments[index + 1 :]
    )
