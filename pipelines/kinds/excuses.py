"""What a server says in an article's place, with status 200: by the titles of such pages."""

from __future__ import annotations

import re

# It lacks the page, or lets nobody in.
EXCUSES = re.compile(
    r"(?:(?:error )?40[34]\b.{0,60}|(?:(?:sorry|oops)[,!.]? )?(?:(?:the|this|that) )?page (?:(?:was|is|"
    r"could|can|you|has) )?"
    r"(?:not|no longer|been|does ?n[o\u2019']t) ?(?:be )?(?:found|available|exists?|removed|moved)?|"
    r"not found|"
    r"access (?:to this page has been )?denied|forbidden|just a moment\W*|attention required.{0,40}|"
    r"(?:are you a|robot or) (?:robot|human)\??|(?:please )?(?:log|sign) ?in(?: (?:to|or) .{0,40})?|"
    r"(?:verify|verifying) (?:that )?you are (?:a )?human.{0,40}|security check.{0,30}|"
    r"(?:please )?enable (?:javascript|cookies).{0,60}|(?:site|service) (?:is )?(?:temporarily )"
    r"?(?:unavailable|down)|"
    r"(?:server|application) error.{0,40}|(?:bad gateway|(?:subscribe|register) to (?:continue|read))"
    r".{0,40}|oops\W*|"
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
# It asks for consent first.
WALLS = re.compile(
    r"before you continue(?: to .{1,40})?|we (?:value|respect|care about) your privacy|"
    r"(?:your )?(?:privacy|cookie) (?:choices|settings|preferences|consent)|cookie[- ]?consent|"
    r"consent|(?:cookie-?)?zustimmung|"
    r"(?:datenschutz|privatsphäre)-?einstellungen|vos choix.{0,60}|"
    r".{2,40} (?:ist teil der|is part of the|fait partie de la) .{0,20}fami(?:lie|ly|lle).{0,30}",
    re.IGNORECASE,
)
