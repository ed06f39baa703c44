"""Mixes counts and net: how much to believe each, learned on sounds that neither has learned.

The part of the net depends on the level and on how sure the counts are. It learns a handful of
numbers, by EM, and says what the mixture is worth: always on the half of the held-out material that
these numbers were not learned on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.counts import CountPrior
from sdaudio.prior.holding import Excerpt, shortened
from sdaudio.prior.listening import Listener
from sdaudio.prior.net import N_SURE_BINS, Floats32, Net
from sdaudio.prior.walker import sure_bin, walk

Floats = NDArray[np.float64]

_EM_STEPS = 40
# In columns: a bin that is seldom met leans on the mean of its level, and that on halves each; few
# held-out columns would otherwise give all to whoever was lucky.
_LEANING = 10.0
_EVEN = 40.0


@dataclass(frozen=True, slots=True)
class Mixture:
    """How counts and net go together: ``shares`` as in `Net`, and perplexities per level.

    ``shares`` are 0 on the levels where mixing does not help; the mixture has the counts' figures
    there.
    """

    shares: Floats32
    counts: tuple[float, ...]
    net: tuple[float, ...]
    mixture: tuple[float, ...]

    @property
    def helps(self) -> bool:
        """Whether the net is worth anything."""
        return bool(self.shares.any())


def mix(counts: CountPrior, net: Net, excerpts: Sequence[Excerpt]) -> Mixture:
    """Learn how to mix, and measure what that is worth.

    Args:
        counts: fitted without the excerpts.
        net: learned without the excerpts; its own shares are left aside.
        excerpts: what both are tested on.
    """
    by_counts, by_net, bins, halves = _ask(counts, net, excerpts)
    n_levels = counts.n_levels
    shares = np.zeros((n_levels, N_SURE_BINS), np.float32)
    nats = np.zeros((3, n_levels))
    for level in range(n_levels):
        pair = np.stack([by_counts[:, level], by_net[:, level]])
        mixed = np.empty(len(bins))
        for half in (0, 1):
            learned = _learn(pair[:, halves != half], bins[halves != half, level])
            tested = halves == half
            part = learned[bins[tested, level]]
            mixed[tested] = (1.0 - part) * pair[0, tested] + part * pair[1, tested]
        nats[:2, level] = -np.log(pair).mean(axis=1)
        nats[2, level] = -np.log(mixed).mean()
        if nats[2, level] < nats[0, level]:
            shares[level] = _learn(pair, bins[:, level])
        else:
            nats[2, level] = nats[0, level]
    perplexities = [tuple(np.exp(row).tolist()) for row in nats]
    return Mixture(shares, *perplexities)


def _ask(
    counts: CountPrior, net: Net, excerpts: Sequence[Excerpt]
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Ask both about every code: (column, level) each, and to which half a column belongs."""
    rows: list[list[tuple[float, float, int]]] = []
    halves: list[int] = []
    for number, excerpt in enumerate(shortened(excerpts)):
        walker = walk(counts, excerpt.codes[:, : excerpt.start])
        listener = Listener(net)
        for column in excerpt.codes[:, : excerpt.start].T.tolist():
            listener.hear(column)
        for place, column in enumerate(excerpt.codes[:, excerpt.start :].T.tolist()):
            known, row = [walker.nothing] * len(column), []
            for level, code in enumerate(column):
                shares, _ = walker.shares(known, level)
                total = float(shares.sum())
                told = float(listener.shares(known, level)[code])
                bin_ = sure_bin(float(shares.max()) / total)
                row.append((float(shares[code]) / total, max(told, 1e-12), bin_))
                known[level] = code
            rows.append(row)
            # Whole sounds in one half, so that the halves are as far apart as can be.
            halves.append(number % 2 if len(excerpts) > 1 else int(2 * place >= excerpt.n_columns))
            walker.remember(column)
            listener.hear(column)
    table = np.array(rows)
    return table[:, :, 0], table[:, :, 1], table[:, :, 2].astype(np.int64), np.array(halves)


def _learn(pair: Floats, bins: NDArray[np.int64]) -> Floats:
    """Learn the part of the second of a pair of likelihoods (2, column), by bin."""
    shares = np.full(N_SURE_BINS, 0.5)
    if not bins.size:
        return shares
    for _ in range(_EM_STEPS):
        part = shares[bins]
        of_net = part * pair[1] / (part * pair[1] + (1.0 - part) * pair[0])
        mean = (of_net.sum() + 0.5 * _EVEN) / (of_net.size + _EVEN)
        shares = (np.bincount(bins, of_net, N_SURE_BINS) + _LEANING * mean) / (
            np.bincount(bins, minlength=N_SURE_BINS) + _LEANING
        )
    return shares
