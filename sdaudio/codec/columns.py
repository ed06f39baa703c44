"""Sounds cut into columns: random access to any column of any sound, with what lies around it.

The training sounds stay as they are in memory (half an hour is 345 MB), nothing is copied but the
columns that are asked for. Everything outside a sound is silence.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.header import CodecConfig


class ColumnBank:
    """All columns of a list of sounds under one running number, sound after sound.

    Args:
        sounds: mono float32 (sample,) each, none empty.
        config: gives the length of a column and of the frames around it.

    Raises:
        UsageError: there is no sound, or one is empty.
    """

    def __init__(self, sounds: Sequence[NDArray[np.float32]], config: CodecConfig) -> None:
        if not sounds or any(sound.size == 0 for sound in sounds):
            raise UsageError("A dataset needs at least one sound, and no sound may be empty.")
        self._sounds = tuple(sounds)
        self._column_length = config.column_length
        self.margin = (config.n_fft - config.hop_length) // 2
        self.lengths = np.array([-(-sound.size // config.column_length) for sound in sounds])
        self.starts = np.concatenate(([0], np.cumsum(self.lengths)))

    @property
    def n_sounds(self) -> int:
        """How many sounds there are."""
        return len(self._sounds)

    @property
    def n_columns(self) -> int:
        """How many columns all sounds have together."""
        return int(self.starts[-1])

    def sound_of(self, columns: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the number of the sound that each column belongs to."""
        found = np.searchsorted(self.starts, columns, side="right") - 1
        return np.asarray(found, np.int64)

    def read_sound(self, sound: int) -> NDArray[np.float32]:
        """Return one whole sound, (sample,)."""
        return self._sounds[sound]

    def read(self, columns: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return columns with ``margin`` samples of their sound on both sides.

        Args:
            columns: (column,) running numbers, in any order.

        Returns:
            (column, column_length + 2 * margin) float32; zeros outside the sound.
        """
        hop, margin = self._column_length, self.margin
        window = np.zeros((len(columns), hop + 2 * margin), np.float32)
        first = (columns - self.starts[self.sound_of(columns)]) * hop - margin
        for row, sound, start in zip(window, self.sound_of(columns), first, strict=True):
            source = self._sounds[sound]
            begin, end = max(0, -start), min(row.size, source.size - start)
            if end > begin:
                row[begin:end] = source[start + begin : start + end]
        return window
