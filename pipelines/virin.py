"""VIRIN, the number of a military photograph: its form, and the day it names."""

from __future__ import annotations

import re
from datetime import date

# Date, service, VISION ID, serial (with a letter on reprocessed pictures), country of a foreign photographer.
VIRIN = re.compile(
    r"(?<![\w-])\d{6}-[ADFGHMNOSXZ]-(?:[A-Z]{2}\d{3}|[A-Z]{5})-\d{3,4}[A-Z]?(?:-[A-Z]{2})?(?![\w-])"
)
_PIVOT_YEAR = 70


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
