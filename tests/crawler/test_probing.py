"""Looking at a site for a seed: what is found, what is asked for, what a bad server can do."""

from __future__ import annotations

import gzip
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.content import COURIER_HOST, DEFENSE_HOST, site_stories
from crawler.demo.posts import permalink
from crawler.demo.sections import article_url
from crawler.demo.server import SampleSites
from crawler.discovery import LinkKind
from crawler.guard import AddressPolicy
from crawler.probing import Asker, Reader, check_live, look_at, seed_text
from crawler.probing.fetching import get
from crawler.seeds import Scope, Seed, load_seed, read_seed
from pipelines.workers import Workers
from storage.errors import PresswarcError

PAGE = "<html lang=en><title>Paper</title>"


class Routes(dict[str, Any]):
    """Routes of a wire server; what is not among them is not found."""

    def __init__(self, wire: Any, routes: Mapping[str, Any]) -> None:
        super().__init__(routes)
        self.wire = wire

    def __missing__(self, path: str) -> Any:
        return self.wire.Answer(sent=reply("", "404 Not Found"))


def reply(body: str | bytes, status: str = "200 OK", *fields: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


@pytest.fixture
def site(wire: Any, serve: Callable[..., Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Starts a server of pages: texts, whole answers in bytes, or a wire server's answers."""

    def start(pages: Mapping[str, Any]) -> Any:
        routes = {
            path: wire.Answer(sent=page if isinstance(page, bytes) else reply(page))
            if isinstance(page, str | bytes)
            else page
            for path, page in pages.items()
        }
        return serve(Routes(wire, routes))

    return start


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as pool:
        yield pool


@pytest.fixture(scope="module")
def samples() -> Iterator[SampleSites]:
    with SampleSites() as sites:
        yield sites


def root(server: Any) -> str:
    return f"http://127.0.0.1:{server.port}"


def asker(*servers: Any, **changes: Any) -> Asker:
    policy = AddressPolicy(frozenset(("127.0.0.1", server.port) for server in servers))
    return Asker(
        **({"policy": policy, "user_agent": "presswarc/1", "timeout_s": 20.0, "delay_s": 0.0} | changes)
    )


def fetched(server: Any, path: str = "/", **changes: Any) -> Any:
    policy = AddressPolicy(frozenset({("127.0.0.1", server.port)}))
    return get(
        f"{root(server)}{path}", policy, **({"user_agent": "presswarc/1", "timeout_s": 20.0} | changes)
    )


def test_only_addresses_that_are_allowed_are_dialled(site):
    server = site({"/": PAGE})
    for address in ("127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "2130706433", "0.0.0.0"):
        answer = get(f"http://{address}:{server.port}/", AddressPolicy(), user_agent="x", timeout_s=5)
        assert (answer.status, answer.problem[:20]) == (0, "not a public address"), address
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    ["http://1.1.1.1:99999/", "http://[", "ftp://a.example/", "//a.example/", f"http://{'a' * 64}.test/"],
)
def test_what_is_no_web_address_is_told_and_nothing_is_dialled(url):
    answer = get(url, AddressPolicy(), user_agent="test", timeout_s=5)
    assert (answer.status, bool(answer.problem)) == (0, True)


def test_a_redirect_to_an_address_that_is_not_allowed_ends_there(site):
    inner = site({"/": PAGE})
    outer = site({"/": reply("", "302 Found", f"Location: {root(inner)}/secret")})
    answer = asker(outer).ask(f"{root(outer)}/")
    assert "not a public address" in answer.problem
    assert inner.connections == 0


def test_an_answer_that_never_ends_costs_no_more_than_its_bounds(wire, site):
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    pages = {
        "/drip": wire.Answer(sent=head, then="drip", filler=b"x"),
        "/head": wire.Answer(sent=b"HTTP/1.1 200 OK\r\n", then="drip", filler=b"A: b\r\n"),
        "/hold": wire.Answer(sent=head, then="hold"),
        "/flood": wire.Answer(sent=head, then="flood", filler=b"x" * 65_536),
    }
    server = site(pages)
    for path in ("/drip", "/head", "/hold"):
        assert fetched(server, path, timeout_s=0.5).problem == "no answer within 0.5 s"
    flood = fetched(server, "/flood", most_bytes=1 << 20)
    assert flood.problem == "only the first 1 MB were read"
    assert len(flood.body) < 2 << 20


@pytest.mark.parametrize(
    ("sent", "then", "problem"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "close", "the answer is no HTTP: BadStatusLine"),
        (b"", "close", "not to be reached: Remote end closed connection without response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "close", "the answer is cut short"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
            "close",
            "the answer is no HTTP: HTTPException",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "close", "the answer is cut short"),
    ],
)
def test_what_is_no_sound_answer_is_told(wire, site, sent, then, problem):
    answer = fetched(site({"/": wire.Answer(sent=sent, then=then)}))
    assert answer.problem == problem


def test_a_packed_answer_is_unpacked_and_one_that_lies_is_told(site):
    body = gzip.compress(b"<p>text")
    server = site(
        {
            "/whole": reply(body, "200 OK", "Content-Encoding: gzip"),
            "/torn": reply(body[:-9], "200 OK", "Content-Encoding: gzip"),
        }
    )
    assert fetched(server, "/whole").body == b"<p>text"
    assert fetched(server, "/torn").problem == "gzip cut short"


def test_robots_txt_is_obeyed_and_asked_for_once(site):
    rules = "User-agent: *\nDisallow: /private/\nCrawl-delay: 7\n"
    server = site({"/robots.txt": rules, "/": PAGE, "/moved": reply("", "301 M", "Location: /private/x")})
    ask = asker(server)
    assert ask.ask(f"{root(server)}/").status == 200
    assert "Disallow: /private/ (line 2" in ask.ask(f"{root(server)}/private/x").problem
    assert "Disallow: /private/" in ask.ask(f"{root(server)}/moved").problem
    assert ask.crawl_delay(root(server)) == 7
    assert [seen.path for seen in server.seen] == ["/robots.txt", "/", "/moved"]


@pytest.mark.parametrize("status", ["500 Oops", "503 Later", "429 Slow"])
def test_nothing_is_asked_for_where_robots_txt_can_not_be_read(site, status):
    server = site({"/robots.txt": reply("", status), "/": PAGE})
    answer = asker(server).ask(f"{root(server)}/")
    assert answer.problem == f"nothing is asked for without its robots.txt: status {status[:3]}"
    assert [seen.path for seen in server.seen] == ["/robots.txt"]
    assert asker(server, goes_without=True).ask(f"{root(server)}/").status == 200


def test_a_robots_txt_that_has_moved_is_read_where_it_is(site):
    """WordPress without pretty addresses sends the asker to another form of the name."""
    moved = reply("", "301 Moved Permanently", "Location: /robots.txt/")
    server = site({
        "/robots.txt": moved, "/robots.txt/": "User-agent: *\nDisallow: /closed/\n",
        "/open/": PAGE, "/closed/": PAGE,
    })  # fmt: skip
    ask = asker(server)
    assert ask.ask(f"{root(server)}/open/").status == 200
    assert "robots.txt forbids it" in ask.ask(f"{root(server)}/closed/").problem


def test_redirects_without_an_end_are_given_up(site):
    pages = {f"/{number}": reply("", "302 F", f"Location: /{number + 1}") for number in range(30)}
    server = site({**pages, "/round": reply("", "302 F", "Location: /round")})
    for path in ("/0", "/round"):
        assert asker(server).ask(f"{root(server)}{path}").problem == "redirected more than 10 times"


def looked_at(samples: SampleSites, host: str, workers: Workers) -> Any:
    policy = AddressPolicy(connect_to=samples.connect_to())
    ask = Asker(policy=policy, user_agent="presswarc/1", delay_s=0)
    return look_at(f"http://{host}/", Reader(asker=ask, workers=workers))


def seed_of(site: Any, folder: Path) -> Seed:
    path = folder / "made.toml"
    path.write_text(seed_text(site, looked_on=date(2026, 11, 22)))
    return read_seed(path)


def test_a_wordpress_site_gives_its_feed_sitemap_posts_listing_and_pattern(samples, workers, tmp_path):
    found = looked_at(samples, COURIER_HOST, workers)
    assert (found.facts.cms, found.facts.language, found.facts.title) == ("WordPress", "en", "Harbor Courier")
    seed = seed_of(found, tmp_path)
    shipped = load_seed("demo")
    assert (seed.urls, seed.feeds, seed.wordpress) == (shipped.urls, shipped.feeds, shipped.wordpress)
    assert seed.sitemaps_auto
    assert [listing.url for listing in seed.listings] == [listing.url for listing in shipped.listings]
    wanted = {permalink(story) for story in site_stories(COURIER_HOST, 1)}
    from crawler.discovery.likeness import matches

    assert all(matches(seed.scope.article, url) for url in wanted)
    assert not matches(seed.scope.article, f"http://{COURIER_HOST}/category/world/page/2/")


def test_a_site_of_the_military_gives_its_feeds_though_its_pages_name_no_program(samples, workers, tmp_path):
    found = looked_at(samples, DEFENSE_HOST, workers)
    assert found.facts.cms == "AFPIMS"
    seed, shipped = seed_of(found, tmp_path), load_seed("demo-defense")
    assert set(seed.feeds) == {url for url in shipped.feeds if "ContentType=2&" not in url}
    text = (tmp_path / "made.toml").read_text()
    assert "ContentType=2&Site=945&max=10 (empty article; empty feed)" in text
    assert any(listing.url.endswith("/News/News-Stories/?Page={page}") for listing in seed.listings)
    assert seed.scope.article == (r"(?i)/Article/\d{4,}(?:/|$)",)
    assert all("/Article/" in article_url(story) for story in site_stories(DEFENSE_HOST, 1))


def test_a_site_that_links_nothing_is_asked_at_the_usual_places(site, workers, tmp_path):
    items = "".join(f"<item><link>/news/a-{n}-long-story-{n}</link></item>" for n in range(6))
    server = site(
        {
            "/": f"{PAGE}<a href='/about/'>About</a>",
            "/rss.xml": f"<rss><channel>{items}</channel></rss>",
            "/sitemap_index.xml": "<sitemapindex><sitemap><loc>/news-1.xml</loc></sitemap></sitemapindex>",
        }
    )
    found = look_at(f"{root(server)}/", Reader(asker=asker(server), workers=workers))
    seed = seed_of(found, tmp_path)
    assert seed.feeds == (f"{root(server)}/rss.xml",)
    assert (seed.sitemaps, seed.sitemaps_auto) == ((f"{root(server)}/sitemap_index.xml",), False)
    assert len(seed.scope.article) == 1
    assert seed.scope.article[0].startswith("^https?://[^/]+/news/")
    assert len(server.seen) == len({seen.path for seen in server.seen}), "each address is asked for once"


def test_the_pattern_learned_leaves_no_listing_without_articles(site, workers, tmp_path):
    """A paper whose feed holds one section: its listing shows articles at addresses of another form."""
    items = "".join(f"<item><link>/story/a-{n}-long-story-{n}</link></item>" for n in range(6))
    listed = "".join(f"<h2><a href='/news/2026/11/piece-{n}/'>A piece of the day</a></h2>" for n in range(6))
    listing = f"{PAGE}{listed}<a rel=next href='/news/?Page=2'>Next</a>"
    server = site(
        {
            "/": f"{PAGE}<a type=application/rss+xml href=/rss.xml>RSS</a><a href='/news/'>News</a>",
            "/rss.xml": f"<rss><channel>{items}</channel></rss>",
            "/news/": listing,
            "/news/?Page=1": listing,
        }
    )
    found = look_at(f"{root(server)}/", Reader(asker=asker(server), workers=workers))
    assert [listing.url for listing, _ in found.listings] == [f"{root(server)}/news/?Page={{page}}"]
    again = list(check_live(seed_of(found, tmp_path), Reader(asker=asker(server), workers=workers)))
    assert [(one.articles, one.problem) for one in again if one.kind == "listing"] == [(6, "")]


def test_a_feeds_address_leads_to_the_site_and_is_kept(site, workers):
    server = site({"/": PAGE, "/deep/feed": "<rss><channel><item><link>/a-b-c</link></item></channel></rss>"})
    found = look_at(f"{root(server)}/deep/feed", Reader(asker=asker(server), workers=workers))
    assert found.seed.urls == (f"{root(server)}/",)
    assert [feed.url for feed in found.feeds] == [f"{root(server)}/deep/feed"]


def test_a_site_that_refuses_is_an_error_with_the_reason(site, workers):
    server = site({"/": reply("Access Denied", "403 Forbidden")})
    with pytest.raises(PresswarcError, match=r"nothing to look at: refused \(status 403\)"):
        look_at(f"{root(server)}/", Reader(asker=asker(server), workers=workers))


def test_what_a_site_calls_itself_can_not_break_the_file(site, workers, tmp_path):
    name = 'The "Post" \\ \' \x1b[31m\u202e #x\n[scope]'
    server = site(
        {"/": f"<html lang='en'><title>{name}</title><meta property='og:site_name' content='a\"]\x7f'>"}
    )
    found = look_at(f"{root(server)}/", Reader(asker=asker(server), workers=workers))
    text = seed_text(found, looked_on=date(2026, 11, 22))
    assert tomllib.loads(text)["title"] == 'a"]'
    assert text.replace("\n", "").isprintable()
    assert seed_of(found, tmp_path).scope.hosts == (f"127.0.0.1:{server.port}",)


def test_each_address_of_a_seed_is_asked_for_once_and_what_is_wrong_is_told(site, workers):
    story = "<item><link>/2026/03/a-story</link><pubDate>Mon, 02 Mar 2026 06:00:00 GMT</pubDate></item>"
    server = site(
        {
            "/robots.txt": "User-agent: *\nDisallow: /secret\nSitemap: /s.xml\n",
            "/": f"{PAGE}<a href='/news/'>News</a>",
            "/good": f"<rss><channel>{story}</channel></rss>",
            "/html": f"{PAGE}Not here any more",
            "/empty": "<rss><channel></channel></rss>",
            "/void": "<rss><channel><item><title>This is an empty article</title></item></channel></rss>",
            "/others": "<rss><channel><item><link>https://elsewhere.test/a</link></item></channel></rss>",
            "/refused": reply("Access Denied", "403 Forbidden"),
            "/s.xml": "<urlset><url><loc>/2026/03/a-story</loc><lastmod>2026-03-01</lastmod></url></urlset>",
        }
    )
    names = ("good", "html", "empty", "void", "others", "refused", "secret", "absent")
    seed = Seed(
        name="paper",
        title="Paper",
        urls=(f"{root(server)}/",),
        feeds=tuple(f"{root(server)}/{name}" for name in names),
        scope=Scope(hosts=(f"127.0.0.1:{server.port}",)),
    )
    found = list(check_live(seed, Reader(asker=asker(server), workers=workers)))
    by_name = {finding.url.rpartition("/")[2]: finding for finding in found}
    told = {name: (by_name[name].works, by_name[name].problem) for name in names}
    assert told == {
        "good": (True, ""),
        "html": (False, 'HTML instead of a feed: "Paper"'),
        "empty": (False, "empty feed"),
        "void": (False, "empty article; empty feed"),
        "others": (False, "none of its 1 links is in scope"),
        "refused": (False, "refused (status 403)"),
        "secret": (False, "robots.txt forbids it: Disallow: /secret (line 2, for *)"),
        "absent": (False, "not found (status 404)"),
    }
    assert by_name["good"].newest_at.isoformat() == "2026-03-02T06:00:00+00:00"
    assert (by_name["s.xml"].kind, by_name["s.xml"].works) == (LinkKind.SITEMAP, True)
    assert by_name["robots.txt"].works
    assert len(server.seen) == len({seen.path for seen in server.seen})
