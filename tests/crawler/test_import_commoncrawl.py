"""`presswarc import commoncrawl` as a user calls it: indexes, byte ranges, and months of CC-NEWS."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fake_archives import FakeArchive, Old, crawled_file, page, serving

from crawler.cli import main
from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import read_records

pytestmark = pytest.mark.long

CRAWL = "CC-MAIN-2024-10"
FILE = "crawl-data/CC-MAIN-2024-10/segments/1/warc/CC-MAIN-1-00001.warc.gz"
NEWS = "crawl-data/CC-NEWS/2024/02"


def old(number: int, url: str = "https://news.example/{}", day: int = 1) -> Old:
    return Old(url=url.format(number), stamp=f"202402{day:02}00000{number}", body=page(number))


@pytest.fixture(autouse=True)
def _no_second_tries(monkeypatch) -> None:
    monkeypatch.setenv("PRESSWARC_RETRIES", "0")


@pytest.fixture
def fake() -> Iterator[FakeArchive]:
    with serving(FakeArchive(page_rows=2)) as started:
        yield started


@pytest.fixture
def layout(tmp_path) -> Layout:
    return Layout(tmp_path / "archive")


@pytest.fixture
def bring(fake, layout, capsys) -> Callable[..., tuple[int, str]]:
    def run(*words: object) -> tuple[int, str]:
        there = ["--endpoint", fake.origin, "--data", fake.origin, "--cdx-rate", "100", "--rate", "500"]
        allowed = ["--allow-address", f"127.0.0.1:{fake.port}", "--archive", str(layout.root)]
        code = main(["import", "commoncrawl", *map(str, words), *there, *allowed])
        return code, capsys.readouterr().err

    return run


def rows(layout: Layout, sql: str) -> list[tuple[object, ...]]:
    with open_published(layout.root) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


def responses(layout: Layout) -> list[Record]:
    return [one for one in records(layout) if one.record_type == "response"]


def records(layout: Layout) -> list[Record]:
    found = [one for path in layout.warc_files() for one in read_records(path)]
    return [one for one in found if isinstance(one, Record)]


def held(fake: FakeArchive, *captures: Old) -> bytes:
    """Puts captures into a file of the crawl and into its index."""
    data, placed = crawled_file(list(captures))
    fake.files[f"/{FILE}"] = data
    fake.captures = [replace(one, filename=FILE) for one in placed]
    return data


def test_a_record_is_kept_byte_for_byte_with_where_it_lay_beside_it(bring, fake, layout):
    data = held(fake, *map(old, range(5)))
    code, said = bring("https://news.example/*", "--crawl", CRAWL)
    assert (code, "5 came in, 0 known" in said) == (0, True)
    for one in responses(layout):
        (path,) = [path for path in layout.warc_files() if "news.example-" in path.name]
        packed = path.read_bytes()[one.offset : one.offset + one.length]
        (beside,) = [
            other for other in records(layout) if other.headers.get("WARC-Refers-To") == f"<{one.record_id}>"
        ]
        first, last = map(int, beside.headers["WARC-Source-Range"].split("-"))
        assert packed == data[first : last + 1]
        assert beside.headers["WARC-Source-URI"] == f"{fake.origin}/{FILE}"
        assert one.headers["X-Other"] == "kept as it is"
        assert zlib.decompress(packed, zlib.MAX_WBITS + 16).startswith(b"WARC/1.0\r\n")
    assert rows(layout, "SELECT count(*), count(DISTINCT url) FROM articles") == [(5, 5)]
    assert main(["verify", "--archive", str(layout.root)]) == 0


def test_a_second_run_fetches_nothing_and_a_dry_run_counts(bring, fake):
    held(fake, *map(old, range(3)))
    assert "3 captures would come in" in bring("https://news.example/*", "--crawl", CRAWL, "--dry-run")[1]
    bring("https://news.example/*", "--crawl", CRAWL, "--limit", "2")
    fake.asked.clear()
    assert "1 came in, 2 known" in bring("https://news.example/*", "--crawl", CRAWL)[1]
    assert [path for path in fake.asked if path == f"/{FILE}"] == [f"/{FILE}"]


def test_what_does_not_lie_where_the_index_says_is_a_failure(bring, fake, layout):
    held(fake, *map(old, range(4)))
    first, second, third, fourth = fake.captures
    fake.captures = [
        first,
        replace(second, offset=third.offset, length=third.length),
        replace(third, offset=third.offset + 1),
        replace(fourth, length=fourth.length + 50),
    ]
    code, _ = bring("https://news.example/*", "--crawl", CRAWL)
    assert code == 1
    reasons = [str(reason) for (reason,) in rows(layout, "SELECT reason FROM failures ORDER BY url")]
    assert "the record there is of another URL: https://news.example/2" in reasons[0]
    assert "does not unpack" in reasons[1]
    assert "bytes of" in reasons[2]
    assert [one.target_uri for one in responses(layout)] == ["https://news.example/0"]


def test_an_index_that_knows_nothing_and_one_that_is_not_there_are_told_apart(bring, fake):
    assert bring("https://nothing.example/*", "--crawl", CRAWL)[0] == 0
    code, said = bring("https://news.example/*", "--crawl", "no-such")
    assert (code, "0 came in" in said) == (0, True)  # the fake has every index
    fake.refusals = [(404, None)]
    code, said = bring("https://news.example/*", "--crawl", "no-such")
    assert (code, "Common Crawl has no index of that name" in said) == (2, True)


def news_file(fake: FakeArchive, stamp: str, *captures: Old) -> str:
    name = f"{NEWS}/CC-NEWS-{stamp}-00001.warc.gz"
    fake.files[f"/{name}"] = crawled_file(list(captures))[0]
    paths = sorted(one[1:] for one in fake.files if one.startswith(f"/{NEWS}/CC-"))
    fake.files[f"/{NEWS}/warc.paths.gz"] = gzip.compress("\n".join(paths).encode())
    return f"/{name}"


def month(fake: FakeArchive) -> list[str]:
    hosts = ("https://www.news.example/{}", "https://other.example/{}", "https://local.news.example/{}")
    return [
        news_file(fake, f"202402{day:02}000000", *(old(n, host, day) for n in range(3) for host in hosts))
        for day in (1, 2, 3)
    ]


def test_of_a_month_of_news_the_wanted_hosts_come_in_once(bring, fake, layout):
    files = month(fake)
    code, said = bring("--news", "2024/02", "--host", "news.example")
    assert (code, "18 came in, 0 known, 3 files read" in said) == (0, True)
    hosts = "SELECT DISTINCT host FROM articles ORDER BY 1"
    assert rows(layout, hosts) == [("local.news.example",), ("news.example",)]
    fake.asked.clear()
    assert "0 came in" in bring("--news", "2024-02", "--host", "www.news.example")[1]
    assert not set(files) & set(fake.asked)
    assert "came in, 0 known, 3 files read" in bring("--news", "2024/02", "--host", "other.example")[1]


def test_files_of_other_days_are_not_read(bring, fake, layout):
    files = month(fake)
    words = ("--news", "2024/02", "--host", "news.example", "--from", "2024-02-02", "--to", "2024-02-02")
    assert "1 files would be read through" in bring(*words, "--dry-run")[1]
    bring(*words)
    assert [path for path in fake.asked if path in files] == [files[1]]
    assert rows(layout, "SELECT count(*) FROM captures") == [(6,)]


def test_a_file_that_breaks_off_is_told_and_read_on_the_next_time(bring, fake, layout):
    (path, *_) = month(fake)[:1]
    whole = fake.files[path]
    fake.files[path] = whole[: len(whole) * 2 // 3]
    code, said = bring("--news", "2024/02", "--host", "news.example")
    assert code == 1
    assert "the connection broke at" in said
    fake.files[path] = whole
    assert bring("--news", "2024/02", "--host", "news.example")[0] == 0
    assert rows(layout, "SELECT count(*), count(DISTINCT url || captured_at) FROM captures") == [(18, 18)]


def test_a_file_read_in_part_is_read_on_from_there(bring, fake, layout, monkeypatch):
    (path, *_) = month(fake)[:1]
    monkeypatch.setattr("crawler.memento.ccnews._MARK_EVERY_BYTES", 1)
    whole = fake.files[path]
    fake.files[path] = whole[: len(whole) // 2]
    bring("--news", "2024/02", "--host", "news.example", "--to", "2024-02-01")
    fake.files[path] = whole
    fake.asked.clear()
    fake.heads.clear()
    bring("--news", "2024/02", "--host", "news.example", "--to", "2024-02-01")
    (asked,) = [head for one, head in zip(fake.asked, fake.heads, strict=True) if one == path]
    assert int(asked["Range"].removeprefix("bytes=").rstrip("-")) > len(whole) // 4
    assert rows(layout, "SELECT count(*) FROM captures") == [(6,)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["https://news.example/"], "say which crawl"),
        (["--crawl", CRAWL], "a crawl is asked for a URL"),
        (["--crawl", CRAWL, "--news", "2024/02"], "say which crawl"),
        (["--news", "February", "--host", "news.example"], "is no month"),
        (["--news", "2024/02"], "CC-NEWS is asked for hosts"),
        (["https://news.example/", "--crawl", "a/../b"], "is no crawl's name"),
    ],
)
def test_what_can_not_be_asked_is_said(bring, words, told):
    code, said = bring(*words)
    assert (code, told in said) == (2, True)
