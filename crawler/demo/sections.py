"""The sections of the defense site, and the addresses of its articles and photographs."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.demo.content import DEFENSE_HOST, Picture, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: `key` in the story files, the number its feed goes by, the number of its sitemap."""

    key: str
    name: str
    item_name: str
    content_type: int
    module_id: int
    item_path: str

    @property
    def path(self) -> str:
        """Path of its listing."""
        return f"/News/{self.name.replace(' ', '-')}/"


SECTIONS = {
    section.key: section
    for section in (
        Section(
            key="news-stories",
            name="News Stories",
            item_name="News Story",
            content_type=1,
            module_id=2842,
            item_path="News-Stories/Article",
        ),
        Section(
            key="releases",
            name="Releases",
            item_name="Release",
            content_type=9,
            module_id=2843,
            item_path="Releases/Release",
        ),
        Section(
            key="transcripts",
            name="Transcripts",
            item_name="Transcript",
            content_type=13,
            module_id=2844,
            item_path="Transcripts/Transcript",
        ),
        Section(
            key="speeches",
            name="Speeches",
            item_name="Speech",
            content_type=11,
            module_id=2845,
            item_path="Speeches/Speech",
        ),
        Section(
            key="contracts",
            name="Contracts",
            item_name="Contract",
            content_type=400,
            module_id=2846,
            item_path="Contracts/Contract",
        ),
    )
}


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def article_path(story: Story) -> str:
    """Path of an article in its full form; contracts have no slug."""
    slug = f"{story.slug}/" if story.slug else ""
    return f"/News/{SECTIONS[story.section].item_path}/Article/{story.number}/{slug}"


def article_url(story: Story) -> str:
    """Address of an article in its full form."""
    return f"http://{DEFENSE_HOST}{article_path(story)}"


def photo_path(picture: Picture) -> str:
    """Path of a photograph's image; date and name come from its VIRIN.

    >>> photo_path(Picture(after=0, number=2003661042, title="", alt="", caption="", credit="",
    ...                    virin="250311-F-AB123-1042"))
    '/media/2025/Mar/11/2003661042/670/394/0/250311-F-AB123-1042.PNG'
    """
    year, month, day = picture.virin[:2], int(picture.virin[2:4]), picture.virin[4:6]
    name = _MONTHS[month - 1]
    return f"/media/20{year}/{name}/{day}/{picture.number}/670/394/0/{picture.virin}.PNG"
