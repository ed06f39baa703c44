"""Codes and those near to them: edits that go from what stands to a neighbour.

Near is the distance of the codebook vectors, which is how far the latent of the column moves. This
module knows no sound.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.grid import Change, Codes, Grid, Region

Codebook = NDArray[np.float32]
Direction = Literal["brighter", "darker", "louder", "softer"]
"""Where a step may lead that is judged by the ear, see `sdaudio.descriptors`."""
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@dataclass(frozen=True, slots=True)
class CodeSounds:
    """How every code of a model sounds when it is held alone, the other levels absent.

    ``brightness_hz`` is the spectral centroid, ``loudness_db`` the level re full scale,
    (level, code).
    """

    brightness_hz: NDArray[np.float32]
    loudness_db: NDArray[np.float32]


def nearest(codebook: Codebook, code: int, count: int) -> tuple[Codes, NDArray[np.float32]]:
    """Return the codes nearest to one, without itself, and their distances.

    Args:
        codebook: (code, latent_dim).
        code: which.
        count: how many; at most all others.

    Returns:
        Codes (count,), nearest first, and Euclidean distances (count,).

    Raises:
        UsageError: there are not so many.
    """
    _check_count(count, codebook)
    distances = np.linalg.norm(codebook - codebook[code], axis=1)
    distances[code] = np.inf
    order = np.argsort(distances, kind="stable")[:count]
    return order.astype(np.uint16), distances[order]


def step_near(grid: Grid, region: Region, codebooks: NDArray[np.float32], steps: int) -> Change:
    """Describe taking every cell of a region to the code that is its nearest, or nth nearest.

    Args:
        grid: the grid.
        region: where.
        codebooks: (level, code, latent_dim) of its model.
        steps: 1 takes the nearest code, 2 the one after it.

    Raises:
        UsageError: the region does not lie inside the grid, or there are not so many codes.
    """
    _check_count(steps, codebooks[0])
    after = grid.read(region)
    for row, codebook in zip(after, codebooks[region.level_slice], strict=True):
        stands, where = np.unique(row, return_inverse=True)
        row[:] = np.array([nearest(codebook, code, steps)[0][-1] for code in stands])[where]
    return grid.change_to(region.level, region.column, after)


def randomise(
    grid: Grid,
    region: Region,
    codebooks: NDArray[np.float32],
    *,
    count: int,
    share: float,
    generator: np.random.Generator,
) -> Change:
    """Describe replacing cells of a region by one of their nearest codes, drawn by chance.

    Args:
        grid: the grid.
        region: where.
        codebooks: (level, code, latent_dim) of its model.
        count: how many of the nearest codes there are to draw from.
        share: how likely a cell is to change, 0 to 1.
        generator: source of chance.

    Raises:
        UsageError: the region does not lie inside the grid, or there are not so many codes.
    """
    _check_count(count, codebooks[0])
    after = grid.read(region)
    chosen = generator.random(after.shape) < share
    drawn = generator.integers(count, size=after.shape)
    for level, codebook in enumerate(codebooks[region.level_slice]):
        stands, where = np.unique(after[level], return_inverse=True)
        near = np.array([nearest(codebook, code, count)[0] for code in stands])
        after[level] = np.where(chosen[level], near[where, drawn[level]], after[level])
    return grid.change_to(region.level, region.column, after)


def ranks(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the place of each value in ascending order, 0 for the lowest."""
    places = np.empty(values.size, np.int64)
    places[np.argsort(values, kind="stable")] = np.arange(values.size)
    return places


def _check_count(count: int, codebook: Codebook) -> None:
    if not 1 <= count < len(codebook):
        raise UsageError(
            f"{count} nearest codes were asked for; a level has {len(codebook)} codes, so 1 to "
            f"{len(codebook) - 1} are allowed."
        )
