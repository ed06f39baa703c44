"""/sda/grid: save and open documents, make a second grid of one, give it another name."""

import asyncio
from typing import Annotated

from sdaudio.document import SUFFIX, GridDocument, read_document, write_document
from sdaudio.errors import UsageError

from ..context import Context
from ..library import LoadedModel
from ..registry import Results, Spec, command
from .parameters import GridName

WithHistory = Annotated[bool, Spec("1 with all that can be undone, 0 without")]


@command("/sda/grid/save", returns="path undo redo")
async def save(
    context: Context,
    grid: GridName,
    path: Annotated[str, Spec("where to; empty is the output folder")] = "",
    history: WithHistory = True,
) -> Results:
    """Save a grid as a document: codes, labels, undo history, whose codes they are.

    A JSON file that ``/sda/grid/open`` reads on any machine that has the model. Open grids need no
    saving to survive: they are kept as they are, also when the daemon is killed. What is being
    blended is committed. Answers where it is and how many steps can be undone and done again.
    """
    session = context.sessions[grid]
    folders = context.settings.folders
    target = folders.writable(path) if path else folders.output_path() / session.name
    if target.suffix != SUFFIX:
        target = target.with_name(f"{target.name}{SUFFIX}")
    document = context.sessions.document(session, history=history)
    await asyncio.to_thread(write_document, target, document)
    return str(target), len(document.undo), len(document.redo)


@command("/sda/grid/open", returns="grid model levels columns undo redo")
async def open_document(
    context: Context,
    grid: GridName,
    path: Annotated[str, Spec("path of a document")],
    model: Annotated[str, Spec("another model; empty is the one whose codes they are")] = "",
) -> Results:
    """Open a document that ``/sda/grid/save`` wrote, with its undo history.

    Its model is found by what it is, under whatever name it has here. Another one is taken only
    when it is named, and fits in levels and codes; the same codes then sound otherwise.
    """
    context.sessions.check_new(grid)
    document = await asyncio.to_thread(read_document, context.settings.folders.readable(path))
    session = context.sessions.open_document(grid, _model_of(context, document, model), document)
    return (
        grid, session.model.name, session.grid.n_levels, session.grid.n_columns,
        session.history.n_undo, session.history.n_redo,
    )  # fmt: skip


@command("/sda/grid/duplicate", returns="grid levels columns undo redo")
def duplicate(
    context: Context,
    grid: GridName,
    name: Annotated[str, Spec("name of the new grid")],
    history: WithHistory = False,
) -> Results:
    """Make a second grid that is the same: codes, labels, what is heard of it.

    With history 1 also what can be undone. What is being blended is committed.
    """
    context.sessions.check_new(name)
    session = context.sessions[grid]
    document = context.sessions.document(session, history=history)
    made = context.sessions.open_document(name, session.model, document)
    return name, made.grid.n_levels, made.grid.n_columns, made.history.n_undo, made.history.n_redo


@command("/sda/grid/rename", returns="name")
def rename(context: Context, grid: GridName, name: Annotated[str, Spec("its new name")]) -> Results:
    """Give a grid another name.

    To subscribers it is closed and opened under the other name; what plays of it stops.
    """
    context.sessions.rename(context.sessions[grid], name)
    return (name,)


def _model_of(context: Context, document: GridDocument, name: str) -> LoadedModel:
    wanted = document.model
    found = context.library.model(name or context.library.name_of(wanted.identity, wanted.name))
    shape = (found.n_levels, found.codebook_size)
    if shape != (wanted.n_levels, wanted.codebook_size):
        raise UsageError(
            f"The document has {wanted.n_levels} levels of {wanted.codebook_size} codes, the model "
            f"'{found.name}' has {shape[0]} of {shape[1]}; its codes can't be played with it."
        )
    identity = found.header.identity
    if not name and wanted.identity and identity and identity != wanted.identity:
        raise UsageError(
            f"The document's codes are those of another model that was called '{wanted.name}'. Put "
            "that one into the library, or name one to play them with: /sda/grid/open GRID PATH "
            f"{found.name}."
        )
    return found
