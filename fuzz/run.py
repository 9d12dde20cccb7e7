"""Fuzzes the readers of what strangers wrote: each target for its share of the time, in a process of its own.

    python fuzz/run.py --seconds 60                 all targets
    python fuzz/run.py warc page --seconds 600      two of them, longer
    python fuzz/run.py --again warc FILE            one input again, with its traceback

With atheris coverage leads the way; without it inputs are changed blindly. An input that makes a target
raise, take over 5 seconds of CPU time or over 500 MB more memory is kept in fuzz/found/; then the exit code
is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import logging
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOUND = HERE / "found"
MOST_S, MOST_BYTES = 5, 500 << 20
_LONGEST_WORD = 60  # a libFuzzer's dictionary takes no longer ones
_NAMES = (
    "warc", "packed", "http", "cdx", "robots", "links", "page", "text", "fields", "addresses", "seeds",
    "memento", "codings",
)  # fmt: skip


def main() -> int:
    """Fuzz, and say of each target what came of it."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(_NAMES))
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    seed = int(time.time())
    parser.add_argument("--seed", type=int, default=seed, help="of the chance, to have it again")
    parser.add_argument("--pages", type=Path, help="a folder of pages to start from too")
    parser.add_argument("--again", action="store_true", help="the second argument is a file: run it alone")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.again:
        _targets()[given.targets[0]].run(Path(given.targets[1]).read_bytes())
        return 0
    if given.child:
        return _child(given)
    unknown = set(given.targets) - set(_NAMES)
    if unknown:
        parser.error(f"no target is called {', '.join(sorted(unknown))}: there are {', '.join(_NAMES)}")
    names = given.targets or list(_NAMES)
    found = [name for name in names if not _fuzzed(name, given.seconds / len(names), given)]
    print(f"found something in {', '.join(found)}: see {FOUND}" if found else "found nothing")
    return 1 if found else 0


def _fuzzed(name: str, seconds: float, given: argparse.Namespace) -> bool:
    """Whether a target stood its time."""
    command = [sys.executable, __file__, "--child", name, "--seconds", str(seconds)]
    command += ["--seed", str(given.seed)]
    command += ["--pages", str(given.pages)] if given.pages else []
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as log, tempfile.TemporaryDirectory(prefix="presswarc-fuzz-") as work:
        command += ["--work", work]
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
        log.seek(0)
        lines = log.read().splitlines()
    runs = next(
        (line for line in reversed(lines) if line.startswith(("stat::number_of_executed", "runs:"))), ""
    )
    count = runs.rpartition(":")[2].strip() or "?"
    took, came = time.monotonic() - started, "FOUND" if code else "sound"
    print(f"{name:10} {count:>9} runs in {took:4.0f} s  {came}", flush=True)
    if code:
        told = [line[:300] for line in lines if not line.startswith(("#", "stat::", "INFO"))]
        print("\n".join(told)[-4000:], flush=True)
    return code == 0


def _targets() -> dict[str, Any]:
    """The targets; imported late, so that atheris can watch what they import."""
    sys.path.insert(0, str(HERE))
    from targets import TARGETS

    return TARGETS


def _child(given: argparse.Namespace) -> int:
    """Fuzz one target in this process."""
    name = given.targets[0]
    FOUND.mkdir(exist_ok=True)
    logging.disable(logging.CRITICAL)
    if importlib.util.find_spec("atheris") is not None:
        return _led(name, given)
    target = _targets()[name]
    starts = [*target.starts, *_pages(given.pages, name)]
    return _blind(name, target, starts, random.Random(given.seed), given.seconds)


def _led(name: str, given: argparse.Namespace) -> int:
    """Let coverage lead the way."""
    import atheris

    with atheris.instrument_imports(include=["storage", "pipelines", "crawler"]):
        target = _targets()[name]
    import inputs

    folder = given.work / "corpus"
    folder.mkdir()
    for place, start in enumerate([*target.starts, *_pages(given.pages, name)]):
        (folder / f"start-{place}").write_bytes(start)
    words = given.work / "words"
    short = [word for word in inputs.WORDS if len(word) <= _LONGEST_WORD]
    words.write_text("".join(f'"{_quoted(word)}"\n' for word in short))
    used_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    options = {
        "max_total_time": max(1, int(given.seconds)),
        "timeout": MOST_S,
        "rss_limit_mb": used_mb + (MOST_BYTES >> 20),
        "max_len": target.most_bytes,
        "artifact_prefix": f"{FOUND}/{name}-",
        "dict": words,
        "seed": given.seed % (1 << 31) or 1,
        "print_final_stats": 1,
        "len_control": 0,
    }
    flags = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *flags, str(folder)], target.run)
    atheris.Fuzz()  # which ends the process
    return 0


def _quoted(word: bytes) -> str:
    """A word as a dictionary of libFuzzer's has it."""
    return "".join(f"\\x{byte:02x}" for byte in word)


def _blind(
    name: str,
    target: Any,  # noqa: ANN401 (a Target, whose module is imported late)
    starts: list[bytes],
    chance: random.Random,
    seconds: float,
) -> int:
    """Change inputs blindly; each batch runs in a child that may die."""
    import inputs

    ends, runs, places = time.monotonic() + seconds, 0, set[str]()
    while time.monotonic() < ends:
        batch = [change(starts, inputs.WORDS, chance, target.most_bytes) for _ in range(200)]
        while batch and time.monotonic() < ends:
            failed = _run_batch(target.run, batch, ends)
            done = len(batch) if failed is None else failed[0] + 1
            runs += done
            if failed is not None and (place := _place(failed[1])) not in places:
                places.add(place)
                print(f"{failed[1]}\nkept as {keep(name, batch[failed[0]])}", flush=True)
            batch = batch[done:]
    print(f"runs: {runs}")
    return 1 if places else 0


def _place(told: str) -> str:
    """Where it fell over: two inputs that do so at one line are one find."""
    lines = [line for line in told.splitlines() if line.lstrip().startswith("File ")]
    return "".join(lines[-1:]) or told


def keep(name: str, data: bytes) -> Path:
    """The file that an input was kept in."""
    FOUND.mkdir(exist_ok=True)
    kept = FOUND / f"{name}-{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"
    kept.write_bytes(data)
    return kept


def change(starts: list[bytes], words: tuple[bytes, ...], chance: random.Random, most: int) -> bytes:
    """An input with a few changes: bytes, words, parts that are cut, doubled, swapped, or of another."""
    data = bytearray(chance.choice(starts))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9, 20))):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.choice((1, 2, 8, 64, 500)))
        kind = chance.randrange(7)
        if kind == 0:
            data[at:at] = chance.choice(words)
        elif kind == 1:
            data[at:to] = chance.choice(words)
        elif kind == 2:
            data[at:to] = b""
        elif kind == 3:
            data[at:at] = data[at:to] * chance.choice((1, 2, 10, 200))
        elif kind == 4:
            data[at:to] = chance.randbytes(to - at)
        elif kind == 5:
            other = chance.choice(starts)
            begin = chance.randrange(len(other) + 1)
            data[at:to] = other[begin : begin + chance.choice((8, 64, 500))]
        elif at < len(data):
            data[at] ^= 1 << chance.randrange(8)
    return bytes(data[: most * 4])


def _run_batch(run: Callable[[bytes], None], batch: list[bytes], ends: float) -> tuple[int, str] | None:
    """The first input of a batch that falls over, with why; None where all stood."""
    reader = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed below, once the child has ended)

    def tell(place: int, why: str) -> None:
        reader.seek(0)
        reader.truncate()
        reader.write(json.dumps([place, why]))
        reader.flush()

    def work() -> None:
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MOST_BYTES,) * 2)
        for place, data in enumerate(batch):
            if time.monotonic() > ends + MOST_S:
                break
            signal.setitimer(signal.ITIMER_PROF, MOST_S)
            tell(place, f"over {MOST_S} s of CPU time, or the process died")
            try:
                run(data)
            except BaseException:
                tell(place, traceback.format_exc()[-2500:])
                raise SystemExit(1) from None

    with reader:
        code = _forked(work)
        if not code:
            return None
        reader.seek(0)
        place, why = json.loads(reader.read() or '[0, "the process died"]')
        return place, f"{why} (ended with {code})"


def _forked(work: Callable[[], None]) -> int:
    """Exit code of a child that does the work, a signal as a negative number."""
    pid = os.fork()
    if not pid:
        try:
            work()
        except SystemExit as end:
            os._exit(int(end.code or 0))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _pages(folder: Path | None, name: str) -> list[bytes]:
    """Pages to start from, for the targets that read pages."""
    if folder is None or name not in {"page", "links"}:
        return []
    files = sorted(path for path in folder.rglob("*.html") if path.is_file())[:200]
    return [b"\0" * (name == "links") + path.read_bytes()[: 1 << 16] for path in files]


if __name__ == "__main__":
    sys.exit(main())
