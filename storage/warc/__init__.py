"""WARC files: read with recovery, written whole, digests that hold."""

from __future__ import annotations

from storage.warc.read import read_record_at, read_records

__all__ = ["read_record_at", "read_records"]
