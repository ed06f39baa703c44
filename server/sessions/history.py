"""What a grid can undo and redo: parts of steps, the newest last.

The codes themselves are kept elsewhere (`journal`): a long history costs next to no memory.
"""

from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Step:
    """What one undo takes back: a part in one grid, or one in each of several."""

    number: int
    parts: list["Part"] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Part:
    """What a step changed in one grid.

    ``number`` and the number of the step rise with time; ``n_bytes`` is what its codes take.
    """

    number: int
    grid: int
    n_bytes: int
    step: Step

    def __post_init__(self) -> None:
        self.step.parts.append(self)

    def leave(self) -> None:
        """Part with the step: the other grids undo and redo it without this one from now on."""
        self.step.parts.remove(self)
        self.step = Step(self.number)
        self.step.parts.append(self)


class History:
    """Two stacks of parts. One that is bounded forgets its oldest.

    Args:
        max_steps: how many can be undone.
        max_bytes: how much their codes may take together; the newest stays whatever it takes.
    """

    def __init__(self, *, max_steps: int, max_bytes: int) -> None:
        self._max_steps = max_steps
        self._max_bytes = max_bytes
        self._done: list[Part] = []
        self._undone: list[Part] = []
        self._n_bytes = 0

    @property
    def n_undo(self) -> int:
        """Steps that can be undone."""
        return len(self._done)

    @property
    def n_redo(self) -> int:
        """Steps that can be done again."""
        return len(self._undone)

    @property
    def last_done(self) -> Part | None:
        """What the next undo takes back, or None."""
        return self._done[-1] if self._done else None

    @property
    def last_undone(self) -> Part | None:
        """What the next redo does again, or None."""
        return self._undone[-1] if self._undone else None

    @property
    def done(self) -> list[Part]:
        """What can be undone, in the order of time."""
        return list(self._done)

    @property
    def undone(self) -> list[Part]:
        """What can be done again, in the order of time."""
        return self._undone[::-1]

    def add(self, part: Part) -> list[Part]:
        """Add what has just been done, and return what is forgotten for it.

        What was undone before can't be done again any more, and the oldest go over the bounds.
        """
        forgotten = self.drop_undone()
        self._done.append(part)
        self._n_bytes += part.n_bytes
        return forgotten + self._over_the_bounds()

    def grow(self, part: Part, n_bytes: int) -> list[Part]:
        """Note that the last part takes more, and return what is forgotten for it."""
        part.n_bytes += n_bytes
        self._n_bytes += n_bytes
        return self._over_the_bounds()

    def drop_undone(self) -> list[Part]:
        """Forget what can be done again, because something else was begun; returns it."""
        dropped, self._undone = self._undone, []
        self._n_bytes -= sum(part.n_bytes for part in dropped)
        return dropped

    def add_undone(self, part: Part) -> None:
        """Add what has just been taken back without having been a step."""
        self._undone.append(part)
        self._n_bytes += part.n_bytes

    def restore(self, parts: list[Part], *, n_undone: int) -> None:
        """Take over parts in the order of time, of which the last ``n_undone`` are undone."""
        n_done = len(parts) - n_undone
        self._done = parts[:n_done]
        self._undone = parts[n_done:][::-1]
        self._n_bytes = sum(part.n_bytes for part in parts)

    def undo(self) -> None:
        """Move the last that is done to what can be done again."""
        self._undone.append(self._done.pop())

    def redo(self) -> None:
        """Move the last that is undone back."""
        self._done.append(self._undone.pop())

    def _over_the_bounds(self) -> list[Part]:
        n_old, n_done = 0, len(self._done)
        while n_old < n_done - 1 and (
            n_done - n_old > self._max_steps or self._n_bytes > self._max_bytes
        ):
            self._n_bytes -= self._done[n_old].n_bytes
            n_old += 1
        forgotten = self._done[:n_old]
        del self._done[:n_old]
        return forgotten
