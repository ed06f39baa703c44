"""Pictures of grids of codes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sdaudio.plots.style import (
    COLOUR_MAP,
    COLOURS,
    INK,
    check_levels,
    new_figure,
    round_ticks,
    save,
    stacked,
)
from sdaudio.prior import Novelty


def plot_grid(
    codes: NDArray[np.integer],
    level_names: Sequence[str],
    path: Path,
    *,
    codebook_size: int | None = None,
    columns_per_second: float = 46.875,
    ranks: NDArray[np.integer] | None = None,
) -> None:
    """Draw a grid of codes: a band for each level, time from left to right.

    Short grids show the code in each cell.

    Args:
        codes: (level, column).
        level_names: one name for each level, coarsest first.
        path: the .png or .svg file to write.
        codebook_size: where the colour scale ends; by default the greatest code that occurs.
        columns_per_second: for the time axis; columns are counted along the top.
        ranks: (level, code), what each code is coloured by, such as how bright it sounds; by its
            number without.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    codes = np.asarray(codes)
    check_levels("codes", codes, level_names)
    n_levels, n_columns = codes.shape
    top = max(1, (codebook_size or int(codes.max()) + 1) - 1)
    shades = codes if ranks is None else np.take_along_axis(np.asarray(ranks), codes, axis=1)
    figure = new_figure(0.9 + 0.75 * n_levels)
    rows = _draw_rows(figure, shades, level_names, top=top)
    if n_columns <= 24:
        for level, axes in enumerate(rows):
            for column, (code, shade) in enumerate(zip(codes[level], shades[level], strict=True)):
                axes.text(
                    column + 0.5, 0.5, str(code), ha="center", va="center", fontsize=9,
                    color="white" if shade < 0.55 * top else "black",
                )  # fmt: skip
    _scale_columns(figure, n_columns, columns_per_second)
    save(figure, path)


def plot_novelty(
    codes: NDArray[np.integer],
    novelty: Novelty,
    level_names: Sequence[str],
    file_names: Sequence[str],
    path: Path,
    *,
    codebook_size: int,
    columns_per_second: float,
) -> None:
    """Draw a take, and where in it the longest copies of training sounds are.

    Args:
        codes: (level, column).
        novelty: as it was measured.
        level_names: one name for each level, coarsest first.
        file_names: of the training files.
        path: the .png or .svg file to write.
        codebook_size: codes per level.
        columns_per_second: for the time axis.

    Raises:
        UsageError: the shapes do not fit.
        FileError: the file cannot be written.
    """
    codes = np.asarray(codes)
    check_levels("codes", codes, level_names)
    n_levels, n_columns = codes.shape
    figure = new_figure(1.5 + 0.75 * n_levels)
    rows = _draw_rows(figure, codes, level_names, top=max(1, codebook_size - 1))
    usual = f", new sounds of this kind have {novelty.usual:.0%}" if novelty.usual >= 0 else ""
    lines = [f"{novelty.share:.0%} of this take is new{usual}"]
    copies = ((novelty.longest_coarse, rows[:1], COLOURS[1]), (novelty.longest, rows[:2], INK))
    for copied, marked, colour in copies:
        if not copied.n_events:
            continue
        for axes in marked:
            axes.add_patch(
                Rectangle((copied.start, 0), copied.columns, 1, fill=False, ec=colour, lw=3)
            )
        lines.append(
            f"{copied.columns / columns_per_second:.2f} s as {file_names[copied.file]} has them "
            f"from {copied.file_column / columns_per_second:.1f} s on "
            f"({' and '.join(level_names[: len(marked)])})"
        )
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=10)
    _scale_columns(figure, n_columns, columns_per_second)
    save(figure, path)


def _draw_rows(
    figure: Figure, shades: NDArray[np.integer], level_names: Sequence[str], *, top: int
) -> list[Axes]:
    """Draw a band for each level of (level, column), coloured up to ``top``; returns the axes."""
    n_levels, n_columns = shades.shape
    rows = stacked(figure, n_levels)
    for axes, row, name in zip(rows, shades, level_names, strict=True):
        axes.imshow(
            row[np.newaxis], aspect="auto", interpolation="nearest", cmap=COLOUR_MAP,
            vmin=0, vmax=top, extent=(0, n_columns, 0, 1),
        )  # fmt: skip
        axes.set_yticks([0.5], [name])
        axes.tick_params(axis="y", length=0)
        axes.set_xticks([])
    return rows


def _scale_columns(figure: Figure, n_columns: int, columns_per_second: float) -> None:
    """Number the columns above the first row and the seconds below the last."""
    first, last = figure.axes[0], figure.axes[-1]
    columns = round_ticks(n_columns, n=8, integer=True)
    first.xaxis.set_label_position("top")
    first.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False)
    first.set_xticks(columns, [f"{column:g}" for column in columns])
    first.set_xlabel("column")
    seconds = round_ticks(n_columns / columns_per_second, n=6)
    if last is not first:
        last.tick_params(axis="x", bottom=True, labelbottom=True)
        last.set_xticks(seconds * columns_per_second, [f"{second:g}" for second in seconds])
        last.set_xlabel("seconds")
