"""Whether an article can be read for nothing, as its page declares it."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.fields.linked_data import LinkedArticle
from pipelines.fields.marks import PageMarks
from pipelines.fields.offers import Offer

_LOCKED = frozenset(
    ("locked", "metered", "premium", "paid", "subscriber", "subscribers", "subscription", "registration")
)
_FREE = frozenset(("free", "open", "public"))
_METAS = (
    "article:content_tier",
    "content_tier",
    "article:content-tier",
    "cxenseparse:tni-paywall",
    "access-level",
)
# Words of a class or an id that only a wall in front of the text has.
_WALLS = (
    "paywall-overlay", "paywall-prompt", "paywall-active", "paywall-container", "paywall__", "regwall",
    "reg-wall",
    "subscriber-only", "subscribers-only", "subscription-wall", "metered-wall", "premium-wall",
    "meteredcontent",
    "paywall-wrapper", "paywall-message", "paywall-barrier", "gateway-content", "piano-paywall",
    "leaky_paywall",
)  # fmt: skip


def paywall_offers(marks: PageMarks, linked: LinkedArticle, hints: str) -> Iterator[Offer]:
    """What says that the article costs money ("true") or does not ("false"), the firmest first.

    `hints` are the classes and ids of the page's elements, in one string.
    """
    if linked.free is not None:
        yield Offer(raw=str(not linked.free), source="json-ld", value=str(not linked.free).lower())
    for name in ("isaccessibleforfree", *_METAS):
        said = marks.meta(name)
        known = _meaning(name, said.strip().lower())
        if known:
            yield Offer(raw=said, source=f"meta:{name}", value=known)
    wall = next((wall for wall in _WALLS if wall in hints), "")
    if wall:
        yield Offer(raw=wall, source=f"markup:{wall}", value="true")


def _meaning(name: str, said: str) -> str:
    if name == "isaccessibleforfree":
        return {"false": "true", "true": "false"}.get(said, "")
    return "true" if said in _LOCKED else "false" if said in _FREE else ""
