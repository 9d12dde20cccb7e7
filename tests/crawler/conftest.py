"""Fixtures of the crawler's tests: a server that logs the wire, and a crawl of it in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent


def _module(name: str) -> ModuleType:
    """A module that lies beside this file."""
    known = f"presswarc_tests_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[known] = module
        spec.loader.exec_module(module)
    return sys.modules[known]


@pytest.fixture(scope="session")
def wire() -> ModuleType:
    """The module wire_server.py."""
    return _module("wire_server")


@pytest.fixture(scope="session")
def http2() -> ModuleType:
    """The module http2_server.py."""
    return _module("http2_server")


@pytest.fixture(scope="session")
def browser_site() -> ModuleType:
    """The module browser_site.py."""
    return _module("browser_site")


@pytest.fixture(scope="module")
def serve_http2(http2: ModuleType) -> Iterator[Callable[..., Any]]:
    """Starts an Http2Server with the given routes and TLS; it is stopped after the module's tests."""
    started: list[Any] = []
    yield http2.serving(started)
    for server in started:
        server.stop()


@pytest.fixture
def serve(wire: ModuleType) -> Iterator[Callable[..., Any]]:
    """Starts a WireServer with the given routes; it is stopped after the test."""
    started: list[Any] = []
    yield wire.serving(started)
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def serve_for_module(wire: ModuleType) -> Iterator[Callable[..., Any]]:
    """The same for servers that the tests of a module share."""
    started: list[Any] = []
    yield wire.serving(started)
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def capture_crawl() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Runs a crawl (see capture_child.py) in a process of its own and gives what its spider got."""

    def crawl(told: dict[str, Any]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, str(HERE / "capture_child.py")],
            input=json.dumps(told),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        result["log"] = done.stderr
        return result

    return crawl
