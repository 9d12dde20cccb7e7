"""Made-up runs of made-up sources: healthy ones with the usual spread, and those with one trouble."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.health.alarms import folded
from crawler.health.compare import State
from crawler.health.judging import verdicts_on
from crawler.health.memory import Memory, remembered
from crawler.health.runs import RunHealth, SeedStart
from crawler.seed import Health, Scope, Seed
from storage.crawl_quality import CrawlQuality

BEGIN = datetime(2026, 3, 2, 6, tzinfo=UTC)  # a Monday
FEED = "https://paper.example/feed"
SEED = Seed(name="paper", title="Paper", scope=Scope(hosts=("paper.example",)), feeds=(FEED,))


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How a source is when it is well. `signed` is the share of articles with an author on a kind of day."""

    every: timedelta = timedelta(hours=24)
    articles: float = 30.0  # a run, on a week-day
    weekend: float = 0.3  # of that
    revisits: float = 20.0
    titled: float = 0.999
    dated: float = 0.99
    signed: tuple[float, ...] = (0.7,)
    missed: float = 0.02
    words: float = 450.0
    spread: float = 0.7  # of the logarithm of the words
    removed: float = 0.45
    lost: float = 0.01  # of the fetches
    walled: float = 0.003
    empty_feed: float = 0.0
    backlog: int = 300  # articles of the first run


DAILY = Habits()
HOURLY = Habits(every=timedelta(hours=1), articles=1.2, revisits=6, signed=(0.35, 0.75), empty_feed=0.005)
MILITARY = Habits(every=timedelta(hours=6), articles=4, weekend=0.05, signed=(0.5,), spread=1.1, dated=1.0)
BLOG = Habits(every=timedelta(hours=12), articles=0.4, revisits=3, titled=0.97, dated=0.6, lost=0.03)
HABITS = {"daily": DAILY, "hourly": HOURLY, "military": MILITARY, "blog": BLOG}


@dataclass
class Source:
    """A source over its runs: what each gave cause for, and the alarms that came of it."""

    habits: Habits
    chance: random.Random
    expected: Health = field(default_factory=Health)
    at: datetime = BEGIN
    runs: list[RunHealth] = field(default_factory=list)  # newest first
    memory: Memory = field(default_factory=Memory)
    open: tuple = ()
    raised: list = field(default_factory=list)
    closed: list = field(default_factory=list)

    def run(self, trouble=lambda run: run):
        """One run more, and the alarms after it."""
        run = trouble(self.healthy())
        self.memory = remembered(self.memory, run)
        seed = replace(SEED, health=self.expected)
        newest_first = [run, *self.runs[:100]]
        verdicts = verdicts_on(newest_first, self.memory, seed, run.finished_at)
        bad = tuple(one.kind.value for one in verdicts if one.state is State.BAD)
        self.runs.insert(0, replace(run, alarms=bad))
        change = folded(self.open, verdicts, source="paper", crawl_id=run.crawl_id, now=run.finished_at)
        self.open = change.open
        self.raised += change.raised
        self.closed += change.closed
        self.at += self.habits.every
        return self

    def healthy(self):
        """A run without trouble."""
        habits, chance = self.habits, self.chance
        rate = habits.articles * (habits.weekend if self.at.weekday() > 4 else 1)
        new = habits.backlog if not self.runs else poisson(chance, rate)
        again = poisson(chance, habits.revisits)
        read = [self.page() for _ in range(new)]
        signed = chance.choice(habits.signed)
        expected = new + sum(chance.random() < habits.missed for _ in range(new))
        fetches = 3 + expected + again
        lost = sum(chance.random() < habits.lost for _ in range(fetches))
        walled = sum(chance.random() < habits.walled for _ in range(fetches - lost))
        answers = fetches - lost - walled
        links = 0 if chance.random() < habits.empty_feed else 20
        started = self.at + timedelta(seconds=chance.uniform(0, 60))
        return RunHealth(
            crawl_id=f"paper-{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}Z",
            source="paper",
            started_at=started,
            finished_at=started + timedelta(seconds=5 + 2 * fetches),
            exit_code=0,
            reason="finished",
            received_bytes=60_000 * answers,
            fetches={"ok": answers, "timed_out": lost, "http_error": walled},
            statuses={"200": new + 3, "304": max(answers - new - 3, 0), "403": walled},
            pages={"article": new, "not_an_article": 3 + expected - new},
            starts=(SeedStart(url=FEED, kind="feed", status=200, links=links),),
            quality=CrawlQuality(
                new=new,
                stored_bytes=20_000 * answers,
                expected_pages=expected,
                missed_pages=expected - new,
                read_pages=new,
                with_title=sum(chance.random() < habits.titled for _ in read),
                with_date=sum(chance.random() < habits.dated for _ in read),
                with_author=sum(chance.random() < signed for _ in read),
                words=tuple(sorted(words for words, _ in read)),
                removed=tuple(sorted(removed for _, removed in read)),
            ),
        )

    def page(self):
        """Words of an article, and the share that was removed."""
        words = int(math.exp(self.chance.gauss(math.log(self.habits.words), self.habits.spread)))
        removed = min(max(self.chance.gauss(self.habits.removed, 0.08), 0.0), 1.0)
        return max(words, 15), round(removed, 3)


def poisson(chance, rate):
    """A number of events."""
    many, left = 0, math.exp(-rate)
    product = chance.random()
    while product > left:
        many += 1
        product *= chance.random()
    return many


def with_quality(**change):
    """A trouble that changes the run's quality; a function is given what it was."""

    def trouble(run):
        values = {name: value(run.quality) if callable(value) else value for name, value in change.items()}
        return replace(run, quality=replace(run.quality, **values))

    return trouble
