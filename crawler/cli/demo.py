"""`presswarc demo`: the whole path on the two bundled sample sites, and what came out of it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.options import Common, archive_options

if TYPE_CHECKING:
    from crawler.report import Report
    from storage.layout import Layout

SEEDS = ("demo-defense", "demo")
_SHOWN_CHARACTERS = 76
_EXAMPLES = """\b
Examples:
  presswarc demo
  presswarc demo --archive /tmp/demo    (again: a day later on the sites)"""

_COUNTS = """
SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM unique_articles),
       (SELECT count(*) FROM articles WHERE is_duplicate),
       (SELECT count(*) FROM photos), (SELECT count(*) FROM photos WHERE virin IS NOT NULL),
       (SELECT count(*) FROM captures), (SELECT count(*) FROM captures WHERE record_type = 'revisit'),
       (SELECT count(*) FROM versions WHERE version > 1), (SELECT count(*) FROM dropped),
       (SELECT count(*) FROM crawls)
"""
_STATUSES = "SELECT status, count(*) FROM captures GROUP BY 1 ORDER BY 1"
_PICKED = """
SELECT a.article_id, a.title, a.url, a.text, a.dateline, a.published_at
FROM articles a JOIN blocks b USING (article_id) WHERE a.source = 'demo-defense'
GROUP BY ALL ORDER BY count(DISTINCT b.kind) DESC, a.published_at DESC, a.url LIMIT 1
"""
_REMOVED = """
SELECT kind, count(*), arg_min(text, position), min(position) FROM blocks WHERE article_id = $id
GROUP BY 1 ORDER BY 4
"""
_PHOTOS = "SELECT caption, credit, virin, taken_on FROM photos WHERE article_id = $id ORDER BY position"
_REPOST = """
SELECT r.title, r.url, o.title, o.url, c.relation, c.score, c.evidence
FROM clusters c JOIN articles r USING (article_id)
JOIN unique_articles o ON o.cluster_id = c.cluster_id
WHERE NOT c.is_origin AND r.source = 'demo' AND o.source = 'demo-defense'
ORDER BY c.relation = 'exact', r.title = o.title, c.score DESC, r.url LIMIT 1
"""
_CHANGED = """
SELECT v.title, v.url, v.version, v.changed FROM versions v WHERE v.version > 1 ORDER BY v.url LIMIT 5
"""


@click.command(epilog=_EXAMPLES)
@archive_options
def demo(*, common: Common) -> int:
    """Crawl the two bundled sample sites over loopback, and show what was found.

    The sites are served by the program itself. Run it again on the same archive: it is a day later there,
    most pages have not changed, some have.
    """
    from crawler.crawls import Limits, run_crawls
    from crawler.progress import shown
    from crawler.seeds import load_seed
    from crawler.session import Session

    config = common.config()
    seeds = [load_seed(name) for name in SEEDS]
    with Session(config) as session, shown(session, quiet=common.quiet):
        reports = run_crawls(seeds, session, Limits())
    _show(config.archive, reports)
    return max(report.exit_code() for report in reports)


def _show(archive: Path, reports: Sequence[Report]) -> None:
    """Print what the archive holds now, one article, one repost, what to try next."""
    from storage.layout import Layout
    from storage.query import open_published, run_sql

    with open_published(archive) as connection:

        def rows(sql: str, parameters: dict[str, Any] | None = None) -> Sequence[Sequence[Any]]:
            return run_sql(connection, sql, parameters, 60.0).rows

        lines = [*_counts(rows(_COUNTS)[0], rows(_STATUSES), Layout(archive), reports)]
        for picked in rows(_PICKED):
            identifier = {"id": picked[0]}
            lines += _article(picked, rows(_PHOTOS, identifier), rows(_REMOVED, identifier))
        for repost in rows(_REPOST):
            lines += _repost(repost)
        lines += _changes(rows(_CHANGED))
    click.echo("\n".join([*lines, *_next(archive)]))


def _counts(
    counts: Sequence[Any],
    statuses: Sequence[Sequence[Any]],
    layout: Layout,
    reports: Sequence[Report],
) -> list[str]:
    """What is in the archive."""
    articles, unique, duplicates, photos, virins, captures, revisits, versions, dropped, crawls = counts
    files = layout.warc_files()
    size = sum(path.stat().st_size for path in files) / 1e6
    answers = ", ".join(f"{count} x {status}" for status, count in statuses)
    sources = " and ".join(report.source for report in reports)
    received = sum(report.received_bytes for report in reports) / 1e6
    return [
        f"Crawled {sources}, {received:.1f} MB over HTTP this time.",
        "",
        f"  {captures:>5} captures in {len(files)} WARC files ({size:.1f} MB): {answers}",
        f"  {revisits:>5} of them revisits: unchanged since an earlier capture, body not stored again",
        f"  {articles:>5} articles, {unique} unique, {duplicates} reposts or copies",
        f"  {photos:>5} photos, {virins} with a VIRIN",
        f"  {versions:>5} new versions of articles, over {crawls} crawls",
        f"  {dropped:>5} fetches and pages that gave no article, each with its reason (table `dropped`)",
    ]


def _article(
    picked: Sequence[Any], photos: Sequence[Sequence[Any]], removed: Sequence[Sequence[Any]]
) -> list[str]:
    """One article, and what was removed from it."""
    _, title, url, text, dateline, published_at = picked
    paragraphs = str(text).split("\n\n")
    lines = ["", f"One article: {title}", f"  {url}"]
    lines.append(f"  dateline {dateline}, published {published_at:%Y-%m-%d}, {len(paragraphs)} paragraphs:")
    lines += [f"    {_cut(paragraph)}" for paragraph in paragraphs[:2]]
    for caption, credit, virin, taken_on in photos[:1]:
        lines.append(f"  photo {virin}, taken {taken_on} by {credit}: {_cut(caption, 40)}")
    lines.append("  removed from the text, kept as data:")
    lines += [f"    {kind:<18} {count:>2} x  {_cut(sample, 50)}" for kind, count, sample, _ in removed]
    return lines


def _repost(repost: Sequence[Any]) -> list[str]:
    """One repost and where it comes from."""
    title, url, origin_title, origin_url, relation, score, evidence = repost
    signs = ["its own source link points there"] if json.loads(evidence).get("points_at") else []
    signs.append(f"{score:.0%} of the shorter text's word 5-grams are in the longer")
    return [
        "",
        f"One repost: {title}",
        f"  {url}",
        f"  {relation} of: {origin_title}",
        f"  {origin_url}",
        f"  why: {'; '.join(signs)}",
    ]


def _changes(changed: Sequence[Sequence[Any]]) -> list[str]:
    """Articles that changed between crawls."""
    if not changed:
        return []
    lines = ["", "Changed since the first crawl:"]
    return lines + [
        f"  version {version} of {_cut(title, 50)}: {', '.join(what)}" for title, _, version, what in changed
    ]


def _next(archive: Path) -> list[str]:
    """Three commands to try."""
    command, at = shlex.quote(_command()), f"--archive {shlex.quote(str(archive))}"
    return [
        "",
        "Try next:",
        f'  {command} query "FROM source_health" {at}',
        f"  {command} replay --into {shlex.quote(f'{archive}-again')} {at}",
        f"  {command} demo {at}        # a day later on the sample sites",
    ]


def _command() -> str:
    """How to call this program again from here: its name, or where it lies if no PATH leads to it."""
    called = Path(sys.argv[0])
    if called.name != "presswarc" or shutil.which(called.name):
        return "presswarc"
    return os.path.relpath(called)


def _cut(text: object, length: int = _SHOWN_CHARACTERS) -> str:
    r"""Text on one line, cut to `length`.

    >>> _cut("a\nb c", 4)
    'a b…'
    """
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
