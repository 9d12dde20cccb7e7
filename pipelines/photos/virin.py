"""VIRIN, the number of a military photograph: its form, and what its fields say.

Source: Defense Imagery Management Operations Center, "How to Create a VIRIN".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# Date, service, VISION ID, serial (with a letter on reprocessed pictures), country of a foreign photographer.
VIRIN = re.compile(r"(?<![\w-])\d{6}-[ADFGHMNOSXZ]-[A-Z\d]{5}-\d{3,4}[A-Z]?(?:-[A-Z]{2})?(?![A-Za-z\d-])")
_LABELLED = re.compile(r"\bvirin\s*:?\s*(?P<number>\d{6}-\S{8,30})", re.IGNORECASE)
_PIVOT_YEAR = 70
_SERVICES = {
    "A": "Army", "D": "Department of Defense", "F": "Air Force", "G": "Coast Guard",
    "H": "Department of Homeland Security", "M": "Marine Corps", "N": "Navy", "O": "Other",
    "S": "Department of State", "X": "Space Force", "Z": "National Guard",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Virin:
    """A VIRIN and its fields; `country` is the ISO code of a foreign photographer's."""

    number: str
    taken_on: date | None
    service: str
    vision_id: str
    serial: str
    country: str | None


def find_virin(text: str) -> Virin | None:
    """The first VIRIN in a text, decoded.

    >>> found = find_virin("VIRIN: 220214-F-FW957-1367C")
    >>> found.number, found.taken_on.isoformat(), found.service, found.vision_id, found.serial, found.country
    ('220214-F-FW957-1367C', '2022-02-14', 'Air Force', 'FW957', '1367C', None)
    >>> find_virin("010203-X-AB123-1001-GB").country, find_virin("2022-02-14")
    ('GB', None)
    >>> find_virin("VIRIN: 220214-f-fw957-1367").number
    '220214-F-FW957-1367'
    """
    found = VIRIN.search(text) if text.count("-") > 2 else None  # noqa: PLR2004 -- fewer dashes are no VIRIN
    if found is None and (told := _LABELLED.search(text)):
        found = VIRIN.search(told["number"].upper())
    if found is None:
        return None
    _day, service, vision_id, serial, *country = found[0].split("-")
    return Virin(
        number=found[0], taken_on=taken_on(found[0]), service=_SERVICES[service], vision_id=vision_id,
        serial=serial, country=country[0] if country else None,
    )  # fmt: skip


def virin_of_file(url: str) -> Virin | None:
    """The VIRIN that an image's file is named by, wherever it stands in the URL.

    >>> virin_of_file("https://media.defense.gov/2022/Apr/06/2002971234/-1/-1/0/220406-F-XX123-1001.JPG").serial
    '1001'
    >>> virin_of_file("https://site.example/dims/220406-f-xx123-1001.jpg/780x520?q=1").taken_on.isoformat()
    '2022-04-06'
    """
    for part in reversed(url.partition("?")[0].split("/")):
        if part.count("-") > 2 and (found := find_virin(part.upper().partition(".")[0])):  # noqa: PLR2004 -- as above
            return found
    return None


def taken_on(virin: str) -> date | None:
    """Day that a VIRIN names.

    >>> taken_on("220214-F-FW957-1367C"), taken_on("221399-F-FW957-1367")
    (datetime.date(2022, 2, 14), None)
    """
    year, month, day = int(virin[:2]), int(virin[2:4]), int(virin[4:6])
    try:
        return date(year + (1900 if year >= _PIVOT_YEAR else 2000), month, day)
    except ValueError:
        return None
