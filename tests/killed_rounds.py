"""One archive, worked on by commands that are killed one after the other at moments drawn by chance.

The site grows meanwhile. After each kill every whole record of before must still be there, and whatever the
frontier was told as fetched must lie in a WARC file. At the end the commands run unharmed: each page is there
once, and every table of the index is what a replay of the WARC files makes.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from disk_rounds import SEED
from failing_disk import Came, Disk, Fault
from sound_archive import unlike

from crawler.schedule.state import state_file
from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.verify import Checked, verify, verify_files
from storage.warc import read_records

MORE = 4  # stories that come with each round
TRIES = 6  # of a command that ends before its moment comes
SERVICE_S = 60.0  # the schedule never ends by itself
_LETTERS = str.maketrans("0123456789", "abcdefghij")
_PAGES = "SELECT url, count(*) FROM captures WHERE url LIKE '%/2026/%' GROUP BY url ORDER BY url"
_LIVE = ("crawl", "paper.toml", "--allow-address", "{address}")
COMMANDS = {
    "crawl": _LIVE,
    "crawl again": _LIVE,
    "schedule": ("schedule", "--allow-address", "{address}"),
    "replay": ("replay",),
    "import": ("import", "given/{given}.warc.gz"),
}


def story(number: int) -> str:
    """The path of a story; numbers alone would not make its text a new one."""
    return f"/2026/story-{str(number).translate(_LETTERS)}-of-the-day"


class Growing(BaseHTTPRequestHandler):
    """A front page with as many stories as there are by now; `/elder/N` links to story N of another time."""

    stories = MORE

    def do_GET(self) -> None:
        """Answer."""
        body = self._page().encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> str:
        if self.path == "/":
            links = (f'<p><a href="{story(one)}">Story of the day</a></p>' for one in range(self.stories))
            return f"<title>Paper</title>{''.join(links)}"
        if "/2026/story-" not in self.path:
            return ""
        line = f"<p>The harbour stayed closed, said the master of {self.path}, and no ship came in.</p>"
        return f"<title>Story {self.path}</title>{line * 6}"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What was killed, at which of its changes to files, how many records there were, and what was wrong."""

    command: str
    at: int
    place: str
    records: int
    wrong: list[str]


class Killed:
    """The archive, the site, and what was seen of them so far."""

    def __init__(self, folder: Path, library: Path, seed: int) -> None:
        """Start the site, and make the files that are to be imported."""
        self._folder, self._disk = folder, Disk(folder, library)
        self._chance = random.Random(seed)
        self._site: type[Growing] = type("Site", (Growing,), {})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._site)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._address = f"127.0.0.1:{self._server.server_port}"
        self._records: set[str] = set()
        self._reach = dict.fromkeys(COMMANDS, 250)
        self._given: list[str] = []
        (folder / "seeds").mkdir(parents=True)
        for name in ("paper.toml", "seeds/paper.toml"):
            (folder / name).write_text(SEED.format(port=self._server.server_port))

    def close(self) -> None:
        """Stop the site."""
        self._server.shutdown()
        self._server.server_close()

    def rounds(self, number: int) -> Iterator[Round]:
        """So many kills, one after the other, and nothing repaired between them."""
        for count in range(number):
            name = list(COMMANDS)[count % len(COMMANDS)]
            if name in {"crawl", "schedule"}:
                self._site.stories += MORE
            if name == "import":
                self._give()
            if name == "schedule":
                self._make_due()
            at, came = self._kill(name)
            yield Round(
                command=name,
                at=at,
                place=came.failed[0] if came.failed else f"no moment: it ended with {came.code}",
                records=len(self._records),
                wrong=[*([came.told.strip()[-900:]] if came.code > 0 else []), *self._lost()],
            )

    def finish(self) -> list[str]:
        """What is wrong once the same commands ran without being killed."""
        words = [_LIVE, *((*COMMANDS["import"][:1], f"given/{name}.warc.gz") for name in self._given), _LIVE]
        for one in words:
            came = self._disk.run(self._filled(one))
            if came.code:
                return [f"{' '.join(one)}: exit {came.code}: {came.told.strip()[-900:]}"]
        layout = Layout(self._folder / "archive")
        wrong = [*self._lost(), *map(str, verify(layout, Checked()))]
        replayed = self._disk.run(["replay", "--into", "second"])
        if replayed.code:
            return [*wrong, f"replay: exit {replayed.code}: {replayed.told.strip()[-900:]}"]
        return [*wrong, *unlike(layout.root, self._folder / "second"), *self._pages()]

    def _kill(self, name: str) -> tuple[int, Came]:
        """Kill the command at one of its changes; one that ended before begins again, to end sooner."""
        at, came = 0, Came(code=0, told="", changes=0, failed=())
        for _ in range(TRIES):
            at = self._chance.randint(1, max(self._reach[name], 1))
            came = self._run(name, Fault(at=at, kills=True))
            if came.failed:
                break
            self._reach[name] = came.changes
        else:
            return at, came
        self._reach[name] = max(self._reach[name], at + 100)
        return at, came

    def _run(self, name: str, fault: Fault) -> Came:
        """What came of it; the schedule is killed by the clock where it makes no more changes."""
        limit = SERVICE_S if name == "schedule" else None
        try:
            return self._disk.run(self._filled(COMMANDS[name]), fault, within_s=limit)
        except subprocess.TimeoutExpired:
            return Came(code=-9, told="", changes=fault.at, failed=("killed while it waited",))

    def _filled(self, words: tuple[str, ...]) -> list[str]:
        given = self._given[-1] if self._given else ""
        return [word.format(address=self._address, given=given) for word in words]

    def _give(self) -> None:
        """Make a WARC file to import, of a crawl elsewhere."""
        elsewhere = self._folder / f"other-{len(self._given)}"
        name = f"elder-{str(len(self._given)).translate(_LETTERS)}"
        page = f"http://{self._address}/{name}/2026/story-of-another-time"
        seed = (self._folder / "paper.toml").read_text().replace(f"http://{self._address}/", page)
        (self._folder / "elder.toml").write_text(seed.replace("Paper", "Elder"))
        words = ["crawl", "elder.toml", "--allow-address", self._address, "--archive", str(elsewhere)]
        came = self._disk.run(words)
        if came.code:
            raise RuntimeError(came.told)
        (self._folder / "given").mkdir(exist_ok=True)
        next(elsewhere.glob("warc/**/*.warc.gz")).rename(self._folder / "given" / f"{name}.warc.gz")
        shutil.rmtree(elsewhere)
        self._given.append(name)

    def _make_due(self) -> None:
        """Have the schedule believe that it knows the source for long."""
        path = state_file(self._folder / "archive")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._disk.run(["schedule", "--once", "--max-seconds", "1", "--allow-address", self._address])
        with closing(sqlite3.connect(path, isolation_level=None)) as notes:
            notes.execute("UPDATE sources SET known_at = '2026-01-01T00:00:00.000000+00:00'")
            notes.execute("DELETE FROM runs")

    def _lost(self) -> Iterator[str]:
        """Damage in finished files, records that are gone, and pages that only the frontier has."""
        root = self._folder / "archive"
        for finding in verify_files(list(root.glob("warc/**/*.warc.gz")), Checked()):
            yield f"torn: {finding}"
        paths = [path for path in root.glob("warc/**/*.warc.gz*") if not path.name.endswith(".torn")]
        found = [one for path in paths for one in read_records(path) if isinstance(one, Record)]
        ids = {one.record_id for one in found}
        yield from (f"lost: {one}" for one in sorted(self._records - ids))
        self._records |= ids
        urls = {one.target_uri for one in found}
        for url in self._noted(root / "state" / "frontier.sqlite"):
            if url not in urls:
                yield f"the frontier was told of {url}, which is in no file"

    def _noted(self, frontier: Path) -> list[str]:
        """URLs that the frontier has as fetched."""
        if not frontier.exists():
            return []
        with closing(sqlite3.connect(frontier)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'urls'").fetchone():
                return []
            return [url for (url,) in db.execute("SELECT url FROM urls WHERE visited_at IS NOT NULL")]

    def _pages(self) -> Iterator[str]:
        """Pages that lack, or that were archived twice."""
        with open_published(self._folder / "archive") as index:
            counts = {str(url): count for url, count in run_sql(index, _PAGES, None, 60.0).rows}
        wanted = [story(one) for one in range(self._site.stories)]
        wanted += [f"/{name}/2026/story-of-another-time" for name in self._given]
        for path in wanted:
            count = counts.pop(f"http://{self._address}{path}", 0)
            if count != 1:
                yield f"archived {count} times: {path}"
        yield from (f"archived, but not of the site: {url}" for url in counts)
