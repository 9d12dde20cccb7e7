"""How a fault is told: what went wrong, where, what to try; a traceback with `--debug` only."""

from __future__ import annotations

import errno
import os
import select
import sys
import textwrap
import traceback

import click

from crawler.cli.values import printable
from storage.errors import ArchiveError, OutOfSpaceError, PresswarcError, UsageError

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_FAILS = frozenset({errno.EIO, errno.EROFS})
_NO_LEAVE = frozenset({errno.EACCES, errno.EPERM})
_NO_NAME = frozenset({errno.ENAMETOOLONG, errno.ELOOP})
EXIT_FAULT = 1
EXIT_INTERRUPTED = 130
_RED, _PLAIN = "\x1b[1;31m", "\x1b[0m"


def tell(error: PresswarcError, *, debug: bool = False) -> int:
    """The error's exit code, once it is told on stderr."""
    if debug:
        traceback.print_exception(error)
    _say(error.message, error.where, error.hint)
    return error.exit_code


def tell_usage(error: click.ClickException) -> int:
    """The error's exit code, once it is told on stderr with the nearest option and the verb's help."""
    message = error.message
    if isinstance(error, click.NoSuchOption):
        near = f", did you mean `{error.possibilities[0]}`?" if error.possibilities else ""
        message = f"no option is called `{error.option_name}`{near}"
    elif isinstance(error, click.UsageError):
        message = _clause(error.format_message())
    context = error.ctx if isinstance(error, click.UsageError) else None
    _say(message, "", f"{context.command_path if context else 'presswarc'} --help")
    return error.exit_code


def tell_unforeseen(error: Exception, *, debug: bool) -> int:
    """Exit code of an error that no verb raised on purpose: 5 for a full disk, else 1; told on stderr."""
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        close_stdout()  # it may be the full one: flushing it at exit must not complain again
        hint = "make room, then run the same command again"
        return tell(
            OutOfSpaceError(
                _clause(error.strerror or "No space"), hint=hint, where=str(error.filename or "")
            ),
            debug=debug,
        )
    if isinstance(error, OSError) and error.errno in _DISK_FAILS:
        told = f"the disk fails: {error.strerror}"
        hint = "look after the disk, then run the same command: it goes on"
        return tell(ArchiveError(told, hint=hint, where=str(error.filename or "")), debug=debug)
    if isinstance(error, OSError) and error.errno in _NO_LEAVE:
        told, hint = _clause(error.strerror or "No leave"), "check the rights of the file and its folder"
        return tell(ArchiveError(told, hint=hint, where=str(error.filename or "")), debug=debug)
    if isinstance(error, OSError) and error.errno in _NO_NAME:
        told = _clause(error.strerror or "No name")
        return tell(
            UsageError(told, hint="give it another name", where=str(error.filename or "")), debug=debug
        )
    if debug:
        traceback.print_exception(error)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f"{last[0].filename}:{last[0].lineno}" if last else ""
    hint = "report it, with the traceback above" if debug else "run again with --debug, and report it"
    _say(f"{type(error).__name__}: {error}", where, hint)
    return EXIT_FAULT


def was_interrupted(error: BaseException | None) -> bool:
    """Whether an error is ^C. DuckDB takes it for itself while it works, and raises a RuntimeError."""
    duckdb_was = isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    return duckdb_was or isinstance(error, KeyboardInterrupt | click.Abort)


def reader_is_gone() -> bool:
    """Whether stdout is a pipe that nobody reads any more."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        return False
    return any(events & select.POLLERR for _, events in poll.poll(0))


def close_stdout() -> int:
    """0, with stdout led away: nobody reads it any more, and flushing it at exit must not complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = None  # Python's own way to say that there is no stdout
    return 0


def _say(message: str, where: str, hint: str) -> None:
    red, plain = (_RED, _PLAIN) if sys.stderr.isatty() and not os.environ.get("NO_COLOR") else ("", "")
    lines = [f"{red}error:{plain} {printable(textwrap.indent(message, '  ').strip())}"]
    lines += [f"  at: {where}"] * bool(where) + [f"  try: {hint}"] * bool(hint)
    click.echo("\n".join(lines), err=True)


def _clause(sentence: str) -> str:
    """A sentence of click's as a clause.

    >>> _clause("Missing argument 'FILE...'.")
    "missing argument 'FILE...'"
    """
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
