"""Fills a region of a grid with both sides given: several fillings, the best ones first."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.drawing import RECENT_COLUMNS, Hand, Weigh
from sdaudio.prior.novelty import CopyIndex
from sdaudio.prior.options import SamplingOptions
from sdaudio.prior.sampling import Codes, checked
from sdaudio.prior.walker import Walker, walk

MAX_CANDIDATES = 64
# How many columns after a gap decide between candidates: longer than any context reaches.
LOOK_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Filling:
    """One way to fill a region. ``codes`` are (level, column).

    ``likelihood`` is the mean log probability in nats per code (0 at best) of what stays: the cells
    kept in the region and the columns after it. Where nothing stays it is that of the filling.
    """

    codes: Codes
    likelihood: float


def infill(
    prior: CountPrior,
    codes: NDArray[np.integer],
    *,
    start: int,
    stop: int,
    options: SamplingOptions,
    keep: NDArray[np.bool_] | None = None,
    n_candidates: int = 8,
    first_column: int = 0,
    weigh: Weigh | None = None,
    copies: CopyIndex | None = None,
) -> list[Filling]:
    """Fill a region so that it follows from what is before it and leads to what is after it.

    Several fillings are sampled from the left; those after which what stays is likeliest come
    first.

    Args:
        prior: what to sample from.
        codes: (level, column) the grid, or the part of it that matters.
        start: first column to fill.
        stop: the column after the last.
        options: how to draw.
        keep: (level, stop - start) bool, the cells of the region that stay as they are; use it for
            pinned cells and locked levels. None by default.
        n_candidates: how many fillings to make, 1 to 64.
        first_column: where ``codes`` begin in their grid, by which the random numbers go.
        weigh: as `sample` wants it; columns count in the grid.
        copies: where copies are looked for; needed for a novelty.

    Returns:
        All fillings, the best first.

    Raises:
        UsageError: an argument is out of range.
    """
    grid = checked(prior, codes, "The grid")
    check_span(grid, start, stop)
    if not 1 <= n_candidates <= MAX_CANDIDATES:
        raise UsageError(f"n_candidates is {n_candidates}; allowed are 1 to {MAX_CANDIDATES}.")
    keep = checked_keep(keep, (prior.n_levels, stop - start))
    before = walk(prior, grid[:, :start])
    recent = grid[:, max(0, start - RECENT_COLUMNS) : start].T.tolist()
    after = grid[:, stop : stop + LOOK_AHEAD].T.tolist()
    kept = np.where(keep, grid[:, start:stop].astype(np.int64), -1).T.tolist()
    fillings = []
    # not from 0 on: a take that is filled by its own seed would only be repeated
    for candidate in range(1, n_candidates + 1):
        hand = Hand(before.copy(), options, weigh=weigh, copies=copies)
        for column, heard in enumerate(recent, first_column + start - len(recent)):
            hand.hear(column, heard)
        columns = [
            hand.draw(first_column + start + index, kept=given, candidate=candidate)
            for index, given in enumerate(kept)
        ]
        filling = np.array(columns, np.uint16).T
        fillings.append(Filling(filling, _fit(before, hand.walker, filling, keep, after)))
    # stable, so that equals stay in the order in which they were made
    return sorted(fillings, key=lambda filling: -filling.likelihood)


def check_span(grid: Codes, start: int, stop: int) -> None:
    """Check that columns [start, stop) are in a grid.

    Raises:
        UsageError: they are not, or there are none.
    """
    if not 0 <= start < stop <= grid.shape[1]:
        raise UsageError(
            f"Columns {start} to {stop} cannot be filled; the grid has columns 0 to "
            f"{grid.shape[1]}, and the first must be before the last."
        )


def checked_keep(keep: NDArray[np.bool_] | None, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which cells stay, (level, column); none when nothing is said.

    Raises:
        UsageError: it has another shape.
    """
    if keep is None:
        return np.zeros(shape, bool)
    if keep.shape != shape:
        raise UsageError(f"keep has shape {keep.shape}; it must be {shape}.")
    return keep


def _fit(
    before: Walker,
    behind: Walker,
    filling: Codes,
    keep: NDArray[np.bool_],
    after: list[list[int]],
) -> float:
    """How likely what stays is beside a filling, or the filling itself where nothing stays."""
    if not keep.any() and after:
        walker = behind.copy()
        return sum(walker.follow(column) for column in after) / (len(after) * len(filling))
    counted = keep if keep.any() else ~keep
    walker, score = before.copy(), 0.0
    for codes, is_counted in zip(filling.T.tolist(), counted.T.tolist(), strict=True):
        known = [walker.nothing] * walker.n_levels
        for level, code in enumerate(codes):
            if is_counted[level]:
                shares, _ = walker.shares(known, level)
                score += math.log(shares[code] / shares.sum())
            known[level] = code
        walker.remember(codes)
    score += sum(walker.follow(column) for column in after)
    return score / (int(counted.sum()) + len(after) * len(filling))
