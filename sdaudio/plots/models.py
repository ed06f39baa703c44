"""Pictures of models: how they use their codes, how they learned, and all codes as a map."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LogNorm, PowerNorm
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.header import LevelHealth, LossPoint
from sdaudio.neighbours import CodeSounds, ranks
from sdaudio.plots.style import (
    COLOUR_MAP,
    COLOURS,
    INK,
    LIGHTS,
    PALE,
    PAPER,
    check_levels,
    new_figure,
    save,
    stacked,
)

_NUMBERED_CODES = 40


def plot_health(health: Sequence[LevelHealth], level_names: Sequence[str], path: Path) -> None:
    """Draw how much of its codebook each level uses, in the colour of its light, and what to do.

    Args:
        health: of every level.
        level_names: one name for each level.
        path: the .png or .svg file to write.

    Raises:
        UsageError: there is nothing to draw.
        FileError: the file cannot be written.
    """
    if not health or len(health) != len(level_names):
        raise UsageError(f"There is health of {len(health)} levels and {len(level_names)} names.")
    figure = new_figure(0.7 + 0.9 * len(health))
    axes = figure.subplots()
    for place, (name, level) in enumerate(zip(level_names, health, strict=True)):
        colour = LIGHTS[level.light]
        axes.barh(place, 100.0, height=0.42, color=PALE)
        axes.barh(place, 100.0 * level.utilisation, height=0.42, color=colour)
        axes.text(1.0, place - 0.33, f"{name}: {level.light}. {level.sentence}", fontsize=9)
        axes.text(
            99.0, place, f"{level.utilisation:.0%} used, perplexity {level.perplexity:.0f}",
            ha="right", va="center", fontsize=9, color=INK,
        )  # fmt: skip
    axes.set_ylim(len(health) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_yticks([])
    axes.set_xlabel("% of its codes that a level uses")
    save(figure, path)


def plot_atlas(
    codebooks: NDArray[np.float32],
    sounds: CodeSounds,
    usage: NDArray[np.integer],
    level_names: Sequence[str],
    path: Path,
) -> None:
    """Draw all codes as a map: alike codes are near, bright ones bright, common ones large.

    Each level is laid out by the two directions in which its codebook vectors differ most: the
    places are the order along them, so that there is room for each.

    Args:
        codebooks: (level, code, latent_dim).
        sounds: how every code sounds alone.
        usage: (level, code), how often the training sounds use each; unused codes are rings.
        level_names: one name for each level.
        path: the .png or .svg file to write.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    check_levels("usage", usage, level_names)
    n_levels = len(level_names)
    figure = new_figure(4.4, width=4.2 * n_levels)
    hertz = np.maximum(sounds.brightness_hz, 20.0)
    norm = LogNorm(float(hertz.min()), max(float(hertz.max()), float(hertz.min()) * 1.01))
    for level, axes in enumerate(figure.subplots(1, n_levels, squeeze=False)[0]):
        places = _laid_out(codebooks[level])
        share = usage[level] / max(int(usage[level].sum()), 1)
        is_used = usage[level] > 0
        image = axes.scatter(
            *places[is_used].T, s=20 + 3000 * share[is_used], c=hertz[level][is_used],
            cmap=COLOUR_MAP, norm=norm, edgecolors=INK, linewidths=0.4,
        )  # fmt: skip
        axes.scatter(*places[~is_used].T, s=20, facecolors="none", edgecolors=INK, linewidths=0.6)
        for code in np.argsort(-usage[level])[:_NUMBERED_CODES]:
            axes.annotate(
                str(code), places[code], fontsize=7, ha="center", va="bottom",
                xytext=(0, 4), textcoords="offset points",
            )  # fmt: skip
        axes.set_title(f"{level_names[level]}: {int(is_used.sum())} codes", loc="left", fontsize=10)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.margins(0.08)
    bar = figure.colorbar(image, ax=figure.axes, label="brightness, Hz", pad=0.01)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    bar.ax.yaxis.set_minor_formatter(FuncFormatter(lambda _value, _: ""))
    save(figure, path)


def _laid_out(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return places (code, 2), 0 to 1: the order along the two directions that differ most.

    The order instead of the distance itself: a few codes that are far from all others would leave
    no room for those, which are used most.
    """
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    left, strength, _ = np.linalg.svd(centred, full_matrices=False)
    places = left[:, :2] * strength[:2]
    # signs of a decomposition are chance; the longer tail goes to the right and up
    places *= np.where(np.sum(places**3, axis=0) < 0, -1.0, 1.0)
    return np.column_stack([ranks(axis) for axis in places.T]) / max(len(places) - 1, 1)


def plot_usage_map(usage: NDArray[np.integer], level_names: Sequence[str], path: Path) -> None:
    """Draw how often each code is used as a map, a band for each level, codes by their number.

    Args:
        usage: (level, code) counts.
        level_names: one name for each level.
        path: the .png or .svg file to write.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    usage = np.asarray(usage)
    check_levels("usage", usage, level_names)
    n_levels, n_codes = usage.shape
    shares = 100 * usage / np.maximum(usage.sum(axis=1, keepdims=True), 1)
    figure = new_figure(1.1 + 0.6 * n_levels)
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
    save(figure, path)


def plot_usage(usage: NDArray[np.integer], level_names: Sequence[str], path: Path) -> None:
    """Draw how often each code is used, the commonest first, and count those never used.

    Args:
        usage: (level, code) counts.
        level_names: one name for each level.
        path: the .png or .svg file to write.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    usage = np.asarray(usage)
    check_levels("usage", usage, level_names)
    n_levels, n_codes = usage.shape
    figure = new_figure(0.6 + 1.4 * n_levels)
    for level, axes in enumerate(stacked(figure, n_levels)):
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
    save(figure, path)


def plot_losses(history: Sequence[LossPoint], path: Path) -> None:
    """Draw the losses over the seconds of training; a loss that is always 0 is left out.

    Args:
        history: points in the order of time, at least one.
        path: the .png or .svg file to write.

    Raises:
        UsageError: there are no points.
        FileError: the file cannot be written.
    """
    if not history:
        raise UsageError("There is no training history to draw; train the model first.")
    figure = new_figure(3.6)
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
    save(figure, path)


def _perplexity(shares: NDArray[np.floating]) -> float:
    """Return how many codes in even use would be as varied as these shares in per cent."""
    used = shares[shares > 0] / 100
    return float(np.exp(-(used * np.log(used)).sum())) if used.size else 0.0
