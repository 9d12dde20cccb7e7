"""The frame of the command: help, lazy verbs, errors, exit codes; each in a child process."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli import VERBS
from crawler.cli.faults import tell_unforeseen
from crawler.cli.output import Form, Output, write_rows

HEAVY = ("scrapy", "twisted", "duckdb", "trafilatura", "rich", "lxml", "warcio")


def run(*arguments: object, code: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    start = ["-c", code] if code else ["-m", "crawler.cli"]
    command = [sys.executable, *start, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd, env=environment
    )


@pytest.fixture(scope="module")
def failing():
    """Runs the command with one more verb, `fail`, whose body is given."""

    def call(body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        code = (
            "import sys, click, errno\n"
            "from pathlib import Path\n"
            "from crawler.cli import main, presswarc\n"
            "from crawler.cli.options import Common, archive_options\n"
            "from storage.errors import *\n"
            "@presswarc.command()\n@archive_options\n"
            f"def fail(*, common):\n    {body}\n"
            "sys.exit(main())\n"
        )
        return run("fail", *arguments, code=code)

    return call


def test_help_lists_every_verb_under_its_group():
    done = run("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    headings = [line for line in done.stdout.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options:", "Collect:", "Process:", "Ask:", "Keep healthy:"]
    for verb in VERBS:
        assert f"\n  {verb.name} " in done.stdout
        assert verb.help in done.stdout


def test_help_imports_no_verb_and_nothing_heavy():
    code = (
        "import sys\nfrom crawler.cli import VERBS, main\n"
        "main(['--help'])\n"
        "wanted = {verb.module for verb in VERBS} | set(sys.argv[1:])\n"
        "print(sorted(wanted & set(sys.modules)))"
    )
    done = run(*HEAVY, code=code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_help_of_every_verb_has_an_example():
    for verb in VERBS:
        if verb.name in {"seeds", "config"}:
            continue
        done = run(verb.name, "--help")
        assert done.returncode == 0, done.stderr
        assert f"  presswarc {verb.name}" in done.stdout.partition("Example")[2], verb.name


@pytest.mark.parametrize(
    "words", [("seeds", "list"), ("seeds", "check"), ("seeds", "add"), ("config", "show")]
)
def test_the_help_of_every_second_verb_has_an_example(words):
    assert f"presswarc {' '.join(words)}" in run(*words, "--help").stdout.partition("Examples:")[2]


def test_the_version_is_printed():
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("presswarc ")
    assert done.stdout.split()[1][0].isdigit()


def test_without_a_verb_help_goes_to_stderr_and_the_exit_code_is_2():
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Collect:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["qery"], "no verb is called `qery`, did you mean `query`?", "presswarc --help"),
        (["zzz"], "no verb is called `zzz`", "presswarc --help"),
        (["seeds", "chek"], "no verb is called `chek`, did you mean `check`?", "presswarc seeds --help"),
        (
            ["query", "--jsn"],
            "no option is called `--jsn`, did you mean `--json`?",
            "presswarc query --help",
        ),
        (["extract"], "missing argument 'FILE...'", "presswarc extract --help"),
    ],
)
def test_a_wrong_word_names_the_nearest_right_one_and_exits_2(arguments, error, hint):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {error}\n  try: {hint}\n"


def test_an_error_is_told_with_its_place_and_what_to_try(failing):
    done = failing("raise ArchiveBusyError('busy', hint='wait', where='archive/state/lock')")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "error: busy\n  at: archive/state/lock\n  try: wait\n"


def test_the_traceback_comes_with_debug_only(failing):
    body = "raise SeedError('bad seed')"
    assert "Traceback" not in failing(body).stderr
    done = failing(body, "--debug")
    assert done.returncode == 2
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("error: bad seed\n")


def test_a_fault_of_the_program_exits_1_and_says_how_to_report_it(failing):
    done = failing("raise LookupError('nothing here')")
    assert (done.returncode, done.stdout) == (1, "")
    first, where, hint = done.stderr.splitlines()
    assert first == "error: LookupError: nothing here"
    assert where.startswith("  at: ")
    assert hint == "  try: run again with --debug, and report it"


def test_control_letters_in_an_error_do_not_reach_the_terminal(failing):
    done = failing(r"raise SeedError('a\x1b[2Jb')")
    assert done.stderr == "error: a[2Jb\n"


def test_a_full_disk_exits_5(failing):
    done = failing("raise OSError(errno.ENOSPC, 'No space left on device', 'x.warc.gz')")
    assert done.returncode == 5
    assert done.stderr.startswith("error: no space left on device\n  at: x.warc.gz\n  try: make room")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            errno.EIO,
            "error: the disk fails: Input/output error\n  at: state/unsettled\n  try: look after the disk",
        ),
        (errno.EACCES, "error: permission denied\n  at: state/unsettled\n  try: check the rights"),
    ],
)
def test_a_disk_that_fails_or_refuses_is_no_fault_of_ours(capsys, number, told):
    assert tell_unforeseen(OSError(number, os.strerror(number), "state/unsettled"), debug=False) == 1
    assert capsys.readouterr().err.startswith(told)


def test_an_interrupt_exits_130_in_silence(failing):
    done = failing("raise KeyboardInterrupt")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_interrupt_that_duckdb_takes_for_itself_exits_130_too(failing):
    done = failing(
        "import atexit, duckdb, signal; "
        "signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT)); "
        "signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3); "
        "atexit.register(signal.setitimer, signal.ITIMER_REAL, 0); "  # at the end Python lets go of handlers
        "list(map(duckdb.connect().execute, ['SELECT count(*) FROM range(1000000)'] * 100_000))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_interrupt_that_a_library_swallows_is_remembered(failing):
    done = failing(
        "import signal; from crawler.interrupts import heed_interrupt; heed_interrupt(); "
        r"exec('try: signal.raise_signal(signal.SIGINT)\nexcept KeyboardInterrupt: pass'); "
        "print('gone on'); heed_interrupt(); print('too far')"
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "gone on\n", "")


def test_the_code_that_a_verb_returns_is_the_exit_code(failing):
    assert failing("return 3").returncode == 3
    assert failing("return None").returncode == 0


def test_a_closed_pipe_ends_the_command_in_silence():
    inner = (
        "import sys, click\nfrom crawler.cli import main, presswarc\n"
        "@presswarc.command()\ndef talk():\n    [click.echo('x' * 1000) for _ in range(1000)]\n"
        "sys.exit(main(['talk']))"
    )
    command = [sys.executable, "-c", inner]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.read(10)
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=120) == 0


def test_a_broken_pipe_to_something_else_is_a_fault(failing):
    done = failing("raise BrokenPipeError(errno.EPIPE, 'Broken pipe')")
    assert done.returncode == 1
    assert "BrokenPipeError" in done.stderr


def test_quiet_and_debug_are_taken_before_the_verb_and_after_it(failing):
    body = "print(common.quiet, common.debug, common.archive, common.config_file)"
    done = failing(body, "--quiet", "--archive", "a", "--config", "c.toml")
    assert done.stdout == "True False a c.toml\n"
    code = "import sys, crawler.cli as c\nsys.exit(c.main(['--quiet', 'config', 'show']))"
    assert run(code=code).stderr == ""
    assert "contact is not set" in run("config", "show").stderr


class _Out(io.StringIO):
    """What stands for stdout."""

    terminal = False

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize("form", [Form.CSV, Form.MARKDOWN])
@pytest.mark.parametrize("terminal", [True, False])
def test_control_letters_in_rows_reach_files_but_no_terminal(monkeypatch, form, terminal):
    out = _Out()
    out.terminal = terminal
    monkeypatch.setattr(sys, "stdout", out)
    write_rows(["title"], [["a\x1b[2J\x9bb\u202ec\nd"]], Output(form=form))
    steering = {"\x1b", "\x9b", "\u202e"} & set(out.getvalue())
    assert not steering if terminal else "\x1b" in steering
