"""The tables of full-text search, column by column."""

from __future__ import annotations

from storage.index.schema import Table

SEARCH_TABLES: tuple[Table, ...] = ()
