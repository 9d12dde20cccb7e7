"""The body of a Harbor Courier post as its pages, its feed and its REST answers show it."""

from __future__ import annotations

from html import escape

from crawler.demo.content import COURIER_HOST, DEFENSE_HOST, Aside, Picture, Story, find, site_stories
from crawler.demo.markup import blocks_html
from crawler.demo.sections import article_url, photo_path

SITE_NAME = "Harbor Courier"
ROOT = f"http://{COURIER_HOST}"
CATEGORIES = {"world": "World News", "harbor": "Harbor", "opinion": "Opinion"}
STAFF = "Harbor Courier Staff"


def permalink(story: Story) -> str:
    """Address of a post."""
    return f"{ROOT}/{story.published_at:%Y/%m}/{story.slug}/"


def author_of(story: Story) -> str:
    """The post's author as the site prints it."""
    return story.authors[0] if story.authors else STAFF


def origin_url(story: Story) -> str | None:
    """Address of the story that a post reposts."""
    origin = find(DEFENSE_HOST, story.repost_of, 1) if story.repost_of else None
    return article_url(origin) if origin else None


def excerpt(story: Story, words: int = 30) -> str:
    """The first words of a post, with the sign that there is more."""
    return " ".join(" ".join(story.paragraphs).split()[:words]) + " [\u2026]"


def body_html(story: Story) -> str:
    """The post's body: paragraphs, with photographs and others' headlines between, and the origin's link."""
    blocks = blocks_html(story.texts)
    out = []
    for index in range(len(blocks) + 1):
        out += [_photo(picture) for picture in story.pictures if picture.after == index]
        out += [_aside(aside) for aside in story.asides if aside.after == index]
        out += blocks[index : index + 1]
    return "\n".join([*out, *_origin_lines(story)])


def _photo(picture: Picture) -> str:
    caption = (
        f'{escape(picture.caption, quote=False)} <span class="wp-credit">(Photo: {picture.credit})</span>'
    )
    source = _taken_from(picture.virin) if picture.virin else "/wp-content/uploads/harbor.png"
    return (
        f'<figure id="attachment_{picture.number}" class="wp-caption aligncenter" style="width: 680px">'
        f'<img class="size-full wp-image-{picture.number}" src="{source}" alt="{escape(picture.alt)}" '
        f'width="670" height="394"><figcaption id="caption-attachment-{picture.number}" '
        f'class="wp-caption-text">{caption}</figcaption></figure>'
    )


def _taken_from(virin: str) -> str:
    """Address of the defense site's image that a post shows as its own."""
    pictures = (picture for story in site_stories(DEFENSE_HOST, 1) for picture in story.pictures)
    return next(
        f"http://{DEFENSE_HOST}{photo_path(picture)}" for picture in pictures if picture.virin == virin
    )


def _aside(aside: Aside) -> str:
    text = escape(aside.text, quote=False)
    forms = {
        "link": f'<p><a href="{aside.href}">{text}</a></p>',
        "bold": f'<p><strong><a href="{aside.href}">{text}</a></strong></p>',
        "also": f'<p><strong>Also read:</strong> <a href="{aside.href}">{text}</a></p>',
    }
    return forms[aside.form]


def _origin_lines(story: Story) -> list[str]:
    """How the body itself names where the post comes from; some name it in the head alone, one not at all."""
    url = origin_url(story)
    if url is None:
        return []
    appeared = (
        f'<p>The post <a href="{url}">{escape(story.title, quote=False)}</a> appeared first on '
        f'<a href="http://{DEFENSE_HOST}/">Aldmoor Defense</a>.</p>'
    )
    lines = {
        "source-link": [f'<p><a href="{url}" target="_blank" rel="noopener">Source link</a></p>'],
        "appeared-first": [appeared],
        "credit": ["<p><em>Credit: Aldmoor Department of Defense</em></p>"],
    }
    return lines.get(story.says, [])
