"""Input that nobody writes by chance; much of it was found by fuzzing (see fuzz/)."""

import pytest

from builders import START, capture
from crawler.cli import main
from crawler.memento.cdx import CdxRow, read_cdx
from crawler.memento.playback import Missed, rebuilt
from crawler.memento.service import Answer
from crawler.seed_checks import cron_problem, pattern_problem
from pipelines.run import needs_extraction
from storage.model import Headers
from storage.warc.http import stored_response

LONG_NUMBER = "9" * 5000  # Python refuses to read a number of over 4,300 digits


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "/news/(\\w+-?)+\\.html$",
        "(?i)(x+x+)+y",
        "(?=(a+)+b)",
        ".*.*.*.*.*x",
        "(?:a|b|ab)*c",
        "(?P<part>a+)(?P=part)+(?:b|bb)*$",
    ],
)
def test_a_pattern_that_would_stand_still_on_some_url_is_a_fault_of_its_seed(pattern):
    assert "takes too long on some URLs" in pattern_problem(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "/Article/\\d+/",
        "^https?://[^/]+/(?:[a-z]{2}/)?\\d{4}/\\d{2}/[^/]+\\.html$",
        "(?:/[^/?#]+)+$",
        "^(?!.*/print/).*$",
        "(?i)/(?:news|sport)/",
        "[?&]page=\\d+",
    ],
)
def test_a_pattern_as_people_write_them_is_none(pattern):
    assert pattern_problem(pattern) == ""


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(?<=a+)b", "a" * 20_000, "(" * 5_000])
def test_a_pattern_that_is_none_is_told_in_a_line_or_two(pattern):
    assert 0 < len(pattern_problem(pattern)) < 500


@pytest.mark.parametrize(
    "line", [f"{LONG_NUMBER} * * * *", f"*/{LONG_NUMBER} * * * *", "\u0661 * * * *", "² * * * *"]
)
def test_a_number_that_python_reads_otherwise_or_not_at_all_is_no_part_of_a_cron_line(line):
    assert cron_problem(line).startswith("minute ")


@pytest.mark.parametrize(
    "answer",
    [
        f'[["timestamp","original","length"],["20190102030405","http://a.example/","{LONG_NUMBER}"]]',
        f'org,a)/ 20190102030405 {{"url": "http://a.example/", "length": "{LONG_NUMBER}"}}',
    ],
)
def test_a_length_without_end_in_an_index_of_others_is_no_length(answer):
    (row,) = read_cdx(answer.encode()).rows
    assert (row.url, row.length) == ("http://a.example/", 0)


def test_an_archived_redirect_to_no_address_is_kept_as_it_is():
    asked = "https://web.archive.org/web/20190102030405id_/http://a.example/"
    fields = [("Memento-Datetime", "Wed, 02 Jan 2019 03:04:05 GMT"), ("Location", "http://["), ("X-Ts", "1")]
    head = b"HTTP/1.1 302 Found\r\n\r\n"
    answer = Answer(url=asked, asked_at=START, head=head, status=302, headers=Headers(fields), body=b"")
    row = CdxRow(key="", stamp="20190102030405", url="http://a.example/", status="302")
    found = rebuilt(row, answer, "https://web.archive.org/web")
    assert not isinstance(found, Missed)
    assert b"http://[" in found.head


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "//[", "http://a.example:port/", "\ud800"])
def test_an_address_that_is_none_in_a_file_of_others_costs_no_other_record(url):
    assert needs_extraction(capture(1, url, 0))


@pytest.mark.parametrize(
    "words",
    [
        ["query", "--timeout", "nan", "SELECT 1"],
        ["query", "--timeout", "1e400", "SELECT 1"],
        ["crawl", "http://a.example/", "--max-seconds", "nan"],
        ["crawl", "http://a.example/", "--delay", "inf"],
        ["schedule", "--once", "--max-seconds", "inf"],
        ["import", "wayback", "a.example", "--rate", "nan"],
    ],
)
def test_a_number_of_which_nothing_can_be_made_is_refused_before_anything_is_done(
    words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["presswarc", *words])
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main())
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert (
        f"{words[words.index(next(one for one in words if one.startswith('--') and one != '--once'))]}"
        in told
    )
    assert "is not a number up to" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [b"\rTransfer-Encoding: chunked", b" Transfer-Encoding: chunked", b"TRANSFER-encoding\r : chunked"],
)
def test_a_field_that_is_obeyed_is_renamed_once_it_no_longer_holds_however_it_is_written(line):
    received = b"HTTP/1.1 200 OK\n" + line + b"\r\n\r\n5\r\nFerry\r\n0\r\n\r\n"
    stored = stored_response(received, ended=True)
    assert (stored.payload, stored.body) == (b"Ferry", b"Ferry")
    again = stored_response(stored.head + stored.body, ended=True)
    assert (again.payload, again.cut) == (b"Ferry", False)
