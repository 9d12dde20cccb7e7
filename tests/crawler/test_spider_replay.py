"""Spiders run over an archive see what they saw live, response by response, and dial nobody."""

from __future__ import annotations

import gzip
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from storage.index.writer import IndexWriter
from storage.query import open_published, run_sql

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html\r\n"
CLOSE = b"Connection: close\r\n"
PAGE = b"<title>A page</title><p>The harbour stayed closed for the third day.</p>" * 8
PACKED = gzip.compress(PAGE, mtime=0)
TAGGED = OK + HTML + b'ETag: "one"\r\nContent-Length: %d\r\n\r\n' % len(PAGE) + PAGE
HOLD = b"(hold)"
ROBOTS = b"User-agent: *\nDisallow: /private/\n"

SITE: dict[str, list[bytes]] = {
    "GET /robots.txt": [OK + b"Content-Length: %d\r\n\r\n" % len(ROBOTS) + ROBOTS],
    "GET /plain": [OK + HTML + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE],
    "GET /gzip": [OK + HTML + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED],
    "GET /chunked": [
        OK + HTML + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"5;ext=1\r\nhello\r\n7\r\n, world\r\n0\r\nX-Sum: 12\r\n\r\n"
    ],
    "GET /chunked-gzip": [
        OK + HTML + b"Content-Encoding: gzip\r\ntransfer-encoding: Chunked\r\n\r\n"
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED)
    ],
    "GET /empty-chunked": [OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    "GET /until-close": [b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n" + PAGE],
    "GET /headers": [
        OK + b"server:  Odd \r\nSet-Cookie: a=1; Path=/\r\nX-Folded: one\r\n two\r\nno colon here\r\n"
        b"SET-COOKIE: b=2\r\nX-Empty:\r\nContent-Type: text/html; charset=iso-8859-1\r\n" + CLOSE +
        b"Content-Length: 4\r\n\r\ncaf\xe9"
    ],
    "GET /too-much": [OK + HTML + b"Content-Length: 5\r\n\r\nhello, and more than that"],
    "GET /early": [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi"],
    "GET /nothing": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "GET /zero": [OK + HTML + b"Content-Length: 0\r\n\r\n"],
    "GET /gone": [b"HTTP/1.1 404 Not Here\r\n" + HTML + b"Content-Length: 4\r\n\r\ngone"],
    "GET /first": [b"HTTP/1.1 301 Moved\r\nLocation: /second\r\nContent-Length: 0\r\n\r\n"],
    "GET /second": [b"HTTP/1.1 302 Found\r\nLocation: /plain?from=second\r\nContent-Length: 3\r\n\r\nold"],
    "GET /plain?from=second": [OK + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"],
    "GET /later": [
        b"HTTP/1.1 500 Oh\r\n" + HTML + b"Content-Length: 3\r\n\r\none",
        b"HTTP/1.1 500 Oh\r\n" + HTML + b"Content-Length: 3\r\n\r\ntwo",
        OK + HTML + b"Content-Length: 5\r\n\r\nthree",
    ],
    "GET /never": [b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno"],
    "GET /tagged": [
        TAGGED,
        b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\nX-Seen: again\r\n\r\n',
        TAGGED.replace(b"200 OK", b"200 Fine"),
    ],
    "GET /silent": [HOLD],
    "GET /slow": [OK + HTML + b"Content-Length: 100\r\n\r\nhalf" + HOLD],
    "GET /cut": [OK + HTML + b"Content-Length: 1000\r\n\r\nhalf of it"],
    "GET /cut-chunk": [OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nand"],
    "GET /cut-head": [OK + HTML + b"X-Half: "],
    "GET /large": [OK + HTML + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000],
    "GET /larger": [OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n"
                    + b"20000\r\n" + b"y" * 0x20000 + b"\r\n0\r\n\r\n"],
    "GET /hangup": [b""],
    "GET /garbage": [b"SSH-2.0-OpenSSH_9.6\r\n"],
    "HEAD /plain": [OK + HTML + b"Content-Length: %d\r\n\r\n" % len(PAGE)],
    "GET /form": [OK + HTML + b"Content-Length: 4\r\n\r\nform"],
    "POST /form": [
        OK + HTML + b"Content-Length: 3\r\n\r\none",
        OK + HTML + b"Content-Length: 3\r\n\r\ntwo",
        OK + HTML + b"Content-Length: 4\r\n\r\nagain"[:-1],
    ],
}  # fmt: skip
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ONCE = {"dont_retry": True}
REQUESTS: list[dict[str, Any]] = [
    *({"url": f"/{name}"} for name in (
        "plain", "gzip", "chunked", "chunked-gzip", "empty-chunked", "until-close", "headers", "too-much",
        "early", "nothing", "zero", "gone", "later", "never", "tagged", "private/x",
    )),
    {"url": "/plain#part"},
    {"url": "/first", "meta": {"handle_httpstatus_all": False}},
    {"url": "/gone", "meta": {"handle_httpstatus_all": False}},
    {"url": "/tagged", "headers": {"If-None-Match": '"one"'}},
    {"url": "/tagged"},
    {"url": "/silent", "meta": {"download_timeout": 0.4, "max_retry_times": 1}},
    {"url": "/slow", "meta": {"download_timeout": 0.4, **ONCE}},
    {"url": "/cut", "meta": {"max_retry_times": 1}},
    {"url": "/cut", "meta": {"download_fail_on_dataloss": False}},
    {"url": "/cut-chunk", "meta": ONCE},
    {"url": "/cut-chunk", "meta": {"download_fail_on_dataloss": False}},
    {"url": "/cut-head", "meta": ONCE},
    {"url": "/large", "meta": {"download_maxsize": 1000}},
    {"url": "/larger", "meta": {"download_maxsize": 5000}},
    {"url": "/hangup", "meta": ONCE},
    {"url": "/garbage", "meta": ONCE},
    {"url": "http://127.0.0.1:{closed}/", "meta": {"max_retry_times": 1}},
    {"url": "http://203.0.113.1/", "meta": ONCE},  # no address that the crawl may dial
    {"url": "/plain", "method": "HEAD"},
    {"url": "/form", "method": "POST", "body": "a=1", "headers": FORM},
    {"url": "/form"},
    {"url": "/form", "method": "POST", "body": "a=2", "headers": FORM},
]  # fmt: skip


@dataclass(frozen=True)
class Live:
    """What the spider got live, and where that is archived."""

    archive: Path
    requests: list[dict[str, Any]]
    told: list[dict[str, Any]]
    crawl_id: str


@pytest.fixture(scope="module")
def turn_site() -> ModuleType:
    spec = importlib.util.spec_from_file_location("presswarc_tests_turn_site", HERE / "turn_site.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def presswarc(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of ours."""
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def child(job: dict[str, Any]) -> dict[str, Any]:
    """What replay_child.py makes of a job."""
    command = [sys.executable, str(HERE / "replay_child.py")]
    done = subprocess.run(
        command, input=json.dumps(job), capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    result["log"] = done.stderr
    return result


def replay(archive: Path, requests: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    """The same requests, answered from an archive in a process that can't dial."""
    handler = "crawler.replay.ReplayHandler"
    own = {"DOWNLOAD_HANDLERS": {"http": handler, "https": handler}, "PRESSWARC_REPLAY": str(archive)}
    replayed = child({"requests": requests, "offline": True, "settings": {**own, **settings}})
    assert replayed["guarded"]
    return replayed


@pytest.fixture(scope="module", params=[False, True], ids=["dechunked", "as on the wire"])
def live(request, turn_site, tmp_path_factory) -> Live:
    """A live crawl of the site; the site is gone when the tests run."""
    folder = tmp_path_factory.mktemp("live")
    site = turn_site.TurnSite(SITE)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        shut = closed.getsockname()[1]
    base = f"http://127.0.0.1:{site.port}"
    requests = [
        {**one, "url": base + one["url"] if one["url"].startswith("/") else one["url"].format(closed=shut)}
        for one in REQUESTS
    ]
    job = {
        "archive": str(folder / "archive"),
        "requests": requests,
        "seed": base,
        "allowed": [["127.0.0.1", site.port], ["127.0.0.1", shut]],
        "config": {"keep_transfer_encoding": request.param},
    }
    try:
        result = child(job)
    finally:
        site.stop()
    return Live(folder / "archive", requests, result["told"], result["crawl_id"])


ONE_FORM = pytest.mark.parametrize("live", [False], indirect=True, ids=["dechunked"])


def told_of(live: Live, results: list[Any]) -> dict[str, Any]:
    """What the spider got, by request."""
    names = [f"{at} {one.get('method', 'GET')} {one['url']}" for at, one in enumerate(live.requests)]
    return dict(zip(names, results, strict=True))


def test_every_response_and_every_error_of_a_crawl_is_the_same_from_its_archive(live):
    replayed = replay(live.archive, live.requests, PRESSWARC_REPLAY_CRAWL=live.crawl_id)
    was, now = told_of(live, live.told), told_of(live, replayed["told"])
    assert [name for name, told in was.items() if told is None] == []
    for name in was:
        assert now[name] == was[name], name
    assert replayed["reached"] == []


def test_without_a_crawl_each_request_gets_the_newest_good_answer(live):
    replayed = replay(live.archive, live.requests)
    was, now = told_of(live, live.told), told_of(live, replayed["told"])
    differ = {name.rpartition("/")[2]: name for name in was if now[name] != was[name]}
    assert differ.keys() == {"later"}
    later = next(told for name, told in now.items() if name.endswith("/later"))
    assert (later["body"], later["retries"]) == ("three", None)
    assert replayed["reached"] == []


@ONE_FORM
def test_a_condition_is_met_by_the_304_and_nothing_else_is(live):
    base = live.requests[0]["url"].removesuffix("/plain")
    requests = [
        {"url": f"{base}/tagged", "headers": headers}
        for headers in (
            {},
            {"If-None-Match": 'W/"none", "one"'},
            {"If-None-Match": '"two"'},
            {"If-Modified-Since": "Sun, 22 Nov 2026 00:00:00 GMT"},
        )
    ]
    told = replay(live.archive, requests)["told"]
    assert [one["status"] for one in told] == [200, 304, 200, 200]
    assert told[1]["headers"]["X-Seen"] == ["again"]
    assert {one["body"] for one in (told[0], *told[2:])} == {PAGE.decode()}


@ONE_FORM
def test_nothing_later_than_the_time_given_is_used(live):
    base = live.requests[0]["url"].removesuffix("/plain")
    sql = "SELECT captured_at FROM captures WHERE url = ? ORDER BY 1"
    with open_published(live.archive) as connection:
        times = [row[0].isoformat() for row in run_sql(connection, sql, [f"{base}/later"], 60.0).rows]
    requests = [{"url": f"{base}/later"}]
    retries = {"RETRY_ENABLED": False}
    (second,) = replay(live.archive, requests, PRESSWARC_REPLAY_UNTIL=times[1], **retries)["told"]
    (third,) = replay(live.archive, requests, PRESSWARC_REPLAY_UNTIL=times[2], **retries)["told"]
    assert ((second["status"], second["body"]), third["body"]) == ((500, "two"), "three")


@ONE_FORM
def test_what_the_archive_lacks_is_an_error_or_a_404_and_told(live):
    base = live.requests[0]["url"].removesuffix("/plain")
    requests = [
        {"url": f"{base}/not-there"},
        {"url": f"{base}/form", "method": "POST", "body": "a=3", "headers": FORM},
        {"url": f"{base}/plain", "method": "PUT"},
        {"url": "http://elsewhere.example/"},
        {"url": f"{base}/plain"},
    ]
    raised = replay(live.archive, requests)
    assert [told.get("error") for told in raised["told"]] == [*["NotArchivedError"] * 4, None]
    # robots.txt of the host that was never seen is not there either, which forbids nothing
    assert raised["stats"]["presswarc/replay/not_in_the_archive"] == 5
    assert f"5 requests were not in the archive: {base}/not-there, {base}/form" in raised["log"]
    found = replay(live.archive, requests, PRESSWARC_REPLAY_MISS="404")
    assert [told["status"] for told in found["told"]] == [404, 404, 404, 404, 200]
    assert [told["flags"] for told in found["told"]] == [*[["not_in_the_archive"]] * 4, []]
    assert raised["reached"] == found["reached"] == []


@ONE_FORM
def test_an_archive_is_read_while_a_crawl_holds_it_and_stays_as_it_is(live):
    def state() -> dict[str, tuple[int, int]]:
        files = [path for path in live.archive.rglob("*") if path.is_file() and path.name != "lock"]
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}

    with IndexWriter(live.archive):
        before = state()
        (told,) = replay(live.archive, live.requests[:1])["told"]
        assert state() == before
    assert told == live.told[0]


def test_an_archive_without_an_index_says_how_to_get_one(live, tmp_path):
    shutil.copytree(live.archive / "warc", tmp_path / "warc")
    done = presswarc("crawl", "demo", "--from-archive", "--archive", tmp_path)
    assert done.returncode == 1
    assert "WARC files but no index" in done.stderr
    assert f"presswarc replay --archive {tmp_path}" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["warc"]
    assert presswarc("replay", "--archive", tmp_path).returncode == 0
    told = replay(tmp_path, live.requests, PRESSWARC_REPLAY_CRAWL=live.crawl_id)["told"]
    assert told == live.told
