"""What is kept of grids, as plain values."""

from dataclasses import dataclass

from sdaudio.grid import Codes, Region


@dataclass(frozen=True, slots=True)
class GridFacts:
    """What is kept of a grid besides its codes. ``closed`` is unix time, 0 while it is open."""

    number: int
    name: str
    model: str
    identity: str
    n_levels: int
    codebook_size: int
    n_columns: int
    revision: int
    labels: tuple[str, ...]
    muted: tuple[int, ...]
    soloed: tuple[int, ...]
    sound: str
    seed: int
    closed: float = 0.0


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What is kept of a part of a step besides its changes."""

    number: int
    grid: int
    step: int
    undone: bool
    n_bytes: int


@dataclass(frozen=True, slots=True)
class BlendFacts:
    """A blend that can still be moved. ``base`` is (level, column) of all levels."""

    number: int
    region: Region
    amount: float
    base: Codes
