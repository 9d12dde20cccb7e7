"""Links into the frontier: which are new, which are known, and what a link tells of a known one."""

# ruff: noqa: S608 (the columns in these statements are our own; values go in as parameters)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import islice
from urllib.parse import urlsplit

from crawler.frontier.model import ARTICLE, PAGE, WAY, Found, State, Taken, Tier, as_text
from crawler.frontier.store import Store
from pipelines.fields.dates import parse_date
from storage.urls import article_key

_PORTION = 1000
_FOUND = "kind, found_on, found_in, depth, hops, title, published_raw, modified_raw, rank, dated"
_INSERT = f"""INSERT INTO urls (source, url, host, article, tier, discovered_at, state, {_FOUND})
    VALUES (:source, :url, :host, :article, :tier, :discovered_at, 'discovered', {
    ", ".join(f":{name}" for name in _FOUND.split(", "))
}) ON CONFLICT DO NOTHING"""
_INSERT_HOST = "INSERT INTO source_hosts (source, host) VALUES (:source, :host) ON CONFLICT DO NOTHING"
# Who tells a title or date first is believed.
_TELL = """UPDATE urls SET found_on = :found_on, found_in = :found_in, depth = :depth, hops = :hops,
    title = :title, published_raw = :published_raw, modified_raw = :modified_raw, rank = :rank, dated = :dated
    WHERE source = :source AND url = :url"""
_REOPEN = """UPDATE urls SET state = 'discovered', next_visit_at = NULL, open_at = NULL
    WHERE source = :source AND url = :url"""
_DATE = "UPDATE urls SET modified_raw = :modified_raw WHERE source = :source AND url = :url"
# A crawl is bounded by depth: whoever happens to name a page first must not put out of reach it, or what it
# leads to: one that was read is read again, from the archive.
_REREAD = "state = 'done' AND leased_by IS NULL AND warc_file <> ''"
_NEARER = f"""UPDATE urls SET depth = :depth, hops = :hops,
    state = CASE WHEN {_REREAD} THEN 'captured' ELSE state END,
    asked_at = CASE WHEN {_REREAD} THEN '' ELSE asked_at END
    WHERE source = :source AND url = :url AND depth > :depth"""
_HASTEN = """UPDATE urls
    SET modified_raw = :modified_raw, next_visit_at = :now, told_in_vain = told_in_vain + 1
    WHERE source = :source AND url = :url AND next_visit_at > :now AND interval_s > 0"""
# A sitemap that gives today's date to whatever it names is soon no longer believed.
_BELIEVED = 2
_TOLD = _FOUND.removeprefix("kind, ").split(", ")
_CLOSED = frozenset({State.GIVEN_UP, State.GONE})
_NO_FORM = (*_CLOSED, State.DENIED)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a URL that is found again."""

    state: str
    open_at: str | None
    is_bare: bool
    modified_raw: str | None
    told_in_vain: int
    depth: int
    tier: int


@dataclass(slots=True)
class _Portion:
    """What is to be written of some links."""

    new: list[dict[str, object]] = field(default_factory=list)
    told: list[dict[str, object]] = field(default_factory=list)
    dated: list[dict[str, object]] = field(default_factory=list)
    reopened: list[dict[str, object]] = field(default_factory=list)
    hastened: list[dict[str, object]] = field(default_factory=list)
    nearer: list[dict[str, object]] = field(default_factory=list)
    same_article: set[str] = field(default_factory=set)


def take(store: Store, source: str, found: Iterable[Found], now: datetime) -> Taken:
    """Remember links of a source, in their order."""
    waiting: set[str] = set()
    same: set[str] = set()
    for number, links in enumerate(_portions(found)):
        moment = now + timedelta(microseconds=number * _PORTION)
        taken = store.within(partial(_take, store, source, links, moment))
        waiting |= taken.waiting
        same |= taken.same_article
    return Taken(waiting=frozenset(waiting), same_article=frozenset(same))


def is_closed(state: str, open_at: str | None, now: datetime) -> bool:
    """Whether a link to a URL in that state makes it new again."""
    return state in _CLOSED and (open_at or "") <= as_text(now)


def row_of(source: str, found: Found, discovered_at: datetime) -> dict[str, object]:
    """A link as the table has it. What a database does not take in a text is left out."""
    is_article = found.kind == "article"
    return {
        "source": source,
        "url": _plain(found.url),
        "host": urlsplit(found.url).netloc,
        "article": _plain(article_key(found.url)) if is_article else None,
        "tier": tier_of(found.kind),
        "discovered_at": as_text(discovered_at),
        "kind": found.kind,
        "found_on": _plain(found.found_on),
        "found_in": found.found_in,
        "depth": found.depth,
        "hops": found.hops,
        "title": _plain_or_none(found.title),
        "published_raw": _plain_or_none(found.published_raw),
        "modified_raw": _plain_or_none(found.modified_raw),
        "rank": found.priority,
        "dated": _dated(found) if is_article else "",
    }


def tier_of(kind: str) -> Tier:
    """What a link of that kind is good for."""
    return ARTICLE if kind == "article" else PAGE if kind == "page" else WAY


def insert(store: Store, rows: Sequence[dict[str, object]]) -> None:
    """Write rows of `row_of`; those that are there already stay as they are."""
    hosts = {(row["source"], row["host"]) for row in rows}
    # In the order of their keys: two that write the same rows then do not wait for each other.
    store.many(_INSERT, sorted(rows, key=lambda row: str(row["url"])))
    store.many(_INSERT_HOST, [{"source": source, "host": host} for source, host in sorted(hosts, key=str)])


def _take(store: Store, source: str, links: Sequence[Found], now: datetime) -> Taken:
    """Remember a portion of links."""
    known = _known(store, source, [_plain(link.url) for link in links])
    portion = _Portion()
    rows: list[dict[str, object]] = []
    for at, link in enumerate(links):
        seen = known.get(_plain(link.url))
        if seen is None:
            rows.append(row_of(source, link, now + timedelta(microseconds=at)))
        else:
            _note_again(portion, source, link, seen, now)
    forms = _forms(store, source, [str(row["article"]) for row in rows if row["article"]])
    for row in rows:
        if row["article"] and forms.setdefault(str(row["article"]), str(row["url"])) != row["url"]:
            portion.same_article.add(str(row["url"]))
        else:
            portion.new.append(row)
    for statement, changed in (
        (_TELL, portion.told),
        (_DATE, portion.dated),
        (_REOPEN, portion.reopened),
        (_HASTEN, portion.hastened),
        (_NEARER, portion.nearer),
    ):
        if changed:
            store.many(statement, sorted(changed, key=lambda row: str(row["url"])))
    if portion.new:
        insert(store, portion.new)
    return Taken(
        waiting=frozenset(str(row["url"]) for row in (*portion.new, *portion.reopened)),
        same_article=frozenset(portion.same_article),
    )


def _note_again(portion: _Portion, source: str, link: Found, seen: _Known, now: datetime) -> None:
    """Take note of what a link tells of a URL that is known."""
    key: dict[str, object] = {"source": source, "url": _plain(link.url)}
    if seen.is_bare and (link.title or link.published_raw or link.modified_raw):
        row = row_of(source, link, now)
        portion.told.append(key | {name: row[name] for name in _TOLD})
    if is_closed(seen.state, seen.open_at, now):
        portion.reopened.append(key)
    elif link.depth < seen.depth and (seen.state == State.DISCOVERED or seen.tier != ARTICLE):
        portion.nearer.append(key | {"depth": link.depth, "hops": link.hops})
    date = key | {"modified_raw": _plain_or_none(link.modified_raw)}
    if not link.modified_raw:
        return
    if not seen.modified_raw:
        if not seen.is_bare:  # found by its title in a listing: the sitemap is the first to tell a date
            portion.dated.append(date)
    elif _is_later(link.modified_raw, seen.modified_raw) and seen.told_in_vain < _BELIEVED:
        portion.hastened.append(date | {"now": as_text(now)})


def _known(store: Store, source: str, urls: Sequence[str]) -> dict[str, _Known]:
    """What is known of those of the URLs that are known."""
    rows = store.rows(
        f"""SELECT url, state, open_at, coalesce(title, published_raw, modified_raw) IS NULL,
            modified_raw, told_in_vain, depth, tier FROM urls
            WHERE source = :source AND {store.among("url", "urls")}""",
        {"source": source, "urls": store.several(urls)},
    )
    return {
        url: _Known(state, open_at, bool(is_bare), modified_raw, told_in_vain, depth, tier)
        for url, state, open_at, is_bare, modified_raw, told_in_vain, depth, tier in rows
    }


def _forms(store: Store, source: str, articles: Sequence[str]) -> dict[str, str]:
    """The URL under which an article is known, by the article's key."""
    if not articles:
        return {}
    closed = ", ".join(f"'{state}'" for state in _NO_FORM)
    rows = store.rows(
        f"""SELECT article, min(url) FROM urls WHERE source = :source AND {store.among("article", "articles")}
            AND state NOT IN ({closed}) GROUP BY article""",
        {"source": source, "articles": store.several(articles)},
    )
    return dict(rows)


def _portions(found: Iterable[Found]) -> Iterator[list[Found]]:
    """The links, some at a time, each URL once."""
    rest = iter(found)
    while links := list(islice(rest, _PORTION)):
        yield list({link.url: link for link in reversed(links)}.values())[::-1]


def _dated(found: Found) -> str:
    """The date that a link tells of its article, so that it sorts; empty where it tells none."""
    return next(
        (text for raw in (found.published_raw, found.modified_raw) if raw and (text := _sortable(raw))), ""
    )


@lru_cache(_PORTION)
def _sortable(raw: str) -> str:
    """A date as a feed or sitemap wrote it, so that it sorts; empty where it is none."""
    moment = parse_date(raw)
    return as_text(moment) if moment is not None else ""


def _is_later(raw: str, before: str) -> bool:
    """Whether a date is later than the one told before, whoever told it: one may tell the hour, another not.

    >>> _is_later("2026-11-22", "Sat, 21 Nov 2026 08:00:00 GMT"), _is_later("2026-11-22", "2026-11-22T08:00Z")
    (True, False)
    """
    return raw != before and _sortable(raw) > (_sortable(before) or "9")


def _plain_or_none(text: str | None) -> str | None:
    """The same of a text that may lack."""
    return None if text is None else _plain(text)


def _plain(text: str) -> str:
    """A text without what databases refuse: lone surrogates, NUL."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
