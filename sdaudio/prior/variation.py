"""Varies a region by an amount: a slider from what stands there to something else, cell by cell.

Every cell has a number of its own, by its place and the seed. A cell whose number is below the
amount is drawn anew, once and for all: with a greater amount it keeps the code that was drawn, and
more cells join. Finer levels go first: a cell never changes before those below it in its column, so
that a small amount touches Detail and a great one Structure.

The cells are drawn in `N_STAGES` passes, from the smallest numbers to the greatest. Each pass goes
through the region from the left and draws its cells after what the pass before left standing, which
is Gibbs sampling with the future left out; so what is drawn for a cell never depends on the amount.
"""

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.drawing import Hand, Weigh, uniform
from sdaudio.prior.infill import check_span, checked_keep
from sdaudio.prior.options import SamplingOptions
from sdaudio.prior.sampling import Codes, checked
from sdaudio.prior.walker import walk

N_STAGES = 8

# Far from the keys of levels, attempts and candidates.
_KEY = 1 << 25


def vary(
    prior: CountPrior,
    codes: NDArray[np.integer],
    *,
    start: int,
    stop: int,
    amount: float,
    options: SamplingOptions,
    keep: NDArray[np.bool_] | None = None,
    first_column: int = 0,
    weigh: Weigh | None = None,
) -> Codes:
    """Vary a region of a grid.

    Args:
        prior: what to draw from.
        codes: (level, column) the grid, or the part of it that matters.
        start: first column to vary.
        stop: the column after the last.
        amount: 0 keeps everything, 1 draws every cell anew.
        options: temperature, filters, seed and ``avoid``; what looks at runs is not heeded.
        keep: (level, stop - start) bool, the cells that stay whatever the amount.
        first_column: where ``codes`` begin in their grid, by which the random numbers go.
        weigh: as `sample` wants it; columns count in the grid.

    Returns:
        (level, stop - start) uint16.

    Raises:
        UsageError: an argument is out of range.
    """
    if not 0.0 <= amount <= 1.0:
        raise UsageError(f"amount is {amount}; allowed are 0 to 1.")
    grid = checked(prior, codes, "The grid")
    check_span(grid, start, stop)
    keep = checked_keep(keep, (prior.n_levels, stop - start))
    turns = _turns(keep, options.seed, first_column + start)
    before = walk(prior, grid[:, :start])
    current = grid[:, start:stop].copy()
    for stage in range(N_STAGES):
        low, high = stage / N_STAGES, min((stage + 1) / N_STAGES, amount)
        is_due = (low <= turns) & (turns < high)
        if is_due.any():
            hand = Hand(before.copy(), options, weigh=weigh)
            current = _redrawn(hand, current, turns, is_due, first_column + start)
    return current


def _redrawn(
    hand: Hand,
    current: Codes,
    turns: NDArray[np.float64],
    is_due: NDArray[np.bool_],
    first_column: int,
) -> Codes:
    drawn = current.copy()
    for index, codes in enumerate(current.T.tolist()):
        for level in np.flatnonzero(is_due[:, index]).tolist():
            # coarser cells whose turn comes later are not drawn yet, whatever the amount
            with_it = turns[:level, index] == turns[level, index]
            coarser = np.where(with_it, drawn[:level, index], current[:level, index])
            drawn[level, index] = hand.redraw(first_column + index, level, coarser.tolist())
        hand.go_by(first_column + index, codes)
    return drawn


def _turns(keep: NDArray[np.bool_], seed: int, column: int) -> NDArray[np.float64]:
    """From which amount on every cell is drawn anew, (level, column); 2 for those that stay."""
    n_levels, n_columns = keep.shape
    turns = np.array(
        [
            [uniform(seed, column + index, _KEY + level) for index in range(n_columns)]
            for level in range(n_levels)
        ]
    )
    turns[keep] = 2.0
    turns = np.minimum.accumulate(turns, axis=0)
    turns[keep] = 2.0
    return turns
