"""Matrix products whose columns come out alike wherever they stand and however many there are.

A matrix library may add in another order in the first, the last or the left-over columns of a
product: OpenBLAS' kernels for AVX2 begin the first and the last eight columns in the middle of a
sum, so that the same column differs in its last bit from place to place. A window of a sound would
then differ from the whole. So activations are (channel, step) with `MARGIN` steps to spare on both
sides and a width that is a multiple of it: inside the margins every column has the same kernel.
Where a library does not keep to that (with two threads each has edges of its own), which is
measured once per shape, products are made `MARGIN` columns at a time, all of one shape.
"""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

MARGIN = 8
# OpenBLAS cuts products that are wider, and every cut has edges; so we do it first.
_WIDEST = 320
# Products no wider than that are made without their margins where that comes out the same.
_NARROW = 16 + 2 * MARGIN
_PROBED_WIDTHS = (24, 32, 104, 184, 288, _WIDEST)

Activations = NDArray[np.float32]


def padded(n_channels: int, n_steps: int) -> Activations:
    """Return an array (channel, width) for ``n_steps`` steps inside of margins of zeros."""
    x = np.empty((n_channels, padded_width(n_steps)), np.float32)
    x[:, :MARGIN] = 0.0
    x[:, MARGIN + n_steps :] = 0.0
    return x


def padded_width(n_steps: int) -> int:
    """Return the width of activations for so many steps."""
    return -(-n_steps // MARGIN) * MARGIN + 2 * MARGIN


def inside(x: NDArray[Any], n_steps: int) -> NDArray[Any]:
    """Return the view (channel, step) of what lies inside the margins."""
    return x[:, MARGIN : MARGIN + n_steps]


def multiply(matrix: Activations, x: Activations) -> Activations:
    """Return ``matrix @ x``; inside the margins of x every column depends on itself only.

    Args:
        matrix: (out, in).
        x: (in, width), a width that `padded_width` gives.
    """
    width = x.shape[1]
    is_uniform, is_uniform_by_itself = _measure(*matrix.shape)
    if is_uniform and _NARROW < width <= _WIDEST:
        product: Activations = matrix @ x
        return product
    product = np.zeros((len(matrix), width), np.float32)
    if is_uniform and (width > _WIDEST or not is_uniform_by_itself):
        for start in range(0, width - 2 * MARGIN, _WIDEST - 2 * MARGIN):
            part = matrix @ x[:, start : start + _WIDEST]
            stop = start + part.shape[1] - MARGIN
            product[:, start + MARGIN : stop] = part[:, MARGIN:-MARGIN]
    else:
        for start in range(MARGIN, width - MARGIN, MARGIN):
            product[:, start : start + MARGIN] = matrix @ x[:, start : start + MARGIN]
    return product


@functools.cache
def _measure(n_out: int, n_in: int) -> tuple[bool, bool]:
    """Tell how products of a shape come out.

    Returns:
        Whether a column inside the margins is the same in products of any width, and whether it is
        also the same in products that are `MARGIN` wide.
    """
    chance = np.random.default_rng(1)
    matrix = chance.normal(size=(n_out, n_in)).astype(np.float32)
    column = chance.normal(size=(n_in, 1)).astype(np.float32)
    products = [matrix @ np.repeat(column, width, axis=1) for width in _PROBED_WIDTHS]
    expected = products[0][:, MARGIN : MARGIN + 1]
    is_uniform = all((product[:, MARGIN:-MARGIN] == expected).all() for product in products)
    alone = matrix @ np.repeat(column, MARGIN, axis=1)
    return is_uniform, is_uniform and bool((alone == expected).all())
