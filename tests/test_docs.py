"""The documents say what the program does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_reference_is_what_the_program_says_of_itself():
    made = subprocess.run(
        [sys.executable, str(ROOT / "docs/make_reference.py")],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    written = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
    assert made.stdout == written, "run: python docs/make_reference.py > docs/reference.md"


def test_every_column_of_the_contract_is_there_first_and_in_its_order():
    from storage.index.tables import TABLES
    from storage.index.views import VIEWS

    names = {part.name: [column.name for column in part.columns] for part in (*TABLES, *VIEWS)}
    contract = {
        "articles": "article_id url canonical_url host source title authors dateline published_at "
        "modified_at language text word_count text_digest first_captured_at last_captured_at versions "
        "cluster_id is_duplicate origin_url outcome",
        "captures": "url captured_at status mime payload_digest record_type warc_file warc_offset "
        "warc_length crawl_id truncated protocol ip",
        "clusters": "cluster_id article_id relation score is_origin evidence",
    }
    for table, columns in contract.items():
        wanted = columns.split()
        assert names[table][: len(wanted)] == wanted
    assert names["unique_articles"] == names["articles"]
