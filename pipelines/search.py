"""Search brought up to the articles, with the stems of their words by the rules of their languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

import snowballstemmer  # type: ignore[import-untyped] # it has no types of its own

_LANGUAGES = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "da": "danish",
    "nl": "dutch", "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french",
    "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian",
    "nn": "norwegian", "fa": "persian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "es": "spanish", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


class SearchStore(Protocol):
    """Where search is kept: `storage.index.search_index.SearchTables`."""

    def update(self, stem: Callable[[str, Sequence[str]], Sequence[str]]) -> int: ...  # noqa: D102 told there


class SearchWriter(Protocol):
    """What has a search store: `storage.index.writer.IndexWriter`."""

    @property
    def search(self) -> SearchStore:
        """The store."""


def update_search(writer: SearchWriter) -> int:
    """Number of articles that search looked at again: those that changed since last time."""
    return writer.search.update(stems)


def stems(language: str, words: Sequence[str]) -> list[str]:
    """Stem of each word; in a language without rules the word itself.

    >>> stems("en", ["deployments", "deployed", "navies"]), stems("zz", ["words"])
    (['deploy', 'deploy', 'navi'], ['words'])
    """
    known = _LANGUAGES.get(language)
    if known not in snowballstemmer.algorithms():
        return list(words)
    return list(_stemmer(known).stemWords(words))


@cache
def _stemmer(algorithm: str) -> Any:  # noqa: ANN401 (it has no types)
    """The one stemmer of a language: it takes longer to make than to use."""
    return snowballstemmer.stemmer(algorithm)
