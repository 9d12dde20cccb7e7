"""Looking at sites: what a seed for them would hold, and whether a seed's addresses still work.

Nothing that is fetched here is kept; `look_at` makes out a site, `check_live` a seed.
"""

from __future__ import annotations

from crawler.probing.asking import Asker
from crawler.probing.checking import Finding, check_live
from crawler.probing.reading import Reader
from crawler.probing.site import Site, look_at
from crawler.probing.writing import seed_text

__all__ = ["Asker", "Finding", "Reader", "Site", "check_live", "look_at", "seed_text"]
