"""What stands on a page that is no article: an excuse, a question for consent, a login, an empty shell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from pipelines.boilerplate.verdict import Verdict
from pipelines.fields.metadata import Fields
from pipelines.kinds.excuses import WALLS, excuse
from pipelines.kinds.walls import Wall
from pipelines.page.segments import Reading
from storage.article import BlockKind, Outcome

_MOST_EXCUSE_WORDS, _FULL_WORDS, _FEWEST_SENTENCES, _FIRST_LINES = 120, 12, 2, 6
_FEWEST_WORDS, _MOST_SHELL_WORDS, _MOST_FORM_WORDS = 15, 80, 100
_CONSENT_WORDS, _CONSENT_SHARE = 40, 0.6
_PASSWORD = re.compile(r"<input\b[^<>]*\btype=[\"']?password\b", re.IGNORECASE)
_LOGIN_WORDS = re.compile(r"\b(?:log|sign)[ -]?in\b|\bpassword\b|\banmelde\w*|\bconnexion\b", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
# Where a script puts the page: empty as it is sent.
_MOUNT = re.compile(
    r"<(div|main|section)\b[^<>]*\bid=[\"']?(?:root|app|app-root|__next|__nuxt|___gatsby|svelte|react-root|"
    r"main-app|ember-application)[\"']?(?:\s[^<>]*)?>(?:\s|<!--[^<>]*-->)*</\1>|"
    r"<app-root\b[^<>]*>\s*(?:loading\W*\s*)?</app-root>",
    re.IGNORECASE,
)
_SCRIPTLESS = re.compile(
    r"\bjavascript\b.{0,120}\b(?:enabled?|turned on|required|needed|aktivier\w+|activ\w+)\b|"
    r"\b(?:enable|turn on|requires?|needs?|activ\w+|without|aktivier\w+)\b.{0,120}\bjavascript\b",
    re.IGNORECASE | re.DOTALL,
)
_NOSCRIPTS, _NOSCRIPT_LENGTH = 5, 3_000  # looked at of a page


def excuse_of(reading: Reading, kept: list[int], fields: Fields) -> Wall | None:
    """What the title or a heading of a short page says instead of an article.

    Where a paywall's heading stands under a teaser of several sentences, the teaser is the article.
    """
    if sum(reading.words[index] for index in kept) > _MOST_EXCUSE_WORDS:
        return None
    firsts = (index for index in range(len(reading.segments)) if reading.tags[index] in ("h1", "h2"))
    heads = [reading.segments[index].text for index in islice(firsts, 3)]
    for number, text in enumerate((fields.title or "", *heads)):
        outcome = excuse(text)
        if outcome is None or (number and outcome is Outcome.LOGIN_WALL and _tells(reading, kept)):
            continue
        return Wall(outcome=outcome, reason=f'says "{text.strip()[:60]}"')
    if fields.says_article:
        return None
    for text in (fields.title or "", fields.marks.title.split(" | ")[0]):
        if WALLS.fullmatch(text.strip()):
            return Wall(outcome=Outcome.CONSENT_WALL, reason=f'asks "{text.strip()[:60]}"')
    return None


def found_instead(
    reading: Reading, verdicts: Mapping[int, Verdict], fields: Fields, markup: str
) -> Wall | None:
    """What a page is that is no article; None where it is a page of another use."""
    kept = sorted(index for index, verdict in verdicts.items() if verdict.kept)
    if wall := excuse_of(reading, kept, fields) or _declared(fields):
        return wall
    words = sum(reading.words)
    consent = sum(reading.words[n] for n, verdict in verdicts.items() if verdict.kind is BlockKind.CONSENT)
    own = sum(reading.words[index] for index in kept)
    if own < _FEWEST_WORDS and consent >= max(_CONSENT_WORDS, _CONSENT_SHARE * words):
        return Wall(outcome=Outcome.CONSENT_WALL, reason=f"{consent} words ask for consent")
    if words <= _MOST_FORM_WORDS and _PASSWORD.search(markup) and _LOGIN_WORDS.search(reading.lowered):
        return Wall(outcome=Outcome.LOGIN_WALL, reason="asks for a password")
    if own < _FEWEST_WORDS and words <= _MOST_SHELL_WORDS:
        return shell_in(markup) or _said(reading)
    return _said(reading) if words <= _MOST_EXCUSE_WORDS else None


def shell_in(markup: str) -> Wall | None:
    """The shell that a script fills in a browser; None where the page is something else.

    >>> shell_in('<div id="root"></div><script src="/main.js"></script>').reason
    'an empty element for a script to fill'
    """
    if not _SCRIPT.search(markup):
        return None
    if _MOUNT.search(markup):
        return Wall(outcome=Outcome.NEEDS_JAVASCRIPT, reason="an empty element for a script to fill")
    if any(_SCRIPTLESS.search(told) for told in _noscripts(markup)):
        return Wall(outcome=Outcome.NEEDS_JAVASCRIPT, reason="tells browsers without scripts so")
    return None


def _noscripts(markup: str) -> Iterator[str]:
    """What the page has for browsers without scripts."""
    pieces = islice(re.finditer(r"<noscript\b", markup, re.IGNORECASE), _NOSCRIPTS)
    for piece in pieces:
        yield markup[piece.end() : piece.end() + _NOSCRIPT_LENGTH].partition("</noscript")[0]


def _tells(reading: Reading, kept: list[int]) -> bool:
    """Whether the text has sentences enough for the beginning of an article."""
    told = [n for n in kept if reading.words[n] >= _FULL_WORDS and reading.sentences[n]]
    return len(told) >= _FEWEST_SENTENCES


def _declared(fields: Fields) -> Wall | None:
    """WordPress says of its own page that it stands for a missing one."""
    if "error404" in fields.marks.classes:
        return Wall(outcome=Outcome.SOFT_404, reason="body class error404")
    return None


def _said(reading: Reading) -> Wall | None:
    """What one of the first lines says, on a page without headings that do."""
    for segment in reading.segments[:_FIRST_LINES]:
        outcome = excuse(segment.text)
        if outcome is not None and outcome is not Outcome.LOGIN_WALL:  # "Sign in" stands in any page's menu
            return Wall(outcome=outcome, reason=f'says "{segment.text.strip()[:60]}"')
    return None
