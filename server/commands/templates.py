"""/sda/template: regions kept by name, and stamped into grids, once or in a rhythm."""

from collections.abc import Sequence
from typing import Annotated

from sdaudio.errors import UsageError
from sdaudio.templates import euclidean, every_nth, stamp

from ..context import Context
from ..registry import Results, Spec, command
from ..sessions import CODES_PER_MESSAGE
from ..templates import state_of_template
from ..wire import Peer
from .editing import copied, edit_in_places
from .parameters import Column, GridName, GridRegion, Level

TemplateName = Annotated[str, Spec("name of a template, chosen by you")]
Row = Annotated[int, Spec("level of the template, 0 is its first", 0, 3)]
_STAMPED = "revision stamps levels_left_out columns_left_out stamps_left_out"


@command("/sda/template/save", returns="template model level levels columns")
def save(
    context: Context,
    template: TemplateName,
    grid: GridName,
    region: GridRegion,
    replace: Annotated[bool, Spec("1 replaces a template of this name")] = False,
) -> Results:
    """Keep a region of a grid under a name, to be stamped into grids of the same model.

    Subscribers hear ``/sda/template/state <template> <model> <level> <levels> <columns>``.
    """
    clip = copied(context.sessions[grid], region)
    return state_of_template(context.templates.save(template, clip, replace=replace))


@command("/sda/template/list", returns="templates")
def list_templates(context: Context, peer: Peer) -> Results:
    """List the templates.

    One ``/sda/template/state <template> <model> <level> <levels> <columns>`` for each, then their
    number.
    """
    for template in context.templates:
        context.clients.tell(peer, "/sda/template/state", *state_of_template(template))
    return (len(context.templates),)


@command("/sda/template/info", returns="template model level levels columns")
def info(context: Context, template: TemplateName) -> Results:
    """Ask what a template is: its model, the level it was taken from, its levels and columns."""
    return state_of_template(context.templates[template])


@command("/sda/template/get", returns="template row start code ...")
def get(
    context: Context,
    template: TemplateName,
    row: Row,
    start: Column = 0,
    count: Annotated[int, Spec("how many columns", 1, CODES_PER_MESSAGE)] = CODES_PER_MESSAGE,
) -> Results:
    """Read codes of one level of a template, 256 at the most; ask again further on for more."""
    codes = context.templates[template].clip.codes
    n_rows, n_columns = codes.shape
    if row >= n_rows or start >= n_columns:
        raise UsageError(
            f"row is {row} and start {start}; template '{template}' has rows 0 to {n_rows - 1} and "
            f"columns 0 to {n_columns - 1}."
        )
    return template, row, start, *codes[row, start : start + count].tolist()


@command("/sda/template/rename", returns="template model level levels columns")
def rename(context: Context, template: TemplateName, new_name: TemplateName) -> Results:
    """Give a template another name."""
    return state_of_template(context.templates.rename(template, new_name))


@command("/sda/template/delete", returns="template")
def delete(context: Context, template: TemplateName) -> Results:
    """Forget a template. Subscribers hear ``/sda/template/deleted <template>``."""
    context.templates.delete(template)
    return (template,)


@command("/sda/template/stamp", returns=_STAMPED)
def stamp_once(
    context: Context, grid: GridName, template: TemplateName, level: Level, column: Column
) -> Results:
    """Write a template into a grid, with its upper left corner at a level and column.

    The level may be another than it was taken from. Answers how many levels and columns did not fit
    into the grid.
    """
    return _stamp(context, grid, template, level, (column,))


@command("/sda/template/every", returns=_STAMPED)
def stamp_every(
    context: Context,
    grid: GridName,
    template: TemplateName,
    level: Level,
    column: Column,
    every: Annotated[int, Spec("columns from one to the next", 1)],
    until: Annotated[int, Spec("before which column it ends, 0 is the end of the grid", 0)] = 0,
) -> Results:
    """Write a template into a grid at every so many columns: one step to undo.

    Where it is longer than ``every``, the next one lies over its end. Answers how many there are,
    the levels that did not fit, and the columns of all of them together.
    """
    until = until or context.sessions[grid].grid.n_columns
    return _stamp(context, grid, template, level, every_nth(column, until, every))


@command("/sda/template/euclid", returns=_STAMPED)
def stamp_euclid(
    context: Context,
    grid: GridName,
    template: TemplateName,
    level: Level,
    column: Column,
    hits: Annotated[int, Spec("how many steps of a bar sound", 1, 256)],
    steps: Annotated[int, Spec("steps of a bar", 1, 256)],
    width: Annotated[int, Spec("columns of a step", 1, 4096)],
    rotation: Annotated[int, Spec("the step it begins with", -256, 256)] = 0,
    repeats: Annotated[int, Spec("how many bars", 1, 256)] = 1,
) -> Results:
    """Write a template into a grid in a euclidean rhythm: one step to undo.

    The hits are spread over the steps as evenly as can be (Bjorklund; Toussaint 2005): 3 of 8 is
    the tresillo, 5 of 8 the cinquillo. ``rotation 2`` begins with the third step. Answers as
    ``/sda/template/every``, and how many hits would be behind the end of the grid.
    """
    columns = euclidean(
        column, hits=hits, steps=steps, width=width, rotation=rotation, repeats=repeats
    )
    return _stamp(context, grid, template, level, columns)


def _stamp(context: Context, grid: str, name: str, level: int, columns: Sequence[int]) -> Results:
    session, template = context.sessions[grid], context.templates[name]
    template.clip.check_model(session.model.name, session.model.header.identity, session.grid)
    stamped = stamp(session.grid, template, level=level, columns=columns)
    placed = stamped.placed
    revision = edit_in_places(context, session, placed.changes)
    return (
        revision, stamped.stamps, placed.levels_left_out, placed.columns_left_out,
        stamped.stamps_left_out,
    )  # fmt: skip
