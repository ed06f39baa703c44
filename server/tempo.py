"""A beat that goes on by itself: where it is at any time, and when the next one comes.

It plays nothing. `transport` starts grids on its beats and lets their speed follow; whoever hears
a clock from elsewhere (MIDI) moves it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sdaudio.errors import UsageError

BPM_RANGE = (20.0, 400.0)


@dataclass(frozen=True, slots=True)
class Line:
    """Beats over time: a straight line through ``beat`` at ``time_s``, monotonic seconds.

    ``bpm`` are beats per minute; 0 is no beat at all.
    """

    bpm: float = 0.0
    beat: float = 0.0
    time_s: float = 0.0

    def beat_at(self, time_s: float) -> float:
        """Return the beat at a time, with its fraction."""
        return self.beat + (time_s - self.time_s) * self.bpm / 60.0

    def time_of(self, beat: float) -> float:
        """Return when a beat is or was; there must be one."""
        return self.time_s + (beat - self.beat) * 60.0 / self.bpm


class Tempo:
    """Beats counted from when it was started.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.columns_per_beat = 0.0
        self.quantum = 1.0
        """Starts wait for a beat that is a multiple of this."""
        self._clock = clock
        self._line = Line()

    @property
    def line(self) -> "Line":
        """The beat over time, as it is now; other threads may ask."""
        return self._line

    @property
    def bpm(self) -> float:
        """Beats per minute; 0 is off."""
        return self._line.bpm

    @property
    def is_on(self) -> bool:
        """Whether there is a beat."""
        return self._line.bpm > 0.0

    def set(self, bpm: float, columns_per_beat: float, quantum: float) -> None:
        """Start the beat, let it go on at another speed from where it is, or stop it.

        Args:
            bpm: 20 to 400 beats per minute; 0 stops it.
            columns_per_beat: columns of a grid that last one beat.
            quantum: beats in what starts wait for: 1 a beat, 4 a bar.

        Raises:
            UsageError: the tempo is not allowed.
        """
        low, high = BPM_RANGE
        if bpm and not low <= bpm <= high:
            raise UsageError(
                f"The tempo is {bpm:g} beats per minute; allowed are {low:g} to {high:g}, and 0 "
                "for none."
            )
        now = self._clock()
        self._line = Line(bpm, self.beat_at(now) if self.is_on else 0.0, now)
        self.columns_per_beat, self.quantum = columns_per_beat, quantum

    def align(self, beat: float, time_s: float) -> None:
        """Say which beat it was at a time, as a clock from elsewhere tells it."""
        self._line = Line(self.bpm, beat, time_s)

    def beat_at(self, time_s: float) -> float:
        """Return the beat at a time, with its fraction."""
        return self._line.beat_at(time_s)

    def next_start(self, earliest_s: float) -> float:
        """Return the time of the first beat, or bar, that is not before another time."""
        # a rounding error must not cost a whole bar
        multiple = math.ceil(self.beat_at(earliest_s) / self.quantum - 1e-6)
        return self._line.time_of(multiple * self.quantum)

    def speed(self, column_s: float) -> float:
        """Return the speed at which columns of so many seconds last a beat together."""
        return self.columns_per_beat * column_s * self.bpm / 60.0
