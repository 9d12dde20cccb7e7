"""A URL taken apart leniently: what a crawl meets is not always what RFC 3986 allows."""

from __future__ import annotations

import re

DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*(?=:)")
_PORT_DIGITS = 5


def split_url(url: str) -> tuple[str, str, str, str, str]:
    """Scheme (lower-case), authority, path, query, fragment of a URL, each "" when absent.

    >>> split_url("HTTP://Host:80/a?b#c")
    ('http', 'Host:80', '/a', 'b', 'c')
    """
    rest, _, fragment = url.partition("#")
    rest, _, query = rest.partition("?")
    found = _SCHEME.match(rest)
    scheme = found.group() if found else ""
    if found:
        rest = rest[found.end() + 1 :]
    authority = ""
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
    return scheme.lower(), authority, rest, query, fragment


def host_and_port(authority: str) -> tuple[str, int | None]:
    """Lower-case host and port of an authority, without user, brackets and a port that is none.

    >>> host_and_port("user:pw@[::1]:8080"), host_and_port("Example.ORG:")
    (('::1', 8080), ('example.org', None))
    """
    hostport = authority.rpartition("@")[2]
    if hostport.startswith("["):
        host, _, port = hostport[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = hostport.partition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= _PORT_DIGITS else 0
    return host.lower(), number or None
