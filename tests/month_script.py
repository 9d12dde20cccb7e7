"""What happens on three invented sites in a month: their articles, their troubles, when their runs are due.

Everything follows from the simulated time, so that a test can tell at the end what was there when.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from repeating_sites import TOPICS, body, sentence

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 30
END = BEGIN + timedelta(days=DAYS)
FERRY, ISLES, MOOR = "ferry-post", "isles-command", "moor-gazette"
HOSTS = {name: f"www.{name}.test" for name in (FERRY, ISLES, MOOR)}
NAMES = {FERRY: "Ferry Post", ISLES: "Isles Command", MOOR: "Moor Gazette"}
EVERYWHERE = frozenset({"feed", "listing", "sitemap"})


def day(number: float) -> datetime:
    """A moment of the month, in days from its beginning."""
    return BEGIN + timedelta(days=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is amiss with a site from `since` until `until`.

    `kind`: unavailable (503), refused (nobody listens), wall (Akamai's), shells (pages without a text), mute
    (a feed without items), unwatched (the schedule runs without the source).
    """

    site: str
    kind: str
    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


TROUBLES = (
    Trouble(site=ISLES, kind="shells", since=day(11.9), until=day(14.9)),
    Trouble(site=FERRY, kind="unavailable", since=day(14), until=day(14.5)),
    Trouble(site=FERRY, kind="refused", since=day(14.5), until=day(15)),
    Trouble(site=MOOR, kind="mute", since=day(13.9), until=day(20.9)),
    Trouble(site=FERRY, kind="wall", since=day(20), until=day(22)),
    Trouble(site=MOOR, kind="unwatched", since=day(24), until=day(27)),
)
_UNREACHABLE = {"unavailable", "refused", "wall"}


def troubled(site: str, kinds: set[str], at: datetime) -> bool:
    """Whether the site has one of these troubles then."""
    return any(one.site == site and one.kind in kinds and one.holds(at) for one in TROUBLES)


def is_up(site: str, at: datetime) -> bool:
    """Whether the site gives whoever asks its pages."""
    return not troubled(site, _UNREACHABLE, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What an article says from a moment on."""

    since: datetime
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article over the month.

    `channels` are the ways to it, `left_in` those that still name it once it is gone.
    """

    site: str
    number: int
    slug: str
    author: str
    texts: tuple[Text, ...]
    channels: frozenset[str] = EVERYWHERE
    gone_at: datetime | None = None
    gone_status: int = 410
    left_in: frozenset[str] = frozenset()
    moved_at: datetime | None = None
    moved_slug: str = ""
    counts_readers: bool = False

    @property
    def published_at(self) -> datetime:
        return self.texts[0].since

    def text(self, at: datetime) -> Text:
        """What it says then."""
        return [one for one in self.texts if one.since <= at][-1]

    def is_there(self, at: datetime) -> bool:
        """Whether the site has it then."""
        return self.published_at <= at and (self.gone_at is None or at < self.gone_at)

    def is_listed(self, channel: str, at: datetime) -> bool:
        """Whether a way leads to it then, were there no others before it."""
        channels = self.channels if self.is_there(at) else self.left_in
        return self.published_at <= at and channel in channels

    def slug_at(self, at: datetime) -> str:
        return self.moved_slug if self.moved_at is not None and at >= self.moved_at else self.slug

    def path(self, at: datetime) -> str:
        """Its path then."""
        return self.path_of(self.slug_at(at))

    def path_of(self, slug: str) -> str:
        if self.site == ISLES:
            return f"/News/News-Stories/Article/Article/{self.number}/{slug}/"
        return f"/{self.published_at:%Y/%m}/{slug}/"

    def url(self, at: datetime) -> str:
        """Its address then."""
        return f"http://{HOSTS[self.site]}{self.path(at)}"


def _text(site: str, number: int, edition: int, since: datetime) -> Text:
    """A text of an article; the editions of one differ in a paragraph."""
    drawn = random.Random(f"{site} {number}")
    topic = sorted(TOPICS)[number % len(TOPICS)]
    paragraphs = body(drawn, topic, drawn.randint(5, 8))
    title = sentence(drawn, topic).rstrip(".")
    if edition:
        paragraphs[1] = sentence(random.Random(f"{site} {number} {edition}"), topic)
        paragraphs.append(f"Correction: an earlier form of report {number} named another place.")
    return Text(since=since, title=title, paragraphs=tuple(paragraphs))


def _article(
    site: str, number: int, published_at: datetime, *corrected_at: datetime, **more: object
) -> Article:
    authors = ("Ada Quill", "Bram Pike", "Celia Vane", "Osric Thrupp")
    texts = tuple(_text(site, number, place, at) for place, at in enumerate([published_at, *corrected_at]))
    words = texts[0].title.lower().replace(",", "").split()
    return Article(
        site=site,
        number=number,
        slug="-".join([*words[:7], str(number)]),
        author=authors[number % len(authors)],
        texts=texts,
        **more,  # type: ignore[arg-type]
    )


def _rhythm(site: str) -> Iterator[datetime]:
    """When a site publishes: first what it has at the beginning, then day by day."""
    old, times = {FERRY: (24, (5.2, 15.3)), ISLES: (14, (9.4,)), MOOR: (12, (8.1,))}[site]
    for place in range(old, 0, -1):
        yield BEGIN - timedelta(days=place * 4.3, hours=place % 7)
    for number in range(DAYS):
        for hour in times:
            if site != MOOR or number % 5 != 3:
                yield day(number) + timedelta(hours=hour, minutes=number)
    if site == FERRY:  # more between two runs than its feed and the first page of its listing hold
        yield from (day(8) + timedelta(hours=7, minutes=20 * place) for place in range(14))


_CHANGES: dict[tuple[str, int], dict[str, object]] = {
    # Corrections soon after, a day, a week after, of old articles.
    (FERRY, 4): {"corrected": (9.4,)},
    (FERRY, 23): {"corrected": (6.6, 13.3)},
    (FERRY, 26): {"corrected": (1.5,)},
    (FERRY, 30): {"corrected": (5.1,)},
    (FERRY, 41): {"corrected": (15.3,)},
    (ISLES, 3): {"corrected": (8.3,)},
    (ISLES, 17): {"corrected": (5.5,)},
    (ISLES, 25): {"corrected": (13.2,)},  # while its pages are shells
    (MOOR, 5): {"corrected": (4.4,)},
    (MOOR, 15): {"corrected": (8.8,)},
    # Taken down: with a word, without, and with the sitemap still naming them.
    (FERRY, 10): {"gone_at": day(6.2)},
    (FERRY, 33): {"gone_at": day(9.2), "gone_status": 404, "left_in": frozenset({"sitemap"})},
    (ISLES, 15): {"gone_at": day(4.2)},
    (MOOR, 9): {"gone_at": day(10.2), "gone_status": 404},
    # Moved.
    (FERRY, 28): {"moved_at": day(10.3), "moved_slug": "the-ferry-report-under-another-name"},
    (ISLES, 18): {"moved_at": day(9.3), "moved_slug": "the-isles-report-under-another-name"},
}


def _site_articles(site: str) -> Iterator[Article]:
    for place, published_at in enumerate(sorted(_rhythm(site))):
        changes = dict(_CHANGES.get((site, place), {}))
        corrected = [day(at) for at in changes.pop("corrected", ())]  # type: ignore[attr-defined]
        if not changes and not corrected and place % 7 == 6:
            changes["channels"] = frozenset({"listing"})
        elif not changes and not corrected and place % 11 == 8:
            changes["channels"] = frozenset({"sitemap"})
        number = 4_100_000 + 37 * place if site == ISLES else 200 + place
        counts = site == MOOR and place % 4 == 1
        yield _article(site, number, published_at, *corrected, counts_readers=counts, **changes)


ARTICLES: dict[str, tuple[Article, ...]] = {site: tuple(_site_articles(site)) for site in HOSTS}


def seed(site: str) -> str:
    """The seed file of a site."""
    host = HOSTS[site]
    line = "0 6,18 * * *" if site == FERRY else "0 6 * * *"
    zone = {FERRY: "Europe/London", ISLES: "UTC", MOOR: "UTC"}[site]
    spider = "defense" if site == ISLES else "news"
    return f"""title = "{NAMES[site]}"
spider = "{spider}"
schedule = "{line}"
timezone = "{zone}"
urls = ["http://{host}/"]
feeds = ["http://{host}/feed/"]
sitemaps = "auto"

[[listings]]
url = "http://{host}/news/?page={{page}}"
max_pages = 20

[scope]
hosts = ["{host}"]
article = ['/20\\d\\d/\\d\\d/[\\w-]+/$', '(?i)/Article/\\d+/']

[politeness]
delay_s = 0
concurrency = 2
"""


def starts(site: str) -> Sequence[datetime]:
    """When the site's runs begin, were each on time."""
    london = datetime(2026, 3, 29, 1, tzinfo=UTC)
    hours = {FERRY: (6, 18), ISLES: (6,), MOOR: (6,)}[site]
    found = []
    for number in range(DAYS):
        for hour in hours:
            at = day(number) + timedelta(hours=hour)
            if site == FERRY and at >= london:
                at -= timedelta(hours=1)
            if not troubled(site, {"unwatched"}, at):
                found.append(at)
    return found
