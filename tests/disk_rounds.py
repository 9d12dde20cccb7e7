"""Commands on a disk that fails, or killed, at any one of the changes they make to it.

Each round: the command on a fresh copy of an archive, with one change failing; it must end by itself with a
documented code and one message, and leave no torn record in a finished file. What it tells as done must be
done, and an export made before still be whole. Then the same command again on a sound disk; it must come to
its end, with every page archived, the index as a replay makes it, and nothing left in the making.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
from exported import holding
from failing_disk import Came, Disk, Fault, Kind
from sound_archive import NUMBERS, lacking, names, records, torn, unlike

from crawler.schedule.state import state_file
from storage.index.schema import SCHEMA_VERSION
from storage.layout import Layout
from storage.query import open_published, run_sql

STORIES = [f"/2026/story-{number}-of-the-day" for number in range(3)]
SEED = """
title = "Paper"
schedule = "0 * * * *"
urls = ["http://127.0.0.1:{port}/"]
sitemaps = []
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
concurrency = 2
"""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_NO_LEAVE = {errno.EROFS, errno.EACCES}
FAULT, USAGE, INCOMPLETE, NO_SPACE = 1, 2, 3, 5


class Paper(BaseHTTPRequestHandler):
    """A front page with three stories."""

    def do_GET(self) -> None:
        """Answer."""
        links = "".join(f'<p><a href="{path}">Story of the day</a></p>' for path in STORIES)
        line = f"<p>The harbour stayed closed, said the master of {self.path}, and no ship came in.</p>"
        pages = {"/": f"<title>Paper</title>{links}"} | {
            path: f"<title>Story {path}</title>{line * 6}" for path in STORIES
        }
        body = pages.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to try: its words, what stands in the folder before it, where its index lies."""

    words: tuple[str, ...]
    begins_with: str = "empty"  # a folder of `Ground`, copied
    index: str = "archive"
    made: str = ""  # the export it makes, which is there from before


COMMANDS = {
    "crawl": Command(words=("crawl", "paper.toml", "--allow-address", "{address}")),
    "crawl-on": Command(words=("crawl", "paper.toml", "--allow-address", "{address}"), begins_with="begun"),
    "schedule": Command(words=("schedule", "--once", "--allow-address", "{address}"), begins_with="due"),
    "replay": Command(words=("replay",), begins_with="whole"),
    "into": Command(words=("replay", "--into", "second"), begins_with="whole", index="second"),
    "older": Command(words=("crawl", "paper.toml", "--allow-address", "{address}"), begins_with="older"),
    "import": Command(words=("import", "given.warc.gz"), begins_with="given"),
    "wacz": Command(words=("export", "--wacz", "out.wacz", "--force"), begins_with="whole", made="out.wacz"),
    "parquet": Command(words=("export", "--parquet", "out", "--force"), begins_with="whole", made="out"),
    "sqlite": Command(
        words=("export", "--sqlite", "out.sqlite", "--force"), begins_with="whole", made="out.sqlite"
    ),
    "jsonl": Command(
        words=("export", "--jsonl", "out.jsonl", "--force"), begins_with="whole", made="out.jsonl"
    ),
    "cdxj": Command(words=("export", "--cdxj", "out.cdxj", "--force"), begins_with="whole", made="out.cdxj"),
}


class Ground:
    """A site, and the archives that the commands begin with."""

    def __init__(self, folder: Path, library: Path, *, replays: bool = False) -> None:
        """Start the site. Each round may compare the index with a replay, which takes 2 s more."""
        self._folder, self._library, self._replays = folder, library, replays
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Paper)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._changes: dict[tuple[Command, bool], list[str]] = {}
        self._sound: dict[Command, set[str]] = {}  # what lies there after it ran on a sound disk

    def close(self) -> None:
        """Stop the site."""
        self._server.shutdown()
        self._server.server_close()

    def changes(self, command: Command, kind: Kind) -> list[str]:
        """The changes the command makes on a sound disk that such a fault counts, by call and path."""
        asked = kind(0)
        counted = (command, asked.error in _NO_ROOM and not asked.kills)
        if counted not in self._changes:
            with self._copy(command) as folder:
                came = Disk(folder, self._library).run(self._filled(command.words), asked)
                if came.code:
                    raise RuntimeError(came.told)
                self._sound.setdefault(command, set()).update(names(folder))
            self._changes[counted] = [NUMBERS.sub("#", line.partition(" ")[2]) for line in came.failed]
        return self._changes[counted]

    def round(self, command: Command, fault: Fault) -> tuple[Came, list[str]]:
        """What came of the command with the fault, and what was wrong with it or afterwards."""
        with self._copy(command) as folder:
            disk = Disk(folder, self._library)
            try:
                came = disk.run(self._filled(command.words), fault)
            except subprocess.TimeoutExpired:
                return Came(code=-1, told="", changes=0, failed=()), ["did not end"]
            wrong = [*_ended_well(came, command, fault), *torn(folder), *self._harmed(folder, command)]
            if came.code == 0:
                wrong += [f"told as done: {one}" for one in lacking(folder, command.index, STORIES)]
            before = records(folder)
            again = disk.run(self._filled(command.words))
            if again.code:
                wrong.append(f"again: exit {again.code}: {again.told.strip()[-500:]}")
            else:
                wrong += [*lacking(folder, command.index, STORIES), *self._harmed(folder, command)]
                wrong += [f"lost: {one}" for one in sorted(before - records(folder))]
                wrong += [f"left: {one}" for one in sorted(names(folder) - self._sound[command])]
                wrong += self._unlike_replayed(disk, folder, command)
        return came, wrong

    def _harmed(self, folder: Path, command: Command) -> Iterator[str]:
        """What readers find broken: the published index, or an export made before."""
        if (folder / command.index / "index.duckdb").exists():
            with open_published(folder / command.index) as index:
                run_sql(index, "FROM articles", None, 60.0)
        if command.made:
            try:
                same = holding(_lies(folder / command.made)) == holding(self._source(command) / command.made)
            except Exception as error:  # noqa: BLE001 (whatever it is, the export can't be read)
                yield f"{command.made}: {error!r}"
            else:
                yield from () if same else (f"{command.made} is not what it was",)

    def _unlike_replayed(self, disk: Disk, folder: Path, command: Command) -> Iterator[str]:
        """Tables of the index that are not what a replay makes of the files."""
        if command.made or not self._replays:
            return
        came = disk.run(["replay", "--into", "mirrored"])
        if came.code:
            yield f"replayed: exit {came.code}: {came.told.strip()[-500:]}"
        else:
            yield from unlike(folder / command.index, folder / "mirrored")

    def _filled(self, words: tuple[str, ...]) -> list[str]:
        return [word.format(address=self.address) for word in words]

    def _copy(self, command: Command) -> _Copy:
        return _Copy(self._source(command))

    def _source(self, command: Command) -> Path:
        """The folder that the command begins with, made where it is not there yet."""
        folder = self._folder / command.begins_with
        if not folder.exists():
            self._begin(folder)
        if command.made and not (folder / command.made).exists():
            self._done(folder, command.words)
        return folder

    def _begin(self, folder: Path) -> None:
        """Make a folder that commands begin with."""
        for seed in (folder / "paper.toml", folder / "seeds" / "paper.toml"):
            seed.parent.mkdir(parents=True, exist_ok=True)
            seed.write_text(SEED.format(port=self._server.server_port))
        if folder.name in {"begun", "due"}:
            self._done(folder, (*COMMANDS["crawl"].words, "--max-pages", "2"))
        if folder.name == "due":
            self._done(folder, COMMANDS["schedule"].words)
            with closing(sqlite3.connect(state_file(folder / "archive"), isolation_level=None)) as notes:
                notes.execute("UPDATE sources SET known_at = '2026-01-01T00:00:00.000000+00:00'")
        if folder.name in {"whole", "given", "older"}:
            self._done(folder, COMMANDS["crawl"].words)
        if folder.name == "older":
            _make_older(Layout(folder / "archive").state / "index.duckdb")
        if folder.name == "given":
            made = next((folder / "archive" / "warc").glob("**/*.warc.gz"))
            made.rename(folder / "given.warc.gz")
            shutil.rmtree(folder / "archive")

    def _done(self, folder: Path, words: tuple[str, ...]) -> None:
        came = Disk(folder, self._library).run(self._filled(words))
        if came.code:
            raise RuntimeError(came.told)


def _make_older(index: Path) -> None:
    """Make the index one of an older version: what of it is derived is then made anew."""
    with duckdb.connect(str(index)) as connection:
        connection.execute("UPDATE schema_version SET version = ?", [SCHEMA_VERSION - 2])


class _Copy:
    """A copy of a folder, for as long as it is held."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._held = tempfile.TemporaryDirectory(prefix="round")

    def __enter__(self) -> Path:
        folder = Path(self._held.name) / "f"
        shutil.copytree(self._source, folder)
        return folder

    def __exit__(self, *_: object) -> None:
        self._held.cleanup()


def _lies(made: Path) -> Path:
    """Where an export lies: a folder that could be neither replaced nor put back is kept beside its place."""
    aside = () if made.exists() else made.parent.glob(f".{made.name}.*.part/replaced")
    return next(iter(aside), made)


def _ended_well(came: Came, command: Command, fault: Fault) -> Iterator[str]:
    """What is wrong with how a command ended on a failing disk."""
    if fault.kills or not came.failed:
        return
    full = fault.error in _NO_ROOM
    wanted = {NO_SPACE} if full else {FAULT, INCOMPLETE, NO_SPACE}
    if fault.error in _NO_LEAVE and command.words[0] == "export":
        wanted.add(USAGE)  # the place that was named can't be written
    if came.code not in wanted | {0}:
        yield f"exit {came.code}: {came.told.strip()[-700:]}"
    # A disk that fails only as the database is closed takes nothing away, but is told; one that fails as a
    # scratch file is removed takes nothing at all.
    tidying = " unlink" in came.failed[0] or " rmdir" in came.failed[0]
    if came.code == 0 and not fault.times and not tidying and "the disk fails" not in came.told:
        yield "exit 0 though nothing could be written"
    if "Traceback" in came.told or "report it" in came.told:
        yield f"a traceback: {came.told.strip()[-1500:]}"
    messages = sum(line.startswith("error:") for line in came.told.splitlines())
    if came.code and command.words[0] != "schedule" and messages != 1:
        yield f"{messages} messages: {came.told.strip()[-700:]}"
