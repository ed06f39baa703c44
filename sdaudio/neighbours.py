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
    [near] = _nearest_of_each(codebook, np.array([code]), count)
    return near, np.linalg.norm(codebook[near] - codebook[code], axis=1)


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
    after = grid.read(region)
    for row, codebook in zip(after, codebooks[region.level_slice], strict=True):
        stands, where = np.unique(row, return_inverse=True)
        row[:] = _nearest_of_each(codebook, stands, steps)[where, -1]
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
    after = grid.read(region)
    chosen = generator.random(after.shape) < share
    drawn = generator.integers(count, size=after.shape)
    for level, codebook in enumerate(codebooks[region.level_slice]):
        stands, where = np.unique(after[level], return_inverse=True)
        near = _nearest_of_each(codebook, stands, count)
        after[level] = np.where(chosen[level], near[where, drawn[level]], after[level])
    return grid.change_to(region.level, region.column, after)


def ranks(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the place of each value in ascending order, 0 for the lowest."""
    places = np.empty(values.size, np.int64)
    places[np.argsort(values, kind="stable")] = np.arange(values.size)
    return places


def _nearest_of_each(codebook: Codebook, codes: NDArray[np.integer], count: int) -> Codes:
    """Return the codes nearest to each of some, (code, neighbour), nearest first."""
    if not 1 <= count < len(codebook):
        raise UsageError(
            f"{count} nearest codes were asked for; a level has {len(codebook)} codes, so 1 to "
            f"{len(codebook) - 1} are allowed."
        )
    points = codebook.astype(np.float64)
    # |c|^2 - 2 pc is |p - c|^2 without |p|^2, which is the same for every code
    distances = np.einsum("kd,kd->k", points, points) - 2.0 * (points[codes] @ points.T)
    rows = np.arange(len(codes))[:, None]
    distances[rows, codes[:, None]] = np.inf
    # in the order of their codes first, so that of equals the same one comes first everywhere
    near = np.sort(np.argpartition(distances, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(distances[rows, near], axis=1, kind="stable")
    return near[rows, order].astype(np.uint16)
