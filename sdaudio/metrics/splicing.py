"""Edits, judged: cut columns between sounds in codes and in audio, and compare the two.

Held-out files say little about edits; this is the measure that does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.metrics.distances import mel_distance, mr_stft

COLUMN_LENGTH = 1024
FADE_LENGTH = 256

Audio = NDArray[np.float32]
Codes = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class SpliceRun:
    """A run of columns that is taken from another sound: where it goes and where it comes from."""

    column: int
    source_column: int
    n_columns: int


@dataclass(frozen=True, slots=True)
class SpliceDistance:
    """How far edited renders are from the same edits made in audio, mean over sounds."""

    mel: float
    mr_stft: float


def choose_runs(
    n_columns: int, n_source_columns: int, generator: np.random.Generator, *, share: float = 0.1
) -> tuple[SpliceRun, ...]:
    """Choose runs of 1 to 6 columns, apart from each other, that cover a share of a sound.

    Args:
        n_columns: columns of the sound that is edited.
        n_source_columns: columns of the sound that the runs come from.
        generator: where chance comes from.
        share: how much of the sound is replaced, 0 to 0.5; at least one column.
    """
    wanted = max(1, round(share * n_columns))
    taken = np.zeros(n_columns, bool)
    runs: list[SpliceRun] = []
    for _ in range(100 * wanted):
        length = min(int(generator.integers(1, 7)), wanted, n_columns, n_source_columns)
        column = int(generator.integers(n_columns - length + 1))
        source = int(generator.integers(n_source_columns - length + 1))
        # One column between runs, so that their crossfades do not meet.
        if not taken[max(0, column - 1) : column + length + 1].any():
            taken[column : column + length] = True
            runs.append(SpliceRun(column, source, length))
            wanted -= length
        if wanted <= 0:
            break
    return tuple(sorted(runs, key=lambda run: run.column))


def splice_codes(codes: Codes, source: Codes, runs: Sequence[SpliceRun]) -> Codes:
    """Return a copy of ``codes`` (level, column) with runs of columns taken from ``source``."""
    result = codes.copy()
    for run in runs:
        result[:, run.column : run.column + run.n_columns] = source[
            :, run.source_column : run.source_column + run.n_columns
        ]
    return result


def splice(
    audio: Audio,
    source: Audio,
    runs: Sequence[SpliceRun],
    *,
    column_length: int = COLUMN_LENGTH,
    fade_length: int = FADE_LENGTH,
) -> Audio:
    """Return a copy of ``audio`` with runs of columns taken from ``source``, crossfaded.

    This is what a perfect decoder would make of `splice_codes` with the same runs. A crossfade
    (raised cosine, equal gain) lies half before and half after each border.

    Args:
        audio: (sample,), padded with zeros to whole columns.
        source: (sample,), padded likewise.
        runs: which columns; each inside both sounds.
        column_length: samples in a column.
        fade_length: samples of a crossfade, even, at most a column.

    Returns:
        (sample,) float32, whole columns.
    """
    half = fade_length // 2
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / (2 * half))).astype(np.float32)
    # Half a fade of silence at the ends: there the source may have nothing to fade with.
    result, other = (
        np.pad(sound.astype(np.float32), (half, half - len(sound) % -column_length))
        for sound in (audio, source)
    )
    for run in runs:
        start, source_start = run.column * column_length, run.source_column * column_length
        length = run.n_columns * column_length
        left = len(result) - 2 * half - start - length
        source_left = len(other) - 2 * half - source_start - length
        if length < column_length or min(start, source_start, left, source_left) < 0:
            raise UsageError(f"{run} does not lie inside both sounds.")
        gain = np.ones(length + 2 * half, np.float32)
        if start > 0:
            gain[: 2 * half] = rise
        if left > 0:
            gain[length:] = rise[::-1]
        place = slice(start, start + len(gain))
        result[place] *= 1 - gain
        result[place] += gain * other[source_start : source_start + len(gain)]
    return result[half : len(result) - half]


def splice_distance(
    decode: Callable[[Codes], Audio],
    sounds: Sequence[Audio],
    codes: Sequence[Codes],
    sample_rate: int,
    *,
    share: float = 0.1,
    seed: int = 0,
) -> SpliceDistance:
    """Judge edits: swap columns between sounds in codes and in audio, and compare the two.

    Each sound takes a share of its columns, in runs of 1 to 6, from the next sound.

    Args:
        decode: the whole decoder, codes (level, column) to audio (sample,).
        sounds: (sample,) each, what the codes stand for; two or more.
        codes: (level, column) of every sound.
        sample_rate: Hz.
        share: how much of each sound is replaced.
        seed: where the runs go.
    """
    if len(sounds) != len(codes) or len(sounds) < 2:
        raise UsageError(
            f"Edits are judged between two sounds or more, with codes for each; got "
            f"{len(sounds)} sounds and {len(codes)} codes."
        )
    generator = np.random.default_rng(seed)
    mel, mr = [], []
    for index, grid in enumerate(codes):
        other = (index + 1) % len(codes)
        runs = choose_runs(grid.shape[1], codes[other].shape[1], generator, share=share)
        wanted = splice(sounds[index], sounds[other], runs)
        heard = decode(splice_codes(grid, codes[other], runs))
        mel.append(mel_distance(wanted, heard, sample_rate))
        mr.append(mr_stft(wanted, heard))
    return SpliceDistance(float(np.mean(mel)), float(np.mean(mr)))
