"""Seeds: found by name, file or URL. `crawler.seed` has the values, `crawler.seed_reading` reads files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from crawler.seed import (
    Fallback,
    Follow,
    Health,
    Limits,
    Listing,
    Politeness,
    Revisit,
    Robots,
    Scope,
    Seed,
    Unreachable,
)
from crawler.seed_checks import url_problem
from crawler.seed_reading import read_seed
from crawler.toml_keys import nearest
from storage.errors import SeedError

__all__ = [
    "Fallback",
    "Follow",
    "Health",
    "Limits",
    "Listing",
    "Politeness",
    "Revisit",
    "Robots",
    "Scope",
    "Seed",
    "Unreachable",
    "load_seed",
    "read_seed",
    "seed_folders",
    "seed_names",
]
_NAME_HINT = "`presswarc seeds list` names them; a TOML file or a URL is taken too"


def seed_folders() -> tuple[Path, ...]:
    """Folders that hold seeds: `./seeds` first, then those that came with the program."""
    here = Path(__file__).parent
    shipped = here / "_seeds" if (here / "_seeds").is_dir() else here.parent / "seeds"
    folders = dict.fromkeys(folder.resolve() for folder in (Path.cwd() / "seeds", shipped) if folder.is_dir())
    return tuple(folders)


def seed_names() -> tuple[str, ...]:
    """Every seed's name, sorted."""
    return tuple(sorted({path.stem for folder in seed_folders() for path in folder.glob("*.toml")}))


def load_seed(name_or_path_or_url: str) -> Seed:
    """The seed of that name, of that TOML file, or made of that URL. Raises: SeedError."""
    wanted = name_or_path_or_url
    if "://" in wanted:
        return _seed_of_url(wanted)
    if wanted.endswith(".toml") or "/" in wanted:
        return read_seed(Path(wanted))
    for folder in seed_folders():
        if (folder / f"{wanted}.toml").is_file():
            return read_seed(folder / f"{wanted}.toml")
    hint = f"for a site give its whole URL: https://{wanted}/" if "." in wanted else _NAME_HINT
    raise SeedError(f"no seed is called `{wanted}`{nearest(wanted, seed_names())}", hint=hint)


def _seed_of_url(url: str) -> Seed:
    """A seed for the site at `url`: its host, the feeds it links, its sitemaps, then links in scope."""
    problem = url_problem(url)
    if problem:
        raise SeedError(problem, hint="give a whole URL, as https://example.org/news/")
    parts = urlsplit(url)
    host = parts.netloc.lower()
    return Seed(name=host.replace(":", "-").strip("[]"), title=host, urls=(url,), scope=Scope(hosts=(host,)))
