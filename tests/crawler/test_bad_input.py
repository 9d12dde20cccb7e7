"""Input that nobody writes by chance; much of it was found by fuzzing (see fuzz/)."""

import os
from pathlib import Path

import pytest

from builders import START, capture
from crawler.cli import main
from crawler.cli.bytes_given import read_given
from crawler.memento.cdx import CdxRow, read_cdx
from crawler.memento.pace import retry_after
from crawler.memento.playback import Missed, rebuilt
from crawler.memento.service import Answer
from crawler.seed_checks import cron_problem, pattern_problem
from crawler.seed_reading import read_seed
from pipelines.run import needs_extraction
from storage.errors import SeedError
from storage.imports.foreign import Foreign, recognise
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


def test_a_date_of_no_calendar_in_an_archives_answer_is_no_date():
    told = "Wed, 02 Jan 99999999999 03:04:05 GMT"
    fields = [("Memento-Datetime", told), ("X-Archive-Orig-Date", told), ("X-Ts", "1")]
    answer = Answer(
        url="https://web.archive.org/web/20190102030405id_/http://a.example/",
        asked_at=START,
        head=b"HTTP/1.1 200 OK\r\n\r\n",
        status=200,
        headers=Headers(fields),
        body=b"Ferry",
    )
    row = CdxRow(key="", stamp="20190102030405", url="http://a.example/", status="200")
    assert rebuilt(row, answer, "https://web.archive.org/web") is not None
    assert retry_after(told, START) is None


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
    option = next(word for word in words if word.startswith("--") and word != "--once")
    assert option in told
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


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = " + "[" * 100_000, "nested too deeply"),
        (f"name = {LONG_NUMBER}", "4300 digits"),
        ("#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_seed_that_python_itself_chokes_on_is_one_error_with_its_place(tmp_path, text, problem):
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(SeedError, match=problem) as fault:
        read_seed(path)
    assert fault.value.where.startswith(str(path))
    assert fault.value.hint


def test_a_pipe_in_the_place_of_a_seed_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.toml")
    with pytest.raises(SeedError, match="not a regular file"):
        read_seed(tmp_path / "a.toml")


@pytest.mark.parametrize("value", ["1e400", "nan", "inf", "9" * 30])
@pytest.mark.parametrize("key", ["jitter_s", "politeness.delay_s", "revisit.max_s", "limits.max_pages"])
def test_a_number_that_no_clock_counts_to_is_a_fault_of_its_seed(tmp_path, key, value):
    path = tmp_path / "a.toml"
    path.write_text(f'urls = ["https://a.example/"]\n{key} = {value}\n')
    with pytest.raises(SeedError, match=key.replace(".", "[.]")):
        read_seed(path)


def test_more_than_can_be_meant_is_not_read_to_its_end(tmp_path):
    with Path("/dev/zero").open("rb") as endless, pytest.raises(OSError, match="more than 1 MB"):
        read_given(endless.name, 1_000_000)
    (tmp_path / "a.sql").write_bytes(b"SELECT 1")
    assert read_given(str(tmp_path / "a.sql"), 8) == b"SELECT 1"


def test_a_pipe_is_no_file_to_import(tmp_path):
    os.mkfifo(tmp_path / "a.warc.gz")
    found = recognise(tmp_path / "a.warc.gz")
    assert isinstance(found, Foreign)
    assert "a pipe" in found.refusal
