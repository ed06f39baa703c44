"""Samples columns of codes from the count prior: new material, continuations and fillings.

Every random number is a hash of (seed, column, level), so the same request gives the same take
however it is chunked, and a longer take begins like a shorter one. Where a training file would
end, the history is forgotten and the next sound begins.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.walker import Walker, walk

CHUNK_COLUMNS = 16
MAX_COLUMNS = 100_000
MAX_SEED = 2**63 - 1
MAX_CANDIDATES = 64
# How many columns after a gap decide between candidates: longer than any context reaches.
LOOK_AHEAD = 6

Codes = NDArray[np.uint16]

_MASK = 2**64 - 1


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How boldly to sample.

    All of it acts on which code comes next, not on how long a code lasts or when a sound ends:
    those follow what was learned, or a take would freeze on its first long note.

    ``temperature`` 0.1 to 2 (1 is the learned distribution), ``top_k`` 0 to 512 (only that many
    likeliest codes; 0 is off), ``top_p`` 0 to 1 (only the likeliest codes that make up this share;
    0 is off), ``seed`` 0 to 2^63 - 1.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("temperature", 0.1, 2.0),
            ("top_k", 0, 512),
            ("top_p", 0.0, 1.0),
            ("seed", 0, MAX_SEED),
        ):
            value = getattr(self, name)
            # Written so that NaN fails too.
            if not low <= value <= high:
                raise UsageError(f"{name} is {value}; allowed are {low} to {high}.")

    @property
    def is_filtering(self) -> bool:
        """Whether top-k or top-p leave anything out."""
        return self.top_k > 0 or 0.0 < self.top_p < 1.0


def sample(
    prior: CountPrior,
    *,
    n_columns: int,
    options: SamplingOptions,
    prompt: NDArray[np.integer] | None = None,
    on_columns: Callable[[int, Codes], bool] | None = None,
) -> Codes:
    """Sample new columns, from nothing or after a prompt.

    The random numbers count columns from the start of the prompt: going on with the same seed
    after the first half of a take gives its second half.

    Args:
        prior: what to sample from.
        n_columns: how many new columns, 1 to 100 000.
        options: temperature, filters and seed.
        prompt: (level, column) codes to continue; they are not part of the result.
        on_columns: called with (first new column, codes (level, column)) every 16 columns and at
            the end; returning False stops.

    Returns:
        (level, column) uint16: ``n_columns`` columns, or those made before the stop.

    Raises:
        UsageError: an argument is out of range.
    """
    if not 1 <= n_columns <= MAX_COLUMNS:
        raise UsageError(f"n_columns is {n_columns}; allowed are 1 to {MAX_COLUMNS}.")
    past = _checked(prior, prompt, "The prompt")
    hand = _Hand(walk(prior, past), options)
    result = np.empty((prior.n_levels, n_columns), np.uint16)
    for start in range(0, n_columns, CHUNK_COLUMNS):
        stop = min(start + CHUNK_COLUMNS, n_columns)
        for column in range(start, stop):
            result[:, column] = hand.draw(past.shape[1] + column)
        if on_columns is not None and not on_columns(start, result[:, start:stop].copy()):
            return result[:, :stop]
    return result


def infill(
    prior: CountPrior,
    codes: NDArray[np.integer],
    *,
    start: int,
    stop: int,
    options: SamplingOptions,
    keep: NDArray[np.bool_] | None = None,
    n_candidates: int = 8,
) -> Codes:
    """Fill a region so that it follows from what is before it and leads to what is after it.

    Several fillings are sampled from the left; the one after which the columns to the right are
    likeliest wins.

    Args:
        prior: what to sample from.
        codes: (level, column) the whole grid.
        start: first column to fill.
        stop: the column after the last.
        options: temperature, filters and seed.
        keep: (level, stop - start) bool, the cells of the region that stay as they are; use it for
            pinned cells and locked levels. None by default.
        n_candidates: how many fillings to choose from, 1 to 64.

    Returns:
        (level, stop - start) uint16.

    Raises:
        UsageError: an argument is out of range.
    """
    grid = _checked(prior, codes, "The grid")
    if not 0 <= start < stop <= grid.shape[1]:
        raise UsageError(
            f"Columns {start} to {stop} cannot be filled; the grid has columns 0 to "
            f"{grid.shape[1]}, and the first must be before the last."
        )
    if not 1 <= n_candidates <= MAX_CANDIDATES:
        raise UsageError(f"n_candidates is {n_candidates}; allowed are 1 to {MAX_CANDIDATES}.")
    if keep is not None and keep.shape != (prior.n_levels, stop - start):
        raise UsageError(
            f"keep has shape {keep.shape}; it must be {(prior.n_levels, stop - start)}."
        )
    after = grid[:, stop : stop + LOOK_AHEAD].T.tolist()
    before = walk(prior, grid[:, :start])
    best, best_score = np.empty((prior.n_levels, 0), np.uint16), -math.inf
    for candidate in range(n_candidates if after else 1):
        walker = before.copy()
        hand = _Hand(walker, options)
        filling = grid[:, start:stop].copy()
        for index in range(stop - start):
            kept = None
            if keep is not None:
                kept = [
                    int(code) if stays else -1
                    for code, stays in zip(filling[:, index], keep[:, index], strict=True)
                ]
            filling[:, index] = hand.draw(start + index, kept=kept, candidate=candidate)
        score = sum(walker.follow(column) for column in after)
        if score > best_score:
            best, best_score = filling, score
    return best


class _Hand:
    """Draws columns, one after the other, with numbers that depend on the place alone."""

    def __init__(self, walker: Walker, options: SamplingOptions) -> None:
        self._walker = walker
        self._options = options

    def draw(
        self, column: int, *, kept: Sequence[int] | None = None, candidate: int = 0
    ) -> list[int]:
        """Draw the next column; ``kept`` holds the codes that are given, -1 where there is none."""
        walker, nothing = self._walker, self._walker.nothing
        codes = [nothing] * walker.n_levels
        for level in range(walker.n_levels):
            if kept is not None and kept[level] >= 0:
                codes[level] = kept[level]
                continue
            stay = walker.last[level]
            as_learned = [nothing] if level == 0 else []
            if stay != nothing:
                as_learned.append(stay)
            number = _uniform(self._options.seed, column, level, candidate)
            code = self._choose(codes, level, number, as_learned)
            if code == nothing:
                walker.forget()
                number = _uniform(self._options.seed, column, walker.n_levels, candidate)
                code = self._choose(codes, level, number, [])
            codes[level] = code
        walker.remember(codes)
        return codes

    def _choose(self, codes: list[int], level: int, number: float, as_learned: list[int]) -> int:
        """Choose a symbol by a number in 0..1.

        Whether one of the ``as_learned`` symbols comes is decided by what was learned, and only
        the others go through temperature, top-k and top-p. Repeating the code is nearly always
        the likeliest choice: filtered like the rest (and by 0.9 already), it would be the only
        one left and every take would freeze on its first long note.
        """
        shares, is_seen = self._walker.shares(codes, level)
        # A code that no training sound uses has never been heard by the decoder either.
        shares *= self._walker.is_used(level)
        if not as_learned and level == 0:
            shares[self._walker.nothing] = 0.0
        place = number * float(shares.sum())
        learned = shares[as_learned]
        for symbol, share in zip(as_learned, learned.tolist(), strict=True):
            if place < share:
                return symbol
            place -= share
        shares[as_learned] = 0.0
        total = float(shares.sum())
        number = min(max(place / max(total, 1e-300), 0.0), 1.0)
        if self._options.is_filtering:
            # What was never seen in any context like this one is the first to be filtered out.
            likely = shares * is_seen
            if likely.any():
                shares = likely
            elif learned.any():
                return as_learned[_at(learned.cumsum(), number * float(learned.sum()))]
        elif total <= 0.0:
            return as_learned[-1]
        return _pick(shares, number, self._options)


def _pick(mixture: NDArray[np.float64], number: float, options: SamplingOptions) -> int:
    """Choose a symbol by a number in 0..1, after temperature, top-k and top-p."""
    if options.temperature != 1.0:
        mixture = (mixture / mixture.max()) ** (1.0 / options.temperature)
    if not options.is_filtering:
        sums = mixture.cumsum()
        return _at(sums, number * sums[-1])
    # Stable, so that equal codes come in the same order on every machine.
    order = (-mixture).argsort(kind="stable")
    if options.top_k:
        order = order[: options.top_k]
    sums = mixture[order].cumsum()
    if 0.0 < options.top_p < 1.0:
        sums = sums[: int(sums.searchsorted(options.top_p * sums[-1])) + 1]
    return int(order[_at(sums, number * sums[-1])])


def _at(sums: NDArray[np.float64], place: float) -> int:
    """Return which step of a running sum a place falls on, never one of no height at the end."""
    last = int(sums.searchsorted(sums[-1]))
    return min(int(sums.searchsorted(place, side="right")), last)


def _uniform(seed: int, column: int, level: int, candidate: int) -> float:
    """Hash (seed, column, level) to a number in [0, 1), by splitmix64 (Steele et al. 2014)."""
    state = seed
    for part in (column, level + (candidate << 8)):
        state = (state ^ (part + 1) * 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return (state >> 11) * 2.0**-53


def _checked(prior: CountPrior, codes: NDArray[np.integer] | None, name: str) -> Codes:
    """Check codes from outside, (level, column); none at all is no column."""
    if codes is None:
        return np.empty((prior.n_levels, 0), np.uint16)
    if codes.ndim != 2 or codes.shape[0] != prior.n_levels:
        raise UsageError(
            f"{name} has shape {codes.shape}; this prior knows ({prior.n_levels}, column)."
        )
    if codes.size and not 0 <= codes.min() <= codes.max() < prior.codebook_size:
        raise UsageError(
            f"{name} holds codes {codes.min()} to {codes.max()}; allowed are 0 to "
            f"{prior.codebook_size - 1}."
        )
    return codes.astype(np.uint16)
