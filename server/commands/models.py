"""/sda/model: the library of models."""

from typing import Annotated

from sdaudio.errors import StateError

from ..context import Context
from ..library import Entry
from ..registry import Results, Spec, command
from ..wire import Peer
from .parameters import ModelName
from .system import model_state

NewName = Annotated[str, Spec("another name, chosen by you")]


@command("/sda/model/list", returns="models")
def list_models(context: Context, peer: Peer) -> Results:
    """List the model files of the library.

    One ``/sda/model/item <model> <loaded> <levels> <codebook size> <seconds> <files> <has prior>
    <problem> <light>`` for each, then their number. A file that cannot be read is listed with the
    reason. The light tells how well its codes are used: green, yellow or red.
    """
    return _tell(context, peer, context.library.entries())


@command("/sda/model/search", returns="models")
def search(
    context: Context, peer: Peer, text: Annotated[str, Spec("words, apart by spaces")] = ""
) -> Results:
    """List the models that fit all words.

    A word fits when it is part of the model's name, of a file that it was trained on, or of the
    name of a level, or is ``prior``, ``green``, ``yellow``, ``red``, or levels and codes as
    ``3x128``. Answers like ``/sda/model/list``.
    """
    words = text.split()
    return _tell(context, peer, [each for each in context.library.entries() if each.fits(words)])


def _tell(context: Context, peer: Peer, entries: list[Entry]) -> Results:
    for entry in entries:
        loaded = int(context.library.is_loaded(entry.name))
        facts: tuple[int | float, ...] = (0, 0, 0.0, 0, 0)
        if entry.header:
            codec, dataset = entry.header.codec, entry.header.dataset
            facts = (
                codec.n_levels, codec.codebook_size, dataset.duration_s, len(dataset.files),
                int(entry.header.has_prior),
            )  # fmt: skip
        context.clients.tell(
            peer, "/sda/model/item", entry.name, loaded, *facts, entry.problem, entry.light
        )
    return (len(entries),)


@command("/sda/model/delete", returns="model")
def delete(context: Context, model: ModelName) -> Results:
    """Move a model to the trash, from where ``/sda/model/restore`` brings it back.

    Not while grids of it are open or it is trained: these would lose what they sound with.
    """
    _check_unused(context, model)
    context.library.delete(model)
    context.clients.announce("/sda/model/removed", model)
    return (model,)


@command("/sda/model/trash", returns="models")
def trash(context: Context, peer: Peer) -> Results:
    """List the deleted models, the latest first.

    One ``/sda/model/deleted <model> <when>`` for each, then their number.
    """
    models = context.library.trash.models()
    for model in models:
        when = model.deleted_at.isoformat(sep=" ", timespec="seconds")
        context.clients.tell(peer, "/sda/model/deleted", model.name, when)
    return (len(models),)


@command("/sda/model/restore", returns="model")
def restore(context: Context, model: ModelName, name: NewName = "") -> Results:
    """Bring back the model of this name that was deleted last, or under another name."""
    context.library.restore(model, name or model)
    context.clients.announce("/sda/model/added", name or model)
    return (name or model,)


@command("/sda/model/rename", returns="name")
def rename(context: Context, model: ModelName, name: NewName) -> Results:
    """Give a model another name. Not while grids of it are open or it is trained.

    Closed grids and documents find it by its identity, which stays.
    """
    _check_unused(context, model)
    context.library.rename(model, name)
    context.clients.announce("/sda/model/removed", model)
    context.clients.announce("/sda/model/added", name)
    if context.library.is_loaded(name):
        context.clients.announce("/sda/model/state", *model_state(context, name))
    return (name,)


@command("/sda/model/copy", returns="name")
def copy(context: Context, model: ModelName, name: NewName) -> Results:
    """Copy a model under another name, as it is: to train the copy further, for one."""
    context.library.copy(model, name)
    context.clients.announce("/sda/model/added", name)
    return (name,)


def _check_unused(context: Context, model: str) -> None:
    """Raise StateError while something would miss the model."""
    grids = [each.name for each in context.sessions if each.model.name == model]
    if grids:
        raise StateError(
            f"Model '{model}' has open grids: {', '.join(grids[:8])}. Close them first "
            "(/sda/grid/close); /sda/grid/reopen brings them back."
        )
    check_untrained(context, model)


def check_untrained(context: Context, model: str) -> None:
    """Raise StateError while a model is trained."""
    if any(job.trains == model for job in context.jobs):
        raise StateError(f"Model '{model}' is being trained. Stop that first: /sda/train/stop.")


@command("/sda/model/load", returns="model levels codebook_size has_prior")
def load(context: Context, model: ModelName) -> Results:
    """Load a model of the library, or load it again after its file has changed."""
    loaded = context.library.load(model)
    context.rendering.warm(loaded.path)
    context.clients.announce("/sda/model/state", *model_state(context, model))
    return model, loaded.n_levels, loaded.codebook_size, int(loaded.header.has_prior)


@command("/sda/model/unload", returns="model")
def unload(context: Context, model: ModelName) -> Results:
    """Forget a loaded model. Open grids of it stay and can still be played."""
    state = model_state(context, model)
    context.library.unload(model)
    context.clients.announce("/sda/model/state", state[0], 0, *state[2:])
    return (model,)


@command(
    "/sda/model/info",
    returns="model levels codebook_size sample_rate column_samples seconds files has_prior names",
)
def info(context: Context, model: ModelName) -> Results:
    """Ask what a model is.

    Answers its name, levels, codes per level, sample rate in Hz, samples in a column, seconds and
    files it was trained on, whether it has a prior, and the names of its levels.
    """
    header = context.library.model(model).header
    codec, dataset = header.codec, header.dataset
    return (
        model, codec.n_levels, codec.codebook_size, codec.sample_rate, codec.column_length,
        dataset.duration_s, len(dataset.files), int(header.has_prior), *header.level_names,
    )  # fmt: skip


@command("/sda/model/health", returns="model worst_light")
def health(context: Context, peer: Peer, model: ModelName) -> Results:
    """Ask how well each level of a model uses its codes.

    One ``/sda/model/level <model> <level> <name> <utilisation> <perplexity> <dead codes> <light>
    <sentence>`` for each level, then the worst light: green, yellow or red.
    """
    header = context.library.model(model).header
    lights = ("green", "yellow", "red")
    worst = 0
    for level, (name, state) in enumerate(zip(header.level_names, header.health, strict=False)):
        worst = max(worst, lights.index(state.light))
        context.clients.tell(
            peer, "/sda/model/level", model, level, name, state.utilisation, state.perplexity,
            state.dead_codes, state.light, state.sentence,
        )  # fmt: skip
    return model, lights[worst]


@command("/sda/model/usage", returns="model level count ... | model levels")
def usage(
    context: Context,
    peer: Peer,
    model: ModelName,
    level: Annotated[int, Spec("quantizer level; -1 is all", -1, 3)] = -1,
) -> Results:
    """Ask how often the training sounds use each code of a level.

    Without a level: one ``/sda/model/counts <model> <level> <count...>`` for each, then how many
    levels there are.
    """
    loaded, counts = context.library.model(model), context.library.usage(model)
    if level >= 0:
        loaded.check_level(level)
        return model, level, *(int(count) for count in counts[level])
    for number, row in enumerate(counts):
        context.clients.tell(
            peer, "/sda/model/counts", model, number, *(int(count) for count in row)
        )
    return model, len(counts)
