"""Pictures of grids, sounds, codebook use and training, as PNG files.

The one home of matplotlib, which costs a second to import: import this module where a picture is
wanted, never at the top of another. Figures are drawn without a display. Colours are cividis and
the Okabe-Ito set, which colour-blind eyes can tell apart, in sizes that read on a small screen.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.header import LossPoint
from sdaudio.modelfile import write_atomically

MAX_SOUNDS = 60
COLOUR_MAP = "cividis"
# Okabe and Ito 2008: blue, vermilion, green, purple.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
INK, PALE, PAPER = "#222222", "#d9d9d9", "#ffffff"

_DPI = 120
_WIDTH = 8.0
_FLOOR_DB = -80.0
_STEPS = (1, 2, 5, 10)
_N_ROWS = 180


def plot_grid(
    codes: NDArray[np.integer],
    level_names: Sequence[str],
    path: Path,
    *,
    codebook_size: int | None = None,
    columns_per_second: float = 46.875,
) -> None:
    """Draw a grid of codes: a band for each level, time from left to right.

    Short grids show the code in each cell.

    Args:
        codes: (level, column).
        level_names: one name for each level, coarsest first.
        path: the PNG file to write.
        codebook_size: where the colour scale ends; by default the greatest code that occurs.
        columns_per_second: for the time axis; columns are counted along the top.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    codes = np.asarray(codes)
    _check_levels("codes", codes, level_names)
    n_levels, n_columns = codes.shape
    top = max(1, (codebook_size or int(codes.max()) + 1) - 1)
    figure = _figure(0.9 + 0.75 * n_levels)
    for level, axes in enumerate(_stack(figure, n_levels)):
        axes.imshow(
            codes[level : level + 1], aspect="auto", interpolation="nearest", cmap=COLOUR_MAP,
            vmin=0, vmax=top, extent=(0, n_columns, 0, 1),
        )  # fmt: skip
        axes.set_yticks([0.5], [level_names[level]])
        axes.tick_params(axis="y", length=0)
        if n_columns <= 24:
            for column, code in enumerate(codes[level]):
                axes.text(
                    column + 0.5, 0.5, str(code), ha="center", va="center", fontsize=9,
                    color="white" if code < 0.55 * top else "black",
                )  # fmt: skip
        axes.set_xticks([])
    first, last = figure.axes[0], figure.axes[-1]
    columns = _ticks(n_columns, n=8, integer=True)
    first.xaxis.set_label_position("top")
    first.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False)
    first.set_xticks(columns, [f"{column:g}" for column in columns])
    first.set_xlabel("column")
    seconds = _ticks(n_columns / columns_per_second, n=6)
    if last is not first:
        last.tick_params(axis="x", bottom=True, labelbottom=True)
        last.set_xticks(seconds * columns_per_second, [f"{second:g}" for second in seconds])
        last.set_xlabel("seconds")
    _save(figure, path)


def plot_spectrograms(
    sounds: Mapping[str, NDArray[np.float32]], sample_rate: int, path: Path
) -> None:
    """Draw the spectrograms of several sounds side by side, 80 dB below each one's loudest bin.

    Args:
        sounds: name -> (sample,), 1 to 60 of them.
        sample_rate: Hz.
        path: the PNG file to write.

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
    figure = _figure(
        0.5 + (2.6 if n_across <= 2 else 1.5) * n_down, width=max(_WIDTH, 2.2 * n_across)
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
    _save(figure, path)


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
        path: the PNG file to write.

    Raises:
        UsageError: there are no sounds, too many, or an empty one.
        FileError: the file cannot be written.
    """
    if not 1 <= len(sounds) <= 12 or any(min(map(np.size, pair)) == 0 for pair in sounds.values()):
        raise UsageError(f"A comparison shows 1 to 12 sounds with samples, not {len(sounds)}.")
    figure = _figure(0.7 + 2.1 * len(sounds), width=10.0)
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
    _save(figure, path)


def plot_usage_map(usage: NDArray[np.integer], level_names: Sequence[str], path: Path) -> None:
    """Draw how often each code is used as a map, a band for each level, codes by their number.

    Args:
        usage: (level, code) counts.
        level_names: one name for each level.
        path: the PNG file to write.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    usage = np.asarray(usage)
    _check_levels("usage", usage, level_names)
    n_levels, n_codes = usage.shape
    shares = 100 * usage / np.maximum(usage.sum(axis=1, keepdims=True), 1)
    figure = _figure(1.1 + 0.6 * n_levels)
    axes = figure.subplots()
    # The square root shows rare codes beside common ones; grey is never used.
    picture = np.ma.masked_equal(shares, 0)
    colours = colormaps[COLOUR_MAP].with_extremes(bad=PALE)
    image = axes.imshow(
        picture, aspect="auto", interpolation="nearest", cmap=colours,
        norm=PowerNorm(0.5, vmin=0, vmax=max(float(shares.max()), 1e-3)),
        extent=(-0.5, n_codes - 0.5, n_levels, 0),
    )  # fmt: skip
    axes.set_yticks(np.arange(n_levels) + 0.5, list(level_names))
    axes.hlines(np.arange(1, n_levels), -0.5, n_codes - 0.5, color=PAPER, lw=3)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("code (grey: never used)")
    figure.colorbar(image, ax=axes, label="% of columns", pad=0.01)
    _save(figure, path)


def plot_usage(usage: NDArray[np.integer], level_names: Sequence[str], path: Path) -> None:
    """Draw how often each code is used, the commonest first, and count those never used.

    Args:
        usage: (level, code) counts.
        level_names: one name for each level.
        path: the PNG file to write.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    usage = np.asarray(usage)
    _check_levels("usage", usage, level_names)
    n_levels, n_codes = usage.shape
    figure = _figure(0.6 + 1.4 * n_levels)
    for level, axes in enumerate(_stack(figure, n_levels)):
        counts = np.sort(usage[level])[::-1]
        shares = 100 * counts / max(int(counts.sum()), 1)
        n_used = int((counts > 0).sum())
        axes.bar(np.arange(n_codes), shares, width=1.0, color=COLOURS[level % len(COLOURS)])
        axes.axvspan(n_used - 0.5, n_codes - 0.5, color=PALE, lw=0)
        axes.set_xlim(-0.5, n_codes - 0.5)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(3))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
        axes.set_title(
            f"{level_names[level]}: {n_used} of {n_codes} codes used, "
            f"perplexity {_perplexity(shares):.0f}",
            loc="left",
            fontsize=10,
        )
        axes.tick_params(axis="x", labelbottom=level == n_levels - 1)
    figure.axes[-1].set_xlabel("codes, commonest first (grey: never used)")
    _save(figure, path)


def plot_losses(history: Sequence[LossPoint], path: Path) -> None:
    """Draw the losses over the seconds of training; a loss that is always 0 is left out.

    Args:
        history: points in the order of time, at least one.
        path: the PNG file to write.

    Raises:
        UsageError: there are no points.
        FileError: the file cannot be written.
    """
    if not history:
        raise UsageError("There is no training history to draw; train the model first.")
    figure = _figure(3.6)
    axes = figure.subplots()
    elapsed_s = [point.elapsed_s for point in history]
    marker = "o" if len(history) < 20 else ""
    for colour, (name, style) in zip(
        COLOURS, (("spectral", "-"), ("phase", "--"), ("commitment", ":")), strict=False
    ):
        values = [getattr(point, name) for point in history]
        if not any(value > 0 for value in values):
            continue
        label = f"{name} {values[-1]:.3g}"
        axes.plot(elapsed_s, values, style, color=colour, lw=2, marker=marker, ms=4, label=label)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.minorticks_off()
    if axes.lines:
        figure.legend(loc="outside upper center", ncols=3, frameon=False)
    axes.set_xlabel("seconds of training")
    axes.set_ylabel("loss")
    axes.grid(axis="y", color=PALE, lw=0.6)
    axes.margins(x=0.02)
    _save(figure, path)


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


def _ticks(stop: float, *, n: int, integer: bool = False) -> NDArray[np.float64]:
    """Return about ``n`` round numbers from 0 to ``stop``."""
    ticks = np.asarray(MaxNLocator(n, integer=integer, steps=_STEPS).tick_values(0, stop))
    return ticks[ticks <= stop]


def _mel(hertz: float) -> float:
    return float(np.log1p(hertz / 700))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700 * np.expm1(mel)


def _perplexity(shares: NDArray[np.floating]) -> float:
    """Return how many codes in even use would be as varied as these shares in per cent."""
    used = shares[shares > 0] / 100
    return float(np.exp(-(used * np.log(used)).sum())) if used.size else 0.0


def _check_levels(what: str, array: NDArray[np.integer], level_names: Sequence[str]) -> None:
    if array.ndim != 2 or array.shape[0] != len(level_names) or array.size == 0:
        raise UsageError(
            f"{what} of shape {array.shape} do not fit {len(level_names)} level names; they must "
            f"be (level, ...) with at least one entry."
        )


def _figure(height: float, *, width: float = _WIDTH) -> Figure:
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _stack(figure: Figure, n_rows: int) -> list[Axes]:
    return list(figure.subplots(n_rows, 1, squeeze=False)[:, 0])


def _save(figure: Figure, path: Path) -> None:
    for axes in figure.axes:
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(INK)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DPI)
    write_atomically(path, content.getvalue())
