"""URL forms: the SURT key of CDXJ lines, our canonical URL, and the identity of an article.

Three answers to three questions. `surt_key`: where does a capture stand in a CDXJ file (a lookup key,
lower-cased, not to be fetched). `canonical_url`: which URL is this page's own, rid of what does not select
content (may be fetched). `article_key`: which article is it, whatever form of URL it was fetched by. None
of them raises, none asks the network.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from urllib.parse import quote_from_bytes, unquote

from storage.surt import surt_key
from storage.urlparts import DEFAULT_PORTS, host_and_port, split_url

__all__ = ["article_id", "article_key", "canonical_url", "host_of", "surt_key"]

# What does not select content. Names are lower-case; a name that ends in "*" is a prefix.
TRACKING_PARAMETERS = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid li_fat_id igshid igsh mc_cid mc_eid
    _ga _gl _hsenc _hsmi mkt_tok vero_id vero_conv oly_anon_id oly_enc_id wickedid s_cid cmpid ncid
    ref_src ref_url fb_action_ids fb_action_types fb_source fb_ref __twitter_impression guccounter
    guce_referrer guce_referrer_sig utm_* pk_* mtm_* matomo_* piwik_* hsa_* stm_* trk_*"""
SESSION_PARAMETERS = frozenset({"jsessionid", "phpsessid", "aspsessionid", "sid", "cfid", "cftoken"})
INDEX_FILES = frozenset(
    f"{stem}.{suffix}"
    for stem in ("index", "default")
    for suffix in ("html", "htm", "php", "asp", "aspx", "jsp", "shtml")
)
VIEW_PARAMETERS = {  # another rendering of the same page: parameter -> the values that say so
    "print": {"", "1", "true", "yes", "y"},
    "printable": {"", "1", "true", "yes", "y"},
    "printerfriendly": {"", "1", "true", "yes", "y"},
    "amp": {"", "1", "true", "yes", "y"},
    "output": {"amp", "print"},
    "outputtype": {"amp", "print"},
    "view": {"print", "amp"},
}
VIEW_SEGMENTS = frozenset({"amp", "print"})  # as the last segment of a path that has others
DOD_HOSTS = frozenset({"defense.gov", "war.gov", "dod.defense.gov", "dod.gov"})

_HOST_VARIANT = re.compile(r"(?:www\d*|m|mobile|amp)\.(?=[^.]+\.)")
_AFPIMS = re.compile(r"/article/(?:article/)?(\d{4,10})(?=/|$)", re.IGNORECASE)
_DATE_LIKE = re.compile(r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])?)?$")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_TRACKING = re.compile("|".join(name.replace("*", ".*") for name in TRACKING_PARAMETERS.split()))
_SESSION_VALUE = re.compile(r"[0-9A-Za-z_\-.!]{16,}$")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]|]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str) -> str:
    """The page's URL by our rules: nothing left that does not select content.

    Applied twice it changes nothing. Dropped: user, default port, fragment (but `#!`), tracking and session
    parameters, index files, print and AMP views. Host in lower case and IDNA, percent-encoding and
    parameter order normal, dot segments resolved. Scheme, `www` and the last slash stay as they are,
    because a server may answer only one of the forms.

    >>> canonical_url("HTTPS://News.Example:443/a/./index.html?utm_source=x&id=7&print=1#top")
    'https://news.example/a/?id=7'
    >>> canonical_url("http://news.example/2026/story/amp/"), canonical_url("http://news.example")
    ('http://news.example/2026/story/', 'http://news.example/')
    """
    plain = re.sub(r"[\x00-\x1f\x7f]", "", url).strip()
    scheme, authority, path, query, fragment = split_url(plain)
    if scheme not in DEFAULT_PORTS or not authority:
        return plain
    host, port = host_and_port(authority)
    host = _ascii_host(host)
    if port and port != DEFAULT_PORTS[scheme]:
        host += f":{port}"
    kept = "&".join(
        sorted(part for part in _percent_normal(query).split("&") if part and _selects_content(part))
    )
    return (
        f"{scheme}://{host}{_canonical_path(path)}"
        + (f"?{kept}" if kept else "")
        + (f"#{_percent_normal(fragment)}" if fragment.startswith("!") else "")
    )


def _ascii_host(host: str) -> str:
    """Host in ASCII, IPv6 in brackets, without trailing dots."""
    host = unquote(host).lower().strip(".")
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        with contextlib.suppress(UnicodeError):  # a label that IDNA refuses is percent-encoded below
            host = host.encode("idna").decode("ascii")
    return _percent_normal(host)


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
    name, value = unquote(name).lower(), unquote(value).lower()
    if _TRACKING.fullmatch(name):
        return False
    if name in SESSION_PARAMETERS or name.startswith("aspsessionid"):
        return not _SESSION_VALUE.match(value)
    return value not in VIEW_PARAMETERS.get(name, ())


def _canonical_path(path: str) -> str:
    """Path with normal percent-encoding, without dot segments, session, index file and view segments."""
    path = _PATH_SESSION.sub("", _percent_normal(path).replace("?", "%3F"))
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    while True:
        last = next((segment.lower() for segment in reversed(kept) if segment), "")
        if kept and kept[-1].lower() in INDEX_FILES:
            kept[-1] = ""
        elif last in VIEW_SEGMENTS and sum(map(bool, kept)) > 1:
            slash = [""] if not kept[-1] else []
            while not kept[-1]:
                kept.pop()
            kept[-1:] = slash
        elif last.endswith((".amp", ".amp.html")) and kept[-1] and len(last) > len(".amp.html"):
            kept[-1] = re.sub(r"\.amp(?=\.html$|$)", "", kept[-1], flags=re.IGNORECASE)
        else:
            return "/" + "/".join(kept)


def article_key(url: str) -> str:
    """Identity of the article at a URL: equal for every form of URL of one article.

    A page of the AFPIMS publishing system (`/.../Article/<number>[/slug]`) is known by its number: the
    slug, its case and the host among defense.gov, war.gov and their variants do not matter. Any other page
    is known by its canonical host, path and query, without scheme, `www`, mobile and AMP host labels and
    last slash.

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
    host = _HOST_VARIANT.sub("", authority, count=1) if not authority.startswith("[") else authority
    number = _afpims_number(host, path)
    if number and host in DOD_HOSTS:
        return f"dod:{number}"
    if number:
        return f"{host}:article:{number}"
    return host + path.rstrip("/") + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _afpims_number(host: str, path: str) -> str | None:
    """Article number in an AFPIMS path; off .mil and .gov not a short one and not one that reads as a date.

    >>> _afpims_number("paper.example", "/article/2026/11/storm"), _afpims_number("a.mil", "/x/Article/2026/")
    (None, '2026')
    """
    found = _AFPIMS.search(path)
    if found is None:
        return None
    number = found.group(1)
    if host.endswith((".mil", ".gov")):
        return number
    return None if len(number) < 5 or _DATE_LIKE.match(number) else number  # noqa: PLR2004 a year has four digits


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
