"""The box round the processes that parse: what they need works in it, and nothing else does."""

import os
import resource
import socket
import subprocess

import pytest

from pipelines import clean_text, extract_article
from pipelines.box import left_open
from pipelines.workers import CallFailedError, Workers

PAGES = (
    ("en", "March 3, 2026 3 p.m. EST", "The ferry came back on Sunday, after three weeks in the yard. " * 2),
    ("de", "3. März 2026, 15 Uhr", "Die Fähre kam am Sonntag zurück, nach drei Wochen in der Werft. " * 2),
    ("fr", "3 mars 2026 à 15h00", "Le ferry est revenu dimanche, après trois semaines au chantier. " * 2),
)


@pytest.fixture(scope="module")
def pool():
    with Workers(1) as workers:
        yield workers


@pytest.fixture(scope="module")
def lacking(pool):
    """What this kernel has no means to close."""
    return pool.submit(left_open).result(timeout=60)


def refused(pool, function, *arguments):
    """What a call in a parsing process came to: how it failed."""
    with pytest.raises(CallFailedError) as caught:
        pool.submit(function, *arguments).result(timeout=60)
    return caught.value.reason


def skip_without(thing, lacking):
    if thing in lacking:
        pytest.skip(f"this kernel cannot close {thing}")


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (socket.socket, ()),
        (socket.create_connection, (("127.0.0.1", 9),)),
        (socket.socketpair, ()),
        (os.fork, ()),
        (os.execv, ("/bin/true", ["true"])),
        (subprocess.run, (["/bin/true"],)),
        (os.posix_spawn, ("/bin/true", ["true"], {})),
        (os.kill, (os.getpid(), 0)),
        (resource.prlimit, (os.getpid(), resource.RLIMIT_NOFILE)),
        (os.chmod, (__file__, 0o644)),
        (os.utime, (__file__,)),
        (os.memfd_create, ("program",)),
    ],
    ids=lambda one: getattr(one, "__name__", ""),  # the same in each process that runs tests
)
def test_a_parsing_process_gets_no_socket_no_other_program_and_no_other_process(
    pool, lacking, function, arguments
):
    skip_without("the network and other programs", lacking)
    assert refused(pool, function, *arguments).startswith("PermissionError")


@pytest.mark.parametrize("name", ["secret.txt", "new.txt"])
@pytest.mark.parametrize("mode", ["r", "w", "a", "r+"])
def test_a_parsing_process_opens_no_file_of_the_user(pool, lacking, tmp_path, name, mode):
    skip_without("files", lacking)
    (tmp_path / "secret.txt").write_text("secret")
    told = "FileNotFoundError" if (name, mode[0]) == ("new.txt", "r") else "PermissionError"
    assert refused(pool, open, str(tmp_path / name), mode).startswith(told)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(os.listdir, ("~",)), (os.listdir, ("/",)), (os.listdir, ("/proc",)), (open, ("/etc/passwd",))],
    ids=lambda one: getattr(one, "__name__", ""),  # the same in each process that runs tests
)
def test_a_parsing_process_reads_nothing_of_the_home_or_of_the_machine(pool, lacking, function, arguments):
    skip_without("files", lacking)
    path = os.path.expanduser(arguments[0])  # noqa: PTH111 (the paths are those of the call)
    assert refused(pool, function, path).startswith("PermissionError")


@pytest.mark.parametrize("function", [os.unlink, os.rmdir, os.mkdir, os.readlink])
def test_a_parsing_process_removes_and_makes_nothing(pool, lacking, tmp_path, function):
    skip_without("files", lacking)
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    name = {os.unlink: "file", os.rmdir: "folder"}.get(function, "other")
    assert "Error" in refused(pool, function, str(tmp_path / name))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize(("language", "day", "text"), PAGES)
def test_what_a_parser_reads_late_is_there_in_the_box(pool, language, day, text):
    page = (
        f"<html><title>A ferry</title><h1>A ferry</h1><p class=date>{day}<p>{text}<p>{text.upper()}".encode()
    )
    article = pool.submit(extract_article, page).result(timeout=60)
    assert article == extract_article(page)
    assert article.language == language
    assert article.published_at is not None
    assert pool.submit(clean_text, text).result(timeout=60) == clean_text(text)


def test_outside_of_the_pool_nothing_is_closed():
    assert left_open() == ("files", "signals to other processes", "the network and other programs")
