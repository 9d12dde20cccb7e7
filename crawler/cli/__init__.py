"""The command `presswarc`: a table of verbs, each in a module that is imported when the verb is called.

Exit codes: 0 done; 1 findings or fault; 2 usage or configuration; 3 crawl incomplete; 4 archive busy; 5 out
of space; 130 interrupted and saved.
"""

from __future__ import annotations

import io
import os
import sys

import click

from crawler.cli.faults import (
    EXIT_INTERRUPTED,
    close_stdout,
    reader_is_gone,
    tell,
    tell_unforeseen,
    tell_usage,
    was_interrupted,
)
from crawler.cli.options import Run, talk_flags
from crawler.cli.verbs import Verb, VerbGroup
from crawler.interrupts import remember_interrupts
from storage.errors import PresswarcError

COMPLETION_VARIABLE = "_PRESSWARC_COMPLETE"  # set by the shell's completion, which click answers
VERBS = (
    Verb(
        "demo",
        "crawler.cli.demo",
        "demo",
        "Crawl the two bundled sample sites and show what came out",
        "collect",
    ),
    Verb("crawl", "crawler.cli.crawl", "crawl", "Crawl sources now; run again, it resumes", "collect"),
    Verb("schedule", "crawler.cli.schedule", "schedule", "Crawl each source when it is due", "collect"),
    Verb(
        "import",
        "crawler.cli.import_",
        "import_",
        "Bring in WARC files of others, and old captures from web archives",
        "collect",
    ),
    Verb(
        "replay",
        "crawler.cli.replay",
        "replay",
        "Make the articles again from the captures, no network",
        "process",
    ),
    Verb("extract", "crawler.cli.extract", "extract", "HTML or text files to clean articles", "process"),
    Verb("eval", "crawler.cli.eval_", "eval_", "Score extraction against pages with truth", "process"),
    Verb("query", "crawler.cli.query", "query", "Ask the published index in SQL", "ask"),
    Verb("search", "crawler.cli.search", "search", "Find articles by their words, best first", "ask"),
    Verb(
        "show", "crawler.cli.show", "show", "One article with its fields, versions, photos and origin", "ask"
    ),
    Verb(
        "export",
        "crawler.cli.export",
        "export",
        "Write the archive for other programs: WACZ, pywb, Parquet, SQLite",
        "keep",
    ),
    Verb("status", "crawler.cli.status", "status", "How each source fares, and what needs a person", "keep"),
    Verb("seeds", "crawler.cli.seeds", "seeds", "List and check the seeds", "keep"),
    Verb("config", "crawler.cli.config", "config", "Show each setting and where it comes from", "keep"),
    Verb(
        "verify",
        "crawler.cli.verify",
        "verify",
        "Check digests, the CDXJ and the index against the WARC files",
        "keep",
    ),
)

presswarc = VerbGroup(
    name="presswarc",
    verbs=VERBS,
    help="Crawl news and government pages, keep the proof as WARC, ask questions in SQL.",
    epilog="`presswarc VERB --help` has examples. Start with `presswarc demo`.",
    subcommand_metavar="VERB [ARGUMENTS]",
)
for _add_option in (
    click.version_option(package_name="presswarc", message="%(prog)s %(version)s"),
    talk_flags,
):
    _add_option(presswarc)


def main(arguments: list[str] | None = None) -> int:
    """Exit code of the command called with `arguments`, those of the process by default."""
    run = Run()
    _fill_streams()
    remember_interrupts()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a letter the terminal lacks ends no command
    try:
        code = _call(sys.argv[1:] if arguments is None else arguments, run)
        sys.stdout.flush()
    except PresswarcError as error:
        code = tell(error, debug=run.debug)
    except click.ClickException as error:
        code = tell_usage(error)
    except (KeyboardInterrupt, click.Abort):
        code = EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the border of the process: a fault of ours, told with a way on)
        gone = isinstance(error, BrokenPipeError) and reader_is_gone()
        if was_interrupted(error):
            code = EXIT_INTERRUPTED
        else:
            code = close_stdout() if gone else tell_unforeseen(error, debug=run.debug)
    return code


def _fill_streams() -> None:
    """Put nothing in the place of a stream that was closed, or the next file opened would be the stream."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))


def _call(arguments: list[str], run: Run) -> int:
    """What the verb returned. click's own `main` would end the process on a closed pipe, with code 1."""
    if COMPLETION_VARIABLE in os.environ:
        presswarc.main(prog_name="presswarc")
    try:
        with presswarc.make_context("presswarc", arguments, obj=run) as context:
            code = presswarc.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else 0
