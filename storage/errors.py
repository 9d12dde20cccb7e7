"""Every error that Presswarc raises on purpose.

PresswarcError            exit 1
├── UsageError            exit 2   a command, a setting or a seed that cannot be used as it is
│   ├── ConfigError                presswarc.toml, the environment
│   └── SeedError                  seeds/*.toml
├── ArchiveError          exit 1   the archive directory
│   ├── ArchiveBusyError  exit 4   another process writes here
│   └── OutOfSpaceError   exit 5   no room, or no leave, to write
├── IndexFaultError       exit 1   the DuckDB index: missing, foreign, newer, damaged
├── WorkersError          exit 1   the processes that parse: none can be started
└── QueryError            exit 2   the SQL or the search words

An expected outcome (a 404, a page without an article) is no error but a value of `storage.article.Outcome`.
"""

from __future__ import annotations

import errno
from typing import ClassVar

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # a disk without room


class PresswarcError(Exception):
    """Root of the tree: what went wrong, where, and what to try."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        """Keep `message` (no full stop), `hint` (a command or a key to change), `where` (file:line, URL)."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where


class UsageError(PresswarcError):
    """A command, a setting or a seed that cannot be used as it is."""

    exit_code = 2


class ConfigError(UsageError):
    """A key of presswarc.toml or a PRESSWARC_* variable that cannot be used."""


class SeedError(UsageError):
    """A seed that does not exist, or a seed file with faults."""


class ArchiveError(PresswarcError):
    """The archive directory is not as it must be."""


class ArchiveBusyError(ArchiveError):
    """Another process holds the archive's write lock."""

    exit_code = 4


class OutOfSpaceError(ArchiveError):
    """The archive's disk takes no more bytes."""

    exit_code = 5


class IndexFaultError(PresswarcError):
    """The index file is missing, foreign, newer than this program, or damaged."""


class WorkersError(PresswarcError):
    """The system starts no process that parses: no page is at fault."""


class QueryError(UsageError):
    """SQL or search words that DuckDB refuses."""
