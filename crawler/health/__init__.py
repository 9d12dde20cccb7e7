"""How each source fares: a row a run kept beside its report, compared with its own history; alarms."""

from __future__ import annotations

from crawler.health.after import after_run

__all__ = ["after_run"]
