"""Whether a page whose answer was cut has its end all the same.

A Content-Length too large by one, or a last chunk that never comes, makes a whole page "cut": readers see
nothing of it. Where the bytes stop behind the page's own end tag, nothing of the page is missing.
"""

from __future__ import annotations

import re

_TAIL = 1 << 16  # what may stand behind the end: comments of caches, scripts of counters
_BLANK = " \t\r\n\f\x00\ufeff"
_END = "</html"
_ENDS = re.compile(r"</html\s*>")
_BEGINS = re.compile(r"<html(?=[\s/>])")
_TAG = re.compile(r"<[a-z]")
# What may hold tags that are none of the page.
_UNREAD = re.compile(r"<!--|<(script|style|textarea)(?=[\s/>])")


def has_its_end(text: str) -> bool:
    """Whether nothing but white space, comments and scripts follows the end tag of the page itself.

    A document within the page ends in the same way: there must be as many ends as beginnings.

    >>> has_its_end("<html><p>one</html><!-- cached -->"), has_its_end("<html><p>one</p></body>")
    (True, False)
    >>> has_its_end("<html><p>one<iframe srcdoc='<html>two</html>"), has_its_end("<p>one<html>two</html>")
    (False, False)
    """
    if _END not in text[-_TAIL:].lower():
        return False
    markup = _markup(text.lower()).rstrip(_BLANK)
    last = markup.rfind(_END)
    if last < 0 or not _ENDS.fullmatch(markup, last):
        return False
    begun = _BEGINS.search(markup)
    is_first = begun is None or not _TAG.search(markup, 0, begun.start())
    documents = len(_BEGINS.findall(markup)) + (not is_first)
    return len(_ENDS.findall(markup)) >= documents


def _markup(text: str) -> str:
    """The text, in lower case, without comments, scripts and styles; what has no end goes to the end."""
    kept: list[str] = []
    at = 0
    while begun := _UNREAD.search(text, at):
        kept.append(text[at : begun.start()])
        # `<!-->` is a whole comment (HTML, section 13.2.5.43).
        ending, start = (f"</{begun[1]}", begun.end()) if begun[1] else ("-->", begun.start() + 2)
        end = text.find(ending, start)
        at = text.find(">", end) + 1 if end >= 0 else 0
        if not at:
            break
    else:
        kept.append(text[at:])
    return "".join(kept)
