"""Each macro of the index: what any DuckDB client may call on the published file."""

from __future__ import annotations

from storage.index.schema import Macro
from storage.index.search_macro import SEARCH

MACROS: tuple[Macro, ...] = (SEARCH,)
