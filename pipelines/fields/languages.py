"""The language of a page: as it declares it, and as its text has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

from pipelines.fields.linked_data import LinkedArticle
from pipelines.fields.marks import PageMarks
from pipelines.fields.offers import Offer

_CODE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_,; ])")
_WORD = re.compile(r"[^\W\d_]+")
# The words that make up a fifth and more of any text in their language, and are rare in the others.
_STOP_WORDS = MappingProxyType({
    "en": "the of and to in that is was for it with as his on be at by had are but from have an they which",
    "de": "der die und den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden",
    "fr": "de la le et les des en un du une que est pour qui dans par plus au sur pas ne se il sont avec",
    "es": "de la que el en y los del se las por un para con no una su al es lo como más pero sus",
    "it": "di che e la il un a per è in una non sono da con le si del della dei i al anche più",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao",
    "nl": "de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij nog uit",
    "sv": "och att det som en på är av för med den till inte om ett har de jag var men från kan ska",
    "da": "og at det er en til på som med for af de ikke der den har et jeg fra blev men kan var",
    "no": "og det er i en på som for til at med av de ikke har den et jeg var fra ble men kan om",
    "pl": "w i na się z do nie to że jest o jak po co ale za od przez tym już czy był tego dla",
    "tr": "ve bir bu için da de ile çok olarak daha ne en kadar gibi sonra olan ama var değil o",
    "ru": "и в не на что с по как это от из у за для о но же к был его все так они",  # noqa: RUF001 -- Cyrillic is meant
    "uk": "і в не на що з та це до як у за про для від був його але або також",  # noqa: RUF001 -- Cyrillic is meant
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena ada oleh",
})  # fmt: skip
_KNOWN = MappingProxyType({code: frozenset(words.split()) for code, words in _STOP_WORDS.items()})
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_MOST_CHARS, _FEWEST_WORDS, _SURE_WORDS = 2_500, 12, 60
_LEAST_SHARE, _SURE_SHARE, _FOREIGN_SHARE = 0.12, 0.25, 0.06


def language_offers(marks: PageMarks, linked: LinkedArticle, text: str) -> tuple[Offer, ...]:
    """Languages as two- or three-letter codes, the most trusted first.

    What the text shows goes before what a template says, where the two can't both be true.
    """
    declared = list(_declared(marks, linked))
    shares = stop_word_shares(text)
    guess = _guess(text, shares)
    if not guess:
        return tuple(declared)
    share = shares.get(guess, 1.0)
    shown = Offer(raw=guess, source="text", value=guess)
    said = next((offer.value for offer in declared if offer.value), "")
    sure = share >= _SURE_SHARE and text.count(" ") >= _SURE_WORDS
    if sure and said in shares and shares[said] < _FOREIGN_SHARE:
        return (shown, *declared)
    return (*declared, shown)


def language_of(text: str) -> str | None:
    """The language that a text shows, None where it shows none.

    >>> language_of("Die Boote sind mit dem ersten Licht aus dem Hafen gefahren, und der Kapitän schlief.")
    'de'
    """
    return _guess(text, stop_word_shares(text)) or None


def stop_word_shares(text: str) -> dict[str, float]:
    """Share of the first words of a text that are stop words, by language; none for a few words.

    >>> shares = stop_word_shares("The ferry came in on Tuesday and the crew of it had to wait for the tide.")
    >>> max(shares, key=shares.get)
    'en'
    """
    words = Counter(_WORD.findall(text[:_MOST_CHARS].lower()))
    total = words.total()
    if total < _FEWEST_WORDS:
        return {}
    return {code: sum(words[word] for word in known & words.keys()) / total for code, known in _KNOWN.items()}


def _guess(text: str, shares: dict[str, float]) -> str:
    guess = _by_script(text) or max(shares, key=shares.__getitem__, default="")
    return guess if shares.get(guess, 1.0) >= _LEAST_SHARE else ""


def _by_script(text: str) -> str:
    """Language that a script of its own tells, where at least a third of the text is in it."""
    sample = text[:400]
    return next((code for code, script in _SCRIPTS if 3 * len(script.findall(sample)) > len(sample) > 0), "")


def _declared(marks: PageMarks, linked: LinkedArticle) -> Iterator[Offer]:
    said = (
        ("html:lang", marks.language),
        ("json-ld", linked.language),
        ("og", marks.meta("og:locale")),
        (
            "meta:content-language",
            marks.meta("content-language", "language", "dc.language", "dcterms.language"),
        ),
    )
    for source, raw in said:
        if raw.strip():
            found = _CODE.match(raw.strip())
            yield Offer(raw=raw, source=source, value=found[0].lower() if found else "")
