"""How texts and questions fall into words, as SQL: the index and the macro `search` share these expressions.

A word is what is left of letters and digits in lower case without accents: `Pentagon's` is `pentagon`, `U.S.`
is `us`, `F-35A` is `f35a`, `1,000` is `1000`, other hyphens part words. A character of Chinese, Japanese or
Korean is a word. The commonest function words of English are counted as places, but not kept.
"""

# ruff: noqa: RUF001 (letters that look like others are what these rules are about)

from __future__ import annotations

from storage.index.schema import literal

_SINGLE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"
_LETTER = rf"(?:[^\P{{L}}{_SINGLE}]|\p{{N}}|\p{{M}})"
WORD = "|".join(
    (
        rf"[{_SINGLE}]",
        r"\p{L}(?:\.\p{L})+\b",  # U.S., p.m.
        r"\p{L}{1,2}-\p{N}+\p{L}{0,2}\b",  # F-35, KC-135R
        r"\p{N}+(?:[.,]\p{N}+)+",  # 1,000 and 3.5
        rf"{_LETTER}+(?:['’ʼ]{_LETTER}+)*",
    )
)
# The same for texts of ASCII alone.
WORD_OF_ASCII = (
    r"[a-z](?:\.[a-z])+\b|[a-z]{1,2}-[0-9]+[a-z]{0,2}\b|[0-9]+(?:[.,][0-9]+)+|[a-z0-9]+(?:'[a-z0-9]+)*"
)
_WIDE = "".join(chr(0xFF01 + number) for number in range(94))
_NARROW = "".join(chr(0x21 + number) for number in range(94))
_FOLDED = (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ﬁ", "fi"), ("ﬂ", "fl"))
_LONGEST = 64  # characters of a word; longer ones are no words

# Not among them, since they are names or months too: us, who, may.
_STOPPED = (
    "a about after all also an and any are as at be because been before being but by can could did do does "
    "for from had has have he her his how i if in into is it its just not of on only or other our said she "
    "should so some such than that the their them then there these they this those through to was we were "
    "what when where which while will with would you your"
)
STOP_WORDS = tuple(_STOPPED.split())

TITLE_AT, TITLE_WORDS = 0, 60
AUTHORS_AT, AUTHORS_WORDS = 64, 60
TEXT_AT = 128
TITLE_WEIGHT = 4  # a word of the title counts as so many


def pieces_of(text: str) -> str:
    """SQL of the list of words in the SQL `text`, as they stand there but for case and accents."""
    return f"regexp_extract_all({folded(text)}, {literal(WORD)})"


def word_of(piece: str) -> str:
    """SQL of the word that one of `pieces_of` is."""
    possessive = literal("['’ʼ]s$")
    marks = literal("['’ʼ.,-]")
    return f"left(regexp_replace(regexp_replace({piece}, {possessive}, ''), {marks}, '', 'g'), {_LONGEST})"


def words_of(text: str) -> str:
    """SQL of the list of words in the SQL `text`, function words among them; for few texts.

    The pattern is chosen by the text: that of all the world's letters takes ten milliseconds to compile.
    """
    pattern = f"CASE WHEN {_is_ascii(text)} THEN {literal(WORD_OF_ASCII)} ELSE {literal(WORD)} END"
    pieces = f"regexp_extract_all({folded(text)}, {pattern})"
    return f"list_transform({pieces}, lambda piece: {word_of('piece')})"


def is_stop_word(word: str) -> str:
    """SQL of whether the SQL `word` is one that the index does not keep."""
    return f"{word} IN ({', '.join(map(literal, ('', *STOP_WORDS)))})"


def folded(text: str) -> str:
    """SQL of a text in lower case, in one form of its characters, without accents."""
    others, narrow = literal(_WIDE + "øłđς"), literal(_NARROW.lower() + "oldσ")
    plain = f"translate(lower(strip_accents({text})), {others}, {narrow})"
    for letter, letters in _FOLDED:
        plain = f"replace({plain}, {literal(letter)}, {literal(letters)})"
    return f"CASE WHEN {_is_ascii(text)} THEN lower({text}) ELSE {plain} END"


def _is_ascii(text: str) -> str:
    """SQL of whether the SQL `text` has characters of one byte only."""
    return f"strlen({text}) = length({text})"
