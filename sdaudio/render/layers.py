"""The layers of the codec network in numpy, on rows: (row, channel), one row per column or frame.

Every row of a result depends on its own rows of the input only and is summed in the same order
wherever it stands, so that a window of a sound can be computed alone. Constants that follow one
another are multiplied out once when a layer is built.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdaudio.render.products import multiply

LAYER_NORM_EPS = np.float32(1e-6)

Weights = Mapping[str, NDArray[Any]]


class Linear:
    """Rows times a matrix plus a bias.

    Args:
        weights: holds ``<name>.weight`` (out, in) and ``<name>.bias`` (out).
        name: of the layer.
        norm: a layer norm before it, whose gain and bias are multiplied in.
        gain: per output channel, multiplied in.
    """

    def __init__(
        self,
        weights: Weights,
        name: str,
        *,
        norm: str | None = None,
        gain: NDArray[np.float32] | None = None,
    ) -> None:
        matrix = weights[f"{name}.weight"].astype(np.float64)
        bias = weights[f"{name}.bias"].astype(np.float64)
        if norm is not None:
            bias = bias + matrix @ weights[f"{norm}.bias"]
            matrix = matrix * weights[f"{norm}.weight"]
        if gain is not None:
            matrix, bias = matrix * gain[:, None], bias * gain
        self.matrix = np.ascontiguousarray(matrix.T, np.float32)
        self.bias = bias.astype(np.float32)

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map (row, in) to (row, out)."""
        y = multiply(x, self.matrix)
        y += self.bias
        return y


class ConvNeXtBlock:
    """One residual block; see `sdaudio.codec.network.ConvNeXtBlock`."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._left, self._middle, self._right = (
            np.ascontiguousarray(row) for row in weights[f"{name}.depthwise"]
        )
        self._bias = weights[f"{name}.depthwise_bias"]
        self._expand = Linear(weights, f"{name}.expand", norm=f"{name}.norm")
        self._contract = Linear(weights, f"{name}.contract", gain=weights[f"{name}.gamma"])

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map (row, channel) to the same shape."""
        y = x * self._middle
        y += self._bias
        y[1:] += x[:-1] * self._left
        y[:-1] += x[1:] * self._right
        y = self._expand(normalise(y))
        y = self._contract(_silu(y))
        y += x
        return y


def blocks(weights: Weights, name: str, n: int) -> list[ConvNeXtBlock]:
    """Build ``n`` blocks called ``<name>.0`` and so on."""
    return [ConvNeXtBlock(weights, f"{name}.{index}") for index in range(n)]


def normalise(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give every row mean 0 and variance 1, in place."""
    n = np.float32(x.shape[1])
    x -= (np.add.reduce(x, axis=1) / n)[:, None]
    variance = np.einsum("rc,rc->r", x, x) / n
    variance += LAYER_NORM_EPS
    x /= np.sqrt(variance)[:, None]
    return x


def _silu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    y = np.negative(x)
    # exp(88) is the largest that float32 holds; beyond it SiLU is 0 anyway.
    np.minimum(y, np.float32(80.0), out=y)
    np.exp(y, out=y)
    y += np.float32(1.0)
    np.divide(x, y, out=y)
    return y
