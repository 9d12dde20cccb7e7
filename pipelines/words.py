"""What tells a sentence from a label: its end, its length, its letters."""

from __future__ import annotations

import re
from functools import lru_cache

_STOPS = frozenset(
    ".!?:;…。\uff01\uff1f\uff1a\uff1b\uff61"  # Latin, Chinese and Japanese
    "\u061f\u06d4\u0589\u1362"  # Arabic, Urdu, Armenian, Ethiopic
    "\u0964\u0965\u104b\u17d4\u17d5"  # Devanagari and its kin, Burmese, Khmer
)
_CLOSERS = "'\"”\u2019»)]\u300d\u300f\uff09\u3011\u300b"
# Thai and Lao end their sentences with a space: what is long enough for one is.
_FIRST_UNSTOPPED, _LAST_UNSTOPPED = "\u0e00", "\u0eff"
_LONG_UNSTOPPED = 60
_NEAR = 8  # a sentence's stop has no more marks behind it
# Chinese and Japanese set no spaces: two characters are a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|\w[\w'\u2019.,-]*")
_NORMAL = re.compile(r"[\W_]+")
# Rules ask the same of the same lines; long texts are not held on to.
_MOST_KEPT, _LONGEST_KEPT = 2048, 1000


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence does.

    >>> ends_sentence("He left.”"), ends_sentence("Fleet Sails North")
    (True, False)
    """
    last = text[-1:]
    if last in _STOPS:
        return True
    if _FIRST_UNSTOPPED <= last <= _LAST_UNSTOPPED:
        return len(text) >= _LONG_UNSTOPPED
    return last in _CLOSERS and text[-_NEAR:].rstrip(_CLOSERS)[-1:] in _STOPS


def word_count(text: str) -> int:
    """Number of words.

    >>> word_count("The boat's 2 masts"), word_count("\u6d77\u6e2f\u958b\u653e\u4e86\u3002")
    (4, 3)
    """
    return _word_count(text) if len(text) <= _LONGEST_KEPT else len(_WORD.findall(text))


def normal(text: str) -> str:
    """Letters and digits alone, lower case: what two printings of one text share.

    >>> normal("Fleet  sails—North!")
    'fleetsailsnorth'
    """
    return _normal(text) if len(text) <= _LONGEST_KEPT else _NORMAL.sub("", text.casefold())


@lru_cache(maxsize=_MOST_KEPT)
def _word_count(text: str) -> int:
    return len(_WORD.findall(text))


@lru_cache(maxsize=_MOST_KEPT)
def _normal(text: str) -> str:
    return _NORMAL.sub("", text.casefold())
