"""Scrubbing: short grains of sound around a place that a hand moves.

It says where the next grain lies; the mixer plays it.
"""

GRAIN_S = 0.06
"""Seconds of one grain; the next begins in its middle, so that two always add up to one."""
JITTER_S = 0.006
"""Grains lie so far beside the place, or one that is held would buzz at the rate of the grains."""

_GOLDEN = 0.618034


class Scrub:
    """A hand on a sound.

    Args:
        position: sample of the sound.
        hold_frames: frames of the output until it falls silent.
        gain: factor.
    """

    __slots__ = ("_turn", "gain", "hold_frames", "position")

    def __init__(self, position: float, *, hold_frames: int, gain: float) -> None:
        self.position = position
        self.hold_frames = hold_frames
        self.gain = gain
        self._turn = 0.5

    def move(self, position: float, *, hold_frames: int, gain: float) -> None:
        """Go somewhere else, or stay and be held on to."""
        self.position = position
        self.hold_frames = hold_frames
        self.gain = gain

    def next_grain(self, *, length: int, sample_rate: int, half: float) -> float:
        """Return the first sample of the next grain.

        Args:
            length: samples of the sound.
            sample_rate: of the sound, in Hz.
            half: samples in half a grain.
        """
        # the multiples of the golden ratio never come back to the same place
        self._turn = (self._turn + _GOLDEN) % 1.0
        beside = (2.0 * self._turn - 1.0) * JITTER_S * sample_rate
        return min(max(self.position + beside - half, 0.0), max(0.0, length - 2.0 * half))
