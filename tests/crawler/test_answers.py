"""Which capture answers a request: over archives with revisits and heads as other programs write them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from scrapy import Request

from builders import START
from crawler.config import load_config
from crawler.replay.answers import Answer, Answers, Asked, asked_of
from crawler.replay.archived import Archive, Scope
from crawler.session import Session
from storage.article import Outcome
from storage.layout import Layout
from storage.model import Failure
from storage.warc import build
from storage.warc.build import Draft, FirstCapture
from storage.warc.digests import digest
from storage.warc.write import Origin, WarcWriter

pytestmark = pytest.mark.long

URL = "http://a.example/page"
HEAD = b'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: 9\r\n\r\n'
BODY, OTHER = b"the first", b"the other"
SAME = b"HTTP/1.1 200 OK\r\nX-Seen: again\r\nContent-Length: 9\r\n\r\n"
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n'


def at(hours: float):
    return START + timedelta(hours=hours)


def first(hours: float = 0, body: bytes = BODY, **changes) -> FirstCapture:
    return FirstCapture(**({"url": URL, "captured_at": at(hours), "payload_digest": digest(body)} | changes))


def page(hours: float, body: bytes = BODY, url: str = URL, head: bytes = HEAD, **extra: str) -> Draft:
    return build.response(url, at(hours), head, body, list(extra.items()))


def revisit(hours: float, of: FirstCapture, head: bytes = SAME, url: str = URL) -> Draft:
    profile = build.NOT_MODIFIED if b" 304 " in head else build.IDENTICAL_PAYLOAD
    return build.revisit(url, at(hours), head, profile, of, [])


@pytest.fixture
def answers(tmp_path: Path):
    """Answers from an archive of the records given, and the way to ask for them."""
    opened: list[Archive] = []

    def made(*drafts: Draft, crawl: str | None = None, of: str = "c-1", began: float = 0) -> Answers:
        fields = (("crawlId", of), ("source", "a"), ("crawlStarted", build.warc_date(at(began))))
        with WarcWriter(Layout(tmp_path), Origin(source="a", fields=fields), max_bytes=1 << 30) as writer:
            writer.write(list(drafts))
        while opened:  # a file that is open is not opened anew
            opened.pop().close()
        with Session(load_config(archive=tmp_path, environ={})) as session:
            session.finish()
        opened.append(Archive(Scope(root=tmp_path, crawl_id=crawl)))
        return Answers(opened[-1], in_order=crawl is not None)

    yield made
    for archive in opened:
        archive.close()


def got(answers: Answers, url: str = URL, **condition: str) -> tuple[int, bytes] | Outcome | None:
    """Status and body of an answer, or what else there is."""
    found = answers.find(Asked(method="GET", url=url, **condition))
    if isinstance(found, Answer):
        head = found.recording.head
        return int(head.split(b" ", 2)[1]), found.recording.payload
    return found.outcome if isinstance(found, Failure) else found


def test_a_revisit_has_its_own_head_and_the_body_that_it_refers_to(answers):
    asked = answers(page(0), page(1, OTHER), revisit(2, first(0)))
    found = asked.find(Asked(method="GET", url=URL))
    assert isinstance(found, Answer)
    assert found.recording.head == SAME
    assert found.recording.payload == BODY
    assert found.capture.captured_at == at(0)


@pytest.mark.parametrize(
    "of",
    [
        first(0, captured_at=at(0).replace(microsecond=0), payload_digest="sha1:UNKNOWN"),
        first(0, captured_at=at(-500)),
        first(1.5, payload_digest="sha1:UNKNOWN"),
    ],
    ids=["to the second", "at another time, by its payload", "through another revisit"],
)
def test_a_revisit_is_resolved_as_others_write_it(answers, of):
    assert got(answers(page(0), page(1, OTHER), revisit(1.5, first(0)), revisit(2, of))) == (200, BODY)


def test_a_revisit_without_a_head_has_that_of_the_page(answers):
    found = answers(page(0), revisit(2, first(0), head=b"")).find(Asked(method="GET", url=URL))
    assert isinstance(found, Answer)
    assert (found.recording.head, found.recording.payload) == (HEAD, BODY)


def test_a_revisit_at_another_url_is_resolved_there(answers):
    other = "http://a.example/copy"
    asked = answers(page(0), revisit(2, first(0), url=other))
    assert got(asked, other) == (200, BODY)


def test_a_revisit_whose_page_is_not_here_gives_way_to_an_older_page(answers):
    lost = first(1, b"lost", captured_at=at(1))
    assert got(answers(page(0), revisit(2, lost))) == (200, BODY)
    assert got(answers(revisit(3, lost, url="http://a.example/b")), "http://a.example/b") is None


def test_a_304_stands_for_the_page_unless_it_is_asked_for(answers):
    asked = answers(page(0), revisit(1, first(0), NOT_MODIFIED))
    assert got(asked) == (200, BODY)
    assert got(asked, if_none_match='"one"') == (304, b"")
    assert got(asked, if_none_match='"two"') == (200, BODY)


def test_troubles_of_the_server_give_way_to_the_last_good_answer_and_a_404_does_not(answers):
    busy, gone = HEAD.replace(b"200 OK", b"503 Busy"), HEAD.replace(b"200 OK", b"404 Gone")
    failed = build.failure(URL, at(3), Outcome.TIMED_OUT, "late", [])
    cut = page(4, b"the", **{"WARC-Truncated": "time"})
    assert got(answers(page(0), page(2, OTHER, head=busy), failed, cut)) == (200, BODY)
    assert got(answers(page(5, OTHER, head=gone))) == (404, OTHER)


def test_where_there_is_nothing_but_failures_the_newest_is_given(answers):
    failures = [
        build.failure(URL, at(hours), outcome, "", [])
        for hours, outcome in ((1, Outcome.TIMED_OUT), (2, Outcome.DISCONNECTED), (3, Outcome.ROBOTS_DENIED))
    ]
    assert got(answers(*failures)) is Outcome.DISCONNECTED


def test_the_requests_of_a_crawl_get_its_fetches_one_after_the_other_and_then_the_last(answers):
    failed = build.failure(URL, at(1), Outcome.CONNECTION_FAILED, "", [])
    asked = answers(page(0), failed, page(2, OTHER), crawl="c-1")
    assert [got(asked) for _ in range(4)] == [
        (200, BODY), Outcome.CONNECTION_FAILED, (200, OTHER), (200, OTHER),
    ]  # fmt: skip


def test_a_host_without_a_path_is_that_with_the_path_of_a_slash(answers):
    asked = answers(page(0, url="http://a.example/"), page(0, OTHER, url="http://b.example"))
    assert got(asked, "http://a.example") == (200, BODY)
    assert got(asked, "http://b.example/") == (200, OTHER)


def test_a_record_that_is_damaged_is_not_there(answers, tmp_path):
    asked = answers(page(0, b"x" * 5000, url="http://a.example/b"), page(0))
    (file,) = Layout(tmp_path).warc_files()
    content = bytearray(file.read_bytes())
    place = asked._archive.captures(URL)[0].warc_offset
    content[place + 40] ^= 0xFF
    file.write_bytes(content)
    assert got(asked) is None


@pytest.mark.parametrize(("protocol", "http2"), [("h2", True), ("http/1.1", False)])
def test_what_came_over_http_2_is_played_as_such(answers, protocol, http2):
    asked = answers(page(0, **{"WARC-Protocol": protocol, "WARC-IP-Address": "192.0.2.7"}))
    found = asked.find(Asked(method="GET", url=URL))
    assert isinstance(found, Answer)
    assert (found.recording.http2, found.recording.ip) == (http2, "192.0.2.7")


def test_requests_are_told_apart_by_method_url_and_body():
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    one, other = (Request(URL, method="POST", body=body, headers=form) for body in ("a=1", "a=2"))
    assert asked_of(one) != asked_of(other)
    assert asked_of(Request(f"{URL}#part")) == asked_of(Request(URL))
    conditional = asked_of(Request(URL, headers={"If-None-Match": '"one"'}))
    assert conditional.is_conditional


def test_what_robots_txt_forbade_an_earlier_crawl_is_not_asked_for_again(answers, tmp_path):
    answers(build.failure(URL, at(1), Outcome.ROBOTS_DENIED, "", []))
    answers(page(5, url="http://a.example/other"), of="c-2", began=4)
    for crawl, asks in (("c-1", True), ("c-2", False)):
        with Archive(Scope(root=tmp_path, crawl_id=crawl)) as archive:
            assert archive.is_to_ask(URL) is asks
            assert archive.is_to_ask("http://a.example/new")


def test_one_process_reads_an_archive_twice_at_a_time(answers, tmp_path):
    asked = answers(page(0))
    with Archive(Scope(root=tmp_path)) as again:
        assert got(Answers(again, in_order=False)) == got(asked) == (200, BODY)
    assert got(asked) == (200, BODY)
