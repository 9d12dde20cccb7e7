"""Ranks, services, offices and forms of address that stand before a name, and the name without them."""

from __future__ import annotations

import re

_SERVICE = re.compile(
    r"(?:u\.s\. )?(?:army|navy|marine corps|air force|space force|coast guard)"
    r"(?: reserve| national guard)?\s+",
    re.IGNORECASE,
)
_GRADE = re.compile(
    r"(?:(?:chief |senior )?master sgt\.|tech\. sgt\.|staff sgt\.|gunnery sgt\.|1st sgt\.|sgt\. (?:1st class|"
    r"maj\.)|command sgt\. maj\.|sgt\.|senior airman|"
    r"airman(?: 1st class| basic)?|lance cpl\.|cpl\.|pfc\.|pvt\.(?: 2)?|spc\.|spc\. ?\d|(?:1st|2nd|first|"
    r"second|sub-?|flight) ?lt\.|lt\. (?:col\.|cmdr\.|gen\.|j\.g\.|\(j\.g\.\))|"
    r"lt\.|maj\. gen\.|brig\. gen\.|gen\.|maj\.|capt\.|col\.|cmdr\.|rear adm\.|vice adm\.|adm\.|"
    r"petty officer (?:1st|2nd|3rd|first|second|third) class|"
    r"(?:senior |master )?chief petty officer|chief warrant officer \d|warrant officer(?: \d)?|"
    r"seaman(?: apprentice| recruit)?|"
    r"(?:chief )?mass communication specialist (?:(?:1st|2nd|3rd) class|seaman)|mc[123]|a1c|sra|ssgt|tsgt|"
    r"msgt)\s+",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?:(?:acting|deputy|vice|assistant|under|first|chief|permanent) ?)*(?:secretary(?: general)?|minister|"
    r"president|chairm[ae]n|chair|director|commissioner|ambassador|(?:press|navy|army|air force) secretary)"
    r"(?: (?:of|for) (?:the )?(?:defen[cs]e|war|state|(?:joint chiefs of )?staff|army|navy|air force|"
    r"treasury|interior|homeland security|veterans affairs|foreign affairs|public affairs))?\s+"
    r"(?=(?-i:[A-Z]))",
    re.IGNORECASE,
)
_CIVIL = re.compile(r"(?:(?:mr|mrs|ms|dr|prof)\.|dr(?= [A-Z]))\s+", re.IGNORECASE)


def split_rank(name: str) -> tuple[str, str]:
    """Rank, service and office before a name, and the name; the first is empty where none stands there.

    >>> split_rank("Army Sgt. 1st Class Ann Example"), split_rank("Dr. Bo Sample")
    (('Army Sgt. 1st Class', 'Ann Example'), ('Dr.', 'Bo Sample'))
    """
    rest, previous = name, ""
    while previous != rest:
        previous = rest
        for pattern in (_SERVICE, _GRADE, _OFFICE, _CIVIL):
            if found := pattern.match(rest):
                rest = rest[found.end() :]
    return name[: len(name) - len(rest)].strip(), rest


def has_grade(rank: str) -> bool:
    """Whether what stands before a name says a military grade.

    >>> has_grade("Army Sgt. 1st Class"), has_grade("Dr.")
    (True, False)
    """
    return any(_GRADE.match(f"{rank[place:]} ") for place in (0, *(m.end() for m in re.finditer(" ", rank))))
