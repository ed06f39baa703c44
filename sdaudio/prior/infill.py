"""Fills a region of a grid with both sides given: several fillings, the best first."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.drawing import RECENT_COLUMNS, Hand, Weigh, uniform
from sdaudio.prior.novelty import CopyIndex
from sdaudio.prior.options import SamplingOptions
from sdaudio.prior.sampling import Codes, checked
from sdaudio.prior.walker import Walker, walk

MAX_CANDIDATES = 64
# How many columns after a gap decide between candidates: longer than any context reaches.
LOOK_AHEAD = 6

# Far from the keys of levels, attempts and candidates.
_KEY = 1 << 26


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
    n_candidates: int = 1,
    n_tries: int = 8,
    first_column: int = 0,
    weigh: Weigh | None = None,
    copies: CopyIndex | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> list[Filling]:
    """Fill a region so that it follows from what is before it and leads to what is after it.

    For every filling several are drawn side by side from the left. Where cells are kept in the
    region, those beside which the kept cells are unlikely are given up on the way, and others go on
    in two ways instead (a particle filter: Gordon, Salmond and Smith 1993). In the end the one is
    taken after which what stays is likeliest.

    Args:
        prior: what to sample from.
        codes: (level, column) the grid, or the part of it that matters.
        start: first column to fill.
        stop: the column after the last.
        options: how to draw.
        keep: (level, stop - start) bool, the cells of the region that stay as they are; use it for
            pinned cells and locked levels. None by default.
        n_candidates: how many fillings to make, 1 to 64.
        n_tries: how many are drawn for each, 1 to 64.
        first_column: where ``codes`` begin in their grid, by which the random numbers go.
        weigh: as `sample` wants it; columns count in the grid.
        copies: where copies are looked for; needed for a novelty.
        on_progress: called with the share done, 0 to 1, at every column; it may raise to stop.

    Returns:
        The fillings, the best first.

    Raises:
        UsageError: an argument is out of range.
    """
    grid = checked(prior, codes, "The grid")
    check_span(grid, start, stop)
    for name, count in (("n_candidates", n_candidates), ("n_tries", n_tries)):
        if not 1 <= count <= MAX_CANDIDATES:
            raise UsageError(f"{name} is {count}; allowed are 1 to {MAX_CANDIDATES}.")
    keep = checked_keep(keep, (prior.n_levels, stop - start))
    hand = Hand(walk(prior, grid[:, :start]), options, weigh=weigh, copies=copies)
    recent = grid[:, max(0, start - RECENT_COLUMNS) : start].T.tolist()
    for column, heard in enumerate(recent, first_column + start - len(recent)):
        hand.hear(column, heard)
    given = np.where(keep, grid[:, start:stop].astype(np.int64), -1).T.tolist()
    after = grid[:, stop : stop + LOOK_AHEAD].T.tolist()
    fillings = []
    for candidate in range(n_candidates):

        def tell(share: float, done: int = candidate) -> None:
            on_progress((done + share) / n_candidates)

        # not from 0 on: a take that is filled by its own seed would only be repeated
        numbers = range(1 + candidate * n_tries, 1 + (candidate + 1) * n_tries)
        tries = _drawn(hand, given, first_column + start, numbers, options.seed, tell)
        fillings.append(_best(tries, hand.walker, after, int(keep.sum())))
    # stable, so that equals stay in the order in which they were made
    return sorted(fillings, key=lambda filling: -filling.likelihood)


@dataclass(slots=True)
class _Try:
    """A filling on its way: who draws it, its columns, and its fit when it was last split."""

    hand: Hand
    columns: list[list[int]]
    fit_before: float = 0.0


def _drawn(
    before: Hand,
    given: list[list[int]],
    first_column: int,
    numbers: range,
    seed: int,
    on_progress: Callable[[float], None],
) -> list[_Try]:
    tries = [_Try(before.copy(), []) for _ in numbers]
    for index, kept in enumerate(given):
        on_progress(index / len(given))
        column = first_column + index
        for number, each in zip(numbers, tries, strict=True):
            each.columns.append(each.hand.draw(column, kept=kept, candidate=number))
        if any(code >= 0 for code in kept):
            tries = _survivors(tries, uniform(seed, column, _KEY + numbers.start))
    return tries


def _survivors(tries: list[_Try], place: float) -> list[_Try]:
    """Give up tries that hardly fit for those that do, when few carry most of the weight.

    Args:
        tries: all of them, of which as many are returned.
        place: a random number in 0..1.
    """
    fits = np.array([each.hand.fit - each.fit_before for each in tries])
    weights = np.exp(fits - fits.max())
    weights /= weights.sum()
    if 1.0 / float((weights**2).sum()) > len(tries) / 2:
        return tries
    steps = (place + np.arange(len(tries))) / len(tries)
    chosen = np.minimum(weights.cumsum().searchsorted(steps), len(tries) - 1)
    return [
        _Try(tries[number].hand.copy(), list(tries[number].columns), tries[number].hand.fit)
        for number in chosen.tolist()
    ]


def _best(tries: list[_Try], before: Walker, after: list[list[int]], n_kept: int) -> Filling:
    """The filling that fits best to what stays, or that is likeliest where nothing does."""
    fillings = []
    n_levels = before.n_levels
    for each in tries:
        if n_kept or after:
            walker = each.hand.walker.copy()
            fit = each.hand.fit + sum(walker.follow(column) for column in after)
            n_codes = n_kept + len(after) * n_levels
        else:
            walker = before.copy()
            fit = sum(walker.follow(column) for column in each.columns)
            n_codes = len(each.columns) * n_levels
        fillings.append(Filling(np.array(each.columns, np.uint16).T, fit / n_codes))
    return max(fillings, key=lambda filling: filling.likelihood)


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
