"""What a URL says of its page's kind, by the words that CMSs put into paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from storage.article import PageKind

_INDEX = re.compile(r"(?:index|default|home)(?:\.\w{2,5})?|[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE)
_DATED = re.compile(r"/(?:19|20)\d\d/\d{1,2}/|(?:19|20)\d\d-\d\d-\d\d")
_NUMBER = re.compile(r"(?:^|[/_.-])\d{5,}(?=$|[/_.-])")
_CALENDAR = re.compile(r"(?:/(?:archives?|news|blog|\d{4}|\d{1,2}|page|january|february|march|april|may|june|"
                       r"july|august|september|october|november|december))+/?", re.IGNORECASE)  # fmt: skip
_SLUG_DASHES = 3
_LONGEST_TOPIC = 2
_TAXONOMY = frozenset(("tag", "tags", "category", "categories", "author", "authors", "label", "keyword"))
_TOPICS = frozenset(("topic", "topics", "section", "sections", "series"))
_SEARCH = frozenset(("search", "search-results", "searchresults"))
_STATIC = frozenset((
    "about", "about-us", "aboutus", "contact", "contact-us", "contactus", "contacts", "privacy",
    "privacy-policy", "privacy-notice", "terms", "terms-of-use", "terms-of-service", "terms-and-conditions",
    "accessibility", "foi", "foia", "rss", "feeds", "rss-feeds", "subscribe", "subscriptions", "subscription",
    "newsletters", "sitemap", "site-map", "advertise", "advertising", "careers", "faq", "faqs", "imprint",
    "impressum", "datenschutz", "legal", "legal-notice", "disclaimer", "cookies", "cookie-policy", "login",
    "signin", "sign-in", "register", "donate", "masthead", "help", "webmaster", "unsubscribe", "account",
))  # fmt: skip
_GALLERY = frozenset((
    "photo", "photos", "igphoto", "gallery", "galleries", "photo-gallery", "photogallery", "image-gallery",
    "slideshow", "slideshows", "images", "picture-gallery", "photo-essay", "in-pictures", "pictures",
))  # fmt: skip
_VIDEO = frozenset(("videos", "video", "igvideo", "watch", "clips"))
_PAGE_KEYS, _SEARCH_KEYS = frozenset(("page", "paged", "pg")), frozenset(("q", "s", "query", "search"))


def kind_by_url(url: str | None) -> Iterator[tuple[PageKind, int, str]]:
    """Kind, weight and reason of each sign in a URL.

    >>> list(kind_by_url("https://demo.example/tag/ships/"))
    [(<PageKind.LISTING: 'listing'>, 3, 'path /tag/')]
    >>> list(kind_by_url("https://demo.example/2025/06/ships-sail/"))
    [(<PageKind.ARTICLE: 'article'>, 2, 'path of an article')]
    """
    try:
        parts = urlsplit(url or "")
        keys = {key.lower(): value for key, value in parse_qsl(parts.query)}
    except ValueError:
        return
    if not parts.netloc:
        return
    segments = [segment.lower() for segment in parts.path.split("/") if segment]
    if len(segments) > 1 and segments[-2] == "page" and segments[-1].isdigit():
        keys, segments = {**keys, "page": segments[-1]}, segments[:-2]
    path = "/" + "/".join(segments)
    if not segments or (len(segments) == 1 and _INDEX.fullmatch(segments[0])):
        yield PageKind.LISTING, 2, "path of a home page"
    listed = _taxonomy(segments)
    stands = bool(_NUMBER.search(path) or (_DATED.search(path + "/") and not _CALENDAR.fullmatch(path)))
    if listed and not stands:
        yield PageKind.LISTING, *listed
    yield from _static(segments)
    if _CALENDAR.fullmatch(path) and _DATED.search(path + "/"):
        yield PageKind.LISTING, 3, "path of an archive"
    slug = segments[-1].count("-") >= _SLUG_DASHES if segments else False
    if (stands or (slug and not listed)) and (_GALLERY | _VIDEO).isdisjoint(segments):
        yield PageKind.ARTICLE, 2, "path of an article"
        return
    if any(keys.get(key, "").isdigit() for key in _PAGE_KEYS):
        yield PageKind.LISTING, 3, "a numbered page"
    if _SEARCH.intersection(segments[:1] + segments[-1:]) or any(keys.get(key) for key in _SEARCH_KEYS):
        yield PageKind.LISTING, 3 if not keys.keys().isdisjoint(_SEARCH_KEYS) else 2, "a search"


def _taxonomy(segments: list[str]) -> tuple[int, str] | None:
    """Weight and reason, where all that follows the word of a taxonomy is a term of it."""
    for place, segment in enumerate(segments):
        rest = len(segments) - place - 1
        if segment in _TAXONOMY and 0 < rest <= _LONGEST_TOPIC:
            return 3, f"path /{segment}/"
        if segment in _TOPICS and rest == 1:
            return 2, f"path /{segment}/"
    return None


def _static(segments: list[str]) -> Iterator[tuple[PageKind, int, str]]:
    """Signs of pages that tell of the site, and of pages of pictures."""
    ends = [(segment.partition(".")[0], place) for place, segment in enumerate(segments)]
    told = [(name, place) for name, place in ends if name in _STATIC and place in (0, len(segments) - 1)]
    if told:
        name, place = told[-1]
        alone = place == len(segments) - 1 or len(segments) <= _LONGEST_TOPIC
        yield PageKind.OTHER, 3 if alone else 1, f"path /{name}/"
    if not _GALLERY.isdisjoint(segments[:-1]):
        yield PageKind.GALLERY, 2, "path of pictures"
    if not _VIDEO.isdisjoint(segments[:-1]):
        yield PageKind.VIDEO, 2, "path of a video"
