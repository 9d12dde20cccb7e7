"""Ways through a site: jumps, menus, tags, pages of a list, and the copyright line below."""

from __future__ import annotations

from pipelines.boilerplate.verdict import FIGURE, line_rule
from storage.article import BlockKind

RULES = (
    line_rule(
        BlockKind.NAVIGATION, "navigation:jump",
        "skip back menu search read see view show load more news home previous next older newer post "
        "navigation about contact privacy terms categories subcategories archives archive jump return sign "
        "log my site index sitemap",
        r"skip to .{0,40}\b(?:content|navigation|footer|search|article|menu|header|body)\b.{0,20}",
        r"(?:back|return) to (?:top|news|all|list|home|blogs?|the blog|articles?|overview|results|index|"
        r"previous page|main page|main|.{0,20}page).{0,20}",
        r"(?:main |open |close |site |mobile )?menu|(?:open |close |site )?search(?: for| this site| site|"
        r" here|\.\.\.|…)?",
        r"read (?:more|next|on)|see (?:all|more)|view (?:all|more)|show (?:more|less|all)|load more|"
        r"more news|home|(?:previous|next|older|newer) (?:post|article|story|entry|page)s?",
        r"(?:previous|next) (?:post|article|story) ?: ?.{0,140}",
        r"(?:post|posts|page|site|main|primary|secondary|footer|comment|breadcrumb) navigation|about us|"
        r"contact(?: us)?|(?:our )?privacy (?:policy|notice|statement)|terms (?:of|and|&) .{1,30}",
        r"(?:sub)?categories|(?:blog |news )?archives?|(?:blog|site) ?(?:index|map)|"
        r"jump to (?:the )?\w+(?: list)?",
        r"(?:sign|log) ?(?:in|out)|my account|all posts",
    ),
    line_rule(
        BlockKind.NAVIGATION, "navigation:tags",
        "tag tags tagged filed posted category categories topic topics story article more",
        r"(?:tags?|tagged|tagged (?:with|as)|filed under|posted in|categor(?:y|ies)|topics?|in this (?:story|"
        r"article)|more on)(?:\s*[:\u2013-].{0,160})?",
    ),
    line_rule(
        BlockKind.NAVIGATION, "navigation:pages", f"page pages {FIGURE}",
        r"page \d{1,3}(?: of \d{1,4})?(?: next)?",
        r"pages?:(?: \d{1,3}){1,30}(?: next(?: page)?)?(?: ?[»\u203a→])?",
        r"\d{1,2}(?: \d{1,2}){1,12}(?: ?(?:\.\.\.|…) ?\d{1,4})?(?: (?:next|older|"
        r"last)(?: page)?)?(?: ?[»\u203a→])?",
        in_cells=False,
    ),
    line_rule(
        BlockKind.NAVIGATION, "navigation:copyright", "© copyright rights reserved c",
        r"(?:©|\(c\) ?(?:copyright|\d{4})|copyright(?: notice)?(?: (?:©|\(c\)))?[\s,:]*(?:©|(?:19|"
        r"20)\d\d)).{0,160}",
        r"copyright(?: (?:by|of|held by))? (?:the )?(?-i:[A-Z])[\w.,&\u2019' -]{1,60}|copyright(?: notice)?",
        r"all rights reserved.{0,80}|.{0,80}all rights reserved",
        silent=True,
        longest=200,
    ),
)  # fmt: skip
