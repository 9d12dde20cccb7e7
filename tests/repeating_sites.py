"""Invented sites of thirty and more pages, with lines that recur: some boilerplate, some the articles' own.

Words are drawn with a seed of their own for each page; every sentence is made up here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

START = datetime(2026, 9, 1, 7, tzinfo=UTC)


def _words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


TOPICS = {
    "courts": "judge jury witness barrister bailiff verdict appeal sentence evidence courthouse plea warrant",
    "farms": "barley ewe tractor hedge orchard drought dairy harvest silo shepherd pasture meadow",
    "sport": "goalkeeper innings stadium referee penalty bowler relay captain hurdle league keeper scrum",
    "harbour": "trawler pilot dredger quay lighthouse ferry mooring cargo tide skipper hull buoy",
    "council": "mayor levy bypass planning drainage library allotment petition budget parking bridge",
    "science": "telescope enzyme glacier beetle fossil reactor sensor vaccine orbit magnet sediment pollen",
}
_SHAPES = (
    "The {a} near {place} was {done} by {name} before the {b} could be {done2}.",
    "{name} said the {a} and the {b} at {place} had been {done} since {month}.",
    "Nobody in {place} expected the {a} to be {done} while {name} held the {b}.",
    "By {month} some {number} people had asked {name} about the {a}, and the {b} stood {done2}.",
    "A {a} of {number} pounds, {done} in {place}, left {name} without a {b}.",
    "In {place} the {b} has been {done} {number} times, according to {name}, who keeps the {a}.",
    "When {name} came to {place} in {month}, the {a} was already {done} and the {b} {done2}.",
)
_PLACES = _words(
    "Orrowby Tansley Crake Fennimoor Aldersea Wexmere Dunholt Harl Pettigrove Swale Brindlow Cotterham"
)
_FIRST = _words(
    "Ada Bram Celia Dorian Esme Fergus Greta Hollis Imre Juno Kester Lorna Milo Nessa Osric Petra"
)
_LAST = _words("Quill Marsh Tolliver Vane Ostrander Pike Rudge Sallow Thrupp Umber Wick Yarrow Zell Birch")
_DONE = _words("mended sold flooded painted weighed counted hidden praised doubted moved fenced lit emptied")
_MONTHS = _words("January February March April May June July August")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page with its paragraphs; `boilerplate` are those that are not the article's own."""

    url: str
    title: str
    author: str
    captured_at: datetime
    published_at: datetime
    paragraphs: tuple[str, ...]
    boilerplate: frozenset[str]

    def html(self) -> bytes:
        """The page as its server sends it."""
        body = "\n".join(f"<p>{escape(one)}</p>" for one in self.paragraphs)
        return (
            f"<!doctype html><html lang=en><head><title>{escape(self.title)}</title>"
            f'<meta property="article:published_time" content="{self.published_at.isoformat()}">'
            f'<meta name="author" content="{escape(self.author)}"></head>'
            f"<body><main><article><h1>{escape(self.title)}</h1>{body}</article></main></body></html>"
        ).encode()


def sentence(drawn: random.Random, topic: str) -> str:
    """A sentence with two words of a topic."""
    first, second = drawn.sample(TOPICS[topic].split(), 2)
    return drawn.choice(_SHAPES).format(
        a=first,
        b=second,
        place=drawn.choice(_PLACES),
        name=f"{drawn.choice(_FIRST)} {drawn.choice(_LAST)}",
        month=drawn.choice(_MONTHS),
        number=drawn.randint(3, 900),
        done=drawn.choice(_DONE),
        done2=drawn.choice(_DONE),
    )


def body(drawn: random.Random, topic: str, paragraphs: int) -> list[str]:
    """Paragraphs of two to four sentences of a topic."""
    return [" ".join(sentence(drawn, topic) for _ in range(drawn.randint(2, 4))) for _ in range(paragraphs)]


def made(
    host: str,
    number: int,
    topic: str,
    author: str,
    own: list[str],
    around: dict[str, list[str]],
    **changes: object,
) -> Page:
    """A page of a site: its own paragraphs, with boilerplate before, among and after them."""
    head, middle, tail = (around.get(place, []) for place in ("head", "middle", "tail"))
    half = max(1, len(own) // 2)
    fields = {
        "url": f"https://{host}/{topic}/story-{number}",
        "title": f"{topic.title()} story of number {number}",
        "author": author,
        "captured_at": START + timedelta(days=number // 12, minutes=number),
        "published_at": START - timedelta(days=3 * number % 100, hours=number),
        "paragraphs": (*head, *own[:half], *middle, *own[half:], *tail),
        "boilerplate": frozenset([*head, *middle, *tail]),
    }
    return Page(**(fields | changes))


def tattler(host: str = "tattler.example") -> list[Page]:
    """Forty pages: a sign-off, a mark, authors' notes, an offer among the text, reports of one trial."""
    notes = {
        "Ada Quill": "Ada Quill has walked the court corridors for the paper since the old clock stopped.",
        "Bram Pike": "Bram Pike writes from the high pastures and answers letters slowly.",
        "Celia Vane": "A former rower, Celia Vane now watches others do the work.",
    }
    offer = (
        "Fancy a page of this with your porridge? The Dawn Leaf lands before six, and it costs you nothing."
    )
    sign_off = "So ends the sheet for this day; the bell ringers go home by the lower road."
    held = (
        "The mill was set alight in March of last year, and three men of the parish have stood accused since."
    )
    quote = "\u201cNobody in this valley has ever owned the river,\u201d the steward said."
    pages = []
    for number in range(40):
        drawn = random.Random(f"tattler {number}")
        topic, author = (("courts", "Ada Quill"), ("farms", "Bram Pike"), ("sport", "Celia Vane"))[number % 3]
        own = body(drawn, topic, drawn.randint(5, 9))
        if number % 4 == 0:
            own.insert(3, "What happens next")
        if number % 9 == 0:
            own.insert(2, quote)
        if topic == "courts" and number % 2:
            own.append("The trial continues.")
        if topic == "courts" and number < 18:
            own[-1:] = ["The burning of the mill is before the judge and jury again.", held, own[-1]]
        around = {"tail": [sign_off, "___", notes[author]], "middle": [offer] if number % 2 else []}
        pages.append(made(host, number, topic, author, own, around))
    return pages


def gazette(host: str = "gazette.example") -> list[Page]:
    """Thirty-six pages at one level: a line at the head, a weather box by day, a plea, promotions in turn."""
    days = [
        "Tonight on the water: clear, a light air from the north-west, glass rising at Aldersea light.",
        "Tonight on the water: fog by ten, then rain off Crake Head, glass falling at Aldersea light.",
        "Tonight on the water: squalls and a heavy swell in the roads, glass steady at Aldersea light.",
    ]
    turns = [
        "Maps of the old moorings hang in the front office all week.",
        "Back numbers are bound in blue cloth at the turn of each quarter.",
        "The tide table for the coming season is out, as big as a door.",
    ]
    plea = "Ink is dear and rope dearer: a coin from you keeps our press turning, at the hatch or by post."
    charted = "Charting the coast, its people and its quarrels since the year of the great gale."
    pages = []
    for number in range(36):
        drawn = random.Random(f"gazette {number}")
        topic = ("harbour", "council")[number % 2]
        own = body(drawn, topic, drawn.randint(6, 10))
        if number % 5 == 0:
            own.append("No one was hurt.")
        if number % 3 == 0:
            own.append("Reporting by Greta Sallow; editing by Milo Birch.")
        if number % 6 == 0:
            own.insert(4, "How the vote was counted")
        around = {
            "head": [charted],
            "middle": [plea] if number % 4 < 2 else [],
            "tail": [turns[number % 3], days[number // 12]],
        }
        pages.append(
            made(host, number, topic, "Greta Sallow", own, around, url=f"https://{host}/{number}-story")
        )
    return pages


def register(host: str = "register.example") -> list[Page]:
    """Thirty-four notices of awards, some with questions and answers; one line of an office under all."""
    stock = [
        "The award followed a full and open contest with four offers received.",
        "Work is to be done at Wexmere and ended by the close of the year.",
        "Money of the present year is bound to the award at its signing.",
    ]
    office = "Printed for the Registrar at the Old Customs House; errors are mended in the next number."
    pages = []
    for number in range(34):
        drawn = random.Random(f"register {number}")
        topic = ("science", "council")[number % 2]
        own = body(drawn, topic, drawn.randint(4, 7))
        if number % 2 == 0:
            own[1:1] = ["Works and Roads", stock[number % 3], stock[(number + 1) % 3]]
        else:
            own[1:1] = ["Q: Who pays for it?", "A: The Treasury pays.", "Q: And when?"]
        pages.append(made(host, number, topic, "The Registrar", own, {"tail": [office]}))
    return pages


def lantern(host: str = "lantern.example") -> list[Page]:
    """Thirty short entries of one author with two lines after each, and a quote that is used four times."""
    ends = ["Until the next lamp is lit, mind the third step.", "Filed from the upper room, window open."]
    pages = []
    for number in range(30):
        drawn = random.Random(f"lantern {number}")
        own = body(drawn, ("science", "harbour")[number % 2], drawn.randint(2, 4))
        if number % 8 == 0:
            own.insert(1, "\u201cA lamp is only a slow sort of sun,\u201d as my aunt had it.")
        url = f"https://{host}/2026/{number % 9 + 1:02d}/entry-{number}"
        pages.append(made(host, number, "science", "Osric Thrupp", own, {"tail": ends}, url=url))
    return pages


SITES = (tattler, gazette, register, lantern)
