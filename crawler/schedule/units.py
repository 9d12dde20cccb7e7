"""systemd units that run the schedule of this installation."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.config import ENV_PREFIX

if TYPE_CHECKING:
    from crawler.config import Config

_GIVEN = ("PRESSWARC_ARCHIVE", "PRESSWARC_CONFIG")  # which the command line of a unit gives
_UNITS = """\
# A service that runs all the time, and crawls each source when it is due:
#   /etc/systemd/system/presswarc.service
#   systemctl enable --now presswarc.service

[Unit]
Description=Presswarc: crawls by the clock
Documentation=man:systemd.service(5)
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
{setting}
ExecStart={command} schedule {options}
Restart=on-failure
RestartSec=60
# 2: the command or a seed is wrong, which no restart mends. 130: stopped, what was cut short goes on later.
RestartPreventExitStatus=2
SuccessExitStatus=130
# The first signal ends the crawls in order and finishes the index; parsing processes get none of their own.
KillMode=mixed
TimeoutStopSec=15min

[Install]
WantedBy=multi-user.target

# Or else: what is due now, every five minutes. One of the two is enough.
#   /etc/systemd/system/presswarc-once.service

[Unit]
Description=Presswarc: crawls that are due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
{setting}
ExecStart={command} schedule --once {options}
# 3: a source gave no answer. 4: somebody else works on the archive. 130: stopped. The next run sees to it.
SuccessExitStatus=3 4 130
KillMode=mixed
TimeoutStartSec=infinity
TimeoutStopSec=15min

#   /etc/systemd/system/presswarc-once.timer
#   systemctl enable --now presswarc-once.timer

[Unit]
Description=Presswarc: look every five minutes for crawls that are due

[Timer]
OnCalendar=*:0/5
AccuracySec=10s
Persistent=true

[Install]
WantedBy=timers.target
"""
_SETTING = """\
User={user}
WorkingDirectory={folder}
Nice=10
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={writable}
# Variables as NAME=value, a line each; none stands here, since this file may be read by everybody.{unset}
EnvironmentFile=-/etc/presswarc.env"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """How this program is called, by whom, where, and what it writes into; all paths absolute.

    `variables` names those of the environment that settings are read from, which a unit has not.
    """

    command: tuple[str, ...]
    user: str
    folder: Path
    writable: tuple[Path, ...]
    variables: tuple[str, ...]
    options: tuple[str, ...]

    @classmethod
    def here(
        cls, config: Config, config_file: Path | None, options: Sequence[str], seeds: Sequence[str]
    ) -> Installed:
        """This process's own; `options` are those of the verb that the units give too."""
        archive = config.archive.absolute()
        script = Path(sys.executable).with_name("presswarc")
        command = (str(script),) if script.is_file() else (sys.executable, "-m", "crawler.cli")
        words = ["--archive", str(archive)]
        words += ["--config", str(config_file.absolute())] if config_file is not None else []
        words += options
        words += [str(Path(name).absolute()) if name.endswith(".toml") else name for name in seeds]
        return cls(
            command=command,
            user=pwd.getpwuid(os.getuid()).pw_name,
            folder=Path.cwd(),
            writable=(
                archive,
                *((Path(config.health_file).absolute().parent,) if config.health_file else ()),
            ),
            variables=tuple(
                sorted(name for name in os.environ if name.startswith(ENV_PREFIX) and name not in _GIVEN)
            ),
            options=tuple(words),
        )


def units(installed: Installed) -> str:
    """A service for the long-running form; a service and a timer for the other."""
    setting = _SETTING.format(
        user=installed.user,
        folder=_path(installed.folder),
        writable=" ".join(_quoted(str(path)) for path in installed.writable),
        unset=f" Set here and now: {', '.join(installed.variables)}." if installed.variables else "",
    )
    return _UNITS.format(
        setting=setting,
        command=" ".join(map(_quoted, installed.command)),
        options=" ".join(map(_quoted, installed.options)),
    )


def _quoted(word: str) -> str:
    r"""A word of a command line as systemd reads it.

    >>> _quoted("/srv/news"), _quoted("/srv/my news/100%")
    ('/srv/news', '"/srv/my news/100%%"')
    """
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if set(word) & set(" \t'\"\\;") else word


def _path(path: Path) -> str:
    """A path that is the whole value: blanks stand as they are."""
    return str(path).replace("%", "%%")
