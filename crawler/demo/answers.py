"""What the sample sites are asked and what they answer, before the server adds HTTP's own fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import parse_qsl, urlsplit

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
XML = "text/xml; charset=utf-8"
JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to one of the sites. `target` is the path and query as sent."""

    target: str
    edition: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit("http://x" + self.target).path

    @property
    def query_string(self) -> str:
        """The target's query, without the question mark."""
        return urlsplit("http://x" + self.target).query

    def query(self, name: str, default: str = "") -> str:
        """Value of the first query field called `name`, whatever its case, else `default`.

        >>> Request(target="/RSS.ashx?ContentType=9&max=5", edition=1).query("contenttype")
        '9'
        """
        fields = parse_qsl(self.query_string, keep_blank_values=True)
        return next((value for key, value in fields if key.lower() == name.lower()), default)

    def number(self, name: str, default: int) -> int:
        """The query field as a whole number; `default` where it is absent, -1 where it is no number."""
        text = self.query(name, str(default))
        return int(text) if text.isdigit() else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: status, body and type; the server adds validators, encodings and lengths as told here.

    `delivery` is one of plain, gzip (if the client takes it), gzip-always, chunked, fails-once.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    modified_at: datetime | None = None
    etag: bool = False
    delivery: str = "plain"


def moved(location: str, status: int = 301) -> Answer:
    """A redirect to `location`."""
    body = (
        f'<html><head><title>Moved</title></head><body><a href="{escape(location)}">Moved</a></body></html>'
    )
    return Answer(status=status, body=body.encode(), headers=(("Location", location),))


def as_json(value: object, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """A JSON answer, not escaped beyond need."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status=status, body=body, content_type=JSON, headers=headers)


def as_xml(text: str, *, content_type: str = XML) -> Answer:
    """An XML answer with its declaration, an entity tag, and gzip where it is taken."""
    body = ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode()
    return Answer(body=body, content_type=content_type, etag=True, delivery="gzip")


@cache
def _template(name: str) -> Template:
    text = (files("crawler.demo") / "templates" / name).read_text(encoding="utf-8")
    return Template(text)


def fill(name: str, **parts: str) -> str:
    """The template file `name` with its places filled; the parts are HTML already."""
    return _template(name).substitute(parts)


def http_date(moment: datetime) -> str:
    """The moment in HTTP's and RSS's form.

    >>> http_date(datetime(2025, 3, 11, 14, 5, tzinfo=UTC))
    'Tue, 11 Mar 2025 14:05:00 GMT'
    """
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def ap_date(moment: datetime) -> str:
    """The day as the listings' attributes have it: long months shortened, short ones not.

    >>> ap_date(datetime(2026, 2, 4, tzinfo=UTC)), ap_date(datetime(2025, 6, 10, tzinfo=UTC))
    ('Feb. 4, 2026', 'June 10, 2025')
    """
    month = {3: "March", 4: "April", 5: "May", 6: "June", 7: "July", 9: "Sept."}
    return f"{month.get(moment.month, f'{moment:%b}.')} {moment.day}, {moment.year}"


def long_date(moment: datetime) -> str:
    """The day as the pages print it.

    >>> long_date(datetime(2025, 3, 1, tzinfo=UTC))
    'March 1, 2025'
    """
    return f"{moment:%B} {moment.day}, {moment.year}"
