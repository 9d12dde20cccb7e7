"""Every command on a disk that fails, or killed, once at each change it makes to its files.

    python benchmarks/bad_days.py --commands crawl replay --kinds full kill --each-sort
    python benchmarks/bad_days.py --killed 30

`make faults` runs it all, which takes hours; what a round asks is told in `tests/disk_rounds.py`. `--killed`
kills one command after the other on one archive: `tests/killed_rounds.py`. Needs Linux and a C compiler. Exit
code 1 where a round went wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from disk_rounds import COMMANDS, Ground
from failing_disk import KINDS, build_library, places
from killed_rounds import Killed


def main() -> int:
    """1 where anything was wrong, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commands", nargs="*", default=list(COMMANDS), choices=COMMANDS)
    parser.add_argument("--kinds", nargs="*", default=["full"], choices=KINDS)
    parser.add_argument("--every", type=int, default=1, help="let only each so-manieth change fail")
    parser.add_argument("--offset", type=int, default=1, help="the first of them")
    parser.add_argument("--each-sort", action="store_true", help="first and last of each call on each file")
    parser.add_argument("--sample", type=int, metavar="N", help="N of the changes each, by chance")
    parser.add_argument("--seed", type=int, default=7, help="of the chance")
    parser.add_argument("--killed", type=int, metavar="N", help="in place of that: N kills of one archive")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="disk") as made:
        library = build_library(Path(made))
        if library is None:
            sys.exit("there is no C compiler for Linux here")
        if asked.killed is not None:
            return _killed(Path(made) / "ground", library, asked)
        return _each_change(Path(made) / "ground", library, asked)


def _each_change(folder: Path, library: Path, asked: argparse.Namespace) -> int:
    """Rounds of which each begins with an archive of its own."""
    rounds, bad = 0, 0
    ground = Ground(folder, library, replays=True)
    for name in asked.commands:
        for kind in asked.kinds:
            changes = ground.changes(COMMANDS[name], KINDS[kind])
            chosen = places(changes, every=asked.every, offset=asked.offset, each_sort=asked.each_sort)
            if asked.sample is not None:
                chance = random.Random(f"{asked.seed} {name} {kind}")
                chosen = sorted(chance.sample(chosen, min(asked.sample, len(chosen))))
            print(f"{name}, {kind}: {len(changes)} changes, {len(chosen)} rounds", flush=True)
            for at in chosen:
                came, wrong = ground.round(COMMANDS[name], KINDS[kind](at))
                rounds, bad = rounds + 1, bad + bool(wrong)
                place = came.failed[0] if came.failed else "-"
                print(f"{name} {kind} exit {came.code} ({place}) {'BAD' if wrong else ''}", flush=True)
                _tell(wrong)
    ground.close()
    print(f"{rounds} rounds, {bad} went wrong")
    return 1 if bad else 0


def _killed(folder: Path, library: Path, asked: argparse.Namespace) -> int:
    """Kills of one archive."""
    folder.mkdir()
    bad = 0
    killed = Killed(folder, library, asked.seed)
    for number, one in enumerate(killed.rounds(asked.killed), 1):
        bad += bool(one.wrong)
        print(f"{number}: {one.command} killed at {one.place}; {one.records} records before", flush=True)
        _tell(one.wrong)
    wrong = killed.finish()
    _tell(wrong)
    killed.close()
    print(f"{asked.killed} kills, {bad} went wrong; at the end {len(wrong)} faults")
    return 1 if bad or wrong else 0


def _tell(wrong: list[str]) -> None:
    for one in wrong:
        print("   ", one.replace("\n", "\n      "), flush=True)


if __name__ == "__main__":
    sys.exit(main())
