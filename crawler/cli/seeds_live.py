"""What `presswarc seeds add` and `seeds check --live` do: they ask sites, so they are imported late."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import write_rows
from crawler.cli.values import printable
from crawler.guard import AddressPolicy, address_policy
from crawler.probing import Asker, Reader, check_live, look_at, seed_text
from crawler.seed_checks import name_problem
from crawler.seeds import Unreachable, load_seed, read_seed
from pipelines.workers import Workers
from storage.errors import SeedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.cli.options import Common
    from crawler.cli.output import Output
    from crawler.cli.site_options import Asking
    from crawler.probing import Finding, Site
    from crawler.seeds import Seed

_COLUMNS = ("seed", "kind", "status", "links", "in_scope", "articles", "newest_at", "problem", "url")


def show_live(seeds: list[Seed], asking: Asking, output: Output, common: Common) -> int:
    """Write a row for each address of the seeds; 1 if one of them gives nothing."""
    found: list[Finding] = []
    for seed in seeds:
        with _reader(asking, common, seed) as reader:
            for finding in check_live(seed, reader):
                found.append(finding)
                common.note(
                    f"{finding.url}: {printable(finding.problem) or f'{finding.in_scope} links in scope'}"
                )
    write_rows(_COLUMNS, [_row(finding) for finding in found], output)
    idle = sum(not finding.works for finding in found)
    common.note(f"{len(found)} addresses asked for, {idle or 'none'} of them of no use")
    return 1 if idle else 0


def add_seed(url: str, name: str | None, file: Path | None, asking: Asking, common: Common) -> int:
    """Look at the site and write the seed; tell what was found on stderr and the file's path on stdout."""
    if "://" not in url:
        raise UsageError(f"give the site's whole URL, not {url!r}", hint=f"https://{url}/")
    name = name or load_seed(url).name.removeprefix("www.")
    problem = name_problem(name)
    if problem:
        raise UsageError(f"--name {problem}")
    path = file or Path("seeds") / f"{name}.toml"
    _refuse_existing(path)
    with _reader(asking, common, None) as reader:
        site = look_at(url, reader)
    text = seed_text(site, looked_on=datetime.now(UTC).date())
    _write(path, text)
    read_seed(path)  # what was made is held to what is asked of any seed
    for line in _summary(site):
        common.note(printable(line))
    click.echo(path)
    common.note(f"look it over, then: presswarc seeds check {path} --live; presswarc crawl {path}")
    return 0 if site.feeds or site.sitemaps or site.listings or site.wordpress else 1


@contextmanager
def _reader(asking: Asking, common: Common, seed: Seed | None) -> Iterator[Reader]:
    """What asks and reads, by the user's settings; the sample sites run while a seed of theirs is asked."""
    config = common.config()
    policy = address_policy(asking.allow_address, asking.connect_to)
    for advice in config.advice() if seed is None or not seed.bundled else ():
        common.note(f"note: {advice}")
    with ExitStack() as stack:
        if seed is not None and seed.bundled:
            from crawler.demo.server import SampleSites

            sites = stack.enter_context(SampleSites())
            policy = AddressPolicy(policy.allowed, {**sites.connect_to(), **policy.connect_to})
        delay_s = asking.pause_s if asking.is_set or seed is None else seed.politeness.delay_s
        asker = Asker(
            policy=policy,
            user_agent=config.user_agent,
            timeout_s=config.timeout_s,
            delay_s=delay_s,
            obey=seed is None or seed.robots.obey,
            goes_without=seed is not None and seed.robots.unreachable is Unreachable.ALLOW,
        )
        yield Reader(asker=asker, workers=stack.enter_context(Workers(1)))


def _row(finding: Finding) -> tuple[object, ...]:
    return tuple(
        getattr(finding, name) if name != "problem" else finding.problem or None for name in _COLUMNS
    )


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise UsageError(
            "there is a seed already",
            hint="give another --name or -o FILE, or move that file",
            where=str(path),
        )


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises: UsageError, SeedError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        _refuse_existing(path)
    except OSError as error:
        raise SeedError(f"can't write the seed: {error.strerror}", where=str(path)) from error


def _summary(site: Site) -> Iterator[str]:
    """What was found, a line each."""
    facts = site.facts
    made = facts.cms or "an unknown program"
    yield f"{facts.title or site.seed.title}: made with {made}, language {facts.language or 'not told'}"
    yield from (f"  note: {note}" for note in site.notes)
    for name, looked in (("feed", site.feeds), ("sitemap", site.sitemaps)):
        yield from (f"  {name}: {one.url}, {len(one.in_scope)} links in scope" for one in looked)
        if not looked:
            yield f"  {name}: none found"
    if site.wordpress:
        yield f"  REST: {site.wordpress.url}, {len(site.wordpress.in_scope)} posts"
    yield from (f"  listing: {listing.url}" for listing, _ in site.listings)
    yield f"  articles: {', '.join(site.article) or 'guessed, as too few are known'}"
    yield from (f"  of no use: {one.url}: {one.problem}" for one in site.useless)
