"""Who a text says it is from: news agencies by name, and other papers by the words that name a source.

A story that a site took over says so in its byline, its dateline ("WASHINGTON (AP)") or a line under it. The
names are data here; what follows from them is told in `pipelines.syndication`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.sketch import normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A news agency: what stands in parentheses after a place, its names as bylines have them, its hosts."""

    mark: str
    names: tuple[str, ...]
    hosts: tuple[str, ...]


AGENCIES = (
    Agency(mark="AP", names=("associated press", "ap news"), hosts=("apnews.com", "ap.org")),
    Agency(mark="Reuters", names=("reuters",), hosts=("reuters.com",)),
    Agency(mark="AFP", names=("agence france presse", "afp"), hosts=("afp.com",)),
    Agency(mark="dpa", names=("deutsche presse agentur", "dpa"), hosts=("dpa.com", "dpa-international.com")),
    Agency(mark="UPI", names=("united press international", "upi"), hosts=("upi.com",)),
    Agency(mark="Xinhua", names=("xinhua",), hosts=("xinhuanet.com", "news.cn")),
    Agency(mark="TASS", names=("tass", "itar tass"), hosts=("tass.com", "tass.ru")),
    Agency(mark="EFE", names=("agencia efe", "efe"), hosts=("efe.com",)),
    Agency(mark="ANSA", names=("ansa",), hosts=("ansa.it",)),
    Agency(mark="Kyodo", names=("kyodo news", "kyodo"), hosts=("kyodonews.net",)),
    Agency(mark="PTI", names=("press trust of india", "pti"), hosts=("ptinews.com",)),
    Agency(mark="AFNS", names=("air force news service", "secretary of the air force public affairs"),
           hosts=("af.mil",)),
    Agency(mark="ARNEWS", names=("army news service",), hosts=("army.mil",)),
    Agency(mark="NNS", names=("navy news service", "navy office of information"), hosts=("navy.mil",)),
    Agency(mark="AFPS", names=("american forces press service", "dod news", "defense media activity"),
           hosts=("defense.gov", "war.gov", "defenselink.mil")),
    Agency(mark="DVIDS", names=("dvids", "defense visual information distribution service"),
           hosts=("dvidshub.net",)),
)  # fmt: skip

DATELINE_CHARACTERS = 160  # of a text: a place, a day and the agency's mark stand within them
_MARKS = {agency.mark: agency for agency in AGENCIES}
_MARK = re.compile(r"[(\[]\s*(?:[^()\[\]]{0,40}?[\s/])?(" + "|".join(map(re.escape, _MARKS)) + r")\s*[)\]]")
_SOURCE = re.compile(
    r"\b(?:special to|(?:was |were )?(?:first|originally) (?:published|appeared|posted|ran|aired|reported)"
    r"(?: (?:in|on|by|at|with))?|republished (?:from|with permission (?:of|from))|reprinted from)\s+"
    r"((?:the )?(?:[^\s.,;:()|]+(?:\.\w+)*\s?){1,6})",
    re.IGNORECASE,
)


def agencies_in_credits(credited: str) -> tuple[Agency, ...]:
    """Agencies that a normalised text of authors, bylines and source lines names.

    >>> [agency.mark for agency in agencies_in_credits("by jane roe the associated press")]
    ['AP']
    """
    told = f" {credited} "
    return tuple(one for one in AGENCIES if any(f" {name} " in told for name in one.names))


def agencies_in_dateline(text: str) -> tuple[Agency, ...]:
    """Agencies whose mark stands in the beginning of a text, as after a place.

    >>> [agency.mark for agency in agencies_in_dateline("MADRID, Nov. 3 (Reuters) - A ship sailed.")]
    ['Reuters']
    """
    found = {match[1] for match in _MARK.finditer(text[:DATELINE_CHARACTERS])}
    return tuple(agency for mark, agency in _MARKS.items() if mark in found)


def sources_in(text: str) -> tuple[str, ...]:
    """Papers that a text says it was first published in, normalised.

    >>> sources_in("This article originally appeared in The Fleet Gazette.")
    ('the fleet gazette',)
    >>> sources_in("Special to the Daily Planet")
    ('the daily planet',)
    """
    return tuple(sorted({normalise(match[1]) for match in _SOURCE.finditer(text)}))


def agency_of(host: str) -> Agency | None:
    """The agency whose own site a host is.

    >>> agency_of("www2.apnews.com").mark
    'AP'
    """
    return next(
        (one for one in AGENCIES if any(host == own or host.endswith(f".{own}") for own in one.hosts)), None
    )
