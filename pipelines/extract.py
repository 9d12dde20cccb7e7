"""Bytes of a page -> Article: blocks, fields, photos, by the page's markup and the engine's reading."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.body.declared import declared_blocks
from pipelines.body.first_reading import NO_READING, first_reading
from pipelines.body.verdicts import body_verdicts, left_over, part_verdicts, template_verdicts
from pipelines.boilerplate import Judgement, judge_markup, judge_story, judge_wording
from pipelines.fields.lines import byline_lines
from pipelines.fields.links import origin_offers
from pipelines.fields.metadata import Fields, TextSigns, read_fields, read_moments, settle
from pipelines.fields.moments import Moments
from pipelines.kinds.article_kind import article_kind
from pipelines.kinds.instead import found_instead, shell_in
from pipelines.kinds.page_kind import page_kind, read_declared
from pipelines.kinds.walls import Wall, wall_in
from pipelines.page.charset import decode_html
from pipelines.page.parsing import ParsedPage, read_page
from pipelines.page.segments import Reading
from pipelines.photos.photographs import photos_of
from pipelines.publishers import Template, find_template
from pipelines.templates.content_element import all_within, story_within
from pipelines.templates.labels import labelled, turns_and_awards
from pipelines.templates.layout_drift import beside, departure, is_healthy
from pipelines.text import first_dateline, title_line
from pipelines.words import ends_sentence
from storage.article import Article, Block, BlockKind, Outcome, PageKind

_SIGNATURES = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x01\x00",
    b"OggS",
    b"ID3",
)
_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml")
_TAG = re.compile(r"<[a-zA-Z!/][^<>]*>")
_CONTROL = re.compile(r"[\x01-\x08\x10-\x1a\x1c-\x1f]")
_LOOKED_AT, _FEW_CONTROLS, _MOST_CONTROLS = 10_000, 20, 0.02  # characters; of random bytes it is a tenth
_MOST_SHOWN = 500


def extract_article(
    html: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    captured_at: datetime | None = None,
) -> Article:
    """The article of a page. With `captured_at` none of its dates lies after that moment.

    Never raises on content: `outcome` and the rule of the blocks say why there is none.
    """
    reason = _not_html(html, content_type)
    text = "" if reason else decode_html(html, content_type) if isinstance(html, bytes) else html
    text = text.replace("\x00", "")
    if not reason and _is_binary(text):
        reason = "binary"
    elif not reason and text.strip() and not _TAG.search(text):
        reason = "no_tags"
    if reason:
        return _nothing(Outcome.NOT_HTML, f"not_html:{reason}", "" if isinstance(html, bytes) else html)
    if wall := wall_in(text):
        return walled(wall)
    page = read_page(text)
    article = _article(page, url, captured_at) if page else None
    if article and article.blocks:
        return article
    shell = shell_in(text)
    return walled(shell) if shell else _nothing(Outcome.EMPTY, "empty:no_text", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A page of which every segment has its verdict."""

    reading: Reading
    judgement: Judgement
    template: Template | None
    fields: Fields
    moments: Moments
    drift: str


def _judged(page: ParsedPage, url: str | None, captured_at: datetime | None) -> _Judged:
    """The page with all verdicts. The engine uses the tree up: the fields are read before."""
    reading = page.reading
    fields = read_fields(page, url)
    judgement = judge_wording(reading)
    template = find_template(reading, url)
    if template:
        judgement.verdicts.update(part_verdicts(reading, template))
    if not fields.title:
        title, site = title_line(reading, judgement.settled)
        fields = replace(fields, title=title, site_name=fields.site_name or site)
    judge_story(judgement, fields.title, fields.site_name)
    moments = read_moments(fields, byline_lines(reading, judgement.verdicts), page.tree, url, captured_at)
    drift = _judge_body(page, judgement, template)
    judge_markup(judgement)
    judgement.add(left_over(reading, judgement.settled, judgement.kept))
    return _Judged(
        reading=reading, judgement=judgement, template=template, fields=fields, moments=moments, drift=drift
    )


def _article(page: ParsedPage, url: str | None, captured_at: datetime | None) -> Article:
    judged = _judged(page, url, captured_at)
    reading, judgement, template = judged.reading, judged.judgement, judged.template
    fields, moments = judged.fields, judged.moments
    blocks = judgement.blocks()
    declared_story = declared_blocks(fields.linked.body, blocks)
    blocks += declared_story
    text, dateline = _join(reading, blocks), first_dateline(blocks)
    signs = TextSigns(
        text=text, dateline=dateline, lines=byline_lines(reading, judgement.verdicts),
        origins=tuple(origin_offers(reading, judgement.verdicts, fields.addresses, url)),
        hints="\n".join(node.hints for node in reading.nodes if node.hints and not node.hidden),
        known_authors=template.authors if template else (),
    )  # fmt: skip
    settled = settle(fields, moments, signs)
    kind, reason = page_kind(reading, judgement.verdicts, read_declared(fields), fields, url)
    if reason and declared_story:
        kind, reason = article_kind(url, fields.title, [block.text for block in declared_story], []), ""
    wall = found_instead(reading, judgement.verdicts, fields, page.text) if reason else None
    if wall and wall.reason not in reason.split("; "):
        reason = f"{wall.reason}; {reason}"
    if kind is PageKind.ARTICLE and template and template.kind:
        kind = template.kind
    return Article(
        title=fields.title,
        text=text,
        authors=settled.authors,
        dateline=dateline,
        published_at=moments.published_at,
        published_raw=moments.published.raw if moments.published else None,
        modified_at=moments.modified_at,
        modified_raw=moments.modified.raw if moments.modified else None,
        language=settled.language,
        site_name=fields.site_name,
        section=fields.section,
        declared_canonical=fields.declared_canonical,
        origin_url=settled.origin_url,
        page_kind=kind,
        blocks=labelled(blocks, kind),
        photos=photos_of(reading, judgement.groups, judgement.kept, url),
        candidates=settled.candidates,
        paywalled=settled.paywalled,
        layout_drift=judged.drift,
        outcome=wall.outcome if wall else Outcome.NOT_AN_ARTICLE if reason else Outcome.ARTICLE,
        outcome_reason=reason,
    )


def walled(wall: Wall) -> Article:
    """What there is of a page whose place a wall has taken."""
    return replace(_nothing(wall.outcome, f"wall:{wall.outcome.value}", ""), outcome_reason=wall.reason)


def _judge_body(page: ParsedPage, judgement: Judgement, template: Template | None) -> str:
    """Add what is kept: by the page's template, where it holds, else by the engine; how the page departs."""
    reading, settled = judgement.reading, judgement.settled
    healthy = template is not None and is_healthy(reading, template, settled)
    if template and healthy and not template.exact:
        judgement.add(template_verdicts(reading, template, story_within(reading, template, settled)))
        return ""
    first = NO_READING if healthy else first_reading(page, judgement)
    away = departure(reading, template, first.segments, settled) if template and not healthy else ""
    if template and template.exact and not away:
        found = all_within(reading, template, settled) | turns_and_awards(reading, template, settled)
        judgement.verdicts.update(template_verdicts(reading, template, found))
        if not healthy:
            among = body_verdicts(reading, first.segments | found, settled, source=first.source)
            outside = beside(reading, template)
            judgement.add((index, verdict) for index, verdict in among if index in outside)
        return template.drift
    judgement.add(
        body_verdicts(reading, first.segments, settled, None if away else template, source=first.source)
    )
    return away if template and template.certain else ""


def _join(reading: Reading, blocks: tuple[Block, ...]) -> str:
    """Kept blocks joined by a blank line; a line broken inside a sentence goes on with a space."""
    paragraphs: list[str] = []
    previous = -2
    for index, block in enumerate(blocks):
        if not block.kept:
            continue
        soft = index < len(reading.segments) and reading.segments[index].soft
        runs_on = soft and previous == index - 1 and block.text[:1].islower()
        if runs_on and not ends_sentence(paragraphs[-1]):
            paragraphs[-1] = f"{paragraphs[-1]} {block.text}"
        else:
            paragraphs.append(block.text)
        previous = index
    return "\n\n".join(paragraphs)


def _not_html(html: bytes | str, content_type: str | None) -> str:
    """Why the content is no HTML, empty where it may be."""
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind and not kind.startswith(_HTML_TYPES):
        return "content_type"
    if isinstance(html, bytes) and html.lstrip()[:8].startswith(_SIGNATURES):
        return "signature"
    return ""


def _is_binary(text: str) -> bool:
    """Whether the text has so many control characters that it was no text."""
    controls = len(_CONTROL.findall(text, 0, _LOOKED_AT))
    return controls > max(_FEW_CONTROLS, _MOST_CONTROLS * min(len(text), _LOOKED_AT))


def _nothing(outcome: Outcome, rule: str, text: str) -> Article:
    block = Block(text=" ".join(text.split())[:_MOST_SHOWN], kind=BlockKind.WIDGET, kept=False, rule=rule)
    return Article(title=None, text="", page_kind=PageKind.OTHER, blocks=(block,), outcome=outcome)
