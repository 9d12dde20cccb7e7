"""SURT keys: where a capture stands in a CDXJ file."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from urllib.parse import quote_from_bytes, unquote_to_bytes

from storage.urlparts import DEFAULT_PORTS, host_and_port, split_url


def surt_key(url: str) -> str:
    """SURT key of a URL, by the rules that pywb, cdxj-indexer and the Wayback Machine share.

    >>> surt_key("https://www.Example.org:443/News/?b=2&a=1#top")
    'org,example)/news?a=1&b=2'
    >>> surt_key("http://www2.example.org/a/../b/?"), surt_key("")
    ('org,example)/b', '-')
    """
    if not url:
        return "-"
    if url.startswith("filedesc"):
        return url
    plain = re.sub(r"[\n\r\t]", "", url.strip(" \t\n\r\x0b\x0c"))
    if not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", plain):
        plain = "http://" + plain
    plain = re.sub(r"^(https?://)+", lambda found: found.group(1), plain)
    scheme, authority, raw_path, raw_query, _ = split_url(plain)
    raw_host, port = host_and_port(authority)
    if not raw_host and scheme.startswith("http"):
        raw_host, _, tail = raw_path.lstrip("/").partition("/")
        raw_path = "/" + tail if raw_host or tail else ""
    host = _surt_host(raw_host) if raw_host else b""
    path = _decoded(raw_path)
    path = _escaped(_resolved(path) if host else path).lower()
    path = _without_path_session(path)
    if len(path) > 1:
        path = path.removesuffix(b"/")
    query = _surt_query(_escaped(_decoded(raw_query)))
    if host:
        shown_port = f":{port}" if port and port != DEFAULT_PORTS.get(scheme) else ""
        head = b",".join(reversed(host.split(b"."))) + shown_port.encode() + b")"
    else:
        head = scheme.encode() + b":"
    tail_bytes = (path or (b"/" if query else b"")) + (b"?" + query if query else b"")
    return (head + tail_bytes).decode("utf-8", "replace")


def _surt_host(host: str) -> bytes:
    """Host as the key wants it: decoded, IDNA, addresses dotted, no leading `www` label."""
    raw = _decoded(host)
    if not raw.isascii():
        with contextlib.suppress(UnicodeError):  # a label that IDNA refuses stays as its UTF-8 bytes
            raw = raw.decode("utf-8", "ignore").encode("idna")
    raw = raw.replace(b"..", b".").strip(b".")
    raw = _dotted_address(raw) or _escaped(raw.lower()).lower()
    return re.sub(rb"^www\d*\.", b"", raw)


def _dotted_address(host: bytes) -> bytes | None:
    """Dotted form of an IPv4 address written as a number, shortened or octal; None for a name."""
    if host.isdigit():
        return str(ipaddress.IPv4Address(int(host) & 0xFFFFFFFF)).encode()
    if re.fullmatch(rb"\d+(?:\.\d+){0,3}", host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host.decode())).encode()
        except OSError:
            return None
    return None


def _decoded(text: str) -> bytes:
    """Bytes of a URL part with every level of percent-encoding taken off."""
    raw = text.encode("utf-8", "surrogatepass")
    while (plain := unquote_to_bytes(raw)) != raw:
        raw = plain
    return raw


def _escaped(raw: bytes) -> bytes:
    """Bytes with only control characters, space, `#`, `%` and what is not ASCII percent-encoded."""
    return quote_from_bytes(raw, safe="!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~").encode()


def _resolved(path: bytes) -> bytes:
    """Path without dot segments and empty segments; a last slash stays."""
    kept: list[bytes] = []
    for segment in path.split(b"/")[1:]:
        if segment == b".":
            continue
        if segment == b".." and kept:
            kept.pop()
        else:
            kept.append(segment)
    return b"/" + b"".join(segment + b"/" for segment in kept[:-1] if segment) + (kept[-1] if kept else b"")


def _without_path_session(path: bytes) -> bytes:
    """Path without the session folder that ASP.NET puts before its page."""
    for folder in (rb"\((?:[a-z]\([0-9a-z]{24}\))+\)/", rb"\([0-9a-z]{24}\)/"):
        path = re.sub(rb"^(.*/)" + folder + rb"([^?]+\.aspx.*)$", rb"\1\2", path, flags=re.DOTALL)
    return path


def _surt_query(query: bytes) -> bytes:
    """Query in lower case, parameters in order, without the last session parameter of each known kind."""
    for session in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    ):
        query = re.sub(rb"^(.*)" + session + rb"(?:&(.*))?$", rb"\1\2", query, flags=re.IGNORECASE)
    if len(query) <= 1:
        return query.lower()
    return b"&".join(
        b"=".join(pair) for pair in sorted(part.split(b"=", 1) for part in query.lower().split(b"&"))
    )
