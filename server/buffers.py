"""Where the sound of a grid is kept, and how it follows when columns come and go.

A grid that was never played has its sound in ordinary memory; one that plays has it where the
playback process reads it, once and not twice (see `transport`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


class Buffer(Protocol):
    """Holds samples. All but `compose` is quick."""

    @property
    def audio(self) -> Audio:
        """The samples now, (sample,) float32; to look at, not to keep."""
        ...

    def write(self, first: int, audio: Audio) -> None:
        """Overwrite samples from ``first`` on."""
        ...

    def compose(self, length: int, fill: Callable[[Audio], None]) -> None:
        """Replace everything by ``length`` samples that ``fill`` writes into zeros."""
        ...


class PlainBuffer:
    """Samples in ordinary memory."""

    def __init__(self) -> None:
        self._audio = np.zeros(0, np.float32)

    @property
    def audio(self) -> Audio:
        """The samples now."""
        return self._audio

    def write(self, first: int, audio: Audio) -> None:
        """Overwrite samples from ``first`` on."""
        self._audio[first : first + len(audio)] = audio

    def compose(self, length: int, fill: Callable[[Audio], None]) -> None:
        """Replace everything by ``length`` samples that ``fill`` writes into zeros."""
        audio = np.zeros(length, np.float32)
        fill(audio)
        self._audio = audio


@dataclass(frozen=True, slots=True)
class _Run:
    """Columns in a row: of the sound before from ``source`` on, or new ones when that is None."""

    source: int | None
    columns: int


class Splices:
    """What columns became of a sound's columns, as insertions and deletions add up.

    Args:
        n_columns: how many there were.
    """

    def __init__(self, n_columns: int) -> None:
        self._runs = [_Run(0, n_columns)] if n_columns else []

    @property
    def n_columns(self) -> int:
        """How many there are now."""
        return sum(run.columns for run in self._runs)

    def add(self, column: int, removed: int, inserted: int) -> None:
        """Note that ``removed`` columns from ``column`` on gave way to ``inserted`` new ones."""
        before, behind = self._cut(column)[0], self._cut(column + removed)[1]
        new = [_Run(None, inserted)] if inserted else []
        self._runs = [*before, *new, *behind]

    def carry_out(self, old: Audio, new: Audio, column_length: int) -> None:
        """Copy what is left of a sound to its place in the new one."""
        place = 0
        for run in self._runs:
            length = run.columns * column_length
            if run.source is not None:
                first = run.source * column_length
                new[place : place + length] = old[first : first + length]
            place += length

    def _cut(self, column: int) -> tuple[list[_Run], list[_Run]]:
        before: list[_Run] = []
        behind: list[_Run] = []
        place = 0
        for run in self._runs:
            left = min(max(column - place, 0), run.columns)
            if left:
                before.append(_Run(run.source, left))
            if left < run.columns:
                source = None if run.source is None else run.source + left
                behind.append(_Run(source, run.columns - left))
            place += run.columns
        return before, behind
