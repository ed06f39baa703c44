"""Gestures: what somebody edits between putting a finger down and lifting it is one step to undo.

Every edit in it is kept and told at once, as any other; only the step goes on growing, as long as
nobody else edits the same grids in between.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from .history import Step

IDLE_S = 10.0
"""A gesture without an edit for so long has ended: its host has gone, or forgot to say so."""
MAX_GESTURES = 256


@dataclass(slots=True)
class Gesture:
    """One that goes on. ``step`` is None before its first edit."""

    step: Step | None
    touched_s: float


class Gestures:
    """Who is in the middle of a gesture.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[Hashable, Gesture] = {}

    def begin(self, whose: Hashable) -> None:
        """Begin a gesture; one that stands of the same hand ends."""
        self.end(whose)
        if len(self._open) >= MAX_GESTURES:
            del self._open[next(iter(self._open))]
        self._open[whose] = Gesture(None, self._clock())

    def end(self, whose: Hashable) -> bool:
        """End a gesture; whether there was one."""
        return self._open.pop(whose, None) is not None

    def of(self, whose: Hashable | None) -> Gesture | None:
        """The gesture of somebody who edits now, or None."""
        gesture = self._open.get(whose)
        if gesture is None:
            return None
        now, before = self._clock(), gesture.touched_s
        if now - before > IDLE_S:
            self.end(whose)
            return None
        gesture.touched_s = now
        return gesture
