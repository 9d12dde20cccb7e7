"""The print view of an article: what its page declares, or what its publishing system has by rule.

The rules of `storage.url_rules` by which a print view is known as its article, turned round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from crawler.discovery.links import clean_url
from crawler.discovery.markup import html_tree, local_name
from storage.urls import article_id

_PRINT = re.compile(r"(?i)print")
_AFPIMS = re.compile(r"/article/(?:article/)?(\d{4,10})(?=/|\.aspx|$)", re.IGNORECASE)
_MOST = 3


def print_urls(url: str, pages: tuple[tuple[str | None, bytes], ...] = ()) -> tuple[str, ...]:
    """Where the print view of an article may be; `pages` are captures of its URL: type and body.

    >>> print_urls("https://www.af.mil/News/Article-Display/Article/4012345/a-title/")
    ('https://www.af.mil/DesktopModules/ArticleCS/Print.aspx?Article=4012345',)
    >>> print_urls("https://paper.example/2026/11/storm-comes/")
    ('https://paper.example/2026/11/storm-comes/print/', 'https://paper.example/2026/11/storm-comes/?print=1')
    """
    declared = (one for content_type, body in pages for one in _declared(url, content_type, body))
    wanted = article_id(url)
    fit = (one for one in (*declared, *_by_rule(url)) if one != url and article_id(one) == wanted)
    return tuple(dict.fromkeys(fit))[:_MOST]


def _declared(url: str, content_type: str | None, body: bytes) -> Iterator[str]:
    """Links of a page to a print view: one that it calls so, or whose address says so."""
    root = html_tree(body, content_type)
    for element in root.iter() if root is not None else ():
        if local_name(element) not in {"a", "link"}:
            continue
        target = clean_url(element.get("href") or "", url)
        told = (element.get("media"), element.get("rel"), element.get("class"), element.get("title"), target)
        if target and any(_PRINT.search(one) for one in told if one):
            yield target


def _by_rule(url: str) -> Iterator[str]:
    """Addresses that publishing systems have for it."""
    parts = urlsplit(url)
    number = _AFPIMS.search(parts.path)
    if number is not None:
        path = "/DesktopModules/ArticleCS/Print.aspx"
        yield urlunsplit((parts.scheme, parts.netloc, path, f"Article={number[1]}", ""))
        return
    if parts.path.endswith("/") and not parts.query:
        yield urlunsplit(parts._replace(path=f"{parts.path}print/", fragment=""))
    query = f"{parts.query}&print=1" if parts.query else "print=1"
    yield urlunsplit(parts._replace(query=query, fragment=""))
