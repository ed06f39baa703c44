"""When a frame of the output is due: block times, smoothed, so that starts do not jitter."""

_GAP_S = 0.1
"""A block that is off by so much means that the output stood still or is another one."""
_DRIFT = 0.0005
"""Part of its lateness that a block moves the clock by: enough for what two quartzes differ."""


class OutputClock:
    """Maps time to frames of an output.

    A block is asked for at its time or late, never early by more than the device's rounding: so
    the earliest blocks are right, and late ones move the clock only as far as drift may.

    Args:
        sample_rate: of the output, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._origin_s: float | None = None
        self._last = (0.0, 0)

    def note(self, frame: int, now_s: float) -> None:
        """Take in that the block that begins with ``frame`` is asked for now."""
        seen_s = now_s - frame / self._sample_rate
        origin_s = self._origin_s
        if origin_s is None or seen_s < origin_s or seen_s - origin_s > _GAP_S:
            self._origin_s = seen_s
        else:
            self._origin_s = origin_s + (seen_s - origin_s) * _DRIFT

    def time_of(self, frame: int) -> float:
        """Return when a frame is due."""
        return (self._origin_s or 0.0) + frame / self._sample_rate

    def frame_at(self, time_s: float) -> int:
        """Return the frame that is due at a time; the same for the same time as last asked."""
        if time_s != self._last[0]:
            since_s = time_s - (self._origin_s or 0.0)
            self._last = (time_s, round(since_s * self._sample_rate))
        return self._last[1]
