"""What is tried out in a grid before it is kept: candidates, variations, and cells that stay.

A place is tried out when its codes come from candidates or a variation. As long as nothing else was
edited in the grid since, another try of the same place takes back the last one, so that trying is
one step to undo, however many tries it takes. All of it is forgotten with the grid and the daemon;
what was put in is in the grid like any edit.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import StateError, UsageError
from sdaudio.grid import Change, Codes, Region
from sdaudio.prior import PAST_COLUMNS
from sdaudio.prior.infill import LOOK_AHEAD
from sdaudio.tasks.takes import Candidate, Place

from .sessions import Part, Session, Sessions


@dataclass(slots=True)
class Trial:
    """A place that is tried out: what stood there, and the step of the last try."""

    region: Region
    base: Codes
    seed: int | None = None
    part: Part | None = None
    candidates: tuple[Candidate, ...] = ()


class Takes:
    """What is tried out in the open grids.

    Args:
        sessions: the open grids.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._trials: dict[Session, Trial] = {}
        self._locks: dict[Session, NDArray[np.bool_]] = {}
        self._latest: dict[Session, int] = {}
        self._turns = asyncio.Lock()

    def forget(self, session: Session) -> None:
        """Drop everything about a grid that is closed."""
        self._trials.pop(session, None)
        self._locks.pop(session, None)
        self._latest.pop(session, None)

    @contextlib.asynccontextmanager
    async def turn_of(self, session: Session) -> AsyncIterator[bool]:
        """Wait until what varied before is done; whether a later one of the grid waits too."""
        number = self._latest[session] = self._latest.get(session, 0) + 1
        async with self._turns:
            yield self._latest.get(session) != number

    # cells that stay

    def lock(self, session: Session, region: Region, *, on: bool) -> None:
        """Let the cells of a region stay as they are in whatever is drawn anew, or free them.

        Raises:
            UsageError: the region does not lie inside the grid.
        """
        session.grid.check_region(region)
        cells = self._cells(session)
        cells[region.level_slice, region.column_slice] = on

    def lock_level(self, session: Session, level: int, *, on: bool) -> None:
        """Let a whole level stay, however long the grid gets; freeing it frees its cells too."""
        if on:
            session.locked.add(level)
        else:
            session.locked.discard(level)
            self._cells(session)[level] = False

    def locked(self, session: Session) -> NDArray[np.bool_]:
        """Which cells stay, (level, column)."""
        locked = self._cells(session).copy()
        locked[sorted(session.locked)] = True
        return locked

    def changed(self, session: Session, change: Change) -> None:
        """Let locked cells move with the columns they are in."""
        cells = self._locks.get(session)
        if change.resizes and cells is not None:
            stop = change.column + change.before.shape[1]
            new = np.zeros(change.after.shape, bool)
            parts = (cells[:, : change.column], new, cells[:, stop:])
            self._locks[session] = np.concatenate(parts, axis=1)

    # tries

    def place(self, session: Session, region: Region, *, tried: bool = False) -> Place:
        """A place of a grid as the worker wants it.

        Args:
            session: the grid.
            region: the place.
            tried: whether to take what was there before the place was tried out.

        Raises:
            UsageError: the region does not lie inside the grid.
            StateError: a job is writing the grid, or nothing of the region may change.
        """
        session.grid.check_region(region)
        session.check_quiet()
        keep = self.locked(session)[:, region.column_slice]
        keep[: region.level] = True
        keep[region.level + region.levels :] = True
        if keep.all():
            raise StateError(
                "Every cell of the region is locked, so nothing can change. Free them with "
                f"/sda/prior/lock {session.name} {region.level} 0."
            )
        start, stop = region.column, region.column + region.columns
        low = max(0, start - PAST_COLUMNS)
        codes = session.grid.codes[:, low : stop + LOOK_AHEAD].copy()
        if tried and (trial := self._standing(session, region)):
            codes[region.level_slice, start - low : stop - low] = trial.base
        return Place(codes, start - low, stop - low, low, keep)

    def seed_of(self, session: Session, region: Region) -> int | None:
        """The seed of the last try of a place, so that a slider goes on with it; None if new."""
        trial = self._standing(session, region)
        return trial.seed if trial else None

    def write(self, session: Session, region: Region, place: Place, codes: Codes) -> None:
        """Write what was drawn for a place, (level, column) of all levels, as any edit.

        Raises:
            StateError: the grid was closed, or the place edited meanwhile.
        """
        self._check_open(session)
        _check_untouched(session, region, place)
        change = session.grid.change_to(region.level, region.column, codes[region.level_slice])
        self._sessions.edit((session, change))

    def offer(
        self, session: Session, region: Region, place: Place, candidates: tuple[Candidate, ...]
    ) -> None:
        """Offer candidates for a place; the grid stays as it is.

        Raises:
            StateError: the grid was closed, or the place edited meanwhile.
        """
        self._trial(session, region, place).candidates = candidates

    def put_in(
        self, session: Session, region: Region, place: Place, codes: Codes, *, seed: int
    ) -> None:
        """Put what was drawn for a place, (level, column) of all levels, instead of the last try.

        Raises:
            StateError: the grid was closed, or the place edited meanwhile.
        """
        trial = self._trial(session, region, place)
        trial.seed = seed
        self._put(session, trial, codes[region.level_slice])

    def pick(self, session: Session, number: int) -> Trial:
        """Put a candidate into the grid instead of the last; 0 brings back what stood there.

        Raises:
            StateError: there are no candidates, or the grid was edited since.
            UsageError: there is none of this number.
        """
        trial = self._trials.get(session)
        if trial is None or not trial.candidates:
            raise StateError(
                f"Grid '{session.name}' has no candidates. /sda/prior/candidates makes some."
            )
        if number > len(trial.candidates):
            raise UsageError(
                f"candidate is {number}; allowed are 1 to {len(trial.candidates)}, and 0 for what "
                "stood there."
            )
        if self._standing(session, trial.region) is None:
            raise StateError(
                f"Grid '{session.name}' was edited since its candidates were made. Undo that, or "
                "make new ones with /sda/prior/candidates."
            )
        codes = trial.base
        if number:
            codes = trial.candidates[number - 1].codes[trial.region.level_slice]
        self._put(session, trial, codes)
        return trial

    def _put(self, session: Session, trial: Trial, codes: Codes) -> None:
        session.check_quiet()
        with self._sessions.batch():
            self._sessions.end_step()
            if trial.part is not None:
                self._sessions.undo(session)
            before, region = session.history.last_done, trial.region
            change = session.grid.change_to(region.level, region.column, codes)
            self._sessions.edit((session, change))
            self._sessions.end_step()
            last = session.history.last_done
            trial.part = last if last is not before else None

    def _trial(self, session: Session, region: Region, place: Place) -> Trial:
        """The trial of a place for which something was drawn, begun if there is none."""
        self._check_open(session)
        trial = self._standing(session, region)
        if trial is None:
            _check_untouched(session, region, place)
            trial = self._trials[session] = Trial(region, session.grid.read(region))
        return trial

    def _standing(self, session: Session, region: Region) -> Trial | None:
        """The trial of this very place, when nothing was edited there but by its tries."""
        trial = self._trials.get(session)
        if trial is None or trial.region != region:
            return None
        if (part := trial.part) is None:
            return trial if _holds(session, region, trial.base) else None
        is_blended = any(blend.number > part.number for blend in session.blends)
        return trial if session.history.last_done is part and not is_blended else None

    def _check_open(self, session: Session) -> None:
        if all(session is not other for other in self._sessions):
            raise StateError(f"Grid '{session.name}' was closed meanwhile.")

    def _cells(self, session: Session) -> NDArray[np.bool_]:
        shape = (session.grid.n_levels, session.grid.n_columns)
        cells = self._locks.get(session)
        if cells is None or cells.shape != shape:
            cells = self._locks[session] = np.zeros(shape, bool)
        return cells


def _check_untouched(session: Session, region: Region, place: Place) -> None:
    if not _holds(session, region, place.codes[region.level_slice, place.start : place.stop]):
        raise StateError(f"Grid '{session.name}' was edited at that place meanwhile. Try again.")


def _holds(session: Session, region: Region, codes: Codes) -> bool:
    grid = session.grid
    is_inside = region.column + region.columns <= grid.n_columns
    return is_inside and np.array_equal(grid.read(region), codes)
