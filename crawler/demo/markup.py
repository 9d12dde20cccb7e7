"""The little markup that the stories are written in: links, headings, quotes, lists."""

from __future__ import annotations

import re
from html import escape

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_OPENING_DOUBLE = re.compile(r"(^|[\s(\[\u2013\u2014])\"")
_OPENING_SINGLE = re.compile(r"(^|[\s(\[\u2013\u2014\u201c])'")
_PARTING = re.compile(r"\n\s*\n|\n(?=- )")
_MARKS = {"## ": "h3", "> ": "blockquote", "- ": "li"}


def mark_of(text: str) -> tuple[str, str]:
    """The element that a written paragraph becomes, and its text without the mark.

    >>> mark_of("## ARMY"), mark_of("Plain.")
    (('h3', 'ARMY'), ('p', 'Plain.'))
    """
    for mark, element in _MARKS.items():
        if text.startswith(mark):
            return element, text.removeprefix(mark)
    return "p", text


def unlinked(text: str) -> str:
    """The written paragraph with its links' texts alone; its mark stays.

    >>> unlinked("- See [the plan](/News/Plan/) first.")
    '- See the plan first.'
    """
    return _LINK.sub(r"\1", text)


def plain(text: str) -> str:
    """What a reader sees of a written paragraph.

    >>> plain("- See [the plan](/News/Plan/) first.")
    'See the plan first.'
    """
    return unlinked(mark_of(text)[1])


def inline_html(text: str) -> str:
    """The text as HTML, links made, quotation marks left as they are.

    >>> inline_html('R&D: [the "plan"](/a/)')
    'R&amp;D: <a href="/a/">the "plan"</a>'
    """
    return _LINK.sub(r'<a href="\2">\1</a>', escape(text, quote=False))


def curly(text: str) -> str:
    r"""The text with the typographer's quotation marks and dashes that WordPress puts in.

    >>> ascii(curly('"It is," he said -- twice.'))
    "'\\u201cIt is,\\u201d he said \\u2013 twice.'"
    """
    text = text.replace(" -- ", " \u2013 ").replace("--", "\u2014")
    text = _OPENING_DOUBLE.sub("\\1\u201c", text).replace('"', "\u201d")
    return _OPENING_SINGLE.sub("\\1\u2018", text).replace("'", "\u2019")


def texts_of(body: str) -> tuple[str, ...]:
    r"""The written paragraphs of a story's body: blank lines part them, other line ends are spaces.

    >>> texts_of("One\ntwo.\n\n- First\n- Second\n")
    ('One two.', '- First', '- Second')
    """
    return tuple(" ".join(part.split()) for part in _PARTING.split(body.strip()))


def blocks_html(texts: tuple[str, ...]) -> list[str]:
    """One HTML block for each written paragraph; list items that follow each other share one list."""
    blocks: list[str] = []
    for index, text in enumerate(texts):
        element, content = mark_of(text)
        inner = inline_html(content)
        if element == "blockquote":
            inner = f"<p>{inner}</p>"
        html = f"<{element}>{inner}</{element}>"
        if element == "li":
            first = index == 0 or mark_of(texts[index - 1])[0] != "li"
            last = index + 1 == len(texts) or mark_of(texts[index + 1])[0] != "li"
            html = f"{'<ul>' if first else ''}{html}{'</ul>' if last else ''}"
        blocks.append(html)
    return blocks
