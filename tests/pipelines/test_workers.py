"""The worker pool against calls that hang, crash, eat memory, and against ordinary ones beside them."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError

import pytest

from pipelines.workers import CallFailedError, Limits, Workers
from storage.article import Outcome


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
    with Workers(1, Limits(memory_bytes=1 << 30)) as workers:
        failed = failure(workers.submit(bytes, 2 << 30))
        assert failed.outcome is Outcome.PARSE_CRASHED
        assert failed.reason == "more memory than the 1073741824 bytes allowed"
        assert workers.submit(len, bytes(1 << 20)).result(timeout=60) == 1 << 20


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


def test_what_a_call_prints_goes_to_stderr_and_not_between_the_answers(capfd):
    with Workers(1) as workers:
        assert workers.submit(os.write, 1, b"to file 1\n").result(timeout=60) == 10
        assert workers.submit(abs, -1).result(timeout=60) == 1
    assert capfd.readouterr() == ("", "to file 1\n")


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


ORPHAN = """
import os, sys
from pipelines.workers import Workers
workers = Workers(1)
print(workers.submit(os.getpid).result(), flush=True)
os.kill(os.getpid(), 9)
"""


def test_children_end_when_their_parent_is_killed():
    parent = subprocess.run(
        [sys.executable, "-c", ORPHAN], capture_output=True, text=True, timeout=60, check=False
    )
    assert parent.returncode == -signal.SIGKILL
    child = int(parent.stdout)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _alive(child):
        time.sleep(0.05)
    assert not _alive(child)


ENDED_IN_A_CALL = """
import os
from pipelines.workers import Workers
Workers(1).submit(os.system, f"kill -9 {os.getpid()}; sleep 0.5").result()
"""


def test_a_call_whose_parent_was_ended_meanwhile_says_nothing_of_it():
    parent = subprocess.run(  # which waits for the child, too: it has the same stderr
        [sys.executable, "-c", ENDED_IN_A_CALL], capture_output=True, text=True, timeout=60, check=False
    )
    assert (parent.returncode, parent.stderr) == (-signal.SIGKILL, "")


def _alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as stat:  # noqa: PTH123 (a file that may be gone while it is read)
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
