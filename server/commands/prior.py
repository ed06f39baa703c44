"""/sda/prior: train a prior and sample new material from it."""

import secrets
from typing import Annotated

from sdaudio.errors import StateError
from sdaudio.tasks.requests import (
    ColumnsMade,
    FitPrior,
    Noted,
    PriorBudget,
    PriorMeasured,
    Report,
    Sample,
    SnapshotWritten,
    Trained,
)

from ..context import Context
from ..jobs import Job
from ..library import LoadedModel
from ..registry import Results, Spec, command
from ..sessions import Session
from .parameters import GridName, ModelName, Seed
from .system import model_state
from .training import check_idle, tell_prior

Temperature = Annotated[float, Spec("0.1 safe, 1 as the sounds are, 2 wild", 0.1, 2.0)]
TopK = Annotated[int, Spec("draw from the k likeliest codes, 0 is off", 0, 512)]
TopP = Annotated[float, Spec("draw from the likeliest codes of this share, 0 is off", 0.0, 1.0)]


@command("/sda/prior/train", returns="model perplexity held_out_perplexity", job=True)
async def train(
    context: Context,
    job: Job,
    model: ModelName,
    epochs: Annotated[int, Spec("at most so often over all sounds, 0 chooses", 0, 100_000)] = 0,
    hidden: Annotated[int, Spec("numbers for a column, 16 to 256, 0 chooses", 0, 256)] = 0,
    layers: Annotated[int, Spec("layers of the net, 1 to 4, 0 chooses", 0, 4)] = 0,
    heads: Annotated[int, Spec("heads of attention, 1 to 8, 0 chooses", 0, 8)] = 0,
    minutes: Annotated[float, Spec("at most so long, 0 is 6", 0.0, 1440.0, "min")] = 0.0,
    counts_only: Annotated[bool, Spec("1 leaves the net out")] = False,
) -> Results:
    """Train the prior of a model on the codes of its own training sounds.

    First it counts what followed what: within a second the model can sample, and
    ``/sda/prior/snapshot <job> <model>`` says so. Then a small neural net learns, which hears two
    seconds back, until it gets no better on sounds that are held out (whole files where there are 8
    or more, else the end of each). It is mixed in where that foresees held-out sounds better, and
    stored in the model file. ``/sda/prior/level <job> <level> <name> <counts> <net> <net on its own
    sounds>`` tells the perplexities per code while it learns, ``/sda/prior/note <job> <sentence>``
    what came of it, as when the net has begun to learn the sounds by heart. ``/sda/train/stop
    <model>`` ends early and keeps the best so far; cancelled it keeps that too. Answers the
    perplexity per code of the counts on their own sounds, and that of the whole prior on held-out
    ones.
    """
    check_idle(context, model)
    path = context.library.own_path(model)
    request = FitPrior(path, PriorBudget(epochs, hidden, layers, heads, minutes, counts_only))
    job.trains = model

    def hear(report: Report) -> None:
        if isinstance(report, SnapshotWritten):
            _take_over(context, model)
            job.tell("/sda/prior/snapshot", job.number, model)
        elif isinstance(report, PriorMeasured):
            tell_prior(job, report)
        elif isinstance(report, Noted):
            job.tell("/sda/prior/note", job.number, report.text)

    try:
        trained = await job.run(request, on_report=hear)
    finally:
        _take_over(context, model)
    if not isinstance(trained, Trained) or trained.prior is None:
        raise TypeError(f"training a prior was answered with {trained!r}")
    return model, trained.prior.perplexity, trained.prior.held_out_perplexity


@command("/sda/prior/sample", returns="grid columns seed", job=True)
async def sample(
    context: Context,
    job: Job,
    grid: GridName,
    model: ModelName,
    seconds: Annotated[float, Spec("length of the new material", 0.1, 30.0, "s")] = 10.0,
    temperature: Temperature = 1.0,
    top_k: TopK = 0,
    top_p: TopP = 0.9,
    seed: Seed = -1,
) -> Results:
    """Sample new material into a grid.

    Columns arrive as they are made (``/sda/grid/state``, ``/sda/grid/codes``), so the grid can be
    looked at and played while it grows; cancel at any column. An open grid of the same model is
    replaced, as one step to undo. The same seed gives the same take; the seed used is answered.
    """
    loaded = context.library.model(model)
    if not loaded.header.has_prior:
        raise StateError(f"Model '{model}' has no prior yet. Train it: /sda/prior/train {model}.")
    n_columns = loaded.columns_in(seconds)
    context.sessions.check_length(n_columns)
    seed = secrets.randbelow(2**24) if seed < 0 else seed
    request = Sample(loaded.path, n_columns, temperature, top_k, top_p, seed)
    take = _Take(context, loaded, grid, seed)
    try:
        await job.run(request, on_report=take.hear)
    finally:
        take.end()
    return grid, take.n_columns, seed


def _take_over(context: Context, model: str) -> None:
    """Load a model whose prior was written anew, also where it sounds and is sampled from."""
    context.rendering.warm(context.library.load(model).path)
    context.clients.announce("/sda/model/state", *model_state(context, model))


class _Take:
    """A grid that grows while columns are made; all of it is one step to undo."""

    def __init__(self, context: Context, model: LoadedModel, name: str, seed: int) -> None:
        self._context, self._model, self._name, self._seed = context, model, name, seed
        self._session: Session | None = None
        self.n_columns = 0
        if name in context.sessions:
            session = context.sessions.of_model(name, model)
            if session.growing:
                raise StateError(f"A job is writing grid '{name}' already.")

    def hear(self, report: Report) -> None:
        if not isinstance(report, ColumnsMade):
            return
        sessions = self._context.sessions
        if self._session is None:
            self._session = sessions.begin_growth(
                self._name, self._model, report.codes, seed=self._seed
            )
        elif any(session is self._session for session in sessions):
            sessions.grow(self._session, report.codes)
        self.n_columns += report.codes.shape[1]

    def end(self) -> None:
        if self._session is not None:
            self._context.sessions.end_growth(self._session)
