"""The story as a page's JSON-LD has it: the last resort, where the markup has hardly a word of it."""

from __future__ import annotations

import html
import re

from storage.article import Block, BlockKind

_BREAK = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_MOST_SHOWN_WORDS, _FEWEST_WORDS = 25, 60
RULE = "json-ld:article_body"


def declared_blocks(body: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks of the JSON-LD's articleBody, where the page's own blocks hold no story; else none.

    A page may draw its story by script alone. Where it shows one, however short, that is what it says: the
    declared body is often cut, and is never mixed in.
    """
    shown = sum(len(block.text.split()) for block in blocks if block.kept)
    paragraphs = _paragraphs(body) if body and shown < _MOST_SHOWN_WORDS else []
    if sum(len(text.split()) for text in paragraphs) < _FEWEST_WORDS:
        return ()
    return tuple(Block(text=text, kind=BlockKind.BODY, kept=True, rule=RULE) for text in paragraphs)


def _paragraphs(body: str) -> list[str]:
    r"""The paragraphs of a text with or without markup.

    >>> _paragraphs("<p>One &amp; two.</p>\n<p>Three<b>.</b></p>"), _paragraphs("One.\n\n Two.")
    (['One & two.', 'Three.'], ['One.', 'Two.'])
    """
    text = _BREAK.sub("\n", html.unescape(body) if "&lt;" in body else body)
    lines = (" ".join(html.unescape(_TAG.sub("", line)).split()) for line in text.splitlines())
    return [line for line in lines if line]
