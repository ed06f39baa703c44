"""Matrix products whose rows come out alike wherever they stand and however many there are.

A matrix library may add in another order in the first, the last or the left-over rows of a
product: OpenBLAS' kernels for AVX2 do, so that the same row differs in its last bit from place to
place, and a window of a sound would differ from the whole. Where that is so (it is measured once
per shape) products are made eight rows at a time, all of one shape.
"""

import functools

import numpy as np
from numpy.typing import NDArray

_TILE_ROWS = 8
_PROBED_ROWS = (9, 21, 36, 84, 100, 340, 512)

Matrix = NDArray[np.float32]


def multiply(x: Matrix, matrix: Matrix) -> Matrix:
    """Return ``x @ matrix``, where every row depends on its own row of ``x`` only.

    Args:
        x: (row, in).
        matrix: (in, out).
    """
    product: Matrix
    if _is_uniform(*matrix.shape):
        product = x @ matrix
        return product
    n_rows = len(x)
    missing = -n_rows % _TILE_ROWS
    if missing:
        x = np.concatenate((x, np.zeros((missing, x.shape[1]), np.float32)))
    product = x.reshape(-1, _TILE_ROWS, x.shape[1]) @ matrix
    return product.reshape(-1, matrix.shape[1])[:n_rows]


@functools.cache
def _is_uniform(n_in: int, n_out: int) -> bool:
    """Measure whether a row comes out the same in products of any height."""
    chance = np.random.default_rng(1)
    row = chance.normal(size=(1, n_in)).astype(np.float32)
    matrix = chance.normal(size=(n_in, n_out)).astype(np.float32)
    first = (np.repeat(row, _TILE_ROWS, axis=0) @ matrix)[:1]
    return all((np.repeat(row, n, axis=0) @ matrix == first).all() for n in _PROBED_ROWS)
