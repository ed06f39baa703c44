"""Keeps a take that is being drawn away from runs that were there before: its own, or copies.

It looks at events, as `sdaudio.prior.novelty` does: columns whose codes of levels 0 and 1 are not
those of the column before.
"""

from collections.abc import Sequence

from sdaudio.prior.novelty import RUN_EVENTS, CopyIndex, following, sign

WINDOW_EVENTS = 32


class Watch:
    """Knows the events of a take so far and which may not come next.

    Args:
        phrase: a run of so many events does not come back in the take; below 2 is off.
        novelty: the share of events that lie in no copy, at every moment; 0 is off. What is not
            used for copies can be later, but no more than what `WINDOW_EVENTS` give, or a long take
            would save up for a long copy.
        copies: where copies are looked for; needed for a novelty.
    """

    def __init__(self, *, phrase: int, novelty: float, copies: CopyIndex | None) -> None:
        self._phrase = phrase
        self._novelty = novelty
        self._copies = copies
        self._events = ""
        self._allowance = 0.0
        # How many of the last events are new, counted back to the last that lies in a copy.
        self._n_new = 0

    def allows(self, codes: Sequence[int]) -> bool:
        """Whether a column may come next."""
        event = sign(codes)
        if event == self._events[-1:]:
            return True
        if self._phrase > 1:
            run = self._last(self._phrase) + event
            if len(run) == self._phrase and run in self._events:
                return False
        return not (self._completes_copy(event) and self._is_too_much())

    def barred(self) -> set[str]:
        """The events that may not come next."""
        barred: set[str] = set()
        last = self._last(self._phrase)
        if self._phrase > 1 and len(last) == self._phrase - 1:
            barred |= following(self._events, last)
        last = self._last(RUN_EVENTS)
        if self._copies and len(last) == RUN_EVENTS - 1 and self._is_too_much():
            barred |= self._copies.following(last)
        return barred - {self._events[-1:]}

    def note(self, codes: Sequence[int]) -> None:
        """Take a column as the next one."""
        event = sign(codes)
        if event == self._events[-1:]:
            return
        self._allowance = self._next_allowance
        if self._novelty and self._completes_copy(event):
            self._allowance -= self._n_gained()
            self._n_new = 0
        else:
            self._n_new += 1
        self._events += event

    def _last(self, length: int) -> str:
        """The events before the last of a run of some length."""
        return self._events[-(length - 1) :] if length > 1 else ""

    def _completes_copy(self, event: str) -> bool:
        last = self._last(RUN_EVENTS)
        return (
            self._copies is not None
            and len(last) == RUN_EVENTS - 1
            and self._copies.has_run(last + event)
        )

    def _n_gained(self) -> int:
        """How many more events lie in copies when the next one completes one."""
        return 1 + min(self._n_new, RUN_EVENTS - 1)

    @property
    def _next_allowance(self) -> float:
        """How many events may lie in copies that did not before, when one more has come."""
        share = 1.0 - self._novelty
        return min(self._allowance + share, share * WINDOW_EVENTS)

    def _is_too_much(self) -> bool:
        """Whether one more copy would leave less that is new than was asked for."""
        return self._n_gained() > self._next_allowance + 1e-9
