"""Digests and sketches of texts: what says that two texts are the same, or that one holds the other.

A text is compared by its word 5-shingles. A sketch keeps each shingle whose 64-bit hash is divisible by 16,
so that the share of one sketch found in another estimates containment, whatever the lengths; 400 words keep
about 25 hashes. Source: FracMinHash (Irber et al. 2022), with BLAKE2b for a hash that is the same on every
machine.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Set as AbstractSet
from datetime import UTC

from storage.article import Article

SHINGLE_WORDS = 5
SKETCH_MODULUS = 16

_WITHOUT_SPACES = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"  # kana, Han, Hangul: a character is a word
)
_WORD = re.compile(f"[{_WITHOUT_SPACES}]|[^\\W_{_WITHOUT_SPACES}]+")


def normalise(text: str) -> str:
    """Words of a text in lower case, one space between: no punctuation, no layout, one form of characters.

    >>> normalise("Don't  STOP, she said: five-fold!")
    'don t stop she said five fold'
    """
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def word_count(text: str) -> int:
    """Number of words of a text as `normalise` counts them.

    >>> word_count("Two words.")
    2
    """
    return normalise(text).count(" ") + 1 if normalise(text) else 0


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


def shingles(text: str) -> frozenset[int]:
    """64-bit hashes of the text's word 5-shingles; empty for a text of fewer words.

    >>> len(shingles("one two three four five six")), len(shingles("too short to say"))
    (2, 0)
    """
    words = normalise(text).encode("utf-8", "replace").split(b" ")
    digest = hashlib.blake2b
    return frozenset(
        int.from_bytes(digest(b" ".join(words[start : start + SHINGLE_WORDS]), digest_size=8).digest(), "big")
        for start in range(len(words) - SHINGLE_WORDS + 1)
    )


def sketch(text: str) -> tuple[int, ...]:
    """The kept hashes of the text's shingles, in ascending order."""
    return tuple(sorted(value for value in shingles(text) if value % SKETCH_MODULUS == 0))


def containment(part: AbstractSet[int], whole: AbstractSet[int]) -> float:
    """Share of the shingles of `part` that `whole` has too; 0 for a part without any.

    >>> containment({1, 2, 3, 4}, {3, 4, 5}), containment(set(), {1})
    (0.5, 0.0)
    """
    return len(part & whole) / len(part) if part else 0.0
