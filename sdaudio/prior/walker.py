"""Goes from column to column and knows what may follow; it draws nothing (see `sampling`)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.contexts import MAX_LAG
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.listening import Listener
from sdaudio.prior.mixture import LevelMixture, prepare
from sdaudio.prior.net import N_SURE_BINS, Net

# Runs matter up to 32 columns.
_PAST_COLUMNS = 40


def walk(prior: CountPrior, past: NDArray[np.integer]) -> "Walker":
    """Return a walker that stands behind the columns (level, column) of ``past``."""
    return Walker(prepare(prior), prior.codebook_size, past, net=prior.net)


def sure_bin(likeliest: float) -> int:
    """Return the bin of counts that give their likeliest code a share of 0 to 1."""
    return min(int(likeliest * N_SURE_BINS), N_SURE_BINS - 1)


class Walker:
    """Remembers what the contexts need.

    Args:
        levels: the mixture of every level.
        nothing: the symbol that stands for no code, and on level 0 for the end of a sound.
        past: (level, column) what was there before the next column.
        net: what is mixed in.
    """

    def __init__(
        self,
        levels: Sequence[LevelMixture],
        nothing: int,
        past: NDArray[np.integer],
        *,
        net: Net | None = None,
    ) -> None:
        self._levels = levels
        self.nothing = nothing
        self._listener = Listener(net) if net else None
        self._net_shares: list[list[float]] = net.shares.tolist() if net else []
        self._past: list[list[int]] = []
        self._run_lengths: list[int] = []
        self.forget()
        reach = net.config.layers * net.config.context if net else 0
        for column in past[:, -max(_PAST_COLUMNS, reach) :].T.tolist():
            self.remember(column)

    def copy(self) -> "Walker":
        """Return a walker that stands in the same place and goes on by itself."""
        other = Walker(self._levels, self.nothing, np.empty((self.n_levels, 0), np.uint16))
        # neither list is ever changed in place
        other._past, other._run_lengths = self._past, self._run_lengths
        other._listener = self._listener and self._listener.copy()
        other._net_shares = self._net_shares
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
        shares, is_seen = seen + self._levels[level].common + rest, seen > 0
        if self._listener is None:
            return shares, is_seen
        total = float(shares.sum())
        part = self._net_shares[level][sure_bin(float(shares.max()) / total)]
        if part == 0.0:
            return shares, is_seen
        told = self._listener.shares(codes, level)
        shares *= (1.0 - part) / total
        shares += part * told
        # What the net takes for likelier than chance would is as good as seen.
        return shares, is_seen | (told * told.size > 1.0)

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
        if self._listener:
            self._listener.hear(codes)

    def forget(self) -> None:
        """A sound has ended, and the next begins with what it does not follow from."""
        self._past = [[self.nothing] * len(self._levels) for _ in range(MAX_LAG)]
        self._run_lengths = [0] * len(self._levels)
        if self._listener:
            self._listener.forget()
