"""Where codes come from: the places in the training sounds that they resemble most.

A model keeps the codes of its training sounds. Here they are searched, exactly and all of them, for
the window whose latents are nearest to those of some other codes. Nothing is heard or read from
sound files.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.codebooks import embed
from sdaudio.errors import UsageError

MAX_COLUMNS = 512
"""Columns in the longest region that is looked for (11 s at 48 kHz)."""

_CHUNK_COLUMNS = 8192
# Columns nearer to each other than this are one and the same moment of a sound.
_APART_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the training sounds.

    ``file`` counts the training files, ``column`` the columns in it; a region may begin before its
    file, so it may be negative. ``distance`` is the root of the mean squared distance of the
    columns' latents, 0 for the same codes.
    """

    file: int
    column: int
    distance: float


class Provenance:
    """The training sounds of a model, to be searched.

    Latents are counted from that of silence, and between two files lies silence: a window that
    begins before its file or goes on behind it costs what it holds there, no more and no less.

    Args:
        codes: of every training file, (level, column).
        codebooks: (level, code, latent_dim).
        silence: the codes of a silent column, (level,).
    """

    def __init__(
        self,
        codes: Sequence[NDArray[np.uint16]],
        codebooks: NDArray[np.float32],
        silence: NDArray[np.uint16],
    ) -> None:
        self._codes = np.concatenate(codes, axis=1)
        self._codebooks = codebooks
        self._silence = embed(silence[:, None], codebooks)[0]
        self._latents = self._embed(self._codes)
        self._ends = np.cumsum([part.shape[1] for part in codes])

    @property
    def n_files(self) -> int:
        """How many training files there are."""
        return len(self._ends)

    def find(
        self,
        codes: NDArray[np.integer],
        *,
        count: int,
        on_progress: Callable[[float], bool] = lambda _fraction: True,
    ) -> list[Place]:
        """Find the places that codes resemble most; no two of them share a column.

        Args:
            codes: (level, column), 1 to 512 columns.
            count: how many places, 1 or more.
            on_progress: told how far the search is, 0 to 1; returns whether to go on.

        Returns:
            ``count`` places, or all there are or were found until then, the nearest first.

        Raises:
            UsageError: there are too many columns.
        """
        n_columns = codes.shape[1]
        if not 1 <= n_columns <= MAX_COLUMNS:
            raise UsageError(
                f"A region of {n_columns} columns cannot be looked for; allowed are 1 to "
                f"{MAX_COLUMNS}. Ask for a part of it."
            )
        wanted = self._embed(codes)
        padded, starts = self._with_silence_between(n_columns - 1)
        costs = _costs(padded, wanted, on_progress)
        places = []
        # rounding may exchange two of equal cost, so that some more are looked at exactly
        for _ in range(count + 2):
            start = int(costs.argmin())
            if not math.isfinite(costs[start]):
                break
            file = int(np.searchsorted(starts, start, side="right")) - 1
            stop = starts[file + 1] if file + 1 < self.n_files else len(costs)
            costs[max(starts[file], start - n_columns + 1) : min(stop, start + n_columns)] = np.inf
            apart = padded[start : start + n_columns] - wanted
            distance = float(np.sqrt(np.mean(np.einsum("td,td->t", apart, apart))))
            places.append(Place(file, start - int(starts[file]) - n_columns + 1, distance))
        return sorted(places, key=lambda place: place.distance)[:count]

    def typical(self, level: int, code: int, *, count: int) -> list[Place]:
        """Find the columns that use a code most typically: nearest to the mean of all that do.

        Args:
            level: of the code.
            code: which one.
            count: how many, 1 or more.

        Returns:
            As many or fewer, the most typical first; none when no training sound uses the code.
        """
        users = np.flatnonzero(self._codes[level] == code)
        latents = self._latents[users]
        distances = np.linalg.norm(latents - latents.mean(axis=0), axis=1) if len(users) else []
        places: list[Place] = []
        for index in np.argsort(distances, kind="stable"):
            file = int(np.searchsorted(self._ends, users[index], side="right"))
            column = int(users[index]) - (int(self._ends[file - 1]) if file else 0)
            if all(
                place.file != file or abs(place.column - column) >= _APART_COLUMNS
                for place in places
            ):
                places.append(Place(file, column, float(distances[index])))
            if len(places) == count:
                break
        return places

    def _embed(self, codes: NDArray[np.integer]) -> NDArray[np.float32]:
        latents = embed(codes, self._codebooks)
        latents -= self._silence
        return latents

    def _with_silence_between(self, gap: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Return all latents with silent columns around every file.

        And the first window that touches each file: with as many silent columns as a window has but
        one, each touches exactly one.
        """
        lengths = np.diff(self._ends, prepend=0)
        starts = self._ends - lengths + gap * np.arange(self.n_files)
        padded = np.zeros((self._ends[-1] + gap * (self.n_files + 1), self._latents.shape[1]),
                          np.float32)  # fmt: skip
        for start, end, length in zip(starts, self._ends, lengths, strict=True):
            padded[start + gap : start + gap + length] = self._latents[end - length : end]
        return padded, starts


def _costs(
    padded: NDArray[np.float32],
    wanted: NDArray[np.float32],
    on_progress: Callable[[float], bool],
) -> NDArray[np.float64]:
    """Return the squared distance of every window; infinite where nobody wanted to go on.

    |x - q|^2 = |x|^2 - 2 x.q + |q|^2, where the middle comes from products of matrices.
    """
    n_columns, n_windows = len(wanted), len(padded) - len(wanted) + 1
    energies = np.concatenate(
        ([0.0], np.cumsum(np.einsum("td,td->t", padded, padded), dtype=np.float64))
    )
    costs = energies[n_columns:] - energies[:-n_columns] + float(np.sum(wanted**2, dtype=float))
    for start in range(0, n_windows, _CHUNK_COLUMNS):
        stop = min(n_windows, start + _CHUNK_COLUMNS)
        products = wanted @ padded[start : stop + n_columns - 1].T
        shared = np.zeros(stop - start)
        for column in range(n_columns):
            shared += products[column, column : column + stop - start]
        costs[start:stop] -= 2.0 * shared
        if not on_progress(stop / n_windows):
            costs[stop:] = np.inf
            break
    return costs
