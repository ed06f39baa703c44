"""The mixture of one level made ready for asking: what may follow, and how likely.

`sdaudio.prior.counts` is how a prior is stored; this is how it is asked thousands of times a
second. It draws nothing (see `sdaudio.prior.sampling`).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.contexts import COPY, Context, contexts, copy_bin, count_bins
from sdaudio.prior.counts import SMOOTHING, CountPrior, CountTable


@lru_cache(maxsize=4)
def prepare(prior: CountPrior) -> tuple["LevelMixture", ...]:
    """Return the mixture of every level; made once for the priors that were asked last."""
    return tuple(LevelMixture(prior, level) for level in range(prior.n_levels))


class LevelMixture:
    """All experts of one level, every count already times its expert's weight.

    ``common`` (symbol,) is what is known without any context; ``is_used`` (symbol,) is 1 for the
    codes that occur in the training sounds at all, else 0. The last symbol of level 0 is the end
    of a file.
    """

    def __init__(self, prior: CountPrior, level: int) -> None:
        self._base = prior.codebook_size + 1
        self._n_symbols = prior.codebook_size + (level == 0)
        weights = prior.weights[level].astype(np.float64)
        self._copy_weights: list[float] = weights[COPY].tolist()
        self._experts: list[tuple[Context, _Rows]] = [
            (context, _Rows(table, weights[index], self._n_symbols))
            for index, (context, table) in enumerate(
                zip(contexts(prior.n_levels, level), prior.tables[level], strict=True)
            )
        ]
        # What is known without any context is the same everywhere.
        self.common = np.zeros(self._n_symbols)
        self.common += self._experts[0][1].add_to(self.common, 0)
        self.is_used = np.zeros(self._n_symbols)
        self.is_used[prior.tables[level][0].symbols] = 1.0

    def mixture(
        self, by_lag: Sequence[Sequence[int]], run_length: int, *, level: int, repeats: bool
    ) -> tuple[NDArray[np.float64], float]:
        """Return what was seen in contexts like this one, and what every symbol has beyond that.

        Together with ``common``, what is known without any context, that is how likely every
        symbol is, up to one factor.
        """
        seen = np.zeros(self._n_symbols)
        base, rest = self._base, 0.0
        for context, rows in self._experts[1:]:
            key = 0
            for other, lag in context:
                key = key * base + by_lag[lag][other]
            rest += rows.add_to(seen, key)
        if run_length:
            trust = self._copy_weights[copy_bin(run_length, coarser_repeat=repeats)]
            seen[by_lag[1][level]] += trust
        return seen, rest


class _Rows:
    """One table made ready for adding up: every number already times its expert's weight."""

    __slots__ = ("_keys", "_offsets", "_rest", "_symbols", "_unseen", "_values")

    def __init__(self, table: CountTable, weights: NDArray[np.float64], n_symbols: int) -> None:
        rows = np.diff(table.offsets)
        totals = np.add.reduceat(table.counts.astype(np.int64), table.offsets[:-1])
        scale = weights[count_bins(totals, rows)] / (totals + SMOOTHING)
        self._keys = table.keys
        self._offsets: list[int] = table.offsets.tolist()
        self._symbols = table.symbols.astype(np.intp)
        self._values = table.counts * np.repeat(scale, rows)
        self._rest: list[float] = (scale * SMOOTHING / n_symbols).tolist()
        self._unseen = float(weights[0]) / n_symbols

    def add_to(self, mixture: NDArray[np.float64], key: int) -> float:
        """Add what followed ``key``; return what is to be added to every symbol."""
        row = int(self._keys.searchsorted(key))
        if row == self._keys.size or self._keys[row] != key:
            return self._unseen
        first, last = self._offsets[row], self._offsets[row + 1]
        # A row names no symbol twice, so plain indexing adds up rightly.
        mixture[self._symbols[first:last]] += self._values[first:last]
        return self._rest[row]
