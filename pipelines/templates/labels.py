"""Labels on the passages of transcripts (who speaks) and of contract announcements (whose they are)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelines.page.segments import Reading
from pipelines.templates.content_element import subtree
from pipelines.templates.contracts import are_contracts, is_footnote, is_service, services
from pipelines.templates.template import Template
from pipelines.templates.transcripts import is_transcript, speaker, speakers
from storage.article import Block, BlockKind, PageKind


def labelled(blocks: Sequence[Block], kind: PageKind) -> tuple[Block, ...]:
    """The blocks, of a transcript or of contracts the kept ones with their labels; no text changes."""
    kept = [place for place, block in enumerate(blocks) if block.kept]
    texts = [blocks[place].text for place in kept]
    if kind is PageKind.CONTRACT:
        labels = services(texts)
    elif kind is PageKind.TRANSCRIPT or is_transcript(texts):
        labels = speakers(texts)
    else:
        return tuple(blocks)
    found = list(blocks)
    for place, label in zip(kept, labels, strict=True):
        heads = kind is PageKind.CONTRACT and is_service(blocks[place].text)
        found[place] = replace(
            blocks[place], label=label, kind=BlockKind.HEADING if heads else blocks[place].kind
        )
    return tuple(found)


def turns_and_awards(reading: Reading, template: Template, removed: frozenset[int]) -> frozenset[int]:
    """Segments of the story's element that rules took for something else, and a transcript or contracts need.

    A question of three words reads as a prompt, a service's heading as a headline.
    """
    within = subtree(reading, template.body)
    inside = [index for index, segment in enumerate(reading.segments) if segment.node in within]
    if removed.isdisjoint(inside):
        return frozenset()
    texts = [reading.segments[index].text for index in inside]
    lost = [index for index in inside if index in removed]
    if is_transcript(texts):
        return frozenset(index for index in lost if speaker(reading.segments[index].text))
    if are_contracts(texts):
        told = {index: reading.segments[index].text for index in lost}
        return frozenset(index for index in lost if is_service(told[index]) or is_footnote(told[index]))
    return frozenset()
