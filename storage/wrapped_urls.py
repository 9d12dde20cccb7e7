"""The page behind the URL of somebody else's copy of it: AMP caches and web archives."""

from __future__ import annotations

import re
from urllib.parse import unquote

from storage.url_rules import ARCHIVES

_USER = r"(?:[^/?#@]{0,100}@)?"
_HOST_END = r"\.{0,9}(?::\d{0,5})?/{1,9}"
_STAMP = r"(?:\d[\d.-]{3,17}|\*)(?:[a-z]{2}_|\*)?/{1,9}"
_ARCHIVE_HOSTS = "|".join(f"{host}{_HOST_END}{folders}" for host, folders in ARCHIVES.items())
_COPY = re.compile(
    rf"{_USER}(?:"
    rf"(?:www\.)?google\.[a-z.]{{2,6}}{_HOST_END}amp/(?P<google>s/)?"
    rf"|[a-z0-9-]{{1,63}}\.cdn\.ampproject\.org{_HOST_END}(?:wp/)?[a-z]/(?P<cache>s/)?"
    rf"|(?:www\.)?bing-amp\.com{_HOST_END}c/(?P<bing>s/)?"
    rf"|(?:{_ARCHIVE_HOSTS}){_STAMP}"
    # Print pages of the Defense Department before 2015.
    rf"|(?:www\.|archive\.)?(?:defense\.gov|defenselink\.mil){_HOST_END}utility/printitem\.aspx\?print=)",
    re.IGNORECASE,
)
# Archives elsewhere run the same programs: a timestamp in full stands right before a URL with its scheme.
_ANY_ARCHIVE = re.compile(
    r"[^/?#]{1,253}/(?:[\w.~-]{1,64}/){0,3}\d{14}(?:[a-z]{2}_)?/(?=https?:/)", re.IGNORECASE
)
_SCHEME = re.compile(r"(https?)(?::|%3A)(?:/|%2F){1,2}", re.IGNORECASE)
_HOST = re.compile(rf"{_USER}[^\s/?#@:]+")
_FULL_HOST = re.compile(
    rf"{_USER}(?:[^\s/?#@:.]{{1,63}}\.){{1,20}}[^\W\d]{{2,24}}\.{{0,9}}(?::\d{{0,5}})?(?=[/?#]|$)"
)


def unwrapped(url: str) -> str:
    """URL of the page itself where this is that of a copy of it, or of a copy's copy; else the URL as it is.

    >>> unwrapped("https://web.archive.org/web/20200102030405id_/http://news.example/a?b=1")
    'http://news.example/a?b=1'
    >>> unwrapped("https://www.google.com/amp/s/amp.news.example/a"), unwrapped("https://news.example/2020/a")
    ('https://amp.news.example/a', 'https://news.example/2020/a')
    """
    outer = _SCHEME.match(url)
    if outer is None:
        return url
    scheme, at = "", outer.end()
    while found := _COPY.match(url, at) or _ANY_ARCHIVE.match(url, at):
        named = _SCHEME.match(url, found.end())
        start = named.end() if named else found.end()
        if not (_HOST if named else _FULL_HOST).match(url, start):
            break
        is_secure = found.re is _COPY and any(found.groups())
        scheme = named.group(1).lower() if named else "https" if is_secure else "http"
        at = start
        if named and "%" in named[0]:
            return f"{scheme}://{unquote(url[at:])}"
    return f"{scheme}://{url[at:]}" if scheme else url
