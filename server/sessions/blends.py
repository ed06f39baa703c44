"""Blends: regions between two sounds that can still be moved, live in the grid."""

import dataclasses
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import StateError
from sdaudio.grid import Change, Codes, Region, blend

from ..journal import BlendFacts, Journal
from .session import Announcer, Session, blend_state, disturbs, shares_cells
from .steps import Steps


class Blends:
    """Moves blends, and makes them steps or gives back what was there.

    Args:
        announcer: who is told where blends stand.
        steps: carries out what they change.
        journal: where they are kept.
    """

    def __init__(self, announcer: Announcer, steps: Steps, journal: Journal) -> None:
        self._announcer = announcer
        self._steps = steps
        self._journal = journal

    def set(
        self, session: Session, other: Codes, region: Region, amount: float
    ) -> NDArray[np.float32]:
        """Move a blend, or begin one; the grid follows live and nothing is committed yet.

        Several may stand in a grid as long as they share no cell; one that a new one touches is
        committed.

        Args:
            session: the grid to change.
            other: (level, column) of all levels, what to blend towards.
            region: where; the same one again moves its blend.
            amount: 0 keeps what the region held before the blend, 1 gives ``other``.

        Returns:
            How far each column lies from its codes, (column,).

        Raises:
            UsageError: the region does not lie inside the grid.
            StateError: a job is writing the grid.
        """
        session.check_quiet()
        session.grid.check_region(region)
        current = next((known for known in session.blends if known.region == region), None)
        if current is None:
            touched = [b for b in session.blends if shares_cells(b.region, region)]
            self.commit(session, touched)
        whole = Region(0, session.grid.n_levels, region.column, region.columns)
        base = current.base if current else session.grid.read(whole)
        change, distance = blend(
            session.grid, base, other, region, amount, session.model.codebooks,
            structure_dims=session.model.header.codec.structure_dims,
        )  # fmt: skip
        with self._steps.batch():
            moved = BlendFacts(self._journal.next_number(), region, amount, base)
            replaced = current.number if current else 0
            self._journal.note_blend(session.number, moved, instead_of=replaced)
            session.blends = [*(b for b in session.blends if b is not current), moved]
            self._steps.forget(session.history.drop_undone())
            self._steps.apply(session, change)
            self._announcer.announce("/sda/blend/state", *blend_state(session, moved))
        return distance

    def commit_disturbed(self, session: Session, change: Change) -> None:
        """Make the blends that a change touches or moves steps to undo."""
        self.commit(session, [b for b in session.blends if disturbs(change, b.region)])

    def commit(self, session: Session, chosen: Iterable[BlendFacts] | None = None) -> int:
        """Make blends of a grid steps to undo, all without a choice; returns how many."""
        chosen = list(session.blends if chosen is None else chosen)
        for current in chosen:
            with self._steps.batch():
                self._steps.record(session, self._drop(session, current))
        return len(chosen)

    def cancel(self, session: Session, chosen: Iterable[BlendFacts]) -> int:
        """Give the regions of blends back what they held before; returns how many.

        Raises:
            StateError: none was chosen.
        """
        chosen = list(chosen)
        if not chosen:
            raise StateError(f"Nothing is being blended there in grid '{session.name}'.")
        with self._steps.batch():
            for current in chosen:
                self._steps.apply(session, self._drop(session, current).inverted())
        return len(chosen)

    def undo(self, session: Session, current: BlendFacts) -> None:
        """Take back a blend that was not committed; it can be done again."""
        change = self._drop(session, current)
        self._steps.add_undone(session, [change], number=current.number)
        self._steps.apply(session, change.inverted())

    def _drop(self, session: Session, current: BlendFacts) -> Change:
        """Forget a blend and return what it changed."""
        session.blends.remove(current)
        self._journal.forget_blend(current.number)
        region = current.region
        self._announcer.announce("/sda/blend/ended", session.name, *dataclasses.astuple(region))
        before = current.base[region.level_slice]
        return Change(region.level, region.column, before, session.grid.read(region))
