"""Who speaks in a transcript: the label before a paragraph's colon, carried to the paragraphs after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# "SECRETARY OF DEFENSE ANN EXAMPLE:", "Q:", "GEN. McSAMPLE:", and the older "Q     Sir, ...".
_WORD = r"(?:\d(?:ST|ND|RD|TH)|(?:Ma?c(?=[A-Z])|[A-Z]['\u2019])?[A-Z][A-Z.'\u2019\u00c0-\u00de-]*)"
_SPEAKER = re.compile(
    rf"\(?(?P<name>{_WORD}(?:,? (?:{_WORD}|(?:of|for|the|de|van|von|and)(?= ))){{0,13}})"
    r"(?: \([^()]{2,30}\))?\)?\s?:(?=\s|$)"
)
_ASKS = re.compile(r"(?P<name>Q)[.\s]\s*(?=[A-Z\"\u201c(\u2014-])")
# In small letters a title says that a person speaks ("Press Secretary Jane Example:"), or a name that recurs.
_TITLE = (
    r"(?:Mr|Mrs|Ms|Dr|Gen|Adm|Lt|Col|Maj|Capt|Cmdr|Sgt|Brig|Sec|Amb|Rep|Sen|Gov|Prof)\.?|General|Admiral|"
    r"Lieutenant|Colonel|Major|Captain|Commander|Sergeant|Secretary|Minister|President|Ambassador|Chairman|"
    r"Spokes(?:man|woman|person)|Director|Moderator|Reporter|Interpreter|Staff|Question|Answer"
)
_PART = r"[A-Z][\w.'\u2019-]+"
_ENDS = r"(?: \([^()]{2,30}\))?\)?\s?:(?=\s|$)"
_TITLED = re.compile(
    rf"\(?(?P<name>(?:{_PART} ){{0,4}}(?:{_TITLE})(?: (?:of|for|the|{_PART})){{0,8}}){_ENDS}"
)
_NAMED = re.compile(rf"\(?(?P<name>{_PART}(?: {_PART}){{1,3}}){_ENDS}")
# What a paragraph in capitals may begin with that is nobody.
_NOBODY = frozenset((
    "NOTE", "UPDATE", "CORRECTION", "EDITOR'S NOTE", "EDITOR\u2019S NOTE", "RELATED", "WATCH", "WASHINGTON",
    "DATE", "SUBJECT", "RE", "FACT", "BACKGROUND", "PHOTO", "VIDEO", "READ MORE", "MORE", "CONTACT", "PS",
    "TIP",
))  # fmt: skip
_STAGE = re.compile(r"[(\[][^()\[\]]{2,60}[)\]]\.?")
_LONGEST, _FEWEST_TURNS, _FEWEST_SPEAKERS, _LEAST_SHARE = 90, 4, 2, 0.3


def speaker(paragraph: str) -> str:
    """Who a paragraph says is speaking, empty where it does not say.

    >>> speaker("SEC. EXAMPLE: Thank you."), speaker("Q: Sir, when?"), speaker("The plan: more boats.")
    ('SEC. EXAMPLE', 'Q', '')
    """
    head = paragraph[:_LONGEST]
    found = (_SPEAKER.match(head) if ":" in head else None) or _ASKS.match(head)
    return found["name"] if found and found["name"] not in _NOBODY else ""


def speakers(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Speaker of each paragraph of a talk, empty before the first and for stage directions that stand alone.

    >>> speakers(("The briefing.", "STAFF: Good morning.", "One question each.", "(Laughter.)", "Q: When?"))
    ('', 'STAFF', 'STAFF', '', 'Q')
    """
    named = Counter(found["name"] for text in paragraphs if (found := _NAMED.match(text[:_LONGEST])))
    labels: list[str] = []
    speaking = ""
    for paragraph in paragraphs:
        speaking = speaker(paragraph) or _in_small_letters(paragraph, named) or speaking
        labels.append("" if _STAGE.fullmatch(paragraph) else speaking)
    return tuple(labels)


def _in_small_letters(paragraph: str, named: Counter[str]) -> str:
    """Who a paragraph of a talk says is speaking, by title or as one of the `named` that recur.

    >>> _in_small_letters("Press Secretary Jane Example: Good afternoon.", Counter())
    'Press Secretary Jane Example'
    >>> _in_small_letters("The plan: more boats.", Counter())
    ''
    """
    head = paragraph[:_LONGEST]
    if ":" not in head:
        return ""
    if found := _TITLED.match(head):
        return found["name"]
    found = _NAMED.match(head)
    return found["name"] if found and named[found["name"]] > 1 else ""


def is_transcript(paragraphs: Sequence[str]) -> bool:
    """Whether paragraphs are a talk between several: many begin with who speaks."""
    turns = [name for name in map(speaker, paragraphs) if name]
    return (
        len(turns) >= _FEWEST_TURNS
        and len(set(turns)) >= _FEWEST_SPEAKERS
        and len(turns) >= _LEAST_SHARE * len(paragraphs)
    )
