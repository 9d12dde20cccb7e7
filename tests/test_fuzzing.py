"""The fuzz targets stand what they start from and a few changes of it; `make fuzz` goes on from there."""

import random
import sys

import pytest

pytestmark = pytest.mark.long
NAMES = (
    "warc", "packed", "http", "cdx", "robots", "links", "page", "text", "fields", "addresses", "seeds",
    "memento", "codings",
)  # fmt: skip
DEAR = {"page": 3, "links": 20, "warc": 20, "packed": 20}  # what takes long is changed less often


@pytest.fixture(scope="module")
def fuzz(root):
    """The modules of the fuzzer: what is fuzzed, and how inputs are changed."""
    sys.path.insert(0, str(root / "fuzz"))
    try:
        import inputs
        import run
        import targets
    finally:
        sys.path.pop(0)
    return run, inputs, targets


@pytest.mark.parametrize("name", NAMES)
def test_a_target_stands_its_samples_and_a_few_changes_of_them(fuzz, name):
    run, inputs, targets = fuzz
    target, chance = targets.TARGETS[name], random.Random(name)
    for start in target.starts:
        target.run(start)
    for _ in range(DEAR.get(name, 60)):
        target.run(run.change(list(target.starts), inputs.WORDS, chance, target.most_bytes))


def test_every_target_is_tested(fuzz):
    run, _, targets = fuzz
    assert NAMES == run._NAMES == tuple(targets.TARGETS)


def test_a_target_that_raises_hangs_or_dies_is_a_find(fuzz):
    run, _, _ = fuzz

    def raises(data):
        assert data != b"bad"

    ends = run.time.monotonic() + 60
    assert run._run_batch(raises, [b"good", b"good"], ends) is None
    place, why = run._run_batch(raises, [b"good", b"bad", b"good"], ends)
    assert (place, "AssertionError" in why) == (1, True)
    place, why = run._run_batch(lambda _: run.os.kill(run.os.getpid(), 9), [b"x"], ends)
    assert (place, "-9" in why) == (0, True)
    place, why = run._run_batch(lambda _: bytearray(900 << 20), [b"x"], ends)
    assert (place, "MemoryError" in why) == (0, True)
