"""The schedule at work on a local paper for hours: memory, files, threads, processes and disk over time.

`python benchmarks/soak.py --seconds 3600 --out soak` leaves `soak/soak.csv`, `soak/soak.svg` and the archive
there. Each minute the paper has new stories, some of them broken, and a crawl comes, all in one process.
Exit code 1 where something grows from the second quarter to the last that ought not to, or a crawl failed.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from soak_plot import Panel, picture, slope
from soak_site import Paper

from storage.query import open_published, run_sql

SEED = """
title = "Paper"
schedule = "* * * * *"
urls = ["http://127.0.0.1:{port}/"]
sitemaps = []
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
concurrency = 4
"""
LOOK_EVERY_S = 5.0
GRACE_S = 120.0
MB = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The crawler with its children at one moment; `elapsed_s` since the start, `largest_mb` of a child."""

    elapsed_s: float
    main_mb: float
    children_mb: float
    largest_mb: float
    open_files: int
    threads: int
    processes: int
    disk_mb: float
    asked: int


TITLES = {
    "main_mb": "memory of the crawler's own process, MB",
    "children_mb": "memory of the parsing processes together, MB",
    "largest_mb": "memory of the largest parsing process, MB",
    "open_files": "open files",
    "threads": "threads",
    "processes": "processes",
    "disk_mb": "archive on the disk, MB",
    "asked": "requests that the site got",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """By how much a figure may grow from the median of the second quarter to that of the last."""

    name: str
    share: float
    amount: float


BOUNDS = (
    Bound(name="main_mb", share=0.15, amount=20),
    Bound(name="children_mb", share=0.3, amount=50),
    Bound(name="open_files", share=0, amount=8),
    Bound(name="threads", share=0, amount=4),
    Bound(name="processes", share=0, amount=2),
)


def family(pid: int) -> list[int]:
    """A process with its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_text().rpartition(") ")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def memory_mb(pid: int) -> float:
    """Memory that is a process's share of what it holds (PSS); 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / MB
    return 0.0


def entries(pid: int, folder: str) -> int:
    """Entries of a folder of a process; 0 where it is gone."""
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path(f"/proc/{pid}/{folder}").iterdir())
    return 0


def disk_mb(folder: Path) -> float:
    """What the files below a folder take."""
    total = 0
    for path in folder.glob("**/*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_blocks * 512
    return total / MB


def look(process: int, since: float, archive: Path, paper: Paper) -> Look:
    """The crawler now."""
    alive = family(process)
    children = [memory_mb(one) for one in alive[1:]]
    return Look(
        elapsed_s=round(time.monotonic() - since, 1),
        main_mb=round(memory_mb(process), 1),
        children_mb=round(sum(children), 1),
        largest_mb=round(max(children, default=0), 1),
        open_files=entries(process, "fd"),
        threads=entries(process, "task"),
        processes=len(alive),
        disk_mb=round(disk_mb(archive), 1),
        asked=paper.asked.total(),
    )


def grown(looks: Sequence[Look]) -> list[str]:
    """What grew more than it may."""
    quarter = len(looks) // 4
    if not quarter:
        return ["too few looks to tell"]
    found = []
    for bound in BOUNDS:
        before, after = (
            statistics.median(getattr(one, bound.name) for one in part)
            for part in (looks[quarter : 2 * quarter], looks[-quarter:])
        )
        if after > before * (1 + bound.share) + bound.amount:
            found.append(f"{bound.name} grew from {before:.1f} to {after:.1f}")
    return found


def plot(looks: Sequence[Look]) -> str:
    """The figures over time as SVG, one panel each."""
    heading = f"A local paper under the schedule for {looks[-1].elapsed_s / 60:.0f} minutes"
    panels = [
        Panel(title=title, values=[float(getattr(one, name)) for one in looks])
        for name, title in TITLES.items()
    ]
    return picture(heading, [one.elapsed_s for one in looks], panels)


def told(looks: Sequence[Look]) -> str:
    """A line for each figure: its median in each quarter, the last value, the growth an hour."""
    quarter, times = len(looks) // 4, [one.elapsed_s for one in looks]
    lines = [f"{'':16}  medians of the quarters           last   an hour"]
    for name in TITLES:
        values = [float(getattr(one, name)) for one in looks]
        parts = (values[at * quarter : (at + 1) * quarter] for at in range(4))
        medians = " ".join(f"{statistics.median(part):8.1f}" for part in parts)
        lines.append(f"{name:16} {medians} {values[-1]:8.1f} {slope(times, values):+9.1f}")
    return "\n".join(lines)


def watched(seconds: float, folder: Path, keep: Callable[[Look], None]) -> tuple[int, Paper]:
    """Exit code of a schedule that crawls for so long, and the site it crawled."""
    paper = Paper()
    (folder / "seeds").mkdir(parents=True)
    (folder / "seeds" / "paper.toml").write_text(SEED.format(port=paper.port))
    words = ["schedule", "--archive", "archive", "--allow-address", f"127.0.0.1:{paper.port}"]
    since = time.monotonic()
    with (folder / "schedule.log").open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "crawler.cli", *words], cwd=folder, stdout=told, stderr=told
        )
        try:
            while process.poll() is None and time.monotonic() - since < seconds:
                keep(look(process.pid, since, folder / "archive", paper))
                time.sleep(LOOK_EVERY_S)
            process.send_signal(signal.SIGINT)
            return process.wait(GRACE_S), paper
        finally:
            process.kill()
            paper.close()


def lacking(archive: Path, paper: Paper) -> list[str]:
    """Stories that were asked for, and sent whole, and are not in the index."""
    with open_published(archive) as index:
        urls = run_sql(index, "SELECT DISTINCT url FROM captures", None, 60.0).rows
    held = {"/" + str(url).split("/", 3)[3] for (url,) in urls}
    sound = {path for path in paper.asked if path.startswith("/2026") and int(path.split("-")[1]) % 100 != 17}
    return [f"not in the index: {path}" for path in sorted(sound - held)]


def main() -> int:
    """0, or 1 where something grew, failed or is lacking."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--out", type=Path, default=Path("soak"))
    asked = parser.parse_args()
    if asked.out.exists():
        parser.error(f"{asked.out} is there already")
    asked.out.mkdir(parents=True)
    names = [field.name for field in fields(Look)]
    looks: list[Look] = []
    with (asked.out / "soak.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(names)

        def keep(one: Look) -> None:
            looks.append(one)
            table.writerow(astuple(one))
            file.flush()

        code, paper = watched(asked.seconds, asked.out, keep)
    (asked.out / "soak.svg").write_text(plot(looks))
    wrong = [*grown(looks), *lacking(asked.out / "archive", paper)]
    if code not in {0, 130}:
        wrong.append(f"the schedule ended with exit code {code}")
    print(told(looks))
    print("\n".join(wrong) or "nothing grew that ought not to, nothing is lacking")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
