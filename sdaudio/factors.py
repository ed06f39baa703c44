"""What the codes of each level stand for: loudness, brightness, pitch, texture, by column.

`describe` measures a sound once per column. `level_effects` swaps the codes of one level at random
and says how much of each factor changed, and how much of each factor a level's code tells alone.
A level that earns its name changes its own factor and leaves the others. Plain numpy; nothing
here knows networks.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError

Factor = Literal["loudness", "brightness", "pitch", "texture"]
FACTORS: tuple[Factor, ...] = get_args(Factor)
UNITS = {"loudness": "dB", "brightness": "octaves", "pitch": "semitones", "texture": "dB"}

Audio = NDArray[np.float32]
Codes = NDArray[np.integer]
Values = NDArray[np.float64]

# Columns that are softer than this against the loudest have no colour worth comparing.
_FLOOR_DB = -60.0
_MIN_PITCH_HZ, _MAX_PITCH_HZ = 60.0, 1500.0
# RAPT decides by a path over many frames; one window alone must be surer, for a wrong pitch costs
# more here than a missing one.
_VOICED = 0.7
# The first peak that comes near the greatest is the period; later ones are its multiples.
_NEAR = 0.9
_BLOCK_COLUMNS = 512


@dataclass(frozen=True, slots=True)
class LevelEffect:
    """What one level does to one factor.

    ``change`` is the median absolute change at columns whose code of this level was swapped, in
    the factor's unit (see `UNITS`; NaN where nothing could be compared). ``share`` is how much of
    the factor's variance this level's code tells alone, 0 to 1 (slightly below 0 by chance).
    """

    level: int
    factor: Factor
    change: float
    share: float


def describe(
    audio: Audio,
    sample_rate: int,
    *,
    column_length: int = 1024,
    factors: Collection[Factor] = FACTORS,
) -> dict[Factor, Values]:
    """Measure a sound once per column, in a window of two columns around its middle.

    Loudness is the level in dB re full scale; brightness the spectral centroid in octaves above
    1 Hz; pitch in semitones above 1 Hz by normalised cross-correlation of the window with itself
    (Talkin 1995, RAPT; without its tracking over frames), NaN where no pitch is clear; texture the
    spectral flatness from 200 Hz in dB, about -2.5 for white noise and far below for tones.

    Args:
        audio: (sample,), at least one sample.
        sample_rate: Hz.
        column_length: samples in a column.
        factors: those that are wanted.

    Returns:
        For each factor (column,); the last column may reach beyond the sound.
    """
    if audio.ndim != 1 or audio.size == 0:
        raise UsageError(f"A sound to describe must be (sample,) and not empty, not {audio.shape}.")
    n_columns = -(-audio.size // column_length)
    length, half = 2 * column_length, column_length // 2
    padded = np.pad(audio, (half, n_columns * column_length - audio.size + half))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::column_length]
    parts = [
        _describe_frames(
            frames[start : start + _BLOCK_COLUMNS].astype(np.float64), sample_rate, factors
        )
        for start in range(0, n_columns, _BLOCK_COLUMNS)
    ]
    return {factor: np.concatenate([part[factor] for part in parts]) for factor in factors}


def level_effects(
    decode: Callable[[Codes], Audio],
    codes: Sequence[Codes],
    sample_rate: int,
    *,
    column_length: int = 1024,
    share: float = 0.1,
    seed: int = 0,
) -> tuple[LevelEffect, ...]:
    """Swap the codes of one level at a time and measure what changes.

    In each grid a share of the columns, never two neighbours, takes that level's code from random
    columns of the other grids (or elsewhere in the only one). Both renders are described and
    compared at those columns, where both can be heard.

    The explained share is Kelley's epsilon squared (1935): eta squared, the variance between the
    groups of columns with equal code over all variance, corrected for what as many random groups
    would explain.

    Args:
        decode: the whole decoder, codes (level, column) to audio (sample,).
        codes: (level, column) of every grid, one or more.
        sample_rate: Hz.
        column_length: samples in a column.
        share: how many of the columns are swapped, 0 to 0.5; at least one a grid.
        seed: which columns, and what they take.

    Returns:
        One effect for every level and factor, level by level.
    """
    if not codes or any(grid.ndim != 2 or grid.shape[1] == 0 for grid in codes):
        raise UsageError("Level effects need one grid (level, column) or more, none of them empty.")
    generator = np.random.default_rng(seed)
    plain = [describe(decode(grid), sample_rate, column_length=column_length) for grid in codes]
    floor = max(float(sound["loudness"].max()) for sound in plain) + _FLOOR_DB
    heard = np.concatenate([sound["loudness"] for sound in plain]) > floor
    effects = []
    for level in range(codes[0].shape[0]):
        changes: dict[Factor, list[Values]] = {factor: [] for factor in FACTORS}
        for index, grid in enumerate(codes):
            columns = _apart(grid.shape[1], share, generator)
            edited = grid.copy()
            edited[level, columns] = _others(codes, index, level, columns.size, generator)
            sound = describe(decode(edited), sample_rate, column_length=column_length)
            both = np.minimum(plain[index]["loudness"], sound["loudness"])[columns] > floor
            both &= edited[level, columns] != grid[level, columns]
            for factor in FACTORS:
                difference = np.abs(sound[factor] - plain[index][factor])[columns][both]
                changes[factor].append(difference[np.isfinite(difference)])
        labels = np.concatenate([grid[level] for grid in codes])
        for factor in FACTORS:
            values = np.concatenate([sound[factor] for sound in plain])
            found = np.concatenate(changes[factor])
            change = float(np.median(found)) if found.size else float("nan")
            known = heard & np.isfinite(values)
            effects.append(
                LevelEffect(level, factor, change, explained_share(values[known], labels[known]))
            )
    return tuple(effects)


def explained_share(values: Values, labels: Codes) -> float:
    """Return how much of the variance of values their labels explain (Kelley 1935).

    Args:
        values: (item,), finite.
        labels: (item,) whole numbers.

    Returns:
        1 when the label tells the value, about 0 when it tells nothing; NaN when nothing can be
        said: the values do not vary, or nearly every item has a label of its own.
    """
    _, groups = np.unique(labels, return_inverse=True)
    n_items, n_groups = values.size, int(groups.max(initial=-1)) + 1
    if n_items < 2 * n_groups or n_items < 2:
        return float("nan")
    means = np.bincount(groups, values) / np.bincount(groups)
    within = float(((values - means[groups]) ** 2).sum()) / (n_items - n_groups)
    total = float(((values - values.mean()) ** 2).sum()) / (n_items - 1)
    return 1.0 - within / total if total > 1e-12 else float("nan")


def _describe_frames(
    frames: Values, sample_rate: int, factors: Collection[Factor]
) -> dict[Factor, Values]:
    length = frames.shape[1]
    window = np.hanning(length)
    power = np.abs(np.fft.rfft(frames * window, 2 * length)) ** 2 + 1e-12
    hertz = np.fft.rfftfreq(2 * length, 1 / sample_rate)
    found: dict[Factor, Values] = {}
    for factor in factors:
        match factor:
            case "loudness":
                energy = (frames**2 * window).sum(axis=1) / window.sum()
                found[factor] = 10 * np.log10(energy + 1e-10)
            case "brightness":
                centroid = (power * hertz).sum(axis=1) / power.sum(axis=1)
                found[factor] = np.log2(centroid + 1.0)
            case "pitch":
                found[factor] = _pitch(frames, sample_rate)
            case "texture":
                upper = power[:, hertz >= 200.0]
                flatness = np.log(upper).mean(axis=1) - np.log(upper.mean(axis=1))
                found[factor] = 10 / np.log(10) * flatness
    return found


def _pitch(frames: Values, sample_rate: int) -> Values:
    """Return semitones above 1 Hz, NaN without a clear pitch, for frames (frame, sample)."""
    length = frames.shape[1]
    first = int(sample_rate / _MAX_PITCH_HZ)
    last = min(int(sample_rate / _MIN_PITCH_HZ), length * 2 // 3)
    lags = np.arange(first - 1, last + 2)
    spectrum = np.fft.rfft(frames, 2 * length)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, lags]
    # The energies of the two overlapping parts: a jump in loudness is no change of pitch.
    energy = np.cumsum(frames**2, axis=1)
    overlap = energy[:, length - 1 - lags] * (energy[:, -1:] - energy[:, lags - 1])
    curve = correlation / np.sqrt(np.maximum(overlap, 1e-12))
    middle = curve[:, 1:-1]
    is_peak = (middle >= curve[:, :-2]) & (middle > curve[:, 2:])
    heights = np.where(is_peak, middle, -np.inf)
    greatest = heights.max(axis=1)
    place = np.argmax(heights >= _NEAR * greatest[:, None], axis=1)
    rows = np.arange(curve.shape[0])
    left, top, right = (curve[rows, place + step] for step in range(3))
    # A parabola through three points finds the peak between two samples.
    bend = np.minimum(left - 2 * top + right, -1e-12)
    lag = lags[place + 1] + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    return np.where(greatest > _VOICED, 12 * np.log2(sample_rate / lag), np.nan)


def _apart(n_columns: int, share: float, generator: np.random.Generator) -> NDArray[np.intp]:
    """Choose columns with at least one between them."""
    chosen = np.sort(generator.permutation(-(-n_columns // 2))[: max(1, round(share * n_columns))])
    return np.minimum(2 * chosen, n_columns - 1)


def _others(
    codes: Sequence[Codes], index: int, level: int, n: int, generator: np.random.Generator
) -> Codes:
    """Draw codes of a level from the grids other than ``index``."""
    pool = [grid[level] for number, grid in enumerate(codes) if number != index]
    return generator.choice(np.concatenate(pool or [codes[index][level]]), n)
