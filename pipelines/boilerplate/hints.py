"""Words of classes, ids, roles and tags that stand for a kind of block."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.boilerplate.first_letters import by_first_letters
from pipelines.boilerplate.verdict import Verdict
from storage.article import BlockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A word of a class or an id that stands for a kind.

    A firm one removes also what the engine takes for body; a sure one, a product's own name, however much
    text its element holds.
    """

    kind: BlockKind
    words: str
    firm: bool
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What an element says of its text, and the class or id that says it; empty where tag or role do."""

    verdict: Verdict
    token: str = ""
    word: str = ""
    sure: bool = False


def _hint(kind: BlockKind, *expressions: str, firm: bool = True, sure: bool = False) -> Hint:
    return Hint(kind=kind, words="|".join(expressions), firm=firm, sure=sure)


_GOV = (
    _hint(
        BlockKind.GOV_BANNER,
        r"usa-?banner|usa-banner__\w+|usabanner|gov-?banner|official-?banner|goverment-?banner|"
        r"government-?banner",
    ),
    _hint(
        BlockKind.HISTORICAL_NOTICE,
        r"historical-?(?:notice|collection|content|banner)|archived?-?(?:notice|banner)",
    ),
)
_CONSENT = (
    _hint(  # the products' own names
        BlockKind.CONSENT,
        r"onetrust\S*|ot-sdk\S*|optanon\S*|cybotcookiebot\S*|cookiebotwidget\S*|cookiedeclaration\S*|"
        r"didomi\S*|qc-cmp\S*|qccmp\S*|truste|truste_\S+|truste-\S+|trustarc\S*|usercentrics\S*|uc-(?:banner|"
        r"main-dialog|overlay|embedding)\S*|sp_message\S*|fc-(?:consent|dialog|choice|data-preferences|"
        r"vendor|purpose)\S*|osano-cm\S*|cc-(?:window|banner|revoke)\S*|cky-\S+|cookieyes\S*|"
        r"cookie-law-info\S*|cli-(?:modal|bar|tab|plugin|style|wrapper|privacy)\S*|cmplz-(?:cookiebanner|"
        r"manage|modal|soft|consent|categor)\S*|moove[_-]gdpr\S*|gdpr_(?:infobar|cookie)\S*|borlabs\S*|"
        r"brlbs\S*|iubenda-cs\S*|klaro|termly\S*|t-consentprompt\S*|cookiescript\S*|cookiefirst\S*|cmp(?:box|"
        r"wrapper)\S*|axeptio\S*|tarteaucitron\S*|ccc-(?:overlay|notify|module)\S*|ppms_cm\S*|evidon\S*|"
        r"eu-cookie\S*|eupopup\S*|catapult-cookie\S*|pea_cook\S*|cookieadmin\S*|wpconsent\S*|"
        r"consent-manager-\S+|gravito\S*|sncmp\S*",
        sure=True,
    ),
    _hint(
        BlockKind.CONSENT,
        r"cookies?-?(?:bar|banner|notice|law|consent|popup|pop-up|info|message|alert|modal|overlay|wall|"
        r"disclaimer|warning|notification|policy-?(?:bar|banner|popup)|prompt|dialog|layer|hint|box|"
        r"settings)\S*|cookielaw\S*|cookiebar\S*|cookiebot|gdpr\S*|(?:consent|privacy|tcf|ccpa)-?(?:banner|"
        r"popup|modal|wall|bar|notice|manager|dialog|overlay|message|root|prompt|layer)\S*|cmp-(?:banner|"
        r"popup|modal|notice|dialog|consent)\S*|accept-?cookies?",
    ),
)
_SHARE = (
    _hint(
        BlockKind.SHARE,
        r"sharedaddy|sd-sharing\S*|sd-social\S*|share-?(?:bar|buttons?|tools?|links?|icons?|this|list|widget|"
        r"article|post|story|menu|panel|options?)|sharing|social-?(?:share|sharing|icons?|links?|media|bar|"
        r"buttons?|networks?|nav|list|menu|follow)|addtoany\S*|a2a_\S+|addthis\S*|shareaholic\S*|heateor\S*|"
        r"sharethis\S*|essb_\S+|swp_social\S*|dpsp-\S+|mashsb\S*|jssocials\S*|td-post-sharing\S*|ssba\S*|"
        r"post-share\S*|article-share\S*|(?:article|story)-?tools|share|follow-?(?:us|buttons?|links?)",
    ),
    _hint(
        BlockKind.WIDGET,
        r"jetpack-likes\S*|sd-like|likes-other-gravatars|likes-text|post-likes-widget\S*|likes?-widget\S*|"
        r"wpulike|wp_ulike\S*|likes",
    ),
)
_RELATED = (
    _hint(
        BlockKind.RELATED,
        r"jp-related\S*|related|relatedposts?|related-?\w+|also-?(?:reads?|like)|must-?reads?|"
        r"more-?(?:stories|articles|news|posts)|recommended\S*|recommendations?|suggested-?(?:articles?|"
        r"posts?|stories)|yarpp\S*|read-?(?:next|also)|more-?on|outbrain\S*|taboola\S*|zergnet\S*|"
        r"revcontent\S*|mgid\S*|dianomi\S*|plista\S*|ligatus\S*|trending\S*|most-?(?:read|popular|viewed|"
        r"commented)|popular-?posts|latest-?(?:news|posts|stories)|recent-?posts|you-?may-?(?:also-?)?like|"
        r"da_related_item|crp_related|rp4wp\S*|up-?next|wp-block-latest-posts|inline-related\S*|"
        r"story-related\S*|next-?(?:story|article)",
    ),
    _hint(BlockKind.RELATED, r"read-?more(?:-?(?:link|links|btn|button|box|list|stories|articles))?$"),
)
_COMMENTS = (
    _hint(
        BlockKind.COMMENTS,
        r"comments?|comments?-?(?:area|list|form|section|respond|wrap\w*|title|container)|respond|disqus\S*|"
        r"disqus_thread|fb-comments|spot-?im\S*|openweb\S*|viafoura\S*|vf-comments\S*|livefyre\S*|"
        r"insticator\S*|hyvor\S*|isso-thread|remark42|(?:user|reader)-?comments?",
    ),
)
_PROMOTION = (
    _hint(
        BlockKind.PROMOTION,
        # Elements of class "paywall", "subscriber-only" and the like hold the story itself on many sites.
        r"newsletter\S*|subscribe(?!r)\S*|subscription\S*|sign-?up\S*|mailchimp\S*|mc_embed_signup|mc4wp\S*|"
        r"promo(?:tion)?s?|promo-\S+|advert\S*|ads?|ad-?(?:container|wrapper|slot|unit|banner|label)|"
        r"adsbygoogle|sponsor\S*|donat\S*|paywall-?(?:prompt|offer|message|overlay|modal|banner|barrier|"
        r"promo|subscribe|box|cta|notice)\S*|call-?to-?action|cta|app-download\S*|optin\S*|piano-(?:offer|"
        r"container|inline|modal)\S*|tp-modal\S*|tp-container\S*",
    ),
)
_PHOTOS = (
    _hint(
        BlockKind.CAPTION,
        r"caption|wp-caption-text|image-?caption|photo-?caption|img-?caption|media-?caption|figcaption|"
        r"carousel-caption|gallery-caption",
    ),
    _hint(
        BlockKind.CREDIT,
        r"photo-?credit|image-?credit|credit|photographer|media-?credit|copyright-?credit|virin",
    ),
)
_NAVIGATION = (
    _hint(
        BlockKind.NAVIGATION,
        r"breadcrumbs?|breadcrumb-\S+|nav|navbar\S*|navigation|menu|menu-\S+|main-?menu|site-?(?:header|"
        r"footer)|post-?navigation|nav-?links|pagination|pager|skip-?(?:link|nav|target)\S*|"
        r"screen-reader-(?:text|shortcut)|post-?categories|cat-?links|tags?-?links|post-?tags|entry-?tags|"
        r"tag-?list|category-?list|entry-?categor\w+|footer|masthead|topbar|top-?bar|toc|table-of-contents|"
        r"ez-toc\S*|ticker|sitemap|tagcloud|tags",
    ),
    _hint(
        BlockKind.NAVIGATION,
        r"category|tag|entry-?(?:footer|meta)|post-?(?:footer|meta)|article-?(?:footer|meta)|search\S*|"
        r"sidebar\S*",
        firm=False,
    ),
)
_PEOPLE = (
    _hint(
        BlockKind.BYLINE,
        r"byline\S*|by-?line|author-?(?:name|line|info)|post-?author|entry-?author|vcard|dateline-?\w*|"
        r"pub(?:lished)?-?date|post-?date|entry-?date|timestamp|da_story_info",
    ),
    _hint(
        BlockKind.PROMOTION,
        r"author-?(?:bio|box|card|description|profile|block|details)|about-?(?:the-?)?author|saboxplugin\S*|"
        r"post-author-bio|guest-author|bio",
    ),
)
_WIDGETS = (
    _hint(
        BlockKind.WIDGET,
        r"widget\S*|modal\S*|popup\S*|tooltip\S*|toast|overlay|lightbox\S*|player\S*",
        firm=False,
    ),
    _hint(BlockKind.WIDGET, r"polls?|poll-?(?:widget|container|wrapper|box|form)|polldaddy\S*|wp-polls\S*"),
    _hint(
        BlockKind.WIDGET,
        r"g_link_box|da_news_link_red|da_print|da_body_end|alert-?(?:bar|banner)|live-?blog-?(?:nav|header)|"
        r"rollover-people-block",
    ),
)
HINTS = (
    *_GOV, *_CONSENT, *_SHARE, *_RELATED, *_COMMENTS, *_PROMOTION, *_PHOTOS, *_NAVIGATION, *_PEOPLE,
    *_WIDGETS,
)  # fmt: skip
_BEGINNINGS = by_first_letters((hint.words for hint in HINTS), start=r"(?:^|(?<=[_:-]))", end=r"(?=$|[_:-])")
# What an element has, lacks or stands beside is not what it is; nor is what a link is to search engines.
_STATE = re.compile(
    r"(?:has|no|with|without|after|before|hide|is|not|non|enable|disable)[-_]|\S+--(?:true|false)$"
)
_REL_WORDS = frozenset(("sponsored", "ugc", "nofollow", "noopener", "noreferrer", "external", "author"))
_REL_TAGS = re.compile(r"(?:^|\s)(?:category tag|tag category|category|tag)(?=$|\s)")
_TAGS = {
    "nav": (BlockKind.NAVIGATION, True),
    "footer": (BlockKind.NAVIGATION, False),
    "header": (BlockKind.NAVIGATION, False),
    "aside": (BlockKind.RELATED, False),
    "button": (BlockKind.WIDGET, True),
    "figcaption": (BlockKind.CAPTION, True),
    "form": (BlockKind.WIDGET, False),
    "dialog": (BlockKind.WIDGET, True),
    "address": (BlockKind.BYLINE, False),
}
_TAG_SIGNS = {
    tag: (Sign(verdict=Verdict(kind=kind, rule=f"markup:{tag}")), firm) for tag, (kind, firm) in _TAGS.items()
}
_REL_TAG = Sign(verdict=Verdict(kind=BlockKind.NAVIGATION, rule="markup:rel_tag"))
_ROLE = Sign(verdict=Verdict(kind=BlockKind.NAVIGATION, rule="markup:role"))
_ROLES = frozenset(
    ("navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar")
)


@lru_cache(maxsize=8192)
def signs(tag: str, hints: str) -> tuple[Sign | None, Sign | None]:
    """What an element says by firm words, and by all; a site's pages ask the same again and again."""
    tokens = hints.split()
    if tag == "a":
        if _REL_TAGS.search(hints):
            return _REL_TAG, _REL_TAG
        tokens = [token for token in tokens if token not in _REL_WORDS]
    if "-" in tag:
        tokens.insert(0, tag)
    hits = [(number, word, token) for token in tokens for number, word in _token_hits(token)]
    of_tag, sure = _TAG_SIGNS.get(tag, (None, False))
    role = _ROLE if of_tag is None and not _ROLES.isdisjoint(tokens) else None
    firm_hits = [hit for hit in hits if HINTS[hit[0]].firm]
    by_firm = _of_hit(min(firm_hits)) if firm_hits else of_tag if sure else None
    return by_firm, _of_hit(min(hits)) if hits else of_tag or role


def _of_hit(hit: tuple[int, str, str]) -> Sign:
    number, word, token = hit
    verdict = Verdict(kind=HINTS[number].kind, rule=f"markup:{word[:40]}")
    return Sign(verdict=verdict, token=token, word=word, sure=HINTS[number].sure)


@lru_cache(maxsize=16_384)
def _token_hits(token: str) -> tuple[tuple[int, str], ...]:
    """Numbers of the hints that a class or an id has, with the words; no hint spans two of them."""
    hits = _BEGINNINGS.hits(token)
    return () if not hits or _STATE.match(token) else tuple(sorted(hits.items()))
