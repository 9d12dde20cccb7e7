"""`presswarc import wayback` as a user calls it, on a loopback archive like the Internet Archive's."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_archives import FakeArchive, Old, page, serving, sha1
from running import START, presswarc

from crawler.cli import main
from storage.layout import Layout
from storage.model import Damage, Record
from storage.query import open_published, run_sql
from storage.warc import read_records
from storage.warc.build import read_warc_fields
from storage.warc.http import headers_of, payload_of, split_head

pytestmark = pytest.mark.long

OLD = "http://www.defense.gov/News/Article/Article/{}/a-title/"
PORTED = OLD.replace(".gov", ".gov:80")  # as indexes of old captures have it, and no page ever said
NEW = "https://www.war.gov/News/Article/Article/{}/other-title/"
PACKED = gzip.compress(page("packed"), mtime=0)
DATED = (("date", "Wed, 01 May 2019 03:04:01 GMT"),)
TYPED = ("content-type", "text/html; charset=utf-8")
CAPTURES = [
    *(Old(url=PORTED.format(4012345 + n), stamp=f"2019010{n + 1}030405", body=page(n)) for n in range(3)),
    Old(url=OLD.format(4012345), stamp="20190201030405", body=page(0)),
    Old(url=OLD.format(4012345), stamp="20190301030405", body=page(0, "and more"), odd="coded"),
    *(
        Old(url=OLD.format(4012346), stamp=f"2019040103040{n}", body=page(odd), odd=odd)
        for n, odd in enumerate(("nearest", "other", "missing", "withheld", "cut"))
    ),
    Old(
        url=OLD.format(4012346),
        stamp="20190501030400",
        body=PACKED,
        fields=(("Content-Encoding", "gzip"), ("Content-Length", str(len(PACKED)))),
        odd="decoded",
    ),
    Old(
        url=OLD.format(4012347),
        stamp="20190501030401",
        body=gzip.compress(page("packed too"), mtime=0),
        fields=(*DATED, TYPED, ("content-encoding", "gzip"), ("etag", '"x"')),
    ),
    Old(url=OLD.format(4012347), stamp="20190601030401", body=b"not found", status=404),
    Old(url=OLD.format(4012347), stamp="20190601030402", body=b"\x89PNG", mime="image/png"),
    Old(url=NEW.format(4012345), stamp="20251001030405", body=page(0, "and much more")),
]  # fmt: skip
MISSED = 5


def rows(archive: Path, sql: str) -> list[tuple[object, ...]]:
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


def records(archive: Path) -> list[Record]:
    found = [one for path in Layout(archive).warc_files() for one in read_records(path)]
    assert not [one for one in found if isinstance(one, Damage)]
    return [one for one in found if isinstance(one, Record)]


def old_records(archive: Path) -> dict[tuple[str, str], Record]:
    return {
        (one.target_uri or "", one.captured_at.strftime("%Y%m%d%H%M%S")): one
        for one in records(archive)
        if one.record_type == "response"
    }


def words_for(fake: FakeArchive, archive: Path) -> list[str]:
    allowed = ["--allow-address", f"127.0.0.1:{fake.port}", "--archive", str(archive)]
    return ["--endpoint", f"{fake.origin}/web", "--cdx-rate", "100", "--rate", "500", *allowed]


@pytest.fixture(scope="module", autouse=True)
def _no_second_tries() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESSWARC_RETRIES", "0")
        yield


@pytest.fixture
def fake():
    with serving(FakeArchive(captures=list(CAPTURES), page_rows=4)) as started:
        yield started


@pytest.fixture
def bring(fake, tmp_path, capsys) -> Callable[..., tuple[int, str]]:
    def run(*words: object) -> tuple[int, str]:
        code = main(["import", "wayback", *map(str, words), *words_for(fake, tmp_path / "archive")])
        return code, capsys.readouterr().err

    return run


@pytest.fixture(scope="module")
def brought(tmp_path_factory) -> tuple[Path, FakeArchive]:
    """Everything of both hosts, the old one first."""
    archive = tmp_path_factory.mktemp("wayback") / "archive"
    fake = FakeArchive(captures=list(CAPTURES), page_rows=4)
    with serving(fake):
        for host in ("www.defense.gov", "www.war.gov"):
            main(
                ["import", "wayback", f"{host}/News/*", "--source", "defense-gov", *words_for(fake, archive)]
            )
    return archive, fake


def test_every_page_of_the_index_is_asked_for(brought):
    _, fake = brought
    keys = [re.search(r"resumeKey=(\d+)", path) for path in fake.asked if "/cdx/" in path]
    assert [found[1] if found else "" for found in keys] == ["", "4", "8", "12", ""]


def test_a_record_has_the_address_and_the_time_of_the_original_and_where_it_came_from(brought):
    archive, fake = brought
    url = OLD.format(4012345)
    one = old_records(archive)[url, "20190101030405"]
    assert one.headers["WARC-Date"] == "2019-01-01T03:04:05Z"
    assert one.headers["WARC-Source-URI"] == f"{fake.origin}/web/20190101030405id_/{url}"
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", one.headers["WARC-Creation-Date"])
    assert payload_of(one.block) == page(0)
    (beside,) = [
        other for other in records(archive) if other.headers.get("WARC-Refers-To") == f"<{one.record_id}>"
    ]
    told = read_warc_fields(beside.block)
    assert told["indexDigest"] == sha1(page(0))
    assert told["indexDigestHolds"] == "yes"
    assert told["archiveFile"] == "news-2019/news-2019-00001.warc.gz"


def test_the_head_of_the_original_is_built_again(brought):
    head, body = split_head(old_records(brought[0])[OLD.format(4012347), "20190501030401"].block)
    assert head == (
        b"HTTP/1.1 200 OK\r\nserver: Apache\r\ndate: Wed, 01 May 2019 03:04:01 GMT\r\n"
        b"content-type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\n"
        b'etag: "x"\r\n\r\n'
    )
    assert gzip.decompress(body) == page("packed too")


def test_a_body_that_was_coded_or_decoded_on_the_way_is_what_its_head_says(brought):
    found = old_records(brought[0])
    coded = found[OLD.format(4012345), "20190301030405"]
    assert payload_of(coded.block) == page(0, "and more")
    assert "Content-Encoding" not in headers_of(split_head(coded.block)[0])
    decoded = found[OLD.format(4012346), "20190501030400"]
    assert payload_of(decoded.block) == page("packed")
    headers = headers_of(split_head(decoded.block)[0])
    assert "Content-Encoding" not in headers
    assert headers["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert headers["Content-Length"] == str(len(page("packed")))


def test_what_is_not_the_capture_asked_for_is_a_failure_with_its_reason(brought):
    archive, _ = brought
    found = rows(archive, "SELECT outcome, reason FROM failures ORDER BY reason")
    assert [str(outcome) for outcome, _ in found] == ["not_archived"] * 4 + ["disconnected"]
    reasons = [str(reason).partition(": ")[2] for _, reason in found]
    assert reasons[:2] == ["the nearest capture is that of 20010101000000"] * 2
    assert reasons[2:] == [
        "status 404 from the archive: ResourceNotInArchive",
        "status 403 from the archive: AdministrativeAccess",
        "200 bytes of it came (disconnect)",
    ]
    stamps = {stamp for _, stamp in old_records(archive)}
    assert not [stamp for stamp in stamps if stamp.startswith(("201904", "2001"))]


def test_one_article_on_both_hosts_is_one_with_its_versions_in_order(brought):
    archive, _ = brought
    sql = "SELECT url, versions, source, first_captured_at FROM articles WHERE url LIKE '%4012345%'"
    found = rows(archive, sql)
    ((url, versions, source, first_at),) = found
    assert (url, versions, source) == (NEW.format(4012345), 3, "defense-gov")
    assert str(first_at).startswith("2019-01-01")
    texts = rows(archive, "SELECT text FROM versions WHERE url LIKE '%4012345%' ORDER BY first_captured_at")
    assert ["and much more" in str(text) for (text,) in texts] == [False, False, True]


def test_an_index_made_of_the_records_alone_is_the_same(brought, tmp_path):
    archive, _ = brought
    presswarc("replay", "--archive", archive, "--into", tmp_path / "again", cwd=tmp_path)
    for name in ("articles", "captures", "versions", "failures", "crawls"):
        live, again = (sorted(map(repr, rows(one, f"FROM {name}"))) for one in (archive, tmp_path / "again"))
        assert live == again, name


def test_a_second_run_fetches_nothing_that_is_in(bring, fake):
    code, said = bring("www.defense.gov/News/*")
    assert code == 1
    assert f"{MISSED} not given by the archive" in said
    assert "1 with the same bytes as the one before" in said
    assert "2 not of the kind asked for" in said
    first = len(fake.played)
    fake.captures.append(Old(url=OLD.format(5000000), stamp="20200101000000", body=page("late")))
    fake.asked.clear()
    _, said = bring("www.defense.gov/News/*")
    assert "1 came in, 6 known" in said
    missed_again = [path for path in fake.played if "/201904" in path]
    assert len(fake.played) == len(missed_again) + 1 < first


def test_a_dry_run_counts_and_writes_nothing(bring, fake, tmp_path):
    code, said = bring("www.defense.gov/News/*", "--dry-run")
    assert code == 0
    assert said.startswith("11 captures would come in; ")
    assert fake.played == []
    assert not (tmp_path / "archive").exists()


def test_times_statuses_types_and_limits_choose(bring, fake, tmp_path):
    bring("www.defense.gov/News/*", "--from", "2019-05-01", "--to", "2019-06-01", "--status", "200|404")
    assert [path[5:13] for path in sorted(fake.played)] == ["20190501", "20190501", "20190601"]
    statuses = rows(tmp_path / "archive", "SELECT status FROM captures ORDER BY captured_at")
    assert [status for (status,) in statuses] == [200, 200, 404]
    fake.asked.clear()
    bring("www.defense.gov", "--match", "host", "--mime", "image/.*")
    assert [path[5:19] for path in fake.played] == ["20190601030402"]
    fake.asked.clear()
    bring("www.defense.gov/News/*", "--limit", "2", "--to", "2019-03-31")
    assert [path[5:19] for path in sorted(fake.played)] == ["20190101030405", "20190301030405"]


def test_refusals_are_waited_out_as_long_as_they_ask(bring, fake):
    fake.refusals += [(429, "1"), (503, "1")]
    code, said = bring(OLD.format(4012345), "--to", "2019-01-31")
    assert (code, "1 came in" in said) == (0, True)


def test_a_pause_too_long_ends_the_run_and_keeps_what_is_in(bring, fake, tmp_path):
    fake.refusals += [(429, "86400")]
    code, said = bring(OLD.format(4012345))
    assert code == 3
    assert "left alone: it asks for a pause of 86400 seconds; run it again later" in said
    assert bring(OLD.format(4012345), "--to", "2019-01-31")[0] == 0
    assert rows(tmp_path / "archive", "SELECT count(*) FROM articles") == [(1,)]


def test_an_address_that_is_not_public_is_not_dialled(fake, tmp_path, capsys):
    words = ["--endpoint", f"{fake.origin}/web", "--archive", str(tmp_path / "archive")]
    assert main(["import", "wayback", "news.example", *words]) == 2
    said = capsys.readouterr().err
    assert "not a public address: 127.0.0.1" in said
    assert f"--allow-address 127.0.0.1:{fake.port}" in said
    assert fake.asked == []


def test_another_name_can_lead_to_the_archive(fake, tmp_path):
    words = ["--endpoint", "http://old.test/web", "--archive", str(tmp_path / "archive"), "--dry-run"]
    words += ["--cdx-rate", "100"]
    there = ["--connect-to", f"old.test:80:127.0.0.1:{fake.port}"]
    assert main(["import", "wayback", "www.defense.gov/News/*", *words, *there]) == 0
    assert fake.heads[0]["Host"] == "old.test"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["news.example", "--status", "("], 2, "--status is no pattern"),
        (["news.example", "--endpoint", "ftp://old.test"], 2, "is no web address"),
        (["news.example", "--source", "a/b"], 2, "can't be the name of a source"),
    ],
)
def test_what_can_not_be_asked_is_said(words, code, told, tmp_path, capsys):
    assert main(["import", "wayback", *words, "--archive", str(tmp_path / "archive")]) == code
    assert told in capsys.readouterr().err


def test_an_archive_that_is_not_there_is_said_at_once(tmp_path, capsys):
    words = ["--endpoint", "http://127.0.0.1:9/web", "--allow-address", "127.0.0.1:9"]
    assert main(["import", "wayback", "news.example", *words, "--archive", str(tmp_path / "archive")]) == 1
    assert "the archive can't be reached" in capsys.readouterr().err


@pytest.mark.parametrize(("ended_by", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_run_that_was_killed_goes_on_where_it_was(ended_by, code, fake, tmp_path):
    archive = tmp_path / "archive"
    fake.captures = [
        Old(url=f"http://news.example/{n}", stamp="20190101000000", body=page(n)) for n in range(60)
    ]
    words = ["import", "wayback", "news.example/*", *words_for(fake, archive)]
    with subprocess.Popen(
        [*START, *words, "--rate", "20"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path
    ) as process:
        until = time.monotonic() + 120
        while len(fake.played) < 20 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(ended_by)
        assert process.wait(timeout=120) == code
    before = len(fake.played)
    assert 20 <= before < 60
    presswarc(*words, cwd=tmp_path)
    assert rows(archive, "SELECT count(*), count(DISTINCT url) FROM captures") == [(60, 60)]
    assert rows(archive, "SELECT count(*) FROM articles") == [(60,)]
    twice = [path for path in set(fake.played) if fake.played.count(path) > 1]
    assert len(twice) <= 5  # those that were under way
