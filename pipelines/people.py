"""Bylines -> names: split, without ranks, units and roles. Datelines."""

from __future__ import annotations

import re

from pipelines.words import word_count

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
_CIVIL = re.compile(r"(?:mr|mrs|ms|dr|prof)\.\s+", re.IGNORECASE)
_UNIT = re.compile(
    r"\b(?:public affairs|wing|squadron|group|command|division|brigade|battalion|regiment|corps|fleet|news|"
    r"service|agency|office|department|"
    r"headquarters|base|center|press|media|national guard|reuters|afp|bureau|times|post|journal|editor|"
    r"reporter|writer|correspondent|staff|contributor|"
    r"air force|army|navy|team|university|district|forces?|u\.s\.|dod|defense|school|academy|"
    r"institute|board|council|committee|ministry|"
    r"garrison|museum|newsroom|desk|affairs|operations|editors|contributors|partners|admin|administrator)\b",
    re.IGNORECASE,
)
# What names a newsroom also where no "by" goes before: a section's name is none.
_AGENCY = re.compile(
    r"\b(?:public affairs|(?:news|press) (?:service|agency|desk|room)|newsroom|staff|bureau|command|wing|"
    r"squadron|media activity|command information|international affairs|reuters|afp|associated press)\b",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"(?:u\.s\. )?(?:air|army|naval|navy|marine|space|secretary of|national|defense|joint)\b[^,;]*",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\s*(?:(?:story|written|posted|published|reported|words|photos?|by|author)s?\s+)*(?:by|"
    r"author)s?\s*:?\s+",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s*(?:[/|•·]|\bpublished\b|\bupdated\b|\bposted\b|\bon \w+ \d|\b(?:\w+ )?\d{1,2}, \d{4}|\d{4}-\d\d|"
    r"\b\d[\d,.]*k? (?:views?|comments?|shares?|reads?|likes?|min(?:ute)?s?)\b).*$",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = re.compile(r"\s*[|•·⋅/]\s*")
_MIDDLE = re.compile(r"^(?:posted|published|updated|written)\b.{0,40}?\bby ", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(,|;|&|\band\b|\bund\b|\bet\b|\n)\s*")
_NO_NAME = re.compile(
    r"(?:(?:\w+ed |written )?by|last|full bio|at|on|in|published|updated|posted|share|follow|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|view (?:more|all)\b.*|learn more\b.*|"
    r"unknown|none|null|undefined|anonymous)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d)\.?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w.'\u2019\-]*(?: [^\W\d_][\w.'\u2019\-]*){0,5}")
_PROSE = re.compile(r"(?!(?:d[aeiu]s?|del|van|von|ter?|ten|l[ae]|el|al|bin|ibn|zu) )[a-z]\S* ")
_MOST_NAMES, _MOST_COLLECTIVE_WORDS = 12, 10
_PLACE = r"[A-Z][A-Z.'\u2019\-]+(?: [A-Z][A-Z.'\u2019\-]*)*"
_DATELINE = re.compile(
    rf"^(?P<place>{_PLACE}(?:/{_PLACE})?(?:, [A-Z][\w.'\u2019\-]*(?: [A-Z][\w.'\u2019\-]*){{0,3}})*"
    r"(?:, (?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|"
    r"Dec)[a-z]*\.? \d{1,2}(?:, \d{4})?)?(?:,? \([A-Z][\w ./&-]{1,30}\))?)"
    r"\s*(?:--|—|\u2013|\u2015|-(?=\s|$))",
)
_LONGEST_DATELINE = 90


def split_names(byline: str) -> tuple[str, ...]:
    """Names in a byline, in order.

    >>> split_names("By Tech. Sgt. Ann Example, 86th Airlift Wing Public Affairs")
    ('Ann Example',)
    >>> split_names("Ann Example and Bo Sample Jr., Demo News")
    ('Ann Example', 'Bo Sample Jr.')
    >>> split_names("By Sgt. Ann Example, Clothing Board, and Cpl. Bo Sample, Navy Diving Party")
    ('Ann Example', 'Bo Sample')
    >>> split_names("May 4, 2023 | By Ann Example, Demo News")
    ('Ann Example',)
    >>> split_names("Posted on May 4, 2023 by Bo Sample")
    ('Bo Sample',)
    """
    names: list[str] = []
    graded = False
    told = _told(byline)
    branch = _BRANCH.match(told)
    if branch and _AGENCY.search(branch[0]) and not _bare(told)[1]:
        return ()  # "Air Education and Training Command Public Affairs" is one office, not two people
    pieces = _SPLIT.split(told)
    for joint, part in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        name, has_grade = _bare(part)
        if name and names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}"
            continue
        unit = graded and not has_grade and joint in (",", ";")
        if not unit and _is_name(name):
            names.append(name)
            graded = graded or has_grade
    return tuple(dict.fromkeys(names[:_MOST_NAMES]))


def says_by(line: str) -> bool:
    """Whether a line says in words that a name follows.

    >>> says_by("May 4, 2023 | By Ann Example"), says_by("Arts | May 4, 2023")
    (True, False)
    """
    return any(_LEAD.match(part) or _MIDDLE.match(part) for part in _PARTS.split(" ".join(line.split())))


def collective_name(byline: str) -> str | None:
    """The newsroom, agency or office that a byline names in place of a person.

    >>> collective_name("By Harbor Courier Staff"), collective_name("By 3rd Wing Public Affairs, Demo Base")
    ('Harbor Courier Staff', '3rd Wing Public Affairs')
    >>> collective_name("By Ann Example, Demo News")
    """
    if split_names(byline):
        return None
    name = re.split(r"[,;]", _told(byline), maxsplit=1)[0].removeprefix("the ").strip()
    if not name or not _UNIT.search(name) or word_count(name) > _MOST_COLLECTIVE_WORDS or name[-1] in ".!?:":
        return None
    if not says_by(byline) and not _AGENCY.search(name):
        return None
    return name if name[0].isupper() or name[0].isdigit() else None


def find_dateline(paragraph: str) -> str | None:
    """Place (and agency) that a story's first paragraph opens with, before its dash.

    >>> find_dateline("KYIV, Ukraine (AP) -- The ferry came."), find_dateline("NATO - a pact")
    ('KYIV, Ukraine (AP)', 'NATO')
    >>> find_dateline("The ferry - late again - came.")
    """
    found = _DATELINE.match(paragraph)
    return found["place"] if found and len(found["place"]) <= _LONGEST_DATELINE else None


def _told(byline: str) -> str:
    """The part of a byline that names who wrote."""
    parts = [_MIDDLE.sub("by ", part) for part in _PARTS.split(" ".join(byline.split()))]
    told = [part for part in parts if _LEAD.match(part)] or parts
    return next((cut for part in told if (cut := _CUT.sub("", _LEAD.sub("", part)).strip())), "")


def _is_name(text: str) -> bool:
    """Whether a part of a byline reads as a person's name."""
    return (
        _NAME.fullmatch(text) is not None
        and not _UNIT.search(text)
        and not _NO_NAME.fullmatch(text)
        and not _PROSE.match(text)
    )


def _bare(part: str) -> tuple[str, bool]:
    """A name without service, rank, office and title, and whether it had a rank."""
    name, graded = part.strip(" -\u2013—@"), False
    if word_count(name) > 1 and not name.lower().endswith(("jr.", "sr.")):
        name = name.rstrip(".")
    previous = None
    while previous != name:
        previous = name
        graded = graded or _GRADE.match(name) is not None
        for pattern in (_SERVICE, _GRADE, _OFFICE, _CIVIL):
            name = pattern.sub("", name, count=1) if pattern.match(name) else name
    return _LEAD.sub("", name).strip(), graded
