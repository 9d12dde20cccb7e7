"""Which other URLs may be those of a page's article: what it declares, itself without doubtful parameters.

Only the URLs are looked at here; `storage.index.identity` looks at what they show, and decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from storage import url_rules as rules
from storage.urlparts import DEFAULT_PORTS, split_url
from storage.urls import article_id, canonical_url, doubtful_parameters, site_of

DECLARED, PARAMETERS = "declared", "parameters"

_PART = re.compile(r"(?:page|seite|pagina|part|teil)?[-_]?\d{1,3}|page|seite|pagina", re.IGNORECASE)
_PART_PARAMETERS = frozenset(
    {"page", "p", "pg", "paged", "pagenum", "pageno", "start", "offset", "seite", "pagina"}
)
_STORY = re.compile(r".*(?:-.*-|\d{4}|\.s?html?$|\.aspx?$|\.php$)", re.IGNORECASE)


class Relation(StrEnum):
    """How a URL differs from the one that may be that of its article."""

    FORM = "form"  # the same path, or one below the other's
    MOVED = "moved"  # another path
    PARAMETERS = "parameters"  # the other lacks some
    PART = "part"  # of an article on several pages
    SECTION = "section"
    HOME_PAGE = "home_page"
    PARENT_SITE = "parent_site"
    OTHER_SITE = "other_site"
    NO_URL = "no_url"


# What the texts cannot change.
SETTLED = (Relation.HOME_PAGE, Relation.OTHER_SITE, Relation.NO_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A URL and another that may have its article; `dropped` are name and value of parameters it lacks."""

    kind: str
    site: str
    target_id: str
    target_url: str
    relation: Relation
    dropped: tuple[tuple[str, str], ...] = ()
    is_unknown: bool = False


def links_of(url_id: str, url: str, declared: str | None) -> Iterator[Link]:
    """Links of a canonical URL, with what its page declares; none to itself.

    >>> [(one.target_url, one.relation.value) for one in links_of("", "https://a.example/x?ref=1&id=2", None)]
    [('https://a.example/x?id=2', 'parameters')]
    """
    site = site_of(url)
    link = _declared(site, url, declared) if declared else None
    if link and link.target_id != url_id:
        yield link
    plain, doubtful = doubtful_parameters(url)
    target_id = article_id(plain) if doubtful else url_id
    if target_id not in {url_id, link.target_id if link else None}:
        yield Link(
            kind=PARAMETERS,
            site=site,
            target_id=target_id,
            target_url=plain,
            relation=Relation.PARAMETERS,
            dropped=tuple(map(_named, doubtful)),
        )


def _declared(site: str, url: str, declared: str) -> Link:
    """Link to what the page declares."""
    target = canonical_url(declared)
    scheme, authority, *_ = split_url(target)
    if scheme not in DEFAULT_PORTS or not authority:
        return Link(kind=DECLARED, site=site, target_id="", target_url=declared, relation=Relation.NO_URL)
    relation, lacking = _relation(site, url, target)
    return Link(
        kind=DECLARED,
        site=site,
        target_id=article_id(target),
        target_url=target,
        relation=relation,
        dropped=tuple(map(_named, lacking)),
        is_unknown=not set(lacking) <= set(doubtful_parameters(url)[1]),
    )


def _relation(site: str, url: str, target: str) -> tuple[Relation, tuple[str, ...]]:
    """How a canonical URL differs from the one its page declares, and the parameters that this one lacks."""
    other = site_of(target)
    if other != site:
        is_parent = site.endswith(f".{other}") or other.endswith(f".{site}")
        return (Relation.PARENT_SITE if is_parent else Relation.OTHER_SITE), ()
    _, _, path, query, fragment = split_url(target)
    _, _, own_path, own_query, _ = split_url(url)
    kept = set(query.split("&"))
    lacking = tuple(one for one in own_query.split("&") if one and one not in kept)
    folders, own = path.lower().strip("/").split("/"), own_path.lower().strip("/").split("/")
    if folders == own and (query or fragment or folders != [""]):
        return _same_path(lacking), lacking
    more = own[len(folders) :] if own[: len(folders)] == folders else []
    if folders == [""] and not query and not fragment:
        relation = Relation.HOME_PAGE
    elif more and all(map(_PART.fullmatch, more)):
        relation = Relation.PART
    elif _reads_as_section(folders, query):
        relation = Relation.SECTION
    else:
        relation = Relation.FORM if more else Relation.MOVED
    return relation, lacking


def _same_path(lacking: Sequence[str]) -> Relation:
    """How a URL differs from the one of its path that lacks some of its parameters."""
    if not lacking:
        return Relation.FORM
    names = {name for name, _ in map(_named, lacking) if "=" not in name}
    names = {name for name in names if rules.DOUBTFUL_PARAMETERS.get(name, "") is not None}
    return Relation.PART if names and names <= _PART_PARAMETERS else Relation.PARAMETERS


def _reads_as_section(folders: Sequence[str], query: str) -> bool:
    """Whether a path looks like that of many stories and not of one.

    >>> _reads_as_section(["news", "politics"], ""), _reads_as_section(["news", "storm-hits-coast"], "")
    (True, False)
    """
    return not query and not _STORY.match(folders[-1])


def _named(parameter: str) -> tuple[str, str]:
    """Name that a parameter is learned under, and its value; where only that is doubtful, the name has it.

    >>> _named("Ref=home"), _named("page=1"), _named("page=2")
    (('ref', 'home'), ('page=1', '1'), ('page', '2'))
    """
    name, value = _name(parameter), unquote(parameter.partition("=")[2])
    doubtful = rules.DOUBTFUL_PARAMETERS.get(name)
    if doubtful is not None and re.fullmatch(doubtful, value.lower()):
        return f"{name}={value.lower()}", value
    return name, value


def _name(parameter: str) -> str:
    """Name of a parameter in lower case."""
    return unquote(parameter.partition("=")[0]).lower()
