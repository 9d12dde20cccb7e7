"""URL forms: the SURT key of CDXJ lines, our canonical URL, and the identity of an article.

Three answers to three questions. `surt_key`: where does a capture stand in a CDXJ file (a lookup key,
lower-cased, not to be fetched). `canonical_url`: which URL is this page's own, rid of what does not select
content (may be fetched). `article_key`: which article is it, whatever form of URL it was fetched by. None
of them raises, none asks the network. What the rules go by stands in `storage.url_rules`.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from itertools import islice
from urllib.parse import quote, quote_from_bytes, unquote

from storage import url_rules as rules
from storage.defense_urls import afpims_key, defense_key
from storage.surt import surt_key
from storage.urlparts import DEFAULT_PORTS, host_and_port, split_url
from storage.wrapped_urls import unwrapped

__all__ = [
    "article_id",
    "article_key",
    "canonical_url",
    "doubtful_parameters",
    "host_of",
    "site_of",
    "surt_key",
]

_VARIANTS = "|".join(rules.HOST_VARIANTS)
_HOST_VARIANT = re.compile(rf"^(?:(?:www\d{{0,3}}|{_VARIANTS})\.)+(?=[^.]+\.)")
_LANGUAGE_MOBILE = re.compile(r"^([a-z]{2})\.m\.(?=[^.]+\.)")  # of a site in many languages
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sessionid|sid)=[^/;]*", re.IGNORECASE)
_FOLDER_SESSION = re.compile(r"/\((?:[a-z]\([0-9a-z]{24}\)|[0-9a-z]{24})\)(?=/)", re.IGNORECASE)
_TRACKING = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in rules.TRACKING_PARAMETERS))
_SESSION_VALUE = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z]{16,}(?:[!.][\w.!-]*)?$")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]|]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IPV6 = re.compile(r"(?=.*:)[0-9a-f:.]+")
_LONGEST_HOST = 253
_MOST_WRAPPERS = 8


def canonical_url(url: str) -> str:
    """The page's URL by our rules: nothing left that does not select content.

    Applied twice it changes nothing. A copy in an AMP cache or a web archive has the URL of what it is a copy
    of. Dropped: user, default port, fragment (but `#!`), tracking and session parameters, index files, print
    and AMP views, empty path segments. Host in lower case and IDNA, percent-encoding and parameter order
    normal, dot segments resolved. Scheme, host labels as `www` and the last slash stay as they are, because a
    server may answer only one of the forms.

    >>> canonical_url("HTTPS://News.Example:443/a/./index.html?utm_source=x&id=7&print=1#top")
    'https://news.example/a/?id=7'
    >>> canonical_url("http://news.example/2026/story/amp/"), canonical_url("http://news.example")
    ('http://news.example/2026/story/', 'http://news.example/')
    """
    plain = re.sub(r"[\x00-\x1f\x7f]", "", url).strip()
    for _ in range(_MOST_WRAPPERS):
        plain = _normal_url(unwrapped(plain))
        if unwrapped(plain) == plain:
            break
    return plain


def _normal_url(plain: str) -> str:
    """Canonical form of a URL that is of no copy."""
    scheme, authority, path, query, fragment = split_url(plain)
    if scheme not in DEFAULT_PORTS or not authority:
        return plain
    host, port = host_and_port(authority)
    host = _ascii_host(host)
    if port and port != DEFAULT_PORTS[scheme]:
        host += f":{port}"
    parameters = _percent_normal(query.replace("+", "%20")).split("&")
    kept = "&".join(sorted(part for part in parameters if part and _selects_content(part)))
    fragment = fragment.partition(":~:")[0]  # what follows tells the browser which words to highlight
    return (
        f"{scheme}://{host}{_canonical_path(path)}"
        + (f"?{kept}" if kept else "")
        + (f"#{_percent_normal(fragment)}" if fragment.startswith("!") else "")
    )


def _ascii_host(host: str) -> str:
    """Host in ASCII, IPv6 in brackets, without trailing dots.

    >>> _ascii_host("B\u00fccher.Example."), _ascii_host("::1"), _ascii_host("a%2Fb:c")
    ('xn--bcher-kva.example', '[::1]', 'a%2Fb%3Ac')
    """
    host = unquote(host).lower().strip(".")
    if _IPV6.fullmatch(host):
        return f"[{host}]"
    if not host.isascii() and len(host) <= _LONGEST_HOST:
        with contextlib.suppress(UnicodeError):  # a label that IDNA refuses is percent-encoded below
            host = host.encode("idna").decode("ascii")
    return quote(host, safe="", errors="replace")


def _percent_normal(text: str) -> str:
    """Text with unreserved characters decoded, all else that needs it encoded in upper-case hex.

    >>> _percent_normal("/%7euser/a b%2f%zz")
    '/~user/a%20b%2F%25zz'
    """

    def normal(found: re.Match[str]) -> str:
        token = found.group()
        if len(token) == 3:  # noqa: PLR2004 a percent sign and its two digits
            character = chr(int(token[1:], 16))
            return character if character in _UNRESERVED else token.upper()
        return quote_from_bytes(token.encode("utf-8", "replace"))

    return _PERCENT.sub(normal, text)


def _selects_content(parameter: str) -> bool:
    """Whether `name=value` may select what the page says: no tracking, no session, no print or AMP view."""
    name, _, value = parameter.partition("=")
    name, value = unquote(name).lower(), unquote(value)
    if _TRACKING.fullmatch(name) or name in rules.SESSION_PARAMETERS or name.startswith("aspsessionid"):
        return False
    if name in rules.SESSION_LIKE_PARAMETERS:
        may_be_number = name in rules.NUMBER_LIKE_PARAMETERS and value.isdecimal()
        return may_be_number or not _SESSION_VALUE.match(value)
    return value.lower() not in rules.VIEW_PARAMETERS.get(name, ())


def _canonical_path(path: str) -> str:
    """Path with normal percent-encoding, without dot segments, session, index file and view segments."""
    path = _PATH_SESSION.sub("", _percent_normal(path).replace("?", "%3F"))
    path = _FOLDER_SESSION.sub("", path)
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."} or (not segment and kept and kept[-1].endswith(":")):
            kept.append(segment)
    if segments and segments[-1] in {"", ".", ".."} and (kept[-1:] != [""]):
        kept.append("")
    while _drop_last_view(kept):
        pass
    while kept[-2:] == ["", ""]:
        kept.pop()
    return "/" + "/".join(kept[_leading_views(kept) :])


def _drop_last_view(kept: list[str]) -> bool:
    """Whether an index file, or what says that this is a print or AMP view, was dropped at the path's end."""
    last = next((segment.lower() for segment in reversed(kept) if segment), "")
    if kept and kept[-1].lower() in rules.INDEX_FILES:
        kept[-1] = ""
    elif last in rules.VIEW_SEGMENTS and len(list(islice(filter(None, kept), 2))) > 1:
        slash = [""] if not kept[-1] else []
        while not kept[-1]:
            kept.pop()
        kept[-1:] = slash
    elif last.endswith((".amp", ".amp.html")) and kept[-1]:
        plain = _without_amp(kept[-1])
        changed = plain != kept[-1]
        kept[-1] = plain
        return changed
    else:
        return False
    return True


def _without_amp(name: str) -> str:
    """Name of a file without the suffix that says that it is the AMP form.

    >>> _without_amp("story.amp.html"), _without_amp("story.AMP"), _without_amp(".amp")
    ('story.html', 'story', '.amp')
    """
    suffix = ".html" if name.lower().endswith(".html") else ""
    end = len(name) - len(suffix)
    lower = name.lower()
    while lower.endswith(".amp", 1, end):
        end -= len(".amp")
    return name[:end] + name[len(name) - len(suffix) :]


def _leading_views(kept: list[str]) -> int:
    """Number of segments at the start of a path that say that it is the AMP view of what follows.

    >>> _leading_views(["amp", "post", "storm"]), _leading_views(["amp", "x"])
    (1, 0)
    """
    views = 0
    while views < len(kept) and kept[views].lower() == rules.LEADING_VIEW_SEGMENT:
        views += 1
    rest = list(islice(filter(None, kept[views:]), 2))
    while views and not (len(rest) > 1 or (rest and _reads_as_title(rest[0]))):
        views -= 1
        rest.insert(0, kept[views])
    return views


def _reads_as_title(segment: str) -> bool:
    """Whether a path segment looks like a story's own name.

    >>> _reads_as_title("storm-hits-coast"), _reads_as_title("news")
    (True, False)
    """
    return segment.count("-") > 1 or segment.lower().endswith((".html", ".htm"))


def article_key(url: str) -> str:
    """Identity of the article at a URL: equal for every form of URL of one article.

    A page of the Defense Department or of the AFPIMS publishing system (`/.../Article/<number>[/slug]`) is
    known by its number: the slug, its case and the host among defense.gov, war.gov and their forerunners do
    not matter. Any other page is known by its canonical host, path and query, without scheme, `www`, mobile
    and AMP host labels and last slash.

    >>> article_key("https://www.war.gov/News/News-Stories/Article/Article/4012345/some-title/")
    'dod:4012345'
    >>> article_key("http://dod.defense.gov/News/Article/Article/4012345")
    'dod:4012345'
    >>> article_key("http://www.example.org/b/?utm_source=feed"), article_key("https://m.example.org/b")
    ('example.org/b', 'example.org/b')
    """
    canonical = canonical_url(url)
    scheme, authority, path, query, fragment = split_url(canonical)
    if scheme not in DEFAULT_PORTS or not authority:
        return canonical
    host = _without_variant(authority)
    # Beside an article's number, a parameter that may select nothing selects nothing.
    certain = split_url(doubtful_parameters(canonical)[0])[3]
    known = defense_key(host, path, query) or afpims_key(host, path, certain)
    if known:
        return known
    return host + path.rstrip("/") + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _without_variant(host: str) -> str:
    """Host without the labels that name a form of the site: `www`, `m`, `amp`, ...

    >>> [_without_variant(host) for host in ("www.m.example.org", "en.m.site.example", "m.example")]
    ['example.org', 'en.site.example', 'm.example']
    """
    return _LANGUAGE_MOBILE.sub(r"\1.", _HOST_VARIANT.sub("", host))


def site_of(url: str) -> str:
    """Host of a URL as the site that it belongs to: without the labels of its forms, moved domains as one.

    >>> site_of("https://m.example.org:8080/a"), site_of("http://www.defense.gov/News/")
    ('example.org:8080', 'war.gov')
    """
    host = _without_variant(split_url(canonical_url(url))[1])
    return rules.MOVED_DOMAINS.get(host, host)


def doubtful_parameters(canonical: str) -> tuple[str, tuple[str, ...]]:
    """A canonical URL without its doubtful parameters, and these as they stood.

    >>> doubtful_parameters("https://a.example/story?id=7&ref=home&src=rss")
    ('https://a.example/story?id=7', ('ref=home', 'src=rss'))
    """
    head, mark, query = canonical.partition("?")
    if not mark:
        return canonical, ()
    query, mark, fragment = query.partition("#")
    kept: list[str] = []
    doubtful: list[str] = []
    for parameter in query.split("&"):
        (doubtful if _is_doubtful(parameter) else kept).append(parameter)
    return head + ("?" + "&".join(kept) if kept else "") + mark + fragment, tuple(doubtful)


def _is_doubtful(parameter: str) -> bool:
    """Whether `name=value` may select nothing."""
    name, _, value = parameter.partition("=")
    name = unquote(name).lower()
    if name not in rules.DOUBTFUL_PARAMETERS:
        return False
    values = rules.DOUBTFUL_PARAMETERS[name]
    return values is None or re.fullmatch(values, unquote(value).lower()) is not None


def article_id(url: str) -> str:
    """Short stable identifier of the article at a URL: 16 hex digits of its key's SHA-256.

    >>> article_id("https://www.example.org/b/") == article_id("http://example.org/b")
    True
    """
    return hashlib.sha256(article_key(url).encode("utf-8", "replace")).hexdigest()[:16]


def host_of(url: str) -> str:
    """Host of a URL in lower case, without port and `www`; "" when it has none.

    >>> host_of("https://www.Example.org:8443/a")
    'example.org'
    """
    return re.sub(r"^www\d*\.", "", host_and_port(split_url(url)[1])[0])
