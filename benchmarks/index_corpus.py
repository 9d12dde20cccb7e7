"""Made-up news for measuring the index: as many articles as wanted, the same each time, with the truth known.

    python benchmarks/index_corpus.py [--articles 5000]

prints how fast it makes them and what they are like. An article is a function of its number, so that none need
be kept: a repost makes its original again. What they share with news, as far as an index can tell:

- about 2.8 kB of text, lognormal; words by Zipf's law with inflections, names, figures, a topic of its own
- sentences that stand in one article only, but for clauses that journalists write again and again
- a day, an hour, authors, a dateline; 120 hosts, the largest with a tenth of all; lines that a host writes under
  everything
- one in twenty is a repost: the same text under a site's own lines, cut to three fifths, framed by a text of the
  site's own, under another headline with words mended, or just the same
- 1.4 captures: changed contents, the same again, revisits without a body; removed blocks, photos, candidates
"""

from __future__ import annotations

import argparse
import functools
import random
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from index_words import Words, make_words, person, place, stem

from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Candidate, Photo
from storage.model import Capture, Extraction

SEED = 20261122
HOSTS = 120
REPOST_EVERY = 20
KINDS = ("boilerplate", "cut", "framed", "headline", "same")
RECENT = 10_000_000  # numbers from here are of today, the others of eleven years
_YEARS_S = 11 * 365 * 86_400
_START = datetime(2015, 11, 1, tzinfo=UTC)
_CRAWLED = datetime(2026, 11, 1, tzinfo=UTC)
_CUT = 0.6
_RECAPTURES = (("", 0.69), ("changed", 0.77), ("same", 0.87), ("revisit", 1.01))
_DELAY = 1000  # articles that come between an article and its next capture
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A capture and the article on it; None for a capture without a body."""

    number: int
    capture: Capture
    article: Article | None


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

    ending = (f"Follow {name} for more. {line(8, 14)}", f"Write to us at desk@{host} with tips and corrections.", line(12, 25))
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
    within = number - RECENT if number >= RECENT else number
    popular = number - within + within // 400 * 400 + rng.randrange(4)
    origin = popular if rng.random() < 0.5 and popular < number else number - rng.randint(1, min(within, _REACH))
    if origin % REPOST_EVERY == REPOST_EVERY - 1:
        origin -= 1
    return Repost(origin=origin, kind=rng.choice(KINDS))


def site_of(number: int) -> Site:
    """Where the article stands: a repost on another host than its original."""
    known, weights = sites()
    site = random.Random(number * 17 + 3).choices(known, cum_weights=weights)[0]
    repost = repost_of(number)
    if repost and site_of(repost.origin) is site:
        return known[(known.index(site) + 1) % len(known)]
    return site


def story_of(number: int) -> Story:
    """The article's own text, reposts and lines of the host apart."""
    rng = random.Random(number * 13 + 1)
    stock = words()
    topic = stock.topics[int(len(stock.topics) * rng.random() ** 2)]
    who, town = [person(rng), person(rng)], place(rng)
    own = [*who, *who, who[0].split()[1], town, town, *rng.sample(topic, 9), stem(rng) + rng.choice(("", "ix", "on"))]
    own += [f"{rng.randint(2, 9)},{rng.randint(100, 999)} {rng.choice(topic)}", f"{rng.randint(2, 99)} percent"]
    size = min(max(int(rng.lognormvariate(4.72, 0.5)), 18), 900)  # pieces of some 3.4 words
    pieces = rng.choices(stock.chunks, k=size)
    pieces[2::6] = rng.choices(own, k=len(range(2, size, 6)))
    if rng.random() < 0.4:
        pieces[rng.randrange(size)] = rng.choices(stock.stock, cum_weights=stock.stock_weights)[0]
    lengths = rng.choices((3, 4, 5, 6, 7, 8, 9), k=size // 4 + 1)
    starts = rng.choices(stock.starts, k=len(lengths))
    sentences = []
    at = 0
    for length, start in zip(lengths, starts, strict=True):
        if at >= size:
            break
        sentences.append(f"{start} {' '.join(pieces[at : at + length])}.")
        at += length
    cuts = rng.choices((1, 2, 2, 3), k=len(sentences))
    paragraphs = []
    at = 0
    for cut in cuts:
        if at >= len(sentences):
            break
        paragraphs.append(" ".join(sentences[at : at + cut]))
        at += cut
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
        return _CRAWLED + timedelta(minutes=number - RECENT)
    return _START + timedelta(seconds=int(number * 0.6180339887498949 % 1 * _YEARS_S))


def article_of(number: int, *, changed: bool = False) -> Article:
    """The page's article; `changed` gives it as corrected later."""
    site = site_of(number)
    rng = random.Random(number * 7 + 5)
    repost = repost_of(number)
    story = _reposted(story_of(repost.origin), story_of(number), repost.kind, rng) if repost else story_of(number)
    paragraphs = list(story.paragraphs)
    if changed:
        place_ = rng.randrange(len(paragraphs))
        paragraphs[place_] = f"{rng.choice(words().starts)} {' '.join(rng.choices(words().chunks, k=6))}."
        paragraphs.append(f"Correction: {rng.choice(words().starts)} {' '.join(rng.choices(words().chunks, k=4))}.")
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
    if kind == "cut":
        paragraphs = paragraphs[: max(round(len(paragraphs) * _CUT), 1)]
    elif kind == "framed":
        frame = own.paragraphs[: max(len(paragraphs) // 2, 2)]
        paragraphs = (*frame[: len(frame) // 2 + 1], *paragraphs, *frame[len(frame) // 2 + 1 :])
        title = own.title
    elif kind == "headline":
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
    told = [("title", story.title, "h1"), ("title", f"{story.title} | {site.name}", "title"), ("title", story.title, "og")]
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
    slug = "-".join(random.Random(number).choices(words().lexicon[200:20_000], k=4))
    at = _published_at(number)
    return f"https://www.{site.host}/{site.desks[number % len(site.desks)]}/{at:%Y/%m}/{slug}-{number}.html"


def pages(start: int, count: int) -> Iterator[Page]:
    """Captures of so many articles: each first, and again what is captured again, a thousand articles later."""
    waiting: deque[tuple[int, Page]] = deque()
    for number in range(start, start + count):
        while waiting and waiting[0][0] <= number:
            yield waiting.popleft()[1]
        yield Page(number=number, capture=_capture(number, "first"), article=article_of(number))
        drawn = random.Random(number * 5 + 11).random()
        again = next(kind for kind, share in _RECAPTURES if drawn < share)
        if again:
            waiting.append((number + _DELAY, recapture(number, again)))
    yield from (page for _, page in waiting)


def recapture(number: int, kind: str) -> Page:
    """A later capture of the article: changed, same or revisit."""
    article = None if kind == "revisit" else article_of(number, changed=kind == "changed")
    return Page(number=number, capture=_capture(number, kind), article=article)


def _capture(number: int, kind: str) -> Capture:
    at = _CRAWLED + timedelta(seconds=number % RECENT, days=(kind != "first") + 13 * (number >= RECENT))
    revisit = kind == "revisit"
    rng = random.Random(number * 3 + len(kind))
    return Capture(
        record_id=f"<urn:uuid:{rng.getrandbits(128):032x}>",
        url=url_of(number),
        source=f"source-{number % 12}",
        crawl_id=f"{at:%Y%m%d}-source-{number % 12}",
        captured_at=at,
        method="GET",
        status=200,
        mime="text/html",
        payload_digest=f"sha256:{number:032x}{(0 if revisit else len(kind)):032x}",
        record_type="revisit" if revisit else "response",
        warc_file=f"2026/11/source-{number % 12}-{number // 2000:05d}.warc.gz",
        warc_offset=number % 2000 * 30_000 + len(kind),
        warc_length=20_000 + number % 9000,
        protocol="http/1.1",
        ip="192.0.2.7",
        refers_to_url=url_of(number) if revisit else None,
        refers_to_at=_CRAWLED + timedelta(seconds=number % RECENT) if revisit else None,
    )


def rows(of: Iterable[Page]) -> Iterator[tuple[Capture, Extraction | None]]:
    """The pages as an index takes them, with digests and sketches."""
    for page in of:
        article = page.article
        yield page.capture, extraction_row(page.capture, article.outcome, article=article) if article else None


def main() -> None:
    parser = argparse.ArgumentParser(description="Made-up news, and what it is like")
    parser.add_argument("--articles", type=int, default=5000)
    options = parser.parse_args()
    sites()
    started = time.process_time()
    made = list(pages(0, options.articles))
    seconds = time.process_time() - started
    print(f"{options.articles / seconds:,.0f} articles/s, {len(made) / options.articles:.2f} captures an article")
    started = time.process_time()
    extractions = [one for _, one in rows(made) if one]
    seconds = time.process_time() - started
    print(f"{len(extractions) / seconds:,.0f} extractions/s get their digests and sketches")
    texts = [one.article.text for one in extractions if one.article]
    print(f"{statistics.mean(map(len, texts)):,.0f} characters, {statistics.mean(one.word_count for one in extractions):.0f} words")
    print(f"{len({word for text in texts for word in text.lower().split()}):,} different words")
    print(f"{statistics.mean(len(one.sketch) for one in extractions):.1f} hashes a sketch")
    print(texts[0][:900])


if __name__ == "__main__":
    main()
