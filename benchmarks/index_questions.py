"""Sixty questions to the search, as people ask them: one to four words, rare and frequent, names, phrases,
filters.

The same for every size: they are made from the first articles of benchmarks/index_corpus.py. Nothing is
imported here but that and the standard library, since the other search engine is asked by another
interpreter.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

SEED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Words to search for, with `phrase` one after the other; a source or a first day may narrow it."""

    kind: str
    words: str
    phrase: bool = False
    source: str | None = None
    since: str | None = None


def runs(text: str) -> list[str]:
    """The first two or three words of a text that stand together and are no function words, if any do."""
    from index_words import FUNCTION_WORDS

    parts = text.replace("\n\n", " . ").split()
    for size in (3, 2):
        for at in range(8, len(parts) - size):
            run = parts[at : at + size]
            if all(one.isalpha() and one.lower() not in FUNCTION_WORDS for one in run):
                return [" ".join(run)]
    return []


def questions() -> list[Question]:
    """The same sixty each time."""
    from index_stories import article_of, story_of, words
    from index_words import COMMON_WORDS

    rng = random.Random(SEED)
    known = words()
    common = COMMON_WORDS[:80]
    rare = known.lexicon[4000:40_000]
    topical = [one for topic in known.topics[:40] for one in topic[:6]]
    names = [story_of(number).title.split()[0] for number in rng.sample(range(2000), 12)]
    asked = [Question(kind="1 frequent", words=word) for word in rng.sample(common, 8)]
    asked += [Question(kind="1 rare", words=word) for word in rng.sample(rare, 8)]
    asked += [Question(kind="1 name", words=name) for name in names[:6]]
    asked += [Question(kind="2 words", words=f"{rng.choice(common)} {rng.choice(topical)}") for _ in range(8)]
    asked += [Question(kind="2 frequent", words=" ".join(rng.sample(common, 2))) for _ in range(6)]
    asked += [
        Question(kind="3 words", words=f"{rng.choice(names)} {' '.join(rng.sample(common, 2))}")
        for _ in range(8)
    ]
    asked += [
        Question(kind="4 words", words=" ".join([*rng.sample(topical, 2), *rng.sample(common, 2)]))
        for _ in range(4)
    ]
    phrases = (run for number in rng.sample(range(2000), 200) for run in runs(article_of(number).text))
    asked += [Question(kind="phrase", words=next(phrases), phrase=True) for _ in range(6)]
    asked += [
        Question(kind="of a source", words=rng.choice(common), source=f"source-{number}")
        for number in range(3)
    ]
    asked += [Question(kind="since a day", words=rng.choice(topical), since="2024-01-01") for _ in range(3)]
    return asked
