"""Matrix products whose columns come out alike wherever they stand and however many there are.

A matrix library may add in another order in the first, the last or the left-over columns of a
product: OpenBLAS' kernels for AVX2 begin the first and the last eight columns in the middle of a
sum, so that the same column differs in its last bit from place to place. A window of a sound would
then differ from the whole. So activations are (channel, step) with `MARGIN` steps to spare on both
sides and a width that is a multiple of it: inside the margins every column has the same kernel.
Where a library does not keep to that (with two threads each has edges of its own), which is
measured once per shape, products are made in tiles of a few columns, all of one shape.
"""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

MARGIN = 8
# OpenBLAS cuts products that are wider, and every cut has edges; so we do it first.
_WIDEST = 320
# Products no wider than that are made in tiles, without margins, where that comes out the same.
_NARROW = 16 + 2 * MARGIN
_TILES = (32, 16, 8)
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
    is_uniform, tile = _measure(*matrix.shape)
    if tile and (width <= _NARROW or not is_uniform):
        return _multiply_tiles(matrix, x, tile)
    if width <= _WIDEST:
        product: Activations = matrix @ x
        return product
    product = np.zeros((len(matrix), width), np.float32)
    for start in range(0, width - 2 * MARGIN, _WIDEST - 2 * MARGIN):
        part = matrix @ x[:, start : start + _WIDEST]
        stop = start + part.shape[1] - MARGIN
        product[:, start + MARGIN : stop] = part[:, MARGIN:-MARGIN]
    return product


def _multiply_tiles(matrix: Activations, x: Activations, tile: int) -> Activations:
    product = np.zeros((len(matrix), x.shape[1]), np.float32)
    end = x.shape[1] - MARGIN
    for start in range(MARGIN, end, tile):
        part = x[:, start : start + tile]
        if part.shape[1] < tile:
            part = np.pad(part, ((0, 0), (0, tile - part.shape[1])))
        stop = min(end, start + tile)
        product[:, start:stop] = (matrix @ part)[:, : stop - start]
    return product


@functools.cache
def _measure(n_out: int, n_in: int) -> tuple[bool, int]:
    """Tell how products of a shape come out.

    Returns:
        Whether a column inside the margins is the same in products of any width; and how many
        columns a tile has that are all the same: if the first holds, the same as inside any
        product too, or 0 if there is no such tile.
    """
    chance = np.random.default_rng(1)
    matrix = chance.normal(size=(n_out, n_in)).astype(np.float32)
    column = chance.normal(size=(n_in, 1)).astype(np.float32)
    products = [matrix @ np.repeat(column, width, axis=1) for width in _PROBED_WIDTHS]
    expected = products[0][:, MARGIN : MARGIN + 1]
    if all((product[:, MARGIN:-MARGIN] == expected).all() for product in products):
        alone = matrix @ np.repeat(column, MARGIN, axis=1)
        return True, MARGIN if (alone == expected).all() else 0
    for tile in _TILES:
        product = matrix @ np.repeat(column, tile, axis=1)
        if (product == product[:, :1]).all():
            return False, tile
    return False, MARGIN
