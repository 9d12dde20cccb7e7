"""The writer: what is written is read again by us and by warcio, whatever happens while writing."""

from __future__ import annotations

import gzip
import io
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from storage.article import Outcome
from storage.errors import ArchiveError, OutOfSpaceError
from storage.layout import Layout
from storage.model import Damage, Record
from storage.warc import build, read_record_at, read_records
from storage.warc.build import Draft, FirstCapture
from storage.warc.salvage import salvage
from storage.warc.write import OPEN_SUFFIX, Origin, WarcWriter, file_safe, pack

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
ORIGIN = Origin(source="harbor", fields=(("software", "presswarc-test"), ("crawlId", "harbor-1")))
URL = "http://news.example.org/a?b=c"


def a_response(body: bytes = b"<p>page</p>", url: str = URL) -> Draft:
    return build.response(url, NOW, HEAD, body, [("WARC-IP-Address", "192.0.2.1")])


def every_kind() -> list[Draft]:
    answer = a_response()
    first = FirstCapture(url=URL, captured_at=NOW, payload_digest="sha256:00")
    return [
        answer,
        build.request(URL, NOW, b"GET /a?b=c HTTP/1.1\r\nHost: news.example.org\r\n\r\n", answer, []),
        build.revisit(URL, NOW, HEAD, build.IDENTICAL_PAYLOAD, first, []),
        build.failure("http://news.example.org/gone", NOW, Outcome.TIMED_OUT, "no answer after 5 s", []),
    ]


def writer(
    folder: Path, *, max_bytes: int = 1 << 30, now: Callable[[], datetime] = lambda: NOW
) -> WarcWriter:
    return WarcWriter(Layout(folder), ORIGIN, max_bytes=max_bytes, now=now)


def sound(path: Path) -> list[Record]:
    found = list(read_records(path))
    assert not [one for one in found if isinstance(one, Damage)], found
    return [one for one in found if isinstance(one, Record)]


def test_every_kind_of_record_is_read_back_as_the_writer_placed_it(tmp_path):
    with writer(tmp_path) as one:
        placed = one.write(every_kind())
    (path,) = Layout(tmp_path).warc_files()
    assert [each.record for each in placed] == sound(path)
    assert {each.warc_file for each in placed} == {Layout(tmp_path).warc_name(path)}
    kinds = [each.record.record_type for each in placed]
    assert kinds == ["warcinfo", "response", "request", "revisit", "metadata"]
    for each in placed:
        assert read_record_at(path, each.record.offset) == each.record


def test_warcio_reads_the_same_records_and_finds_no_fault(tmp_path):
    with writer(tmp_path) as one:
        placed = one.write(every_kind())
    (path,) = Layout(tmp_path).warc_files()
    with path.open("rb") as file:
        theirs = [
            (each.rec_type, each.rec_headers.get_header("WARC-Record-ID"), each.raw_stream.read())
            for each in ArchiveIterator(file, no_record_parse=True)
        ]
    ours = [(each.record.record_type, f"<{each.record.record_id}>", each.record.block) for each in placed]
    assert theirs == ours
    check = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], check=False)
    assert check.returncode == 0


def test_each_record_is_a_gzip_member_of_its_own(tmp_path):
    with writer(tmp_path) as one:
        placed = one.write(every_kind())
    data = Layout(tmp_path).warc_files()[0].read_bytes()
    for each in placed:
        member = data[each.record.offset : each.record.offset + each.record.length]
        assert gzip.decompress(member).startswith(b"WARC/1.1\r\nWARC-Type: ")
    assert sum(each.record.length for each in placed) == len(data)


def test_the_warcinfo_record_names_its_file_and_its_crawl(tmp_path):
    with writer(tmp_path) as one:
        one.write([a_response()])
    (path,) = Layout(tmp_path).warc_files()
    info = sound(path)[0]
    assert info.headers["WARC-Filename"] == path.name
    assert build.read_warc_fields(info.block).pairs == ORIGIN.fields


VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(head=st.binary(), body=st.binary(), value=VALUE)
def test_any_block_and_any_field_value_come_back(tmp_path, head, body, value):
    path = tmp_path / "x.warc.gz"
    draft = build.response(URL, NOW, head, body, [("WARC-Note", value)])
    packed = pack(draft)
    path.write_bytes(packed)
    # Bytes without an HTTP head are no payload, so that the reader may find the payload's digest wrong.
    record = next(read_records(path))
    assert record == draft.placed(0, len(packed))
    assert isinstance(record, Record)
    assert (record.block, record.headers["WARC-Note"]) == (head + body, value)


@pytest.mark.parametrize("bad", ["\r\nX: y", "a\nb", "a\rb", "a\0b", "a\x1bb", "\ud800", "\x7f"])
def test_a_value_that_could_break_a_header_is_refused(tmp_path, bad):
    draft = build.response(URL, NOW, HEAD, b"", [("WARC-Note", f"a{bad}b")])
    with writer(tmp_path) as one:
        one.write([a_response()])
        with pytest.raises(ArchiveError, match="control character"):
            one.write([draft])
        one.write([a_response(b"after")])
    (path,) = Layout(tmp_path).warc_files()
    assert [each.record_type for each in sound(path)] == ["warcinfo", "response", "response"]


@pytest.mark.parametrize("bad", ["", "a b", "a:b", "a\r\nX", "\u00e9"])
def test_a_field_name_that_is_none_is_refused(bad):
    with pytest.raises(ArchiveError, match="control character"):
        pack(build.response(URL, NOW, HEAD, b"", [(bad, "value")]))


@given(st.text(st.characters()))
def test_any_url_fits_into_one_header_line_and_comes_back_the_same_from_there(text):
    url = build.header_url(f"http://news.example.org/{text}")
    assert url.split() == [url]
    assert build.header_url(url) == url
    packed = pack(build.response(url, NOW, HEAD, b"", []))
    header = gzip.decompress(packed).partition(b"\r\n\r\n")[0]
    assert f"WARC-Target-URI: {url}" in header.decode().split("\r\n")


def test_the_reason_of_a_failure_cannot_break_out_of_its_field(tmp_path):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(pack(build.failure(URL, NOW, Outcome.DISCONNECTED, "a\r\nfetchOutcome: ok\x85b", [])))
    (record,) = sound(path)
    assert build.read_warc_fields(record.block).pairs == (
        ("fetchOutcome", "disconnected"),
        ("fetchReason", "a fetchOutcome: ok b"),
    )


def test_a_file_is_open_until_it_is_closed_and_then_has_its_own_name(tmp_path):
    layout = Layout(tmp_path)
    one = writer(tmp_path)
    assert not layout.warc.exists()
    one.write([a_response()])
    assert layout.warc_files() == []
    (growing,) = layout.warc.glob(f"2026/11/*{OPEN_SUFFIX}")
    one.close()
    (path,) = layout.warc_files()
    assert path == growing.with_name(growing.name.removesuffix(OPEN_SUFFIX))
    assert not growing.exists()
    one.close()


def test_an_exchange_is_in_the_file_when_write_returns(tmp_path):
    one = writer(tmp_path)
    placed = one.write([a_response()])
    (growing,) = Layout(tmp_path).warc.glob(f"**/*{OPEN_SUFFIX}")
    assert sound(growing) == [each.record for each in placed]
    one.close()


def test_a_new_file_begins_when_the_last_is_large_enough_and_exchanges_stay_together(tmp_path):
    with writer(tmp_path, max_bytes=2000) as one:
        for number in range(6):
            answer = a_response(os.urandom(900))
            pair = [answer, build.request(f"{URL}{number}", NOW, b"GET / HTTP/1.1\r\n\r\n", answer, [])]
            assert len({each.warc_file for each in one.write(pair)}) == 1
    files = Layout(tmp_path).warc_files()
    assert len(files) > 2
    for path in files:
        kinds = [each.record_type for each in sound(path)]
        assert kinds[0] == "warcinfo"
        assert kinds[1:] == ["response", "request"] * (len(kinds) // 2)
        assert sound(path)[0].headers["WARC-Filename"] == path.name


def test_a_new_file_begins_when_the_last_is_old_enough(tmp_path):
    clock = iter([0.0, 100.0, 3599.9, 3600.0, 3600.0, 9000.0, 9000.0])
    with WarcWriter(
        Layout(tmp_path), ORIGIN, max_bytes=1 << 30, max_age_s=3600, monotonic=lambda: next(clock)
    ) as one:
        for number in range(5):
            one.write([a_response(url=f"{URL}{number}")])
    files = [numbers_in(path) for path in Layout(tmp_path).warc_files()]
    assert files == [["0", "1", "2"], ["3"], ["4"]]


def numbers_in(path: Path) -> list[str]:
    return [(each.target_uri or "")[-1] for each in sound(path)[1:]]


def test_two_writers_of_the_same_second_write_two_files(tmp_path):
    first, second = writer(tmp_path), writer(tmp_path)
    first.write([a_response(b"first")])
    second.write([a_response(b"second")])
    first.close()
    second.close()
    third = writer(tmp_path)
    third.write([a_response(b"third")])
    third.close()
    blocks = sorted(sound(path)[1].block.removeprefix(HEAD) for path in Layout(tmp_path).warc_files())
    assert blocks == [b"first", b"second", b"third"]


def test_a_folder_that_cannot_be_made_is_an_archive_error(tmp_path):
    (tmp_path / "warc").write_bytes(b"a file, not a folder")
    with pytest.raises(ArchiveError, match="cannot write"):
        writer(tmp_path).write([a_response()])


@given(st.text())
def test_a_file_name_has_only_letters_of_our_own_alphabet(text):
    safe = file_safe(text)
    assert "/" not in safe
    assert ".." not in safe
    assert safe.isascii()
    assert len(safe) <= 60


FULL_DISK = """
import os, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from storage.errors import OutOfSpaceError
from storage.layout import Layout
from storage.warc import build
from storage.warc.write import Origin, WarcWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
writer = WarcWriter(Layout(Path(sys.argv[1])), Origin(source="full", fields=(("a", "b"),)), max_bytes=1 << 30)
now = datetime.now(UTC)
try:
    for number in range(100):
        url = f"http://news.example.org/{number}"
        answer = build.response(url, now, b"", os.urandom(3000), [])
        writer.write([answer, build.request(url, now, os.urandom(int(sys.argv[3])), answer, [])])
        print(number, flush=True)
except OutOfSpaceError as error:
    print(error.hint, file=sys.stderr)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    writer.write([build.response("http://news.example.org/after", now, b"", b"after", [])])
    writer.close()
    sys.exit(error.exit_code)
"""


def child(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def numbers(records: list[Record]) -> list[str]:
    return [(each.target_uri or "").rpartition("/")[2] for each in records if each.record_type == "response"]


@pytest.mark.parametrize(("limit", "request_bytes"), [(20_000, 9), (20_100, 9), (21_500, 9), (20_000, 3000)])
def test_on_a_full_disk_the_file_ends_with_a_whole_exchange_and_writing_can_go_on(
    tmp_path, limit, request_bytes
):
    full = child(FULL_DISK, tmp_path, limit, request_bytes)
    told, hint = full.communicate(timeout=60)
    assert full.returncode == OutOfSpaceError.exit_code, hint
    assert "free some space" in hint
    first, second = (sound(path) for path in Layout(tmp_path).warc_files())
    assert numbers(first) == told.split()
    assert [one.record_type for one in first].count("request") == len(numbers(first)) >= 2
    assert numbers(second) == ["after"]


def test_a_disk_without_room_for_the_first_record_leaves_no_file(tmp_path):
    full = child(FULL_DISK, tmp_path, 10, 9)
    assert full.communicate(timeout=60)[0] == ""
    assert full.returncode == OutOfSpaceError.exit_code
    (path,) = Layout(tmp_path).warc.glob("**/*.*")
    assert numbers(sound(path)) == ["after"]


ENDLESS = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from storage.layout import Layout
from storage.warc import build
from storage.warc.write import Origin, WarcWriter

writer = WarcWriter(Layout(Path(sys.argv[1])), Origin(source="kill", fields=(("a", "b"),)), max_bytes=300_000)
now = datetime.now(UTC)
number = 0
while True:
    number += 1
    writer.write([build.response(f"http://news.example.org/{number}", now, b"", os.urandom(40_000), [])])
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 25])
def test_no_acknowledged_record_is_lost_to_kill_9(tmp_path, acknowledged):
    layout = Layout(tmp_path)
    running = child(ENDLESS, tmp_path)
    assert running.stdout is not None
    told = [running.stdout.readline().strip() for _ in range(acknowledged)]
    running.send_signal(signal.SIGKILL)
    told += running.stdout.read().split()
    running.communicate(timeout=60)
    left = salvage(layout)
    assert not list(layout.warc.glob(f"**/*{OPEN_SUFFIX}"))
    kept = [number for path in layout.warc_files() for number in numbers(sound(path))]
    assert kept[: len(told)] == told
    assert len(kept) <= len(told) + 1
    assert {one.path for one in left} <= set(layout.warc_files())


@pytest.mark.parametrize("moved", [False, True])
def test_a_file_taken_away_while_it_is_written_is_put_back_whole(tmp_path, caplog, moved):
    with writer(tmp_path) as out:
        first = out.write([a_response(b"one")])
        path = next(tmp_path.glob(f"warc/**/*{OPEN_SUFFIX}"))
        if moved:
            path.rename(tmp_path / "moved")
        else:
            path.unlink()
        second = out.write([a_response(b"two")])
        path.unlink()
    (path,) = Layout(tmp_path).warc_files()
    assert [one.record_id for one in sound(path)] == [one.record.record_id for one in first + second]
    assert caplog.text.count("moved or removed") == 2
    assert salvage(Layout(tmp_path)) == []


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_changed_while_it_is_written_is_told_and_written_no_further(tmp_path, replaced):
    with writer(tmp_path) as out:
        placed = out.write([a_response(b"one"), a_response(b"two")])
        path = next(tmp_path.glob(f"warc/**/*{OPEN_SUFFIX}"))
        data = path.read_bytes()
        if replaced:
            path.unlink()
        path.write_bytes(data[:-10])
        with pytest.raises(
            ArchiveError, match="another file was put" if replaced else "its length was"
        ) as told:
            out.write([a_response(b"three")])
        assert told.value.where == str(path)
        assert path.read_bytes() == data[:-10]
        out.write([a_response(b"four")])
    salvage(Layout(tmp_path))
    kept = [one for path in Layout(tmp_path).warc_files() for one in sound(path)]
    assert {one.block for one in kept} >= {placed[1].record.block}
    assert len(kept) == len(placed) - 1 + 2


def leave_open(folder: Path, data: bytes) -> Path:
    path = folder / "warc" / "2026" / "11" / f"harbor-1.warc.gz{OPEN_SUFFIX}"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def test_a_torn_tail_is_set_aside_and_the_file_finished(tmp_path):
    whole = [pack(one) for one in every_kind()]
    for cut in (1, 2, 5, len(whole[3]) // 2, len(whole[3]) - 1):
        folder = tmp_path / str(cut)
        path = leave_open(folder, b"".join(whole[:3]) + whole[3][:cut])
        (left,) = salvage(Layout(folder))
        assert (left.kept_bytes, left.torn_bytes) == (len(b"".join(whole[:3])), cut)
        assert left.path.read_bytes() == b"".join(whole[:3])
        assert path.with_name("harbor-1.warc.gz.torn").read_bytes() == whole[3][:cut]
        assert Layout(folder).warc_files() == [left.path]


def test_records_inside_a_torn_page_are_not_taken_for_captures(tmp_path):
    noise = random.Random(0).randbytes(80_000)
    forged = [pack(a_response(noise[at : at + 300], "http://forged.example.org/")) for at in range(10)]
    page = b"".join(noise[at * 8000 : at * 8000 + 8000] + one for at, one in enumerate(forged))
    whole = pack(a_response())
    outer = gzip.decompress(pack(a_response(page, "http://news.example.org/x.warc.gz")))
    torn = gzip.compress(outer, 0)[:-1000]  # stored, not packed: the members inside stay visible
    assert any(one in torn for one in forged)
    leave_open(tmp_path, whole + torn)
    (left,) = salvage(Layout(tmp_path))
    assert [one.target_uri for one in sound(left.path)] == [URL]
    assert left.torn_bytes == len(torn)


def test_a_file_with_nothing_whole_is_only_set_aside(tmp_path):
    leave_open(tmp_path, pack(a_response())[:50])
    salvage(Layout(tmp_path))
    assert Layout(tmp_path).warc_files() == []
    assert [one.name for one in Layout(tmp_path).warc.glob("**/*.*")] == ["harbor-1.warc.gz.torn"]


def test_a_file_compressed_as_a_whole_gives_its_whole_records_each_by_itself(tmp_path):
    drafts = [a_response(os.urandom(3000), f"{URL}{number}") for number in range(5)]
    plain = b"".join(gzip.decompress(pack(one)) for one in drafts)
    packed = gzip.compress(plain)
    path = leave_open(tmp_path, packed[: len(packed) * 7 // 10])
    (left,) = salvage(Layout(tmp_path))
    records = sound(left.path)
    assert [one.target_uri for one in records] == [f"{URL}{number}" for number in range(3)]
    assert [one.block for one in records] == [one.block for one in drafts[:3]]
    assert left.repacked == 3
    assert "3 records packed anew" in left.line()
    assert path.with_name("harbor-1.warc.gz.torn").read_bytes() == packed[: len(packed) * 7 // 10]
    assert sorted(one.name for one in path.parent.iterdir()) == ["harbor-1.warc.gz", "harbor-1.warc.gz.torn"]
    for one in records:
        assert read_record_at(left.path, one.offset) == one


def test_whole_members_before_a_torn_one_of_many_records_stay_as_they_are(tmp_path):
    first = pack(a_response(b"first"))
    drafts = [a_response(os.urandom(3000), f"{URL}{number}") for number in range(3)]
    many = gzip.compress(b"".join(gzip.decompress(pack(one)) for one in drafts))
    leave_open(tmp_path, first + many[:-1500])
    (left,) = salvage(Layout(tmp_path))
    assert left.path.read_bytes().startswith(first)
    assert [one.block for one in sound(left.path)[1:]] == [one.block for one in drafts[:2]]


def test_bytes_of_nothing_at_the_end_are_set_aside(tmp_path):
    whole = pack(a_response())
    path = leave_open(tmp_path, whole + bytes(4096))
    (left,) = salvage(Layout(tmp_path))
    assert left.path.read_bytes() == whole
    assert path.with_name("harbor-1.warc.gz.torn").read_bytes() == bytes(4096)


def test_a_last_record_that_is_whole_stays_whatever_does_not_hold_about_it(tmp_path):
    last = pack(build.response(URL, NOW, HEAD, b"a body", [], payload_digest="sha256:" + "0" * 64))
    leave_open(tmp_path, pack(a_response()) + last)
    (left,) = salvage(Layout(tmp_path))
    assert left.torn_bytes == 0
    assert left.path.read_bytes().endswith(last)


@pytest.mark.parametrize(
    ("name", "kept"), [("good", 50), ("single-record", 1), ("empty", 0), ("corrupted-mid-record", 12)]
)
def test_left_overs_of_another_crawler_keep_their_whole_records(shared, tmp_path, name, kept):
    sample = shared / f"corpora/warc-samples/internetarchive+gowarc/{name}.warc.gz.open"
    leave_open(tmp_path, sample.read_bytes())
    (left,) = salvage(Layout(tmp_path))
    records = sound(left.path) if left.path.exists() else []
    assert len(records) == kept
    assert [read_record_at(left.path, one.offset) for one in records] == records


def test_salvage_never_takes_another_files_place(tmp_path):
    path = leave_open(tmp_path, pack(a_response(b"left")))
    finished = path.with_name("harbor-1.warc.gz")
    finished.write_bytes(pack(a_response(b"there before")))
    (left,) = salvage(Layout(tmp_path))
    assert sound(finished)[0].block.endswith(b"there before")
    assert sound(left.path)[0].block.endswith(b"left")


def test_the_file_of_a_living_writer_is_left_alone(tmp_path):
    running = child(ENDLESS, tmp_path)
    assert running.stdout is not None
    running.stdout.readline()
    running.send_signal(signal.SIGSTOP)
    try:
        (growing,) = Layout(tmp_path).warc.glob(f"**/*{OPEN_SUFFIX}")
        size = growing.stat().st_size
        assert salvage(Layout(tmp_path)) == []
        assert growing.stat().st_size == size
    finally:
        running.kill()
        running.communicate(timeout=60)
    assert [one.path.name for one in salvage(Layout(tmp_path))] == [growing.name.removesuffix(OPEN_SUFFIX)]


def test_salvage_of_an_archive_without_left_overs_does_nothing(tmp_path):
    assert salvage(Layout(tmp_path)) == []
    with writer(tmp_path) as one:
        one.write([a_response()])
    assert salvage(Layout(tmp_path)) == []
    assert len(Layout(tmp_path).warc_files()) == 1


def test_file_names_sort_by_the_time_they_were_begun(tmp_path):
    times = iter(NOW + timedelta(seconds=each) for each in range(100))
    with writer(tmp_path, max_bytes=1, now=lambda: next(times)) as one:
        for number in range(12):
            one.write([a_response(b"%d" % number)])
    bodies = [sound(path)[1].block.removeprefix(HEAD) for path in Layout(tmp_path).warc_files()]
    assert bodies == [b"%d" % number for number in range(12)]


def test_packing_one_record_twice_gives_the_same_bytes():
    draft = a_response()
    assert pack(draft) == pack(draft)
    assert gzip.GzipFile(fileobj=io.BytesIO(pack(draft))).read().count(b"WARC/1.1") == 1
