"""What a server says in an article's place, by the titles, headings and first lines of such pages."""

from __future__ import annotations

import re

from storage.article import Outcome

_GONE = re.compile(
    r"(?:(?:error )?(?:40[34]|410)\b.{0,60}|(?:(?:sorry|oops|whoops)[,!.]? )?(?:(?:the|this|that) )?"
    r"(?:page|article|story|content|post|document|file) "
    r"(?:(?:was|is|could|can|you|has|you requested|you are looking for|you were looking for) ){0,2}"
    r"(?:not|no longer|been|does ?n[o\u2019']t|isn[\u2019']t|can[\u2019']?t be|cannot be|"
    r"could(?:n[\u2019']t| not) be)"
    r" ?(?:be )?(?:found|available|exists?|removed|moved|deleted)?|"
    r"(?:(?:sorry|oops|whoops)[,!.]? )?we (?:can(?:[\u2019']t|not)|could(?:n[\u2019']t| not)|"
    r"were unable to) find "
    r"(?:the|that|this) page.{0,40}|"
    r"not found|nothing (?:was )?found|error 404.{0,40}|"
    r"(?:(?:die|diese) )?(?:gewünschte |angeforderte )?seite (?:wurde |konnte )?(?:leider )?"
    r"nicht gefunden.{0,20}|"
    r"(?:cette )?page (?:introuvable|non trouvée)|p[áa]gina (?:no|não) (?:encontrada|existe)|"
    r"pagina (?:non trovata|niet gevonden)|sidan (?:kunde inte hittas|hittades inte)|"
    r"siden (?:blev|ble|finnes|findes)? ?ikke ?(?:fundet|funnet)?|sivua ei löyt\w+|"
    r"strona nie (?:została znaleziona|istnieje)|"
    r"nie znaleziono strony|"
    r"stránka (?:nenalezena|nebyla nalezena)|"
    r"страниц\w не найдена|сторінку не знайдено|halaman tidak ditemukan|"
    r"sayfa bulunamad\w)[.!]?",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"(?:(?:site|service|website|page) (?:is )?(?:temporarily |currently )?(?:unavailable|down)|"
    r"(?:server|application|runtime|internal(?: server)?) error.{0,60}|50[0234]\b.{0,40}|"
    r"bad gateway.{0,40}|oops\W*|error establishing a database connection|"
    r"(?:there has been a )?critical error on this website|"
    r"briefly unavailable for scheduled maintenance.{0,40}|"
    r"(?:(?:site|website|we are) )?(?:is )?(?:currently )?(?:under|"
    r"down for) (?:scheduled )?maintenance.{0,40}|"
    r"(?:fatal error|parse error): .{0,200}|(?:something went|an error) (?:wrong|occurred|has occurred)|"
    r"(?:an )?unexpected error(?: has)?(?: occurred)?.{0,40}|maintenance mode)[.!]?",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"(?:access (?:to this page has been )?(?:denied|restricted|blocked)|forbidden|just a moment\W*|"
    r"attention required.{0,40}|(?:are you a|robot or) (?:robot|human)\??|robot check|human verification|"
    r"(?:please )?(?:verify|verifying|confirm) (?:that )?you are (?:not )?(?:a )?(?:human|robot).{0,40}|"
    r"(?:please )?enable cookies.{0,60}|security check.{0,30}|checking (?:if )?(?:your browser|"
    r"the site).{0,60}|"
    r"(?:sorry, )?you have been blocked|request rejected|too many requests|pardon our interruption.{0,10}|"
    r"unusual (?:traffic|activity).{0,40}|(?:your )?request (?:has been |was |is )?blocked|"
    r"one more step|ddos protection by .{0,30})[.!]?",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:(?:please )?(?:log|sign) ?in(?: (?:to|or) .{0,40})?|(?:member|subscriber|user|account) (?:log|"
    r"sign)[ -]?in|"
    r"(?:subscribe|register) to (?:continue|read).{0,40}|"
    r"(?:this (?:content|article|story|page) is )?(?:for )?(?:subscribers|members)[ -]only|"
    r"(?:create|log in to) (?:a(?:n| free)? |your )?account to (?:continue|read).{0,40}|"
    r"you(?: ha|[\u2019'])ve (?:reached|used) (?:all )?(?:your|the|of your) .{0,20}(?:free )?(?:article|"
    r"stor).{0,40})[.!]?",
    re.IGNORECASE,
)
_SCRIPT = re.compile(
    r"(?:(?:please )?(?:enable|turn on) (?:javascript|js)\b.{0,80}|"
    r"(?:(?:sorry, |we[\u2019']re sorry,? but )?[\w .-]{0,40} )?(?:does ?n[o\u2019']t work|requires?|"
    r"needs?)"
    r".{0,30}\bjavascript\b.{0,80}|"
    r"you need to (?:enable|turn on) javascript\b.{0,60}|javascript (?:is )?(?:required|disabled|"
    r"not enabled).{0,60})",
    re.IGNORECASE,
)
# It asks for consent first.
WALLS = re.compile(
    r"before you continue(?: to .{1,40})?|we (?:value|respect|care about) your privacy|"
    r"(?:your )?(?:privacy|cookie) (?:choices|settings|preferences|consent)|cookie[- ]?consent|"
    r"consent|(?:cookie-?)?zustimmung|"
    r"(?:datenschutz|privatsphäre)-?einstellungen|vos choix.{0,60}|"
    r".{2,40} (?:ist teil der|is part of the|fait partie de la) .{0,20}fami(?:lie|ly|lle).{0,30}",
    re.IGNORECASE,
)
_EXCUSES = (
    (_GONE, Outcome.SOFT_404),
    (_FAILED, Outcome.SOFT_404),
    (_BLOCKED, Outcome.BLOCKED),
    (_LOGIN, Outcome.LOGIN_WALL),
    (_SCRIPT, Outcome.NEEDS_JAVASCRIPT),
)
_LONGEST = 220


def excuse(text: str) -> Outcome | None:
    """What a page is whose title or heading is `text`: it lacks the page, or lets nobody in; None for others.

    >>> excuse("Page not found").value, excuse("Sign in to continue").value, excuse("Harbor opens again")
    ('soft_404', 'login_wall', None)
    """
    told = text.strip()
    if len(told) > _LONGEST:
        return None
    return next((outcome for pattern, outcome in _EXCUSES if pattern.fullmatch(told)), None)
