"""What the daemon knows of one voice: its memory, what it was told, and where it is.

The daemon writes a voice's sound itself, where nobody listens just now. Near the place that is
heard the mixer must write, between two blocks and crossfaded; such patches are kept here until it
has said that they are done, and are not lost when it dies.
"""

import itertools
from collections import deque
from dataclasses import dataclass, field, replace
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError

from . import memory
from .messages import Patch, Play
from .readers import Samples

_FADES_S = 0.1
"""Seconds that a voice may still be heard where it was, whatever it does."""
BEFORE_S = 0.15
"""Seconds before a place that may still be heard: fades, and grains around it."""

GAIN_RANGE_DB = (-120.0, 24.0)

Span = tuple[int, int]


@dataclass(eq=False, slots=True)
class Voice:
    """A voice with its sound, ``length`` samples at ``sample_rate`` in a shared block."""

    slot: int
    block: SharedMemory
    length: int
    sample_rate: int
    gain: float = 1.0
    speed: float = 1.0
    number: int = 0
    """Of the last command to play or to stop."""
    asked: Play | None = None
    """What it was told to play last; None when it was told to stop."""
    left: list[tuple[int, float, float]] = field(default_factory=list)
    """Where it was when it stopped or jumped and may still fade: (sample, from, until), seconds."""
    pending: deque[Patch] = field(default_factory=deque)
    successor: SharedMemory | None = None
    """Where its sound is being copied to."""

    @property
    def samples(self) -> Samples:
        """Its sound as it is in memory. Do not keep it: it holds the memory."""
        return memory.samples(self.block, self.length)

    def write(self, first_sample: int, audio: Samples) -> None:
        """Write a part of the sound at once."""
        for block in (self.block, self.successor):
            if block is not None:
                memory.samples(block, self.length)[first_sample : first_sample + len(audio)] = audio

    def settle(self, state: NDArray[np.int64] | None) -> None:
        """Forget the patches that the mixer has carried out; without a mixer, carry them out."""
        done = int(self._places(state)[memory.PATCHED]) if state is not None else -1
        while self.pending and (state is None or self.pending[0].number <= done):
            patch = self.pending.popleft()
            if state is None:
                self.write(patch.first_sample, patch.audio)

    def position(self, state: NDArray[np.int64]) -> int:
        """The sample it plays next, or is about to start with; -1 when it is silent."""
        if self.number == 0:
            return -1
        places = self._places(state)
        # The number first: whoever wrote it wrote the position before.
        has_reached = int(places[memory.REACHED]) >= self.number
        position = int(places[memory.POSITION])
        if has_reached or (position >= 0 and self.asked and self.asked.at_s is not None):
            return position
        if self.asked is None:
            return -1
        return min(self.asked.start_sample, self.length - 1)

    def leave(self, state: NDArray[np.int64], now_s: float, fade_s: float) -> None:
        """Note that it stops or jumps now, and where its fade is heard until it is over."""
        position = self.position(state)
        if position >= 0:
            self.left.append((position, now_s, now_s + fade_s + _FADES_S))

    def heard_soon(
        self, state: NDArray[np.int64], ahead_s: float, now_s: float = 0.0
    ) -> list[Span]:
        """The parts of the sound that may be heard within ``ahead_s``, or still are."""
        spans = [(patch.first_sample, patch.first_sample + len(patch.audio))
                 for patch in self.pending]  # fmt: skip
        before = round(BEFORE_S * self.sample_rate)
        ahead = round(max(1.0, self.speed) * ahead_s * self.sample_rate)
        self.left = [fade for fade in self.left if fade[2] > now_s]
        for sample, from_s, _ in self.left:
            place = (sample + round((now_s - from_s) * self.sample_rate * self.speed)) % self.length
            spans.append((place - before, place + ahead))
        position = self.position(state)
        if position < 0:
            return spans
        places = [position]
        asked = self.asked
        if asked is not None:
            places.append(asked.start_sample)
            stop = self.length if asked.stop_sample is None else asked.stop_sample
            if asked.loop and stop - asked.start_sample < before + ahead:
                return [*spans, (asked.start_sample - before, stop + ahead)]
        return spans + [(place - before, place + ahead) for place in places]

    def resumed(self, state: NDArray[np.int64], now_s: float) -> Play | None:
        """What to tell another mixer so that the voice goes on as if nothing had happened.

        Args:
            state: as the mixer before left it.
            now_s: monotonic time.
        """
        asked = self.asked
        position = int(self._places(state)[memory.POSITION])
        if asked is None or int(self._places(state)[memory.REACHED]) < self.number:
            return asked
        if position < 0:
            return None
        missed_s = max(0.0, now_s - int(state[memory.TIME_NS]) / 1e9)
        stop = self.length if asked.stop_sample is None else asked.stop_sample
        offset = position - asked.start_sample + round(missed_s * self.sample_rate * self.speed)
        if asked.loop:
            offset %= stop - asked.start_sample
        elif offset >= stop - asked.start_sample:
            return None
        return replace(asked, offset=offset, at_s=None, in_phase=False)

    def _places(self, state: NDArray[np.int64]) -> NDArray[np.int64]:
        begin = memory.HEADER + memory.VOICE * self.slot
        return state[begin : begin + memory.VOICE]


def split(first: int, stop: int, spans: list[Span]) -> list[tuple[int, int, bool]]:
    """Cut [first, stop) into parts, each wholly inside or outside of all spans.

    Returns:
        (first, stop, whether it lies inside), in order and without gaps.
    """
    edges = {first, stop}
    for span in spans:
        edges.update(edge for edge in span if first < edge < stop)
    ordered = sorted(edges)
    return [
        (begin, end, any(low <= begin and end <= high for low, high in spans))
        for begin, end in itertools.pairwise(ordered)
    ]


def check_audio(audio: Samples, sample_rate: int = 48_000) -> None:
    """Check that a sound can be played.

    Raises:
        UsageError: it is empty, not mono, not float32 or not finite, or its rate is out of range.
    """
    if not 1_000 <= sample_rate <= 192_000:
        raise UsageError(f"sample_rate is {sample_rate}; allowed are 1000 to 192000 Hz.")
    if audio.ndim != 1 or len(audio) == 0:
        raise UsageError(f"The audio has shape {audio.shape}; it must be (sample,) and not empty.")
    if audio.dtype != np.float32:
        raise UsageError(f"The audio is {audio.dtype}; it must be float32.")
    if not np.isfinite(audio).all():
        raise UsageError("The audio holds samples that are no finite numbers.")


def gain_factor(gain_db: float) -> float:
    """Return the factor that a gain means.

    Raises:
        UsageError: it is out of its range.
    """
    low, high = GAIN_RANGE_DB
    # Written so that a NaN is refused too.
    if not low <= gain_db <= high:
        raise UsageError(f"The gain is {gain_db} dB; allowed are {low:g} to {high:g} dB.")
    return float(10.0 ** (gain_db / 20.0))
