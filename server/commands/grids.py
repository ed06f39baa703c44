"""/sda/grid: make and read code grids, undo, and what is heard of them."""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable
from typing import Annotated

import numpy as np

from sdaudio.errors import UsageError
from sdaudio.grid import Region
from sdaudio.modelfile import read_header, write_header
from sdaudio.tasks.requests import Encode, Encoded

from ..context import Context
from ..jobs import Job
from ..registry import Results, Spec, command
from ..sessions import CODES_PER_MESSAGE, state_of
from ..wire import Peer
from .models import check_untrained
from .parameters import Column, GridName, Level, ModelName, SoundPath
from .system import model_state

Steps = Annotated[int, Spec("how many steps", 1, 1_000_000)]
MAX_LABEL = 40
Switch = Annotated[bool, Spec("1 on, 0 off")]


@command("/sda/grid/encode", returns="grid levels columns seconds", job=True)
async def encode(
    context: Context, job: Job, grid: GridName, model: ModelName, path: SoundPath
) -> Results:
    """Turn a sound file into a grid of codes.

    Any length, rate and number of channels. An open grid of the same model is replaced, which can
    be undone.
    """
    loaded = context.library.model(model)
    sound = context.settings.folders.readable(path)
    if grid in context.sessions:
        context.sessions.of_model(grid, loaded)
    job.progress(0.0, -1.0, f"encoding {sound.name}")
    encoded = await job.run(Encode(loaded.path, sound))
    if not isinstance(encoded, Encoded):
        raise TypeError(f"encoding was answered with {encoded!r}")
    context.sessions.open(grid, loaded, encoded.codes, sound=str(sound))
    return grid, *encoded.codes.shape, encoded.duration_s


@command("/sda/grid/new", returns="grid levels columns")
def new(
    context: Context,
    grid: GridName,
    model: ModelName,
    columns: Annotated[int, Spec("how many columns", 1)],
    code: Annotated[int, Spec("what every cell holds; -1 is silence", -1, 255)] = -1,
) -> Results:
    """Open a silent grid, or one with the same code in every cell."""
    loaded = context.library.model(model)
    context.sessions.check_new(grid)
    context.sessions.check_length(columns)
    column = np.full(loaded.n_levels, code)
    if code < 0:
        column = context.library.rests(loaded).silent
    context.sessions.open(grid, loaded, np.repeat(column[:, None], columns, axis=1))
    return grid, loaded.n_levels, columns


@command("/sda/grid/close", returns="grid")
def close(context: Context, grid: GridName) -> Results:
    """Close a grid. ``/sda/grid/reopen`` brings it back, with its undo history."""
    context.sessions.close(grid)
    return (grid,)


@command("/sda/grid/reopen", returns="grid levels columns")
def reopen(context: Context, grid: GridName) -> Results:
    """Open a grid again that was closed, as it was, with its undo history.

    The last 64 closed grids are kept, one of each name; ``/sda/grid/closed`` lists them.
    """
    session = context.sessions.reopen(grid)
    return grid, session.grid.n_levels, session.grid.n_columns


@command("/sda/grid/list", returns="grids")
def list_grids(context: Context, peer: Peer) -> Results:
    """List the open grids: one ``/sda/grid/state`` for each, then their number.

    Before that, one ``/sda/grid/waiting <grid> <model> <reason>`` for each that was open when the
    daemon ended and whose model is missing now; it opens by itself when the model is loaded.
    """
    for dormant in context.sessions.dormant:
        facts = dormant.facts
        context.clients.tell(peer, "/sda/grid/waiting", facts.name, facts.model, dormant.reason)
    for session in context.sessions:
        context.clients.tell(peer, "/sda/grid/state", *state_of(session))
    return (len(context.sessions),)


@command("/sda/grid/closed", returns="grids")
def list_closed(context: Context, peer: Peer) -> Results:
    """List the grids that can be opened again with ``/sda/grid/reopen``.

    One ``/sda/grid/shelved <grid> <model> <levels> <columns> <seconds since>`` for each, the latest
    closed last, then their number.
    """
    closed = context.sessions.closed
    for facts in closed:
        context.clients.tell(
            peer, "/sda/grid/shelved", facts.name, facts.model, facts.n_levels, facts.n_columns,
            max(0.0, time.time() - facts.closed),
        )  # fmt: skip
    return (len(closed),)


@command(
    "/sda/grid/info", returns="grid model levels columns codebook_size revision undo redo names"
)
def info(context: Context, grid: GridName) -> Results:
    """Ask what a grid is.

    Answers its model, levels, columns, codes per level, revision, how many steps can be undone
    and done again, and the names of its levels.
    """
    session = context.sessions[grid]
    *facts, revision = state_of(session)[:6]
    history = session.history
    return *facts, revision, history.n_undo, history.n_redo, *session.labels


@command("/sda/grid/get", returns="grid level start code ...")
def get(
    context: Context,
    grid: GridName,
    level: Level,
    start: Column = 0,
    count: Annotated[int, Spec("how many codes", 1, CODES_PER_MESSAGE)] = 0,
    every: Annotated[int, Spec("1 each column, 2 each second one, to look from afar", 1)] = 1,
) -> Results:
    """Read codes of one level.

    Without a count: as many as there are, 256 at the most; ask again further on for more.
    """
    session = context.sessions[grid]
    count = count or min(
        CODES_PER_MESSAGE, max(1, (session.grid.n_columns - start + every - 1) // every)
    )
    codes = session.grid.read(Region(level, 1, start, (count - 1) * every + 1))
    return grid, level, start, *(int(code) for code in codes[0, ::every])


@command("/sda/grid/undo", returns="revision")
def undo(context: Context, grid: GridName, steps: Steps = 1) -> Results:
    """Take back the last steps; a step that touched several grids is taken back in all."""
    session = context.sessions[grid]
    for done in range(steps):
        if done and not session.history.n_undo:
            break
        context.sessions.undo(session)
    return (session.grid.revision,)


@command("/sda/grid/redo", returns="revision")
def redo(context: Context, grid: GridName, steps: Steps = 1) -> Results:
    """Do undone steps again."""
    session = context.sessions[grid]
    for done in range(steps):
        if done and not session.history.n_redo:
            break
        context.sessions.redo(session)
    return (session.grid.revision,)


@command("/sda/grid/gesture", returns="on")
def gesture(context: Context, peer: Peer, on: Switch) -> Results:
    """Make what you edit from now on one step to undo: 1 as a drag begins, 0 as it ends.

    For hosts without bundles, and for drags that are heard while they last: every edit is still
    carried out, kept and told at once. It is yours alone; what somebody else edits in the same grid
    in between begins a new step. Without an edit for 10 s it ends by itself.
    """
    if on:
        context.sessions.gestures.begin(peer)
    else:
        context.sessions.gestures.end(peer)
    return (int(on),)


@command("/sda/grid/label", returns="name level text")
def label(
    context: Context,
    name: Annotated[str, Spec("name of a grid, or of a model")],
    level: Level,
    text: Annotated[str, Spec("the new name of the level")],
) -> Results | Awaitable[Results]:
    """Give a level another name: in a grid, or in a model, for all grids made of it from then on.

    A name that both a grid and a model have means the grid.
    """
    label = text.strip()
    if not label or len(label) > MAX_LABEL:
        raise UsageError(
            f"A level's name has 1 to {MAX_LABEL} signs; '{label[:60]}' has {len(label)}."
        )
    if name not in context.sessions:
        return _label_model(context, name, level, label)
    session = context.sessions[name]
    session.model.check_level(level)
    context.sessions.relabel(session, level, label)
    return name, level, label


@command("/sda/grid/mute", returns="grid level on")
def mute(context: Context, grid: GridName, level: Level, on: Switch) -> Results:
    """Leave a level out of the sound, or take it in again."""
    session = context.sessions[grid]
    session.model.check_level(level)
    context.sessions.set_levels(session, level, mute=on, solo=None)
    return grid, level, int(on)


@command("/sda/grid/solo", returns="grid level on")
def solo(context: Context, grid: GridName, level: Level, on: Switch) -> Results:
    """Hear this level and the other soloed ones only."""
    session = context.sessions[grid]
    session.model.check_level(level)
    context.sessions.set_levels(session, level, mute=None, solo=on)
    return grid, level, int(on)


async def _label_model(context: Context, name: str, level: int, label: str) -> Results:
    path = context.library.own_path(name)
    context.library.model(name).check_level(level)
    check_untrained(context, name)
    header = read_header(path)
    names = [*header.level_names[:level], label, *header.level_names[level + 1 :]]
    changed = dataclasses.replace(header, level_names=tuple(names))
    await asyncio.to_thread(write_header, path, changed)
    context.sessions.take_over(context.library.load(name))
    context.clients.announce("/sda/model/state", *model_state(context, name))
    return name, level, label
