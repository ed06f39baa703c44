"""/sda/model: what a model says about itself, and its way into the library and out of it."""

import asyncio
from pathlib import Path
from typing import Annotated

from sdaudio.modelfile import read_header
from sdaudio.tasks.requests import Verified, VerifyModel

from ..context import Context
from ..registry import Results, Spec, command
from .models import NewName, check_untrained
from .parameters import ModelName

Text = Annotated[str, Spec("empty takes it away")]
Tag = Annotated[str, Spec("a word or two")]


@command("/sda/model/about", returns="model created author licence notes identity seconds tag ...")
async def about(context: Context, model: ModelName) -> Results:
    """Ask what a model says about itself.

    Answers when it was made, by whom, under which licence, its notes, the identity by which grids
    know it, how many seconds it was trained on, and its tags.
    """
    header = await asyncio.to_thread(read_header, context.library.path(model))
    return (
        model, header.created, header.author, header.licence, header.notes, header.identity,
        header.dataset.duration_s, *header.tags,
    )  # fmt: skip


@command("/sda/model/tag", returns="model tag ...")
async def tag(context: Context, model: ModelName, *tags: Tag) -> Results:
    """Give a model tags, in place of those that it has; without one it has none.

    ``/sda/model/search`` finds it by them. They stand in its file and go where it goes.
    """
    check_untrained(context, model)
    header = await asyncio.to_thread(context.library.describe, model, tags=tags)
    _announce(context, model)
    return model, *header.tags


@command("/sda/model/note", returns="model notes")
async def note(context: Context, model: ModelName, notes: Text = "") -> Results:
    """Write notes into a model, in place of those that it has."""
    check_untrained(context, model)
    header = await asyncio.to_thread(context.library.describe, model, notes=notes)
    _announce(context, model)
    return model, header.notes


@command("/sda/model/credit", returns="model author licence")
async def credit(
    context: Context, model: ModelName, author: Text = "", licence: Text = ""
) -> Results:
    """Say who made a model and under which licence it is, such as CC0-1.0.

    Both stand in the sound files that are rendered with it. New models have those of the settings
    ``training.author`` and ``training.licence``.
    """
    check_untrained(context, model)
    header = await asyncio.to_thread(
        context.library.describe, model, author=author, licence=licence
    )
    _announce(context, model)
    return model, header.author, header.licence


@command("/sda/model/import", returns="model")
async def take_in(
    context: Context,
    path: Annotated[str, Spec("path of a model file")],
    name: NewName = "",
) -> Results:
    """Copy a model file from elsewhere into the library, under its own name or another one."""
    source = context.settings.folders.readable(path)
    chosen = await asyncio.to_thread(context.library.take_in, source, name)
    context.clients.announce("/sda/model/added", chosen)
    return (chosen,)


@command("/sda/model/export", returns="path")
async def give_out(
    context: Context,
    model: ModelName,
    path: Annotated[str, Spec("a folder, or the path of a new file")],
) -> Results:
    """Copy a model's file to somewhere else, to give it away."""
    target = context.settings.folders.writable(path)
    written: Path = await asyncio.to_thread(context.library.give_out, model, target)
    return (str(written),)


@command("/sda/model/verify", returns="model tensors bytes sha256")
async def verify(context: Context, model: ModelName) -> Results:
    """Read a model whole, check every part of it and decode with it.

    Fails with what is wrong when it is damaged. Answers how much is in it and the SHA-256 of its
    file, by which two copies can be compared.
    """
    found = await context.lanes.run(VerifyModel(context.library.path(model)))
    if not isinstance(found, Verified):
        raise TypeError(f"a check of a model was answered with {found!r}")
    return model, found.tensors, found.size, found.digest


def _announce(context: Context, model: str) -> None:
    """Tell that a model says something else about itself."""
    context.clients.announce("/sda/model/changed", model)
