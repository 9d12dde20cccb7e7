"""Share bars: prompts, the networks' names, calls to follow."""

from __future__ import annotations

from pipelines.boilerplate.verdict import FIGURE, line_rule
from storage.article import BlockKind

NETWORKS = (
    r"facebook|twitter|x|whats ?app|linked ?in|pinterest|reddit|tumblr|e-?mail|print|telegram|messenger|"
    r"flipboard|copy (?:link|url)|sms|mastodon|threads|bluesky|pocket|line|viber|vk|more|instagram|youtube|"
    r"tik ?tok|google\+?|google news|mix|digg|snapchat|xing|wechat|weibo|rss"
)
_NETWORK_WORDS = (
    "facebook twitter x whatsapp whats linkedin linked pinterest reddit tumblr email mail print telegram "
    "messenger flipboard copy sms mastodon threads bluesky pocket line viber vk more instagram youtube "
    "tiktok tik google mix digg snapchat xing wechat weibo rss"
)
_FOLLOWED = (
    r"(?:facebook|twitter|x|instagram|linked ?in|tik ?tok|youtube|telegram|whats ?app|bluesky|threads|"
)
_FOLLOWED += r"mastodon|pinterest|google news|flipboard|social media|bloglovin)"

RULES = (
    line_rule(
        BlockKind.SHARE, "share:prompt",
        "share sharing social save send tweet pin email mail print gift bookmark",
        r"(?:share|tweet|pin|e-?mail|print|gift|bookmark)(?:,? (?:this|the|our|on|via|with|your|friends|"
        r"story|"
        rf"article|post|page|recipe|image|it|now|to|by|or|and|for|later|{NETWORKS}|[|/·•+:&-])){{0,14}}",
        r"(?:share|save|send) this (?:story|article|page|post|recipe).{0,60}",
        r"(?:share|sharing|social)(?: media)?(?: options| buttons| links| icons| tools)",
        r"(?:show|close|open|view)(?: \w+)? shar(?:e|ing)(?: options)?",
        in_cells=False,
    ),
    line_rule(
        BlockKind.SHARE, "share:networks", _NETWORK_WORDS,
        rf"(?:{NETWORKS})(?:[\s|,/·•]+(?:{NETWORKS})){{1,20}}",
    ),
    line_rule(
        BlockKind.SHARE, "share:click_to_share", f"click copied clipboard share shares {FIGURE} tweet spread",
        r"click (?:here )?to (?:share|e-?mail|print|tweet|copy).{0,80}",
        r"(?:(?:link|url) )?copied(?: to clipboard)?|copy (?:link )?to clipboard",
        r"[\d.,]+ ?[km]?\+? (?:total )?shares?",
        r"(?:help us )?spread the word",
    ),
    line_rule(
        BlockKind.SHARE, "share:follow", "follow like find connect stay",
        rf"(?:please )?follow (?:@?\w[\w@.'\u2019,& -]{{1,70}}? )?(?:on|at|@) (?:our |the |his |her |"
        rf"my )?{_FOLLOWED}"
        r"\b(?![^.]{0,120}\b(?:said|says|told)\b).{0,140}",
        rf"(?:like|find|connect with|join) (?:us|me|him|her|our page|"
        rf"this page)(?: on {_FOLLOWED}\b.{{0,100}})",
        r"(?:follow|connect with|stay connected with) us(?: here)?|follow @\w{2,30}",
        r"follow topics? and authors?.{0,140}",
        longest=240,
    ),
    line_rule(BlockKind.SHARE, "share:network", _NETWORK_WORDS, NETWORKS, linked=True),
)  # fmt: skip
