"""What became of the captures that an import came upon."""

from __future__ import annotations

from dataclasses import dataclass, field

EXIT_DONE, EXIT_FINDINGS, EXIT_INCOMPLETE = 0, 1, 3


@dataclass(slots=True, kw_only=True)
class Summary:
    """Counts of an import, while it runs and after.

    `told` captures the archive's index tells of; of those `unwanted` by status, type or time, `repeated` have
    the bytes of the one before, `known` were here, `taken` came in, `missed` did not. `differing` came in
    with other bytes than the index says, `short` were cut when they were archived. `unread` are lines of the
    index that say nothing. `stopped` says why the import ended early, `notes` what
    has no place in the index.
    """

    told: int = 0
    unwanted: int = 0
    repeated: int = 0
    known: int = 0
    wanted: int = 0
    taken: int = 0
    missed: int = 0
    differing: int = 0
    short: int = 0
    unread: int = 0
    files: int = 0
    received_bytes: int = 0
    stopped: str = ""
    notes: list[str] = field(default_factory=list)

    def line(self) -> str:
        """How far it is, for a person."""
        parts = [f"{self.taken} came in", f"{self.known} known"]
        parts += [f"{number} {name}" for name, number in self._others() if number]
        return f"{', '.join(parts)}; {self.received_bytes / 1e6:.1f} MB"

    def _others(self) -> list[tuple[str, int]]:
        return [
            ("not given by the archive", self.missed),
            ("with other bytes than its index says", self.differing),
            ("cut when they were archived", self.short),
            ("with the same bytes as the one before", self.repeated),
            ("not of the kind asked for", self.unwanted),
            ("lines of the index unread", self.unread),
            ("files read", self.files),
        ]

    def exit_code(self) -> int:
        """0 where all that was wanted is here, 1 where some is not, 3 where the import ended early."""
        if self.stopped:
            return EXIT_INCOMPLETE
        return EXIT_FINDINGS if self.missed or self.unread else EXIT_DONE
