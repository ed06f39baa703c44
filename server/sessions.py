"""Open grids: their codes, their history, their labels, and what is blended in them just now.

Every edit goes through `Sessions.edit`, whoever asks for it and whatever makes it, so that undo,
events and rendering see all of them. A step may touch several grids (a swap) and is undone in all
of them at once. This module renders nothing and plays nothing; it tells a listener what changed.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import StateError, UsageError, nearest_hint
from sdaudio.grid import (
    Change,
    Codes,
    Grid,
    History,
    Region,
    blend,
    changed_columns,
    changed_runs,
)
from sdaudio.settings import GridSettings

from .library import LoadedModel, check_name

CODES_PER_MESSAGE = 256
MAX_ANNOUNCED_CODES = 4096
"""A larger change is told by the grid's state alone: hosts lose long bursts of datagrams (Pd keeps
some 250), and a patch shows a few dozen columns, which it can read again."""
Edit = tuple["Session", Change]


class Announcer(Protocol):
    """Tells subscribers; see `clients.Clients`."""

    def announce(self, address: str, *arguments: int | float | str | bytes) -> None:
        """Send a message to every subscriber."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """What one undo takes back, in one grid or several."""

    edits: tuple[Edit, ...]

    @property
    def sessions(self) -> list["Session"]:
        """The grids it touches, each once."""
        return list(dict.fromkeys(session for session, _ in self.edits))


@dataclass(slots=True)
class Blend:
    """A blend that can still be moved: ``base`` is what its region held, all levels."""

    region: Region
    base: Codes
    amount: float


@dataclass(eq=False, slots=True)
class Session:
    """One open grid."""

    name: str
    model: LoadedModel
    grid: Grid
    history: History
    labels: list[str]
    muted: set[int] = field(default_factory=set)
    soloed: set[int] = field(default_factory=set)
    blend: Blend | None = None
    growing: bool = False
    """Whether a job is adding columns; edits and undo wait for it."""
    replaced: Codes | None = None
    """What a growing grid held before."""

    @property
    def active_levels(self) -> tuple[int, ...]:
        """The levels that are heard: the soloed ones if there are any, without the muted."""
        heard = self.soloed or set(range(self.grid.n_levels))
        return tuple(sorted(heard - self.muted))


class Sessions:
    """All open grids.

    Args:
        settings: limits.
        announcer: who is told about every change.
        on_change: called with a session and the columns [start, stop) to render again, and
            whether the grid's length or its levels changed so that all of it must be.
    """

    def __init__(self, settings: GridSettings, announcer: Announcer) -> None:
        self._settings = settings
        self._announcer = announcer
        self._sessions: dict[str, Session] = {}
        self._batch: list[Edit] | None = None
        self.clipboard: Codes | None = None
        """What was copied last, (level, column), from the top level on."""
        self.on_change: Callable[[Session, Change], None] = lambda _session, _change: None
        self.on_levels: Callable[[Session], None] = lambda _session: None
        self.on_close: Callable[[Session], None] = lambda _session: None

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def __contains__(self, name: str) -> bool:
        return name in self._sessions

    def __getitem__(self, name: str) -> Session:
        """Return an open grid.

        Raises:
            UsageError: there is none of this name.
        """
        if name not in self._sessions:
            names = ", ".join(self._sessions) or "none"
            raise UsageError(
                f"There is no grid '{name[:80]}'.{nearest_hint(name, self._sessions)} "
                f"Open grids: {names}. /sda/grid/encode or /sda/grid/new makes one."
            )
        return self._sessions[name]

    def open(self, name: str, model: LoadedModel, codes: NDArray[np.integer]) -> Session:
        """Put codes (level, column) into a grid: a new one, or one of the same model.

        In a grid that is open already the whole content is replaced, which can be undone.

        Raises:
            UsageError: the name or the size is not allowed.
            StateError: the grid belongs to another model, or too many are open.
        """
        self.check_length(codes.shape[1])
        if name in self._sessions:
            session = self.of_model(name, model)
            whole = session.grid.replacement(0, session.grid.n_columns, codes)
            self.edit((session, whole))
            return session
        check_name("grid", name)
        if len(self._sessions) >= self._settings.max_grids:
            raise StateError(
                f"{len(self._sessions)} grids are open, the most allowed "
                "(grids.max_grids). Close one with /sda/grid/close."
            )
        grid = Grid(codes, model.codebook_size)
        labels = list(model.header.level_names)
        session = Session(name, model, grid, History(self._settings.undo_steps), labels)
        self._sessions[name] = session
        whole = Change(0, 0, grid.codes[:, :0], grid.codes)
        self.announce_state(session)
        if grid.codes.size <= MAX_ANNOUNCED_CODES:
            self._announce_codes(session, whole)
        self.on_change(session, whole)
        return session

    def of_model(self, name: str, model: LoadedModel) -> Session:
        """Return an open grid and check that its codes mean what a model's codes mean.

        Raises:
            UsageError: there is no such grid.
            StateError: it belongs to another model.
        """
        session = self[name]
        if session.model.name != model.name:
            raise StateError(
                f"Grid '{name}' belongs to model '{session.model.name}', not to '{model.name}'. "
                "Take another grid name, or close it first."
            )
        return session

    def check_length(self, n_columns: int) -> None:
        """Check that a grid may be this long.

        Raises:
            UsageError: it may not.
        """
        if n_columns > self._settings.max_columns:
            raise UsageError(
                f"{n_columns} columns are more than a grid may hold "
                f"({self._settings.max_columns}, grids.max_columns)."
            )

    def close(self, name: str) -> None:
        """Close a grid; steps it shares with others can't be undone there any more.

        Raises:
            UsageError: there is none of this name.
        """
        session = self[name]
        del self._sessions[name]
        for other in self._sessions.values():
            for step in other.history.steps():
                if isinstance(step, Step) and session in step.sessions:
                    other.history.forget(step)
        self.on_close(session)
        self._announcer.announce("/sda/grid/closed", name)

    def begin_growth(self, name: str, model: LoadedModel, codes: Codes) -> Session:
        """Start filling a grid from the left; an open one of the same model is replaced.

        Until `end_growth` nobody else can edit it.

        Raises:
            UsageError: the name or the size is not allowed.
            StateError: the grid belongs to another model, or a job is writing it already.
        """
        if name not in self._sessions:
            session = self.open(name, model, codes)
        else:
            session = self.of_model(name, model)
            self._check_quiet(session)
            self.commit_blend(session)
            session.replaced = session.grid.codes.copy()
            self._apply(session, session.grid.replacement(0, session.grid.n_columns, codes))
        session.growing = True
        return session

    def grow(self, session: Session, codes: Codes) -> None:
        """Add columns to a grid that is being filled."""
        self._apply(session, session.grid.replacement(session.grid.n_columns, 0, codes))

    def end_growth(self, session: Session) -> None:
        """Make what was filled in one step to undo, if it replaced anything."""
        session.growing = False
        replaced, session.replaced = session.replaced, None
        if replaced is not None:
            self._record(((session, Change(0, 0, replaced, session.grid.codes.copy())),))

    def refresh(self, session: Session, codes: Codes) -> None:
        """Write codes of the grid's own size without a step to undo, as a training gets better."""
        self._apply(session, session.grid.change_to(0, 0, codes))

    def edit(self, *edits: Edit) -> None:
        """Carry out changes as one step (or as part of the batch that is open).

        Raises:
            StateError: a job is writing one of the grids.
        """
        for session, _ in edits:
            self._check_quiet(session)
            self.commit_blend(session)
        for session, change in edits:
            self._apply(session, change)
        self._record(edits)

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Everything edited inside is one step to undo; batches inside are part of it."""
        if self._batch is not None:
            yield
            return
        self._batch = []
        try:
            yield
        finally:
            self._close_batch()
            self._batch = None

    def undo(self, session: Session) -> None:
        """Take back the last step of a grid, in every grid it touched.

        Raises:
            StateError: there is nothing to undo, a job is writing the grid, or another grid of
                the step was edited since.
        """
        self._travel(session, undoing=True)

    def redo(self, session: Session) -> None:
        """Do the last undone step of a grid again, in every grid it touched.

        Raises:
            StateError: there is nothing to redo, a job is writing the grid, or another grid of
                the step was edited since.
        """
        self._travel(session, undoing=False)

    def set_blend(
        self, session: Session, other: Codes, region: Region, amount: float
    ) -> NDArray[np.float32]:
        """Move a blend, or begin one; the grid follows live and nothing is committed yet.

        Args:
            session: the grid to change.
            other: (level, column) of all levels, what to blend towards.
            region: where; another region than before commits the blend that stood there.
            amount: 0 keeps what the region held before the blend, 1 gives ``other``.

        Returns:
            How far each column lies from its codes, (column,).

        Raises:
            UsageError: the region does not lie inside the grid.
            StateError: a job is writing the grid.
        """
        self._check_quiet(session)
        if session.blend and session.blend.region != region:
            self.commit_blend(session)
        if session.blend is None:
            whole = Region(0, session.grid.n_levels, region.column, region.columns)
            session.blend = Blend(region, session.grid.read(whole), 0.0)
        current = session.blend
        change, distance = blend(
            session.grid, current.base, other, region, amount, session.model.codebooks,
            structure_dims=session.model.header.codec.structure_dims,
        )  # fmt: skip
        current.amount = amount
        self._apply(session, change)
        return distance

    def commit_blend(self, session: Session) -> None:
        """Make the blend of a grid one step to undo; without a blend nothing happens."""
        if session.blend is None:
            return
        region, base = session.blend.region, session.blend.base[session.blend.region.level_slice]
        session.blend = None
        change = Change(region.level, region.column, base, session.grid.read(region))
        if not np.array_equal(change.before, change.after):
            self._record(((session, change),))

    def cancel_blend(self, session: Session) -> None:
        """Give the region of a blend back what it held before.

        Raises:
            StateError: nothing is being blended.
        """
        if session.blend is None:
            raise StateError(f"Nothing is being blended in grid '{session.name}'.")
        region, base = session.blend.region, session.blend.base[session.blend.region.level_slice]
        session.blend = None
        self._apply(session, session.grid.change_to(region.level, region.column, base))

    def relabel(self, session: Session, level: int, text: str) -> None:
        """Give a level another name in this grid."""
        session.labels[level] = text
        self.announce_state(session)

    def set_levels(
        self, session: Session, level: int, *, mute: bool | None, solo: bool | None
    ) -> None:
        """Mute or solo a level; ``None`` leaves it as it is."""
        for wanted, levels in ((mute, session.muted), (solo, session.soloed)):
            if wanted is not None:
                (levels.add if wanted else levels.discard)(level)
        self._announcer.announce(
            "/sda/grid/levels", session.name, level, int(level in session.muted),
            int(level in session.soloed),
        )  # fmt: skip
        self.on_levels(session)

    def announce_state(self, session: Session) -> None:
        """Tell every subscriber what a grid is: model, size, revision, level names."""
        self._announcer.announce("/sda/grid/state", *state_of(session))

    def _check_quiet(self, session: Session) -> None:
        if session.growing:
            raise StateError(
                f"A job is writing grid '{session.name}'. Wait for it, or end it with "
                "/sda/job/cancel."
            )

    def _travel(self, session: Session, *, undoing: bool) -> None:
        self._check_quiet(session)
        self.commit_blend(session)
        self._close_batch()
        step = _next_step(session, undoing=undoing)
        if not isinstance(step, Step):
            word = "undo" if undoing else "redo"
            raise StateError(f"There is nothing to {word} in grid '{session.name}'.")
        for other in step.sessions:
            self._check_quiet(other)
            self.commit_blend(other)
            if _next_step(other, undoing=undoing) is not step:
                raise StateError(
                    f"This step also changed grid '{other.name}', which was edited since. "
                    f"{'Undo' if undoing else 'Redo'} there first."
                )
        for other in step.sessions:
            if undoing:
                other.history.undo()
            else:
                other.history.redo()
        ordered = [(s, c.inverted()) for s, c in reversed(step.edits)] if undoing else step.edits
        for other, change in ordered:
            self._apply(other, change)

    def _close_batch(self) -> None:
        """Make what the open batch holds so far a step; an undo inside a batch takes it back."""
        if self._batch:
            edits, self._batch = self._batch, None
            self._record(edits)
            self._batch = []

    def _record(self, edits: Sequence[Edit]) -> None:
        if not edits:
            return
        if self._batch is not None:
            self._batch.extend(edits)
            return
        step = Step(tuple(edits))
        for session in step.sessions:
            session.history.add(step)

    def _apply(self, session: Session, change: Change) -> None:
        if change.resizes:
            width = change.after.shape[1] - change.before.shape[1]
            self.check_length(session.grid.n_columns + width)
        session.grid.apply(change)
        is_large = change.after.size > MAX_ANNOUNCED_CODES
        if change.resizes or is_large:
            self.announce_state(session)
        if not is_large:
            self._announce_codes(session, change)
        self.on_change(session, change)

    def _announce_codes(self, session: Session, change: Change) -> None:
        for level, column, codes in changed_runs(change):
            for start in range(0, len(codes), CODES_PER_MESSAGE):
                part = [int(code) for code in codes[start : start + CODES_PER_MESSAGE]]
                self._announcer.announce(
                    "/sda/grid/codes", session.name, session.grid.revision, level, column + start,
                    *part,
                )  # fmt: skip


def _next_step(session: Session, *, undoing: bool) -> object:
    return session.history.last_done() if undoing else session.history.last_undone()


def state_of(session: Session) -> tuple[int | str, ...]:
    """The arguments of ``/sda/grid/state``."""
    grid = session.grid
    return (
        session.name, session.model.name, grid.n_levels, grid.n_columns, grid.codebook_size,
        grid.revision, *session.labels,
    )  # fmt: skip


def render_span(change: Change) -> tuple[int, int] | None:
    """The columns [start, stop) of the grid after a change that sound different now."""
    if not change.resizes:
        return changed_columns((change,))
    return change.column, change.column + change.after.shape[1]
