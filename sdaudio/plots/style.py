"""The one look of all pictures: colours, sizes, how a figure begins and how it is written."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.modelfile import write_atomically

COLOUR_MAP = "cividis"
# Okabe and Ito 2008: blue, vermilion, green, purple.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
INK, PALE, PAPER = "#222222", "#d9d9d9", "#ffffff"
LIGHTS = {"green": "#009E73", "yellow": "#E69F00", "red": "#D55E00"}
WIDTH = 8.0

_DPI = 120
_STEPS = (1, 2, 5, 10)
_FORMATS = (".png", ".svg")


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Begin a figure, sizes in inches."""
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def stacked(figure: Figure, n_rows: int) -> list[Axes]:
    """Return rows of axes, one under the other."""
    return list(figure.subplots(n_rows, 1, squeeze=False)[:, 0])


def round_ticks(stop: float, *, n: int, integer: bool = False) -> NDArray[np.float64]:
    """Return about ``n`` round numbers from 0 to ``stop``."""
    ticks = np.asarray(MaxNLocator(n, integer=integer, steps=_STEPS).tick_values(0, stop))
    return ticks[ticks <= stop]


def check_levels(what: str, array: NDArray[np.integer], level_names: Sequence[str]) -> None:
    """Check that there is a row for each level.

    Raises:
        UsageError: there is not.
    """
    if array.ndim != 2 or array.shape[0] != len(level_names) or array.size == 0:
        raise UsageError(
            f"{what} of shape {array.shape} do not fit {len(level_names)} level names; they must "
            f"be (level, ...) with at least one entry."
        )


def save(figure: Figure, path: Path) -> None:
    """Write a figure as its name says: .png or .svg.

    Raises:
        UsageError: it is neither.
        FileError: the file cannot be written.
    """
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"'{path.name}' is no picture; allowed are {' and '.join(_FORMATS)}.")
    for axes in figure.axes:
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(INK)
    content = io.BytesIO()
    # texts stay texts, and the same picture is the same file
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "sdaudio"}):
        kind = path.suffix.lower()[1:]
        undated = {"Date": None} if kind == "svg" else None
        figure.savefig(content, format=kind, dpi=_DPI, metadata=undated)
    write_atomically(path, content.getvalue())
