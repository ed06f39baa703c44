"""Goes from one grid to another through a prior: what is likely, of what stands where in both."""

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.drawing import Floats, Weigh

WINDOW_COLUMNS = 8
"""Codes so far from a place, to both sides, count as being there."""
BRIDGE = 0.02
"""The share of all other codes together, so that the prior finds a way between far places."""


def weights_between(
    first: NDArray[np.integer], second: NDArray[np.integer], n_columns: int, codebook_size: int
) -> Weigh:
    """Return weights that lead from the codes of one grid to those of another.

    Both are gone through once, in parallel, and while the first is left the second comes: a column
    draws from what the first holds at that part of its time, and what the second holds.

    Args:
        first: (level, column), at least one column.
        second: likewise.
        n_columns: how long the way is.
        codebook_size: codes per level.
    """

    def weigh(column: int, level: int) -> Floats:
        way = min(column / max(n_columns - 1, 1), 1.0)
        codes = (1 - way) * _around(first[level], way, codebook_size)
        codes += way * _around(second[level], way, codebook_size)
        return codes + BRIDGE / codebook_size

    return weigh


def _around(codes: NDArray[np.integer], way: float, codebook_size: int) -> Floats:
    """How common each code is around a part of the way through some, (code,), 1 in all."""
    middle = round(way * (codes.size - 1))
    part = codes[max(0, middle - WINDOW_COLUMNS) : middle + WINDOW_COLUMNS + 1]
    return np.bincount(part, minlength=codebook_size) / part.size
