"""One URL form of each article: the others bring nothing new."""

from __future__ import annotations

from collections.abc import Callable

from storage.urls import article_key


class ArticleForms:
    """Which of the URLs of one article a crawl asks for: the first it meets.

    A replay meets pages in another order than the crawl did; `may_be` says which forms it has something for.

    >>> forms = ArticleForms()
    >>> forms.is_first("http://a.example/story"), forms.is_first("http://a.example/story/")
    (True, False)
    """

    def __init__(self, may_be: Callable[[str], bool] = bool) -> None:
        """Start with no article met."""
        self._met: set[str] = set()
        self._may_be = may_be

    def is_first(self, url: str) -> bool:
        """Whether to ask for this one; once for each article."""
        key = article_key(url)
        if key in self._met or not self._may_be(url):
            return False
        self._met.add(key)
        return True
