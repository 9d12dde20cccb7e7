"""Made-up news for measuring the index: as many as wanted, the same each time, with the truth known.

    python benchmarks/index_corpus.py [--articles 5000]

prints how fast it makes them and what they are like. An article is a function of its number, so that none
need be kept: a repost makes its original again. What they share with news, as far as an index can tell:

- about 2.8 kB of text, lognormal; words by Zipf's law with inflections, names, figures, a topic of its
  own
- sentences that stand in one article only, but for clauses that journalists write again and again
- a day, an hour, authors, a dateline; 120 hosts, the largest with a tenth of all; lines that a host
  writes under everything
- one in twenty is a repost: the same text under a site's own lines, cut to three fifths, framed by a text
  of the site's own, both of these, under another headline with words mended, or just the same
- 1.4 captures: changed contents, the same again, revisits without a body; removed blocks, photos,
  candidates
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from index_stories import CRAWLED, RECENT, article_of, sites, url_of

from pipelines.run import extraction_row
from pipelines.sketch import normalise
from storage.article import Article
from storage.model import Capture, Extraction

KINDS = ("first", "changed", "same", "revisit")
_RECAPTURES = (("", 0.61), ("changed", 0.68), ("same", 0.78), ("revisit", 1.01))
_DELAY = 1000  # articles that come between an article and its next capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A capture and the article on it; None for a capture without a body."""

    number: int
    capture: Capture
    article: Article | None


def pages(start: int, count: int) -> Iterator[Page]:
    """Captures of so many articles, and of those captured again the next one, a thousand articles later."""
    waiting: deque[tuple[int, Page]] = deque()
    for number in range(start, start + count):
        while waiting and waiting[0][0] <= number:
            yield waiting.popleft()[1]
        yield Page(number=number, capture=_capture(number, "first", 0), article=article_of(number))
        drawn = random.Random(number * 5 + 11).random()
        again = next(kind for kind, share in _RECAPTURES if drawn < share)
        if again:
            waiting.append((number + _DELAY, recapture(number, again)))
    yield from (page for _, page in waiting)


def recapture(number: int, kind: str, days: int = 1) -> Page:
    """A capture of the article so many days later: changed, same or revisit."""
    article = None if kind == "revisit" else article_of(number, changed=kind == "changed")
    return Page(number=number, capture=_capture(number, kind, days), article=article)


def _capture(number: int, kind: str, days: int) -> Capture:
    first_at = CRAWLED + timedelta(seconds=number % RECENT, days=13 * (number >= RECENT))
    at = first_at + timedelta(days=days)
    place = 4 * days + KINDS.index(kind)
    rng = random.Random(number * 1000 + place)
    body = 0 if kind == "revisit" else place
    return Capture(
        record_id=f"<urn:uuid:{rng.getrandbits(128):032x}>",
        url=url_of(number),
        source=f"source-{number % 12}",
        crawl_id=f"{at:%Y%m%d}-source-{number % 12}",
        captured_at=at,
        method="GET",
        status=200,
        mime="text/html",
        payload_digest=f"sha256:{number:032x}{body:032x}",
        record_type="revisit" if kind == "revisit" else "response",
        warc_file=f"{at:%Y/%m}/source-{number % 12}-{at:%Y%m%d}-{number // 2000:05d}.warc.gz",
        warc_offset=number % 2000 * 30_000 + place,
        warc_length=20_000 + number % 9000,
        protocol="http/1.1",
        ip="192.0.2.7",
        refers_to_url=url_of(number) if kind == "revisit" else None,
        refers_to_at=first_at if kind == "revisit" else None,
    )


def rows(of: Iterable[Page]) -> Iterator[tuple[Capture, Extraction | None]]:
    """The pages as an index takes them, with digests and sketches."""
    for page in of:
        article = page.article
        yield (
            page.capture,
            extraction_row(page.capture, article.outcome, article=article) if article else None,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Made-up news, and what it is like")
    parser.add_argument("--articles", type=int, default=5000)
    options = parser.parse_args()
    sites()
    started = time.process_time()
    made = list(pages(0, options.articles))
    seconds = time.process_time() - started
    print(f"{options.articles / seconds:,.0f} articles/s, {len(made) / options.articles:.2f} captures each")
    started = time.process_time()
    extractions = [one for _, one in rows(made) if one]
    seconds = time.process_time() - started
    print(f"{len(extractions) / seconds:,.0f} extractions/s get their digests and sketches")
    texts = [one.article.text for one in extractions if one.article]
    print(f"{statistics.mean(map(len, texts)):,.0f} characters a text")
    print(f"{len({word for text in texts for word in normalise(text).split()}):,} different words")
    print(f"{statistics.mean(len(one.sketch) for one in extractions):.1f} hashes a sketch")
    print(texts[0][:900])


if __name__ == "__main__":
    main()
