"""The name of a site as the titles of its feeds tell it: WordPress has `Courier » Feed`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_JOINT = " » "
_SHARED = 2


def site_of_feeds(titles: Iterable[str]) -> str:
    """What the titles begin with, empty where it may be another thing than the site's name.

    >>> site_of_feeds(["Harbor Courier » Feed", "Harbor Courier » Comments Feed"])
    'Harbor Courier'
    >>> site_of_feeds(["Harbor Courier » Feed"]), site_of_feeds(["News » All about ships"])
    ('Harbor Courier', '')
    """
    parts = [title.partition(_JOINT) for title in titles if _JOINT in title]
    told = Counter(name.strip() for name, _, _ in parts)
    name, times = told.most_common(1)[0] if told else ("", 0)
    alone = any(first.strip() == name and " " not in rest.strip() for first, _, rest in parts)
    return name if times >= _SHARED or alone else ""
