"""How many pages a crawl may still ask for."""

from __future__ import annotations

_FEW = 1_000


class Allowance:
    """Counts a crawl's pages against their number, 0 for no limit.

    A page that nobody answers for is none of them; but a site may name such pages without end, so as many of
    those (a thousand at least) use the allowance up too.

    >>> two = Allowance(2)
    >>> [two.admit(), two.admit(), two.admit()]
    [True, True, False]
    >>> two.ended(answered=False), two.admit(), two.ended(answered=True), two.ended(answered=True)
    (False, True, False, True)
    """

    def __init__(self, most: int) -> None:
        """Allow so many."""
        self._most = most
        self._pages = 0  # under way or answered
        self._answered = self._unanswered = 0

    def admit(self) -> bool:
        """Whether one more may be asked for; of whoever is let in it is to be said how it `ended`."""
        if self._most and self._pages >= self._most:
            return False
        self._pages += 1
        return True

    def ended(self, *, answered: bool) -> bool:
        """Take note that a page let in was answered or not; whether that was the last one allowed."""
        if answered:
            self._answered += 1
            return self._answered == self._most
        self._pages -= 1
        self._unanswered += 1
        return bool(self._most) and self._unanswered == max(self._most, _FEW)
