"""Bytes of a page -> text: header, byte order mark, meta, then detection. No label can make it raise."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_SNIFFED_BYTES = 4096
_DETECTED_BYTES = 60_000
_ZERO_SHARE = 0.6
_SOUND_SHARE = 4  # sound UTF-8 sequences to a bad byte; in other charsets they come about by chance only
_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.IGNORECASE)
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.IGNORECASE
)
_START = re.compile(rb"<!doctype\b|<html\b", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Charsets that pages are written in, by Python's name. Others (idna, zlib, utf-7) are none of a page.
_CODECS = frozenset((
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp866", "cp932", "cp949", "cp950", "iso8859-2",
    "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-10",
    "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "koi8-r", "koi8-u", "mac-roman", "gbk",
    "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "euc_kr",
))  # fmt: skip
# What browsers read in place of the label (WHATWG Encoding, section 4.2).
_READ_AS = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "tis-620": "cp874", "iso8859-11": "cp874", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip


def known_codec(label: str) -> str | None:
    """Python codec that a charset label stands for, None for what no page is written in.

    >>> known_codec("ISO-8859-1"), known_codec("idna"), known_codec("zlib_codec"), known_codec("nonsense")
    ('cp1252', None, None, None)
    """
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, UnicodeError, ValueError):
        return None
    name = _READ_AS.get(name, name)
    return name if name in _CODECS else None


def decode_html(data: bytes, content_type: str | None = None) -> str:
    """Text of a page's bytes; whatever can't be decoded becomes U+FFFD.

    A claim that the bytes contradict is passed over: bytes beyond ASCII that are sound UTF-8 are UTF-8.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(codec, "replace")
    if wide := _zero_codec(data):
        return data.decode(wide, "replace")
    claims = [codec for codec in (_header_codec(content_type), _meta_codec(data)) if codec]
    if not any(claim.startswith("utf-16") for claim in claims[:1]):
        sound = _strict(data, "utf-8") if not claims or not data.isascii() else None
        if sound is None:
            sound = _nearly_utf8(data)
        if sound is not None:
            return sound
    for claim in claims:
        text = _strict(data, claim)
        if text is not None:
            return text
    if claims and claims[0] == "utf-8":  # a few bad bytes in UTF-8, not another charset
        return data.decode("utf-8", "replace")
    return data.decode(_detected(data), "replace")


def _header_codec(content_type: str | None) -> str | None:
    found = _LABEL.search(content_type or "")
    return known_codec(found[1]) if found else None


def _meta_codec(data: bytes) -> str | None:
    found = _META.search(data[:_SNIFFED_BYTES])
    codec = known_codec(found[1].decode("ascii", "replace")) if found else None
    # A meta element that could be read is not in UTF-16, whatever it says (HTML, section 13.2.3.2).
    return "utf-8" if codec and codec.startswith("utf-16") else codec


def _zero_codec(data: bytes) -> str | None:
    """UTF-16 without a mark: of two bytes of markup one is zero, and always the same one."""
    sample = data[:_SNIFFED_BYTES]
    pairs = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if pairs and min(even, odd) == 0 and max(even, odd) >= _ZERO_SHARE * pairs:
        return "utf-16-be" if even else "utf-16-le"
    return None


def _nearly_utf8(data: bytes) -> str | None:
    """Text of bytes that are UTF-8 but for a few, or but for what some tool put before the page's start.

    None where most beyond ASCII are something else.
    """
    start = _START.search(data)
    text = data[start.start() if start else 0 :].decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return data.decode("utf-8", "replace") if good >= _SOUND_SHARE * bad and good else None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _detected(data: bytes) -> str:
    best = from_bytes(data[:_DETECTED_BYTES]).best() if data else None
    return (known_codec(best.encoding) if best else None) or "cp1252"
