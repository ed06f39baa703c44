"""Templates: regions kept by name, to be stamped into grids, once or in a rhythm."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sdaudio.edits import Clip, Placed, place, read_clip
from sdaudio.errors import FileError, UsageError
from sdaudio.grid import Grid
from sdaudio.rhythms import euclid


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern: a clip with a name."""

    name: str
    clip: Clip

    @property
    def record(self) -> str:
        """The template as a text to be kept, for `read_template`."""
        return json.dumps({"name": self.name, "clip": self.clip.record})


@dataclass(frozen=True, slots=True)
class Stamped:
    """A pattern placed at some columns. ``stamps_left_out`` would have begun behind the grid."""

    placed: Placed
    stamps: int
    stamps_left_out: int


def read_template(record: str) -> Template:
    """Read what `Template.record` wrote.

    Raises:
        FileError: it is damaged.
    """
    try:
        facts = json.loads(record)
        return Template(str(facts["name"]), read_clip(facts["clip"]))
    except (ValueError, TypeError, KeyError) as error:
        raise FileError(f"A template that was kept cannot be read again: {error!r}.") from error


def stamp(grid: Grid, template: Template, *, level: int, columns: Sequence[int]) -> Stamped:
    """Describe writing a template at some columns; later ones lie over earlier ones.

    Args:
        grid: the grid.
        template: of the grid's model.
        level: where its first level goes.
        columns: where its first column goes, each time; those behind the grid are left out.

    Raises:
        UsageError: the level is not in the grid, or all columns are behind it.
    """
    inside = [column for column in columns if column < grid.n_columns]
    if not inside:
        raise UsageError(
            f"column is {min(columns)}; the grid has {grid.n_columns}, so 0 to "
            f"{grid.n_columns - 1} are allowed."
        )
    placed = place(grid, template.clip.codes, level=level, columns=inside)
    return Stamped(placed, len(inside), len(columns) - len(inside))


def every_nth(column: int, until: int, step: int) -> range:
    """The columns from ``column`` to before ``until``, ``step`` apart.

    Raises:
        UsageError: there are none.
    """
    if until <= column:
        raise UsageError(f"until is {until}; it must be more than column, which is {column}.")
    return range(column, until, step)


def euclidean(
    column: int, *, hits: int, steps: int, width: int, rotation: int, repeats: int
) -> list[int]:
    """The columns of the hits of a euclidean rhythm, see `euclid`.

    Args:
        column: where the rhythm begins.
        hits: how many of the steps sound.
        steps: of one bar.
        width: columns of a step.
        rotation: the step that it begins with.
        repeats: bars.

    Raises:
        UsageError: there are more hits than steps.
    """
    if hits > steps:
        raise UsageError(f"hits is {hits}; allowed are 1 to {steps}, the number of steps.")
    bar = euclid(hits, steps, rotation=rotation)
    return [column + width * step for step in range(steps * repeats) if bar[step % steps]]
