"""What the elements around a text say of it: tags, classes, ids and roles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.segments import Node, Reading
from storage.model import BlockKind

_MOST_SHARE = 0.3
_SENTENCE_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A word of a class or an id that stands for a kind.

    A firm one removes also what the engine takes for body.
    """

    kind: BlockKind
    pattern: re.Pattern[str]
    firm: bool


def _hint(kind: BlockKind, expression: str, *, firm: bool = True) -> Hint:
    return Hint(kind=kind, pattern=re.compile(rf"(?:^|[\s_:-])(?:{expression})(?=$|[\s_:-])"), firm=firm)


_HINTS = (
    _hint(BlockKind.GOV_BANNER, (r"usa-?banner|usa-banner__\w+|usabanner|gov-?banner|official-?banner|"
                                r"goverment-?banner|government-?banner")),
    _hint(BlockKind.HISTORICAL_NOTICE, (r"historical-?(?:notice|collection|content|banner)|"
                                       r"archived?-?(?:notice|banner)")),
    _hint(
        BlockKind.CONSENT,
        r"onetrust\S*|optanon\S*|cookiebot|cybotcookiebot\S*|didomi\S*|qc-cmp\S*|truste\S*|usercentrics\S*|"
        r"cookie-?(?:bar|banner|notice|"
        r"law|consent|popup|info|message)|cookielaw\S*|gdpr\S*|eu-cookie\S*|cc-window|cc-banner|"
        r"consent-?(?:banner|popup|modal)|cmplz\S*|moove_gdpr\S*",
    ),
    _hint(
        BlockKind.SHARE,
        r"sharedaddy|sd-sharing\S*|sd-social\S*|share-?(?:bar|buttons?|tools?|links?|icons?|this|list|"
        r"widget)|sharing|social-?(?:share|sharing|"
        r"icons?|links?|media|bar|buttons?)|addtoany\S*|a2a_kit|addthis\S*|shareaholic\S*|heateor\S*|"
        r"ssba\S*|post-share\S*|article-share\S*|share",
    ),
    _hint(BlockKind.WIDGET, (r"jetpack-likes\S*|sd-like|likes-other-gravatars|likes-text|"
                            r"post-likes-widget\S*|likes?-widget\S*|wpulike|wp_ulike\S*|likes")),
    _hint(
        BlockKind.RELATED,
        r"jp-relatedposts\S*|related|relatedposts?|related-?\w+|also-?(?:read|like)|more-?(?:stories|"
        r"articles|news|posts)|recommended\S*|recommendations?|"
        r"yarpp\S*|read-?(?:more|next|also)|more-?on|outbrain\S*|taboola\S*|trending\S*|most-?(?:read|"
        r"popular)|popular-?posts|latest-?(?:news|posts|stories)|"
        r"recent-?posts|you-?may-?(?:also-?)?like|da_related_item|crp_related|rp4wp\S*|up-?next|"
        r"wp-block-latest-posts|inline-related\S*|story-related\S*",
    ),
    _hint(BlockKind.COMMENTS, (r"comments?|comments?-?(?:area|list|form|section|respond|wrap\w*|title|"
                              r"container)|respond|disqus\S*|disqus_thread|fb-comments")),
    _hint(
        BlockKind.PROMOTION,
        r"newsletter\S*|subscribe\S*|subscription\S*|sign-?up\S*|mailchimp\S*|mc_embed_signup|"
        r"promo(?:tion)?s?|promo-\S+|advert\S*|ads?|ad-?(?:container|"
        r"wrapper|slot|unit|banner|label)|adsbygoogle|sponsor\S*|donat\S*|paywall\S*|call-?to-?action|cta|"
        r"app-download\S*|optin\S*|piano\S*",
    ),
    _hint(BlockKind.CAPTION, (r"caption|wp-caption-text|image-?caption|photo-?caption|img-?caption|"
                             r"media-?caption|figcaption|carousel-caption|gallery-caption"), firm=True),
    _hint(BlockKind.CREDIT, (r"photo-?credit|image-?credit|credit|photographer|media-?credit|"
                            r"copyright-?credit|virin"), firm=True),
    _hint(
        BlockKind.NAVIGATION,
        r"breadcrumbs?|breadcrumb-\S+|nav|navbar\S*|navigation|menu|menu-\S+|main-?menu|site-?(?:header|"
        r"footer)|post-?navigation|nav-?links|pagination|"
        r"pager|skip-?(?:link|nav|target)\S*|screen-reader-(?:text|shortcut)|post-?categories|cat-?links|"
        r"tags?-?links|post-?tags|entry-?tags|tag-?list|"
        r"category-?list|entry-?categor\w+|footer|masthead|topbar|top-?bar|toc|table-of-contents|ez-toc\S*|"
        r"ticker|sitemap|tagcloud|tags",
    ),
    _hint(BlockKind.NAVIGATION, (r"category|tag|entry-?(?:footer|meta)|post-?(?:footer|meta)|"
                                r"article-?(?:footer|meta)|search\S*|sidebar\S*"), firm=False),
    _hint(BlockKind.BYLINE, (r"byline\S*|by-?line|author-?(?:name|line|info)|post-?author|entry-?author|"
                            r"vcard|dateline-?\w*|pub(?:lished)?-?date|post-?date|entry-?date|timestamp|"
                            r"da_story_info")),
    _hint(BlockKind.PROMOTION, (r"author-?(?:bio|box|card|description|profile)|about-?(?:the-?)?author|"
                               r"saboxplugin\S*|post-author-bio|guest-author|bio"), firm=True),
    _hint(BlockKind.WIDGET, (r"widget\S*|modal\S*|popup\S*|tooltip\S*|toast|overlay|lightbox\S*|"
                            r"player\S*"), firm=False),
    _hint(BlockKind.WIDGET, (r"g_link_box|da_news_link_red|da_print|da_body_end|alert-?(?:bar|banner)|"
                            r"live-?blog-?(?:nav|header)")),
)  # fmt: skip
_ANY_HINT = re.compile("|".join(hint.pattern.pattern for hint in _HINTS))
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
_ROLES = re.compile(
    r"(?:^|\s)(?:navigation|banner|contentinfo|search|dialog|alertdialog|menu|menubar)(?=$|\s)"
)
_LANDMARKS = frozenset(("footer", "nav", "aside"))
_NONE, _OPEN = -1, -2  # in no landmark; in content, where landmarks are the story's own
_LANDMARK_ROLES = re.compile(r"(?:^|\s)(?:contentinfo|navigation|banner|complementary)(?=$|\s)")
_CONTENT = frozenset(("article", "main", "blockquote"))


def judge_landmarks(reading: Reading) -> Verdicts:
    """Verdicts on what stands in the site's frame, however little text stands elsewhere.

    A landmark within an article, a main or a quote, or around one, is no part of the frame.
    """
    around_content = {number for node in _content_nodes(reading) for number in reading.ancestors(node)}
    inside: list[int] = []  # of each node, its outermost landmark; -1 without
    for number, node in enumerate(reading.nodes):
        above = inside[node.parent] if node.parent >= 0 else _NONE
        if above == _NONE and number not in around_content and _is_landmark(node):
            above = number
        inside.append(_OPEN if node.tag in _CONTENT and above == _NONE else above)
    places = [inside[segment.node] if segment.node >= 0 else _NONE for segment in reading.segments]
    full = [
        index
        for index, place in enumerate(places)
        if place < 0 and reading.words[index] >= _SENTENCE_WORDS // 2 and reading.sentences[index]
    ]
    for index, found in enumerate(places):
        if found < 0:
            continue
        tag = reading.nodes[found].tag
        among = tag == "aside" and full and full[0] < index < full[-1]
        kind = BlockKind.RELATED if among else BlockKind.NAVIGATION
        yield index, Verdict(kind=kind, rule=f"landmark:{tag}")


def judge(reading: Reading, settled: frozenset[int], *, firm: bool) -> Verdicts:
    """Verdicts by the nearest element that names a kind and does not hold a good part of the page's text."""
    weights = _weights(reading)
    total = max(weights[-1], 1)
    found = [_node_verdict(node.tag, node.hints, firm=firm) for node in reading.nodes]
    for index, segment in enumerate(reading.segments):
        for number in () if index in settled else reading.ancestors(segment.node):
            verdict = found[number]
            if (
                verdict is not None
                and weights[number] <= _MOST_SHARE * total
                and reading.nodes[number].tag not in ("body", "html", "main")
            ):
                yield index, verdict
                break


def _content_nodes(reading: Reading) -> Iterator[int]:
    """Elements of content with text in them."""
    yield from (
        number for number, node in enumerate(reading.nodes) if node.tag in _CONTENT and reading.counts[number]
    )


def _is_landmark(node: Node) -> bool:
    return node.tag in _LANDMARKS or (_LANDMARK_ROLES.search(node.hints) is not None and node.tag != "body")


@lru_cache(maxsize=16_384)
def _token_hits(token: str) -> tuple[tuple[int, str], ...]:
    """Numbers of the hints that a class or an id has, with the words; no hint spans two of them."""
    if not _ANY_HINT.search(token):
        return ()
    found = ((number, hint.pattern.search(token)) for number, hint in enumerate(_HINTS))
    return tuple((number, hit[0].strip("_:-")[:40]) for number, hit in found if hit)


@lru_cache(maxsize=8192)
def _node_verdict(tag: str, hints: str, *, firm: bool) -> Verdict | None:
    """Verdict on any element of that tag and those hints; a site's pages ask the same again and again."""
    if tag == "a" and _REL_TAGS.search(hints):
        return Verdict(kind=BlockKind.NAVIGATION, rule="markup:rel_tag")
    role = _ROLES.search(hints) if hints and not firm else None
    hints = f"{tag} {hints}" if "-" in tag else hints
    hits = [hit for token in hints.split() for hit in _token_hits(token) if _HINTS[hit[0]].firm or not firm]
    if hits:
        number, word = min(hits, key=lambda hit: hit[0])
        return Verdict(kind=_HINTS[number].kind, rule=f"markup:{word}")
    kind = _TAGS.get(tag)
    if kind and (kind[1] or not firm):
        return Verdict(kind=kind[0], rule=f"markup:{tag}")
    if role:
        return Verdict(kind=BlockKind.NAVIGATION, rule="markup:role")
    return None


def _weights(reading: Reading) -> list[int]:
    """Characters of full sentences within each node, and behind them the page's total."""
    weights = [0] * (len(reading.nodes) + 1)
    for index, segment in enumerate(reading.segments):
        if reading.words[index] >= _SENTENCE_WORDS and reading.sentences[index] and segment.link_share < 0.5:  # noqa: PLR2004 -- mostly text
            weights[-1] += len(segment.text)
            for node in reading.ancestors(segment.node):
                weights[node] += len(segment.text)
    return weights
