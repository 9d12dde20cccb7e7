"""Words for made-up news: the commonest of English by hand, the rest built from parts, with their
inflections.

How often a word is used falls with its rank (Zipf-Mandelbrot), so that document frequencies are those of
a language: few words stand in every article, most in a handful. Names and coinages are open: the more
articles, the more different ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate


def _apart(words: str) -> list[str]:
    return words.split()


FUNCTION_WORDS = _apart("""
the of to and in a that for is on was with as it by at he from be said has have his are an this but they will
not who its had were their been she which or about more after would one also when her we there over than up
out if no other into all first can last could some two we them what new people year him time most between
where while before so since years during under three only now you i many our against because made may any
these through such even just those did do how being then both very still do should off well each per next
several another according much here down back until around own us my too like among without within often yet
""")
COMMON_WORDS = _apart("""
government president country state officials week minister police company public report million national
percent group military according department city court city officials former plan leaders party work
support war health market business members law security system federal power official home help part
program service school office local case day month world money children family women general director
research economic foreign energy united agency bank budget border bridge campaign chief climate coast
committee conference congress contract council county crime debt decision defense deal district doctors
drought economy education election embassy emergency engineers equipment evidence exports factory farmers
fire fleet flood food forces forecast fuel fund games growth harbor hospital hours house housing income
industry inflation inquiry investment investors island jobs judge jury land lawmakers lawyer letter
majority mayor medicine meeting mission negotiations network neighbors opposition order oil operation
parliament patients peace pilots policy population port power price prison production project prosecutors
protest province quarter railway rates reforms refugees region residents results river road rule sales
sanctions satellite scientists season senator ship shares soldiers space spending spokesman staff
statement storm strike students suspect talks tax team technology teachers test trade training treaty
trial troops truck union university vaccine victims vote voters wages warning water weapons weather wheat
workers agreement aircraft airport announced approved arrested asked began believed blocked broke built
called canceled carried caused charged claimed closed completed confirmed continued criticized cut damaged
declined delayed delivered denied described destroyed developed discovered elected ended expanded expected
explained faced failed fell fined followed forced found hired increased injured joined killed launched led
left lost moved opened ordered passed paid planned pledged promised proposed protected provided published
pushed raised reached received recovered rejected released remained repaired replaced reported requested
returned reviewed rose rescued seized sent signed sold started stopped struck suspended threatened told
traveled tried voted warned withdrew won annual armed average broad central civil clear common critical
current deep direct early eastern entire final former free full global hard heavy high independent key
large largest late legal likely long low main major modern northern nuclear old open political poor
possible private recent regional rich rural senior serious short similar single small social southern
special strong temporary urban western whole wide young
""")
_ONSETS = _apart("""
b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc sh sl sp st str t th tr v w
""")
_VOWELS = _apart("a e i o u ai ea ee oa ou")
_CODAS = _apart("""
b ck d ft g l ld lf ll lm lt m mp n nd ng nk nt p pt r rd rk rm rn rt s sk sp ss st t th x
""")
_MIDDLES = _apart("""
ab ac ad al am an ap ar as at ec ed el em en er es et ib ic id il im in ip ir is it ob oc od ol on or os
ul un ur
""")
_ENDINGS = (
    ("", "s"), ("", "s", "ed", "ing"), ("", "s", "er", "ers"), ("ation", "ations", "ate", "ated", "ating"),
    ("al", "ally"), ("ity", "ities"), ("ment", "ments"), ("ive", "ively"), ("ism", "ist", "ists"), ("ous",),
    ("ness",), ("ize", "izes", "ized", "izing"), ("y", "ies"), ("ence", "ent"),
)  # fmt: skip
_GIVEN = _apart("""
Anna Ben Carla David Elena Frank Grace Hassan Irene James Karen Luis Maria Nadia Omar Paula Quinn Rosa Samuel
Tara Umar Vera Walter Xenia Yusuf Zoe Alan Beth Colin Diane Edgar Fiona George Helen Ivan Julia Kevin Laura
Martin Nora Oliver Peter Rachel Simon Teresa Victor Wendy Andre Bianca Cyrus Daria Emil Farah Gavin Heidi
""")
_SURNAME_ENDINGS = _apart("son er man ton ez ov ski ley berg well ford ham wood ini ard")
_PLACE_ENDINGS = _apart("""
ton ville burg port field ford haven shire bridge mouth dale stad grad pur abad
""")
_STOCK_PARTS = 5
RANK_SHIFT, EXPONENT = 2.7, 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What texts are made of. Chunks are runs of two to five words: few shingles lie within one."""

    lexicon: tuple[str, ...]
    chunks: tuple[str, ...]
    starts: tuple[str, ...]  # chunks that begin a sentence
    stock: tuple[str, ...]  # clauses that journalists write again and again
    stock_weights: tuple[float, ...]  # cumulative
    topics: tuple[tuple[str, ...], ...]
    slugs: tuple[str, ...]


def make_words(seed: int, *, lexicon_size: int = 120_000, chunks: int = 300_000) -> Words:
    """The same words for the same seed."""
    rng = random.Random(seed)
    lexicon = _lexicon(rng, lexicon_size)
    weights = list(accumulate(1 / (rank + RANK_SHIFT) ** EXPONENT for rank in range(1, len(lexicon) + 1)))
    stream = rng.choices(lexicon, cum_weights=weights, k=chunks * 4)
    made: list[str] = []
    place = 0
    for size in rng.choices((2, 3, 4, 5), weights=(2, 4, 3, 1), k=chunks):
        made.append(" ".join(stream[place : place + size]))
        place += size
    stock = [
        " ".join(rng.choices(lexicon[:2000], cum_weights=weights[:2000], k=rng.randint(5, 9)))
        for _ in range(300)
    ]
    rare = lexicon[1000:]
    return Words(
        lexicon=tuple(lexicon),
        chunks=tuple(made),
        starts=tuple(one[0].upper() + one[1:] for one in made[: chunks // 4]),
        stock=tuple(stock),
        stock_weights=tuple(accumulate(1 / (rank + _STOCK_PARTS) for rank in range(len(stock)))),
        slugs=tuple(lexicon[200:20_000]),
        topics=tuple(tuple(rng.sample(rare, 25)) + tuple(rng.sample(COMMON_WORDS, 15)) for _ in range(600)),
    )


def _lexicon(rng: random.Random, size: int) -> list[str]:
    """Different words, the commonest first; inflections of a word lie near each other in rank."""
    words = list(dict.fromkeys([*FUNCTION_WORDS, *COMMON_WORDS]))
    seen = set(words)
    while len(words) < size:
        root = stem(rng)
        for ending in rng.choice(_ENDINGS):
            if root + ending not in seen:
                seen.add(root + ending)
                words.append(root + ending)
    head = len(FUNCTION_WORDS) + len(COMMON_WORDS)
    tail = words[head:size]
    # Near, not next to each other: each word moves by up to a third of its rank.
    order = sorted(range(len(tail)), key=lambda rank: rank * rng.uniform(0.67, 1.33))
    return words[:head] + [tail[rank] for rank in order]


def stem(rng: random.Random) -> str:
    """A made-up root of one to three syllables.

    >>> stem(random.Random(5)).isalpha()
    True
    """
    if rng.random() < 0.3:
        return rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
    middles = "".join(rng.choices(_MIDDLES, k=rng.choice((1, 2, 2, 3))))
    return rng.choice(_ONSETS) + middles + rng.choice(_CODAS) * (middles[-1] in "aeiou")


def person(rng: random.Random) -> str:
    """Given name and surname; there are some hundred thousand surnames, a few of them common."""
    root = rng.choice(_ONSETS).capitalize() + rng.choice(_VOWELS) + rng.choice(_CODAS)
    if rng.random() < 0.6:
        root += rng.choice(_MIDDLES)
    return f"{rng.choice(_GIVEN)} {root}{rng.choice(_SURNAME_ENDINGS)}"


def place(rng: random.Random) -> str:
    """A town."""
    return (rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)).capitalize() + rng.choice(
        _PLACE_ENDINGS
    )
