"""Articles that are known by a number: those of the Defense Department, old and new, and of AFPIMS sites.

AFPIMS is the publishing system of the U.S. military: `/.../Article/<number>[/slug]`. The number alone
selects the article there, on the Department's own hosts whichever of them is asked. Its sites before 2015
were scripts with a number of their own kind each (`newsarticle.aspx?id=`), and static pages on a server that
did not tell capitals from small letters.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from storage import url_rules as rules

_AFPIMS = re.compile(r"/article/(?:article/)?(\d{4,10})(?=/|\.aspx|$)", re.IGNORECASE)
_DATE_LIKE = re.compile(r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])?)?$")
_TITLE = re.compile(r"(?!page-?\d)(?=.*[a-z])[^/]+", re.IGNORECASE)
_NO_TITLES = frozenset(
    {"comments", "comment", "photos", "photo", "gallery", "video", "videos", "related", "page"}
)
_LEAST_DIGITS_ELSEWHERE = 5  # a year has four
_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][a-z]{2})?(?=/)", re.IGNORECASE)  # which may count its own
_OLD_PAGE = re.compile(r"/[^/]+/.*\.html?$")


def defense_key(host: str, path: str, query: str) -> str | None:
    """Key of an article on a host of the Defense Department; None where the URL is of no known form.

    >>> defense_key("war.gov", "/News/Article/Article/4012345/a-title/", "")
    'dod:4012345'
    >>> defense_key("archive.defense.gov", "/Releases/Release.aspx", "ReleaseID=16000")
    'dod:release:16000'
    """
    if rules.MOVED_DOMAINS.get(host, host) not in rules.MOVED_DOMAINS.values():
        return None
    number = _number(path, query)
    if number:
        return f"dod:{number}"
    script = path.lower().rpartition("/")[2]
    if script in rules.DEFENSE_SCRIPTS:
        number = _parameter(query, rules.DEFENSE_SCRIPTS[script])
        return f"dod:{script.removesuffix('.aspx')}:{number}" if number.isdigit() else None
    lower = path.lower()
    return f"dod:{lower}" if _OLD_PAGE.match(lower) and not query else None


def afpims_key(host: str, path: str, query: str) -> str | None:
    """Key of an article that AFPIMS serves, or that looks so; None for any other page.

    Off .mil and .gov a short number or one that reads as a date is none, what follows it must read as a
    title, and the query and a language before all else count.

    >>> afpims_key("paper.example", "/article/2026/11/storm", ""), afpims_key("a.mil", "/Article/2026", "a=b")
    (None, 'a.mil:article:2026')
    >>> afpims_key("paper.example", "/article/51234/storm-comes", "page=2")
    'paper.example:article:51234?page=2'
    >>> afpims_key("paper.example", "/fr/article/51234/la-tempete", "")
    'paper.example/fr:article:51234'
    """
    if host.endswith((".mil", ".gov")):
        number = _number(path, query)
        return f"{host}:article:{number}" if number else None
    found = _AFPIMS.search(path)
    if found is None or len(found[1]) < _LEAST_DIGITS_ELSEWHERE or _DATE_LIKE.match(found[1]):
        return None
    rest = path[found.end() :].strip("/")
    if rest and (rest.lower() in _NO_TITLES or not _TITLE.fullmatch(rest)):
        return None
    language = _LANGUAGE.match(path[: found.start() + 1])
    site = host + (language[0].lower() if language else "")
    return f"{site}:article:{found[1]}" + (f"?{query}" if query else "")


def _number(path: str, query: str) -> str:
    """Number of the article in a path of AFPIMS, or in the query of its print script; "" without one."""
    found = _AFPIMS.search(path)
    if found:
        return found[1]
    if path.lower() == rules.AFPIMS_PRINT_SCRIPT:
        number = _parameter(query, "article")
        return number if number.isdigit() else ""
    return ""


def _parameter(query: str, name: str) -> str:
    """Value of the first parameter of that name, in whatever case; "" without it.

    >>> _parameter("a=1&ID=5&id=6", "id")
    '5'
    """
    pairs = (part.partition("=") for part in query.split("&"))
    return next((unquote(value) for key, _, value in pairs if unquote(key).lower() == name), "")
