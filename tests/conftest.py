"""What all tests share: the repository's root, the shared data beside it, the golden option."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import Sample, sample

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite expected.json of every golden case"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take long come first: at the end one of them would be waited for by all processors."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _talkative_as_before() -> Iterator[None]:
    """A command called in a test's own process, with `--quiet` say, leaves the logging of the next alone."""
    root = logging.getLogger()
    ours = [logging.getLogger(name) for name in ("crawler", "pipelines", "storage")]
    level, before = root.level, [(one, one.level, one.handlers[:]) for one in ours]
    yield
    root.setLevel(level)
    for one, its_level, handlers in before:
        one.setLevel(its_level)
        one.handlers[:] = handlers


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the repository; a test that needs it is skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared data is not here")
    return folder


@pytest.fixture(scope="session")
def _samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of sample archives, which the processes of a run of the tests share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "samples"


@pytest.fixture(scope="session")
def crawled_once(_samples: Path) -> Sample:
    """The archive of one crawl of the sample sites. Not to be written to: take a copy."""
    return sample(_samples, 1)


@pytest.fixture(scope="session")
def crawled_twice(_samples: Path) -> Sample:
    """The archive of two crawls of the sample sites. Not to be written to: take a copy."""
    return sample(_samples, 2)
