"""Goes from column to column and knows what may follow; it draws nothing (see `sampling`)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.contexts import MAX_LAG
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.mixture import LevelMixture, prepare

# Runs matter up to 32 columns.
_PAST_COLUMNS = 40


def walk(prior: CountPrior, past: NDArray[np.integer]) -> "Walker":
    """Return a walker that stands behind the columns (level, column) of ``past``."""
    return Walker(prepare(prior), prior.codebook_size, past)


class Walker:
    """Remembers what the contexts need.

    Args:
        levels: the mixture of every level.
        nothing: the symbol that stands for no code, and on level 0 for the end of a sound.
        past: (level, column) what was there before the next column.
    """

    def __init__(
        self, levels: Sequence[LevelMixture], nothing: int, past: NDArray[np.integer]
    ) -> None:
        self._levels = levels
        self.nothing = nothing
        self._past: list[list[int]] = []
        self._run_lengths: list[int] = []
        self.forget()
        for column in past[:, -_PAST_COLUMNS:].T.tolist():
            self.remember(column)

    def copy(self) -> "Walker":
        """Return a walker that stands in the same place and goes on by itself."""
        other = Walker(self._levels, self.nothing, np.empty((self.n_levels, 0), np.uint16))
        # neither list is ever changed in place
        other._past, other._run_lengths = self._past, self._run_lengths
        return other

    @property
    def n_levels(self) -> int:
        """Codes in a column."""
        return len(self._levels)

    @property
    def last(self) -> list[int]:
        """The codes of the column before."""
        return self._past[0]

    def is_used(self, level: int) -> NDArray[np.float64]:
        """1 for the codes that occur in the training sounds at all, else 0, (symbol,)."""
        return self._levels[level].is_used

    def shares(
        self, codes: Sequence[int], level: int
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """What may follow on a level when the coarser ones of the column are known.

        Args:
            codes: those of the column so far.
            level: which one follows.

        Returns:
            How likely every symbol is, up to one factor, (symbol,), to be changed at will; and
            whether it was ever seen in a context like this one.
        """
        repeats = level > 0 and list(codes[:level]) == self._past[0][:level]
        seen, rest = self._levels[level].mixture(
            (codes, *self._past), self._run_lengths[level], level=level, repeats=repeats
        )
        return seen + self._levels[level].common + rest, seen > 0

    def follow(self, codes: Sequence[int]) -> float:
        """Take a given column as the next one; return its log probability."""
        score = 0.0
        known = [self.nothing] * len(codes)
        for level, code in enumerate(codes):
            shares, _ = self.shares(known, level)
            score += math.log(shares[code] / shares.sum())
            known[level] = code
        self.remember(codes)
        return score

    def remember(self, codes: Sequence[int]) -> None:
        """Go on to the next column."""
        self._run_lengths = [
            run + 1 if code == before else 1
            for run, code, before in zip(self._run_lengths, codes, self._past[0], strict=True)
        ]
        self._past = [list(codes), *self._past[:-1]]

    def forget(self) -> None:
        """A sound has ended, and the next begins with what it does not follow from."""
        self._past = [[self.nothing] * len(self._levels) for _ in range(MAX_LAG)]
        self._run_lengths = [0] * len(self._levels)
