"""Parts of a page that do something: players, polls, ratings, tickers, templates, and code shown as text."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import FIGURE, Verdict, Verdicts, line_rule
from pipelines.page.segments import Reading
from storage.article import BlockKind

RULES = (
    line_rule(
        BlockKind.WIDGET, "widget:likes", "bloggers blogger like likes loading",
        r"%d bloggers? likes? this|like this|like ?loading(?:\.\.\.|…)?|likes?:? \d+|"
        r"loading(?: \w+)?(?:\.\.\.|…)|be the first to like this|\d+ likes?|people like this",
    ),
    line_rule(
        BlockKind.WIDGET, "widget:player",
        "play pause watch listen mute unmute replay video player browser javascript embed transcript read "
        "reading "
        f"estimated toggle close print {FIGURE} autoplay fullscreen full volume captions subtitles",
        r"(?:play|pause|watch|listen|mute|unmute|replay)(?: video| audio| now| live| in|(?: to)? (?:this|"
        r"the) (?:article|story|episode|podcast))?(?: in summarized format)?",
        r"(?:/ )?\d{1,2}:\d\d(?::\d\d)?(?: ?/ ?\d{1,2}:\d\d(?::\d\d)?)?|"
        r"(?:this )?video (?:player )?is (?:loading|playing|unavailable).{0,40}|(?:video|"
        r"audio) player(?: is loading)?|embed(?:ded video)?|transcript toggle",
        r"your browser (?:does not|doesn[\u2019']t) (?:currently )?(?:support|recogni[sz]e) .{0,80}|"
        r"(?:please )?(?:enable|turn on|activate) javascript.{0,120}|you need to enable javascript.{0,80}|"
        r"javascript (?:is|must be|seems to be) (?:disabled|required|enabled|turned off).{0,160}|"
        r"this (?:video|audio) (?:file )?(?:cannot|can not|can[\u2019']t|could not) be played.{0,60}",
        r"\d+[- ]min(?:ute)?s? (?:read|listen|watch|video)|(?:estimated )?read(?:ing)? time:?.{0,20}|"
        r"\(?estimated \)?\d+ minutes?|(?:listen|audio) \d+ min(?:ute)?s?",
        r"toggle .{0,40}|close(?: (?:this )?(?:dialog|modal|window|menu|popup|ad|this module))?|"
        r"print ?\| ?e-?mail|autoplay|full ?screen|(?:closed )?(?:captions|subtitles)(?: (?:on|off|"
        r"settings))?(?:, .{0,60})?|volume \d+%?",
        in_cells=False,
    ),
    line_rule(
        BlockKind.WIDGET, "widget:player_controls",
        "time duration loaded stream remaining playback chapters descriptions dialog modal defaults current",
        r"(?:current|remaining|total) time ?:? ?-?[\d:]{0,8}|duration ?:? ?[\d:]{1,8}|"
        r"loaded: [\d.]+%(?: .{0,40})?|stream type ?:? ?live|playback rate.{0,20}|descriptions off, selected|"
        r"(?:beginning|end) of (?:modal )?dialog (?:window|content).{0,120}|this is a modal window.{0,80}|"
        r"close modal dialog.{0,40}|restore all settings to (?:the )?default values.{0,20}",
        in_cells=False,
    ),
    line_rule(
        BlockKind.WIDGET, "widget:image_controls",
        f"download share view image photo full hi previous next gallery enlarge {FIGURE} expand caption "
        f"pinterest zoom slide",
        r"download (?:image|photo|hi-?res(?:olution)?)s?(?:: .{1,40}| /? ?photo details)?|(?:share|view|open|"
        r"enlarge) (?:image|original|photo|larger|full size)(?: .{0,30})?|photo details|(?:image|photo|"
        r"slide) \d+ (?:of|/) \d+|(?:view |open )?(?:photo |image )?gallery|hi-?res download|"
        r"full size.{0,20}|view larger image|(?:click|tap) to (?:enlarge|expand|zoom).{0,20}|expand (?:image|"
        r"photo|caption)|download hi-?res ?/ ?photo details|\d+ (?:of|/) \d+|previous|next|previous next|"
        r"hide caption|toggle caption|enlarge this image",
    ),
    line_rule(
        BlockKind.WIDGET, "widget:live_blog",
        "key events updates update live filters refresh posts newest latest oldest",
        r"(?:show )?key events(?: only)?|please turn on javascript to use this feature|live (?:updates?|"
        r"feed)|filters? beta|(?:show|load|see) (?:\d+ )?(?:more|new|newer|older|latest|earlier) (?:posts?|"
        r"updates?|events?)|\d+ new updates?|(?:newest|oldest|latest) (?:first|updates?)|refresh(?: page)?|"
        r"auto-?update.{0,20}|(?:this )?live (?:blog|coverage|feed) (?:is|has) (?:now )?(?:closed|ended|"
        r"paused|finished).{0,40}",
    ),
    line_rule(
        BlockKind.WIDGET, "widget:poll",
        "poll vote votes voting results quiz rate rating star helpful useful stars",
        r"(?:take|answer) (?:our|the|this) (?:poll|quiz|survey).{0,40}|(?:reader )?(?:poll|quiz)|"
        r"vote(?: now)?|(?:view|see|show) results|total votes:? [\d.,]*|[\d.,]+ votes?|"
        r"thank you for voting.{0,40}",
        r"average rating:?.{0,12}(?:/ ?5|votes?).{0,30}|(?:please )?rate this (?:post|article|page|"
        r"recipe).{0,40}|click on a star to rate it|no votes so far.{0,60}|(?:did you )?(?:find|"
        r"was) this (?:\w+ )?(?:post|article|page|story|content|information)? ?(?:useful|"
        r"helpful)\??(?: yes)?(?: \|?/? ?no)?.{0,20}|how useful was this (?:post|article)\??|"
        r"we are sorry that this post was not useful.{0,40}|(?:let us|"
        r"tell us how we can) improve this (?:post|article|page).{0,4}|[\d.]+ (?:out of 5|"
        r"/ ?5)(?: stars?)?(?: \(.{0,30}\))?",
        in_cells=False,
    ),
    line_rule(
        BlockKind.WIDGET, "widget:error",
        "error wrong sorry problem failed oops try unavailable available reload valid required fields robot "
        "captcha field loaded",
        r"(?:oops|sorry|whoops)[,.!]? (?:something went wrong|an error(?: has)? occurred).{0,80}|"
        r"(?:something went wrong|an error(?: has)? occurred|there (?:was|has been) an? (?:error|problem|"
        r"issue)\b.{0,60})[.,!]* (?:please )?(?:try again|reload|check).{0,40}|there (?:was|"
        r"has been) an? (?:error|problem|issue) (?:processing|loading|submitting|saving) .{1,60}|"
        r"something went wrong!|an error(?: has)? occurred!?",
        r"please try again(?: later| shortly| in a few minutes)?|this (?:content|video|feature|image|"
        r"audio) is (?:currently )?(?:not available|unavailable|no longer available)\b.{0,60}|(?:unable|"
        r"failed) to load .{0,40}|this (?:field|question) is required|(?:please )?(?:fill (?:in|out)|"
        r"complete) (?:all|the) required fields.{0,40}|(?:please )?(?:verify|"
        r"confirm) (?:that )?you are (?:not a robot|human).{0,20}|please enter a valid .{1,40}|"
        r"content could not be loaded.{0,40}",
        longest=200,
    ),
    line_rule(
        BlockKind.WIDGET, "widget:embed", "instagram twitter imgur post tweet facebook tiktok",
        r"view this (?:post|photo|profile|video|reel) (?:on|in) (?:instagram|facebook|tiktok|threads)|"
        r"view (?:on|post on|tweet on) (?:instagram|twitter|x|imgur\.com|imgur|facebook|threads)|"
        r"(?:a )?(?:post|photo|video|reel) shared by .{1,120}(?:\(@?[\w.]+\)).{0,40}|embed(?:ded)? (?:tweet|"
        r"post)|tweet may have been deleted|show this thread|load tweet",
        longest=200,
    ),
    line_rule(
        BlockKind.WIDGET, "widget:recipe_and_print", "jump print recipe version",
        r"jump to (?:the )?(?:recipe|video|comments)|print (?:this )?(?:recipe|page|article|story|version)|"
        r"printer[- ]friendly(?: version)?",
    ),
)  # fmt: skip

_TICKER = re.compile(
    r"(?:[A-Z][A-Z0-9&./ -]{0,24}|S&P 500|Nasdaq|Dow(?: Jones)?(?: Industrials)?|Bitcoin|Gold|Silver|Brent|"
    r"Crude Oil)\s+\$?\d[\d.,]*\s*(?:[+\u2212\u2013▲▼-]\s?\$?\d[\d.,]*\s*)?\(?[+\u2212\u2013▲▼-]\s?\d[\d.]*"
    r"\s?%\)?"
)
_CODE = re.compile(
    r"\s*(?:[{\[(]+\s*[\"'{\[]|window\.|var [\w$]+ ?=|let [\w$]+ ?=|const [\w$]+ ?=|\(?function ?\w*\(|"
    r"\(\(?\)? ?=>|googletag\b|dataLayer\b|gtag\(|document\.|jQuery|\$\(|@media |@import |"
    r"[.#][\w-]+(?:[ ,>]+[.#]?[\w-]+){0,6} ?\{|<!--|<(?:script|style|div|iframe|img)\b|try ?\{|if ?\(|"
    r"!function|\"use strict\")"
)
_KEY = re.compile(
    r"[\"'][\w@$.:-]{1,40}[\"'] ?: ?[\"'\d{\[tfn-]|[\w-]{2,30} ?: ?[^;{}]{1,60};|[\w$.\])]+ ?=[^=]|\)\s*[;{]|"
    r"\}\s*[;,)]"
)
_CODE_MARKS = frozenset("{}();=<>[]\"':")
_FIRST_OF_CODE = frozenset('{[(wvlcfgdj$@.#<ti!"')
# What WordPress leaves of a plug-in that is gone: '[gallery ids="1,2"]'. "[Laughter]" and "[sic]" are none.
_SHORTCODE = re.compile(
    r"(?:\[(?:/?[a-z][a-z\d]{0,20}_[\w-]{1,40}[^\[\]]{0,300}|/[a-z][\w-]{1,40}|gallery|playlist|"
    r"[a-z][\w-]{0,40} [\w-]{1,40}=[\"'\u201c\u2019\u201d\u2033][^\[\]]{0,300})\]\s*)+"
)
_CAPTIONED = re.compile(r"\[caption [^\[\]]{1,300}\].{0,600}\[/caption\]")
_SHORTEST_CODE, _FEWEST_KEYS, _LEAST_MARKS, _SEEN = 30, 3, 0.06, 1200
_LONGEST_TICKER = 60
_PRE = frozenset(("pre", "code", "samp", "kbd", "textarea", "tt", "var"))


def judge(reading: Reading) -> Verdicts:
    """Verdicts on lines that are data or a program and no prose, where the page does not set them as such."""
    for index, segment in enumerate(reading.segments):
        text = segment.text
        if text[0] == "[" and text[-1] == "]":
            kind = BlockKind.CAPTION if _CAPTIONED.fullmatch(text) else BlockKind.WIDGET
            if kind is BlockKind.CAPTION or _SHORTCODE.fullmatch(text):
                yield index, Verdict(kind=kind, rule="widget:shortcode")
                continue
        if is_code(text):
            tags = {reading.nodes[node].tag for node in reading.ancestors(segment.node)}
            if not tags & _PRE:
                yield index, Verdict(kind=BlockKind.WIDGET, rule="widget:code")
        elif _is_ticker(text) and reading.tags[index] not in ("td", "th"):
            yield index, Verdict(kind=BlockKind.WIDGET, rule="widget:ticker")


def _is_ticker(text: str) -> bool:
    return text[-1:] in "%)" and len(text) <= _LONGEST_TICKER and _TICKER.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Whether a line is a dump of data, a script or a style sheet.

    >>> is_code('{"type": "story", "id": 7, "url": "https://a.example/"}'), is_code('"We go," she said.')
    (True, False)
    """
    if len(text) < _SHORTEST_CODE or text[0] not in _FIRST_OF_CODE or not _CODE.match(text):
        return False
    seen = text[:_SEEN]
    marks = sum(char in _CODE_MARKS for char in seen)
    return marks >= _LEAST_MARKS * len(seen) and len(_KEY.findall(seen)) >= _FEWEST_KEYS
