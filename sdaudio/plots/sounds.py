"""Pictures of sounds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.plots.style import COLOUR_MAP, WIDTH, new_figure, save

MAX_SOUNDS = 60

_FLOOR_DB = -80.0
_N_ROWS = 180


def plot_spectrograms(
    sounds: Mapping[str, NDArray[np.float32]], sample_rate: int, path: Path
) -> None:
    """Draw the spectrograms of several sounds side by side, 80 dB below each one's loudest bin.

    Args:
        sounds: name -> (sample,), 1 to 60 of them.
        sample_rate: Hz.
        path: the .png or .svg file to write.

    Raises:
        UsageError: there are no sounds, too many, or an empty one.
        FileError: the file cannot be written.
    """
    if not 1 <= len(sounds) <= MAX_SOUNDS or any(np.size(sound) == 0 for sound in sounds.values()):
        raise UsageError(
            f"A picture shows 1 to {MAX_SOUNDS} sounds with samples in them, not {len(sounds)}."
        )
    n_across = min(len(sounds), 2 if len(sounds) <= 4 else 5)
    n_down = -(-len(sounds) // n_across)
    figure = new_figure(
        0.5 + (2.6 if n_across <= 2 else 1.5) * n_down, width=max(WIDTH, 2.2 * n_across)
    )
    grid = figure.subplots(n_down, n_across, squeeze=False)
    for axes, (name, sound) in zip(grid.flat, sounds.items(), strict=False):
        _draw_spectrogram(axes, sound, sample_rate, detailed=n_across <= 2)
        axes.set_title(name)
    for axes in grid.flat[len(sounds) :]:
        axes.set_axis_off()
    if n_across > 2:
        figure.supxlabel("seconds", fontsize=10)
        figure.supylabel("kHz", fontsize=10)
    save(figure, path)


def plot_comparison(
    sounds: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]],
    sample_rate: int,
    path: Path,
) -> None:
    """Draw sounds before and after the codec, and the difference of the two: a row for each.

    Original and played share one scale, 80 dB below the original's loudest bin. The difference is
    in dB: blue is missing, red was added.

    Args:
        sounds: name -> (original, played), (sample,) each, 1 to 12 of them.
        sample_rate: Hz.
        path: the .png or .svg file to write.

    Raises:
        UsageError: there are no sounds, too many, or an empty one.
        FileError: the file cannot be written.
    """
    if not 1 <= len(sounds) <= 12 or any(min(map(np.size, pair)) == 0 for pair in sounds.values()):
        raise UsageError(f"A comparison shows 1 to 12 sounds with samples, not {len(sounds)}.")
    figure = new_figure(0.7 + 2.1 * len(sounds), width=10.0)
    rows = figure.subplots(len(sounds), 3, squeeze=False)
    for axes, (name, (original, played)) in zip(rows, sounds.items(), strict=True):
        extent = (0, min(original.size, played.size) / sample_rate, 0, _N_ROWS)
        before, after = (_mel_levels(sound, sample_rate) for sound in (original, played))
        n_frames = min(before.shape[1], after.shape[1])
        top = float(before.max())
        before, after = (
            np.maximum(level[:, :n_frames] - top, _FLOOR_DB) for level in (before, after)
        )
        for place, levels in zip(axes, (before, after), strict=False):
            levels_image = place.imshow(
                levels, origin="lower", aspect="auto", cmap=COLOUR_MAP, vmin=_FLOOR_DB, vmax=0,
                interpolation="nearest", extent=extent,
            )  # fmt: skip
        difference_image = axes[2].imshow(
            after - before, origin="lower", aspect="auto", cmap="RdBu_r", vmin=-30, vmax=30,
            interpolation="nearest", extent=extent,
        )  # fmt: skip
        for place in axes:
            _scale_spectrogram(place, sample_rate, detailed=False)
        axes[1].tick_params(axis="y", labelleft=False)
        axes[2].tick_params(axis="y", labelleft=False)
        axes[0].set_title(name if len(name) <= 30 else f"...{name[-27:]}", loc="left")
        axes[1].set_title("played", loc="left")
        axes[2].set_title("played - original", loc="left")
    # Under the pictures, where the bars take no room from the time axes.
    bars = ((levels_image, rows[:, :2], "dB below the original's peak"),
            (difference_image, rows[:, 2], "dB too little / too much"))  # fmt: skip
    for image, places, label in bars:
        figure.colorbar(
            image, ax=places, location="bottom", label=label, aspect=40, shrink=0.7, pad=0.04
        )
    for place in rows[-1]:
        place.set_xlabel("seconds")
    figure.supylabel("kHz", fontsize=10)
    save(figure, path)


def _draw_spectrogram(
    axes: Axes, sound: NDArray[np.float32], sample_rate: int, *, detailed: bool
) -> None:
    levels = _mel_levels(sound, sample_rate)
    axes.imshow(
        np.maximum(levels - levels.max(), _FLOOR_DB), origin="lower", aspect="auto",
        cmap=COLOUR_MAP, vmin=_FLOOR_DB, vmax=0, interpolation="nearest",
        extent=(0, sound.size / sample_rate, 0, _N_ROWS),
    )  # fmt: skip
    _scale_spectrogram(axes, sample_rate, detailed=detailed)
    if detailed:
        axes.set_xlabel("seconds")
        axes.set_ylabel("kHz")


def _mel_levels(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """Return levels in dB, (row, frame), the rows evenly on the mel scale."""
    n_fft = 1024
    # A picture has some 700 dots across; more frames than twice that are never seen.
    hop_length = max(16, sound.size // 1400)
    padded = np.pad(sound.astype(np.float32), (n_fft // 2, n_fft))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[: sound.size : hop_length]
    magnitudes = np.abs(np.fft.rfft(frames * np.hanning(n_fft), axis=1)).T
    # Each row of the picture takes the loudest of its bins, so that thin partials stay visible.
    edges = _hertz(np.linspace(0, _mel(sample_rate / 2), _N_ROWS + 1)) / sample_rate * n_fft
    first = np.minimum(edges[:-1].astype(int), magnitudes.shape[0] - 1)
    rows = np.maximum.reduceat(magnitudes, first, axis=0)
    # far under full scale: a silent sound stays at the floor
    return np.asarray(20 * np.log10(np.maximum(rows, max(1e-4 * float(rows.max()), 1e-6))))


def _scale_spectrogram(axes: Axes, sample_rate: int, *, detailed: bool) -> None:
    ticks = [0, 0.5, 1, 2, 5, 10, 20] if detailed else [0, 1, 5, 20]
    ticks = [tick for tick in ticks if tick < sample_rate / 2000]
    places = [_mel(1000 * tick) / _mel(sample_rate / 2) * _N_ROWS for tick in ticks]
    axes.set_yticks(places, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_major_locator(MaxNLocator(4 if detailed else 3))


def _mel(hertz: float) -> float:
    return float(np.log1p(hertz / 700))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700 * np.expm1(mel)
