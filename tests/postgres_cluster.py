"""A PostgreSQL cluster of the tests' own, on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"  # the server refuses to run as root


def programs() -> Path | None:
    """Folder of `initdb` and `pg_ctl`."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def cluster() -> Iterator[str | None]:
    """The address of an empty database, None where there is no server to start."""
    folder = programs()
    as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    if folder is None or (
        as_user and subprocess.run(["id", USER], capture_output=True, check=False).returncode
    ):
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if as_user:
            shutil.chown(home, USER)

        def run(program: str, *arguments: object) -> None:
            subprocess.run(
                [*as_user, str(folder / program), *map(str, arguments)],
                cwd=home,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=120,
            )

        run("initdb", "-D", home / "data", "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off -c shared_buffers=16MB"
        )
        run("pg_ctl", "-D", home / "data", "-w", "-t", 60, "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql://desk@/postgres?host={home}"
        finally:
            run("pg_ctl", "-D", home / "data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
