"""All open grids, and every way in which they change."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from sdaudio.document import CodesOf, GridDocument
from sdaudio.edits import Clip, read_clip
from sdaudio.errors import StateError, UsageError, nearest_hint
from sdaudio.grid import Change, Codes, Grid
from sdaudio.settings import GridSettings

from ..journal import GridFacts, Journal
from ..library import LoadedModel, check_name
from .blends import Blends
from .gestures import Gestures
from .session import Announcer, Edit, Session, regrown, state_of
from .shelf import Dormant, Shelf
from .steps import Steps


class Sessions:
    """All open grids.

    What changes inside a `batch` is one step to undo and one transaction of the journal, and is
    told when it is kept; everything that changes outside one is a batch of its own.

    Args:
        settings: limits.
        announcer: who is told about every change.
        journal: where everything is kept.
        find_model: returns the model of a name, or raises an SdaudioError that says why not.
    """

    def __init__(
        self,
        settings: GridSettings,
        announcer: Announcer,
        journal: Journal,
        find_model: Callable[[str], LoadedModel],
    ) -> None:
        self._settings = settings
        self._announcer = announcer
        self._journal = journal
        self._shelf = Shelf(journal, settings, find_model)
        self._sessions: dict[str, Session] = {}
        self._numbered: dict[int, Session] = {}
        self._steps = Steps(
            announcer,
            journal,
            find_session=self._numbered.__getitem__,
            on_change=lambda session, change: self.on_change(session, change),
            on_lost=self._read_again,
        )
        self.blends = Blends(announcer, self._steps, journal)
        self._clipboard = _clip(journal)
        self.on_change: Callable[[Session, Change], None] = lambda _session, _change: None
        """Called with a session and what changed in it, which must be rendered again."""
        self.on_levels: Callable[[Session], None] = lambda _session: None
        """Called when other levels of a session are heard."""
        self.on_close: Callable[[Session], None] = lambda _session: None
        self.on_lost: Callable[[], None] = lambda: None
        """Called when all grids became again what the journal has, because it could not keep."""

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

    # documents

    def restore(self) -> None:
        """Open what was open when the daemon ended, however it ended."""
        with self.batch():
            self._admit(self._shelf.load())

    def wake(self, model: LoadedModel) -> None:
        """Open the grids that waited for a model."""
        if self._shelf.dormant:
            with self.batch():
                self._admit(self._shelf.wake(model))

    @property
    def dormant(self) -> list[Dormant]:
        """Grids that are kept and can't be opened, because of their model."""
        return self._shelf.dormant

    @property
    def closed(self) -> list[GridFacts]:
        """Grids that were closed and can be opened again, the latest closed last."""
        return self._shelf.closed()

    def open(
        self, name: str, model: LoadedModel, codes: NDArray[np.integer], *, sound: str = ""
    ) -> Session:
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
            with self.batch():
                self.edit((session, whole))
                session.sound, session.seed = sound, -1
                self._journal.note_grid(session.facts())
            return session
        self.check_new(name)
        grid = Grid(codes, model.codebook_size)
        labels = list(model.header.level_names)
        number, history = self._journal.next_number(), self._shelf.new_history()
        session = Session(number, name, model, grid, history, labels, sound)
        with self.batch():
            self._journal.note_grid(session.facts())
            whole = Change(0, 0, grid.codes[:, :0], grid.codes)
            self._journal.note_codes(number, grid.codes, grid.revision, whole)
            self._admit([session])
            self.on_change(session, whole)
        return session

    def check_new(self, name: str, *, n_more: int = 1) -> None:
        """Check that a grid of this name can be opened, and that so many more may be open.

        Raises:
            UsageError: the name is not allowed, or in use.
            StateError: too many are open.
        """
        check_name("grid", name)
        if name in self._sessions:
            raise UsageError(f"Grid '{name}' is open already; take another name or close it.")
        self._shelf.check_free(name)
        if len(self._sessions) + n_more > self._settings.max_grids:
            raise StateError(
                f"{len(self._sessions)} grids are open, the most allowed "
                "(grids.max_grids). Close one with /sda/grid/close."
            )

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
        """Close a grid; it can be opened again. One that waits for its model is forgotten.

        Steps that it shares with others are undone in each by itself from now on.

        Raises:
            UsageError: there is none of this name.
        """
        with self.batch():
            if not self._shelf.forget(name):
                session = self[name]
                self.end_growth(session)
                self.blends.commit(session)
                self._steps.close()
                self._shelf.put_away(session)
                self._remove(session)
            self._announcer.announce("/sda/grid/closed", name)

    def reopen(self, name: str) -> Session:
        """Open a grid that was closed, with its history.

        Raises:
            UsageError: none was closed, or one of this name is open.
            StateError: too many are open.
            SdaudioError: its model is missing.
        """
        self.check_new(name)
        with self.batch():
            session = self._shelf.take_back(name)
            self._admit([session])
        return session

    def open_document(self, name: str, model: LoadedModel, document: GridDocument) -> Session:
        """Open a document as a new grid, with as much of its history as is kept of any grid.

        Raises:
            UsageError: the name is not allowed, the grid too long, or the model another one.
            StateError: too many grids are open.
        """
        self.check_new(name)
        self.check_length(document.codes.shape[1])
        with self.batch():
            self._steps.close()
            session = self.open(name, model, document.codes, sound=document.sound)
            session.labels = list(document.labels)
            session.muted, session.soloed = set(document.muted), set(document.soloed)
            self._journal.note_grid(session.facts())
            for step in document.undo:
                for change in step:
                    self._steps.record(session, change)
                self._steps.close()
            # numbers rise with time, and the first to be done again lies on top
            numbers = [self._journal.next_number() for _ in document.redo]
            for step, number in reversed(list(zip(document.redo, numbers, strict=True))):
                self._steps.add_undone(session, step, number=number)
            self.announce_state(session)
        return session

    def rename(self, session: Session, name: str) -> None:
        """Give a grid another name; what plays of it stops, as if it were closed and opened again.

        Raises:
            UsageError: the name is not allowed, or in use.
            StateError: a job is writing the grid.
        """
        session.check_quiet()
        self.check_new(name, n_more=0)
        with self.batch():
            self._remove(session)
            self._announcer.announce("/sda/grid/closed", session.name)
            session.name = name
            self._journal.note_grid(session.facts())
            self._admit([session])

    def document(self, session: Session, *, history: bool = True) -> GridDocument:
        """A grid as a document. What it shares with other grids is its own there."""
        self.blends.commit(session)
        changes = self._journal.changes_of(session.number) if history else {}
        done = session.history.done if history else []
        undone = session.history.undone if history else []
        model = session.model
        identity = model.header.identity
        return GridDocument(
            name=session.name,
            model=CodesOf(model.name, identity, model.n_levels, model.codebook_size),
            codes=session.grid.codes.copy(),
            labels=tuple(session.labels),
            muted=tuple(sorted(session.muted)),
            soloed=tuple(sorted(session.soloed)),
            sound=session.sound,
            undo=tuple(changes[part.number] for part in done),
            redo=tuple(changes[part.number] for part in undone),
        )

    def take_over(self, model: LoadedModel) -> None:
        """Go on with a model whose file was written anew, in every grid of it."""
        with self.batch():
            for session in self:
                old = session.model
                same = (old.n_levels, old.codebook_size) == (model.n_levels, model.codebook_size)
                if old.name == model.name and same:
                    session.model = model
                    self._journal.note_grid(session.facts())

    # what a job fills

    def begin_growth(
        self, name: str, model: LoadedModel, codes: Codes, *, column: int = 0, seed: int = -1
    ) -> Session:
        """Start filling a grid from the left; an open one of the same model is replaced.

        Until `end_growth` nobody else can edit it.

        Args:
            name: of the grid.
            model: what its codes belong to.
            codes: the first columns that come, (level, column).
            column: where they come; what an open grid holds before stays.
            seed: what it is made from, if anything.

        Raises:
            UsageError: the name or the size is not allowed.
            StateError: the grid belongs to another model, or a job is writing it already.
        """
        if name not in self._sessions:
            session = self.open(name, model, codes)
        else:
            session = self.of_model(name, model)
            session.check_quiet()
            self.blends.commit(session)
            with self.batch():
                session.replaced = session.grid.codes.copy()
                self._journal.note_replaced(session.number, session.replaced)
                rest = session.grid.n_columns - column
                self._steps.apply(session, session.grid.replacement(column, rest, codes))
        with self.batch():
            session.seed = seed
            self._journal.note_grid(session.facts())
        session.growing = True
        return session

    def grow(self, session: Session, codes: Codes) -> None:
        """Add columns to a grid that is being filled."""
        with self.batch():
            self._steps.apply(session, session.grid.replacement(session.grid.n_columns, 0, codes))

    def end_growth(self, session: Session) -> None:
        """Make what was filled in one step to undo, if it replaced anything."""
        session.growing = False
        replaced, session.replaced = session.replaced, None
        if replaced is not None:
            with self.batch():
                self._journal.note_replaced(session.number, None)
                self._steps.record(session, regrown(replaced, session.grid.codes))

    def refresh(self, session: Session, codes: Codes) -> None:
        """Write codes of the grid's own size without a step to undo, as a training gets better."""
        with self.batch():
            self._steps.apply(session, session.grid.change_to(0, 0, codes))

    # edits

    def edit(self, *edits: Edit) -> None:
        """Carry out changes as one step (or as part of the batch that is open).

        A blend that is touched is committed first.

        Raises:
            StateError: a job is writing one of the grids.
            UsageError: a grid would be too long.
            FileError: it could not be kept; nothing was changed.
        """
        for session, change in edits:
            session.check_quiet()
            self.check_length(
                session.grid.n_columns + change.after.shape[1] - change.before.shape[1]
            )
        for session, change in edits:
            self.blends.commit_disturbed(session, change)
        with self.batch():
            for session, change in edits:
                self._steps.apply(session, change)
                self._steps.record(session, change)

    def batch(self, hand: Hashable | None = None) -> AbstractContextManager[None]:
        """Everything edited inside is one step to undo; batches inside are part of it.

        Args:
            hand: who edits; in the middle of a gesture its step goes on.

        Raises:
            FileError: it could not be kept. All grids are as they were before.
        """
        return self._steps.batch(hand)

    def end_step(self) -> None:
        """Make what the open batch holds so far a step by itself."""
        self._steps.close()

    @property
    def gestures(self) -> Gestures:
        """Who is in the middle of a gesture, whose edits are one step."""
        return self._steps.gestures

    def undo(self, session: Session) -> None:
        """Take back the last step of a grid, in every grid it touched.

        Raises:
            StateError: there is nothing to undo, a job is writing the grid, or another grid of
                the step was edited since.
        """
        session.check_quiet()
        with self.batch():
            self._steps.close()
            last, latest = session.history.last_done, session.blends[-1:]
            if latest and (last is None or latest[0].number > last.number):
                self.blends.undo(session, latest[0])
            else:
                self._steps.travel(session, undoing=True)

    def redo(self, session: Session) -> None:
        """Do the last undone step of a grid again, in every grid it touched.

        Raises:
            StateError: there is nothing to redo, a job is writing the grid, or another grid of
                the step was edited since.
        """
        session.check_quiet()
        with self.batch():
            self._steps.close()
            self._steps.travel(session, undoing=False)

    # what is not codes

    @property
    def clipboard(self) -> Clip | None:
        """What was copied last."""
        return self._clipboard

    @clipboard.setter
    def clipboard(self, clip: Clip) -> None:
        self._clipboard = clip
        with self.batch():
            self._journal.note_clipboard(clip.record)

    def relabel(self, session: Session, level: int, text: str) -> None:
        """Give a level another name in this grid."""
        with self.batch():
            session.labels[level] = text
            self._journal.note_grid(session.facts())
            self.announce_state(session)

    def set_levels(
        self, session: Session, level: int, *, mute: bool | None, solo: bool | None
    ) -> None:
        """Mute or solo a level; ``None`` leaves it as it is."""
        for wanted, levels in ((mute, session.muted), (solo, session.soloed)):
            if wanted is not None:
                (levels.add if wanted else levels.discard)(level)
        with self.batch():
            self._journal.note_grid(session.facts())
            self._announcer.announce(
                "/sda/grid/levels", session.name, level, int(level in session.muted),
                int(level in session.soloed),
            )  # fmt: skip
            self.on_levels(session)

    def announce_state(self, session: Session) -> None:
        """Tell every subscriber what a grid is: model, size, revision, level names."""
        self._announcer.announce("/sda/grid/state", *state_of(session))

    def _admit(self, sessions: list[Session]) -> None:
        """Put sessions beside the others and tell it; they are rendered when somebody asks."""
        for session in sessions:
            self._sessions[session.name] = session
            self._numbered[session.number] = session
            whole = Change(0, 0, session.grid.codes[:, :0], session.grid.codes)
            self._steps.announce(session, whole)
            # a job that was filling it has died with the daemon
            self.end_growth(session)

    def _remove(self, session: Session) -> None:
        del self._sessions[session.name]
        del self._numbered[session.number]
        self.on_close(session)

    def _read_again(self) -> None:
        """Make everything what the journal has, after it could not keep what was done since."""
        known = dict(self._numbered)
        self._sessions.clear()
        self._numbered.clear()
        self._clipboard = _clip(self._journal)
        for kept in self._shelf.load():
            session = known.pop(kept.number, kept)
            held = session.grid.codes
            session.become(kept)
            self._sessions[session.name] = self._numbered[session.number] = session
            self._steps.tell(session, Change(0, 0, held, session.grid.codes))
        for session in known.values():
            self.on_close(session)
            self._announcer.announce("/sda/grid/closed", session.name)
        self.on_lost()


def _clip(journal: Journal) -> Clip | None:
    record = journal.clipboard()
    return read_clip(record) if record else None
