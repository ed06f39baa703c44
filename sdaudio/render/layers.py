"""The layers of the codec network in numpy, on activations (channel, step).

A step is a column or a frame. Everything is laid out as `sdaudio.render.products` wants it, and
every step of a result depends on its own steps of the input only and is summed in the same order
wherever it stands, so that a window of a sound can be computed alone. Constants that follow one
another are multiplied out once when a layer is built.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdaudio.render.products import Activations, inside, multiply, padded

LAYER_NORM_EPS = np.float32(1e-6)

Weights = Mapping[str, NDArray[Any]]


class Linear:
    """A matrix times every step, plus a bias, on activations with margins.

    Args:
        weights: holds ``<name>.weight`` (out, in) and ``<name>.bias`` (out).
        name: of the layer.
        norm: a layer norm before it, whose gain and bias are multiplied in.
        gain: per output channel, multiplied in.
        sign: -1 for the negative of it all.
    """

    def __init__(
        self,
        weights: Weights,
        name: str,
        *,
        norm: str | None = None,
        gain: NDArray[np.float32] | None = None,
        sign: int = 1,
    ) -> None:
        matrix = weights[f"{name}.weight"].astype(np.float64)
        bias = weights[f"{name}.bias"].astype(np.float64)
        if norm is not None:
            bias = bias + matrix @ weights[f"{norm}.bias"]
            matrix = matrix * weights[f"{norm}.weight"]
        if gain is not None:
            matrix, bias = matrix * gain[:, None], bias * gain
        self.matrix = np.ascontiguousarray(sign * matrix, np.float32)
        self.bias = (sign * bias).astype(np.float32)[:, None]

    def __call__(self, x: Activations) -> Activations:
        """Map (in, width) to (out, width)."""
        y = multiply(self.matrix, x)
        y += self.bias
        return y


class ConvNeXtBlock:
    """One residual block; see `sdaudio.codec.network.ConvNeXtBlock`."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._left, self._middle, self._right = (
            np.ascontiguousarray(tap)[:, None] for tap in weights[f"{name}.depthwise"]
        )
        self._bias = weights[f"{name}.depthwise_bias"][:, None]
        # the hidden layer comes negated, which saves a pass over it in SiLU
        self._expand = Linear(weights, f"{name}.expand", norm=f"{name}.norm", sign=-1)
        gamma = weights[f"{name}.gamma"]
        self._contract = Linear(weights, f"{name}.contract", gain=gamma)
        self._contract.matrix *= -1

    def __call__(self, x: Activations, before: int, after: int) -> Activations:
        """Map (channel, step) to those steps of the same shape that are asked for.

        Args:
            x: with no margins.
            before: 1 to leave the first step out and only see it, 0 where the sound begins with it.
            after: the same at the end.
        """
        n_steps = x.shape[1] - before - after
        hidden = padded(len(x), n_steps)
        y = inside(hidden, n_steps)
        middle = x[:, before : before + n_steps]
        np.multiply(middle, self._middle, out=y)
        y += self._bias
        y[:, 1 - before :] += x[:, : n_steps - 1 + before] * self._left
        y[:, : n_steps - 1 + after] += x[:, before + 1 :] * self._right
        normalise(y)
        hidden = self._expand(hidden)
        _negated_silu(inside(hidden, n_steps))
        y = inside(self._contract(hidden), n_steps)
        y += middle
        return y


def blocks(weights: Weights, name: str, n: int) -> list[ConvNeXtBlock]:
    """Build ``n`` blocks called ``<name>.0`` and so on."""
    return [ConvNeXtBlock(weights, f"{name}.{index}") for index in range(n)]


def run(
    blocks: Sequence[ConvNeXtBlock],
    x: Activations,
    steps: tuple[int, int],
    wanted: tuple[int, int],
) -> Activations:
    """Send activations through blocks that follow one another.

    Args:
        blocks: each sees one step to both sides.
        x: (channel, step), the wanted steps and as many more on each side as there are blocks,
            except beyond the ends of the sound.
        steps: which steps that are: the first and the one after the last.
        wanted: which of them to return.
    """
    first, last = steps
    for n_left in reversed(range(len(blocks))):
        start, stop = max(first, wanted[0] - n_left), min(last, wanted[1] + n_left)
        x = blocks[-1 - n_left](x, start - first, last - stop)
        first, last = start, stop
    return x


def normalise(x: Activations) -> Activations:
    """Give the channels of every step mean 0 and variance 1, in place."""
    n = np.float32(len(x))
    x -= _sum_of_channels(x) / n
    scale = _sum_of_channels(x * x)
    scale /= n
    scale += LAYER_NORM_EPS
    np.sqrt(scale, out=scale)
    np.divide(np.float32(1.0), scale, out=scale)
    x *= scale
    return x


def _sum_of_channels(x: Activations) -> NDArray[np.float32]:
    # numpy adds up a single column in another order than columns side by side
    steps = x if x.shape[1] > 1 else np.repeat(x, 2, axis=1)
    total: NDArray[np.float32] = np.add.reduce(steps, axis=0)
    return total[: x.shape[1]]


def _negated_silu(x: Activations) -> None:
    """Turn -h into -silu(h), in place."""
    # where exp overflows the quotient is 0, which is right
    with np.errstate(over="ignore"):
        y = np.exp(x)
    y += np.float32(1.0)
    x /= y
