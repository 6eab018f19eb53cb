"""How many requests a server has before it at once: more while all goes well, half as many when it does not."""

import random

FIRST = 4
GROWING, LONGEST = 0.5, 60.0
"""Seconds of the first pause, which doubles with every further one, and of the longest."""


class Level:
    """Additive increase, multiplicative decrease; what was under way at a decrease counts for it only once."""

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._now = float(min(FIRST, self._most))
        self.epoch = 0
        """Rises with every decrease; a request remembers in which it began."""

    @property
    def now(self) -> int:
        """Requests at once."""
        return int(self._now)

    def went_well(self) -> None:
        """Twice as many every round until the first fault, and then one more every round."""
        self._now = min(float(self._most), self._now + (1 / self._now if self.epoch else 1))

    def went_wrong(self, epoch: int) -> None:
        """Half as many, unless this fault belongs to what was halved for before."""
        if epoch == self.epoch:
            self._now = max(1.0, self._now / 2)
            self.epoch += 1


def pause(attempt: int, at_least: float = 0.0) -> float:
    """Seconds before the next attempt: drawn anew each time, lest all that failed together come back together."""
    # A server may name hours; nobody waits longer than ten minutes for one reply.
    drawn = random.uniform(0, min(LONGEST, GROWING * 2.0**attempt))  # noqa: S311  nothing secret hangs on it
    return min(600.0, at_least) + drawn
