"""What the codebooks alone can do, in numpy: sum codes into latents and quantise latents.

Both the renderer and the grid stand on these two functions. They know no network and no sound.
"""

import numpy as np
from numpy.typing import NDArray


def embed(
    codes: NDArray[np.integer],
    codebooks: NDArray[np.float32],
    *,
    active: tuple[int, ...] | None = None,
) -> NDArray[np.float32]:
    """Sum the codebook vectors of every column.

    Args:
        codes: (level, column), each in 0..codebook_size-1.
        codebooks: (level, code, latent_dim).
        active: the levels that take part; the others add nothing (not code 0). All by default.

    Returns:
        (column, latent_dim) float32.
    """
    n_levels, n_columns = codes.shape
    latents = np.zeros((n_columns, codebooks.shape[2]), np.float32)
    for level in range(n_levels):
        if active is None or level in active:
            latents += codebooks[level, codes[level]]
    return latents


def quantise(
    latents: NDArray[np.float32], codebooks: NDArray[np.float32]
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Quantise latents down the levels: each level takes the nearest code to what is left.

    Args:
        latents: (column, latent_dim).
        codebooks: (level, code, latent_dim).

    Returns:
        codes (level, column) and the distance of every column from its codes, (column,), the
        Euclidean norm of what no level could express.
    """
    residual = latents.astype(np.float32, copy=True)
    codes = np.empty((codebooks.shape[0], latents.shape[0]), np.uint16)
    for level, codebook in enumerate(codebooks):
        # |r - c|^2 without |r|^2, which is the same for every code
        scores = residual @ codebook.T
        scores *= -2.0
        scores += np.einsum("kd,kd->k", codebook, codebook)
        codes[level] = np.argmin(scores, axis=1)
        residual -= codebook[codes[level]]
    return codes, np.linalg.norm(residual, axis=1)
