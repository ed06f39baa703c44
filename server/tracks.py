"""What plays: one grid, or one level of it, from the moment it starts until it is silent.

A track knows where it should be on the beat and how fast to go to get there. It tells nobody;
see `stage`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .playback import Playback
from .rendering import Part
from .tempo import Tempo

_SLACK_S = 0.0005
"""Off the beat by less is on it."""
_FIRM_S = 0.03
"""Off the beat by more needs a jump; less is made up by speed, which hardly anybody hears."""
_CATCH_UP_S = 1.0
"""Time in which speed makes it up."""


@dataclass(slots=True)
class Mix:
    """How a grid is mixed: what stays from one start to the next."""

    gain_db: float = 0.0
    speed: float = 1.0


@dataclass(slots=True)
class Track:
    """One voice that plays columns of a part."""

    part: Part
    voice: str
    start: int
    columns: int
    """How many; 0 for a hand that scrubs, where nothing moves by itself."""
    loop: bool
    gain_db: float
    begins_s: float
    """When it starts or has started, in monotonic time."""
    position: int
    """The sample where it was last."""
    anchor_beat: float = math.nan
    """The beat on which its first column lies; not a number until it is known."""
    correction: float = 1.0
    """Factor of its speed that keeps it on the beat."""
    to_end: bool = field(init=False)
    """Whether its region ends where the grid does."""
    unseen: int = 0
    """How often it was not found playing."""

    def __post_init__(self) -> None:
        """Note whether it goes to the end, also when that is elsewhere one day."""
        self.to_end = self.start + self.columns >= self.part.session.grid.n_columns

    @property
    def column_length(self) -> int:
        """Samples in one column."""
        return self.part.session.model.column_length

    @property
    def column_s(self) -> float:
        """Seconds in one column."""
        return self.column_length / self.part.session.model.sample_rate

    @property
    def column(self) -> int:
        """The column where it was last."""
        return self.position // self.column_length

    @property
    def first_sample(self) -> int:
        """Where its region begins."""
        return self.start * self.column_length

    @property
    def stop_sample(self) -> int | None:
        """Where its region ends; None when that is the end of the grid."""
        return None if self.to_end else (self.start + self.columns) * self.column_length

    def anchor(self, tempo: Tempo, rate: float, position: int, time_s: float) -> None:
        """Take it that a track at a sample at a time is right on the beat.

        Args:
            tempo: the beat.
            rate: how many times as fast as the beat says it goes.
            position: sample of the sound.
            time_s: monotonic time.
        """
        columns = (position - self.first_sample) / self.column_length
        self.anchor_beat = tempo.beat_at(time_s) - columns / (tempo.columns_per_beat * rate)

    def late_s(self, tempo: Tempo, rate: float, position: int, time_s: float) -> float:
        """Return how far behind its beat it is, in seconds of its sound; less than 0 is ahead."""
        beats = tempo.beat_at(time_s) - self.anchor_beat
        due = beats * tempo.columns_per_beat * rate
        late = due - (position - self.first_sample) / self.column_length
        if self.loop:
            late = (late + self.columns / 2) % self.columns - self.columns / 2
        return late * self.column_s


def correction(late_s: float) -> float | None:
    """Return the factor of the speed that brings a track back to its beat; None for a jump."""
    if abs(late_s) < _SLACK_S:
        return 1.0
    if abs(late_s) > _FIRM_S:
        return None
    return 1.0 + late_s / _CATCH_UP_S


class VoiceBuffer:
    """The sound of a part where the playback process reads it (a `buffers.Buffer`)."""

    def __init__(self, playback: Playback, voice: str, sample_rate: int) -> None:
        self._playback = playback
        self._voice = voice
        self._sample_rate = sample_rate

    @property
    def audio(self) -> NDArray[np.float32]:
        """The samples now."""
        return self._playback.samples(self._voice)

    def write(self, first: int, audio: NDArray[np.float32]) -> None:
        """Overwrite samples; what is heard just now moves over within 5 ms."""
        self._playback.patch(self._voice, first, audio)

    def compose(self, length: int, fill: Callable[[NDArray[np.float32]], None]) -> None:
        """Replace everything by ``length`` samples that ``fill`` writes into zeros."""
        self._playback.compose_sound(self._voice, length, self._sample_rate, fill)
