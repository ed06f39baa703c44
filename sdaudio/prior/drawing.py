"""Draws columns of codes, one after the other, with numbers that depend on the place alone.

Every random number is a hash of (seed, column, level), so the same request gives the same take
however it is chunked or cancelled. Where a training file would end, the history is forgotten and
the next sound begins.
"""

import copy
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.novelty import CopyIndex, sign
from sdaudio.prior.options import SamplingOptions
from sdaudio.prior.walker import Walker
from sdaudio.prior.watching import Watch

Floats = NDArray[np.float64]
# How much each code of a level is wanted in a column, (code,); given (column, level).
Weigh = Callable[[int, int], Floats]

RECENT_COLUMNS = 96
"""How long a code that was heard is avoided (two seconds)."""
N_ATTEMPTS = 4
"""Draws of a column before what is kept away from is barred outright."""

# Never wholly: when everything was heard, the likeliest of it comes back.
_MOST_AVOIDED = 0.999
_MASK = 2**64 - 1


class Hand:
    """Draws the columns of one take.

    Args:
        walker: stands before the first of them.
        options: how to draw.
        weigh: what each code's likelihood is multiplied by; 0 bars it.
        copies: where copies are looked for; needed for a novelty.
    """

    def __init__(
        self,
        walker: Walker,
        options: SamplingOptions,
        *,
        weigh: Weigh | None = None,
        copies: CopyIndex | None = None,
    ) -> None:
        self.walker = walker
        self._options = options
        self._weigh = weigh
        self._watch = (
            Watch(
                phrase=options.phrase,
                novelty=options.novelty,
                copies=copies if options.novelty else None,
            )
            if options.is_watching
            else None
        )
        self._heard = np.full((walker.n_levels, walker.nothing + 1), -math.inf)
        self._held = 0
        self._last = walker.nothing
        self.fit = 0.0
        """Log probability of the cells that were given, beside those that were drawn."""

    def copy(self) -> "Hand":
        """Return a hand that goes on from here by itself."""
        other = copy.copy(self)
        other.walker, other._heard = self.walker.copy(), self._heard.copy()
        other._watch = copy.copy(self._watch)
        return other

    def hear(self, column: int, codes: Sequence[int]) -> None:
        """Note what was heard in a column, also one before the take, for what is avoided."""
        self._held = self._held + 1 if codes[0] == self._last else 1
        self._last = codes[0]
        if self._options.avoid:
            for level, code in enumerate(codes):
                self._heard[level, code] = column

    def draw(
        self, column: int, *, kept: Sequence[int] | None = None, candidate: int = 0
    ) -> list[int]:
        """Draw the next column.

        Args:
            column: where it is, for the random numbers.
            kept: the codes that are given, -1 where there is none.
            candidate: which of several takes of the same place this is; 0 for the first.
        """
        watch = self._watch
        if watch is None or (kept is not None and kept[0] >= 0 and kept[1] >= 0):
            codes = self._column(column, kept, candidate << 8, barred=None)
        else:
            codes = self._watched(watch, column, kept, candidate)
        if watch:
            watch.note(codes)
        if kept is not None:
            self.fit += self._fit_of(codes, kept)
        self.hear(column, codes)
        self.walker.remember(codes)
        return codes

    def _fit_of(self, codes: list[int], kept: Sequence[int]) -> float:
        fit, known = 0.0, [self.walker.nothing] * self.walker.n_levels
        for level, code in enumerate(codes):
            if kept[level] >= 0:
                shares, _ = self.walker.shares(known, level)
                fit += math.log(shares[code] / shares.sum())
            known[level] = code
        return fit

    def _watched(
        self, watch: Watch, column: int, kept: Sequence[int] | None, candidate: int
    ) -> list[int]:
        before = self.walker
        for attempt in range(N_ATTEMPTS):
            self.walker = before.copy()
            codes = self._column(column, kept, (candidate << 8) + (attempt << 4), barred=None)
            if watch.allows(codes):
                return codes
        self.walker = before
        key = (candidate << 8) + (N_ATTEMPTS << 4)
        return self._column(column, kept, key, barred=watch.barred())

    def _column(
        self, column: int, kept: Sequence[int] | None, key: int, *, barred: set[str] | None
    ) -> list[int]:
        codes = [self.walker.nothing] * self.walker.n_levels
        for level in range(self.walker.n_levels):
            if kept is not None and kept[level] >= 0:
                codes[level] = kept[level]
            else:
                codes[level] = self._cell(codes, column, level, key, barred)
        return codes

    def _cell(
        self, codes: list[int], column: int, level: int, key: int, barred: set[str] | None
    ) -> int:
        """Draw the code of a level, given the coarser ones; the walker may begin a new sound."""
        nothing, stay = self.walker.nothing, self.walker.last[level]
        weights = self._weights(column, level)
        if barred and level == 1:
            weights = weights.copy()
            weights[[code for code in range(nothing) if sign((codes[0], code)) in barred]] = 0.0
        as_learned = [nothing] if level == 0 else []
        if stay != nothing:
            as_learned.append(stay)
            if level == 0 and 0 < self._options.hold_columns <= self._held:
                weights = weights.copy()
                weights[stay] = 0.0
        number = uniform(self._options.seed, column, level + key)
        fresh = self._freshness(column, level)[: weights.size] if self._options.avoid else None
        code = self._choose(codes, level, number, as_learned, weights, fresh)
        if code == nothing:
            self.walker.forget()
            number = uniform(self._options.seed, column, self.walker.n_levels + key)
            code = self._choose(codes, level, number, [], weights, fresh)
        return code

    def _weights(self, column: int, level: int) -> Floats:
        # A code that no training sound uses has never been heard by the decoder either.
        weights = self.walker.is_used(level)
        if self._weigh is not None:
            weights = weights.copy()
            weights[: self.walker.nothing] *= self._weigh(column, level)
        return weights

    def _freshness(self, column: int, level: int) -> Floats:
        """How much each code is wanted that has been heard lately, or not."""
        fresh = np.ones(self.walker.nothing + 1)
        is_recent = self._heard[level] > column - RECENT_COLUMNS
        fresh[is_recent] -= min(self._options.avoid, _MOST_AVOIDED)
        return fresh

    def _choose(
        self,
        codes: list[int],
        level: int,
        number: float,
        as_learned: list[int],
        weights: Floats,
        fresh: Floats | None,
    ) -> int:
        """Choose a symbol by a number in 0..1.

        Whether one of the ``as_learned`` symbols comes is decided by what was learned, and only
        the others are avoided or go through temperature and filters. Repeating the code is nearly
        always the likeliest choice: filtered like the rest (and by 0.9 already), it would be the
        only one left and every take would freeze on its first long note.
        """
        shares, is_seen = self.walker.shares(codes, level)
        shares *= weights
        if not as_learned and level == 0:
            shares[self.walker.nothing] = 0.0
        place = number * float(shares.sum())
        learned = shares[as_learned]
        for symbol, share in zip(as_learned, learned.tolist(), strict=True):
            if place < share:
                return symbol
            place -= share
        shares[as_learned] = 0.0
        total = float(shares.sum())
        number = min(max(place / max(total, 1e-300), 0.0), 1.0)
        if fresh is not None:
            shares *= fresh
        if self._options.is_filtering:
            # What was never seen in any context like this one is the first to be filtered out.
            likely = shares * is_seen
            if likely.any():
                shares = likely
            elif learned.any():
                return as_learned[_at(learned.cumsum(), number * float(learned.sum()))]
        if not shares.any():
            # everything is barred, so that what is likeliest without that has to do
            return as_learned[-1] if as_learned else _likeliest(self.walker, codes, level)
        return _pick(shares, number, self._options, self._options.temperature_of(level))


def both(first: Weigh, second: Weigh) -> Weigh:
    """Return weights that are the product of two."""
    return lambda column, level: first(column, level) * second(column, level)


def _pick(mixture: Floats, number: float, options: SamplingOptions, temperature: float) -> int:
    """Choose a symbol by a number in 0..1, after temperature, top-k, top-p and typical."""
    if temperature != 1.0:
        mixture = (mixture / mixture.max()) ** (1.0 / temperature)
    if not options.is_filtering:
        sums = mixture.cumsum()
        return _at(sums, number * sums[-1])
    # Stable, so that equal codes come in the same order on every machine.
    order = (-mixture).argsort(kind="stable")
    if options.top_k:
        order = order[: options.top_k]
    sums = mixture[order].cumsum()
    if 0.0 < options.top_p < 1.0:
        order = order[: int(sums.searchsorted(options.top_p * sums[-1])) + 1]
        sums = sums[: order.size]
    if 0.0 < options.typical < 1.0:
        order = _typical(mixture, order, options.typical)
        sums = mixture[order].cumsum()
    return int(order[_at(sums, number * sums[-1])])


def _typical(mixture: Floats, order: NDArray[np.intp], share: float) -> NDArray[np.intp]:
    """Keep the symbols whose surprise is nearest to the mean surprise, of this share together.

    Locally typical sampling (Meister et al. 2022, arXiv 2202.00666), here of what the other filters
    left.
    """
    order = order[mixture[order] > 0]
    chances = mixture[order] / mixture[order].sum()
    surprise = -np.log(chances)
    by_distance = np.abs(surprise - chances @ surprise).argsort(kind="stable")
    n_kept = int(chances[by_distance].cumsum().searchsorted(share)) + 1
    kept: NDArray[np.intp] = order[by_distance[:n_kept]]
    return kept


def _at(sums: Floats, place: float) -> int:
    """Return which step of a running sum a place falls on, never one of no height at the end."""
    last = int(sums.searchsorted(sums[-1]))
    return min(int(sums.searchsorted(place, side="right")), last)


def uniform(seed: int, column: int, key: int) -> float:
    """Hash (seed, column, key) to a number in [0, 1), by splitmix64 (Steele et al. 2014).

    The key is the level, plus 16 for every attempt and 256 for every candidate.
    """
    state = seed
    for part in (column, key):
        state = (state ^ (part + 1) * 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return (state >> 11) * 2.0**-53


def _likeliest(walker: Walker, codes: list[int], level: int) -> int:
    shares, _ = walker.shares(codes, level)
    return int(shares[: walker.nothing].argmax())
