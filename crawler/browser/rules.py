"""What a page may have fetched for it while a browser renders it, and what not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.discovery.likeness import matches
from crawler.discovery.links import MAX_URL_LENGTH
from crawler.scope import host_matches
from crawler.seed import Scope

# As Chromium names what it asks for. Of the rest (images, media, fonts, frames, beacons) no text is made.
FETCHED = frozenset({"script", "stylesheet", "xhr", "fetch"})
_READING = frozenset({"GET", "HEAD"})
# Who measures, advertises and records what readers do: nothing of theirs is part of an article.
_TRACKERS = (
    "2mdn.net", "adnxs.com", "adobedtm.com", "adsafeprotected.com", "adsrvr.org", "amazon-adsystem.com",
    "amplitude.com", "bat.bing.com", "bugsnag.com", "casalemedia.com", "chartbeat.com", "chartbeat.net",
    "clarity.ms", "connect.facebook.net", "criteo.com", "criteo.net", "demdex.net", "doubleclick.net",
    "fullstory.com", "google-analytics.com", "googleadservices.com", "googlesyndication.com",
    "googletagmanager.com", "googletagservices.com", "hotjar.com", "imrworldwide.com", "krxd.net",
    "matomo.cloud", "mixpanel.com", "moatads.com", "newrelic.com", "nr-data.net", "omtrdc.net",
    "onetrust.com", "optimizely.com", "outbrain.com", "parsely.com", "permutive.com", "plausible.io",
    "pubmatic.com", "quantserve.com", "rubiconproject.com", "scorecardresearch.com", "segment.com",
    "segment.io", "sentry.io", "taboola.com", "tiqcdn.com",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page asks for: `kind` is Chromium's word for it."""

    url: str
    method: str
    kind: str


def refusal(asked: Asked, scope: Scope) -> str | None:
    """Why it is not fetched, None if it is.

    What would change something on a server is sent to the seed's own hosts alone, and only as a POST, by
    which many sites ask for their texts.

    >>> own = Scope(hosts=("news.example",), deny=(r"/private/",))
    >>> refusal(Asked(url="https://cdn.example/app.js", method="GET", kind="script"), own)
    >>> refusal(Asked(url="https://www.google-analytics.com/g.js", method="GET", kind="script"), own)
    'tracker'
    >>> refusal(Asked(url="https://other.example/graphql", method="POST", kind="fetch"), own)
    'POST to another site'
    >>> refusal(Asked(url="https://news.example/a.png", method="GET", kind="image"), own)
    'image'
    """
    host = _host(asked.url)
    posted = asked.method == "POST"
    reasons = {
        asked.kind: asked.kind not in FETCHED,
        "unfit URL": not host or len(asked.url) > MAX_URL_LENGTH,
        "tracker": is_tracker(host),
        "denied by the seed": matches(scope.deny, asked.url),
        asked.method: not posted and asked.method not in _READING,
        "POST to another site": posted and not host_matches(asked.url, scope.hosts),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _host(url: str) -> str:
    """The host of a web address, empty where it is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in {"http", "https"} and "@" not in parts.netloc else ""


def is_tracker(host: str) -> bool:
    """Whether a host is one of those that watch readers.

    >>> is_tracker("www.google-analytics.com"), is_tracker("notsentry.io"), is_tracker("sentry.io")
    (True, False, True)
    """
    return host.endswith(tuple(f".{name}" for name in _TRACKERS)) or host in _TRACKERS
