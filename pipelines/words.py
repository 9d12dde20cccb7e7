"""What tells a sentence from a label: its end, its length, its letters."""

from __future__ import annotations

import re
from functools import lru_cache

_TERMINAL = re.compile(r"[.!?:;…。\uff01\uff1f]['\"”\u2019»)\]]*$")
_WORD = re.compile(r"\w[\w'\u2019.,-]*")
_NORMAL = re.compile(r"[\W_]+")


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence does.

    >>> ends_sentence("He left.”"), ends_sentence("Fleet Sails North")
    (True, False)
    """
    return _TERMINAL.search(text[-8:]) is not None


def word_count(text: str) -> int:
    """Number of words."""
    return len(_WORD.findall(text))


@lru_cache(maxsize=512)
def normal(text: str) -> str:
    """Letters and digits alone, lower case: what two printings of one text share.

    >>> normal("Fleet  sails—North!")
    'fleetsailsnorth'
    """
    return _NORMAL.sub("", text.casefold())
