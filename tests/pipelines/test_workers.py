"""The worker pool against calls that hang, crash, eat memory, and against ordinary ones beside them."""

from __future__ import annotations

import errno
import gzip
import operator
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path

import captured_parser
import pytest
from lxml import etree

from pipelines import child
from pipelines.workers import LARGE_BYTES, CallFailedError, Limits, Workers
from storage.article import Outcome
from storage.errors import WorkersError

PACKED = gzip.compress(bytes(LARGE_BYTES // 16), 0)  # as large as it is, in a packed file


def failure(future) -> CallFailedError:
    with pytest.raises(CallFailedError) as caught:
        future.result(timeout=60)
    return caught.value


def test_a_call_gives_its_result():
    with Workers(2) as workers:
        futures = [workers.submit(operator.mul, number, 2) for number in range(20)]
        assert [one.result(timeout=60) for one in futures] == [number * 2 for number in range(20)]


def test_a_call_runs_in_another_process():
    with Workers(1) as workers:
        assert workers.submit(os.getpid).result(timeout=60) != os.getpid()


def test_pages_that_are_large_are_read_one_after_the_other_beside_those_that_are_not():
    with Workers(2) as workers:
        of_large, of_small = (
            {
                one.result(timeout=60)
                for one in [workers.submit(captured_parser.process_of, body) for _ in "ab" for body in bodies]
            }
            for bodies in ((bytes(LARGE_BYTES + 1), PACKED), (bytes(LARGE_BYTES), PACKED[:9]))
        )
    assert len(of_large) == 1
    assert not of_large & of_small


def test_a_call_that_raises_fails_with_its_reason_and_keeps_its_process():
    with Workers(1) as workers:
        before = workers.submit(os.getpid).result(timeout=60)
        failed = failure(workers.submit(int, "no number"))
        assert failed.outcome is Outcome.PARSE_CRASHED
        assert failed.reason.startswith("ValueError: invalid literal")
        assert workers.submit(os.getpid).result(timeout=60) == before


def test_a_call_that_hangs_is_killed_and_the_next_one_works():
    with Workers(1, Limits(wall_s=0.5)) as workers:
        failed = failure(workers.submit(time.sleep, 600))
        assert failed.outcome is Outcome.PARSE_TIMED_OUT
        assert "0.5 s" in failed.reason
    with Workers(1, Limits(wall_s=20)) as workers:
        assert workers.submit(abs, -1).result(timeout=60) == 1


@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        (os.abort, (), f"signal {int(signal.SIGABRT)}"),
        (os._exit, (7,), "exit code 7"),
        (os.kill, (0, signal.SIGKILL), f"signal {int(signal.SIGKILL)}"),
        (sys.exit, (3,), "exit code 3"),
    ],
    ids=["abort", "exit", "kill", "system exit"],
)
def test_a_call_that_ends_its_process_costs_no_other_call(function, arguments, reason):
    with Workers(1) as workers:
        futures = [workers.submit(abs, -1), workers.submit(function, *arguments), workers.submit(abs, -2)]
        assert futures[0].result(timeout=60) == 1
        failed = failure(futures[1])
        assert (failed.outcome, failed.reason) == (Outcome.PARSE_CRASHED, f"the process ended ({reason})")
        assert futures[2].result(timeout=60) == 2


def test_memory_over_the_limit_fails_the_call_only():
    with Workers(1) as workers:
        assert workers.submit(eval, "len(bytes(384 << 20))").result(timeout=60) == 384 << 20
        failed = failure(workers.submit(eval, "len(bytes(512 << 20))"))
        assert failed.outcome is Outcome.PARSE_CRASHED
        assert failed.reason == "more memory than the 536870912 bytes allowed"
        assert workers.submit(len, bytes(1 << 20)).result(timeout=60) == 1 << 20


def test_a_library_that_runs_out_of_memory_and_complains_of_it_is_ended_and_not_heard(capfd):
    page = b"<a " + b" ".join(b'a%d=""' % n for n in range(400_000)) + b"/>"
    with Workers(1, Limits(memory_bytes=128 << 20)) as workers:
        failed = failure(workers.submit(etree.fromstring, page))
        assert failed.reason == "more memory than the 134217728 bytes allowed"
        assert workers.submit(abs, -1).result(timeout=60) == 1
    assert capfd.readouterr().err == ""


def test_cpu_time_over_the_limit_ends_the_process():
    with Workers(1, Limits(cpu_s=1, wall_s=120)) as workers:
        failed = failure(workers.submit(pow, 3, 1 << 30))
        assert (failed.outcome, failed.reason) == (
            Outcome.PARSE_TIMED_OUT,
            "no result after 1 s of processor time",
        )
        assert workers.submit(abs, -1).result(timeout=60) == 1


def test_the_cpu_limit_counts_each_call_anew():
    with Workers(1, Limits(cpu_s=1, wall_s=120)) as workers:
        process = {workers.submit(os.getpid).result(timeout=60)}
        for _ in range(9):
            workers.submit(sum, range(10_000_000)).result(timeout=120)
        process.add(workers.submit(os.getpid).result(timeout=60))
        assert len(process) == 1


def test_a_process_is_replaced_after_its_number_of_calls():
    with Workers(1, Limits(calls=3)) as workers:
        processes = [workers.submit(os.getpid).result(timeout=60) for _ in range(7)]
    assert [processes.count(one) for one in dict.fromkeys(processes)] == [3, 3, 1]


def test_large_arguments_and_results_pass():
    data = os.urandom(1 << 20) * 40
    with Workers(1) as workers:
        assert workers.submit(bytes.upper, data).result(timeout=60) == data.upper()


def test_what_a_call_prints_goes_nowhere_and_not_between_the_answers(capfd):
    with Workers(1) as workers:
        assert workers.submit(os.write, 1, b"to file 1\n").result(timeout=60) == 10
        assert workers.submit(abs, -1).result(timeout=60) == 1
    assert capfd.readouterr() == ("", "")


def test_a_result_that_cannot_be_sent_fails_the_call_only():
    with Workers(1) as workers:
        assert failure(workers.submit(memoryview, b"x")).outcome is Outcome.PARSE_CRASHED
        assert workers.submit(abs, -1).result(timeout=60) == 1


def test_a_call_that_cannot_be_sent_raises_what_is_wrong_with_it():
    with Workers(1) as workers:
        with pytest.raises(TypeError, match="pickle"):
            workers.submit(abs, memoryview(b"x")).result(timeout=60)
        assert workers.submit(abs, -1).result(timeout=60) == 1


def test_closing_drops_the_calls_that_wait_and_leaves_no_process():
    workers = Workers(1)
    process = workers.submit(os.getpid).result(timeout=60)
    waiting = [workers.submit(time.sleep, 0.05) for _ in range(200)]
    workers.close()
    with pytest.raises(CancelledError):
        waiting[-1].result(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (signal.raise_signal, (signal.SIGSTOP,)),
        (pow, (3, 1 << 32)),
        (captured_parser.answer_without_end, (1 << 20,)),
    ],
    ids=["stopped", "in C code", "an answer a byte at a time"],
)
def test_a_process_that_is_stuck_is_killed_whatever_it_is_stuck_in(function, arguments):
    with Workers(1, Limits(wall_s=2, cpu_s=0)) as workers:
        process = workers.submit(os.getpid).result(timeout=60)
        assert failure(workers.submit(function, *arguments)).outcome is Outcome.PARSE_TIMED_OUT
        assert not _alive(process)


def test_a_process_that_closes_its_pipes_and_goes_on_is_killed(monkeypatch):
    monkeypatch.setattr(child, "_END_S", 0.2)
    with Workers(1) as workers:
        process = workers.submit(os.getpid).result(timeout=60)
        failed = failure(workers.submit(captured_parser.close_and_stay))
        assert failed.reason == "the process ended (it closed its pipes and went on)"
        assert not _alive(process)


def test_an_answer_that_says_it_is_enormous_is_not_read():
    with Workers(1) as workers:
        failed = failure(workers.submit(captured_parser.answer_without_end, 1 << 50))
        assert failed.reason == "the answer is no value: a message of 1125899906842624 bytes"


def test_what_a_process_says_unasked_is_not_taken_for_the_answer_to_the_next_call():
    with Workers(1) as workers:
        assert workers.submit(captured_parser.speak_unasked).result(timeout=60) == "the first"
        time.sleep(0.5)  # its second answer comes
        assert workers.submit(abs, -1).result(timeout=60) == 1


def test_a_process_that_died_between_two_calls_costs_neither():
    with Workers(1) as workers:
        process = workers.submit(os.getpid).result(timeout=60)
        os.kill(process, signal.SIGKILL)
        while _alive(process):
            time.sleep(0.01)
        assert workers.submit(abs, -1).result(timeout=60) == 1


def test_what_a_process_has_forked_ends_with_it(monkeypatch):
    unboxed = f"import pipelines.worker; pipelines.worker.close_box = print; {child._BOOT}"
    monkeypatch.setattr(child, "_BOOT", unboxed)  # in the box it could not fork
    with Workers(1, Limits(wall_s=2)) as workers:
        group = workers.submit(os.getpid).result(timeout=60)
        assert failure(workers.submit(captured_parser.fork_and_end)).outcome is Outcome.PARSE_TIMED_OUT
        deadline = time.monotonic() + 20
        while _living(group) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _living(group) == []


@pytest.mark.skipif(not child.resident_bytes(os.getpid()), reason="the system does not tell who holds what")
def test_a_process_that_holds_on_to_much_memory_is_replaced():
    with Workers(1, Limits(resting_bytes=1 << 28)) as workers:
        before = workers.submit(captured_parser.keep, 1 << 20).result(timeout=60)
        assert workers.submit(captured_parser.keep, 1 << 28).result(timeout=60) == before
        assert workers.submit(os.getpid).result(timeout=60) != before


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("/nonexistent/python", "no parsing process can be started: No such file or directory"),
        ("false", "a parsing process does not start: exit code 1"),
        ("true", "a parsing process does not start: exit code 0"),
    ],
)
def test_where_no_process_starts_no_page_is_blamed(monkeypatch, program, told):
    monkeypatch.setattr(sys, "executable", shutil.which(program) or program)
    with Workers(1) as workers, pytest.raises(WorkersError) as caught:
        workers.submit(abs, -1).result(timeout=60)
    assert caught.value.message == told
    assert caught.value.hint


def test_what_the_system_is_short_of_for_a_moment_is_waited_for(monkeypatch):
    begin, tries = subprocess.Popen, []

    def short_of_processes(*arguments, **keywords):
        tries.append(arguments)
        if len(tries) < 3:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return begin(*arguments, **keywords)

    monkeypatch.setattr(subprocess, "Popen", short_of_processes)
    monkeypatch.setattr(child, "_TRIES_AFTER_S", (0.0, 0.0))
    with Workers(1) as workers:
        assert workers.submit(abs, -1).result(timeout=60) == 1


ORPHANS = """
import os, signal, time
from pipelines.workers import Limits, Workers
pools = [Workers(1, Limits(wall_s=600, cpu_s=600)) for _ in range(4)]
children = [pool.submit(os.getpid) for pool in pools]
print(*(child.result() for child in children), flush=True)
for pool, call in zip(pools, ((time.sleep, 600), (pow, 3, 1 << 36), (signal.raise_signal, signal.SIGSTOP))):
    pool.submit(*call)
time.sleep(0.3)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a busy process sees it when it next reads")
def test_children_end_when_their_parent_is_killed_whatever_they_do():
    parent = subprocess.run(  # which waits for the children, too: they have the same stderr
        [sys.executable, "-c", ORPHANS], capture_output=True, text=True, timeout=60, check=False
    )
    assert (parent.returncode, parent.stderr) == (-signal.SIGKILL, "")
    deadline = time.monotonic() + 5
    children = list(map(int, parent.stdout.split()))
    assert len(children) == 4
    while time.monotonic() < deadline and any(map(_alive, children)):
        time.sleep(0.05)
    assert not [one for one in children if _alive(one)]


def _living(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((one / "stat").read_text().rpartition(") ")[2].split()[2]) == group:
                found.append(int(one.name))
    return [one for one in found if _alive(one)]


def _alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as stat:  # noqa: PTH123 (a file that may be gone while it is read)
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
