"""Batches for training: short crops of all sounds, packed into items, and their splices.

A batch is nothing but column numbers, (item, position). Crops start on columns, so that a code
always sees the same waveform. Every sound comes as often as every other, however short it is:
with crops by length, long tails starve the attacks.
"""

import numpy as np
from numpy.typing import NDArray

from sdaudio.codec.columns import ColumnBank
from sdaudio.training.checkpoint import State

ITEM_COLUMNS = 36
CROP_COLUMNS = 14
_LONGEST_RUN = 6
# Runs of mean length 3.5 that start this often fill 30 % of an item.
_RUN_START = 0.11


class Sampler:
    """Draws batches of columns.

    Args:
        bank: the training sounds.
        batch_size: items in a batch.
        chance: source of chance.
    """

    def __init__(self, bank: ColumnBank, *, batch_size: int, chance: np.random.Generator) -> None:
        self._bank = bank
        self._batch_size = batch_size
        self._chance = chance
        self._queue: list[int] = []

    def state(self) -> State:
        """Return which sounds are still to come in this round."""
        return State({"queue": list(self._queue)})

    def restore(self, state: State) -> None:
        """Take back what `state` gave."""
        self._queue = [int(sound) for sound in state.values["queue"]]

    def draw(self) -> NDArray[np.int64]:
        """Return the columns of a batch, (item, position)."""
        return np.stack([self._pack() for _ in range(self._batch_size)])

    def splice(self, columns: NDArray[np.int64], *, n_items: int) -> NDArray[np.int64]:
        """Put runs of 1 to 6 columns of other items into the last ``n_items`` of a batch.

        Args:
            columns: (item, position), as drawn.
            n_items: how many items are spliced; the others stay as they are.

        Returns:
            (item, position).
        """
        spliced = columns.copy()
        for item in range(len(columns) - n_items, len(columns)):
            others = np.delete(columns, item, axis=0)
            if len(others):
                self._put_runs(spliced[item], others)
        return spliced

    def _put_runs(self, item: NDArray[np.int64], others: NDArray[np.int64]) -> None:
        column = 0
        while column < ITEM_COLUMNS:
            if self._chance.random() >= _RUN_START:
                column += 1
                continue
            run = int(self._chance.integers(1, _LONGEST_RUN + 1))
            run = min(run, ITEM_COLUMNS - column)
            other = others[int(self._chance.integers(len(others)))]
            source = int(self._chance.integers(0, ITEM_COLUMNS - run + 1))
            item[column : column + run] = other[source : source + run]
            column += run

    def _pack(self) -> NDArray[np.int64]:
        crops, missing = [], ITEM_COLUMNS
        while missing:
            crop = self._crop()[:missing]
            crops.append(crop)
            missing -= crop.size
        return np.concatenate(crops)

    def _crop(self) -> NDArray[np.int64]:
        if not self._queue:
            self._queue = [int(sound) for sound in self._chance.permutation(self._bank.n_sounds)]
        sound = self._queue.pop()
        n, start = int(self._bank.lengths[sound]), int(self._bank.starts[sound])
        # Crops reach over both ends, so that the first column comes as often as the middle ones.
        first = int(self._chance.integers(1 - CROP_COLUMNS, n)) if n > CROP_COLUMNS else 0
        return np.arange(start + max(0, first), start + min(n, first + CROP_COLUMNS))


def target_audio(
    bank: ColumnBank, windows: NDArray[np.float32], columns: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Join columns to audio, with a crossfade where two do not follow each other in their sound.

    Args:
        bank: the training sounds.
        windows: (item, position, sample), the columns with their margins.
        columns: (item, position), their numbers.

    Returns:
        (item, sample).
    """
    margin, half = bank.margin, bank.margin // 3
    body = windows[:, :, margin:-margin]
    audio = body.reshape(len(windows), -1).copy()
    length = body.shape[2]
    # 256 samples at the usual frame length
    phase = np.pi * (np.arange(2 * half, dtype=np.float32) + 0.5) / (2 * half)
    fade = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
    for item, position in zip(*np.nonzero(joints(bank, columns)), strict=True):
        before = windows[item, position, -margin - half :][: 2 * half]
        after = windows[item, position + 1, margin - half :][: 2 * half]
        middle = (position + 1) * length
        audio[item, middle - half : middle + half] = before + (after - before) * fade
    return audio


def joints(bank: ColumnBank, columns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which columns are not followed by their own successor, (item, position - 1)."""
    jumps = np.diff(columns, axis=1) != 1
    sounds = bank.sound_of(columns)
    return np.asarray(jumps | (np.diff(sounds, axis=1) != 0))
