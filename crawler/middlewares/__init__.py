"""Downloader middlewares: scope for redirects, robots.txt, pace and pauses of each host."""

from __future__ import annotations

KIND = "presswarc_kind"  # request.meta key of the `LinkKind` that a request was made for
