"""What a request other than GET asked with, as a query that tells its captures apart in a CDXJ file.

Source: Webrecorder, "Request Body Canonicalization"; the rules are those that cdxj-indexer goes by, save that
an AMF body stands here as any other binary body.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus, urlencode

METHODS_WITH_BODY = frozenset({"POST", "PUT"})
MAX_QUERY_LENGTH = 4096
_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)
_PART_NAME = re.compile(r'[;\s]name="((?:[^"\\]|\\.)*)"')


def with_method(url: str, method: str, query: str) -> str:
    """URL under which a capture of another method than GET stands, so that it is not taken for the page.

    >>> with_method("http://a.example/x?y", "POST", "q=1"), with_method("http://a.example/x", "GET", "")
    ('http://a.example/x?y&__wb_method=POST&q=1', 'http://a.example/x')
    """
    if method == "GET":
        return url
    return f"{url}{'&' if '?' in url else '?'}__wb_method={method}" + (f"&{query}" if query else "")


def body_query(content_type: str, body: bytes) -> str:
    """A request's body as a query, at most `MAX_QUERY_LENGTH` characters.

    >>> body_query("application/json", b'{"a": [1, {"b": true}], "c": "x y"}')
    'a=1&b=True&c=x+y'
    >>> body_query("application/x-www-form-urlencoded", b"a=1&b=x%20y"), body_query("", b"abc")
    ('a=1&b=x y', '__wb_post_data=YWJj')
    """
    kind = content_type.strip().lower()
    if kind.startswith("application/x-www-form-urlencoded"):
        query = _form(body)
    elif kind.startswith("multipart/"):
        query = _multipart(content_type, body)
    elif kind.startswith("application/json"):
        query = _json(body) or ""
    elif kind.startswith("text/plain"):
        told = _json(body)
        query = _binary(body) if told is None else told
    else:
        query = _binary(body)
    return query[:MAX_QUERY_LENGTH]


def _binary(body: bytes) -> str:
    """A body that is not taken apart."""
    return f"__wb_post_data={base64.b64encode(body).decode()}"


def _form(body: bytes) -> str:
    """A form's fields, decoded."""
    try:
        return unquote_plus(body.decode("utf-8"))
    except UnicodeDecodeError:
        return _binary(body)


def _multipart(content_type: str, body: bytes) -> str:
    """The parts of a multipart form, each with its name; the body as a whole where it has no boundary."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return _binary(body)
    return urlencode(list(_parts(body, boundary.group(1).strip().encode("latin-1", "replace"))))


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and value of each part between the boundaries."""
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if piece.startswith(b"--"):
            return
        head, blank, value = piece.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head.decode("utf-8", "replace"))
        if blank and name:
            yield re.sub(r"\\(.)", r"\1", name.group(1)), value


def _json(body: bytes) -> str | None:
    """The plain values in JSON, one document or one a line, under their nearest names; None if it is none."""
    try:
        documents = [json.loads(body)]
    except ValueError:
        lines = body.split(b"\n")
        try:
            documents = [json.loads(line) for line in lines] if len(lines) > 1 else []
        except ValueError:
            return None
        if not documents:
            return None
    except RecursionError:
        return None
    found: dict[str, str] = {}
    times: dict[str, int] = {}
    for document in documents:
        for name, value in _named(document, ""):
            if name in found:
                times[name] = times.get(name, 1) + 1
                found[f"{name}.{times[name]}_"] = value
            else:
                found[name] = value
    return urlencode(found)


def _named(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Plain values inside a JSON value, with the names they stand under; those without one are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _named(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, name)
    elif name:
        yield name, str(value)
