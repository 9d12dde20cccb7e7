"""Real WordPress sites, of Debian's packages: each way of discovery finds all posts, which read as written.

WORDPRESS_SITES names their folder; `tests/wordpress/start.sh` starts them (as root) and says its name.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from running import presswarc

from crawler.discovery import LinkKind, starts
from crawler.guard import address_policy
from crawler.probing import Asker, Reader
from crawler.scope import judge
from crawler.seeds import Seed, load_seed
from pipelines.workers import Workers

FOLDER = Path(os.environ.get("WORDPRESS_SITES", ""))
pytestmark = [
    pytest.mark.skipif(
        not FOLDER.name, reason="WORDPRESS_SITES is not set: tests/wordpress/start.sh says it"
    ),
    pytest.mark.long,
]
CHANGE = Path(__file__).parents[1] / "wordpress" / "change.php"
PRETTY, PLAIN, CLOSED, CHANGED = range(4)
PLACES = {  # of the feed, the REST interface and the sitemap
    PRETTY: ("feed/", "wp-json/wp/v2/posts", "wp-sitemap.xml"),
    PLAIN: ("?feed=rss2", "?rest_route=/wp/v2/posts", "?sitemap=index"),
    CLOSED: ("feed/", "", "wp-sitemap.xml"),
    CHANGED: ("feed/", "wp-json/wp/v2/posts", "wp-sitemap.xml"),
}
PART = re.compile(r"(?:/|&page=)[23]/?$")  # of a post in several pages
WAYS = {LinkKind.FEED, LinkKind.WORDPRESS, LinkKind.SITEMAP, LinkKind.ROBOTS}
FOR_MEMBERS = "For members only"


@dataclass(frozen=True, kw_only=True)
class Site:
    """One of the sites, and what stands in its database."""

    number: int
    url: str
    truth: dict[str, Any]

    @property
    def address(self) -> str:
        return self.url.split("/")[2]

    @property
    def posts(self) -> set[str]:
        return {post["url"] for post in self.truth["posts"]}

    @property
    def public(self) -> set[str]:
        """Addresses of posts that anybody may see, those for members with only their title."""
        return self.posts | {self.truth["unseen"]["password"]}


def site(number: int) -> Site:
    truth = json.loads((FOLDER / f"truth{number}.json").read_text("utf-8"))
    return Site(number=number, url=truth["site"], truth=truth)


def change(of: Site, what: str, which: str) -> list[str]:
    """Change the site by its own program; the ID of the post, and its address."""
    done = subprocess.run(
        ["php", CHANGE, str(of.number), what, which],
        capture_output=True, text=True, check=True, env={**os.environ, "WORDPRESS_FOLDER": str(FOLDER)},
    )  # fmt: skip
    return done.stdout.split()


def crawl(of: Site, seed: Path, archive: Path, *words: str) -> str:
    return presswarc(
        "crawl",
        seed,
        "--archive",
        archive,
        "--delay",
        "0",
        "--allow-address",
        of.address,
        *words,
        timeout=900,
    ).stderr


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(archive / "index.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def as_typed(text: str) -> str:
    """The text with plain quotes and dashes, which WordPress makes typographic ones."""
    plain = re.sub("[\u2018\u2019\u201c\u201d\u2013\u2014\"'-]", "-", html.unescape(text))
    return " ".join(plain.split())


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as made:
        yield made


def found_by(seed: Seed, of: Site, workers: Workers) -> set[str]:
    """The articles that feeds, sitemaps and the REST interface of a seed name, on all their pages."""
    asker = Asker(policy=address_policy((of.address,), ()), user_agent="presswarc-test", delay_s=0)
    reader = Reader(asker=asker, workers=workers)
    waiting = [(link.url, link.kind) for link in starts(seed) if link.kind in WAYS]
    asked, articles = set(), set()
    while waiting:
        url, kind = waiting.pop()
        if url in asked:
            continue
        asked.add(url)
        looked = reader.look(url, kind, seed)
        links = [link for link in (*looked.in_scope, *looked.found.next_pages) if judge(link, seed).in_scope]
        articles |= {link.url for link in links if link.kind is LinkKind.ARTICLE}
        waiting += [(link.url, link.kind) for link in links if link.kind in WAYS]
    return articles


@pytest.mark.parametrize("number", [PRETTY, PLAIN, CLOSED])
def test_feed_rest_and_sitemap_each_name_every_post_and_nothing_else(number, workers):
    of = site(number)
    feed, rest, sitemap = PLACES[number]
    bare = replace(load_seed(of.url), urls=(), sitemaps_auto=False)
    seeds = {
        "feed": replace(bare, feeds=(of.url + feed,)),
        "atom": replace(
            bare, feeds=(of.url + (feed.replace("rss2", "atom") if "?" in feed else "feed/atom/"),)
        ),
        "rdf": replace(bare, feeds=(of.url + (feed.replace("rss2", "rdf") if "?" in feed else "feed/rdf/"),)),
        "sitemap": replace(bare, sitemaps=(of.url + sitemap,)),
    }
    if rest:
        seeds["rest"] = replace(bare, wordpress=of.url + rest)
    if number != PLAIN:  # which has no robots.txt
        seeds["robots"] = replace(bare, urls=(of.url,), sitemaps_auto=True)
    for way, seed in seeds.items():
        assert found_by(seed, of, workers) == of.public, way


@pytest.fixture(scope="module", params=[PRETTY, PLAIN, CLOSED])
def crawled(request, tmp_path_factory) -> tuple[Site, Path, str]:
    """A site, the archive of a crawl by the seed that was made for it, and what the program said."""
    of = site(request.param)
    folder = tmp_path_factory.mktemp("site")
    seed, archive = folder / "paper.toml", folder / "archive"
    presswarc("seeds", "add", of.url, "-o", seed, "--delay", "0", "--allow-address", of.address)
    return of, archive, crawl(of, seed, archive)


def test_a_seed_made_for_the_site_brings_all_its_posts_and_no_hidden_one(crawled):
    of, archive, _ = crawled
    urls = {PART.sub("", url).rstrip("/") for (url,) in rows(archive, "SELECT url FROM articles")}
    pages = {url.rstrip("/") for url in of.truth["pages"]}  # a site's own pages may read as articles
    assert urls - pages == {url.rstrip("/") for url in of.posts}
    titles = {title for (title,) in rows(archive, "SELECT title FROM articles")}
    assert not titles & {FOR_MEMBERS, "A draft", "A private note", "A text of the next century"}


def test_every_post_reads_as_it_was_written(crawled):
    of, archive, _ = crawled
    found = rows(
        archive, "SELECT url, title, authors, published_at, text, article_id, site_name FROM articles"
    )
    photos = rows(archive, "SELECT article_id, caption, credit FROM photos")
    by_url = {row[0]: row for row in found}
    wrong = []
    for post in of.truth["posts"]:
        url, title, authors, published, text, article_id, name = by_url[post["url"]]
        parts = [row[4] for row in found if row[0] != url and PART.sub("", row[0]) in (url, url.rstrip("/"))]
        kept = [as_typed(block) for part in (text, *sorted(parts)) for block in part.split("\n\n")]
        shown = [
            f"{caption or ''} {credit or ''}" for of_id, caption, credit in photos if of_id == article_id
        ]
        told = {
            "title": (as_typed(title), as_typed(post["title"])),
            "authors": (authors, [post["author"]]),
            "published": (published.replace(tzinfo=UTC), datetime.fromisoformat(post["published"])),
            "text": (sorted(" ".join(kept).split()), sorted(as_typed(" ".join(post["text"])).split())),
            "paragraphs": ([one for one in map(as_typed, post["text"]) if one not in " ".join(kept)], []),
            "captions": (
                [one for one in post["captions"] if not any(one[:20] in text for text in shown)],
                [],
            ),
            "site": (name, {PRETTY: "Harbour Courier", PLAIN: "The Mill Lane Gazette",
                            CLOSED: "North Quay News"}[of.number]),
        }  # fmt: skip
        wrong += [(post["index"], field, *pair) for field, pair in told.items() if pair[0] != pair[1]]
    assert not wrong


def test_a_crawl_asks_for_no_feed_of_comments_and_no_page_of_comments(crawled):
    of, archive, _ = crawled
    asked = {url for (url,) in rows(archive, "SELECT url FROM captures")}
    of_posts = {
        url.replace("?", "?feed=rss2&") if of.number == PLAIN else f"{url.rstrip('/')}/feed/"
        for url in of.public
    }
    assert not asked & of_posts
    assert not [url for url in asked if "comment" in url or "cpage=" in url]
    assert len(asked) < 3 * len(of.posts)


SEEDS = {
    "feed": "feeds = ['{url}feed/']\nsitemaps = []",
    "rest": "wordpress = '{url}wp-json/wp/v2/posts'\nsitemaps = []",
    "sitemap": "sitemaps = ['{url}wp-sitemap.xml']",
    "links": "urls = ['{url}']\nsitemaps = []",
}
OTHER_WAYS = {
    "feed": "'/wp-json/', '/page/', '/category/'",
    "rest": "'/feed/', '/page/', '/category/'",
    "sitemap": "'/feed/', '/wp-json/', '/page/', '/category/'",
    "links": "'/feed/', '/wp-json/'",
}


@pytest.mark.parametrize("way", SEEDS)
def test_a_crawl_by_one_way_alone_brings_all_posts(way, tmp_path):
    of = site(PRETTY)
    seed = tmp_path / f"{way}.toml"
    months = "'/2025/\\d\\d/(?:page/|$)'"
    seed.write_text(
        f"{SEEDS[way].format(url=of.url)}\n"
        f"[scope]\ndeny = [{OTHER_WAYS[way]}, '/tag/', '/author/', {months}]\n",
        encoding="utf-8",
    )
    crawl(of, seed, tmp_path / "archive")
    urls = {PART.sub("/", url) for (url,) in rows(tmp_path / "archive", "SELECT url FROM articles")}
    assert urls - set(of.truth["pages"]) == of.posts


def test_what_changed_is_fetched_again_and_nothing_else_gets_a_version(tmp_path):
    of = site(CHANGED)
    kept, changed, gone = (change(of, "add", title) for title in ("It stays", "It is corrected", "It goes"))
    seed, archive = tmp_path / "paper.toml", tmp_path / "archive"
    seed.write_text(
        f"feeds = ['{of.url}feed/']\nwordpress = true\nsitemaps = []\nrevisit_after_s = 0\n"
        "[scope]\narticle = ['/archives/\\d+$']\ndeny = ['/tag/', '/author/', '/category/', '/20\\d\\d/']\n",
        encoding="utf-8",
    )
    crawl(of, seed, archive)
    before = dict(rows(archive, "SELECT url, versions FROM articles"))
    assert set(before) >= of.posts | {kept[1], changed[1], gone[1]}
    change(of, "update", changed[0])
    change(of, "delete", gone[0])
    added = change(of, "add", "It is new")
    crawl(of, seed, archive)
    after = dict(rows(archive, "SELECT url, versions FROM articles"))
    assert set(after) - set(before) == {added[1]}
    assert {url for url, versions in after.items() if versions > before.get(url, 1)} == {changed[1]}
    assert rows(archive, "SELECT url FROM gone_articles") == [(gone[1],)]
