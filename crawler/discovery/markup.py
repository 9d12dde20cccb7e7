"""Bytes of an answer -> text, XML or HTML trees; whatever the bytes are, nothing here raises."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, TypeVar

from lxml import etree

from pipelines.page.parsing import uncrowded
from storage.inflate import Inflating, inflated

_Taken = TypeVar("_Taken")
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ROOT = re.compile(r"<(?:(?!\?|!)([\w.-]+:)?([A-Za-z][\w.-]*))")
_BEFORE_ROOT = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^>\[]|\[[^\]]*\])*>)", re.IGNORECASE | re.DOTALL
)
# References to halves of surrogate pairs: libxml2 lets them through when it recovers, and lxml then raises.
_SURROGATE = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}(?![0-9a-fA-F])"
    rb"|0*(?:5529[6-9]|55[3-9][0-9]{2}|56[0-9]{3}|57[0-2][0-9]{2}|573[0-3][0-9]|5734[0-3])(?![0-9]));?"
)
_REPLACEMENT = b"&#xFFFD;"
_SNIFFED = 8_192
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset", re.IGNORECASE)
# An XML declaration in ASCII that says it were not.
_NOT_WIDE = re.compile(rb"encoding\s*=\s*[\"'](?:utf-?(?:16|32)|ucs-?[24])", re.IGNORECASE)
_TITLE = re.compile(
    rb"(<title(?:\s[^<>]{0,200})?>)((?:(?!<!\[|</?(?:title|item|entry)\b).){0,5000})(</title>)", re.DOTALL
)
_TAG = re.compile(rb"</?[A-Za-z][^<>]{0,500}>")
_TAKEN = "presswarc-taken"
_XML_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_GZIP = b"\x1f\x8b"
_INFLATING = {
    Inflating.WHOLE: "",
    Inflating.CUT: "gzip cut short",
    Inflating.DAMAGED: "damaged gzip",
    Inflating.TOO_LARGE: "unpacked only in part: too large",
}
# Where a feed or sitemap begins, behind what a program said of its own faults before it.
_XML_START = re.compile(
    rb"<\?xml[\s?]|<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]|<channel>", re.IGNORECASE
)
_JSON_START = re.compile(rb"(?:\A|(?<=[>\s]))(?:\[\s*[{\]]|\{\s*\")")
_PAGE_START = re.compile(rb"<!doctype\s+html|<html[\s>]|<body[\s>]", re.IGNORECASE)


def unpacked(body: bytes) -> tuple[bytes, str]:
    """The body, unpacked if it is gzip (up to a bound), and a note if that went wrong.

    >>> unpacked(b"plain")
    (b'plain', '')
    """
    if not body.startswith(_GZIP):
        return body, ""
    data, ended = inflated(body, most_bytes=MAX_UNPACKED_BYTES)
    return data, _INFLATING[ended]


def from_its_start(body: bytes, *, json: bool = False) -> bytes:
    """The body from where its XML (or JSON) begins: warnings of a faulty server stand before it.

    >>> from_its_start(b"<br />Warning: x in y.php<?xml version='1.0'?><rss></rss>")
    b"<?xml version='1.0'?><rss></rss>"
    >>> from_its_start(b"<b>Notice</b>: x [{}]", json=True), from_its_start(b"<html><rss>")
    (b'[{}]', b'<html><rss>')
    """
    found = (_JSON_START if json else _XML_START).search(body[:_SNIFFED])
    if found is None or found.start() == 0 or _PAGE_START.search(body[: found.start()]):
        return body
    return body[found.start() :]


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type names, if Python knows it.

    >>> charset_of("text/html; charset=ISO-8859-1"), charset_of("text/html; charset=klingon")
    ('iso8859-1', None)
    """
    match = _CHARSET.search(content_type or "")
    try:
        return codecs.lookup(match[1]).name if match else None
    except (LookupError, ValueError):
        return None


def decoded(body: bytes, content_type: str | None) -> str:
    """The body as text by its byte order mark, Content-Type, UTF-8 or Latin-1, in this order."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode(charset_of(content_type) or "utf-8")
    except UnicodeError:
        return body.decode("latin-1")
    except LookupError:  # a codec that is none of text: "hex", "zlib"
        return body.decode("utf-8", "replace")


def root_name(body: bytes) -> str:
    """Local name of the first element in lower case; `{` or `[` for JSON; empty where there is none.

    >>> root_name(b'<?xml version="1.0"?><!-- x --><rdf:RDF xmlns="y">'), root_name(b"hello")
    ('rdf', '')
    """
    text = decoded(body[:_SNIFFED], None).lstrip("\ufeff\x00 \t\r\n")
    if text[:1] in {"{", "["}:
        return text[0]
    place = 0
    while match := _BEFORE_ROOT.match(text, place):
        place = match.end()
    root = _ROOT.match(text, place) or _ROOT.search(text, place)
    return root[2].lower() if root else ""


def xml_tree(body: bytes, content_type: str | None) -> etree._Element | None:
    """Root of the XML, recovered where it is broken; entities stay unexpanded and no DTD is read."""
    body, encodings = _xml_and_encodings(body, content_type)
    for encoding in encodings:
        try:
            parser = etree.XMLParser(recover=True, encoding=encoding, **_XML_OPTIONS)
            root: etree._Element = etree.fromstring(body, parser)
            plain = _without_tags_in_titles(body) if parser.error_log else body
            root = root if plain == body else etree.fromstring(plain, parser)
        except (etree.LxmlError, LookupError, ValueError):
            continue
        return root
    return None


def xml_elements(
    body: bytes, content_type: str | None, names: Sequence[str], take: Callable[[etree._Element], _Taken]
) -> list[_Taken] | None:
    """What `take` gives for each element of those names, inner ones first; None where the XML is broken.

    An element is gone once it was taken: a sitemap of 50 MB is never in memory as a tree.
    """
    body, encodings = _xml_and_encodings(body, content_type)
    tags = [f"{{*}}{name}" for name in names]
    try:
        events = etree.iterparse(BytesIO(body), tag=tags, encoding=encodings[0], **_XML_OPTIONS)
        taken = []
        for _, element in events:
            taken.append(take(element))
            _let_go(element)
    except (etree.LxmlError, LookupError, ValueError):
        return None
    return taken


def _let_go(element: etree._Element) -> None:
    """Free what an element holds, and the one taken before it; itself the parser still needs."""
    element.clear()
    element.set(_TAKEN, "1")
    before, parent = element.getprevious(), element.getparent()
    if parent is not None and before is not None and before.get(_TAKEN):
        parent.remove(before)


def _xml_and_encodings(body: bytes, content_type: str | None) -> tuple[bytes, list[str | None]]:
    """The body as libxml2 takes it, and the encodings to try, None for what the body says itself."""
    body = _SURROGATE.sub(_REPLACEMENT, body)
    start = body.find(b"<")
    # Blank lines before the XML declaration are common and forbidden.
    body = body[start:] if start > 0 and not body[:start].strip(b"\xef\xbb\xbf \t\r\n") else body
    declared = body[:200].count(b"encoding=") > 0 or body.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    )
    named = "utf-8" if _NOT_WIDE.search(body[:200]) else None if declared else charset_of(content_type)
    return body, list(dict.fromkeys((named, None)))


def _without_tags_in_titles(body: bytes) -> bytes:
    """The body without the HTML that its titles have: a tag that is left open would take in all that follows.

    >>> _without_tags_in_titles(b"<title>One <b>word</title><link/><title><![CDATA[<i>]]></title>")
    b'<title>One word</title><link/><title><![CDATA[<i>]]></title>'
    """
    return _TITLE.sub(lambda found: found[1] + _TAG.sub(b"", found[2]) + found[3], body)


def html_tree(body: bytes, content_type: str | None) -> etree._Element | None:
    """Root of the HTML page, None where there is none."""
    body = _SURROGATE.sub(_REPLACEMENT, body)
    body = uncrowded(body.decode("latin-1")).encode("latin-1")  # tags are ASCII in whatever charset
    for encoding in dict.fromkeys((charset_of(content_type) or _undeclared(body), None)):
        try:
            parser = etree.HTMLParser(recover=True, no_network=True, encoding=encoding, remove_comments=True)
            root: etree._Element = etree.fromstring(body, parser)
        except (etree.LxmlError, LookupError, ValueError):
            continue
        # An answer without any element parses to nothing at all, though the stubs do not say so.
        if root is not None:
            return root
    return None


def _undeclared(body: bytes) -> str | None:
    """UTF-8 where the page is that and does not say so: libxml2 would take it for Latin-1."""
    if body.isascii() or _DECLARED.search(body[:_SNIFFED]):
        return None
    try:
        body.decode()
    except UnicodeDecodeError:
        return None
    return "utf-8"


def local_name(element: etree._Element) -> str:
    """Name of the element without its namespace, in lower case; empty for entities and the like."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def child(element: etree._Element, *names: str) -> etree._Element | None:
    """First child with one of the local names, tried in their order; its own namespace comes first."""
    own = element.tag.rpartition("}")[0] if isinstance(element.tag, str) else ""
    for name in names:
        called = [each for each in element if local_name(each) == name]
        if called:
            return next((each for each in called if str(each.tag).rpartition("}")[0] == own), called[0])
    return None


def text_of(element: etree._Element | None) -> str | None:
    """The element's text on one line, character references resolved; None where there is none."""
    if element is None:
        return None
    text = "".join(element.itertext(with_tail=False))
    return one_line(html.unescape(text))


def one_line(text: str) -> str | None:
    r"""The text with its white space folded; None where nothing is left.

    >>> one_line(" a\n  b "), one_line("  ")
    ('a b', None)
    """
    return " ".join(text.split()) or None
