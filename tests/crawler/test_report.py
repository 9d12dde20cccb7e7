from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.capture.sink import Kept
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind
from crawler.frontier import Found
from crawler.report import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, Report, Start
from crawler.report_words import PROGRAM_FAULT
from pipelines.records import capture_of, failure_of
from storage.article import Outcome
from storage.warc import build

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
URL = "http://news.example.org/1"


def report() -> Report:
    return Report(crawl_id="harbor-1", source="harbor", started_at=NOW)


def answer(status: int = 200, **change: object) -> Kept:
    record = build.response(URL, NOW, b"HTTP/1.1 %d X\r\n\r\n" % status, b"page", []).placed(0, 100)
    capture = capture_of(record, source="harbor", crawl_id="harbor-1", warc_file="x.warc.gz")
    assert capture is not None
    return Kept(capture=replace(capture, **change), record=record)


def failure(outcome: Outcome) -> Kept:
    record = build.failure(URL, NOW, outcome, "why", []).placed(0, 100)
    return Kept(failure=failure_of(record, source="harbor", crawl_id="harbor-1"))


def told(*kept: Kept) -> Report:
    one = report()
    for each in kept:
        one.kept(each)
    return one


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (200, "ok"),
        (204, "ok"),
        (301, "redirect"),
        (304, "not_modified"),
        (404, "gone"),
        (410, "gone"),
        (403, "http_error"),
        (500, "http_error"),
    ],
)
def test_an_answer_is_counted_by_what_its_status_means(status, name):
    assert told(answer(status)).fetches == {name: 1}


def test_revisits_and_cut_answers_are_counted_beside_their_status():
    one = told(answer(record_type="revisit"), answer(truncated="length"), answer())
    assert one.fetches == {"ok": 3, "revisits": 1, "truncated": 1}
    assert one.answers == 3
    assert one.received_bytes == 3 * len(b"HTTP/1.1 200 X\r\n\r\npage")


def test_failures_are_no_answers():
    one = told(*map(failure, (Outcome.TIMED_OUT, Outcome.DISCONNECTED, Outcome.ADDRESS_REFUSED)))
    assert one.fetches == {"timed_out": 1, "disconnected": 1, "address_refused": 1}
    assert one.answers == 0


@pytest.mark.parametrize(
    ("reason", "kept", "code"),
    [
        ("finished", [answer()], EXIT_DONE),
        ("finished", [answer(404)], EXIT_DONE),
        ("closespider_pagecount", [answer()], EXIT_DONE),
        ("finished", [], EXIT_INCOMPLETE),
        ("finished", [failure(Outcome.CONNECTION_FAILED)], EXIT_INCOMPLETE),
        ("finished", [failure(Outcome.TOO_LARGE)], EXIT_INCOMPLETE),
        ("shutdown", [answer()], EXIT_INTERRUPTED),
        ("OutOfSpaceError", [answer()], EXIT_INCOMPLETE),
        ("running", [answer()], EXIT_INCOMPLETE),
    ],
)
def test_the_exit_code_tells_whether_the_crawl_came_to_its_end_and_got_answers(reason, kept, code):
    one = told(*kept)
    one.reason = reason
    assert one.exit_code() == code


@pytest.mark.parametrize(
    ("statuses", "code"),
    [((503, 503), 3), ((403,), 3), ((503, 304), 0), ((404,), 0), ((500, 301), 0)],
)
def test_a_crawl_of_which_every_page_was_refused_did_not_come_to_its_end(statuses, code):
    one = told(*map(answer, statuses))
    one.reason = "finished"
    assert one.exit_code() == code


def test_a_fault_of_the_program_is_told_by_the_exit_code():
    one = told(answer())
    one.reason = "finished"
    one.count("notes", PROGRAM_FAULT)
    assert one.exit_code() == 1


def test_of_more_names_than_anyone_reads_the_later_ones_are_counted_together():
    one = told(answer())
    one.reason = "finished"
    for number in range(20_000):
        one.count("notes", f"{number}.example left alone for 120 s: HTTP 503")
    one.count("notes", PROGRAM_FAULT)
    one.count("notes", "0.example left alone for 120 s: HTTP 503")
    assert len(one.notes) == 502
    assert (one.notes["others"], one.notes["0.example left alone for 120 s: HTTP 503"]) == (19_500, 2)
    assert one.exit_code() == 1


def test_the_report_file_tells_all_that_was_counted(tmp_path):
    one = told(answer(), failure(Outcome.TIMED_OUT))
    one.reason = "finished"
    one.pages["article"] += 2
    one.links["other_host"] += 1
    one.write(tmp_path / "report.json", NOW + timedelta(seconds=9))
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == {
        "crawl_id": "harbor-1",
        "source": "harbor",
        "started_at": "2026-11-22T01:02:03+00:00",
        "finished_at": "2026-11-22T01:02:12+00:00",
        "reason": "finished",
        "exit_code": 0,
        "received_bytes": 22,
        "fetches": {"ok": 1, "timed_out": 1},
        "pages": {"article": 2},
        "links": {"other_host": 1},
        "notes": {},
        "statuses": {"200": 1},
        "looks": {},
        "browser": {},
        "fallbacks": {},
        "starts": {},
        "left": None,
    }


def test_the_line_for_a_person_names_every_count():
    one = told(answer(), answer(), failure(Outcome.TIMED_OUT))
    one.reason = "finished"
    one.pages["not_an_article"] += 1
    assert one.line() == "harbor: finished; fetched 2 ok, 1 timed out; pages 1 not an article"
    assert report().line() == "harbor: running; fetched nothing; pages none"


def found(url=URL, kind="feed", found_in="seed"):
    return Found(url=url, kind=kind, found_on="", found_in=found_in)


def discovery(*kinds, notes=()):
    links = [
        Link(url=f"{URL}/{number}", kind=kind, found_in=FoundIn.FEED) for number, kind in enumerate(kinds)
    ]
    return Discovery(links=tuple(links), notes=notes)


def test_each_of_the_seeds_own_urls_tells_what_it_gave():
    one = report()
    one.kept(replace(answer(), found=found()))
    one.looked(URL, "feed", discovery(LinkKind.ARTICLE, LinkKind.PAGE))
    assert one.starts == {URL: Start(kind="feed", status=200, links=2)}
    one.kept(replace(answer(304), found=found()))
    assert one.starts == {URL: Start(kind="feed", status=304)}
    one.kept(replace(failure(Outcome.TIMED_OUT), found=found()))
    assert one.starts == {URL: Start(kind="feed", status=0, note="why")}


def test_of_listings_the_links_to_articles_count():
    one = told(replace(answer(), found=found(kind="listing")))
    one.looked(URL, "listing", discovery(LinkKind.PAGE, LinkKind.ARTICLE, notes=("odd", "so")))
    assert one.starts == {URL: Start(kind="listing", status=200, links=1, note="odd; so")}


def test_what_is_read_is_counted_with_and_without_links_but_no_article():
    one = report()
    one.looked(URL, "feed", discovery(LinkKind.ARTICLE))
    one.looked(URL, "sitemap", discovery())
    one.looked(URL, "article", discovery())
    assert one.looks == {"feed": 1, "sitemap": 1, "sitemap without links": 1}


def test_what_is_not_the_seeds_own_and_robots_txt_are_no_starts():
    others = (found(found_in="page"), found(kind="robots"), None)
    assert told(*(replace(answer(), found=one) for one in others)).starts == {}


@pytest.mark.parametrize(
    ("reason", "counted"),
    [
        ("[('SSL routines', '', 'certificate verify failed')]", 1),
        ("VerificationError(errors=[DNSMismatch(mismatched_id=DNS_ID(hostname=b'paper.example'))])", 1),
        ("Connection refused", 0),
    ],
)
def test_a_certificate_that_does_not_hold_is_counted(reason, counted):
    record = build.failure(URL, NOW, Outcome.CONNECTION_FAILED, reason, []).placed(0, 100)
    one = told(Kept(failure=failure_of(record, source="harbor", crawl_id="harbor-1")))
    assert one.notes["certificate"] == counted


def test_whoever_keeps_statistics_hears_of_each_count():
    heard = Counter()
    one = Report(
        crawl_id="harbor-1",
        source="harbor",
        started_at=NOW,
        told=lambda name, more: heard.update({name: more}),
    )
    one.kept(answer(404))
    one.count("pages", "article")
    size = heard.pop("presswarc/received_bytes")
    assert size > 0
    assert heard == {
        "presswarc/fetches/gone": 1, "presswarc/statuses/404": 1, "presswarc/pages/article": 1,
    }  # fmt: skip


def test_the_report_is_written_with_statuses_and_starts(tmp_path):
    one = told(replace(answer(), found=found()))
    one.write(tmp_path / "report.json", NOW)
    written = json.loads((tmp_path / "report.json").read_text())
    assert written["statuses"] == {"200": 1}
    assert written["starts"] == {URL: {"kind": "feed", "status": 200, "links": None, "note": ""}}
