"""Bylines -> names: split, without ranks, units, degrees and roles."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from pipelines.fields.datelines import find_dateline
from pipelines.fields.ranks import has_grade, split_rank
from pipelines.words import word_count

__all__ = ["collective_name", "find_dateline", "printed_name", "says_by", "split_names"]

_UNIT = re.compile(
    r"\b(?:public affairs|wing|squadron|group|command|division|brigade|battalion|regiment|corps|fleet|news|"
    r"service|agency|office|department|"
    r"headquarters|base|center|press|media|national guard|reuters|afp|bureau|times|post|journal|editor|"
    r"reporter|writer|correspondent|staff|contributor|columnists?|reporters|writers|"
    r"air force|army|navy|team|university|district|forces?|u\.s\.|dod|defense|school|academy|"
    r"institute|board|council|committee|ministry|"
    r"garrison|museum|newsroom|desk|affairs|operations|editors|contributors|partners|admin|administrator|"
    r"redaktion|rédaction|redacción|redazione|redação|redactie|blog|magazine|policies|policy|"
    r"inc|llc|ltd|gmbh|plc|company|online|research|editorial|today|network|foundation|association|society|"
    r"centre|college|hospital|clinic|club|federation|union|institution|studios?|solutions|strategies|"
    r"services|"
    r"technologies|systems|labs|software|consulting|insurance|contributing|sponsored|health watch|"
    r"officer|chief executive|executive|founder|co-founder|ceo|analyst|specialist|expert|advisor|adviser|"
    r"strategist|consultant|dietitian|nutritionist|astrologer|gardener|manager|director|producer|presenter)"
    r"\b",
    re.IGNORECASE,
)
# What names a newsroom also where no "by" goes before: a section's name is none.
_AGENCY = re.compile(
    r"\b(?:public affairs|(?:news|press) (?:service|agency|desk|room)|newsroom|staff|bureau|command|wing|"
    r"squadron|media activity|command information|international affairs|reuters|afp|associated press|"
    r"editorial (?:team|board|staff)|(?:news|web|sports|lifestyle|city) ?desk|team|editors)\b",
    re.IGNORECASE,
)
_POST = re.compile(r"(?:\w+ )?staff (?:writer|reporter|photographer|contributor)s?", re.IGNORECASE)
_BRANCH = re.compile(
    r"(?:u\.s\. )?(?:air|army|naval|navy|marine|space|secretary of|national|defense|joint)\b[^,;]*",
    re.IGNORECASE,
)
_BY = r"(?:by|author|autor|auteur|autore|autora)s?"
_LEAD = re.compile(
    rf"^\s*(?:(?:a |an )?(?:story|written|posted|published|reported|words|text|photos?|article|analysis|"
    rf"opinion|commentary|created|submitted|updated|by|author)s?\s+(?:and\s+)?)*{_BY}\s*:?\s+|"
    r"^\s*(?:By(?=(?-i:[A-Z][a-z]+ [A-Z]))|(?:Von|Par|Por|Door|Texto? de|Text von|Scritto da)\s+(?=\w+ \w)|"
    r"(?:Av|Af|Di|Oleh|Od)\s+(?=(?-i:[A-ZÀ-Þ]\w+ [A-ZÀ-Þ]))|"
    r"(?:Oleh|Tekst|Text|Av|Af|Autorka?|Автор|Текст|Yazar|Szerző)\s?:\s*)",
    re.IGNORECASE,
)
_LONE_LEAD = re.compile(rf"\W*(?:\w+ )?(?:{_BY}|von|par|por|door|from)\W*", re.IGNORECASE)
_CUT = re.compile(
    r"\s*(?:[/|•·]|\b(?:published|updated|posted)\b|\bon \w+ \d|\bon (?:mon|tues|wednes|thurs|fri|satur|"
    r"sun)day\b|\b(?:\w+ )?\d{1,2}, \d{4}|\d{4}-\d\d|"
    r"\b\d[\d,.]*k? (?:views?|comments?|shares?|reads?|likes?|min(?:ute)?s?)\b|"
    r"[.,;(]?\s*\b(?:(?:medically |clinically |expert )?reviewed|(?:fact[- ])?checked|edited|translated|"
    r"illustrated|"
    r"photograph(?:ed|s|y)|photos?|illustrations?|produced|directed) by\b|\bas told to\b|"
    r"\b(?:avec|mit|con|met|med) (?:la |l['\u2019]|de |der )?"
    r"(?:AFP|dpa|AP|APA|EFE|ANSA|ANP|NTB|TT|Reuters|agenc\w+|agentur\w*)\b|"
    r"\s(?:the )?associated press$|\s\S+@\S+\.\w+|\bwith (?:contributions|"
    r"reporting|files|"
    r"additional reporting)\b|(?<=\w\w) (?:at|is|was|has) ).*$",
    re.IGNORECASE | re.DOTALL,
)
_ASIDE = re.compile(r"^(\w[\w.'\u2019-]+ [\w.'\u2019 -]*?\w) (?:in|on|for|from) .*$")
_IN_PLACE = re.compile(r" in [^\W\d_a-z][\w.'\u2019-]+(?: [^\W\d_a-z][\w.'\u2019-]+){0,2}(?=(?:,| and| &) )")
_PARTS = re.compile(r"\s*(?:[|•·⋅●/\n\u2022]|\s[\u2013—-]\s)\s*")
_MIDDLE = re.compile(r"^(?:posted|published|updated|written|last updated)\b.{0,40}?\bby ", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(,|;|&|\+|\band\b|\bAND\b|\bund\b|\bet\b|\bwith\b|\n)\s*")
# Joints of other languages that also stand inside of names: they part two full names alone.
_JOINT = re.compile(
    r"(?<=\w [^\W\d_a-z])([\w'\u2019-]*) (?:y|e|i|og|och|en|ja|ve|и|та) "
    r"(?=[^\W\d_a-z]\w+ (?:\w+ )?[^\W\d_a-z])"
)
_NO_NAME = re.compile(
    r"(?:(?:\w+ed |written )?by|last|full bio|at|on|in|with|published|updated|posted|share|follow|"
    r"about(?: .*)?|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|view (?:more|all)\b.*|learn more\b.*|"
    r"read more\b.*|more (?:from|by|about)\b.*|see all\b.*|meet .*|"
    r"unknown|none|null|undefined|anonymous|guest|user|root|webmaster|super ?user|name|bio|the|a|an|you|us|"
    r"(?:for )?immediate release|courtesy (?:story|article|photo)|photo (?:gallery|essay)|"
    r"authors?|journalist|text size|print|email|e-mail|facebook|twitter|linkedin|instagram|search|menu|"
    r"home|comments?)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_DEGREE = re.compile(
    r"[,\s]+(?:(?:Ph|Ed|Psy)\.?\s?D|M\.?D|D\.?O|R\.?N|M\.?P\.?H|M\.?S\.?W|M\.?B\.?A|J\.?D|LL\.?[BM]|"
    r"D\.?D\.?S|DMD|D\.?V\.?M|VMD|R\.?D\.?N?|L\.?D\.?N?|"
    r"C\.?P\.?A|C\.?F\.?[APE]|CEPF|B\.?S\.?N|M\.?S\.?N|LCSW|Esq|FACP|FACLM|[A-Z]{2,6}-[A-Z]{1,3}(?: \d+)?)"
    r"[.®*]*(?=$|[,\s;&])"
)
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_ROLE_TAIL = re.compile(
    r"(?<=\w )(?:(?:Senior|Former|Deputy|Chief|Lead|Managing|Guest|Staff|Contributing|Executive|Associate|"
    r"Assistant|Political|Politics|Sports?|Business|Health|Science|Education|Environment|Technology|Economics|"
    r"Security|Diplomatic|Defen[cs]e|(?:World|Foreign|Home|Legal|Royal|Religious) [Aa]ffairs|Co-?)[ -]?)*"
    r"(?:editor|reporter|correspondent|columnist|Founder|Editor|Reporter|Correspondent|Writer|Columnist|"
    r"Columnists|Gardener|"
    r"Journalist|Contributor|Producer|Director|Manager|Research|Reviewer|Author|Blogger|Photographer)\b.*$"
)
_NAME = re.compile(r"[^\W\d_][\w.'\u2019\u2018`\-]*(?: [^\W\d_][\w.'\u2019\u2018`\-]*){0,5}")
_PARTICLES = frozenset((
    "d", "da", "das", "de", "dei", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "al",
    "bin", "bint",
    "ibn", "la", "le", "los", "of", "san", "st", "te", "ten", "ter", "van", "von", "vom", "y", "zu", "zum",
    "bell", "abu",
)) - {"of"}  # fmt: skip
_GLUED = re.compile(r"(?<!Mc)(?<!Mac)(?<!De)(?<!Di)(?<!La)(?<!Le)(?<!Van)(?<!Fitz)(?<=[a-z])[A-Z]")
_MONTH_TAIL = re.compile(
    r"(?:(?<=[a-z])(?:Updated|Published|Posted)|\s(?:Jan|Feb|Apr|Aug|Sept?|Oct|Nov|Dec)\.?)$"
)
_INITIALS = re.compile(r"[A-Z]{2,5}(?:-[A-Z]{1,3})?")
_HANDLE = re.compile(
    r"\S*[@_]\S*|\S*\d\S*|https?:.*|www\..*|\S+\.(?:com|org|net|io|co)\b.*|[a-z]+\.[a-z.]+", re.IGNORECASE
)
_MOST_NAMES, _MOST_COLLECTIVE_WORDS, _LONGEST_BYLINE = 12, 10, 600
_FEWEST_CAPITALS, _MOST_GLUED = 5, 2


@lru_cache(maxsize=1024)
def split_names(byline: str, *, field: bool = False) -> tuple[str, ...]:
    """Names in a byline, in order. A `field` that is meant for names may have them in small letters.

    >>> split_names("By Tech. Sgt. Ann Example, 86th Airlift Wing Public Affairs")
    ('Ann Example',)
    >>> split_names("Ann Example and Bo Sample Jr., Demo News")
    ('Ann Example', 'Bo Sample Jr.')
    >>> split_names("By Sgt. Ann Example, Clothing Board, and Cpl. Bo Sample, Navy Diving Party")
    ('Ann Example', 'Bo Sample')
    >>> split_names("May 4, 2023 | By Ann Example, Demo News")
    ('Ann Example',)
    >>> split_names("Posted on May 4, 2023 by Bo Sample"), split_names("BY ANN EXAMPLE, MD")
    (('Bo Sample',), ('Ann Example',))
    """
    names: list[str] = []
    graded = False
    told = _told(_decoded(byline))
    branch = _BRANCH.match(told)
    if branch and _AGENCY.search(branch[0]) and not _bare(told)[1]:
        return ()  # "Air Education and Training Command Public Affairs" is one office, not two people
    pieces = _SPLIT.split(_JOINT.sub(r"\1, ", _DEGREE.sub("", f" {told}").strip()))
    for joint, part in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        name, has_rank = _bare(part)
        if name and names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}"
            continue
        unit = graded and not has_rank and joint in (",", ";")
        degree = bool(names) and _INITIALS.fullmatch(name)
        place = joint == "," and " " not in name and bool(names) and " " in names[-1]
        if not unit and not degree and not place and _is_name(name, field=field):
            names.append(_cased(name))
            graded = graded or has_rank
    return tuple(dict.fromkeys(names[:_MOST_NAMES]))


def printed_name(value: str) -> str | None:
    """A name as a field meant for one holds it, also where it has no person's form: an outlet, a word.

    >>> printed_name("Harbor Courier"), printed_name("admin"), printed_name("https://demo.example/ann")
    ('Harbor Courier', None, None)
    """
    name = _LEAD.sub("", _decoded(value)).strip(" ,;|-")
    if not name or len(name) > 80 or _NO_NAME.fullmatch(name) or name.lower() in ("admin", "administrator"):  # noqa: PLR2004 -- a name, no sentence
        return None
    if " " not in name and (_HANDLE.fullmatch(name) or name.islower()):
        return None
    return name if any(char.isalpha() for char in name) else None


def says_by(line: str) -> bool:
    """Whether a line says in words that a name follows.

    >>> says_by("May 4, 2023 | By Ann Example"), says_by("Arts | May 4, 2023")
    (True, False)
    """
    return any(_LEAD.match(part) or _MIDDLE.match(part) for part in _PARTS.split(" ".join(line.split())))


def is_lead(text: str) -> bool:
    """Whether a text says that a name follows, and no more.

    >>> is_lead("Written by:"), is_lead("By Ann Example")
    (True, False)
    """
    return _LONE_LEAD.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def collective_name(byline: str) -> str | None:
    """The newsroom, agency or office that a byline names in place of a person.

    >>> collective_name("By Harbor Courier Staff"), collective_name("By 3rd Wing Public Affairs, Demo Base")
    ('Harbor Courier Staff', '3rd Wing Public Affairs')
    >>> collective_name("By Ann Example, Demo News")
    """
    if split_names(byline):
        return None
    name = re.split(r"[,;]", _told(_decoded(byline)), maxsplit=1)[0]
    name = name.removeprefix("From ").removeprefix("the ").strip()
    if not name or not _UNIT.search(name) or word_count(name) > _MOST_COLLECTIVE_WORDS or name[-1] in ".!?:":
        return None
    if not says_by(byline) and (not _AGENCY.search(name) or _POST.fullmatch(name)):
        return None
    return name if name[0].isupper() or name[0].isdigit() else None


def _decoded(byline: str) -> str:
    """The byline with its entities read, also where they were written twice."""
    text = byline[:_LONGEST_BYLINE]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def _told(byline: str) -> str:
    """The part of a byline that names who wrote."""
    parts = [_MIDDLE.sub("by ", part) for part in _PARTS.split(byline)]
    told = [part for part in parts if _LEAD.match(part)] or parts
    cuts = (_CUT.sub("", _LEAD.sub("", part)).strip() for part in told)
    first = _IN_PLACE.sub("", next(filter(None, cuts), ""))
    aside = _ASIDE.match(first)
    return aside[1] if aside and not _UNIT.search(aside[1]) else first


def _is_name(text: str, *, field: bool) -> bool:
    """Whether a part of a byline reads as a person's name."""
    words = text.split()
    small = [word for word in words if word[0].islower() and word.partition("'")[0] not in _PARTICLES]
    return (
        _NAME.fullmatch(text) is not None
        and not _UNIT.search(text)
        and not _NO_NAME.fullmatch(text)
        and (not small or (field and len(small) == len(words) > 1))
        and len(_GLUED.findall(text)) < _MOST_GLUED
        and not text.lower().startswith("the ")
        and not (" " not in text and (_HANDLE.fullmatch(text) or text.islower()))
    )


def _bare(part: str) -> tuple[str, bool]:
    """A name without service, rank, office and title, and whether it had a rank."""
    name = part.strip(" -\u2013—@*,:\u200b®™")
    if "(" in name or "[" in name:
        name = _PARENTHESIS.sub(" ", name).strip()
    if word_count(name) > 1 and not name.lower().endswith(("jr.", "sr.")):
        name = name.rstrip(".")
    rank, name = split_rank(_MONTH_TAIL.sub("", name))
    plain = _ROLE_TAIL.sub("", name).strip()
    name = plain if " " in plain else name
    return _LEAD.sub("", name).strip(), bool(rank) and has_grade(rank)


def _cased(name: str) -> str:
    """A name that is printed in capitals, in the usual case.

    >>> _cased("ANN O'EXAMPLE"), _cased("Ann Example"), _cased("J.R. EWE")
    ("Ann O'Example", 'Ann Example', 'J.R. Ewe')
    """
    letters = [char for char in name if char.isalpha()]
    if " " not in name or len(letters) < _FEWEST_CAPITALS or not all(char.isupper() for char in letters):
        return name
    return " ".join(word if "." in word or len(word) == 1 else _capital(word) for word in name.split())


def _capital(word: str) -> str:
    """A word in capitals with small letters but after its joints.

    >>> _capital("O'EXAMPLE-SMITH")
    "O'Example-Smith"
    """
    return "".join(part.capitalize() for part in re.split(r"(['\u2019-])", word))
