"""Varies a region by an amount: a slider from what stands there to what was drawn for it.

Every cell changes over at an amount of its own, once and for all: more adds cells, less takes them
back. Neighbours in time change over together, a sixth of a second of them, since every seam between
what stood there and what was drawn sounds like one; and finer levels no later than coarser ones of
their column, so that a small amount touches Detail and a great one Structure.
"""

import numpy as np

from sdaudio.errors import UsageError
from sdaudio.prior.drawing import uniform
from sdaudio.prior.sampling import Codes

BLOCK_COLUMNS = 8
"""What changes over together in a region that is wide enough."""
N_BLOCKS = 8
"""Into so many parts a narrower region is divided at least, where it has as many columns."""

# Far from the keys of levels, attempts and candidates.
_KEY = 1 << 25


def vary(before: Codes, after: Codes, *, amount: float, seed: int, first_column: int) -> Codes:
    """Go a part of the way from one region to another.

    Args:
        before: (level, column) what stood there.
        after: (level, column) what was drawn for it.
        amount: 0 gives ``before``, 1 ``after``.
        seed: what the order of the cells goes by, with their place.
        first_column: where the region begins in its grid.

    Returns:
        (level, column), every cell from one of the two.

    Raises:
        UsageError: the amount is out of range.
    """
    if not 0.0 <= amount <= 1.0:
        raise UsageError(f"amount is {amount}; allowed are 0 to 1.")
    n_levels, n_columns = before.shape
    width = min(BLOCK_COLUMNS, max(1, n_columns // N_BLOCKS))
    turns = np.empty((n_levels, n_columns))
    for level in range(n_levels):
        offset = int(uniform(seed, 0, _KEY + n_levels + level) * width)
        blocks = (first_column + offset + np.arange(n_columns)) // width
        numbers = {
            block: uniform(seed, block, _KEY + level) for block in np.unique(blocks).tolist()
        }
        turns[level] = [numbers[block] for block in blocks.tolist()]
    turns = np.minimum.accumulate(turns, axis=0)
    return np.where(turns < amount, after, before)
