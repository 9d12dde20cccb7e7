"""When an article was published and last changed: what its sources say, and which is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from htmldate import find_date
from lxml.html import HtmlElement

from pipelines.fields.authors import Line
from pipelines.fields.dates import is_plausible, parse_date
from pipelines.fields.linked_data import LinkedArticle
from pipelines.fields.marks import PageMarks
from pipelines.fields.offers import Offer

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "datepublished",
    "date", "dc.date.issued", "dc.date", "dcterms.date", "dcterms.created", "dcterms.issued", "pubdate",
    "publishdate",
    "publish-date", "publish_date", "published", "published_time", "parsely-pub-date", "sailthru.date",
    "article.published",
    "rnews:datepublished", "citation_publication_date", "citation_date", "publication_date", "date.issued",
    "originalpublicationdate", "dc.date.created", "dc.created", "article.created",
    "article:create", "datecreated", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "displaydate", "article_date_original",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "og:modified_time",
    "datemodified",
    "last-modified", "lastmod", "dcterms.modified", "dc.date.modified", "modified", "updated_time",
    "date.updated",
)  # fmt: skip
_DATA_KEYS = re.compile(
    r'"(?:datePublished|publishedAt|published_at|firstPublished(?:At)?|publishedDate|publishDate|publish_date|'
    r'publicationDate|pubDate|published_time|displayDate|display_date|firstPublicationDate|datePublication)"\s*:\s*"?'
    r"([\dT:.+Z -]{8,35})"
)
_URL_DAY = re.compile(
    r"/((?:19|20)\d\d)([/-]?)(1[0-2]|0?[1-9]|[a-z]{3,9})\2(3[01]|[12]\d|0?[1-9])(?=[/_-]|$)", re.IGNORECASE
)
_UPDATED = re.compile(
    r"(?:\b|(?<=\d))(?:last )?(?:updated?|modified|reviewed|changed|edited|aktualisiert|actualizado|"
    r"mis à jour|aggiornato)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\b(?:(?:first |originally )?(?:published|posted)|created)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.IGNORECASE)
_FIRST_DATE, _LAST_DATE = "1995-01-01", "2100-01-01"  # htmldate asks the clock unless it is told
_MOST_DATA, _A_DAY = 400_000, timedelta(hours=38)
_AMERICAN = frozenset(("en", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The two moments, each with the offer it comes from, and every offer."""

    published: Offer | None = None
    modified: Offer | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    published_offers: tuple[Offer, ...] = ()
    modified_offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How a page's dates are read: which number is the day, and what lies in its future."""

    day_first: bool = False
    captured_at: datetime | None = None

    def read(self, raw: str) -> datetime | None:
        """The moment of a raw date, None where it can't be the page's.

        A date that would lie in the future is read with day and month the other way round.
        """
        for day_first in (self.day_first, not self.day_first):
            moment = parse_date(raw, day_first=day_first)
            if moment and is_plausible(moment, self.captured_at):
                return moment
        return None


def calendar_of(language: str, url: str | None, captured_at: datetime | None) -> Calendar:
    """How a page in that language ("en-GB"), or of that country's domain, writes dates."""
    code, _, region = language.lower().replace("_", "-").partition("-")
    country = re.search(r"\.(uk|au|nz|ie|in|za|ca|pk|ng|sg|my|eu)(?=[:/]|$)", (url or "")[:200])
    region = region if (region and region != "us") or not country else country[1]
    american = code in _AMERICAN and region in ("", "us", "ph")
    return Calendar(day_first=not american and code not in ("ja", "zh", "ko"), captured_at=captured_at)


def choose_moments(
    marks: PageMarks,
    linked: LinkedArticle,
    lines: Iterable[Line],
    calendar: Calendar,
    *,
    url: str | None,
    tree: HtmlElement,
) -> Moments:
    """The moments a page names: JSON-LD, meta elements, time elements, lines, the URL, then htmldate."""
    dated = [line for line in lines if parse_date(line.text, day_first=calendar.day_first)]
    mastheads = [line for line in dated if _is_masthead(line, calendar)]
    dated = [line for line in dated if line not in mastheads]
    told = [line.text for line in dated]
    day = day_of_url(url or marks.canonical)
    published = list(_published(marks, linked, dated, day, calendar))
    modified = list(_modified(marks, linked, told))
    won = _first_read(published, calendar)
    if won is None:
        strange = [line.text for line in mastheads] + [
            mark.text for mark in marks.dates if mark.source == "other"
        ]
        strange += [*marks.metas.get("last-modified", ()), *linked.other_dates]
        days = {moment.date() for raw in strange if (moment := calendar.read(raw))}
        published += _last_resorts(_in_data(marks), modified, calendar, engine_date(tree, url), days)
        won = _first_read(published, calendar)
    changed = _first_read(modified, calendar)
    return Moments(
        published=won or next(iter(published), None), modified=changed or next(iter(modified), None),
        published_at=calendar.read(won.raw) if won else None,
        modified_at=calendar.read(changed.raw) if changed else None,
        published_offers=tuple(published), modified_offers=tuple(modified),
    )  # fmt: skip


def _first_read(offers: list[Offer], calendar: Calendar) -> Offer | None:
    return next((offer for offer in offers if calendar.read(offer.raw)), None)


def _published(
    marks: PageMarks, linked: LinkedArticle, lines: list[Line], day: str, calendar: Calendar
) -> Iterator[Offer]:
    """What fields meant for it say; then times and lines, of which a day in the URL tells the right one."""
    if linked.published:
        yield Offer(raw=linked.published, source="json-ld")
    for name in _PUBLISHED:
        if said := marks.meta(name):
            yield Offer(raw=said, source="og" if name == "article:published_time" else f"meta:{name}")
    printed = list(_printed(marks, lines))
    if day:
        printed.sort(key=lambda offer: not _is_near(calendar.read(offer.raw), calendar.read(day)))
        agrees = printed and _is_near(calendar.read(printed[0].raw), calendar.read(day))
        printed.insert(1 if agrees else 0, Offer(raw=day, source="url"))
    yield from printed


def _modified(marks: PageMarks, linked: LinkedArticle, lines: list[str]) -> Iterator[Offer]:
    if linked.modified:
        yield Offer(raw=linked.modified, source="json-ld")
    for name in _MODIFIED:
        if said := marks.meta(name):
            yield Offer(raw=said, source="og" if name == "article:modified_time" else f"meta:{name}")
    for mark in marks.dates:
        if mark.source == "modified":
            yield Offer(raw=mark.text, source="markup:modified")
    for line in lines:
        if found := _UPDATED.search(line):
            yield Offer(raw=line[found.start() :], source="text")


def _is_near(one: datetime | None, other: datetime | None) -> bool:
    """Whether two moments are of one day, in whatever zone."""
    return one is not None and other is not None and abs(one - other) < _A_DAY


def _printed(marks: PageMarks, lines: list[Line]) -> Iterator[Offer]:
    """Dates that a reader sees: those said to be of publication, then times behind the heading, lines there.

    What stands before the heading comes behind them: a paper prints the day there.
    """
    said = [mark for mark in marks.dates if mark.source == "published"]
    times = [mark for mark in marks.dates if mark.source == "time" and published_part(mark.text)]
    start = next((mark.place for mark in marks.headings if mark.source == "h1"), 0)
    behind = [mark for mark in times if mark.place > start]
    before = [mark for mark in times if mark.place < start]
    told = [(line.leads and not line.above, published_part(line.text)) for line in lines]
    yield from (Offer(raw=mark.text, source="markup:published") for mark in said[:4])
    yield from (Offer(raw=published_part(mark.text), source="time") for mark in behind[:3])
    yield from (Offer(raw=text, source="text") for near, text in told if near and text)
    yield from (Offer(raw=published_part(mark.text), source="time") for mark in reversed(before[-2:]))
    yield from (Offer(raw=text, source="text") for near, text in told if text and not near)


def _is_masthead(line: Line, calendar: Calendar) -> bool:
    """Whether a line above the title has the weekday and the day on which the page was asked for."""
    if not line.above or calendar.captured_at is None or not _WEEKDAY.match(line.text):
        return False
    return _is_near(calendar.read(line.text), calendar.captured_at)


def _last_resorts(
    data: Iterable[str], modified: list[Offer], calendar: Calendar, found: str | None, strange: set[date]
) -> Iterator[Offer]:
    """The dates of a page that says none where dates belong, the best first; as few as are needed.

    `found` is htmldate's; it is not taken from the `strange` days of other stories, a masthead, a server.
    Where it is the day of a change, that is told with its time.
    """
    for raw in data:
        if calendar.read(raw):
            yield Offer(raw=raw, source="script")
            return
    day = calendar.read(found) if found else None
    if found and day and day.date() not in strange:
        changes = (offer for offer in modified if _on_day(calendar.read(offer.raw), day))
        timed = next(
            (Offer(raw=o.raw, source=f"{o.source.removesuffix(':modified')}:modified") for o in changes), None
        )
        yield timed or Offer(raw=found, source="htmldate")
    yield from (offer for offer in modified if offer.source in ("markup:modified", "text"))


def _on_day(moment: datetime | None, day: datetime) -> bool:
    return moment is not None and moment.date() == day.date()


def _in_data(marks: PageMarks) -> Iterator[str]:
    for text in marks.data:
        if found := _DATA_KEYS.search(text, 0, _MOST_DATA):
            yield found[1].strip()


def published_part(line: str) -> str:
    """The part of a line that has the date of publication, empty where its date is said to be of a change.

    >>> published_part("Updated May 4, 2023"), published_part("May 3, 2023, updated May 4, 2023")
    ('', 'May 3, 2023, updated May 4, 2023')
    >>> published_part("Updated May 4, 2023; published May 3, 2023")
    'published May 3, 2023'
    """
    found = _UPDATED.search(line)
    if found is None or parse_date(line[: found.start()]):
        return line
    first = _FIRST.search(line, found.end())
    return line[first.start() :] if first and parse_date(line[first.start() :]) else ""


def day_of_url(url: str | None) -> str:
    """The day in the path of a URL as a date, empty where there is none.

    >>> day_of_url("https://demo.example/2023/oct/03/ships/"), day_of_url("https://demo.example/2023/15/ships")
    ('03 oct 2023', '')
    """
    found = _URL_DAY.search(url or "")
    if not found:
        return ""
    raw = f"{found[4]} {found[3]} {found[1]}" if found[3].isalpha() else f"{found[1]}-{found[3]}-{found[4]}"
    return raw if parse_date(raw) else ""


def engine_date(tree: HtmlElement, url: str | None) -> str | None:
    """The day htmldate finds, as YYYY-MM-DD; the last resort, without its full-text search."""
    try:
        return find_date(
            tree, extensive_search=False, original_date=True, url=url,
            min_date=_FIRST_DATE, max_date=_LAST_DATE,
        )  # fmt: skip
    except Exception:  # noqa: BLE001 -- foreign code on hostile input: what it raises is not ours to list
        return None
