"""Golden cases: a page and what it must come out as, a failure a field. `--update-golden` rewrites them."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines import extract_article
from storage.article import Article

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/page.html"))
FIELDS = [field.name for field in fields(Article)]


def plain(value):
    return value.isoformat() if isinstance(value, date | datetime) else value


def seen(case, url):
    """What a case's page gives: every field, text as paragraphs, blocks as [kind, kept, text] and a label."""
    article = extract_article((case / "page.html").read_bytes(), url=url)
    values = {key: plain(value) for key, value in asdict(article).items()}
    values["text"] = article.text.split("\n\n")
    values["authors"] = list(article.authors)
    values["candidates"] = list(values["candidates"])
    values["blocks"] = [
        [block.kind.value, block.kept, block.text, *([block.label] if block.label else [])]
        for block in article.blocks
    ]
    values["photos"] = [
        {key: plain(value) for key, value in asdict(photo).items()} for photo in article.photos
    ]
    return values


@pytest.fixture(scope="module", autouse=True)
def rewritten(request):
    """With `--update-golden`, every expected.json anew; `url` is the one key that is written by hand."""
    if request.config.getoption("--update-golden"):
        for case in CASES:
            url = json.loads((case / "expected.json").read_text())["url"]
            text = json.dumps({"url": url, **seen(case, url)}, indent=1, ensure_ascii=False)
            (case / "expected.json").write_text(text + "\n")


def test_every_publisher_has_a_case(root):
    names = {path.stem for path in (root / "pipelines" / "publishers").glob("*.py")} - {"__init__"}
    assert {case.parent.name for case in CASES} >= names


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_page_comes_out_as_expected(case, field):
    wanted = json.loads((case / "expected.json").read_text())
    assert seen(case, wanted["url"])[field] == wanted[field]
