"""What stands below a story and is none of it: its writer, whom to write to, whose text it is, a company."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import LineRules, Verdict, Verdicts, line_rule, rules_for
from pipelines.page.segments import Reading
from pipelines.words import normal
from storage.article import BlockKind

_AGENCIES = (
    r"(?:the )?(?:associated press|ap|afp|agence france-presse|reuters|ani|pti|ians|upi|dpa|efe|ansa|tass|"
    r"xinhua|bloomberg|cna|kyodo|yonhap|aap|pa media|press association|canadian press|agencies)"
)
LINE_RULES = LineRules(
    rules=(
        line_rule(
            BlockKind.SOURCE_LINK, "tails:agency",
            "ap afp reuters ani pti ians upi dpa efe ansa tass xinhua bloomberg cna kyodo yonhap aap press "
            "agencies presse media",
            rf"[\[(\u2013\u2014/-]*\s*(?:with )?(?:(?:inputs?|files|reporting|contributions?|material|"
            rf"agency inputs) from )?{_AGENCIES}(?:(?:,| and| &|"
            rf"/) ?{_AGENCIES}){{0,3}}\s*[\])\u2013\u2014/-]*",
            longest=80,
        ),
        line_rule(
            BlockKind.RELATED, "tails:agency_page", "apnews",
            r".{0,160}\bhttps?://(?:www\.)?apnews\.com/\S*", longest=240,
        ),
        line_rule(
            BlockKind.PROMOTION, "tails:contact",
            "contact reach reached contacted email mail e tip tips write send followed follow touch",
            r"(?:you can |to )?(?:contact|reach|e-?mail|write to|follow|"
            r"reach out to) (?:the )?\w[\w.'\u2019, -]{1,70}? (?:at|on|via|by|:) [^@]{0,100}(?:@|\[email|"
            r"\(\d{3}\)|\d{3}[-. ]\d{3}).{0,140}",
            r"(?-i:[A-Z])[\w.'\u2019 -]{2,40} (?:covers|writes about|reports on|is an?|is the)\b[^@]{3,240}"
            r"[.!] (?:you can )?(?:reach|contact|e-?mail|follow) (?:him|her|them|(?-i:[A-Z])\w+) "
            r"(?:at|on|via|by)\b.{0,140}",
            r"\w[\w.'\u2019 -]{2,60} (?:can|may) be (?:reached|contacted|followed|found) (?:at|on|via|"
            r"by) .{2,160}",
            r"(?:do you )?(?:have|got) (?:a |an |any )?(?:news |story |confidential )?(?:tips?|story|"
            r"information|questions?|thoughts|comments?|correction)\b[^.?]{0,100}\?.{0,20}\b(?:contact|"
            r"e-?mail|send|let us know|tell|reach|get in touch|write|call)\b.{0,160}",
            r"(?:please )?send (?:your |us |any |news )*(?:tips|letters|questions|comments|feedback|"
            r"corrections)\b.{0,40} to .{2,120}",
            silent=True,
            longest=300,
        ),
        line_rule(
            BlockKind.WIDGET, "tails:disclaimer",
            "views opinions informational information educational purposes standards licensing responsible",
            r"[\w ]{2,30} (?:is|are) not responsible for the content of external (?:web)?sites.{0,120}",
            r"(?:disclaimer ?: ?)?(?:the |any |all )?(?:views|opinions)(?:,? (?:and|or|&|thoughts|views|"
            r"opinions))* expressed\b.{0,400}",
            r"opinions expressed by .{2,60} contributors are their own",
            r".{0,200}\b(?:informational|educational|information)(?:,? (?:and|"
            r"or) \w+)? purposes only\b.{0,500}\b(?:advice|advisor|professional|endors\w+|"
            r"recommendation)\b.{0,400}",
            r"our standards ?: ?the thomson reuters.{0,60}|(?:acquire |purchase )?licensing rights.{0,60}",
            silent=True,
            longest=900,
        ),
        line_rule(
            BlockKind.NAVIGATION, "tails:copyright", "material copyright reproduced republished published",
            r".{0,300}\bthis (?:material|article|story|content) (?:may|must|can) ?not be (?:published|copied|"
            r"reproduced|republished|used|broadcast)\b.{0,260}",
            silent=True,
            longest=600,
        ),
    )
)  # fmt: skip
_JOBS = (
    r"(?:(?:staff|senior|freelance|chief|lead|deputy|associate|assistant|contributing|managing|executive|"
    r"national|political|business|sports?|tech(?:nology)?|science|health|travel|food|finance|culture|"
    r"features|investigative|general assignment|award-winning|london-based|new york-based|former|veteran|"
    r"full-time|part-time|digital|multimedia|\w+-based)[ ,]+(?:and )?){1,4}(?:\w+ ){0,2}(?:writer|reporter|"
    r"editor|journalist|columnist|correspondent|contributor|producer|blogger|critic|author)"
)
_BIO = re.compile(
    r"(?P<name>(?:Dr\. )?[A-Z][\w.'\u2019-]+(?: [A-Z][\w.'\u2019-]*){1,3})(?:,? (?:PhD|MD|RD|"
    r"CFP))?,? (?:(?:is|was|works as|has been|serves as) (?:an? |the |our |\w+['\u2019]s? )?|(?:covers|"
    r"writes (?:about|for|on)|reports (?:on|for)) )(?P<what>.{3,160})",
    re.DOTALL,
)
_JOB = re.compile(rf"(?:{_JOBS})\b", re.IGNORECASE)
_ABOUT_AUTHOR = re.compile(
    r"\W*about (?:the |this )?(?:authors?|writers?|reporters?|contributors?|expert)\s*:?\s*", re.IGNORECASE
)
_ABOUT = re.compile(r"\W*About (?P<name>(?:the )?[A-Z0-9][\w.&,'\u2019()® -]{1,60}?)\W*")
_MOST_BIO_WORDS, _MOST_LEFT, _FEWEST_BEFORE, _FULL_WORDS, _LINKED = 130, 4, 2, 12, 0.5
_MOST_LINES, _MOST_HEAD_WORDS, _SHORTEST_NAME = 4, 8, 3


def judge(reading: Reading, settled: frozenset[int], bylines: str) -> Verdicts:
    """Verdicts on lines below the story; `bylines` are the letters of what names its writers."""
    full = [
        index
        for index, segment in enumerate(reading.segments)
        if index not in settled
        and reading.words[index] >= _FULL_WORDS
        and reading.sentences[index]
        and segment.link_share < _LINKED
    ]
    if len(full) <= _FEWEST_BEFORE:
        return
    start = max(full[_FEWEST_BEFORE - 1] + 1, full[-min(_MOST_LEFT + 1, len(full))])
    found: dict[int, Verdict] = {}
    for index in range(start, len(reading.segments)):
        if index not in settled:
            for place, verdict in (*_line(reading, index), *_about(reading, index)):
                found.setdefault(place, verdict)
    for index in reversed(full):
        if index not in found:
            if index >= start and _is_bio(reading, index, bylines):
                found[index] = Verdict(kind=BlockKind.PROMOTION, rule="tails:bio")
            break
    yield from found.items()


def _line(reading: Reading, index: int) -> Verdicts:
    for rule in rules_for(reading.segments[index].text, LINE_RULES):
        yield index, Verdict(kind=rule.kind, rule=rule.rule)
        return


def _is_bio(reading: Reading, index: int, bylines: str) -> bool:
    """Whether a paragraph says who its writer is: the byline names him, or his trade is writing."""
    if reading.words[index] > _MOST_BIO_WORDS:
        return False
    found = _BIO.match(reading.segments[index].text)
    if found is None:
        return False
    return normal(found["name"]) in bylines or _JOB.match(found["what"]) is not None


def _about(reading: Reading, index: int) -> Verdicts:
    """Verdicts on "About the author" or "About Example Corp." and the paragraphs of it."""
    text = reading.segments[index].text
    if reading.words[index] > _MOST_HEAD_WORDS:
        return
    if _ABOUT_AUTHOR.fullmatch(text):
        yield index, Verdict(kind=BlockKind.PROMOTION, rule="tails:about_author")
        yield from _below(reading, index, "tails:about_author")
        return
    found = _ABOUT.fullmatch(text)
    if found is None or index + 1 >= len(reading.segments):
        return
    name = normal(found["name"].removeprefix("the ").split(",")[0])
    below = reading.flats[index + 1].removeprefix("the")
    if len(name) >= _SHORTEST_NAME and below.startswith(name[: max(len(name) // 2, _SHORTEST_NAME)]):
        yield index, Verdict(kind=BlockKind.PROMOTION, rule="tails:about_company")
        yield from _below(reading, index, "tails:about_company")


def _below(reading: Reading, index: int, rule: str) -> Verdicts:
    """Verdicts on the paragraphs under a heading, up to the next heading."""
    for place in range(index + 1, min(index + 1 + _MOST_LINES, len(reading.segments))):
        if not reading.sentences[place] and reading.segments[place].link_share < _LINKED:
            return
        yield place, Verdict(kind=BlockKind.PROMOTION, rule=rule)
