"""Items as JSON lines, as `scrapy crawl -O FILE.jsonl` writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

from itemadapter import ItemAdapter
from scrapy.utils.serialize import ScrapyJSONEncoder


def item_writer(file: TextIO) -> Callable[[object], None]:
    """A function that writes an item to `file`, as a line."""

    def write(item: object) -> None:
        line = json.dumps(ItemAdapter(item).asdict(), cls=ScrapyJSONEncoder, ensure_ascii=False)
        file.write(line + "\n")

    return write
