"""Digests and sketches of texts: what says that two texts are the same, or that one holds the other.

A text is compared by its word 5-shingles. A sketch keeps each shingle whose 64-bit hash is divisible by 16,
so that the share of one sketch found in another estimates containment, whatever the lengths; 400 words keep
about 25 hashes. A short text would keep too few, and keeps a larger part. Source: FracMinHash (Irber et al.
2022), with BLAKE2b for a hash that is the same on every machine.

What is kept is the upper half of the hash, and below it some bits of the hash of the five words that follow:
two texts that have one phrase in common by chance go on otherwise, two that have a passage in common do not.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import blake2b
from typing import TypeVar

from storage.article import Article

Word = TypeVar("Word", str, bytes)
SHINGLE_WORDS = 5
SKETCH_MODULUS = 16
_COARSENESS = SKETCH_MODULUS - 1
FINER = ((60, 2), (120, 4), (240, 8))  # below so many words; each part holds the coarser ones

_WITHOUT_SPACES = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"  # kana, Han, Hangul: a character is a word
)
# Vowel signs and accents that follow their letter: part of the word, though no `\w`.
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E00) if unicodedata.category(chr(code))[0] == "M")
_LETTER = f"[^\\W_{_WITHOUT_SPACES}]"
_WORD = re.compile(f"[{_WITHOUT_SPACES}]|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*")
# Where a word may be broken, and what joins or turns letters: nobody sees it.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_TYPOGRAPHIC = re.compile("[\u00a0\u00ab\u00bb\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026]")
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def normalise(text: str) -> str:
    r"""Words of a text in lower case, one space between: no punctuation, no layout, one form of characters.

    >>> normalise("Don't  STOP, she said: five-fold!")
    'don t stop she said five fold'
    >>> normalise("hy\u00adphen"), len(normalise("\u0915\u093f\u0924\u093e\u092c").split())
    ('hyphen', 1)
    """
    plain = text if text.isascii() else _TYPOGRAPHIC.sub(" ", _UNSEEN.sub("", text))
    if plain.isascii():  # as most English texts: the same, several times as fast
        return " ".join(plain.translate(_ASCII).split())
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def word_count(text: str) -> int:
    """Number of words of a text as `normalise` counts them.

    >>> word_count("Two words.")
    2
    """
    return len(normalise(text).split())


def text_digest(text: str) -> str:
    """SHA-256 of the normalised text: equal for texts that differ in case, punctuation or layout alone.

    >>> text_digest("A  word.") == text_digest("a word")
    True
    """
    return hashlib.sha256(normalise(text).encode("utf-8", "replace")).hexdigest()


def content_digest(article: Article) -> str:
    """SHA-256 of what makes a version: title, text, authors, dateline, publication time, named origin.

    What a page shows around its article (related headlines, the time it was last touched) makes no new
    version.
    """
    at = article.published_at
    if at and at.tzinfo:
        at = at.astimezone(UTC).replace(tzinfo=None)
    covered = (article.title, article.text, article.authors, article.dateline, str(at), article.origin_url)
    return hashlib.sha256(json.dumps(covered).encode("ascii")).hexdigest()


def shingle_hash(shingle: str) -> int:
    """64-bit hash of some words, the same on every machine."""
    return int.from_bytes(blake2b(shingle.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def shingles(text: str) -> frozenset[int]:
    """64-bit hashes of the text's word 5-shingles; empty for a text of fewer words.

    >>> len(shingles("one two three four five six")), len(shingles("too short to say"))
    (2, 0)
    """
    return frozenset(map(shingle_hash, map(" ".join, _windows(normalise(text).split()))))


def _windows(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """Each five words in a row."""
    return zip(*(words[n:] for n in range(SHINGLE_WORDS)), strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is counted and hashed of a text: `sketch` are the kept hashes of its shingles, ascending."""

    text_digest: str
    word_count: int
    sketch: tuple[int, ...]


def measured(text: str) -> Measured:
    """Digest, number of words and sketch of a text, which is normalised once for all of them."""
    normal = normalise(text)
    words = normal.split()
    encoded = [word.encode("utf-8", "replace") for word in words]
    digests = [blake2b(b" ".join(five), digest_size=8).digest() for five in _windows(encoded)]
    digest = hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest()
    kept = _kept(digests, keeps_every(len(words)))
    return Measured(text_digest=digest, word_count=len(words), sketch=kept)


def _kept(digests: Sequence[bytes], every: int) -> tuple[int, ...]:
    """The kept ones of the hashes of a text's shingles, with what follows each.

    In the last four bits are those of the hash, which tell in how coarse a sketch it would be.
    """
    last = every - 1  # a power of two less one: the bits that are zero in a kept hash
    kept: dict[int, int] = {}
    for place, digest in enumerate(digests):
        if digest[7] & last:
            continue
        upper, beside = int.from_bytes(digest[:4], "big"), place + SHINGLE_WORDS
        if beside >= len(digests):  # the text ends: what comes before
            beside = max(place - SHINGLE_WORDS, 0)
        follows = int.from_bytes(digests[beside][:4], "big") & ~_COARSENESS
        value = upper << 32 | follows | digest[7] & _COARSENESS
        kept[upper] = min(value, kept.get(upper, value))
    return tuple(sorted(kept.values()))


def sketch(text: str) -> tuple[int, ...]:
    """The kept hashes of the text's shingles, in ascending order."""
    return measured(text).sketch


def keeps_every(words: int) -> int:
    """Which part of the hashes a text of so many words keeps: those divisible by 2, 4, 8 or 16.

    >>> keeps_every(59), keeps_every(400)
    (2, 16)
    """
    return next((every for below, every in FINER if words < below), SKETCH_MODULUS)
