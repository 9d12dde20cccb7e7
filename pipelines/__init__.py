"""Records -> articles -> clusters; pure: no network, no clock, no randomness."""

from __future__ import annotations

from pipelines.extract import extract_article
from pipelines.text import clean_text

__all__ = ["clean_text", "extract_article"]
