"""The original answer out of what an archive sends: heads, bodies, and what is not the capture."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from fake_archives import sha1

from crawler.memento.cdx import CdxRow
from crawler.memento.playback import Missed, Rebuilt, playback_url, rebuilt
from crawler.memento.service import Answer
from storage.article import Outcome
from storage.warc.http import headers_of, status_of

ENDPOINT = "http://old.example/web"
BODY = b"<p>Harbour</p>"
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SHOWN = ("Memento-Datetime", "Wed, 02 Jan 2019 03:04:05 GMT")


def row(body: bytes | None = BODY, status: str = "200", url: str = "http://news.example/a") -> CdxRow:
    digest = sha1(body) if body is not None else ""
    return CdxRow(key="", stamp="20190102030405", url=url, status=status, digest=digest)


def answer(*fields: tuple[str, str], body: bytes = BODY, status: str = "200 OK", cut: str = "") -> Answer:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields), "", ""]
    head = "\r\n".join(lines).encode("latin-1")
    return Answer(
        url=playback_url(ENDPOINT, row()),
        asked_at=NOW,
        head=head,
        status=status_of(head),
        headers=headers_of(head),
        body=body,
        cut=cut,
    )


def made(one: CdxRow, got: Answer) -> Rebuilt:
    found = rebuilt(one, got, ENDPOINT)
    assert isinstance(found, Rebuilt), found
    return found


def missed(one: CdxRow, got: Answer) -> Missed:
    found = rebuilt(one, got, ENDPOINT)
    assert isinstance(found, Missed), found
    return found


def lines(found: Rebuilt) -> list[str]:
    return found.head.decode("latin-1").split("\r\n")[:-2]


def test_of_the_internet_archives_fields_the_originals_are_kept():
    got = answer(
        ("server", "nginx"),
        ("date", format_datetime(NOW, usegmt=True)),
        ("content-type", "text/html; charset=utf-8"),
        ("content-length", "14"),
        ("x-archive-orig-server", "Apache"),
        ("x-archive-orig-content-length", "14"),
        ("x-archive-orig-x-ts", "own"),
        ("cache-control", "max-age=1800"),
        ("x-ts", "200"),
        ("x-archive-src", "a.warc.gz"),
        ("server-timing", "x;dur=1"),
        SHOWN,
        ("link", '<http://news.example/a>; rel="original"'),
    )
    found = made(row(), got)
    assert lines(found) == [
        "HTTP/1.1 200 OK",
        "content-type: text/html; charset=utf-8",
        "server: Apache",
        "content-length: 14",
        "x-ts: own",
    ]
    assert (found.body, found.digest_holds, found.archive_file) == (BODY, True, "a.warc.gz")


def test_of_pywbs_fields_those_it_and_its_server_added_are_left_out():
    got = answer(
        ("Content-Type", "text/html"),
        ("Link", '</a.css>; rel="preload"'),
        SHOWN,
        ("Link", '<http://old.example/web/http://news.example/a>; rel="timegate"'),
        ("Content-Location", f"{ENDPOINT}/20190102030405id_/http://news.example/a"),
        ("Date", format_datetime(NOW, usegmt=True)),
        ("Connection", "close"),
    )
    assert lines(made(row(), got))[1:] == ["Content-Type: text/html", 'Link: </a.css>; rel="preload"']


def test_a_date_of_old_is_the_originals():
    old = "Wed, 02 Jan 2019 03:04:04 GMT"
    assert f"Date: {old}" in lines(made(row(), answer(("Date", old), SHOWN)))


def test_a_field_that_our_own_archive_renamed_comes_back_under_that_name():
    found = made(
        row(), answer(("X-Archive-Orig-Transfer-Encoding", "chunked"), ("Content-Length", "14"), SHOWN)
    )
    assert lines(found)[1:] == ["X-Archive-Orig-Transfer-Encoding: chunked", "Content-Length: 14"]
    short = made(row(), answer(("X-Archive-Orig-Content-Length", "900"), SHOWN))
    assert (lines(short)[1:], short.is_short) == (["X-Archive-Orig-Content-Length: 900"], True)


@pytest.mark.parametrize(
    ("location", "led_to"),
    [
        (f"{ENDPOINT}/20190102030405id_/http://news.example/b", "http://news.example/b"),
        ("/web/20190102030405id_/http://news.example/b", "http://news.example/b"),
        (
            "http://elsewhere.example/web/20190102030405id_/x",
            "http://elsewhere.example/web/20190102030405id_/x",
        ),
        ("/b", "/b"),
    ],
)
def test_a_redirect_of_the_original_leads_where_it_led(location, led_to):
    got = answer(("Location", location), SHOWN, body=b"", status="302 Found")
    assert lines(made(row(b"", "302"), got))[1:] == [f"Location: {led_to}"]


@pytest.mark.parametrize(
    ("got", "outcome", "reason"),
    [
        (answer(("Location", "/web/20010101000000id_/http://news.example/a"), status="302 Found"),
         Outcome.NOT_ARCHIVED, "the nearest capture is that of 20010101000000"),
        (answer(("Memento-Datetime", "Wed, 02 Jan 2019 03:04:06 GMT")),
         Outcome.NOT_ARCHIVED, "the nearest capture is that of 20190102030406"),
        (answer(("Memento-Datetime", "soon")), Outcome.NOT_ARCHIVED, "the nearest capture is that of soon"),
        (answer(SHOWN, status="404 Not Found"),
         Outcome.NOT_ARCHIVED, "of that second the archive shows a 404, not the 200"),
        (answer(status="404 Not Found"), Outcome.NOT_ARCHIVED, "status 404 from the archive"),
        (answer(status="502 Bad Gateway"), Outcome.HTTP_ERROR, "status 502 from the archive"),
        (answer(SHOWN, body=b""), Outcome.NOT_ARCHIVED, "the archive sent no body"),
        (answer(SHOWN, body=BODY[:5], cut="time"), Outcome.TIMED_OUT, "5 bytes of it came (time)"),
        (answer(SHOWN, body=BODY[:5], cut="length"), Outcome.TOO_LARGE, "5 bytes of it came (length)"),
        (answer(SHOWN, body=BODY[:5], cut="disconnect"), Outcome.DISCONNECTED, "5 bytes of it came"),
    ],
)  # fmt: skip
def test_what_is_not_the_capture_is_told(got, outcome, reason):
    found = missed(row(), got)
    assert (found.outcome, found.reason[: len(reason)]) == (outcome, reason)


def test_a_body_that_hangs_is_whole_where_its_digest_holds():
    found = made(row(), answer(("Content-Length", "900"), SHOWN, cut="time"))
    assert (found.body, found.is_short, found.digest_holds) == (BODY, True, True)


def test_a_service_without_memento_is_believed_where_the_digest_holds():
    assert made(row(), answer(("Content-Type", "text/html"))).body == BODY
    assert missed(row(None), answer(("Content-Type", "text/html"))).outcome is Outcome.NOT_ARCHIVED


def test_another_body_than_the_index_promised_comes_in_and_is_told():
    assert made(row(b"other"), answer(SHOWN)).digest_holds is False
    assert made(row(None), answer(SHOWN)).digest_holds is None


def test_a_coding_of_the_way_is_undone_and_one_of_the_original_kept():
    packed = gzip.compress(BODY, mtime=0)
    on_the_way = made(
        row(),
        answer(("Content-Encoding", "gzip"), ("X-Archive-Orig-A", "1"), ("X-Ts", "1"), SHOWN, body=packed),
    )
    assert (on_the_way.body, lines(on_the_way)[1:]) == (BODY, ["A: 1"])
    own = made(
        row(packed),
        answer(("Content-Encoding", "gzip"), ("X-Archive-Orig-A", "1"), ("X-Ts", "1"), SHOWN, body=packed),
    )
    assert (own.body, lines(own)[1:]) == (packed, ["A: 1", "Content-Encoding: gzip"])
    undone = made(
        row(packed), answer(("X-Archive-Orig-Content-Encoding", "gzip"), ("X-Archive-Orig-A", "1"), SHOWN)
    )
    assert (undone.body, lines(undone)[1:]) == (BODY, ["X-Archive-Orig-Content-Encoding: gzip", "A: 1"])


def test_a_coding_that_was_lost_is_told_again():
    packed, page = gzip.compress(BODY, mtime=0), ("Content-Type", "text/html")
    told = lines(made(row(packed), answer(page, SHOWN, body=packed)))
    assert told[1:] == ["Content-Type: text/html", "Content-Encoding: gzip"]
    torn = b"\x1f\x8b\x08 no gzip"
    assert lines(made(row(torn), answer(page, SHOWN, body=torn)))[1:] == ["Content-Type: text/html"]
    assert lines(made(row(packed), answer(SHOWN, body=packed)))[1:] == []  # a file in gzip is one


def test_a_url_is_asked_for_as_it_is_told_save_what_a_request_can_not_hold():
    odd = row(url="http://news.example/ä b?x=%2F&y=[1]|2#")
    assert playback_url(ENDPOINT, odd).endswith("id_/http://news.example/%C3%A4%20b?x=%2F&y=[1]|2%23")
