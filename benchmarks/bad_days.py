"""Every command on a disk that fails, or killed, once at each change it makes to its files.

    python benchmarks/bad_days.py --commands crawl replay --kinds full kill --each-sort

`make faults` runs it all, which takes hours; what a round asks is told in `tests/disk_rounds.py`. Needs
Linux and a C compiler. Exit code 1 where a round went wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from disk_rounds import COMMANDS, Ground
from failing_disk import KINDS, build_library, places


def main() -> int:
    """1 where anything was wrong, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commands", nargs="*", default=list(COMMANDS), choices=COMMANDS)
    parser.add_argument("--kinds", nargs="*", default=["full"], choices=KINDS)
    parser.add_argument("--every", type=int, default=1, help="let only each so-manieth change fail")
    parser.add_argument("--offset", type=int, default=1, help="the first of them")
    parser.add_argument("--each-sort", action="store_true", help="first and last of each call on each file")
    asked = parser.parse_args()
    rounds, bad = 0, 0
    with tempfile.TemporaryDirectory(prefix="disk") as made:
        library = build_library(Path(made))
        if library is None:
            sys.exit("there is no C compiler for Linux here")
        ground = Ground(Path(made) / "ground", library)
        for name in asked.commands:
            for kind in asked.kinds:
                changes = ground.changes(COMMANDS[name], KINDS[kind])
                chosen = places(changes, every=asked.every, offset=asked.offset, each_sort=asked.each_sort)
                print(f"{name}, {kind}: {len(changes)} changes, {len(chosen)} rounds", flush=True)
                for at in chosen:
                    came, wrong = ground.round(COMMANDS[name], KINDS[kind](at))
                    rounds, bad = rounds + 1, bad + bool(wrong)
                    place = came.failed[0] if came.failed else "-"
                    print(f"{name} {kind} exit {came.code} ({place}) {'BAD' if wrong else ''}", flush=True)
                    for one in wrong:
                        print("   ", one.replace("\n", "\n      "), flush=True)
        ground.close()
    print(f"{rounds} rounds, {bad} went wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
