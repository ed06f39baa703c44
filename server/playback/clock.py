"""When a frame of the output is due: block times, smoothed, so that starts do not jitter."""

import math

_GAP_S = 0.1
"""A block that is off by so much means that the output stood still or is another one."""
_BANDWIDTH_HZ = 0.5
"""How quickly it follows: slow against the jitter of blocks, quick against that of quartzes."""
_FIRST_BANDWIDTH_HZ = 4.0
_FIRST_S = 1.0
"""How long it hurries at first."""


class OutputClock:
    """Maps time to frames of an output.

    A delay-locked loop of second order, which follows offset and rate (Adriaensen, "Using a DLL to
    filter time", Linux Audio Conference 2005); blocks may have different lengths here.

    Args:
        sample_rate: of the output, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._nominal_s = 1.0 / sample_rate
        self._frame_s = self._nominal_s
        self._frame = -1
        self._time_s = 0.0
        self._begin_s = 0.0
        self._last = (0.0, 0)

    def note(self, frame: int, now_s: float) -> None:
        """Take in that the block that begins with ``frame`` is asked for now."""
        late_s = now_s - self.time_of(frame)
        n_frames = frame - self._frame
        if self._frame < 0 or abs(late_s) > _GAP_S:
            self._frame, self._time_s, self._begin_s = frame, now_s, now_s
            self._frame_s = self._nominal_s
            return
        if n_frames <= 0:
            return
        is_first = now_s - self._begin_s < _FIRST_S
        bandwidth_hz = _FIRST_BANDWIDTH_HZ if is_first else _BANDWIDTH_HZ
        # never so much that the loop would swing, however long the block
        turn = min(2.0 * math.pi * bandwidth_hz * n_frames * self._frame_s, 0.5)
        self._time_s = self.time_of(frame) + math.sqrt(2.0) * turn * late_s
        self._frame_s += turn * turn * late_s / n_frames
        self._frame = frame

    def time_of(self, frame: int) -> float:
        """Return when a frame is due."""
        return self._time_s + (frame - self._frame) * self._frame_s

    def frame_at(self, time_s: float) -> int:
        """Return the frame that is due at a time; the same for the same time as last asked."""
        if time_s != self._last[0]:
            frame = self._frame + (time_s - self._time_s) / self._frame_s
            self._last = (time_s, round(frame))
        return self._last[1]
