"""Whether a link belongs to a crawl, with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from crawler.discovery.likeness import matches
from crawler.discovery.links import FoundIn, Link, LinkKind
from crawler.seeds import Follow, Seed

MAX_URL_LENGTH = 2_000
MAX_SEGMENTS = 15
_SAME_SEGMENT = 3
_FURTHER = 2  # links, of articles
_ROADS = {LinkKind.FEED, LinkKind.SITEMAP, LinkKind.ROBOTS, LinkKind.WORDPRESS}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FILE = re.compile(
    r"\.(?:7z|apk|avi|bmp|bz2|css|csv|dmg|docx?|eot|epub|exe|gif|gz|ico|ics|iso|jar|jpe?g|js|json|m4[av]|mobi|mov|mp[34]"
    r"|mpe?g|msi|ogg|otf|pdf|png|pptx?|ps|rar|rss|rtf|svg|swf|tar|tgz|tiff?|ttf|vcf|wav|web[mp]|wm[av]|woff2?|xlsx?|xml|xz|zip)$",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"/(?:wp-admin|wp-login\.php|xmlrpc\.php|log-?in|sign-?in|sign-?up|log-?out|sign-?out|register|account|my-account"
    r"|cart|checkout|password-reset|lost-?password)(?:\.\w+)?(?:/|$)",
    re.IGNORECASE,
)
_PRINT = re.compile(r"/print(?:\.\w+)?(?:/|$)|/print(?:view|friendly|able)", re.IGNORECASE)
_SHARE = re.compile(
    r"/(?:share|sharer(?:\.php)?|share-?offsite|intent/tweet|e?mail-?this|send-to-friend)(?:/|$)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"/comment-page-\d+(?:/|$)", re.IGNORECASE)
_SEARCH = re.compile(r"/(?:search|search-results)(?:\.\w+)?(?:/|$)", re.IGNORECASE)


class Reason(StrEnum):
    """Why a link is in scope, or out of it."""

    IN_SCOPE = "in scope"
    SCHEME = "not http or https"
    HOST = "another host"
    DENIED = "denied by a pattern"
    NOT_ALLOWED = "matches no allow pattern"
    NOT_FOLLOWED = "no article, and only articles are followed"
    FILE_TYPE = "a file, not a page"
    TOO_LONG = "URL too long"
    TOO_DEEP = "path too deep"
    TOO_FAR = "too many links from the start"
    REPEATED = "path repeats itself"
    PRINT_VIEW = "print view"
    LOGIN = "login or account page"
    SHARE = "share or reply link"
    SEARCH = "search result"
    COMMENTS = "page of comments"


_FORMS = (
    (_FILE, Reason.FILE_TYPE),
    (_PRINT, Reason.PRINT_VIEW),
    (_LOGIN, Reason.LOGIN),
    (_SHARE, Reason.SHARE),
    (_SEARCH, Reason.SEARCH),
    (_COMMENTS, Reason.COMMENTS),
)
_FIELDS = {
    "share": Reason.SHARE,
    "replytocom": Reason.SHARE,
    "like_comment": Reason.SHARE,
    "print": Reason.PRINT_VIEW,
    "printable": Reason.PRINT_VIEW,
    "redirect_to": Reason.LOGIN,
    "add-to-cart": Reason.LOGIN,
    "s": Reason.SEARCH,
    "cpage": Reason.COMMENTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a link is in scope. `detail` has the pattern or limit that decided, where one did."""

    in_scope: bool
    reason: Reason
    detail: str = ""


def judge(link: Link, seed: Seed, *, depth: int = 0) -> Verdict:
    """The verdict on a link found `depth` links away from the seed's start.

    What the seed itself names is in scope, unless a pattern denies it or it was redirected to another host.
    Feeds, sitemaps and listings lead to articles, so `allow` patterns do not hold for them.
    """
    parts, host, port = _split(link.url)
    if parts is None:
        return Verdict(in_scope=False, reason=Reason.SCHEME, detail=link.url.partition(":")[0][:20])
    if len(link.url) > MAX_URL_LENGTH:  # before any pattern sees it
        return Verdict(in_scope=False, reason=Reason.TOO_LONG, detail=str(len(link.url)))
    denied = next((pattern for pattern in seed.scope.deny if matches((pattern,), link.url)), None)
    if denied is not None:
        return Verdict(in_scope=False, reason=Reason.DENIED, detail=denied)
    if link.found_in is FoundIn.SEED and host in _named_hosts(seed):
        return Verdict(in_scope=True, reason=Reason.IN_SCOPE)
    if not any(_is_host(host, port, entry) for entry in seed.scope.hosts):
        return Verdict(in_scope=False, reason=Reason.HOST, detail=host)
    return _trap(parts, link) or _by_kind(link, seed, depth)


def host_matches(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether a web address is on one of the hosts that a seed names.

    >>> host_matches("https://www.example.org/a", ("example.org",)), host_matches("ftp://a.org", ("a.org",))
    (True, False)
    """
    parts, host, port = _split(url)
    return parts is not None and any(_is_host(host, port, entry) for entry in hosts)


def _named_hosts(seed: Seed) -> set[str | None]:
    """The hosts that the seed starts at: a feed may lie on a service's host, which is not the source's."""
    listings = (listing.url.replace("{page}", "1") for listing in seed.listings)
    addresses = (
        *seed.urls,
        *seed.feeds,
        *seed.sitemaps,
        *listings,
        *((seed.wordpress,) if seed.wordpress else ()),
    )
    return {urlsplit(address).hostname for address in addresses}


def _split(url: str) -> tuple[SplitResult | None, str, int]:
    """Parts, host and port of the URL; no parts where it is no web address."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None, "", 0
    if parts.scheme not in _DEFAULT_PORTS:
        return None, "", 0
    return parts, host, port or _DEFAULT_PORTS[parts.scheme]


def _is_host(host: str, port: int, entry: str) -> bool:
    """Whether the host is the one that the seed names.

    >>> _is_host("www.example.org", 443, "example.org"), _is_host("a.example.org", 80, "*.example.org")
    (True, True)
    >>> _is_host("badexample.org", 80, "*.example.org"), _is_host("127.0.0.1", 81, "127.0.0.1:80")
    (False, False)
    """
    parts = urlsplit(f"//{entry}")
    named = parts.hostname or ""
    if parts.port is not None and parts.port != port:
        return False
    if named.startswith("*."):
        return host == named[2:] or host.endswith(named[1:])
    return host.removeprefix("www.") == named.removeprefix("www.")


def _trap(parts: SplitResult, link: Link) -> Verdict | None:
    """The verdict on URLs that are files, forms or endless; None for all others."""
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return Verdict(in_scope=False, reason=Reason.TOO_DEEP, detail=str(len(segments)))
    repeated = _repeated(segments)
    if repeated:
        return Verdict(in_scope=False, reason=Reason.REPEATED, detail=repeated)
    return None if link.kind in _ROADS else _form(parts)


def _form(parts: SplitResult) -> Verdict | None:
    """The verdict on files and on pages that are a form or another view of a page; None for all others."""
    path = unquote(parts.path)
    for pattern, reason in _FORMS:
        found = pattern.search(path)
        if found:
            return Verdict(in_scope=False, reason=reason, detail=found[0])
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in _FIELDS:
            return Verdict(in_scope=False, reason=_FIELDS[name.lower()], detail=f"?{name}=")
    return None


def _repeated(segments: list[str]) -> str:
    """The segment, or pair of segments, that a path repeats as only broken links do; empty where none is.

    >>> _repeated(["news", "a", "news", "a", "x"]), _repeated(["News", "Article", "Article", "1234"])
    ('news/a', '')
    """
    names = [segment.lower() for segment in segments]
    for name in dict.fromkeys(names):
        # Dates repeat their numbers: /2011/11/11/.
        if not name.isdecimal() and names.count(name) >= _SAME_SEGMENT:
            return name
    pairs = ((names[place : place + 2], names[place + 2 : place + 4]) for place in range(len(names) - 3))
    return next(("/".join(first) for first, second in pairs if first == second and first[0] != first[1]), "")


def _by_kind(link: Link, seed: Seed, depth: int) -> Verdict:
    """The verdict by what the link leads to."""
    scope = seed.scope
    if link.kind in _ROADS:
        return Verdict(in_scope=True, reason=Reason.IN_SCOPE)
    article = link.kind is LinkKind.ARTICLE or matches(scope.article, link.url)
    followed = article or link.kind is LinkKind.LISTING or scope.follow is Follow.ALL
    if not followed:
        return Verdict(in_scope=False, reason=Reason.NOT_FOLLOWED)
    named = matches(scope.article, link.url) or "next" in link.reasons
    if scope.allow and not named and not matches(scope.allow, link.url):
        return Verdict(in_scope=False, reason=Reason.NOT_ALLOWED)
    # The pages of a listing have their own bound, and articles are what the depth is spent for; but articles
    # that only articles lead to may be made up without end.
    deepest = seed.limits.max_depth + _FURTHER * article
    if "next" not in link.reasons and seed.limits.max_depth and depth > deepest:
        return Verdict(in_scope=False, reason=Reason.TOO_FAR, detail=str(depth))
    return Verdict(in_scope=True, reason=Reason.IN_SCOPE)
