"""A sound in memory, and one pass through it.

Neither mixes: `mixer` decides where a reader goes next, and adds what it reads.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GUARD = 4
"""Zeros before and after the samples of a sound, which interpolation may read."""

ROUNDING = 1e-6
"""Samples or frames that a sum of fractions may be off; an event that near has come."""

_LANDING = 1e-3
"""A position that a glide brings so near to a whole sample was meant to be it."""

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


@dataclass(frozen=True, slots=True)
class Start:
    """How a voice begins: the region, and how it comes in, ``offset`` samples behind its start.

    ``late_frames`` says how long ago it should have begun; a loop joins as if it had. A loop that
    begins ``in_phase`` while the voice plays goes on at as much of its length as was played.
    """

    start: int
    stop: int | None = None
    loop: bool = False
    gain: float = 1.0
    fade_s: float = 0.0
    in_phase: bool = False
    offset: int = 0
    late_frames: int = 0


class Ramp:
    """A value that moves to another one frame by frame, along a line."""

    __slots__ = ("slope", "target", "value")

    def __init__(self, value: float) -> None:
        self.value = value
        self.target = value
        self.slope = 0.0

    def move(self, target: float, n_frames: float) -> None:
        """Arrive at ``target`` after a number of frames."""
        self.target = target
        self.slope = (target - self.value) / max(1.0, n_frames)

    def follow(self, other: "Ramp") -> None:
        """Take over where another one is and where it goes."""
        self.value, self.target, self.slope = other.value, other.target, other.slope

    @property
    def frames_left(self) -> float:
        """Frames until it has arrived."""
        return (self.target - self.value) / self.slope if self.slope else math.inf

    def advance(self, n_frames: int) -> None:
        """Move on."""
        self.value += n_frames * self.slope
        # A value that has arrived, but for rounding, stays there. One that has a part of a frame
        # to go still counts in that frame, however the blocks fall.
        if self.slope and (self.target - self.value) / self.slope < ROUNDING:
            self.value = self.target
            self.slope = 0.0


class Reader:
    """One pass through a sound: where it is, where it goes, how fast, how loud.

    Args:
        sound: what it reads.
        position: sample to read first; below zero it waits in silence until zero.
        start: sample that a loop comes back to.
        stop: sample to stop before.
        loop: whether to go back to ``start``.
        gain: factor.
        step: samples that one frame of the output goes on.
    """

    __slots__ = (
        "cross", "envelope", "fade_from", "gain", "is_fading_out", "loop", "pace", "position",
        "sound", "start", "stop", "wraps",
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
        step: float,
    ) -> None:
        self.sound = sound
        self.position = float(position)
        self.start = start
        self.stop = stop
        self.loop = loop
        self.gain = Ramp(gain)
        self.pace = Ramp(step)
        # A loop over the whole sound has no seam but the sound's own.
        self.wraps = loop and start == 0 and stop == sound.length
        # Where its end begins to fade; a sound that ends by itself needs none.
        self.fade_from = math.inf
        self.envelope = Ramp(1.0)
        # Gives way, or takes over, where its sound is overwritten under it.
        self.cross = Ramp(1.0)
        self.is_fading_out = False

    @property
    def end(self) -> int:
        """The sample at which there is nothing more to read in this pass."""
        # A voice that is told to stop may read on past the end of its region while it fades.
        return self.sound.length if self.is_fading_out or self.wraps else self.stop

    @property
    def ramps(self) -> tuple[Ramp, Ramp, Ramp]:
        """What its samples are multiplied by."""
        return self.envelope, self.gain, self.cross

    @property
    def is_over(self) -> bool:
        """Whether it has faded out for good."""
        envelope, cross = self.envelope, self.cross
        return (envelope.value == 0.0 and not envelope.slope) or (
            cross.value == 0.0 and not cross.slope
        )

    @property
    def fastest(self) -> float:
        """The largest step it takes until its pace has arrived."""
        return max(self.pace.value, self.pace.target)

    def change_pace(self, step: float, n_frames: int) -> None:
        """Glide to another step within a number of frames, without a jump of the position."""
        pace = self.pace
        pace.move(step, n_frames)
        if step == 1.0:
            # Arrive on a whole sample, so that samples are copied from then on and not
            # interpolated: what is missing is spread over the glide, where nobody hears it.
            end = self.position + n_frames * pace.value + pace.slope * n_frames * (n_frames - 1) / 2
            pace.value += 2.0 * (round(end) - end) / (n_frames + 1)
            pace.move(step, n_frames)

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
        frames = min(
            event / self.fastest,
            self.envelope.frames_left,
            self.gain.frames_left,
            self.cross.frames_left,
            self.pace.frames_left,
        )
        return max(1, min(n_frames, math.ceil(frames - ROUNDING)))

    def advance(self, n_frames: int) -> None:
        """Move on in the sound and on the ramps."""
        pace = self.pace
        self.position += n_frames * pace.value + pace.slope * n_frames * (n_frames - 1) / 2
        if pace.slope:
            pace.advance(n_frames)
            if pace.value == 1.0 and abs(self.position - round(self.position)) < _LANDING:
                self.position = float(round(self.position))
        for ramp in self.ramps:
            ramp.advance(n_frames)
