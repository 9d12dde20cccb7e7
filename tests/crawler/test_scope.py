"""Scope: what is in, what is out, and for which reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import FoundIn, Link, LinkKind
from crawler.scope import Reason, judge
from crawler.seeds import Follow, Limits, Scope, Seed

SEED = Seed(
    name="marrow",
    title="Marrow",
    urls=("https://www.marrow.test/",),
    scope=Scope(
        hosts=("www.marrow.test", "*.photos.marrow.test", "local.test:8080"),
        deny=(r"/quiz/",),
        article=(r"/print/story-\d+",),
    ),
    limits=Limits(max_depth=2),
)


def page(url, kind=LinkKind.PAGE, **fields):
    return Link(url=url, kind=kind, found_in=fields.pop("found_in", FoundIn.PAGE), **fields)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://www.marrow.test/news/", Reason.IN_SCOPE),
        ("http://marrow.test/news/", Reason.IN_SCOPE),
        ("https://a.photos.marrow.test/x", Reason.IN_SCOPE),
        ("http://local.test:8080/x", Reason.IN_SCOPE),
        ("http://local.test/x", Reason.HOST),
        ("https://news.marrow.test/", Reason.HOST),
        ("https://notmarrow.test/", Reason.HOST),
        ("https://xphotos.marrow.test/", Reason.HOST),
        ("ftp://www.marrow.test/", Reason.SCHEME),
        ("http://[/", Reason.SCHEME),
        ("https://www.marrow.test:99999/", Reason.SCHEME),
        ("https://www.marrow.test/quiz/1", Reason.DENIED),
        ("https://www.marrow.test/a.PDF", Reason.FILE_TYPE),
        ("https://www.marrow.test/a%2Ejpg", Reason.FILE_TYPE),
        ("https://www.marrow.test/a.pdf/about", Reason.IN_SCOPE),
        ("https://www.marrow.test/RSS.ashx?x=a.pdf", Reason.IN_SCOPE),
        ("https://www.marrow.test/?q=" + "a" * 2000, Reason.TOO_LONG),
        ("https://www.marrow.test/" + "/".join(f"d{n}" for n in range(16)), Reason.TOO_DEEP),
        ("https://www.marrow.test/news/news/x/News/", Reason.REPEATED),
        ("https://www.marrow.test/a/b/a/b/", Reason.REPEATED),
        ("https://www.marrow.test/News/Article/Article/12345/", Reason.IN_SCOPE),
        ("https://www.marrow.test/2011/11/11/armistice/", Reason.IN_SCOPE),
        ("https://www.marrow.test/DesktopModules/ArticleCS/Print.aspx?Article=3", Reason.PRINT_VIEW),
        ("https://www.marrow.test/a?print=1", Reason.PRINT_VIEW),
        ("https://www.marrow.test/news/print-is-not-dead/", Reason.IN_SCOPE),
        ("https://www.marrow.test/wp-login.php?redirect_to=x", Reason.LOGIN),
        ("https://www.marrow.test/login-to-the-archive-explained/", Reason.IN_SCOPE),
        ("https://www.marrow.test/a/?share=facebook", Reason.SHARE),
        ("https://www.marrow.test/a/comment-page-2/", Reason.COMMENTS),
        ("https://www.marrow.test/?p=7&cpage=2", Reason.COMMENTS),
        ("https://www.marrow.test/a/?replytocom=7", Reason.SHARE),
        ("https://www.marrow.test/?s=boats", Reason.SEARCH),
    ],
)
def test_a_link_is_judged_for_its_reason(url, reason):
    verdict = judge(page(url), SEED)
    assert (verdict.reason, verdict.in_scope) == (reason, reason is Reason.IN_SCOPE)


@pytest.mark.parametrize("kind", [LinkKind.FEED, LinkKind.SITEMAP, LinkKind.ROBOTS, LinkKind.WORDPRESS])
def test_roads_to_articles_may_be_files_and_lie_deep(kind):
    assert judge(page("https://www.marrow.test/sitemap.xml.gz", kind), SEED, depth=9).in_scope


def test_allow_patterns_bind_pages_but_not_roads_next_pages_and_articles_by_pattern():
    seed = replace(SEED, scope=replace(SEED.scope, allow=(r"/news/",), article=(r"/story-\d+",)))
    assert judge(page("https://www.marrow.test/about/"), seed).reason is Reason.NOT_ALLOWED
    assert judge(page("https://www.marrow.test/news/1"), seed).in_scope
    assert judge(page("https://www.marrow.test/x/story-12", LinkKind.ARTICLE), seed).in_scope
    assert judge(page("https://www.marrow.test/feed/", LinkKind.FEED), seed).in_scope
    assert judge(page("https://www.marrow.test/late/2", LinkKind.LISTING, reasons=("next",)), seed).in_scope


def test_following_articles_only_leaves_other_pages_out():
    seed = replace(SEED, scope=replace(SEED.scope, follow=Follow.ARTICLES))
    assert judge(page("https://www.marrow.test/about/"), seed).reason is Reason.NOT_FOLLOWED
    assert judge(page("https://www.marrow.test/about/", LinkKind.ARTICLE), seed).in_scope
    assert judge(page("https://www.marrow.test/tag/x/", LinkKind.LISTING), seed).in_scope


def test_depth_ends_at_its_limit_for_pages_two_links_later_for_articles_and_never_for_next_pages():
    url = "https://www.marrow.test/x/"
    assert judge(page(url), SEED, depth=2).in_scope
    assert judge(page(url), SEED, depth=3).reason is Reason.TOO_FAR
    assert judge(page(url, LinkKind.ARTICLE), SEED, depth=4).in_scope
    assert judge(page(url, LinkKind.ARTICLE), SEED, depth=5).reason is Reason.TOO_FAR
    assert judge(page(url, LinkKind.LISTING, reasons=("next",)), SEED, depth=30).in_scope
    assert judge(page(url), replace(SEED, limits=Limits(max_depth=0)), depth=99).in_scope


def test_what_the_seed_names_is_in_scope_unless_a_pattern_denies_it():
    named = {"found_in": FoundIn.SEED}
    seed = replace(SEED, feeds=("https://feeds.test/marrow.xml", "https://feeds.test/quiz/"))
    assert judge(page("https://feeds.test/marrow.xml", **named), seed).in_scope
    assert judge(page("https://feeds.test/other"), seed).reason is Reason.HOST
    assert judge(page("https://redirected.test/", **named), seed).reason is Reason.HOST
    denied = judge(page("https://feeds.test/quiz/", **named), seed)
    assert (denied.reason, denied.detail) == (Reason.DENIED, "/quiz/")


@given(st.text())
def test_no_text_as_a_url_raises(text):
    for url in (text, f"https://www.marrow.test/{text}", f"https://{text}/"):
        assert judge(page(url), SEED).reason in Reason
