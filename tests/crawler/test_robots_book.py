"""Each host's robots.txt, asked for once and kept as long as it may be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.http import Headers, Response, TextResponse
from twisted.internet.error import ConnectionLost

from crawler import robots_book
from crawler.hosts import Hosts
from crawler.politeness import PostponedError
from crawler.robots import READ_BYTES
from crawler.robots_book import RobotsBook, remark

HOST = "https://news.example"
RULES = b"User-agent: *\nDisallow: /private\n"


class Site:
    """Answers by URL, an exception where it is one; a look at each is noted."""

    def __init__(self, **answers: object) -> None:
        self.answers = {f"/{path}": answer for path, answer in answers.items()}
        self.asked: list[str] = []

    async def ask(self, url: str) -> Response:
        self.asked.append(url)
        await asyncio.sleep(0)
        path = url.removeprefix(HOST).replace("robots.txt", "robots")
        answer = self.answers.get(path, (404, {}, b""))
        if isinstance(answer, Exception):
            raise answer
        status, fields, body = answer  # type: ignore[misc]
        return TextResponse(url, status=status, headers=Headers(fields), body=body)


def ask(site: Site, *urls: str, hosts: Hosts | None = None):
    """What holds for the URLs, asked for at once."""

    async def together():
        book = RobotsBook("presswarc/1", site.ask, hosts)
        return await asyncio.gather(*(book.standing(HOST + url) for url in urls))

    return asyncio.run(together())


def test_many_who_ask_at_once_cost_one_request():
    site = Site(robots=(200, {}, RULES))
    standings = ask(site, "/a", "/b", "/private/c")
    assert site.asked == [f"{HOST}/robots.txt"]
    assert [one.rules.allows(f"{HOST}/private/c") for one in standings] == [False] * 3


def test_a_copy_is_kept_for_a_day_by_the_file_and_no_longer_than_the_server_says(tmp_path):
    with Hosts(tmp_path / "hosts.sqlite") as hosts:
        site = Site(robots=(200, {}, RULES))
        ask(site, "/a", hosts=hosts)
        kept = hosts.robots(HOST)
        assert kept.body == RULES
        assert kept.fresh_until - kept.fetched_at == timedelta(hours=24)
        assert ask(site, "/private", hosts=hosts)[0].rules.allows(f"{HOST}/private") is False
        assert len(site.asked) == 1
        site = Site(robots=(200, {"Cache-Control": "public, max-age=60"}, b""))
        hosts.keep_robots(aged(kept))
        ask(site, "/a", hosts=hosts)
        kept = hosts.robots(HOST)
        assert (kept.body, kept.fresh_until - kept.fetched_at) == (b"", timedelta(seconds=60))


def test_the_rules_of_many_hosts_are_not_all_held_and_are_asked_for_once_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(robots_book, "_MOST_HELD_BYTES", 5 * len(RULES))
    asked = []

    async def answer(url: str) -> Response:
        asked.append(url)
        return TextResponse(url, body=RULES)

    async def crawl(book: RobotsBook) -> list[bool]:
        urls = [f"https://{number}.example/private" for _ in range(2) for number in range(50)]
        return [(await book.standing(url)).rules.allows(url) for url in urls]

    with Hosts(tmp_path / "hosts.sqlite") as hosts:
        book = RobotsBook("presswarc/1", answer, hosts)
        assert asyncio.run(crawl(book)) == [False] * 100
    assert len(asked) == 50
    assert len(book._standings) == 5


def test_of_a_robots_txt_without_end_so_much_is_remembered_as_is_read(tmp_path):
    endless = RULES + b"# more\n" * READ_BYTES
    with Hosts(tmp_path / "hosts.sqlite") as hosts:
        (standing,) = ask(Site(robots=(200, {}, endless)), "/private", hosts=hosts)
        assert standing.rules.allows(f"{HOST}/private") is False
        assert hosts.robots(HOST).body == endless[: READ_BYTES + 1]


def aged(copy):
    return replace(copy, fresh_until=datetime.now(UTC) - timedelta(seconds=1))


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
def test_more_than_five_redirects_lead_to_no_rules(hops, allowed):
    steps = {f"r{n}": (302, {"Location": f"/r{n + 1}"}, b"") for n in range(1, hops)}
    site = Site(robots=(301, {"Location": "/r1"}, b""), **steps, **{f"r{hops}": (200, {}, RULES)})
    (standing,) = ask(site, "/private")
    assert standing.rules.allows(f"{HOST}/private") is allowed
    assert len(site.asked) == 6
    assert bool(remark(standing.copy)) is allowed


@pytest.mark.parametrize("place", ["ftp://news.example/robots.txt", "javascript:0", ""])
def test_a_redirect_to_no_web_address_is_not_followed(place):
    site = Site(robots=(302, {"Location": place}, b""))
    (standing,) = ask(site, "/private")
    assert standing.rules.allows(f"{HOST}/private")


@pytest.mark.parametrize("status", [500, 503, 599, 429])
def test_a_server_in_trouble_has_no_robots_txt_to_be_had(status):
    (standing,) = ask(Site(robots=(status, {}, RULES)), "/a")
    assert (standing.rules, standing.problem) == (None, f"robots.txt can't be had: HTTP {status}")


@pytest.mark.parametrize("error", [DownloadTimeoutError("late"), ConnectionLost()])
def test_silence_is_told_by_its_name(error):
    (standing,) = ask(Site(robots=error), "/a")
    assert standing.problem == f"robots.txt can't be had: {type(error).__name__}"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_other_refusals_forbid_nothing(status):
    (standing,) = ask(Site(robots=(status, {}, b"User-agent: *\nDisallow: /")), "/a")
    assert standing.rules.allows(f"{HOST}/a")
    assert remark(standing.copy) == (
        "" if status in {404, 410} else f"robots.txt: HTTP {status}, so it forbids nothing"
    )


def test_a_host_that_may_not_be_dialled_decides_nothing():
    assert ask(Site(robots=IgnoreRequest("not a public address")), "/a", "/b") == [None, None]


def test_a_host_that_is_left_alone_is_asked_once_the_pause_is_over():
    site = Site(robots=PostponedError("later"))

    async def twice():
        book = RobotsBook("presswarc/1", site.ask)
        with pytest.raises(PostponedError):
            await book.standing(f"{HOST}/a")
        site.answers["/robots"] = (200, {}, RULES)
        return await book.standing(f"{HOST}/a")

    assert not asyncio.run(twice()).rules.allows(f"{HOST}/private")
