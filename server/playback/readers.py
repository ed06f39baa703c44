"""A sound in memory, and one pass through it.

Neither mixes: `mixer` decides where a reader goes next, and adds what it reads.
"""

import math

import numpy as np
from numpy.typing import NDArray

GUARD = 4
"""Zeros before and after the samples of a sound, which interpolation may read."""

ROUNDING = 1e-6
"""Samples or frames that a sum of fractions may be off; an event that near has come."""

Samples = NDArray[np.float32]


class Sound:
    """Samples that voices can read.

    Args:
        samples: float32 (GUARD + length + GUARD), zeros in the guards.
        sample_rate: of the samples, in Hz.
    """

    def __init__(self, samples: Samples, sample_rate: int) -> None:
        self.samples = samples
        self.length = len(samples) - 2 * GUARD
        self.sample_rate = sample_rate
        self.n_readers = 0
        self.is_replaced = False


def guarded(audio: Samples, sample_rate: int) -> Sound:
    """Return a sound that holds a copy of (sample,) float32 audio."""
    samples = np.zeros(len(audio) + 2 * GUARD, dtype=np.float32)
    samples[GUARD : GUARD + len(audio)] = audio
    return Sound(samples, sample_rate)


class Reader:
    """One pass through a sound: where it is, where it goes, how loud it is.

    Args:
        sound: what it reads.
        position: sample to read first; below zero it waits in silence until zero.
        start: sample that a loop comes back to.
        stop: sample to stop before.
        loop: whether to go back to ``start``.
        gain: factor.
        sample_rate: of the output, in Hz.
    """

    __slots__ = (
        "fade_from", "gain", "is_fading_out", "level", "loop", "position", "slope", "sound",
        "start", "step", "stop", "target", "wraps",
    )  # fmt: skip

    def __init__(
        self,
        sound: Sound,
        *,
        position: float,
        start: int,
        stop: int,
        loop: bool,
        gain: float,
        sample_rate: int,
    ) -> None:
        self.sound = sound
        self.position = position
        self.start = start
        self.stop = stop
        self.loop = loop
        self.gain = gain
        self.step = sound.sample_rate / sample_rate
        # A loop over the whole sound has no seam but the sound's own.
        self.wraps = loop and start == 0 and stop == sound.length
        # Where its end begins to fade; a sound that ends by itself needs none.
        self.fade_from = math.inf
        # The envelope: a factor, the factor it moves to, and how far it moves in a frame.
        self.level = 1.0
        self.target = 1.0
        self.slope = 0.0
        self.is_fading_out = False

    def ramp(self, target: float, n_frames: float) -> None:
        """Move the envelope to ``target`` within a number of frames."""
        self.target = target
        self.slope = (target - self.level) / max(1.0, n_frames)

    @property
    def end(self) -> int:
        """The sample at which there is nothing more to read in this pass."""
        # A voice that is told to stop may read on past the end of its region while it fades.
        return self.sound.length if self.is_fading_out or self.wraps else self.stop

    def has_reached(self, place: float) -> bool:
        """Whether the position is at or behind a place in the sound, but for rounding."""
        return self.position >= place - ROUNDING

    def frames_to_event(self, n_frames: int) -> int:
        """Return how many of the next ``n_frames``, at least one, can be read in one go."""
        event = self.end - self.position
        if not self.is_fading_out:
            event = min(event, self.fade_from - self.position)
        if not self.has_reached(0.0):
            event = min(event, -self.position)
        frames = event / self.step
        if self.slope:
            frames = min(frames, (self.target - self.level) / self.slope)
        return max(1, min(n_frames, math.ceil(frames - ROUNDING)))

    def advance(self, n_frames: int) -> None:
        """Move on in the sound and on the envelope."""
        self.position += n_frames * self.step
        self.level += n_frames * self.slope
        # A level that has arrived, but for rounding, stays there. One that has a part of a frame
        # to go is still heard in that frame, however the blocks fall.
        if self.slope and (self.target - self.level) / self.slope < ROUNDING:
            self.level = self.target
            self.slope = 0.0
