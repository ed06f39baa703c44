"""The requests that draw from a model's prior or measure what was drawn, and their results.

As cheap to import as `sdaudio.tasks.requests`; `sdaudio.tasks.taking` carries them out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.prior import Novelty, SamplingOptions
from sdaudio.tasks.requests import Codes, Request


@dataclass(frozen=True, slots=True)
class Sample(Request):
    """Sample new columns from a model's prior. Answers `Sampled`.

    `ColumnsMade` report them, and `TakeMeasured` how new they are, also when it is stopped.

    ``prompt`` is what they go on from, and begins in its grid at ``first_column``. ``files`` are
    the numbers of the training files whose codes may be used, all of them when there is none.
    """

    model: Path
    n_columns: int
    options: SamplingOptions
    prompt: Codes | None = None
    first_column: int = 0
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Morph(Request):
    """Sample columns that lead from the codes of one grid to another's, as `Sample` does.

    ``first`` and ``second`` are (level, column), of any length.
    """

    model: Path
    n_columns: int
    options: SamplingOptions
    first: Codes
    second: Codes
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampled:
    """Columns that were drawn, (level, column), and how new they are."""

    codes: Codes
    novelty: Novelty


@dataclass(frozen=True, slots=True)
class Place:
    """Columns of a grid that are to be drawn anew.

    ``codes`` (level, column) are those columns, ``start`` to ``stop``, with what matters on both
    sides; they begin in their grid at ``first_column``. ``keep`` (level, stop - start) are the
    cells that stay.
    """

    codes: Codes
    start: int
    stop: int
    first_column: int
    keep: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fill(Request):
    """Fill a place from a model's prior in several ways. Answers `Filled`.

    Each of ``n_candidates`` fillings is the best of ``n_tries``.
    """

    model: Path
    place: Place
    options: SamplingOptions
    n_candidates: int
    n_tries: int
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Vary(Request):
    """Vary a place by an amount of 0 to 1. Answers `Sampled`."""

    model: Path
    place: Place
    options: SamplingOptions
    amount: float
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to draw a place anew: codes (level, column), how likely, how new.

    ``likelihood`` is in nats per code, 0 at best; see `sdaudio.prior.Filling`.
    """

    codes: Codes
    likelihood: float
    novelty: Novelty


@dataclass(frozen=True, slots=True)
class Filled:
    """The candidates, the best first."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class MeasureNovelty(Request):
    """Measure how new codes (level, column) are against a model's sounds. Answers `Novelty`."""

    model: Path
    codes: Codes
