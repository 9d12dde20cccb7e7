"""What a notice of a correction, clarification or update looks like, by kind: data, and the regexes of it.

A notice is a paragraph that starts with a head ("Correction:", "Clarification, Nov. 3:") or that says of the
story itself that it was changed ("An earlier version of this article misstated ..."), from that sentence on.
The expressions are DuckDB's (RE2), in lower case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A kind of notice: `heads` to stand before a colon or dash, and `sentences` that tell of a change.

    A head wants `least_words` in a row behind it: "Updated: Nov. 3, 4 p.m." tells the time and no change.
    """

    kind: str
    heads: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    least_words: int = 0


_STORY = (
    "(?:this|the|our|that) (?:news |feature |press )?(?:article|story|report|post|blog post|piece|column|"
    "release|transcript|headline|caption|page|item|dispatch|obituary|review|essay|interview|analysis|summary|"
    "entry|advisory|fact sheet)"
)
_WAS = "(?:has been|have been|has since been|was|were|is)(?: later| since| subsequently)?"
_UPDATED = r"(?:updated|revised|edited|changed|modified)(?: on | at | in )?[^.!?:]{0,60}?"
_EARLIER = "(?:earlier|previous|prior|original|initial) (?:version|edition|draft)"
_PUBLISHED = r"was (?:first|originally) published [^!?]{0,120}(?:updated|revised)\b"
_ARTIKEL = r"(?:dieser|der) (?:artikel|text|beitrag|bericht) wurde (?:[^!?:]{0,40} )?"
_ARTICLE = "(?:cet article|ce texte) a été "
_NOTA = r"(?:este|esta) (?:art[ií]culo|nota|noticia|informaci[oó]n|texto) (?:ha sido|fue) "
_ARTICOLO = "questo (?:articolo|testo) è stato "
_MATERIA = r"(?:este|esta) (?:artigo|texto|mat[eé]ria|reportagem) foi "

NOTICES = (
    Notice(
        kind="correction",
        heads=(
            "corrections?(?: (?:and|&) (?:clarifications?|amplifications?))?(?: appended| notice)?",
            "corrected", "errat(?:um|a)",
            "korrektur", "berichtigung", "richtigstellung",
            "(?:er)?rectificatif", "correctif",
            "correcci[oó]n", "rectificaci[oó]n", "fe de erratas?",
            "correzione", "errata corrige", "rettifica",
            "corre[cç][aã]o",
        ),
        sentences=(
            f"an? {_EARLIER} of {_STORY}", f"the {_EARLIER} of {_STORY}",
            f"{_STORY} {_WAS} (?:updated and )?(?:corrected|amended)",
            f"{_STORY} {_WAS} {_UPDATED} to (?:correct|fix|remove|reflect the correct|show the correct)",
            (
                f"{_STORY} (?:previously|originally|initially|incorrectly|mistakenly) "
                "(?:misstated|misspelled|misidentified|stated|said|gave|listed|named|reported|included)"
            ),
            f"(?:{_STORY}|this version) corrects ",
            rf"{_STORY} {_PUBLISHED}[^!?]{{0,60}} to correct",
            (
                "corrects (?:paragraphs?|headline|spelling|names?|typo|date|title|story|attribution|"
                r"to (?:say|show|fix|remove))\b"
            ),
            "in einer (?:früheren|ersten|vorherigen|älteren) (?:version|fassung) (?:dieses|des) ",
            f"{_ARTIKEL}(?:korrigiert|berichtigt)",
            "une (?:première|précédente|ancienne) version de (?:cet article|ce texte)",
            f"{_ARTICLE}(?:corrigé|rectifié)",
            r"(?:una|en una) versi[oó]n (?:anterior|previa|original) de (?:este|esta) ",
            f"{_NOTA}(?:corregid|rectificad)[oa]",
            "una (?:precedente|prima) versione di questo (?:articolo|testo)",
            f"{_ARTICOLO}corretto",
            "uma vers[aã]o anterior d(?:este|esta|o|a) (?:artigo|texto|mat[eé]ria|reportagem)",
            f"{_MATERIA}corrigid[oa]",
        ),
    ),
    Notice(
        kind="clarification",
        heads=(
            "clarifications?", "klarstellung", "mise au point", "aclaraci[oó]n", "chiarimento",
            "precisazione", "esclarecimento",
        ),
        sentences=(f"{_STORY} {_WAS} {_UPDATED} to clarify", f"{_STORY} {_WAS} clarified"),
    ),
    Notice(
        kind="update",
        heads=(
            "updated?", "aktualisierung", "aktualisiert", "mise à jour", "actualizaci[oó]n", "actualizado",
            "aggiornamento", "aggiornato", "atualiza[cç][aã]o", "atualizado",
        ),
        sentences=(
            rf"{_STORY} {_WAS} (?:updated|revised)[.]",
            rf"{_STORY} {_WAS} {_UPDATED} (?:to|with|after|because|following|since)\b",
            f"{_STORY} {_PUBLISHED}",
            f"{_ARTIKEL}(?:aktualisiert|ergänzt|überarbeitet|geändert)",
            f"{_ARTICLE}(?:mis à jour|modifié|actualisé)",
            f"{_NOTA}(?:actualizad|modificad)[oa]",
            f"{_ARTICOLO}(?:aggiornato|modificato)",
            f"{_MATERIA}(?:atualizad|modificad)[oa]",
        ),
        least_words=4,
    ),
    Notice(
        kind="editors_note",
        heads=(
            r"editors?['\x{2019}`]?s?['\x{2019}]? note", "note from the editors?", "note to readers",
            "(?:anmerkung|hinweis) der redaktion", "note de la rédaction", "ndlr",
            "nota (?:del editor|de la redacci[oó]n|del direttore|della redazione)",
            "nota d(?:[ao] editora?|a reda[cç][aã]o)",
        ),
    ),
)  # fmt: skip

# No classes of letters: RE2 takes a tenth of a second to get each of them ready.
_OPENING = r"^\W{0,12}(?:editors?['\x{2019}`]?s?['\x{2019}]? note\W{1,6})?"
# What may stand between a head and its colon: a day, in brackets or not, with a time or not.
_IN_BRACKETS = r"(?:\s*[(\[][^)\]]{1,60}[)\]])?"
_DAY = r"(?:,? (?:on )?[^:\n]{0,14}\d[^:\n\x{2013}\x{2014}]{0,30}(?::\d\d[^:\n\x{2013}\x{2014}]{0,20})?)?"
_MARK = r"\s*(?:[:|\x{2013}\x{2014}]|-+\s|\.\s)\s*"
# Not a quotation mark: somebody speaks of another story.
_SENTENCE_START = r"^[\s()\[*_|>\x{2013}\x{2014}-]{0,12}(?:editors?['\x{2019}`]?s?['\x{2019}]? note\W{1,6})?"
_SENTENCE_END = r"[.!?:)\]][\"'\x{2019}\x{201d}]?\s+[(\[*_]?"


def head_regex(notice: Notice) -> str:
    """Matches a paragraph in lower case that starts as the notice does."""
    rest = rf"(?:[^\s\d]+\s+){{{notice.least_words}}}" if notice.least_words else r"\S"
    return rf"{_OPENING}(?:{'|'.join(notice.heads)}){_IN_BRACKETS}{_DAY}{_MARK}{rest}"


def bare_head_regex(notice: Notice) -> str:
    """Matches a paragraph in lower case that is a head and no more: the notice is the next one."""
    return rf"{_OPENING}(?:{'|'.join(notice.heads)})\W{{0,12}}$"


def sentence_regex(notice: Notice) -> str:
    """Matches a paragraph in lower case that tells of the change; '' for kinds without any such sentence.

    Its group is what there is of the paragraph from that sentence on.
    """
    if not notice.sentences:
        return ""
    return rf"(?s)(?:{_SENTENCE_START}|{_SENTENCE_END})((?:{'|'.join(notice.sentences)}).*)$"


def hint_regexes() -> tuple[str, str, str]:
    """Whatever text has a notice matches one of these, and some that have none; cheap, each by itself."""
    heads = "|".join(head for notice in NOTICES for head in notice.heads)
    start = rf"\W*(?:{heads})"
    # Up to the first gap: it is gaps that make matching slow.
    firsts = {re.split(r"(?:\(\?:)?\[\^", one)[0] for notice in NOTICES for one in notice.sentences}
    sentences = "|".join(sorted(firsts))
    return rf"(?i)^{start}", rf"(?i)\n{start}", rf"(?i)(?:{sentences})"
