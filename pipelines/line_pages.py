"""What pages say of a line: whether they have it, and which of its words stand in the rest of their texts.

By that a line is judged (`pipelines.learned`). What was found on a page is kept, so that of a host that had
enough pages before none is read but those that came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import Protocol

from pipelines.line_signs import names_one
from pipelines.sketch import normalise
from storage.index.learned import LineKey, PageText, Recurring, Sign

_LINES_AT_ONCE = 200


class PageStore(Protocol):
    """Where pages are read, and where what was found on them is kept."""

    def page_texts(self, pages: Iterable[int]) -> dict[int, PageText]: ...  # noqa: D102 told there
    def signs(self) -> dict[LineKey, dict[int, Sign]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page as it is compared with a line: its paragraphs, and the words of those that don't recur."""

    paragraphs: frozenset[str]
    words: frozenset[str]
    authors: tuple[str, ...]


def read_page(page: PageText, recurring: Collection[str]) -> ReadPage:
    """The page with the words of the paragraphs that are not among the recurring ones."""
    paragraphs = page.text.split("\n\n")
    own = " ".join(one for one in paragraphs if one not in recurring)
    return ReadPage(
        paragraphs=frozenset(paragraphs), words=frozenset(normalise(own).split()), authors=page.authors
    )


def sign_of(line: str, page: ReadPage, known: int) -> Sign:
    """What the page says of the line; `known` is kept with it."""
    return Sign(
        known=known,
        has_line=line in page.paragraphs,
        names_author=names_one(line, page.authors),
        words=tuple(sorted(page.words.intersection(normalise(line).split()))),
    )


def find_signs(
    store: PageStore,
    recurring: Sequence[Recurring],
    likely: Sequence[Recurring],
    others: Mapping[str, Sequence[int]],
) -> dict[LineKey, dict[int, Sign]]:
    """What the pages with each likely line, and the other pages of its host, say of it.

    Pages are read where that is not known, or was found out while other lines of the host recurred.
    """
    known = {host: {one.text for one in lines} for host, lines in groupby(recurring, lambda one: one.host)}
    numbers = {host: _number(lines) for host, lines in known.items()}
    before = store.signs()
    found: dict[LineKey, dict[int, Sign]] = {}
    for start in range(0, len(likely), _LINES_AT_ONCE):
        unread: list[tuple[Recurring, int]] = []
        for one in likely[start : start + _LINES_AT_ONCE]:
            key, number = (one.host, one.digest), numbers[one.host]
            there = before.get(key, {})
            pages = {*one.sample, *others[one.host]}
            found[key] = {
                page: there[page] for page in pages if page in there and there[page].known == number
            }
            unread += [(one, page) for page in sorted(pages.difference(found[key]))]
        host_of = {page: one.host for one, page in unread}
        read = {
            page: read_page(text, known[host_of[page]]) for page, text in store.page_texts(host_of).items()
        }
        for one, page in unread:
            found[one.host, one.digest][page] = sign_of(one.text, read[page], numbers[one.host])
    return found


def _number(lines: Collection[str]) -> int:
    """The lines as a number of 63 bits."""
    told = repr(sorted(lines)).encode(errors="replace")
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big") >> 1
