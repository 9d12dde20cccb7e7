"""Names of months and of time zones, as news pages print them."""

from __future__ import annotations

from types import MappingProxyType

# Months in English, German, French, Spanish, Italian, Portuguese and Dutch, in full and cut.
_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar feber février févr fév febrero febbraio febb fevereiro fev februari",
    "march mar märz mrz mär mars marzo março maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aoû agosto ago augustus",
    "september sept sep septembre septiembre settembre set setembro setiembre",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro des",
)
# Months of further languages as their dates have them. One that is another month elsewhere is left out.
_FURTHER = (
    (
        "tammikuuta stycznia ledna januára január ianuarie ocak "
        "января січня януари gener janúar ιανουαρίου يناير"
    ),
    (
        "helmikuuta lutego února februára február februarie şubat "
        "февраля лютого февруари febrer febrúar φεβρουαρίου فبراير veljače"
    ),
    "maaliskuuta marca března március martie mart марта березня март març μαρτίου مارس ožujka",
    (
        "huhtikuuta kwietnia dubna apríla április aprilie nisan "
        "апреля квітня април apríl απριλίου أبريل ابريل travnja"
    ),
    "maj toukokuuta maja května mája május mayıs мая травня май maig maí μαΐου μαίου مايو svibnja",  # noqa: RUF001 -- Turkish
    "kesäkuuta czerwca června júna június iunie haziran июня червня юни juny júní ιουνίου يونيو lipnja",
    "heinäkuuta lipca července júla július iulie temmuz июля липня юли juliol júlí ιουλίου يوليو srpnja",
    (
        "augusti elokuuta sierpnia srpna augusta augusztus ağustos "
        "августа серпня август agost ágúst αυγούστου أغسطس kolovoza"
    ),
    (
        "syyskuuta września září septembra szeptember septembrie eylül "
        "сентября вересня септември setembre σεπτεμβρίου سبتمبر rujna"
    ),
    (
        "lokakuuta października října októbra október octombrie ekim "
        "октября жовтня октомври οκτωβρίου أكتوبر اكتوبر oktobra"
    ),
    (
        "marraskuuta listopadu novembra noiembrie kasım ноября "  # noqa: RUF001 -- Turkish
        "листопада ноември nóvember νοεμβρίου نوفمبر studenoga studenog"
    ),
    (
        "desember joulukuuta grudnia prosince decembra decembrie aralık "  # noqa: RUF001 -- Turkish
        "декабря грудня декември desembre δεκεμβρίου ديسمبر prosinca"
    ),
)
MONTHS = MappingProxyType({
    name: number
    for told in (_NAMES, _FURTHER)
    for number, names in enumerate(told, start=1)
    for name in names.split()
})  # fmt: skip

# Hours from UTC. Of the names with two meanings the one that English-language news means: EST of New York,
# IST of India, CST of Chicago. "ET" and the like say no more than the coast: the day tells its hours.
ZONES = MappingProxyType({
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "trt": 3, "ist": 5.5, "pkt": 5, "sgt": 8, "hkt": 8, "pht": 8, "awst": 8,
    "jst": 9, "kst": 9, "aest": 10, "acst": 9.5, "aedt": 11, "nzst": 12, "nzdt": 13, "sast": 2, "wat": 1,
    "eat": 3, "wib": 7, "wita": 8, "wit": 9, "ict": 7, "gst": 4,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9,
    "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "brt": -3, "art": -3,
})  # fmt: skip
# Standard hours of the zones that are named without saying which half of the year it is.
COASTS = MappingProxyType(
    {"et": -5, "ct": -6, "mt": -7, "pt": -8, "eastern": -5, "central": -6, "pacific": -8}
)
