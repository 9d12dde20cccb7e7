"""What stands around a comment thread, and in text without markup the thread itself."""

from __future__ import annotations

import re

from pipelines.boilerplate.verdict import FIGURE, Verdict, Verdicts, line_rule
from pipelines.page.segments import Reading
from storage.article import BlockKind

RULES = (
    line_rule(
        BlockKind.COMMENTS, "comments:prompt",
        "comment comments commenting reply replies conversation discussion thoughts responses published "
        f"required {FIGURE} say",
        r"(?:please )?leave (?:a|your|us a) (?:comment|reply|response).{0,80}",
        r"(?:\d[\d.,]*|add a|add your|post a|post|submit|write a|view|show|read|see all|see|load|load more|"
        r"hide|older|newer|join|all)(?: all)?(?: \d+)? (?:comments?|replies|responses)(?: yet)?(?: \(\d+\))?",
        r"no comments|comments? ?\(?\d+\)?|join the (?:conversation|discussion|debate)(?: below)?|"
        r"have your say",
        r"(?:comments|commenting)(?: (?:on|for) .{1,60})? (?:are|is|have been) (?:now )?(?:closed|disabled|"
        r"off).{0,40}",
        r"cancel reply|reply to .{1,60} cancel reply|leave a reply to .{1,60}",
        r"your e-?mail address will not be published.{0,80}|required fields are marked.{0,10}",
        r"(?:please )?(?:log|sign) ?in(?: or (?:register|sign up|create an account))? to (?:leave a |post |"
        r"add |write a |join the |view )?(?:comments?|reply|conversation|discussion)s?",
        r"you must be logged in to (?:post|leave) a (?:comment|reply).{0,40}",
        r"be the first to (?:comment|leave|share|reply).{0,60}|no comments? (?:yet|found|so far).{0,60}",
        r"(?:one|two|three|\d+) (?:thoughts?|responses?|replies) (?:on|to) .{1,140}",
        r"comment (?:name|e-?mail|navigation|policy|guidelines|here)|comments? \*|report (?:this )?comment",
    ),
    line_rule(
        BlockKind.COMMENTS, "comments:form",
        "browser akismet follow moderated moderation views notify comments comment",
        r"save my name,? e-?mail,? and (?:website|site url).{0,80}",
        r"this site uses akismet to reduce spam.{0,100}|learn how your comment data is processed",
        r"notify me (?:of|when|by e-?mail).{0,100}",
        r"(?:all |your )?comments? (?:are|is|will be|may be) (?:moderated|held for|awaiting|"
        r"subject to)\b.{0,160}",
        r"the (?:comments|views) (?:expressed )?(?:below|in the (?:contents|comments) (?:above|"
        r"below))(?: have (?:not )?been moderated| are those of our (?:users|readers)).{0,140}",
        r"(?:want|would like) to (?:join the conversation|comment).{0,80}",
        longest=300,
    ),
    line_rule(
        BlockKind.COMMENTS, "comments:invitation", "comments comment below thoughts",
        r"(?:(?:please )?(?:let us|let me) know|tell us|share|leave|drop|post|add)\b[^.?!\"“]{0,90}\b(?:in|"
        r"to) (?:the |our )?comments?(?: section| box| area)?(?: below)?",
        r"(?:what (?:do|did) you think|what are your thoughts|do you agree|agree or disagree|"
        r"any thoughts)[^.?!\"“]{0,60}\? ?(?:[^.?!\"“]{0,80}\b(?:comments?|below|@\w+)\b[^.?!\"“]{0,40})",
        longest=240,
    ),
)  # fmt: skip

_HEAD = re.compile(
    r"\s*(?:\d[\d.,]* (?:comments?|replies)|comments? ?\(\d+\)|(?:one|two|three|\d+) (?:thoughts?|responses?|"
    r"replies) (?:on|to) .{1,140}|reader comments|comments)\s*:?\s*",
    re.IGNORECASE,
)
_SIGN = re.compile(
    r".{1,60}\bsays:?|reply(?: to .{1,40})?|report abuse|(?:posted |"
    r"on )?\w+ \d{1,2},? \d{4},? at \d{1,2}[:.]\d\d.{0,12}|\d+ (?:minute|hour|day|week|month|"
    r"year)s? ago.{0,40}",
    re.IGNORECASE,
)
_NEAR, _FEWEST_SIGNS, _FEWEST_BEFORE = 4, 2, 2
_FULL_WORDS, _LONGEST_SIGN, _LONGEST_HEAD = 12, 120, 180


def judge_thread(reading: Reading) -> Verdicts:
    """Verdicts on a thread in plain text: from its heading to the last line that only threads have."""
    if not reading.is_dump:
        return
    full = 0  # paragraphs above
    for index, segment in enumerate(reading.segments):
        full += reading.words[index] >= _FULL_WORDS and reading.sentences[index]
        if full < _FEWEST_BEFORE or len(segment.text) > _LONGEST_HEAD or not _HEAD.fullmatch(segment.text):
            continue
        signs = _signs(reading, index + 1)
        if len(signs) >= _FEWEST_SIGNS:
            last = min(signs[-1] + 1, len(reading.segments) - 1)
            for number in range(index, last + 1):
                yield number, Verdict(kind=BlockKind.COMMENTS, rule="comments:thread")
            return


def _signs(reading: Reading, start: int) -> list[int]:
    """Numbers of the lines that only threads have, up to where they cease."""
    found: list[int] = []
    for index in range(start, len(reading.segments)):
        if index - (found[-1] if found else start) > _NEAR:
            break
        if len(reading.segments[index].text) <= _LONGEST_SIGN and _SIGN.fullmatch(
            reading.segments[index].text
        ):
            found.append(index)
    return found
