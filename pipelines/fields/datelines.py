"""Datelines: the place, the agency and the day that a story's first paragraph opens with."""

from __future__ import annotations

import re

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_WORD = r"[^\W\d_a-z](?:[^\W\d_a-z]|[.'\u2019-])+"  # capitals alone
_PLACE = rf"{_WORD}(?: (?:{_WORD}|of|de|d'|du|la|le|and|al|el))*"
_REGION = r"[A-Z][\w.'\u2019\-]*(?: (?:[A-Z][\w.'\u2019\-]*|of|and|de|the)){0,4}"
_DATE = rf"(?:{_MONTH} \d{{1,2}}(?:, \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?)"
_AGENCY = r"[A-Z][\w .,/&'\u2019-]{1,40}"
_AT_SEA = r"(?:ABOARD|EN ROUTE TO|OFF THE COAST OF|IN THE|ON THE|AT SEA)"
_DASH = r"(?:--+|—|\u2013|\u2015|-(?=\s|$))"
_DATELINE = re.compile(
    rf"(?P<place>(?:{_AT_SEA} )?{_PLACE}(?:/{_PLACE})?(?:, {_REGION})*(?:,? {_DATE})?(?:,? ?\({_AGENCY}\))"
    rf"?(?:,? {_DATE})?"
    rf"(?: ?/?/[A-Z][\w ]{{2,30}}/(?:/)?)?)\s*{_DASH}"
)
# "Berlin (dpa) -": a place in small letters stands only with its agency or its day.
_SMALL = re.compile(
    rf"(?P<place>[A-Z][\w.'\u2019-]+(?: [A-Z][\w.'\u2019-]+){{0,3}}(?:, {_REGION})?,? "
    rf"(?:\([A-Za-z][\w ./&-]{{1,30}}\)|{_DATE}(?: \({_AGENCY}\))?))\s*{_DASH}"
)
_WIRE = re.compile(r"(?P<place>\((?:[A-Z][A-Z. ]{1,12}|Reuters|Bloomberg|dpa)\))\s*(?:--+|—|\u2013)")
_LONGEST = 110
_OPENING = 200


def find_dateline(paragraph: str) -> str | None:
    """Place (with agency and day) that a story's first paragraph opens with, before its dash.

    >>> find_dateline("KYIV, Ukraine (AP) -- The ferry came."), find_dateline("NATO - a pact")
    ('KYIV, Ukraine (AP)', 'NATO')
    >>> find_dateline("Berlin (dpa) - It came."), find_dateline("WASHINGTON, April 6, 2022 -- It came.")
    ('Berlin (dpa)', 'WASHINGTON, April 6, 2022')
    >>> find_dateline("JOINT BASE HARBOR-HILL, Maine -- It came."), find_dateline("ST. MAREN \u2014 It came.")
    ('JOINT BASE HARBOR-HILL, Maine', 'ST. MAREN')
    >>> find_dateline("The ferry - late again - came.")
    """
    opening = paragraph[:_OPENING].lstrip()
    if not any(dash in opening for dash in ("-", "—", "\u2013", "\u2015")):
        return None
    found = _DATELINE.match(opening) or _SMALL.match(opening) or _WIRE.match(opening)
    place = found["place"].strip(" ,") if found else ""
    return place if place and len(place) <= _LONGEST else None
