"""How often something may happen: so many times in a row, and so many a second after that.

It holds back answers to strangers and to floods; it never holds back work itself.
"""

from collections.abc import Callable, Hashable


class Allowance:
    """One allowance, for everybody together.

    Args:
        clock: monotonic time in seconds.
        burst: how often in a row.
        rate: how much of that comes back in a second.
    """

    def __init__(self, clock: Callable[[], float], *, burst: float, rate: float) -> None:
        self._clock = clock
        self._burst = burst
        self._rate = rate
        self._left = burst
        self._since = clock()

    def take(self) -> bool:
        """Use it once; False when nothing is left just now."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._since) * self._rate)
        self._since = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Allowances:
    """One allowance for each of many, and one for all of them together.

    Args:
        clock: monotonic time in seconds.
        burst: how often in a row, for one.
        rate: how much of that comes back in a second, for one.
        for_all: how many times as much all together have.
        max_known: how many are told apart; the one who came first is forgotten for another.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        burst: float,
        rate: float,
        for_all: float = 10.0,
        max_known: int = 1024,
    ) -> None:
        self._clock = clock
        self._burst = burst
        self._rate = rate
        self._together = Allowance(clock, burst=burst * for_all, rate=rate * for_all)
        self._known: dict[Hashable, Allowance] = {}
        self._max_known = max_known

    def take(self, who: Hashable) -> bool:
        """Use it once; False when nothing is left, for this one or for all together."""
        own = self._known.get(who)
        if own is None:
            if len(self._known) >= self._max_known:
                del self._known[next(iter(self._known))]
            own = Allowance(self._clock, burst=self._burst, rate=self._rate)
            self._known[who] = own
        return own.take() and self._together.take()
