"""Which URLs show one article, beyond what their form tells: by what pages declare and by what they show.

`storage.urls` knows an article by its URL alone. Two things more say that two URLs are one article: the page
at one declares the other as its canonical URL, or they differ in parameters that rarely select anything.
Neither is believed against the texts: sites declare their home page everywhere, or forget the parameter that
selects the story. What a parameter does is learned for each site, by whether URLs that differ in it show the
same text.

Links between URLs are judged by what is in the index as a whole, so that neither order nor batches of what
was added show in the result. A page on another site is never the same article, whatever it declares.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from storage.index import identity_queries as queries
from storage.index import identity_verdicts as verdicts
from storage.index.identity_tables import ALIASES, URL_LINKS
from storage.index.load import stage
from storage.index.url_links import DECLARED, links_of

# URLs of the extractions in a temporary table, which came or went; and of those whose contents changed.
NOTE_URLS = """
INSERT INTO work.unidentified
SELECT DISTINCT article_id FROM {} ANTI JOIN work.unidentified ON url_id = article_id
"""
NOTE_CONTENTS = """
INSERT INTO work.unidentified
SELECT DISTINCT article_id FROM extractions SEMI JOIN fresh USING (content_digest)
ANTI JOIN work.unidentified ON url_id = article_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedLink:
    """A link that makes two URLs one article; `captured_url` is the other URL as it was fetched, if so."""

    url_id: str
    kind: str
    url: str
    target_id: str
    target_url: str
    compared: str
    dropped: tuple[str, ...]
    captured_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A row of `aliases`."""

    url_id: str
    article_id: str
    canonical_url: str
    reason: str
    evidence: str


def update_identities(connection: duckdb.DuckDBPyConnection) -> None:
    """Find anew which URLs show one article, where that may have changed. Inside a transaction.

    Captures of an article that is known by another URL than before are touched, so that it is derived anew.
    """
    _run(connection, queries.SHOWN)
    candidates = connection.execute(queries.CANDIDATES).fetchall()
    _run(connection, queries.BEFORE)
    if stage(connection, URL_LINKS, _link_rows(candidates)):
        connection.execute(queries.LINKS_COME)
    if not connection.execute(queries.HAS_LINKS).fetchall():
        connection.execute(queries.DONE)
        return
    for statements in (queries.FACES, queries.COMPARE, verdicts.LEARN):
        _run(connection, statements)
    (turned,) = connection.execute(verdicts.TURNED).fetchall()[0]
    if turned:
        _run(connection, queries.COMPARE)
    _run(connection, verdicts.JUDGE)
    _run(connection, queries.REACH)
    while connection.execute(queries.IS_GROWING).fetchall():
        _run(connection, queries.GROW)
    used = [_used(row) for row in connection.execute(queries.USED).fetchall()]
    _stage_aliases(connection, aliases_of(used))
    _run(connection, queries.STORE)
    connection.execute(queries.DONE)


def aliases_of(links: Iterable[UsedLink]) -> list[Alias]:
    """Rows of `aliases` for links of whole articles: each URL but the one that its article is known by."""
    links = list(links)
    rows = []
    for group in _joined(links):
        root = _root(group)
        canonical = _spelled(root, group)
        told = {link.url_id: link for link in reversed(group)}
        for url_id in sorted({one for link in group for one in (link.url_id, link.target_id)} - {root}):
            reason, evidence = _why(told.get(url_id), group)
            rows.append(
                Alias(
                    url_id=url_id,
                    article_id=root,
                    canonical_url=canonical,
                    reason=reason,
                    evidence=json.dumps(evidence, ensure_ascii=False, sort_keys=True),
                )
            )
    return rows


def _joined(links: Sequence[UsedLink]) -> Iterator[list[UsedLink]]:
    """The links of each article, in order."""
    leader: dict[str, str] = {}

    def leader_of(url_id: str) -> str:
        while leader.setdefault(url_id, url_id) != url_id:
            leader[url_id] = leader[leader[url_id]]
            url_id = leader[url_id]
        return url_id

    for link in links:
        leader[leader_of(link.url_id)] = leader_of(link.target_id)
    groups: defaultdict[str, list[UsedLink]] = defaultdict(list)
    for link in links:
        groups[leader_of(link.url_id)].append(link)
    yield from groups.values()


def _root(group: Sequence[UsedLink]) -> str:
    """The URL that the article is known by: one that others declare and that declares none; the least such.

    Where all declare each other it is one of those declared; where nothing is declared, the URL without the
    doubtful parameters.
    """
    declaring = {link.url_id for link in group if link.kind == DECLARED}
    declared = {link.target_id for link in group if link.kind == DECLARED}
    leading = {link.url_id for link in group}
    targets = {link.target_id for link in group}
    roots = (declared - declaring) or declared or (targets - leading) or targets
    spelled = {root: _spelled(root, group) for root in roots}
    return min(roots, key=lambda root: (len(spelled[root]), spelled[root], root))


def _spelled(root: str, group: Sequence[UsedLink]) -> str:
    """URL of the root: as it was fetched, else as others name it, by HTTPS where they may choose."""
    named = [link for link in group if link.target_id == root]
    fetched = [link.captured_url for link in named if link.captured_url]
    urls = fetched or [link.target_url for link in named]
    return min(urls, key=lambda url: (not url.startswith("https:"), len(url), url))


def _why(link: UsedLink | None, group: Sequence[UsedLink]) -> tuple[str, dict[str, object]]:
    """Reason and evidence for a URL: its own link, or those that lead to it."""
    if link is None:
        return "joined", {"by": sorted({one.url for one in group})[:3]}
    evidence: dict[str, object] = {"texts": link.compared, "url": link.target_url}
    if link.dropped:
        evidence["dropped"] = list(link.dropped)
    return ("declared_canonical" if link.kind == DECLARED else "same_text"), evidence


def _link_rows(candidates: Iterable[tuple[str, str, str | None]]) -> Iterator[tuple[object, ...]]:
    """Rows of `url_links` but for what is judged."""
    for url_id, url, declared in candidates:
        for link in links_of(url_id, url, declared):
            dropped = [{"parameter": name, "value": value} for name, value in link.dropped]
            yield (
                url_id, link.kind, link.site, url, link.target_id, link.target_url, link.relation.value,
                dropped, link.is_unknown,
            )  # fmt: skip


def _used(row: Sequence[Any]) -> UsedLink:
    """A link from a row of `queries.USED`."""
    return UsedLink(
        url_id=row[0], kind=row[1], url=row[2], target_id=row[3], target_url=row[4], compared=row[5],
        dropped=tuple(row[6] or ()), captured_url=row[7],
    )  # fmt: skip


def _stage_aliases(connection: duckdb.DuckDBPyConnection, aliases: Sequence[Alias]) -> None:
    """Put the aliases into the temporary table `identity_aliases`."""
    rows = ((one.url_id, one.article_id, one.canonical_url, one.reason, one.evidence) for one in aliases)
    there = stage(connection, ALIASES, rows)
    source = "staged" if there else "aliases LIMIT 0"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE identity_aliases AS FROM {source}")


def _run(connection: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    """Execute statements in order."""
    for statement in statements:
        connection.execute(statement)
