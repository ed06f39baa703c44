"""A controller with pads in rows and columns: a window of a code grid, lit and played.

The rows from the top are the levels of a grid, as wide as there are pads in a row; below them stand
the columns that follow, and in the lowest row functions. What is lit is compared with what should
be 25 times a second, and only what differs is sent.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import SdaudioError
from sdaudio.grid import Region
from sdaudio.settings import bounded, choice

from ..sessions import Session, Sessions
from ..wire import Message
from .parsing import Event
from .ports import OpenPort

logger = logging.getLogger(__name__)

FUNCTIONS = ("left", "right", "play", "undo", "redo", "darker", "brighter", "next")
"""What the first pads of the lowest row do."""
EVERY_S = 0.04
ROW_BY = ("note", "channel")
# Velocities of Launchpads and their like: from dark to bright, and what stands out.
_PALETTE = (49, 50, 45, 46, 37, 33, 29, 21, 17, 13)
_HEAD, _CURSOR, _FUNCTION, _ACTIVE, _OFF = 3, 5, 1, 21, 0

Colours = dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class PadSettings:
    """How the pads of a controller are numbered, and what they show.

    Args:
        output: the port that lights them, by a part of its name; empty is the input's.
        grid: the grid to show; empty is the first that is open, and ``next`` turns on.
        columns: pads in a row.
        rows: rows of pads.
        first: note of the pad at the top left.
        step: from a note to the one below it; negative where they count from the bottom.
        row_by: whether rows differ by their notes, or each has a channel, 1 at the top.
        channel: what they send and are lit on, where rows differ by notes.
        palette: ``launchpad`` has colours by number, ``scale`` goes from 1 to 127.
    """

    output: str = ""
    grid: str = ""
    columns: int = bounded(8, 1, 128)
    rows: int = bounded(8, 2, 16)
    first: int = bounded(81, 0, 127)
    step: int = bounded(-10, -127, 127)
    row_by: str = choice("note", ROW_BY)
    channel: int = bounded(1, 1, 16)
    palette: str = choice("launchpad", ("launchpad", "scale"))

    def note_of(self, row: int, column: int) -> tuple[int, int]:
        """The (channel, note) of a pad."""
        if self.row_by == "channel":
            return row + 1, self.first + column
        return self.channel, self.first + row * self.step + column

    def problem(self) -> str:
        """What is wrong with the numbers, empty when nothing is."""
        notes = [
            self.note_of(row, column)
            for row in (0, self.rows - 1)
            for column in (0, self.columns - 1)
        ]
        if any(not 0 <= note <= 127 for _, note in notes):
            return (
                f"the pads would have the notes {min(n for _, n in notes)} to "
                f"{max(n for _, n in notes)}; allowed are 0 to 127"
            )
        return ""


@dataclass(slots=True)
class _Cell:
    level: int
    column: int


class Pads:
    """One controller.

    Args:
        settings: how it is numbered.
        output: lights it; None shows nothing.
        sessions: the open grids.
        order: the places of a level's codes from dark (0) to bright (1) by code, or None while
            they are not known yet.
        head: the column of a grid that is heard now, or None.
        run: runs messages of this hand.
    """

    def __init__(
        self,
        settings: PadSettings,
        output: OpenPort | None,
        sessions: Sessions,
        order: Callable[[Session, int], NDArray[np.float64] | None],
        head: Callable[[str], int | None],
        run: Callable[[list[Message]], None],
    ) -> None:
        self.settings = settings
        self._output, self._sessions, self._order = output, sessions, order
        self._head, self._run = head, run
        self._grid = settings.grid
        self._start = 0
        self._cursor = _Cell(0, 0)
        self._held: _Cell | None = None
        self._lit: Colours = {}
        self._pads = {
            settings.note_of(row, column): (row, column)
            for row in range(settings.rows)
            for column in range(settings.columns)
        }

    def handle(self, event: Event) -> bool:
        """Take a press or its end; whether it was a pad's."""
        pad = self._pads.get((event.channel, event.number))
        if pad is None or event.kind not in ("note-on", "note-off"):
            return False
        session = self._session()
        if session is not None:
            if pad[0] == self.settings.rows - 1:
                if event.kind == "note-on":
                    self._do(session, pad[1])
            else:
                self._touch(session, self._cell_of(session, *pad), event)
        return True

    def show(self) -> None:
        """Light what has changed since the last time."""
        if self._output is None:
            return
        wanted = self._colours()
        try:
            for (channel, note), colour in wanted.items():
                if self._lit.get((channel, note)) != colour:
                    self._output.send(bytes((0x90 | channel - 1, note, colour)))
        except (OSError, RuntimeError, SystemError, ValueError, SdaudioError) as error:
            logger.info("the pads cannot be lit any more: %s", error)
            self._output = None
        self._lit = wanted

    def darken(self) -> None:
        """Put all lights out."""
        if self._output is None:
            return
        for channel, note in self._lit:
            try:
                self._output.send(bytes((0x90 | channel - 1, note, _OFF)))
            except (OSError, RuntimeError, SystemError, ValueError, SdaudioError):
                break
        self._lit = {}

    def _session(self) -> Session | None:
        """The grid that is shown."""
        if self._grid in self._sessions:
            return self._sessions[self._grid]
        if self.settings.grid:
            return None
        return next(iter(self._sessions), None)

    def _n_bands(self, session: Session) -> int:
        return max(1, (self.settings.rows - 1) // session.grid.n_levels)

    def _cell_of(self, session: Session, row: int, column: int) -> _Cell | None:
        """The cell behind a pad, or None where there is none."""
        n_levels = session.grid.n_levels
        band, level = divmod(row, n_levels)
        at = self._start + band * self.settings.columns + column
        is_there = band < self._n_bands(session) and at < session.grid.n_columns
        return _Cell(level, at) if is_there else None

    def _touch(self, session: Session, cell: _Cell | None, event: Event) -> None:
        if event.kind == "note-off":
            if cell == self._held:
                self._held = None
            return
        if cell is None:
            return
        name, held = session.name, self._held
        if held is not None and held.level == cell.level and held != cell:
            # one pad is held: its code is copied to the other
            code = int(session.grid.read(Region(held.level, 1, held.column, 1))[0, 0])
            self._run([Message("/sda/grid/set", (name, cell.level, cell.column, code))])
        else:
            self._held = cell
            code = int(session.grid.read(Region(cell.level, 1, cell.column, 1))[0, 0])
            self._run([Message("/sda/play/code", (session.model.name, cell.level, code))])
        self._cursor = cell

    def _do(self, session: Session, place: int) -> None:
        if place >= len(FUNCTIONS):
            return
        name, width = session.name, self.settings.columns * self._n_bands(session)
        match FUNCTIONS[place]:
            case "left":
                self._start = max(0, self._start - width)
            case "right":
                if self._start + width < session.grid.n_columns:
                    self._start += width
            case "play":
                stops = self._head(name) is not None
                self._run([Message("/sda/play/stop" if stops else "/sda/play/loop", (name,))])
            case "undo" | "redo" as what:
                self._run([Message(f"/sda/grid/{what}", (name,))])
            case "darker" | "brighter" as direction:
                cell = self._cursor
                if cell.level < session.grid.n_levels and cell.column < session.grid.n_columns:
                    step = (name, cell.level, 1, cell.column, 1, direction)
                    self._run([Message("/sda/grid/step", step)])
            case "next":
                names = [each.name for each in self._sessions]
                at = names.index(name) + 1 if name in names else 0
                self._grid, self._start = names[at % len(names)], 0

    def _colours(self) -> Colours:
        settings, session = self.settings, self._session()
        colours: Colours = dict.fromkeys(self._pads, _OFF)
        if session is None:
            return colours
        self._start = min(self._start, max(0, session.grid.n_columns - 1))
        head = self._head(session.name)
        width = settings.columns * self._n_bands(session)
        columns = min(width, session.grid.n_columns - self._start)
        codes = session.grid.read(Region(0, session.grid.n_levels, self._start, columns))
        ranks = [self._order(session, level) for level in range(session.grid.n_levels)]
        for key, (row, column) in self._pads.items():
            if row == settings.rows - 1:
                if column < len(FUNCTIONS):
                    is_active = FUNCTIONS[column] == "play" and head is not None
                    colours[key] = _ACTIVE if is_active else _FUNCTION
                continue
            cell = self._cell_of(session, row, column)
            if cell is None:
                continue
            rank = ranks[cell.level]
            place = (
                0.5 if rank is None else float(rank[codes[cell.level, cell.column - self._start]])
            )
            colours[key] = self._colour(place)
            if cell == self._cursor:
                colours[key] = _CURSOR if settings.palette == "launchpad" else 127
            elif cell.column == head:
                colours[key] = _HEAD if settings.palette == "launchpad" else 126
        return colours

    def _colour(self, place: float) -> int:
        """The velocity that stands for a code between the darkest (0) and the brightest (1)."""
        if self.settings.palette == "scale":
            return 1 + round(124 * place)
        return _PALETTE[round(place * (len(_PALETTE) - 1))]
