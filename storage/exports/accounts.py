"""What an export of tables holds, told in a file beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.exports.relations import Relation

MARKER = "_presswarc.json"  # readers of Parquet pass over names that begin so


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Rows and files of one table that was exported."""

    name: str
    rows: int
    files: int = 1


def account(relations: Sequence[Relation], written: Sequence[Written]) -> str:
    """What a folder of tables holds, as JSON."""
    tables = [
        {
            "name": relation.name,
            "comment": relation.comment,
            "rows": one.rows,
            "files": one.files,
            "columns": [
                {"name": column.name, "type": column.type, "comment": column.comment}
                for column in relation.columns
            ],
        }
        for relation, one in zip(relations, written, strict=True)
    ]
    return json.dumps({"tables": tables}, ensure_ascii=False, indent=2) + "\n"
