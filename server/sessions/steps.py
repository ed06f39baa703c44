"""Steps: what is changed in one go, kept in one transaction, told when it is kept, and undone."""

import contextlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from sdaudio.errors import FileError, StateError
from sdaudio.grid import Change, changed_runs

from ..journal import Journal, PartFacts
from .gestures import Gestures
from .history import Part, Step
from .session import CODES_PER_MESSAGE, Announcer, Session, state_of

MAX_ANNOUNCED_CODES = 4096
"""A larger change is told by the grid's state alone: hosts lose long bursts of datagrams (Pd keeps
some 250), and a patch shows a few dozen columns, which it can read again."""

_CHANGE_BYTES = 64
"""What a change takes besides its codes, about."""


@dataclass(slots=True)
class _Recorded:
    """What the open batch changed in one grid.

    ``number`` is its part's, taken with the first change: what is blended later in the batch is
    newer, and is undone first.
    """

    number: int
    changes: list[Change] = field(default_factory=list)


class Steps:
    """Carries out changes of codes, and takes them back.

    Args:
        announcer: who is told about every change.
        journal: where everything is kept.
        find_session: returns the open session of a number.
        on_change: called with a session and what changed in it.
        on_lost: called when a step could not be kept, to make everything what the journal has.
    """

    def __init__(
        self,
        announcer: Announcer,
        journal: Journal,
        find_session: Callable[[int], Session],
        on_change: Callable[[Session, Change], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._announcer = announcer
        self._journal = journal
        self._find_session = find_session
        self._on_change = on_change
        self._on_lost = on_lost
        self._batch: dict[Session, _Recorded] | None = None
        self._hand: Hashable | None = None
        self.gestures = Gestures()

    @contextlib.contextmanager
    def batch(self, hand: Hashable | None = None) -> Iterator[None]:
        """Everything edited inside is one step to undo; batches inside are part of it.

        Args:
            hand: who edits; in the middle of a gesture its step goes on.

        Raises:
            FileError: it could not be kept. All grids are as they were before.
        """
        if self._batch is not None:
            yield
            return
        self._batch, self._hand = {}, hand
        with self._announcer.held() as drop_what_was_told:
            try:
                yield
            finally:
                self.close()
                self._batch = None
                try:
                    self._journal.commit()
                except FileError:
                    drop_what_was_told()
                    self._on_lost()
                    raise

    def close(self) -> None:
        """Make what the open batch holds so far a step; an undo inside a batch takes it back."""
        recorded, self._batch = self._batch, {}
        if not recorded:
            return
        gesture = self.gestures.of(self._hand)
        step = gesture.step if gesture else None
        if step is None or not self._is_last(step):
            step = Step(self._journal.next_number())
        if gesture:
            gesture.step = step
        parts = {part.grid: part for part in step.parts}
        for session, done in recorded.items():
            if part := parts.get(session.number):
                n_bytes = _size(done.changes)
                self._journal.note_more(part.number, done.changes, n_bytes)
                self.forget(session.history.grow(part, n_bytes))
            else:
                part = self.part(session, done.number, step, done.changes)
                self.forget(session.history.add(part))

    def _is_last(self, step: Step) -> bool:
        """Whether nothing happened since in any of its grids."""
        histories = [self._find_session(part.grid).history for part in step.parts]
        return bool(histories) and all(
            history.last_done is part and not history.n_redo
            for part, history in zip(step.parts, histories, strict=True)
        )

    def part(self, session: Session, number: int, step: Step, changes: Sequence[Change]) -> Part:
        """Keep what a step changed in one grid."""
        n_bytes = _size(changes)
        part = Part(number, session.number, n_bytes, step)
        facts = PartFacts(number, session.number, step.number, undone=False, n_bytes=n_bytes)
        self._journal.note_part(facts, changes)
        return part

    def add_undone(self, session: Session, changes: Sequence[Change], *, number: int) -> None:
        """Keep what can be done again in one grid without having been done in it."""
        part = self.part(session, number, Step(self._journal.next_number()), changes)
        session.history.add_undone(part)
        self._journal.note_undone(part.number, undone=True)

    def forget(self, parts: list[Part]) -> None:
        """Drop parts that nobody can undo or redo any more."""
        for part in parts:
            part.leave()
            self._journal.forget_part(part.number)

    def record(self, session: Session, change: Change) -> None:
        """Make a change that was applied part of the step that is open."""
        assert self._batch is not None
        if change.resizes or not np.array_equal(change.before, change.after):
            if session not in self._batch:
                self._batch[session] = _Recorded(self._journal.next_number())
            self._batch[session].changes.append(change)

    def apply(self, session: Session, change: Change) -> None:
        """Carry out a change, keep it and tell it; it is no step yet."""
        grid = session.grid
        grid.apply(change)
        self._journal.note_codes(session.number, grid.codes, grid.revision, change)
        self.tell(session, change)

    def tell(self, session: Session, change: Change) -> None:
        """Tell subscribers and the renderer what changed."""
        self.announce(session, change)
        self._on_change(session, change)

    def announce(self, session: Session, change: Change) -> None:
        """Tell subscribers what changed."""
        is_large = change.after.size > MAX_ANNOUNCED_CODES
        if change.resizes or is_large:
            self._announcer.announce("/sda/grid/state", *state_of(session))
        if not is_large:
            self._announce_codes(session, change)

    def _announce_codes(self, session: Session, change: Change) -> None:
        for level, column, codes in changed_runs(change):
            for start in range(0, len(codes), CODES_PER_MESSAGE):
                part = [int(code) for code in codes[start : start + CODES_PER_MESSAGE]]
                self._announcer.announce(
                    "/sda/grid/codes", session.name, session.grid.revision, level, column + start,
                    *part,
                )  # fmt: skip

    def travel(self, session: Session, *, undoing: bool) -> None:
        """Undo or redo the last step of a grid, in every grid it touched.

        Raises:
            StateError: there is none, a job is writing a grid, or another one was edited since.
        """
        word = "undo" if undoing else "redo"
        part = _next_part(session, undoing=undoing)
        if part is None:
            raise StateError(f"There is nothing to {word} in grid '{session.name}'.")
        touched = [self._find_session(each.grid) for each in part.step.parts]
        for other in touched:
            other.check_quiet()
            following = _next_part(other, undoing=undoing)
            is_blended = any(current.number > part.number for current in other.blends)
            if following is None or following.step is not part.step or is_blended:
                raise StateError(
                    f"This step also changed grid '{other.name}', which was edited since. "
                    f"{word.capitalize()} there first."
                )
        for each, other in zip(part.step.parts, touched, strict=True):
            changes = self._journal.changes(each.number)
            if undoing:
                other.history.undo()
                changes = [change.inverted() for change in reversed(changes)]
            else:
                other.history.redo()
            self._journal.note_undone(each.number, undone=undoing)
            for change in changes:
                self.apply(other, change)


def _next_part(session: Session, *, undoing: bool) -> Part | None:
    return session.history.last_done if undoing else session.history.last_undone


def _size(changes: Sequence[Change]) -> int:
    return sum(_CHANGE_BYTES + c.before.nbytes + c.after.nbytes for c in changes)
