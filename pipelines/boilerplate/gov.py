"""Lines of the .gov banner and the notice on pages of a historical collection."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.page.segments import Reading
from pipelines.words import word_count
from storage.article import BlockKind

# Each expression is one sentence of the banner; a line is of the banner when little is left without them.
_BANNER = re.compile(
    r"(?:this is )?an official web ?site of (?:the|an?) [\w .'-]{2,60}?(?:government|u\.s\.|united states|"
    r"agency|department "
    r"of \w+)(?:\b|(?=here[\u2019'\u2018`]?s how))|"
    r"here[\u2019'\u2018`]?s how you know|official websites use \.(?:gov|mil)|(?:a )?\.?(?:gov|"
    r"mil) website belongs to an official "
    r"(?:[\w ,.\u2019'-]{3,80}?united states(?: government)?|[\w ,.\u2019'-]{3,60}?(?:organi[sz]ation|agency|"
    r"body|entity|department|ministry)(?: (?:in|of) (?:(?!secure \.)[\w ()\u2019'-]){2,60})?)|"
    r"secure \.(?:gov|mil) websites use https|"
    r"a lock \(? ?(?:lock|🔒|locked padlock"
    r"|[^)\w]{0,3})(?: a locked padlock)? ?\)? or https:// means you[\u2019'\u2018`]?ve safely connected "
    r"to the \.(?:gov|mil) website|"
    r"share sensitive information only on official,? secure websites|the site is secure|"
    r"the https:// ensures that you are "
    r"connecting to the official website and that any information you provide is encrypted and transmitted "
    r"securely|"
    r"skip to main content(?: \(press enter\))?|u\.?s\.? flag|\(?lock\)? icon|\{\{[^}]{0,80}\}\}",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"you have accessed part of a historical collection\b|"
    r"some of the information contained within may be outdated"
    r"|please contact the do[dw] webmaster|this (?:page|content|"
    r"item) is (?:part of )?(?:an )?archived? (?:content|collection|"
    r"material)\b.{0,200}|^(?:historical collection|archived content)$",
    re.IGNORECASE,
)
_LEFT_OVER_WORDS = 2
_LONGEST_NOTICE_WORDS, _LONGEST_BANNER_WORDS = 70, 150
# A word of each expression above: most lines have none, and need not be searched.
_TELLING = ("website", "web site", "how you know", "https", "sensitive information", "site is secure",
            "skip to", "flag", "icon", "{{", "histor", "outdated", "webmaster", "archive")  # fmt: skip


def judge(reading: Reading) -> Verdicts:
    """Verdicts on banner and notice lines, also where several sentences were run together in one line."""
    telling = [word for word in _TELLING if word in reading.lowered]
    for index, segment in enumerate(reading.segments if telling else ()):
        text = segment.text
        if reading.words[index] > _LONGEST_BANNER_WORDS or not _may_tell(text, telling):
            continue
        if _BANNER.search(text) and word_count(_BANNER.sub(" ", text)) <= _LEFT_OVER_WORDS:
            yield index, Verdict(kind=BlockKind.GOV_BANNER, rule="gov:banner")
        elif _NOTICE.search(text) and reading.words[index] <= _LONGEST_NOTICE_WORDS:
            yield index, Verdict(kind=BlockKind.HISTORICAL_NOTICE, rule="gov:historical")


def _may_tell(text: str, telling: list[str]) -> bool:
    flat = text.lower()
    return any(word in flat for word in telling)
