"""What asks the reader for something: an address, a subscription, money, a click on a partner's link."""

from __future__ import annotations

from pipelines.boilerplate.verdict import line_rule
from storage.article import BlockKind

NEWSLETTER = (
    line_rule(
        BlockKind.PROMOTION, "promotion:newsletter",
        "sign signup subscribe newsletter newsletters inbox mail email subscribing subscribed briefing "
        "register",
        r"(?:skip past|after|before) newsletter promotion|"
        r"privacy notice: newsletters may contain\b.{0,400}",
        r"(?:please )?(?:sign[- ]?up|subscribe)(?: now| today| here| free| for free| below)?(?:[, ]+(?:for|"
        r"to|and|with)\b.{0,200})?|register(?: now| today| here| free)?",
        r"(?:daily |weekly |e-?mail |our |the |free )?newsletters?(?: sign-?up)?|e-?mail (?:alerts|updates)",
        r".{0,160}\b(?:delivered|sent)(?: (?:straight|directly|right|daily|weekly|free|"
        r"every \w+))* to your (?:inbox|e-?mail)\b.{0,160}|.{0,120}\b(?:newsletter|news|stories|updates|"
        r"headlines|week|day|morning)\b.{0,60}\bin your inbox\b.{0,100}",
        r"(?:get|receive|join|want|love|like what you|enjoy|stay|never miss|don[\u2019']t miss|keep up|"
        r"catch up)\b[^.]{0,100}\b(?:our|my|the|this|free|daily|weekly)\b[^.]{0,60}\bnewsletters?\b.{0,160}",
        r"join (?:our|the|my) (?:e-?mail|mailing) list.{0,160}|"
        r"subscribe(?:d)?(?: to)? .{0,40}\b(?:newsletter|podcast|channel)s?\b.{0,80}",
        r"(?:thanks|thank you) for (?:subscribing|signing up|registering|your (?:subscription|"
        r"interest)).{0,120}",
        r"enter your e-?mail.{0,80}|type your e-?mail.{0,10}|your e-?mail(?: address)?(?: ?\*)?|"
        r"e-?mail address ?\*?|(?:invalid|enter a valid|please enter (?:a|"
        r"your) (?:valid )?)\b.{0,20}e-?mail.{0,60}|check your (?:inbox|e-?mail).{0,80}",
        silent=True,
        longest=420,
    ),
    line_rule(
        BlockKind.PROMOTION, "promotion:terms", "agree accept consent acknowledge recaptcha spam unsubscribe",
        r"by (?:signing up|subscribing|submitting|entering|registering|clicking|creating|providing|"
        r"joining)\b.{0,120}\byou (?:agree|accept|consent|acknowledge|opt|are agreeing|confirm)\b.{0,400}",
        r"(?:this site is )?protected by recaptcha.{0,160}|(?:you (?:can|"
        r"may) )?unsubscribe (?:at )?any ?time.{0,100}|no spam\b.{0,60}|we (?:will never|won[\u2019']t|"
        r"promise not to|don[\u2019']t|do not|hate) (?:\w+ ){0,2}spam.{0,80}|i (?:have read and )?(?:agree|"
        r"consent) to (?:the|receive|be contacted)\b.{0,200}",
        silent=True,
        longest=520,
    ),
)  # fmt: skip

APPS = (
    line_rule(
        BlockKind.PROMOTION, "promotion:app", "app apps qr play store appstore",
        r"(?:please )?(?:download|get|install|try|open|read)(?: it)? (?:\w+ )?(?:the|our|in|on|in the|"
        r"on the) (?:[\w&\u2019'\u2019.]+ ){0,4}(?:mobile )?apps?\b[^\"“]{0,140}",
        r"(?:available|download|get it|download it|also available)(?: now)? (?:on|in|from|"
        r"at) (?:the )?(?:app ?store|google play).{0,60}|(?:google play|app ?store)(?: (?:and|or|"
        r"&) (?:the )?(?:google play|app ?store))?|scan (?:the |this )?qr.{0,60}",
        r"(?:download|get|install) .{0,40}\bapp\b.{0,60}\b(?:app store|google play|ios|android|for free|"
        r"today|now)\b.{0,100}",
        silent=True,
        longest=260,
    ),
)  # fmt: skip

PAYWALL = (
    line_rule(
        BlockKind.PROMOTION, "promotion:subscription",
        "subscriber subscribers subscribe subscription member members membership account reading trial "
        "unlimited limit free log supporter patron plan abonnés suscripción dispositivo",
        r"il vous reste [\d.,]+ ?% de .{3,30} à lire\b.{0,120}|(?:la suite|cet article) est réservée? "
        r"(?:à nos|aux) abonnés.{0,80}|tu suscripción se está usando en otro dispositivo.{0,100}|"
        r"¿quieres añadir otro usuario a tu suscripción\?|si continúas leyendo en este dispositivo.{0,120}",
        r"already (?:a |have (?:a |an )?|an? )?(?:subscrib\w+|members?(?:hip)?|account|"
        r"registered)(?: ?\w+)?\?.{0,60}",
        r"(?:this|the) (?:article|story|content|post|page) is (?:\w+ )?(?:exclusive(?:ly)? (?:to|for)|"
        r"(?:only )?(?:available|reserved|accessible) (?:only )?(?:to|for)|for) .{0,40}\b(?:subscribers|"
        r"members|supporters)\b.{0,100}",
        r"(?:to (?:continue|keep) reading|to read (?:the )?(?:full|rest|this)|want to (?:keep|"
        r"continue) reading|(?:continue|keep) reading)\b.{0,120}\b(?:subscri\w+|register|sign|log|account|"
        r"trial|free|member\w*)\b.{0,160}",
        r"you(?:[\u2019']ve| have)? (?:reached|read|used|hit)\b.{0,60}\b(?:free articles?|limit)\b.{0,160}|"
        r"(?:\d+|no|your last) (?:free )?articles? (?:remaining|left)\b.{0,100}",
        r"(?:create|register for) (?:a|an|your) (?:free )?account.{0,100}|(?:become|become an?|join as a|"
        r"be a) (?:\w+ )?(?:member|subscriber|supporter|patron)(?: (?:today|now|here))?|(?:subscribe|sign up|"
        r"log in|join) (?:today|now|here)?(?: for| from)? ?(?:just |only )?[$€£][\d.]+.{0,80}",
        r"(?:get |enjoy )?unlimited (?:digital |online )?access\b.{0,100}|start (?:your|a|"
        r"my) (?:\d+[- ]day )?(?:free )?trial(?: (?:now|today|here))?|(?:choose|select|view|see) (?:a|your|"
        r"our|all) (?:subscription )?(?:plans?|offers?)|(?:subscriber|member|subscription|"
        r"premium)s?[- ](?:only|exclusive)(?: (?:content|article|story))?",
        silent=True,
        longest=320,
    ),
)  # fmt: skip

MONEY = (
    line_rule(
        BlockKind.PROMOTION, "promotion:donation",
        "donate donation donations support supporting supported funded contribution consider patreon coffee "
        "chip subscribing sharing",
        r"(?:please )?donate(?: now| today| here| to us)?|(?:please )?make a (?:tax-deductible |small |"
        r"one-time |monthly )*(?:donation|gift|contribution).{0,120}|buy me a coffee|chip in\b.{0,80}",
        r"(?:please (?:consider )?)?(?:help us |help )?support(?:ing)? (?:our|independent|quality|local|this|"
        r"great|more|us|my) (?:\w+ ){0,2}(?:journalism|work|reporting|newsroom|writing|site|blog|on patreon|"
        r"podcast|channel|website|coverage)\b.{0,160}",
        r"this (?:article|story|work|reporting|content|site) (?:is|was) (?:made possible|funded|"
        r"supported) by (?:our )?(?:readers|donations|members|supporters|reader)\b.{0,160}",
        r"(?:if|did) you(?:[\u2019']ve| have)? (?:value|enjoy(?:ed|ing)?|like[d]?|find|found|appreciate|"
        r"love)\b[^.]{0,120}\b(?:consider (?:support|donat|subscrib|becom|shar|mak|buy|join)ing|please|"
        r"donat\w+|support us|subscrib\w+|buy me)\b.{0,200}",
        silent=True,
        longest=400,
    ),
    line_rule(
        BlockKind.PROMOTION, "promotion:affiliate", "affiliate affiliates commission commissions associate "
        "compensation independently compensated",
        r"(?:(?:as (?:an?|a participating) |we are an? |i am an? )?(?:amazon )?(?:associate|"
        r"affiliate)s?\b.{0,60}\b(?:i|we)\b.{0,20}\b(?:earn|make|receive)\b.{0,200})",
        r"(?=.{0,500}\b(?:links?|purchas\w+|buy|click\w*|affiliates?|shop|orders?)\b).{0,260}\b(?:we|i|us|"
        r"our (?:site|team|partners|publisher))\b(?: may| might| will| can| could)?(?: also| sometimes|"
        r" still)? ?(?:earn|receive|get|make|collect)(?:ing)?(?: us)?(?: (?:a|an|some|any))?(?: small|"
        r" affiliate| referral| portion of| share of| modest)* (?:commission|compensation|"
        r"kickback)s?\b.{0,300}",
        r".{0,200}\b(?:purchases?|links?|buy)\b.{0,80}\b(?:may |might |can )?(?:earn|generate|"
        r"result in) (?:us |me )?(?:a |an )?(?:small |affiliate )?(?:commission|income)s?\b.{0,200}",
        r".{0,160}\b(?:contains?|includes?|uses?|"
        r"links? .{0,60}\bare) (?:some )?(?:amazon )?affiliate(?: ones| links?)?\b.{0,260}",
        r"(?:all |our )?(?:products?|picks|items|everything|our editors)\b.{0,80}\bindependently\b.{0,260}",
        silent=True,
        longest=520,
    ),
    line_rule(
        BlockKind.PROMOTION, "promotion:advertisement",
        "advert advertise advertisement advertisements advertising ad ads sponsored sponsor story article "
        "continue continues scroll skip promoted paid anzeige werbung publicité publicidad pubblicità "
        "publicidade advertentie buy shop",
        r"(?:- ?)?advertis(?:e|ement|ing)s?(?:\W.{0,40}(?:continue|scroll|below).{0,30})?(?: ?-)?|"
        r"advertise with us|advertorial",
        r"sponsored(?: content| links?| post| story| by .{1,40})?|(?:paid|promoted|partner) (?:content|post|"
        r"partnership|for by .{1,40})",
        r"(?:story|article) continues (?:below|after).{0,40}|continue reading(?: below| the main story)?|"
        r"(?:scroll|skip) (?:down )?(?:to|for) (?:continue|main|the next|more|read).{0,40}|"
        r"skip (?:this )?ad(?:vertisement)?|report this ad|ad feedback|ad|ads|ads? (?:by|from) .{1,40}|"
        r"remove ads|why this ad.{0,20}",
        r"anzeige|werbung|publicité|publicidad|pubblicità|publicidade|advertentie|buy now|shop now",
    ),
    line_rule(
        BlockKind.PROMOTION, "promotion:shop", "price prices deal deals shop buy amazon offer offers",
        r"(?:check|see|view|compare|get|find|shop|buy)(?: it| the| this| our| for)?(?: latest| current| best|"
        r" today[\u2019']s| lowest| full)*(?:(?: prices?| deals?| offers?| now| today)(?: (?:on|at|from|"
        r"via) [\w.&\u2019' ]{2,30})?|(?: it)? (?:on|at|from|via) (?:amazon|walmart|target|ebay|best buy|"
        r"etsy|bookshop)[\w. ]{0,12})(?: for [$€£][\d.,]+)?",
        r"(?:(?:was |now |from )?[$€£][\d.,]+ (?:at|on|from) (?:[A-Z][\w.&\u2019']+ ?){1,3}){1,6}",
        longest=100,
    ),
    line_rule(
        BlockKind.PROMOTION, "promotion:reprints",
        "reprints reprint reprinted copies copy copying republish permissions permission license licensing "
        "material rights print",
        r"(?:order |get |buy |purchase |request )?(?:article )?reprints?(?: (?:and|&|/|or) (?:permissions?|"
        r"licensing|licenses))?|(?:order|buy|purchase|request) (?:article )?reprints\b.{0,40}|(?:rights|"
        r"reprints|licensing) (?:and|&) (?:permissions|reprints)",
        r"this copy is for your personal,? non-?commercial use(?: only)?.{0,300}|"
        r"to order (?:presentation-ready )?(?:copies|reprints).{0,240}|"
        r"distribution and use of this material (?:are|is) governed by.{0,260}|"
        r"for non-personal use or to order multiple copies.{0,200}",
        r"a version of this (?:article|story|obituary|essay) (?:appears|appeared|ran) in (?:the )?print\b"
        r".{0,300}",
        r"republish (?:this|our) (?:article|story|work|content|stories|articles).{0,140}|(?:purchase|buy|"
        r"get) (?:a )?licen[sc](?:e|ing)(?: rights)?(?: for this .{1,20})?|license this (?:article|content|"
        r"image|photo)",
        silent=True,
        longest=420,
    ),
)  # fmt: skip

RULES = NEWSLETTER + APPS + PAYWALL + MONEY
