"""Options that verbs share, and the value that a verb gets of them."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.errors import UsageError

if TYPE_CHECKING:
    from crawler.config import Config

Function = Callable[..., Any]
OUR_PACKAGES = ("crawler", "pipelines", "storage")


@dataclass(slots=True)
class Run:
    """How talkative this run of the command is; `main` asks it when a verb has failed."""

    quiet: bool = False
    debug: bool = False

    def set_up_logging(self) -> None:
        """Our debug messages with `--debug`, only errors with `--quiet`, else warnings."""
        if self.debug:
            logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
            for package in OUR_PACKAGES:
                logging.getLogger(package).setLevel(logging.DEBUG)
            return
        if self.quiet:
            logging.getLogger().setLevel(logging.ERROR)
        for package in OUR_PACKAGES:
            if logging.lastResort is not None:  # which Scrapy's count of such lines would silence
                logging.getLogger(package).addHandler(logging.lastResort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What the shared options said; a path is None where its flag was not given."""

    archive: Path | None = None
    config_file: Path | None = None
    quiet: bool = False
    debug: bool = False

    def config(self, **flags: Any) -> Config:  # noqa: ANN401 (each setting reads its own)
        """The settings by flag, environment, file, default; `flags` are the verb's. Raises: UsageError."""
        from crawler.config import load_config

        flags["log_level"] = "debug" if self.debug else None
        config = load_config(path=self.config_file, archive=self.archive, **flags)
        _check_folder(config.archive)
        return config

    def note(self, text: str) -> None:
        """Say something to the person on stderr, unless `--quiet`."""
        if not self.quiet:
            click.echo(text, err=True)


def _check_folder(archive: Path) -> None:
    """Nothing, where an archive is or can be. Raises: UsageError."""
    try:
        told = "" if archive.is_dir() or not archive.exists() else "it is no folder"
    except OSError as error:
        told = error.strerror or str(error)
    if told:
        raise UsageError(
            f"there can be no archive here: {told}",
            hint="name a folder: --archive, PRESSWARC_ARCHIVE",
            where=str(archive),
        )


def talk_flags(function: Any) -> Any:  # noqa: ANN401 (a function or a command, as click's own decorators)
    """`--quiet` and `--debug`, kept in the run's `Run`."""
    for name, text in (
        ("debug", "Show what the program does, and the traceback of a fault."),
        ("quiet", "No progress and no notes on stderr; errors are still told."),
    ):
        option = click.option(
            f"--{name}", is_flag=True, is_eager=True, expose_value=False, callback=_talk, help=text
        )
        function = option(function)
    return function


def talk_options(verb: Function) -> Function:
    """`--quiet`, `--debug`: the verb gets them as `common`."""

    @functools.wraps(verb)
    def call(*args: object, **rest: object) -> object:
        return verb(*args, common=_common(None, None), **rest)

    return _as_function(talk_flags(call))


def archive_options(verb: Function) -> Function:
    """`--archive`, `--config`, `--quiet`, `--debug`: the verb gets them as `common`."""

    @functools.wraps(verb)
    def call(
        *args: object, archive: Path | None = None, config_file: Path | None = None, **rest: object
    ) -> object:
        return verb(*args, common=_common(archive, config_file), **rest)

    add_archive = click.option(
        "--archive",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="The archive directory.  [env: PRESSWARC_ARCHIVE; default: archive]",
    )
    add_config = click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Settings file.  [env: PRESSWARC_CONFIG; default: presswarc.toml, where there is one]",
    )
    return _as_function(add_archive(add_config(talk_flags(call))))


def _talk(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    run = context.find_object(Run)
    if value and run is not None and parameter.name:
        setattr(run, parameter.name, True)
        run.set_up_logging()
    return value


def _common(archive: Path | None, config_file: Path | None) -> Common:
    run = click.get_current_context().find_object(Run) or Run()
    run.set_up_logging()
    return Common(archive=archive, config_file=config_file, quiet=run.quiet, debug=run.debug)


def _as_function(function: Any) -> Function:  # noqa: ANN401 (what click's decorators give back)
    decorated: Function = function
    return decorated


def address_options(verb: Function) -> Function:
    """`--allow-address` and `--connect-to`, as `crawler.guard.address_policy` takes them."""
    allow = click.option(
        "--allow-address",
        metavar="HOST:PORT",
        multiple=True,
        help="Dial this address though it is not public. May be given again.",
    )
    connect = click.option(
        "--connect-to",
        metavar="HOST:PORT:ADDRESS:PORT",
        multiple=True,
        help="For HOST:PORT connect to ADDRESS:PORT instead. May be given again.",
    )
    decorated: Function = allow(connect(verb))
    return decorated
