"""What a single recurring line is by its own looks: a sort, and whether it is about its articles' matter."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from math import sqrt

from pipelines.sketch import normalise, word_count

MOST_WORDS = 40
_HEADING_WORDS = 8
_TERSE_WORDS = 5
_QUOTED_WORDS = 4
_QUOTED_SHARE = 0.4

_OPENING = "\"'\u2018\u201a\u201c\u201e\u00ab\u2039\u300c\u300e"
_QUOTED = re.compile(
    '["\u201c\u201e\u00ab\u300c]([^"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d]{2,})["\u201d\u201c\u00bb\u300d]'
)
_CREDIT = re.compile(
    r"(?:with )?(?:additional )?(?:reporting|writing|editing|research) by\b"
    r"|.{0,200}\bcontributed to (?:this|the) (?:report|story|article)",
    re.IGNORECASE,
)
_NOTE_MARKS = ("*", "\u2020", "\u2021")
_LABEL = re.compile(r"(?:[QA]|[^\W\d_a-z][^\W\d_a-z.' ]{1,40})[:.](?:\s|$)")
_DASHES = ("-", "\u2013", "\u2014", "\u2022")
_ADDRESS = re.compile(r"https?://|www\.\w|\w@\w|(?:^|\s)@\w|\u00a9|\w\.(?:com|org|net)\b")
_TO_THE_READER = frozenset(
    {
        *("we", "our", "ours", "us", "you", "your", "yours", "subscribe", "newsletter"),
        *("wir", "uns", "unser", "unsere", "unseren", "unserem"),
        *("nous", "notre", "nos", "vous", "votre", "vos"),
        *("nosotros", "nuestro", "nuestra", "nuestros", "nuestras", "usted", "ustedes"),
        *("noi", "nostro", "nostra", "vostro", "nosso", "nossa"),
    }
)
_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
_ASKING = ("?", "\uff1f", "\u061f")
_CLOSING = "\"'\u2019\u201d\u00bb)]"


class Sort(StrEnum):
    """What a line looks like."""

    PROTECTED = "protected"  # a quote, a credit, a note, a dateline, or too long
    MARK = "mark"  # no word in it
    HEADING = "heading"  # short, and no sentence
    LABELLED = "labelled"  # a speaker or an item of a list
    QUESTION = "question"  # what follows may answer it
    TERSE = "terse"  # a sentence of few words, as many a text has
    ADDRESS = "address"  # it speaks to the reader, or says where to write to
    PLAIN = "plain"


def sort_of(line: str) -> Sort:
    """What a line looks like, the most telling sign first.

    >>> [sort_of(one).value for one in ("___", "What we know", "The trial continues.", "Q: Why now?")]
    ['mark', 'heading', 'terse', 'labelled']
    >>> sort_of("Write to our desk at desk@tattler.example if a page fails to open.").value
    'address'
    """
    words = word_count(line)
    if not words:
        return Sort.MARK
    if words > MOST_WORDS or _is_anothers(line):
        return Sort.PROTECTED
    if _LABEL.match(line) or line.startswith((*_DASHES, "(")):
        return Sort.LABELLED
    return _by_length(line, words)


def _is_anothers(line: str) -> bool:
    """Whether the line is a note to the text, a dateline, a credit or somebody's speech."""
    ends = line.startswith(_NOTE_MARKS) or line.rstrip().endswith(_DASHES)
    return ends or bool(_CREDIT.match(line)) or _is_quote(line)


def _by_length(line: str, words: int) -> Sort:
    """Heading, question, terse, address or plain: a short line speaks to the reader only by an address."""
    if _ADDRESS.search(line):
        return Sort.ADDRESS
    if line.rstrip(_CLOSING).endswith(_ASKING):
        return Sort.QUESTION
    if words <= _HEADING_WORDS and not line.rstrip(_CLOSING).endswith(_ENDS):
        return Sort.HEADING
    if words <= _TERSE_WORDS:
        return Sort.TERSE
    spoken = normalise(_QUOTED.sub(" ", line)).split()
    return Sort.PLAIN if _TO_THE_READER.isdisjoint(spoken) else Sort.ADDRESS


def topicality(line: str, having: Collection[frozenset[str]], others: Collection[frozenset[str]]) -> float:
    """How surely some word of the line is commoner in the rest of the texts that have it than in other texts.

    In standard errors of the difference of the two shares, of the word that differs most: what a template
    puts under texts stays below 3, a sentence about their matter does not when texts are some tens. 0 where
    there is nothing to compare with.

    >>> court, farm = frozenset({"the", "trial", "jury"}), frozenset({"the", "cow"})
    >>> topicality("The trial continues.", [court] * 6, [farm] * 10)
    4.0
    """
    if not having or not others:
        return 0.0
    return max((_differs(word, having, others) for word in set(normalise(line).split())), default=0.0)


def _differs(word: str, having: Collection[frozenset[str]], others: Collection[frozenset[str]]) -> float:
    """By how many standard errors the word is commoner in the one texts than in the others."""
    here, there = (sum(word in text for text in texts) for texts in (having, others))
    both = (here + there) / (len(having) + len(others))
    error = sqrt(both * (1 - both) * (1 / len(having) + 1 / len(others)))
    return (here / len(having) - there / len(others)) / error if error else 0.0


def names_one(line: str, names: Collection[str]) -> bool:
    """Whether the line has one of the names in full.

    >>> names_one("Jane Roe writes about the harbour.", ["Jane Roe"]), names_one("Roe won.", ["Roe"])
    (True, False)
    """
    words = f" {normalise(line)} "
    told = (normalise(name) for name in names)
    return any(" " in name and f" {name} " in words for name in told)


def _is_quote(line: str) -> bool:
    """Whether the line is somebody's speech, wholly or in good part."""
    if line.startswith(tuple(_OPENING)):
        return True
    quoted = sum(word_count(part) for part in _QUOTED.findall(line))
    return quoted >= _QUOTED_WORDS and quoted >= _QUOTED_SHARE * word_count(line)
