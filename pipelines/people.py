"""Bylines -> names: split, without ranks, units and roles. Datelines."""

from __future__ import annotations

import re

from pipelines.words import word_count

_RANK = re.compile(
    r"(?:(?:u\.s\. )?(?:army|navy|marine corps|air force|space force|coast guard)(?: reserve|"
    r" national guard)?|"
    r"(?:chief |senior )?master sgt\.|tech\. sgt\.|staff sgt\.|gunnery sgt\.|1st sgt\.|sgt\. (?:1st class|"
    r"maj\.)|command sgt\. maj\.|sgt\.|senior airman|"
    r"airman(?: 1st class| basic)?|lance cpl\.|cpl\.|pfc\.|pvt\.(?: 2)?|spc\.|spc\. ?\d|(?:1st|2nd|first|"
    r"second) lt\.|lt\. (?:col\.|cmdr\.|gen\.|j\.g\.|\(j\.g\.\))|"
    r"lt\.|maj\. gen\.|brig\. gen\.|gen\.|maj\.|capt\.|col\.|cmdr\.|rear adm\.|vice adm\.|adm\.|"
    r"petty officer (?:1st|2nd|3rd|first|second|third) class|"
    r"(?:senior |master )?chief petty officer|chief warrant officer \d|warrant officer(?: \d)?|"
    r"seaman(?: apprentice| recruit)?|"
    r"(?:chief )?mass communication specialist (?:(?:1st|2nd|3rd) class|seaman)|mc[123]|a1c|sra|ssgt|tsgt|"
    r"msgt|mr\.|mrs\.|ms\.|dr\.)\s+",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\b(?:public affairs|wing|squadron|group|command|division|brigade|battalion|regiment|corps|fleet|news|"
    r"service|agency|office|department|"
    r"headquarters|base|center|press|media|national guard|reuters|afp|bureau|times|post|journal|editor|"
    r"reporter|writer|correspondent|staff|contributor|"
    r"air force|army|navy|team|university|district|forces?|u\.s\.|dod|defense)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\s*(?:(?:story|written|posted|published|reported|words|photos?|by|author)s?\s+)*(?:by|"
    r"author)s?\s*:?\s+",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s*(?:[/|•·]|\bpublished\b|\bupdated\b|\bposted\b|\bon \w+ \d|\b(?:\w+ )?\d{1,2}, \d{4}|\d{4}-\d\d).*$",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = re.compile(r"\s*[|•·/]\s*")
_MIDDLE = re.compile(r"^(?:posted|published|updated|written)\b.{0,40}?\bby ", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\n)\s*")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d)\.?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w.'\u2019\-]*(?: [^\W\d_][\w.'\u2019\-]*){0,5}")
_MOST_NAMES = 12
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
    >>> split_names("May 4, 2023 | By Ann Example, Demo News")
    ('Ann Example',)
    >>> split_names("Posted on May 4, 2023 by Bo Sample")
    ('Bo Sample',)
    """
    flat = " ".join(byline.split())
    told = next((part for part in _PARTS.split(flat) if _LEAD.match(part)), None) or _MIDDLE.sub("by ", flat)
    text = _CUT.sub("", _LEAD.sub("", told))
    names: list[str] = []
    for part in _SPLIT.split(text):
        name = _bare(part)
        if name and names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}"
        elif name and _NAME.fullmatch(name) and not _UNIT.search(name):
            names.append(name)
    return tuple(dict.fromkeys(names[:_MOST_NAMES]))


def find_dateline(paragraph: str) -> str | None:
    """Place (and agency) that a story's first paragraph opens with, before its dash.

    >>> find_dateline("KYIV, Ukraine (AP) -- The ferry came."), find_dateline("NATO - a pact")
    ('KYIV, Ukraine (AP)', 'NATO')
    >>> find_dateline("The ferry - late again - came.")
    """
    found = _DATELINE.match(paragraph)
    return found["place"] if found and len(found["place"]) <= _LONGEST_DATELINE else None


def _bare(part: str) -> str:
    name = part.strip(" -\u2013—@")
    if word_count(name) > 1 and not name.lower().endswith(("jr.", "sr.")):
        name = name.rstrip(".")
    previous = None
    while previous != name:
        previous, name = name, _RANK.sub("", name, count=1) if _RANK.match(name) else name
    return _LEAD.sub("", name).strip()
