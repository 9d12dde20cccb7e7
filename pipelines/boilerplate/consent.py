"""Cookie bars, privacy dialogs, lists of vendors: lines known by their wording, and what they enclose."""

from __future__ import annotations

import re
from itertools import pairwise

from pipelines.boilerplate.verdict import FIGURE, Verdict, Verdicts, line_rule
from pipelines.page.segments import Reading
from storage.article import BlockKind

RULES = (
    line_rule(
        BlockKind.CONSENT, "consent:cookies", "cookie cookies",
        r".{0,160}\b(?:we|this (?:web)?site|our (?:web)?sites?|our (?:\w+ )?partners)\b.{0,80}\b(?:uses?|"
        r"using|stores?|sets?) (?:\w+ ){0,3}cookies\b.{0,700}",
        r"by (?:continuing|using|clicking|browsing|closing)\b[^.]{0,120}\byou (?:agree|consent|accept|"
        r"are agreeing)\b.{0,300}cookie.{0,300}",
        r"(?:(?:accept|reject|allow|manage|decline|deny|refuse|disable|enable|customi[sz]e)(?: all| only| my|"
        r" essential| necessary| optional| additional| non-essential| selected| recommended|"
        r" and close)*(?: site)? cookies?(?: settings| preferences| choices)?)",
        r"(?:your |our |about |change |view |manage |update |open )*(?:cookies?|cookie consent)(?: & privacy|"
        r" and privacy)? (?:settings|preferences|policy|notice|statement|declaration|list|details|consent|"
        r"choices|information|disclosure|banner|use)",
        r"(?:strictly |always )?(?:necessary|essential|unclassified) cookies?(?: always (?:active|"
        r"enabled))?(?: \(\d+\))?",
        r"privacy (?:&|and) cookies:.{0,300}|how (?:we|and why we) use cookies",
        silent=True,
        longest=1000,
    ),
    line_rule(
        BlockKind.CONSENT, "consent:privacy",
        "privacy consent preferences personal data partners got choices accept reject options vie privée "
        "datenschutz",
        r"(?:privacy|consent) (?:settings|preferences|policy|notice|options|choices|manager|centre|center|"
        r"preference cent(?:er|re)|overview)|manage (?:my |your |privacy )?(?:consent(?:s| preferences)?|"
        r"preferences|options|choices|settings)|your (?:privacy )?choices|privacy overview",
        r"(?:accept|reject|allow|deny|decline) all|accept (?:&|and) (?:continue|close)|save (?:&|"
        r"and) (?:accept|exit|close)|(?:confirm|save) (?:my )?(?:choices|preferences)|accept (?:&|and) close",
        r"(?:we (?:value|care about|respect) your privacy|your privacy (?:is important|matters|"
        r"rights))\b.{0,700}",
        r"we(?:,| and) (?:our|selected|up to)\b.{0,60}\b(?:partners|vendors|third parties)\b,? (?:store|use|"
        r"process|access|may|collect|need|ask|would)\b.{0,900}",
        r"(?:with your (?:consent|permission|agreement),? )?we and our\b.{0,60}\bpartners (?:may )?(?:store|"
        r"use|process|access)\b.{0,900}",
        r"(?:do not|don[\u2019']t) sell (?:or share )?my (?:personal )?(?:info(?:rmation)?|data).{0,40}|"
        r"limit the use of my sensitive.{0,60}|your (?:us state |california )?privacy rights.{0,40}|"
        r"opt[- ]out preferences",
        r"you (?:can|may) (?:withdraw|change|revoke|update|accept|set|manage)\b.{0,60}\b(?:consent|choices|"
        r"preferences)\b.{0,300}",
        silent=True,
        longest=1000,
    ),
    line_rule(
        BlockKind.CONSENT, "consent:vendors",
        "storage vendor vendors iab purposes purpose legitimate interest device profiles advertising "
        "audiences geolocation cookie duration always preferences switch checkbox "
        f"{FIGURE}",
        r"store and/or access information on a device.{0,200}|(?:use|create) (?:limited data|"
        r"profiles)(?: to select| for)? ?(?:personali[sz]ed )?(?:advertising|content).{0,100}|(?:measure|"
        r"select|create|use) (?:a )?(?:personali[sz]ed |basic )?(?:advertising|content|ads?|"
        r"profiles?)(?: performance| profile| to select personali[sz]ed (?:advertising|content)|"
        r" for personali[sz]ed advertising)",
        r"personali[sz]ed (?:ads|advertising|content)(?:,| and) .{0,160}(?:measurement|research|"
        r"development).{0,60}",
        r"understand audiences through statistics.{0,100}|develop and improve services|"
        r"actively scan device characteristics.{0,40}|use precise geolocation data.{0,100}|(?:apply|"
        r"use) market research to generate.{0,60}",
        r"ensure security, prevent(?: and detect)? fraud.{0,60}|"
        r"(?:technically )?deliver (?:and present )?(?:ads|advertising)(?: or| and) content|"
        r"save and communicate privacy choices|match and combine.{0,60}data sources|link different devices|"
        r"identify devices based on.{0,60}|receive and use automatically-sent.{0,80}",
        r"(?:view |show |our |the |see )?(?:full )?(?:list of )?(?:all |iab |tcf )+(?:partners|"
        r"vendors)(?: list)?|(?:view |show |see )?(?:our )?list of (?:partners|vendors)(?: \(vendors\))?|"
        r"(?:vendor|partner)s?,? (?:list|preferences|details)|special (?:purposes?|"
        r"features)(?: \(.{1,40}\))?|legitimate interests?|(?:view|object to) (?:vendor|legitimate).{0,60}",
        r"cookie duration:? .{1,160}|maximum storage duration: .{1,40}(?:type: .{1,40})?|"
        r"uses other forms of storage.{0,40}|data collected and processed:.{0,300}|view details ?\|.{0,80}|"
        r"(?:cookie|vendor) (?:duration )?description",
        r"\d+ (?:partners|vendors) can use this purpose|\d+ (?:partners|vendors|"
        r"third parties).{0,60}(?:consent|purpose|device).{0,80}",
        r"(?:checkbox|switch) label(?: label)?|(?:consent )?leg\.? ?interest|always (?:active|enabled|on)|"
        r"powered by (?:onetrust|cookiebot|cookieyes|complianz|didomi|usercentrics|quantcast|"
        r"trustarc).{0,40}",
        longest=600,
    ),
    line_rule(
        BlockKind.CONSENT, "consent:cookies_abroad",
        "cookies cookie alle alles akzeptieren ablehnen zustimmen einstellungen accepter refuser paramétrer "
        "continuer choix confidentialité rechazar aceptar accetta rifiuta aceitar rejeitar accepteren "
        "weigeren datenschutz datenschutzeinstellungen privatsphäre préférences privacidad privacidade "
        "privacy partenaires partner partners socios parceiros",
        r"(?:wir|diese (?:web)?seite|diese website|unsere (?:web)?seite|"
        r"unsere website)\b.{0,80}\b(?:verwende[nt]|nutz(?:t|en)|setz(?:t|en))\b.{0,40}\bcookies\b.{0,600}",
        r"(?:nous|ce site(?: web)?|notre site(?: web)?)\b.{0,60}\butilis(?:ons|"
        r"e)\b.{0,40}\bcookies\b.{0,600}",
        r"(?:(?:nosotros )?utilizamos|usamos|este sitio(?: web)?|esta web|nuestro sitio(?: web)?|este site|"
        r"este website|nosso site)\b.{0,60}\bcookies\b.{0,600}",
        r"(?:(?:noi )?utilizziamo|usiamo|questo sito(?: web)?|il nostro sito)\b.{0,60}\bcookie\b.{0,600}",
        r"(?:wij|we|deze (?:web)?site|onze (?:web)?site|deze website)\b.{0,40}\b(?:gebruik(?:en|t)|"
        r"maakt gebruik van|maken gebruik van)\b.{0,60}\bcookies\b.{0,600}",
        r"(?=.{0,900}\b(?:cookies?|daten|données|datos|dati|dados|gegevens|gerät|appareil|apparaat)\b)(?:wir|"
        r"nous|nosotros|noi|nós|wij)\b.{0,20}\b(?:und unsere|et nos|y nuestros|e i nostri|e os nossos|"
        r"e nossos|en onze)\b.{0,40}\b(?:partner|partenaires|socios|parceiros|partners)\b.{0,700}",
        r"(?:alle(?: cookies)? (?:akzeptieren|ablehnen|zulassen)|(?:alles|alle cookies) (?:accepteren|"
        r"weigeren|toestaan)|akzeptieren|ablehnen|zustimmen|nur (?:notwendige|essenzielle)(?: cookies)?|"
        r"tout (?:accepter|refuser)|continuer sans accepter|(?:gérer|paramétrer|personnaliser)(?: (?:mes|les|"
        r"vos))?(?: (?:choix|cookies|préférences))?|(?:aceptar|rechazar)(?: tod[oa]s?)?(?: las cookies)?|"
        r"(?:accetta|rifiuta)(?: tutt[oi])?(?: i cookie)?|(?:aceitar|rejeitar)(?: tod[oa]s)?(?: os cookies)?|"
        r"accepteren|weigeren)",
        r"(?:cookie|datenschutz)-?(?:einstellungen|richtlinie|hinweise?)|datenschutzeinstellungen|"
        r"(?:cookie-?|privacy-?)(?:instellingen|beleid|verklaring|voorkeuren)|(?:politique|política|politica|"
        r"informativa)(?: de| di| sui| sulla)? (?:cookies?|confidentialité|privacidad|privacidade|privacy)|"
        r"(?:configurar|gestionar|gerir|gestisci)(?: las| os| i)? (?:cookies?|preferenze|preferencias|"
        r"preferências)",
        longest=900,
    ),
)  # fmt: skip

_TELLING = re.compile(
    r"\b(?:cookies?|consent\w*|privacy|partners|vendors?|advert\w*|devices?|legitimate interest|"
    r"personal data|gdpr|purposes?|profiles?|data sets?|interact\w*|your activity|identifiers?|"
    r"technologies)\b",
    re.IGNORECASE,
)
_NEAR, _FEWEST, _FULL_WORDS = 8, 4, 12


def judge_runs(reading: Reading, consent: frozenset[int]) -> Verdicts:
    """Verdicts on what stands between lines of consent, where these are many: names of vendors, switches.

    `consent` are the numbers of the lines known by their wording. A sentence between them must speak of
    consent itself.
    """
    known = sorted(consent)
    run: list[int] = []
    for index in [*known, len(reading.segments) + _NEAR + 1]:
        if run and index - run[-1] > _NEAR:
            if len(run) >= _FEWEST:
                yield from _between(reading, run)
            run = []
        run.append(index)


def _between(reading: Reading, run: list[int]) -> Verdicts:
    for first, last in pairwise(run):
        gap = range(first + 1, last)
        if all(not _is_full(reading, n) or _TELLING.search(reading.segments[n].text) for n in gap):
            for index in gap:
                yield index, Verdict(kind=BlockKind.CONSENT, rule="consent:run")


def _is_full(reading: Reading, index: int) -> bool:
    return reading.words[index] >= _FULL_WORDS and reading.sentences[index]
