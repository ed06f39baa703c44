"""What the words of a map stand for: the grid that plays, another one, dials, models."""

from collections.abc import Callable

from sdaudio.errors import StateError

from ..library import Library
from ..sessions import Session, Sessions
from ..wire import Argument, Message
from .maps import DIALS, MODEL, Control, Map
from .parsing import Event


class Surroundings:
    """What is there when a hand moves.

    Args:
        sessions: the open grids.
        library: the models, by their places in it.
        head: the column of a grid that is heard now, or None.
        current: the value that a message would change, None when it is not known.
    """

    def __init__(
        self,
        sessions: Sessions,
        library: Library,
        head: Callable[[str], int | None],
        current: Callable[[Message], float | None],
    ) -> None:
        self._sessions, self._library, self._head = sessions, library, head
        self._current = current
        self.dials: dict[str, float] = {}
        """Where the dials of all maps stand."""

    def use(self, found: Map) -> None:
        """Let the dials of a map stand where it says, but those that were turned already."""
        self.dials = {**found.dials, **self.dials}

    def current(self, message: Message) -> float | None:
        """The value that a message would change, None when it is not known."""
        if message.address == DIALS:
            return self.dials.get(str(message.arguments[0]))
        return self._current(message)

    def has_model(self, event: Event) -> bool:
        """See `hands.Around`."""
        return event.number < len(self._library.names())

    def meaning(self, word: str, control: Control, event: Event) -> Argument:
        """See `hands.Around`."""
        if word == MODEL:
            return self._library.names()[event.number]
        if word.removeprefix("$") in self.dials:
            return self.dials[word.removeprefix("$")]
        grid = self._grid()
        match word:
            case "$grid":
                return grid.name
            case "$other":
                return self._other(grid).name
            case "$levels":
                return grid.grid.n_levels
            case _:
                columns = grid.grid.n_columns
                if "$other" in control.arguments:
                    columns = min(columns, self._other(grid).grid.n_columns)
                return columns

    def _grid(self) -> Session:
        """The grid that plays, or else the first that is open."""
        sessions = list(self._sessions)
        playing = [each for each in sessions if self._head(each.name) is not None]
        if not sessions:
            raise StateError("No grid is open that the control could act on; see /sda/grid/new.")
        return (playing or sessions)[0]

    def _other(self, grid: Session) -> Session:
        """The grid that was opened next, in a circle."""
        sessions = list(self._sessions)
        if len(sessions) < 2:
            raise StateError("Only one grid is open; the control needs another one.")
        return sessions[(sessions.index(grid) + 1) % len(sessions)]
