"""Stories of the military's media service (DVIDS): the questions to its interface, and what its answers tell.

A story found there is the refused one only if the titles have nearly the same words and the dates lie within
three days: the service has many stories of one event.

Source: DVIDS API documentation, "Search API" and "Asset API" (api.dvidshub.net/docs).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from crawler.discovery.links import clean_url
from crawler.fallbacks.stories import Story
from pipelines.fields.dates import parse_date

ENDPOINT = "https://api.dvidshub.net"
PER_S = 0.5
KEY = "api_key"
_APART = timedelta(days=3)
_MOST_RESULTS = 20
_SAME_WORDS = 0.8  # share of the words of both titles that both have
_FEWEST_WORDS = 3
_WORD = re.compile(r"\w+")
_NEWS = re.compile(r"news:\d{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The story that is looked for."""

    title: str
    published_at: datetime


def wanted_story(title: str | None, published_raw: str | None) -> Wanted | None:
    """What can be looked for; None where title or date are not known well enough to know it again."""
    published_at = parse_date(published_raw) if published_raw else None
    if not title or published_at is None or len(_words(title)) < _FEWEST_WORDS:
        return None
    return Wanted(title=title, published_at=published_at)


def search_url(endpoint: str, wanted: Wanted) -> str:
    """The URL, without the key, that asks for news of that title and time."""
    first, last = wanted.published_at - _APART, wanted.published_at + _APART
    fields = {
        "type": "news",
        "q": wanted.title,
        "from_publishdate": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "to_publishdate": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "max_results": str(_MOST_RESULTS),
    }
    return f"{endpoint}/search?{urlencode(fields)}"


def asset_url(endpoint: str, identifier: str) -> str:
    """The URL, without the key, of a story in whole."""
    return f"{endpoint}/asset?{urlencode({'id': identifier})}"


def with_key(url: str, key: str) -> str:
    """The URL as it is asked for.

    >>> with_key("https://api.dvidshub.net/asset?id=news%3A1", "key-1")
    'https://api.dvidshub.net/asset?id=news%3A1&api_key=key-1'
    """
    return f"{url}&{urlencode({KEY: key})}"


def same_story(body: bytes, wanted: Wanted) -> str | None:
    """Identifier of the story, among the results of a search, that is the wanted one; None for none."""
    results = _read(body).get("results")
    fitting = [
        (_likeness(_text(one, "title"), wanted.title), _text(one, "id"))
        for one in (results if isinstance(results, list) else ())
        if isinstance(one, dict) and _NEWS.fullmatch(_text(one, "id")) and _is_near(one, wanted)
    ]
    likeness, identifier = max(fitting, default=(0.0, ""))
    return identifier if likeness >= _SAME_WORDS else None


def story_of(body: bytes, identifier: str, wanted: Wanted) -> Story | None:
    """The story in an answer; None where it is another one, or has no text."""
    told = _read(body).get("results")
    if not isinstance(told, dict) or _text(told, "id") != identifier:
        return None
    markup, url = _text(told, "body"), _page_url(told, identifier)
    if (
        not markup
        or _likeness(_text(told, "title"), wanted.title) < _SAME_WORDS
        or not _is_near(told, wanted)
    ):
        return None
    return Story(
        url=url,
        title=_text(told, "title"),
        markup=markup if "<" in markup else markup.replace("\n", "<br>"),
        part="body",
        authors=_authors(told.get("credit")),
        published_raw=_date(told),
        language="en",
    )


def _page_url(told: dict[str, Any], identifier: str) -> str:
    """Address of the story's page: the one told, if it is the service's own, else by its number."""
    url = clean_url(_text(told, "url"), "https://www.dvidshub.net/")
    host = urlsplit(url or "").hostname or ""
    if url and (host == "dvidshub.net" or host.endswith(".dvidshub.net")) and urlsplit(url).path.strip("/"):
        return url
    return f"https://www.dvidshub.net/news/{identifier.partition(':')[2]}"


def _read(body: bytes) -> dict[str, Any]:
    """The object that an answer is, an empty one where it is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _date(told: dict[str, Any]) -> str | None:
    """When a story came out. `date` is the day it tells of, in local time."""
    return next(
        (text for name in ("date_published", "publishdate", "date") if (text := _text(told, name))), None
    )


def _is_near(told: dict[str, Any], wanted: Wanted) -> bool:
    """Whether a story came out within days of the wanted one."""
    raw = _date(told)
    moment = parse_date(raw) if raw else None
    return moment is not None and abs(moment - wanted.published_at) <= _APART


def _likeness(title: str, other: str) -> float:
    """Share of the words of two titles that both have.

    >>> _likeness("Army Visits Fort Bliss", "The Army visits Fort Bliss"), _likeness("", "")
    (0.8, 0.0)
    """
    words, others = _words(title), _words(other)
    return len(words & others) / len(words | others) if words or others else 0.0


def _words(title: str) -> set[str]:
    return set(_WORD.findall(title.casefold()))


def _authors(credit: object) -> tuple[str, ...]:
    """Who wrote a story: one name, or a list of people.

    >>> _authors("Ann Smith"), _authors([{"name": "Ann Smith", "rank": "Sgt."}, {"name": ""}])
    (('Ann Smith',), ('Ann Smith',))
    """
    people = credit if isinstance(credit, list) else [credit]
    names = (_text(one, "name") if isinstance(one, dict) else one for one in people)
    return tuple(dict.fromkeys(name.strip() for name in names if isinstance(name, str) and name.strip()))


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip() if isinstance(value, str) else ""
