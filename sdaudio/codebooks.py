"""What the codebooks alone can do, in numpy: sum codes into latents and quantise latents.

Both the renderer and the grid stand on these two functions. They know no network and no sound.
`sdaudio.codec.quantizer` does the same in torch; a test holds them together.
"""

import numpy as np
from numpy.typing import NDArray

# How many codes of the first level are tried where a few dimensions choose them. On tabla and drums
# 8 lower the squared error of unheard sounds by 31 to 48 %, 16 by 1 to 5 % more.
CANDIDATES = 8


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
    latents: NDArray[np.float32],
    codebooks: NDArray[np.float32],
    *,
    structure_dims: int = 0,
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Quantise latents down the levels: each level takes the nearest code to what is left.

    Where the levels are factors, nearness on the first level counts in the first dimensions alone.
    Its `CANDIDATES` nearest codes are all followed down the levels, and the one that leaves least
    is taken.

    Args:
        latents: (column, latent_dim).
        codebooks: (level, code, latent_dim).
        structure_dims: how many dimensions decide on the first level, 0 for all; see
            `CodecConfig.structure_dims`.

    Returns:
        codes (level, column) and the distance of every column from its codes, (column,), the
        Euclidean norm of what no level could express.
    """
    if not structure_dims:
        residual = latents.astype(np.float32, copy=True)
        codes = _descend(residual, codebooks)
        return codes, np.linalg.norm(residual, axis=1)
    scores = _scores(latents[:, :structure_dims], codebooks[0, :, :structure_dims])
    candidates = np.argpartition(scores, CANDIDATES - 1, axis=1)[:, :CANDIDATES]
    # in the order of their codes, so that of equals the same one wins everywhere
    candidates.sort(axis=1)
    n_columns, latent_dim = latents.shape
    residual = (latents[:, None] - codebooks[0, candidates]).reshape(-1, latent_dim)
    below = _descend(residual, codebooks[1:]).reshape(len(codebooks) - 1, n_columns, CANDIDATES)
    distances = np.linalg.norm(residual, axis=1).reshape(n_columns, CANDIDATES)
    best, columns = np.argmin(distances, axis=1), np.arange(n_columns)
    first = candidates[columns, best].astype(np.uint16)
    return np.concatenate((first[None], below[:, columns, best])), distances[columns, best]


def _descend(residual: NDArray[np.float32], codebooks: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the nearest codes (level, column); ``residual`` becomes what no level expresses."""
    codes = np.empty((codebooks.shape[0], residual.shape[0]), np.uint16)
    for level, codebook in enumerate(codebooks):
        codes[level] = np.argmin(_scores(residual, codebook), axis=1)
        residual -= codebook[codes[level]]
    return codes


def _scores(points: NDArray[np.float32], codebook: NDArray[np.float32]) -> NDArray[np.float32]:
    # |p - c|^2 without |p|^2, which is the same for every code
    scores: NDArray[np.float32] = points @ codebook.T
    scores *= -2.0
    scores += np.einsum("kd,kd->k", codebook, codebook)
    return scores
