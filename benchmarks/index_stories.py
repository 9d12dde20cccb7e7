"""Stories for made-up news: whose they are, what they say, which of them repeat another one.

All of it is a function of a story's number. `benchmarks/index_corpus.py` makes captures of them.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from index_words import Words, make_words, person, place, stem

from storage.article import Article, Block, BlockKind, Candidate, Photo

SEED = 20261122
HOSTS = 120
REPOST_EVERY = 20
KINDS = ("boilerplate", "cut", "framed", "cut and framed", "headline", "same")
RECENT = 10_000_000  # numbers from here are of today, the others of eleven years
_YEARS_S = 11 * 365 * 86_400
_START = datetime(2015, 11, 1, tzinfo=UTC)
CRAWLED = datetime(2026, 11, 1, tzinfo=UTC)
_CUT = 0.6
_REACH = 4000  # how far back a repost's original is


@dataclass(frozen=True, slots=True, kw_only=True)
class Repost:
    """Which article another one repeats, and how."""

    origin: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A host and what it writes around its articles."""

    host: str
    name: str
    desks: tuple[str, ...]
    staff: tuple[str, ...]
    ending: tuple[str, ...]
    chrome: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A text in paragraphs of sentences, with what a page tells of it."""

    title: str
    authors: tuple[str, ...]
    dateline: str
    published_at: datetime
    paragraphs: tuple[str, ...]


@functools.cache
def words() -> Words:
    """What all texts are made of."""
    return make_words(SEED)


@functools.cache
def sites() -> tuple[tuple[Site, ...], tuple[float, ...]]:
    """The hosts, the largest first, and their cumulative weights."""
    rng = random.Random(SEED + 1)
    return tuple(_site(rng, number) for number in range(HOSTS)), tuple(
        accumulate(1 / (rank + 4) for rank in range(HOSTS))
    )


def _site(rng: random.Random, number: int) -> Site:
    name = f"{place(rng)} {rng.choice(('Times', 'Herald', 'Post', 'Tribune', 'News', 'Observer', 'Journal'))}"
    host = name.lower().replace(" ", "-") + f"{number}.example"
    top = words().lexicon[:3000]

    def line(least: int, most: int) -> str:
        return " ".join(rng.choices(top, k=rng.randint(least, most))).capitalize() + "."

    ending = (
        f"Follow {name} for more. {line(8, 14)}",
        f"Write to us at desk@{host} with tips and corrections.",
        line(12, 25),
    )
    return Site(
        host=host,
        name=name,
        desks=tuple(rng.sample(("world", "nation", "politics", "business", "sport", "science", "local"), 4)),
        staff=tuple(person(rng) for _ in range(rng.randint(4, 30))),
        ending=ending[: rng.choice((0, 1, 1, 2, 3))],
        chrome=tuple(line(2, 12) for _ in range(12)),
    )


def repost_of(number: int) -> Repost | None:
    """What the article repeats; None where it is its own.

    >>> repost_of(18), repost_of(19).origin < 19
    (None, True)
    """
    if number % REPOST_EVERY != REPOST_EVERY - 1:
        return None
    rng = random.Random(number * 31 + 7)
    # What is of today repeats what is of today, or one of the first articles of all.
    reach = number if number < RECENT else number % 1000
    popular = number // 400 * 400 + rng.randrange(4) if number < RECENT else rng.randrange(2000)
    origin = (
        popular if rng.random() < 0.5 and popular < number else number - rng.randint(1, min(reach, _REACH))
    )
    if origin % REPOST_EVERY == REPOST_EVERY - 1:
        origin -= 1
    return Repost(origin=origin, kind=rng.choice(KINDS))


@functools.lru_cache(maxsize=8192)
def site_of(number: int) -> Site:
    """Where the article stands: a repost on another host than its original."""
    known, weights = sites()
    site = random.Random(number * 17 + 3).choices(known, cum_weights=weights)[0]
    repost = repost_of(number)
    if repost and site_of(repost.origin) is site:
        return known[(known.index(site) + 1) % len(known)]
    return site


def in_portions(values: Sequence[str], sizes: Iterable[int]) -> Iterator[Sequence[str]]:
    """The values, so many at a time, until there are none left."""
    at = 0
    for size in sizes:
        if at >= len(values):
            return
        yield values[at : at + size]
        at += size


def story_of(number: int) -> Story:
    """The article's own text, reposts and lines of the host apart."""
    rng = random.Random(number * 13 + 1)
    stock = words()
    topic = stock.topics[int(len(stock.topics) * rng.random() ** 2)]
    who, town = [person(rng), person(rng)], place(rng)
    own = [
        *who,
        *who,
        who[0].split()[1],
        town,
        town,
        *rng.sample(topic, 9),
        stem(rng) + rng.choice(("", "ix", "on")),
    ]
    own += [
        f"{rng.randint(2, 9)},{rng.randint(100, 999)} {rng.choice(topic)}",
        f"{rng.randint(2, 99)} percent",
    ]
    size = min(max(int(rng.lognormvariate(4.62, 0.5)), 18), 900)  # pieces of some 3.4 words
    pieces = rng.choices(stock.chunks, k=size)
    pieces[2::6] = rng.choices(own, k=len(range(2, size, 6)))
    if rng.random() < 0.4:
        pieces[rng.randrange(size)] = rng.choices(stock.stock, cum_weights=stock.stock_weights)[0]
    lengths = rng.choices((3, 4, 5, 6, 7, 8, 9), k=size // 4 + 1)
    starts = rng.choices(stock.starts, k=len(lengths))
    sentences = [
        f"{start} {' '.join(some)}."
        for start, some in zip(starts, in_portions(pieces, lengths), strict=False)
    ]
    cuts = rng.choices((1, 2, 2, 3), k=len(sentences))
    paragraphs = [" ".join(some) for some in in_portions(sentences, cuts)]
    subject = rng.choice(topic)
    title = f"{who[0].split()[1]} {rng.choice(stock.chunks)} {subject} {rng.choice(stock.chunks)} in {town}"
    return Story(
        title=title,
        authors=(rng.choice(site_of(number).staff),) if rng.random() < 0.8 else (),
        dateline=town.upper(),
        published_at=_published_at(number),
        paragraphs=tuple(paragraphs),
    )


def _published_at(number: int) -> datetime:
    """Spread over the years evenly, however many are made; recent numbers follow each other by minutes."""
    if number >= RECENT:
        return CRAWLED + timedelta(minutes=number - RECENT)
    return _START + timedelta(seconds=int(number * 0.6180339887498949 % 1 * _YEARS_S))


def article_of(number: int, *, changed: bool = False) -> Article:
    """The page's article; `changed` gives it as corrected later."""
    site = site_of(number)
    rng = random.Random(number * 7 + 5)
    repost = repost_of(number)
    story = (
        _reposted(story_of(repost.origin), story_of(number), repost.kind, rng) if repost else story_of(number)
    )
    paragraphs = list(story.paragraphs)
    if changed:
        place_ = rng.randrange(len(paragraphs))
        paragraphs[place_] = f"{rng.choice(words().starts)} {' '.join(rng.choices(words().chunks, k=6))}."
        paragraphs.append(
            f"Correction: {rng.choice(words().starts)} {' '.join(rng.choices(words().chunks, k=4))}."
        )
    if repost and repost.kind == "boilerplate":
        paragraphs[1:1] = site.chrome[:2]
        paragraphs += site.chrome[2:8]
    return Article(
        title=story.title,
        text="\n\n".join([*paragraphs, *site.ending]),
        authors=story.authors,
        dateline=story.dateline,
        published_at=story.published_at,
        published_raw=story.published_at.isoformat(),
        modified_at=story.published_at + timedelta(hours=2) if changed else None,
        language="en",
        site_name=site.name,
        section=site.desks[number % len(site.desks)],
        declared_canonical=url_of(number),
        origin_url=url_of(repost.origin) if repost and rng.random() < 0.3 else None,
        blocks=_blocks(site, rng),
        photos=_photos(story, rng),
        candidates=_candidates(story, site, url_of(number)),
    )


def _reposted(origin: Story, own: Story, kind: str, rng: random.Random) -> Story:
    """A text as another site has it."""
    paragraphs = origin.paragraphs
    title = origin.title
    if kind in {"cut", "cut and framed"}:
        paragraphs = paragraphs[: max(round(len(paragraphs) * _CUT), 1)]
    if kind in {"framed", "cut and framed"}:
        frame = own.paragraphs[: max(round(len(origin.paragraphs) * rng.uniform(0.3, 1.2)), 2)]
        paragraphs = (*frame[: len(frame) // 2 + 1], *paragraphs, *frame[len(frame) // 2 + 1 :])
        title = own.title
    if kind == "headline":
        title = own.title
        paragraphs = tuple(one.replace(" said", " says") if rng.random() < 0.5 else one for one in paragraphs)
    later = timedelta(minutes=rng.randint(20, 4000))
    return replace(own, title=title, paragraphs=paragraphs, published_at=origin.published_at + later)


def _blocks(site: Site, rng: random.Random) -> tuple[Block, ...]:
    """What was taken off the page: the same few lines everywhere, and headlines of other stories."""
    fixed = tuple(
        Block(text=line, kind=BlockKind.NAVIGATION, kept=False, rule="markup:nav", path="body>div>nav>ul")
        for line in site.chrome[8:11]
    )
    related = tuple(
        Block(
            text=" ".join(rng.choices(words().chunks, k=3)),
            kind=BlockKind.RELATED,
            kept=False,
            rule="markup:related",
            path="body>div>aside>ul>li",
        )
        for _ in range(rng.randint(2, 6))
    )
    return fixed + related


def _photos(story: Story, rng: random.Random) -> tuple[Photo, ...]:
    return tuple(
        Photo(
            caption=f"{story.title}, as seen {' '.join(rng.choices(words().chunks, k=4))}.",
            credit=person(rng),
            url=f"https://img.example/{rng.getrandbits(48):x}.jpg",
        )
        for _ in range(rng.choice((0, 1, 1, 2)))
    )


def _candidates(story: Story, site: Site, url: str) -> tuple[Candidate, ...]:
    at = story.published_at.isoformat()
    told = [
        ("title", story.title, "h1"),
        ("title", f"{story.title} | {site.name}", "title"),
        ("title", story.title, "og"),
    ]
    told += [("published_at", at, "json-ld"), ("published_at", at, "meta:article:published_time")]
    told += [("authors", name, "json-ld") for name in story.authors]
    told += [("site_name", site.name, "og"), ("declared_canonical", url, "link"), ("language", "en", "html")]
    seen: set[str] = set()
    return tuple(
        Candidate(field=field, value=value, source=source, won=not (field in seen or seen.add(field)))
        for field, value, source in told
    )


@functools.lru_cache(maxsize=4096)
def url_of(number: int) -> str:
    """The article's address."""
    site = site_of(number)
    slug = "-".join(random.Random(number).choices(words().slugs, k=4))
    at = _published_at(number)
    return f"https://www.{site.host}/{site.desks[number % len(site.desks)]}/{at:%Y/%m}/{slug}-{number}.html"
