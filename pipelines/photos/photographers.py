"""Who took a photograph, by its credit: rank and name apart, without service, agency and label."""

from __future__ import annotations

import re

_GRADES = (
    r"(?:chief |senior )?master sergeant|(?:chief |senior )?master sgt\.?|technical sergeant|tech\.? sgt\.?|"
    r"staff sergeant|staff sgt\.?|gunnery sergeant|gunnery sgt\.?|sergeant(?: (?:1st|first) class| major)?|"
    r"1st sgt\.?|sgt\. (?:1st|first) class|(?:command )?sgt\. maj\.?|(?:master )?sgt\.?|senior airman|"
    r"airman(?: (?:1st|first) class| basic)?|(?:lance )?cpl\.?|(?:lance )?corporal|pfc\.?|"
    r"private(?: (?:1st|first) class)?|pvt\.?(?: 1st class| 2)?|spc\.? ?[1-4]?|specialist(?: [1-4])?|"
    r"(?:1st|2nd|first|second) lt\.?|(?:1st|2nd|first|second) lieutenant|"
    r"lt\.? (?:col|cmdr|gen|j\.g)\.?|lieutenant(?: colonel| commander| general)?|lt\.|maj\.(?: gen\.)?|"
    r"major(?: general)?|brig\. gen\.|gen\.|capt\.|captain|col\.|colonel|cmdr\.|ensign|"
    r"(?:rear|vice) adm\.|adm\.|(?:senior |master )?chief petty officer|"
    r"petty officer (?:1st|2nd|3rd|first|second|third) class|chief warrant officer [1-5]|"
    r"warrant officer(?: 1)?|seaman(?: apprentice| recruit)?|fireman|chief|"
    r"(?:mass communication|public affairs|intelligence|aviation|operations) specialist "
    r"(?:(?:1st|2nd|3rd|first|second|third) class|seaman(?: apprentice| recruit)?)|"
    r"(?:senior |master )?chief mass communication specialist|"
    r"mc[1-3]|mcsn|mcsa|mcc|a1c|sra|ssgt|tsgt|msgt|smsgt|cmsgt|lcpl|gysgt|pa[1-3]|spc[1-4]"
)
_RANK = re.compile(rf"(?P<rank>{_GRADES})\s+(?=\S)", re.IGNORECASE)
_SERVICE = re.compile(
    r"(?:(?:u\.?s\.?|united states|royal) )?(?:army|navy|marine corps|marines?|air force|space force|"
    r"coast guard|dod|defense department|air national guard|army national guard|national guard)"
    r"(?: (?:reserve|national guard))?\s+",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:.{0,60}\b)?(?:photo(?:graph)?|image|graphic|illustration|picture)s?(?: illustration)?\s*"
    r"(?:by\b|credit\b|[:/|\u2013\u2014-])\s*:?\s*(?:by\b\s*)?",
    re.IGNORECASE,
)
_LEAD = re.compile(r"(?:by|credit|copyright|\u00a9)\b:?\s*", re.IGNORECASE)
_CUT = re.compile(
    r"\s*(?:[/|,;\u2022(]|\b(?:via|for|on|courtesy)\b|\s[-\u2013\u2014]\s).*$", re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(
    r"[A-Z\u00c0-\u00de][\w.'\u2019-]*(?: (?:d[aeiu]s?|del|van|von|der|den|la|le|el|al|bin|"
    r"[A-Z\u00c0-\u00de][\w.'\u2019-]*)){1,4}"
)
_NOBODY = re.compile(
    r"\b(?:photos?|images?|getty|reuters|afp|ap|press|news|agency|department|office|university|service|"
    r"courtesy|staff|shutterstock|stock|adobe|istock|unsplash|pixabay|pexels|flickr|wikimedia|commons|nasa|"
    r"army|navy|air force|marine corps|coast guard|guard|museum|library|archives?|studios?|inc|llc|ltd|co|"
    r"company|corp|group|media|magazine|times|post|pictures?|public affairs|creators?|photography|foundation|"
    r"institute|college|school|center|centre|society|command|wing|squadron|house|the|and)\b",
    re.IGNORECASE,
)
_LONGEST = 160


def photographer(credit: str) -> tuple[str | None, str | None]:
    """Rank and name of the photographer that a credit names, each None where it does not.

    >>> photographer("U.S. Air Force photo by Staff Sgt. Ann Example"), photographer("Courtesy photo")
    (('Staff Sgt.', 'Ann Example'), (None, None))
    >>> photographer("Navy Petty Officer 2nd Class Ida Sample"), photographer("Jo Model / Getty Images")
    (('Petty Officer 2nd Class', 'Ida Sample'), (None, 'Jo Model'))
    """
    told = credit[:_LONGEST].strip(" \"'")
    for pattern in (_LABEL, _LEAD):
        told = told[found.end() :] if (found := pattern.match(told)) else told
    parts = [part for piece in told.split("/") if (part := piece.strip())] if "/" in told else [told]
    for part in parts:
        rank, name = _graded(part)
        if name:
            return rank, name
    return None, None


def _graded(text: str) -> tuple[str | None, str | None]:
    """Rank and name of a text that may be a person's."""
    bare = _SERVICE.sub("", text, count=1) if _SERVICE.match(text) else text
    found = _RANK.match(bare)
    name = _CUT.sub("", bare[found.end() :] if found else bare).strip(" .,")
    is_name = _NAME.fullmatch(name) is not None and not _NOBODY.search(name)
    if name.endswith((" Jr", " Sr")):
        name += "."  # stripped with the sentence's end
    return (found["rank"] if found else None, name) if is_name else (None, None)
