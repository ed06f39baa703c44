"""One open grid, and what can be said of it."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sdaudio.errors import StateError
from sdaudio.grid import Change, Codes, Grid, Region, changed_columns

from ..journal import BlendFacts, GridFacts
from ..library import LoadedModel
from .history import History

CODES_PER_MESSAGE = 256


class Announcer(Protocol):
    """Tells subscribers; see `clients.Clients`."""

    def announce(self, address: str, *arguments: int | float | str | bytes) -> None:
        """Send a message to every subscriber."""
        ...

    def held(self) -> AbstractContextManager[Callable[[], None]]:
        """Keep everything back that is told inside, until its end or until it is dropped."""
        ...


@dataclass(eq=False, slots=True)
class Session:
    """One open grid. ``number`` is its own for ever, also when it is closed and opened again."""

    number: int
    name: str
    model: LoadedModel
    grid: Grid
    history: History
    labels: list[str]
    sound: str = ""
    """Absolute path of the sound that was encoded into it, or nothing."""
    seed: int = -1
    """Seed of the last take that was sampled into it, or -1."""
    muted: set[int] = field(default_factory=set)
    soloed: set[int] = field(default_factory=set)
    locked: set[int] = field(default_factory=set)
    """Levels that stay as they are in what a prior draws anew; forgotten with the daemon."""
    blends: list[BlendFacts] = field(default_factory=list)
    """What can still be moved, the latest moved last; they share no cell."""
    growing: bool = False
    """Whether a job is adding columns; edits and undo wait for it."""
    replaced: Codes | None = None
    """What a growing grid held before."""

    @property
    def active_levels(self) -> tuple[int, ...]:
        """The levels that are heard: the soloed ones if there are any, without the muted."""
        heard = self.soloed or set(range(self.grid.n_levels))
        return tuple(sorted(heard - self.muted))

    def check_quiet(self) -> None:
        """Check that no job is writing the grid.

        Raises:
            StateError: one is.
        """
        if self.growing:
            raise StateError(
                f"A job is writing grid '{self.name}'. Wait for it, or end it with /sda/job/cancel."
            )

    def become(self, kept: "Session") -> None:
        """Take over everything of the same grid as it is kept; a job that fills it goes on."""
        for field_ in dataclasses.fields(self):
            if field_.name != "growing":
                setattr(self, field_.name, getattr(kept, field_.name))

    def facts(self, *, closed: float = 0.0) -> GridFacts:
        """What is kept of it besides its codes."""
        return GridFacts(
            number=self.number,
            name=self.name,
            model=self.model.name,
            identity=self.model.header.identity,
            n_levels=self.grid.n_levels,
            codebook_size=self.grid.codebook_size,
            n_columns=self.grid.n_columns,
            revision=self.grid.revision,
            labels=tuple(self.labels),
            muted=tuple(sorted(self.muted)),
            soloed=tuple(sorted(self.soloed)),
            sound=self.sound,
            seed=self.seed,
            closed=closed,
        )


Edit = tuple[Session, Change]


def state_of(session: Session) -> tuple[int | str, ...]:
    """The arguments of ``/sda/grid/state``."""
    grid = session.grid
    return (
        session.name, session.model.name, grid.n_levels, grid.n_columns, grid.codebook_size,
        grid.revision, *session.labels,
    )  # fmt: skip


def blend_state(session: Session, blend: BlendFacts) -> tuple[int | float | str, ...]:
    """The arguments of ``/sda/blend/state``."""
    return session.name, *dataclasses.astuple(blend.region), blend.amount


def render_span(change: Change) -> tuple[int, int] | None:
    """The columns [start, stop) of the grid after a change that sound different now."""
    if not change.resizes:
        return changed_columns((change,))
    return change.column, change.column + change.after.shape[1]


def regrown(before: Codes, after: Codes) -> Change:
    """What changed in a grid that was filled anew, without the columns that it began with."""
    shared = min(before.shape[1], after.shape[1])
    different = np.flatnonzero((before[:, :shared] != after[:, :shared]).any(axis=0))
    start = int(different[0]) if different.size else shared
    return Change(0, start, before[:, start:].copy(), after[:, start:].copy())


def disturbs(change: Change, region: Region) -> bool:
    """Whether a change touches a cell of a region, or moves it."""
    if change.column >= region.column + region.columns:
        return False
    if change.resizes:
        return True
    levels, columns = change.after.shape
    return shares_cells(Region(change.level, levels, change.column, columns), region)


def holds(region: Region, level: int, column: int) -> bool:
    """Whether a cell lies in a region."""
    return shares_cells(region, Region(level, 1, column, 1))


def shares_cells(one: Region, other: Region) -> bool:
    """Whether two regions overlap."""
    return (
        one.level < other.level + other.levels
        and other.level < one.level + one.levels
        and one.column < other.column + other.columns
        and other.column < one.column + one.columns
    )


def why_not(facts: GridFacts, model: LoadedModel) -> str:
    """Why the codes of a kept grid can't be those of a model; nothing when they can."""
    ours, theirs = facts.identity, model.header.identity
    if ours and theirs and ours != theirs:
        return f"its codes are those of another model that was called '{facts.model}'"
    shape = (model.n_levels, model.codebook_size)
    if shape != (facts.n_levels, facts.codebook_size):
        return (
            f"it has {facts.n_levels} levels of {facts.codebook_size} codes, the model "
            f"'{model.name}' has {shape[0]} of {shape[1]}"
        )
    return ""
