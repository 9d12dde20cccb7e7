"""Records -> articles -> clusters; pure: no network, no clock, no randomness."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.extract import extract_article
    from pipelines.text import clean_text

__all__ = ["clean_text", "extract_article"]


def __getattr__(name: str) -> object:
    """What the package gives, loaded when first asked for: a crawl's own process never extracts anything."""
    if name == "extract_article":
        from pipelines.extract import extract_article

        return extract_article
    if name == "clean_text":
        from pipelines.text import clean_text

        return clean_text
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
