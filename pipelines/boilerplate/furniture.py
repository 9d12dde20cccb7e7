"""Lines that are furniture by their wording: sharing, comments, consent, promotion, reader templates."""

from __future__ import annotations

from pipelines.boilerplate.verdict import LineRule, whole
from storage.model import BlockKind

_NETWORKS = (
    r"facebook|twitter|x|whats ?app|linked ?in|pinterest|reddit|tumblr|e-?mail|print|telegram|messenger|"
    r"flipboard|copy link|"
    r"copy url|sms|mastodon|threads|bluesky|pocket|line|viber|vk|more|instagram|youtube|tik ?tok|google\+?|"
    r"mix|digg"
)

SHARE = (
    LineRule(
        kind=BlockKind.SHARE, rule="share:prompt",
        pattern=whole(
            rf"(?:share|tweet|pin|email|print)(?: (?:this|the|on|via|with|story|article|post|page|it|now|"
            rf"to|by|{_NETWORKS}|\W))*",
        ),
    ),
    LineRule(kind=BlockKind.SHARE, rule="share:networks", pattern=whole(rf"(?:{_NETWORKS})(?:[\s|,/"
                                                                        rf"·•]+(?:{_NETWORKS}))+")),
    LineRule(
        kind=BlockKind.SHARE, rule="share:click_to_share",
        pattern=whole(
            r"click to (?:share|email|print).{0,80}|(?:follow|like) us on .{1,60}|\d+ shares?|"
            r"link copied!?"),
    ),
    LineRule(kind=BlockKind.SHARE, rule="share:network", pattern=whole(rf"{_NETWORKS}"), linked=True),
)  # fmt: skip

COMMENTS = (
    LineRule(
        kind=BlockKind.COMMENTS, rule="comments:prompt",
        pattern=whole(
            r"leave a (?:comment|reply).{0,60}|(?:\d+|no|add a|post a|view|show|read|see all|"
            r"hide) comments?(?: yet)?(?: \(\d+\))?|"
            r"comments? \(?\d+\)?|join the (?:conversation|discussion)|comments (?:are|is) closed.{0,40}|"
            r"cancel reply|"
            r"your email address will not be published.{0,80}|log in to (?:leave a |post )?comment|"
            r"reply to .{1,60} cancel reply|"
            r"be the first to comment.{0,40}|required fields are marked \*?",
        ),
    ),
)  # fmt: skip

CONSENT = (
    LineRule(
        kind=BlockKind.CONSENT, rule="consent:cookies", longest=900,
        pattern=whole(
            r"(?!.*\b(?:said|says|told|according to)\b).{0,160}\b(?:we|this (?:web)?site|our (?:web)?site|"
            r"our partners)\b.{0,60}\buses? cookies\b.{0,600}|by (?:continuing|using)[^.]"
            r"{0,80}(?:you (?:agree|consent|accept)).{0,300}cookie.{0,200}|(?:accept|reject|allow|manage|"
            r"decline)(?: all)? cookies?|"
            r"(?:cookie|privacy|consent) (?:settings|preferences|policy|notice)|manage (?:consent|"
            r"preferences|options)|"
            r"(?:accept|reject) all|we value your privacy\b.{0,600}|we and our (?:\w+ ){0,3}partners "
            r"(?:store|use|process)\b.{0,600}|"
            r"(?:strictly )?necessary cookies.{0,300}|privacy & cookies:.{0,300}|"
            r"got it!?|cookie policy",
        ),
    ),
)  # fmt: skip

PROMOTION = (
    LineRule(
        kind=BlockKind.PROMOTION, rule="promotion:newsletter", longest=300,
        pattern=whole(
            r"(?:sign up|subscribe|register)(?: now| today| here| free)?(?: (?:for|to)\b.{0,120})?|"
            r"get (?:the|our) .{0,60}newsletter.{0,100}|"
            r"(?:daily |weekly |email |our )?newsletters?(?: sign-?up)?|.{0,80}delivered (?:straight |"
            r"directly )?to your inbox.{0,80}|"
            r"enter your e-?mail(?: address)?.{0,80}|download (?:the|our) (?:\w+ ){0,3}app.{0,80}|"
            r"by signing up.{0,40}you (?:agree|accept).{0,200}|"
            r"type your email.{0,10}|already a (?:subscriber|member)\?.{0,30}|log in|subscribe",
        ),
    ),
    LineRule(
        kind=BlockKind.PROMOTION, rule="promotion:advertisement",
        pattern=whole(
            r"advertis(?:e|ement|ing)s?(?:\W.{0,30}continue reading.{0,20})?|sponsored(?: content|"
            r" links?)?|story continues below.{0,30}|"
            r"article continues (?:after|below).{0,40}|continue reading(?: below)?|ad|(?:scroll|"
            r"skip) (?:down )?(?:to|for) (?:continue|main) .{0,30}|"
            r"report this ad|donate(?: now| today)?|support our (?:work|journalism).{0,80}|buy now|shop now",
        ),
    ),
)  # fmt: skip

WIDGETS = (
    LineRule(
        kind=BlockKind.WIDGET, rule="widget:likes",
        pattern=whole(
            r"%d bloggers? likes? this|like this|like ?loading(?:\.\.\.|…)?|likes?:? \d+|"
            r"loading(?:\.\.\.|…)|be the first to like this"),
    ),
    LineRule(
        kind=BlockKind.WIDGET, rule="widget:player", in_cells=False,
        pattern=whole(
            r"(?:play|pause|watch|listen|mute|unmute|replay)(?: video| audio| now| live| to this article)?|"
            r"\d{1,2}:\d\d(?: ?/ ?\d{1,2}:\d\d)?|"
            r"video player is loading|your browser does not support .{0,60}|"
            r"please enable javascript.{0,80}|embed|transcript toggle|"
            r"\d+ min(?:ute)?s? read|reading time.{0,20}|\(?estimated \)?\d+ minutes?|toggle .{0,40}|close|"
            r"print ?\| ?e-?mail",
        ),
    ),
    LineRule(
        kind=BlockKind.WIDGET, rule="widget:image_controls",
        pattern=whole(
            r"download (?:image|photo|hi-?res(?:olution)?)s?(?:: .{1,40}| /? ?photo details)?|(?:share|"
            r"view) (?:image|original|photo|larger)|"
            r"photo details|(?:image|photo) \d+ of \d+|view gallery|photo gallery|hi-?res download|"
            r"full size.{0,20}|view larger image|"
            r"download hi-?res ?/ ?photo details|\d+ of \d+|previous|next|previous next",
        ),
    ),
)  # fmt: skip

NAVIGATION = (
    LineRule(
        kind=BlockKind.NAVIGATION, rule="navigation:jump",
        pattern=whole(
            r"skip to (?:main )?(?:content|navigation|footer|search).{0,20}|back to (?:top|news|all|list|"
            r"home).{0,20}|(?:main )?menu|search|"
            r"read (?:more|next)|see all|view all|show more|load more|more news|home|previous (?:post|"
            r"article|story)|next (?:post|article|story)|"
            r"post navigation|about us|contact(?: us)?|privacy policy|terms (?:of|and) .{1,30}|"
            r"(?:sub)?categories|archives?",
        ),
    ),
    LineRule(
        kind=BlockKind.NAVIGATION, rule="navigation:tags",
        pattern=whole(
            r"(?:tags?|tagged|tagged (?:with|as)|filed under|posted in|categor(?:y|ies)|topics?|"
            r"in this (?:story|article)|more on)(?:\s*[:\u2013-].{0,160})?",
        ),
    ),
    LineRule(
        kind=BlockKind.NAVIGATION, rule="navigation:copyright",
        pattern=whole(r"(?:©|\(c\)|copyright).{0,160}|all rights reserved.{0,80}|.{0,80}all rights reserved"),
    ),
)  # fmt: skip

RULES = SHARE + COMMENTS + CONSENT + PROMOTION + WIDGETS + NAVIGATION
