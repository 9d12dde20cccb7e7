"""Sentences and words of scripts that set other stops than Latin, or no spaces."""

# ruff: noqa: RUF001 -- the stops of these scripts are meant

from __future__ import annotations

import pytest

from pipelines import extract_article
from pipelines.words import ends_sentence, word_count
from storage.article import Outcome

CHINESE = (
    "海港部门周二宣布，经过一年的谈判，新码头的合同已经授予当地公司。",
    "“我们很高兴工作可以开始，”港口负责人说。",
    "码头将分三步建造，第一步将在明年夏天结束前完成。",
    "渔民要求在冰屋附近有更多空间。",
)
JAPANESE = (
    "港湾局は火曜日、町との一年にわたる協議の末、新しい桟橋の契約を発表した。",
    "港長は「工事を始められてうれしい。」",
    "桟橋は三段階で建設され、最初の部分は来年の夏に完成する予定だ。",
)
HINDI = (
    "बंदरगाह विभाग ने मंगलवार को नए घाटों का ठेका दिया।",
    "मछुआरों ने बर्फ घर के पास अधिक जगह मांगी।",
    "नौका काम के दौरान चलती रहेगी।",
)
THAI = (
    "กรมท่าเรือประกาศเมื่อวันอังคารว่าจะสร้างท่าเทียบเรือใหม่หลังจากเจรจากับเมืองมาหนึ่งปี",
    "ชาวประมงขอพื้นที่เพิ่มใกล้โรงน้ำแข็งเพื่อจอดเรือและขนปลาในฤดูหนาวที่กำลังจะมาถึงนี้",
)
URDU = (
    "بندرگاہ کے محکمے نے منگل کو نئی گودیوں کا ٹھیکہ دیا۔",
    "ماہی گیروں نے مزید جگہ مانگی۔",
    "کشتی چلتی رہے گی۔",
)


@pytest.mark.parametrize("story", [CHINESE, JAPANESE, HINDI, THAI, URDU])
@pytest.mark.parametrize("mark", ["<div class='entry-content'>{}</div>", "<div><h1>7</h1>{}</div>"])
def test_article_of_another_script_is_one_and_keeps_every_paragraph(story, mark):
    body = mark.format("".join(f"<p>{text}</p>" for text in story))
    page = f"<html><title>Harbor</title><body class='single-post'><a href='/'>Home</a>{body}</body></html>"
    article = extract_article(page, url="https://quay.example/news/7.html")
    assert article.outcome is Outcome.ARTICLE, article.outcome_reason
    assert article.text.split("\n\n") == list(story)


def test_short_label_of_a_script_without_stops_is_no_sentence():
    assert not ends_sentence("ข่าวล่าสุด")
    assert not ends_sentence("最新消息")


def test_two_characters_of_a_text_without_spaces_are_a_word():
    assert word_count("海港部门周二宣布") == 4
    assert word_count("Port Maren's 2 piers") == 4
