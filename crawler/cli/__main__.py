"""`python -m crawler.cli`: the same as the command `presswarc`."""

from __future__ import annotations

import sys

from crawler.cli import main

sys.exit(main())
