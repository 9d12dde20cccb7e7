r"""How near an extraction comes to the truth: texts by words and shingles, fields by rules written down here.

Texts are compared as article-extraction-benchmark does: words are runs of `\w`, case kept, in 4-shingles
counted as often as they stand. A corpus has the mean of its pages' precisions, the mean of their recalls, and
the F1 of the two means.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipelines.fields.dates import parse_date

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_MINUTE = timedelta(minutes=1)  # seconds and their parts are lost where a moment is stored
_SAME = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4\u0060\u2032", "'")}
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", None)
)
_ZONED = re.compile(r"\d\d:?\d\d\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$")
_NAMES = re.compile(r"\s*(?:,|;|&|\||/|\n|\band\b)\s*", re.IGNORECASE)
_BY = re.compile(r"\s*by\b:?\s*", re.IGNORECASE)
# fmt: off
_RANKS = frozenset((
    "mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "rev", "airman", "amn", "a1c", "sra", "ssgt",
    "tsgt", "msgt", "smsgt", "cmsgt", "sgt", "sergeant", "pvt", "pfc", "spc", "specialist", "cpl", "corporal",
    "lance", "gunnery", "staff", "tech", "technical", "master", "senior", "chief", "petty", "officer",
    "warrant", "seaman", "ensign", "lt", "lieutenant", "capt", "captain", "maj", "major", "col", "colonel",
    "cmdr", "commander", "adm", "admiral", "rear", "vice", "gen", "general", "brig", "1st", "2nd", "3rd",
    "first", "second", "third", "class", "cadet", "mc1", "mc2", "mc3",
))
# fmt: on
_ENDINGS = frozenset(("phd", "md", "jr", "sr", "ii", "iii", "iv", "esq"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What a text shares with the truth: `precision` of the text, `recall` of the truth, 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 where they share nothing."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean, and the bounds between which it lies with the confidence asked for."""

    mean: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


def words(text: str) -> list[str]:
    r"""Words of a text, case kept.

    >>> words("Don't \u2014 stop, NATO!")
    ['Don', 't', 'stop', 'NATO']
    """
    return _WORD.findall(text)


def shingles(text: str, size: int = _SHINGLE) -> Counter[tuple[str, ...]]:
    """Runs of `size` words, each with its count; a shorter text is one shorter run.

    >>> shingles("a b c", 2) == {("a", "b"): 1, ("b", "c"): 1}, shingles("a b") == {("a", "b"): 1}
    (True, True)
    """
    found = words(text)
    return Counter(tuple(found[at : at + size]) for at in range(max(1, len(found) - size + 1)))


def shingle_overlap(text: str, truth: str) -> Overlap:
    """Overlap of 4-shingles: the figure that tells whether words stand in their order.

    >>> shingle_overlap("The ferry came home today", "The ferry came home today").f1
    1.0
    >>> round(shingle_overlap("The ferry came home today", "The ferry came home").precision, 2)
    0.5
    """
    if not (text and truth):
        return _of_nothing(text, truth)
    return _overlap(shingles(text), shingles(truth))


def token_overlap(text: str, truth: str) -> Overlap:
    """Overlap of single words in lower case, in any order.

    >>> token_overlap("Home came the ferry", "the ferry came home")
    Overlap(precision=1.0, recall=1.0)
    """
    if not (text and truth):
        return _of_nothing(text, truth)
    return _overlap(shingles(text.lower(), 1), shingles(truth.lower(), 1))


def corpus_overlap(pages: Sequence[Overlap]) -> Overlap:
    """Mean precision and mean recall of pages; its F1 is the corpus's. Of no pages it is 0.

    >>> corpus_overlap([Overlap(precision=1.0, recall=0.5), Overlap(precision=0.5, recall=0.5)])
    Overlap(precision=0.75, recall=0.5)
    """
    count = max(len(pages), 1)
    return Overlap(
        precision=sum(page.precision for page in pages) / count,
        recall=sum(page.recall for page in pages) / count,
    )


def snippet_rate(text: str, snippets: Sequence[str]) -> float | None:
    r"""Share of the snippets that the text has, case and spaces not counted; None for none.

    >>> snippet_rate("The ferry\n\ncame.", ["ferry came", "train"]), snippet_rate("The ferry", [])
    (0.5, None)
    """
    flat = " ".join(text.split()).lower()
    found = [" ".join(snippet.split()).lower() in flat for snippet in snippets]
    return sum(found) / len(found) if found else None


def plain(text: str) -> str:
    r"""A line as fields are compared: quotes and dashes as ASCII, compatible letters, single spaces, no case.

    >>> plain(" \u201cFleet\u201d  sails \u2014 North\u2026") == '"fleet" sails - north...'
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text.translate(_SAME)).split()).casefold()


def same_title(found: str | None, truth: str) -> bool:
    r"""Whether a title is the truth's: equal by `plain`. A site's name at its end makes it another one.

    >>> same_title("Fleet \u2018sails\u2019", "Fleet 'Sails'"), same_title("Fleet - Post", "Fleet")
    (True, False)
    """
    return found is not None and plain(found) == plain(truth)


def title_within(found: str | None, truth: str) -> bool:
    """Whether one of two titles is in the other, letters and digits alone: they differ by a site's name, say.

    >>> title_within("Fleet sails", "Fleet Sails! | Post"), title_within(None, "Fleet")
    (True, False)
    """
    one, other = "".join(words(plain(found or ""))), "".join(words(plain(truth)))
    return bool(one and other) and (one in other or other in one)


def same_day(found: datetime | None, raw: str | None, truth: str) -> bool:
    """Whether a moment lies on the truth's day, in the zone in which that day was told.

    Where the truth has a time and a zone, its zone; else the zone in which the page wrote the moment (`raw`),
    which is UTC where `raw` tells none. False for a truth that no date can be read from.

    >>> from datetime import UTC
    >>> late = datetime(2022, 4, 7, 1, 5, tzinfo=UTC)
    >>> same_day(late, "2022-04-06T21:05:00-04:00", "2022-04-06"), same_day(late, None, "2022-04-06")
    (True, False)
    >>> same_day(late, None, "2022-04-06T22:00:00-04:00")
    True
    """
    wanted = parse_date(truth)
    if found is None or wanted is None:
        return False
    zone = _zoned(truth)
    if zone is not None:
        return found.astimezone(zone.tzinfo).date() == zone.date()
    return _day(found, raw) == wanted.date()


def names_of(told: str | Sequence[str]) -> frozenset[str]:
    """Names in a byline or a list of them, as they are compared: no case, no ranks and titles, no points.

    >>> sorted(names_of("By Tech. Sgt. Jane Doe and JOHN Q. PUBLIC, Ph.D."))
    ['jane doe', 'john q public']
    >>> names_of(["Jane  Doe"]) == names_of("Jane Doe")
    True
    """
    lines = [told] if isinstance(told, str) else told
    parts = (part for line in lines for part in _NAMES.split(_BY.sub("", line, count=1)))
    return frozenset(name for part in parts if (name := _bare(part)))


def same_authors(found: Sequence[str], truth: str | Sequence[str]) -> bool:
    """Whether both name the same people, in any order.

    >>> same_authors(("John Roe", "Jane Doe"), "Jane Doe & John Roe"), same_authors((), "Jane Doe")
    (True, False)
    """
    return names_of(list(found)) == names_of(truth)


def authors_overlap(found: Sequence[str], truth: str | Sequence[str]) -> bool:
    """Whether both name at least one of the same people."""
    return bool(names_of(list(found)) & names_of(truth))


def paired_interval(
    differences: Sequence[float], *, seed: int, draws: int = 1000, confidence: float = 0.95
) -> Interval:
    """Mean of differences page by page, and its bounds by bootstrap: pages drawn anew, `draws` times.

    >>> paired_interval([0.1] * 20, seed=1).sure, paired_interval([0.1, -0.1] * 20, seed=1).sure
    (True, False)
    """
    if not differences:
        return Interval(mean=0.0, low=0.0, high=0.0)
    rng = random.Random(seed)  # noqa: S311 -- draws pages, keeps no secret
    count = len(differences)
    means = sorted(sum(rng.choices(differences, k=count)) / count for _ in range(draws))
    cut = int(draws * (1 - confidence) / 2)
    return Interval(mean=sum(differences) / count, low=means[cut], high=means[-1 - cut])


def _of_nothing(text: str, truth: str) -> Overlap:
    value = float(text == truth)
    return Overlap(precision=value, recall=value)


def _overlap(text: Counter[tuple[str, ...]], truth: Counter[tuple[str, ...]]) -> Overlap:
    both = sum((text & truth).values())
    return Overlap(precision=both / max(text.total(), 1), recall=both / max(truth.total(), 1))


def _zoned(told: str) -> datetime | None:
    """The moment told, in its own zone; None where no time and zone are told."""
    if not _ZONED.search(told):
        return None
    try:
        moment = datetime.fromisoformat(told.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _day(found: datetime, raw: str | None) -> date:
    """Day of a moment where it was written."""
    written = _zoned(raw or "")
    if written is not None and abs(written - found) < _MINUTE:
        return written.date()
    return found.date()


def _bare(part: str) -> str:
    """A name without case, points, ranks before and degrees behind."""
    name = plain(part).replace(".", " ").split() if " " in part.strip() else [plain(part).strip(".")]
    while len(name) > 1 and name[0] in _RANKS:
        name.pop(0)
    while name and "".join(name[-2:]) in _ENDINGS and len(name) > 1:
        del name[-2:]
    while name and name[-1].replace(".", "") in _ENDINGS:
        name.pop()
    return " ".join(name)
