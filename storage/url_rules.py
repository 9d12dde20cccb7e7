"""What a URL may carry beside what selects its page, as data: names, values, hosts.

Three kinds of query parameters. Those of tracking, sessions and other views of a page are dropped.
Doubtful ones mostly don't, but do on some site: the rules keep them, and `storage.index.identity` learns from
the texts that they lead to. All others are kept. A name in lower case; one that ends in "*" is a prefix.
"""

from __future__ import annotations

# Campaigns and clicks, by who reads them: advertising networks, mailers, analytics.
_CAMPAIGNS = """
    utm_* gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid fbclid msclkid yclid ysclid
    _openstat twclid ttclid li_fat_id igshid igsh epik rdt_cid scclid irclickid tblci obclid dicbo vero_id
    vero_conv mc_cid mc_eid mkt_tok _hsenc _hsmi hsctatracking hsa_* oly_anon_id oly_enc_id wickedid s_cid
    s_kwcid ef_id trk_* stm_* pk_* mtm_* matomo_* piwik_* _ga _gl _gac _ke xtor __s _bhlid ns_mchannel
    ns_source ns_campaign ns_linkname ns_fee at_medium at_campaign at_campaign_type at_custom1 at_custom2
    at_custom3 at_custom4 at_link_id at_link_type at_link_origin at_ptr_name at_format at_bbc_team elqtrack
    elqtrackid elqaid elqat elqcampaignid ml_subscriber ml_subscriber_hash ck_subscriber_id"""
# What news sites add to links in feeds, letters, apps and social media.
_NEWS = """
    ocid cmpid ncid wpisrc wpmm wprss pwapi_token reflink ex_cid smtyp taid regi_id soc_src soc_trk guccounter
    guce_referrer guce_referrer_sig ref_src ref_url fb_action_ids fb_action_types fb_source fb_ref
    fb_comment_id __twitter_impression __source feedtype feedname cn-reloaded icid intcid int_cid intcmp"""
# Links that share or answer, and what a cached AMP page hands on.
_ANSWERS = """
    replytocom like_comment permalink_comment_id _wpnonce usqp amp_js_v amp_gsa amp_ct __cf_chl_* __cft__*
    __tn__"""
TRACKING_PARAMETERS = (*_CAMPAIGNS.split(), *_NEWS.split(), *_ANSWERS.split())

# Names of no other use, always dropped; and names that are dropped where the value reads as a session's.
SESSION_PARAMETERS = frozenset({
    "jsessionid", "phpsessid", "aspsessionid", "cfid", "cftoken", "oscsid", "zenid",
})  # fmt: skip
SESSION_LIKE_PARAMETERS = frozenset({"sid", "s", "session", "sessionid", "session_id", "sessid"})
NUMBER_LIKE_PARAMETERS = frozenset({"sid", "s"})  # of these, all digits may be the story's number

_YES = frozenset({"", "1", "true", "yes", "y", "on"})
VIEW_PARAMETERS = {  # another rendering of the same page: parameter -> the values that say so
    "print": _YES,
    "printable": _YES,
    "printerfriendly": _YES,
    "printer_friendly": _YES,
    "printer-friendly": _YES,
    "printfriendly": _YES,
    "printview": _YES,
    "print-view": _YES,
    "isprint": _YES,
    "print_view": _YES,
    "amp": _YES,
    "_amp": _YES,
    "isamp": _YES,
    "amphtml": _YES,
    "mobile": _YES | {"0", "false", "no"},
    "nomobile": _YES,
    "mobileredirect": _YES,
    "output": frozenset({"amp", "print"}),
    "outputtype": frozenset({"amp", "print"}),
    "view": frozenset({"print", "amp", "printable", "mobile"}),
    "mode": frozenset({"print", "amp"}),
    "action": frozenset({"print", "printpage"}),
    "layout": frozenset({"print", "amp"}),
    "format": frozenset({"print", "amp"}),
    "template": frozenset({"print", "amp", "printart", "printarticle"}),
    "tmpl": frozenset({"component", "print"}),
    "showprint": _YES,
    "share": frozenset({
        "facebook", "twitter", "x", "linkedin", "pinterest", "reddit", "tumblr", "whatsapp",
        "jetpack-whatsapp", "telegram", "email", "pocket", "print", "skype", "bluesky", "mastodon", "threads",
    }),
}  # fmt: skip
VIEW_SEGMENTS = frozenset({  # as the last segment of a path that has others
    "amp", "amp.html", "print", "print.html", "print.htm", "printerfriendly", "printer-friendly", "printview",
    "print-view", "printable",
})  # fmt: skip
LEADING_VIEW_SEGMENT = "amp"  # as the first segment of a path that goes on for two, or for one with a slug
_PAGE_SUFFIXES = "html htm php php3 php5 phtml asp aspx jsp jspx shtml xhtml cfm cgi do"
INDEX_FILES = frozenset(
    f"{stem}.{suffix}" for stem in ("index", "default") for suffix in _PAGE_SUFFIXES.split()
)

# Where the reader came from, and campaigns under names that also mean other things.
_ORIGINS = """
    ref refer referer referrer referral source src from via origin ito cid cmp campaign campaign_id campaignid
    partner partnerid mbid smid smcid emc nl te instance_id segment_id mod tid itid sh sid feature feed rss
    channel medium trk trkid sref rel refid ref_ _r nb pos position link linkid clickid click cta promo
    promocode promoid gi affiliate aff affid aff_id subid sub_id xid spm scm mkt rec recid share shared social
    sharetype _ t ts time timestamp rand random nocache cachebust cb v ver"""
# Renderings of the page that may say more or less of it.
_RENDERINGS = """
    print printable printpage amp mobile output outputtype view viewas mode layout format template tmpl theme
    skin style fontsize font text singlepage single_page onepage pagewanted fullpage full showall noredirect
    redirect redirected preview cache comments showcomments comment replyto highlight hilite video autoplay
    gallery slide image tab lang locale loc edition"""
# Parameter -> values (a pattern for the whole of it) by which it is doubtful; None for any value.
DOUBTFUL_PARAMETERS: dict[str, str | None] = {
    **dict.fromkeys((*_ORIGINS.split(), *_RENDERINGS.split())),
    **dict.fromkeys(("page", "pg", "paged"), "0|1|all"),
    **dict.fromkeys(("start", "offset"), "0"),
    "m": "0|1",
    "p": "0|all",
}

# First labels of hosts that serve the same pages in another form.
HOST_VARIANTS = ("www", "m", "mobile", "mobi", "amp", "wap", "touch")
# Domains whose pages moved to another, numbers and paths with them: old -> new.
MOVED_DOMAINS = {
    "defense.gov": "war.gov",
    "dod.defense.gov": "war.gov",
    "archive.defense.gov": "war.gov",
    "dod.gov": "war.gov",
    "dod.mil": "war.gov",
    "defenselink.mil": "war.gov",
}

# Copies of pages in archives: host -> the folders before the timestamp, as a pattern.
ARCHIVES = {
    r"(?:web\.|wayback\.|wwwb-dedup\.us\.)?archive\.org": r"(?:web/)",
    r"wayback\.archive-it\.org": r"(?:(?:all|org-\d+|\d+)/)?",
    r"webarchive\.loc\.gov": r"(?:(?:all|legacy/\w+|\w+)/)?",
    r"webarchive\.nationalarchives\.gov\.uk": r"(?:ukgwa/)?",
    r"(?:www\.)?webarchive\.org\.uk": r"(?:wayback/)?(?:\w{2}/)?(?:archive/)?",
    r"(?:www\.)?arquivo\.pt": r"(?:noFrame/replay/|wayback/)",
    r"swap\.stanford\.edu": r"(?:was/)?",
    r"vefsafn\.is": r"(?:is/)?",
    r"archive\.(?:today|ph|is|li|md|vn|fo)": r"",
}

# Old pages of the Defense Department known by a number, which counts within its kind only: last segment of
# the path -> the parameter that has the number.
DEFENSE_SCRIPTS = {
    "article.aspx": "id",
    "newsarticle.aspx": "id",
    "release.aspx": "releaseid",
    "transcript.aspx": "transcriptid",
    "contract.aspx": "contractid",
    "speech.aspx": "speechid",
    "advisory.aspx": "advisoryid",
    "briefingslide.aspx": "briefingslideid",
    "biographydetail.aspx": "biographyid",
    "newsphoto.aspx": "newsphotoid",
    "casualty.aspx": "casualtyid",
}
AFPIMS_PRINT_SCRIPT = "/desktopmodules/articlecs/print.aspx"  # its parameter `article` is the number
