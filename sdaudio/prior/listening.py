"""Walks with a net from column to column in plain numpy: hears a column, says what may follow.

Keys and values of past columns are kept, so a column costs the same however long the past is; it
equals the network in torch to float precision. It learns nothing and draws nothing.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior.net import EPSILON, MAX_RUN, Floats32, Net, run_feature, slopes

Floats = NDArray[np.float64]


class Listener:
    """What a net has heard so far.

    Args:
        net: the net; it has heard that a sound begins.
    """

    def __init__(self, net: Net) -> None:
        self._fused = _fuse(net)
        self._nothing = net.sizes.codebook_size
        fused, config = self._fused, net.config
        width = config.hidden_size // config.heads
        # Twice the columns in sight, so that they move to the front once in so many columns.
        self._kept = np.zeros((config.layers, 2, config.heads, 2 * config.context, width), "f4")
        self._n_kept = 0
        self._before: list[int] = []
        self._run_lengths: list[int] = []
        self._hidden = np.zeros((fused.n_levels, config.hidden_size), np.float32)
        self.forget()

    def copy(self) -> "Listener":
        """Return one that has heard the same and goes on by itself."""
        other = object.__new__(Listener)
        other._fused, other._nothing = self._fused, self._nothing
        other._kept, other._n_kept = self._kept.copy(), self._n_kept
        # none of these is ever changed in place
        other._before, other._run_lengths = self._before, self._run_lengths
        other._hidden = self._hidden
        return other

    def forget(self) -> None:
        """A sound has ended, and another begins."""
        self._n_kept = 0
        self._run_lengths = [0] * self._fused.n_levels
        self._before = [self._nothing] * self._fused.n_levels
        self._hear()

    def hear(self, codes: Sequence[int]) -> None:
        """Take the codes of the next column."""
        self._run_lengths = [
            run + 1 if code == before else 1
            for run, code, before in zip(self._run_lengths, codes, self._before, strict=True)
        ]
        self._before = list(codes)
        self._hear()

    def shares(self, codes: Sequence[int], level: int) -> Floats:
        """Return how likely every symbol of a level is when the coarser ones are known, (symbol,).

        Args:
            codes: those of the column so far.
            level: which one follows.
        """
        depth = self._fused.depth[level]
        before = self._before[level]
        hidden = self._hidden[level] + depth.before[before]
        for coarser in range(level):
            hidden += depth.coarser[coarser][codes[coarser]]
        if level and self._before[:level] == list(codes[:level]):
            hidden += depth.repeats
        hidden /= 1.0 + np.exp(-hidden)
        scores = depth.scores @ hidden
        scores += depth.bias
        stays = float(scores[-1])
        shares: Floats = np.exp((scores[:-1] - scores[:-1].max()).astype(np.float64))
        if before == self._nothing:
            shares /= shares.sum()
            return shares
        gate = 1.0 / (1.0 + math.exp(-max(stays, -700.0)))
        shares *= (1.0 - gate) / shares.sum()
        shares[before] += gate
        return shares

    def _hear(self) -> None:
        fused = self._fused
        column = fused.entrance_bias + sum(
            table[code] for table, code in zip(fused.entrance, self._before, strict=True)
        )
        for weights, run in zip(fused.runs, self._run_lengths, strict=True):
            column += weights[min(run, MAX_RUN)]
        place = self._place()
        for layer, kept in zip(fused.layers, self._kept, strict=True):
            heard = layer.heard @ _normalised(column) + layer.heard_bias
            query, kept[0, :, place], kept[1, :, place] = heard.reshape(3, fused.heads, -1)
            first = max(0, place + 1 - fused.context)
            scores = np.matmul(kept[0, :, first : place + 1], query[:, :, None])[:, :, 0]
            scores += fused.distances[:, first - place - 1 :]
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores /= scores.sum(axis=1, keepdims=True)
            told = np.matmul(scores[:, None], kept[1, :, first : place + 1])
            column = column + layer.told @ told.reshape(-1) + layer.told_bias
            thought = layer.up @ _normalised(column) + layer.up_bias
            thought /= 1.0 + np.exp(-thought)
            column = column + layer.down @ thought + layer.down_bias
        self._hidden = (fused.hidden @ _normalised(column) + fused.hidden_bias).reshape(
            fused.n_levels, -1
        )

    def _place(self) -> int:
        """Return where the next keys and values go."""
        context = self._fused.context
        if self._n_kept == self._kept.shape[3]:
            self._kept[:, :, :, : context - 1] = self._kept[:, :, :, -(context - 1) :]
            self._n_kept = context - 1
        self._n_kept += 1
        return self._n_kept - 1


class _Layer:
    """One layer of the transformer, the scale of its norms taken into its products."""

    def __init__(self, net: Net, layer: int) -> None:
        def weight(name: str) -> Floats32:
            return net.weights[f"layers.{layer}.{name}"]

        width = net.config.hidden_size // net.config.heads
        scale = np.ones((3 * net.config.hidden_size, 1), np.float32)
        scale[: net.config.hidden_size] = 1.0 / math.sqrt(width)
        self.heard = scale * weight("heard.weight") * weight("norm_heard.weight")
        self.heard_bias = scale[:, 0] * (
            weight("heard.weight") @ weight("norm_heard.bias") + weight("heard.bias")
        )
        self.told, self.told_bias = weight("told.weight"), weight("told.bias")
        self.up = weight("up.weight") * weight("norm_thought.weight")
        self.up_bias = weight("up.weight") @ weight("norm_thought.bias") + weight("up.bias")
        self.down, self.down_bias = weight("down.weight"), weight("down.bias")


class _Depth:
    """What one level adds to the hidden column, looked up by code, and its scores."""

    def __init__(self, net: Net, level: int) -> None:
        def weight(name: str) -> Floats32:
            return net.weights[f"depth.{level}.{name}"]

        size = net.sizes.latent_dim
        known = weight("hidden.weight") @ weight("known.weight")
        vectors = net.weights["vectors"]
        self.coarser = [
            vectors[other] @ known[:, other * size : (other + 1) * size].T for other in range(level)
        ]
        self.repeats = known[:, level * size]
        self.before = vectors[level] @ known[:, level * size + 1 :].T
        # The likeliest codes are those whose vectors lie where the net aims; the last row is the
        # copy gate.
        toward = vectors[level][:-1] / math.sqrt(size)
        scores, bias = weight("scores.weight").copy(), weight("scores.bias").copy()
        scores[: len(toward)] += toward @ weight("aim.weight")
        bias[: len(toward)] += toward @ weight("aim.bias")
        self.scores = np.concatenate([scores, weight("copy.weight")])
        self.bias = np.concatenate([bias, weight("copy.bias")])


class _Fused:
    """The weights of a net as a walk needs them: what depends on one code is a table."""

    def __init__(self, net: Net) -> None:
        weights, n_levels, size = net.weights, net.sizes.n_levels, net.sizes.latent_dim
        self.n_levels, self.heads, self.context = n_levels, net.config.heads, net.config.context
        entrance = weights["entrance.weight"]
        self.entrance = [
            weights["vectors"][level] @ entrance[:, level * size : (level + 1) * size].T
            + weights["embedding"][level]
            for level in range(n_levels)
        ]
        lengths = run_feature(np.arange(MAX_RUN + 1))
        self.runs = [np.outer(lengths, entrance[:, n_levels * size + n]) for n in range(n_levels)]
        self.entrance_bias = weights["entrance.bias"]
        self.layers = [_Layer(net, layer) for layer in range(net.config.layers)]
        self.distances = -slopes(self.heads)[:, None] * np.arange(
            self.context - 1, -1, -1, dtype=np.float32
        )
        self.depth = [_Depth(net, level) for level in range(n_levels)]
        hidden = [weights[f"depth.{level}.hidden.weight"] for level in range(n_levels)]
        self.hidden = np.concatenate([part * weights["norm.weight"] for part in hidden])
        self.hidden_bias = np.concatenate(
            [
                part @ weights["norm.bias"] + weights[f"depth.{level}.hidden.bias"]
                for level, part in enumerate(hidden)
            ]
        )


@lru_cache(maxsize=4)
def _fuse(net: Net) -> _Fused:
    return _Fused(net)


def _normalised(column: Floats32) -> Floats32:
    centred: Floats32 = column - column.mean()
    centred /= math.sqrt(float(centred @ centred) / centred.size + EPSILON)
    return centred
