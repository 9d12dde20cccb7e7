"""Which classes of an element say that it names an author."""

from __future__ import annotations

import re
from functools import lru_cache

# The heading of a box about the author: a name where "by" goes before it, else a job.
AUTHOR_TITLE = re.compile(r"(?:^|\s)author-title(?:\s|$)")
# Words of a class that name the element of an author, and those that may follow: no picture, life or job.
_AUTHOR_WORDS = frozenset(("author", "authors", "byline", "bylines", "contributor", "contributors"))
_AUTHOR_TAILS = frozenset((
    "name", "names", "link", "links", "text", "wrap", "wrapper", "info", "meta", "line", "and", "date",
    "url", "fn",
    "vcard", "container", "details", "by", "label", "list", "item", "block", "display", "full", "first", "1",
))  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def names_author(classes: str) -> bool:
    """Whether a class attribute says that its element names an author.

    >>> [names_author(c) for c in ("post_author-name", "ArticleAuthor_wrapper__yS1", "author-bio", "by-line")]
    [True, True, False, False]
    """
    for token in classes.split():
        head, _, tail = _CAMEL.sub("-", token).lower().partition("__")  # a part of a block, or a made name
        telling = "author" in tail or "byline" in tail
        words = re.split(r"[-_:]+", f"{head}-{tail}" if telling else head or tail)
        place = next((n for n, word in enumerate(words) if word in _AUTHOR_WORDS), -1)
        if place >= 0 and all(
            word in _AUTHOR_TAILS for word in words[place + 1 :] if word not in _AUTHOR_WORDS
        ):
            return True
    return False
