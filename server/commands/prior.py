"""/sda/prior: train a prior and sample new material from it."""

from typing import Annotated

from sdaudio.errors import StateError, UsageError
from sdaudio.grid import Region
from sdaudio.prior import PAST_COLUMNS, Novelty
from sdaudio.tasks.requests import (
    ColumnsMade,
    FitPrior,
    Noted,
    PriorBudget,
    PriorMeasured,
    Report,
    SnapshotWritten,
    TakeMeasured,
    Trained,
)
from sdaudio.tasks.takes import MeasureNovelty, Morph, Sample

from ..context import Context
from ..jobs import Job
from ..library import LoadedModel
from ..registry import Results, Spec, command
from ..sessions import Session
from ..wire import Peer
from .drawing import DRAWN_AS_LEARNED, DrawingOptions, novelty_facts, with_prior
from .parameters import GridName, ModelName, OptionalColumns
from .system import model_state
from .training import check_idle, tell_prior

NOVELTY = (
    "grid column columns novelty usual seconds at file file_at "
    "coarse_seconds coarse_at coarse_file coarse_file_at"
)
Seconds = Annotated[float, Spec("length of the new material", 0.1, 30.0, "s")]


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


@command("/sda/prior/files", returns="model files")
def files(context: Context, peer: Peer, model: ModelName) -> Results:
    """List the sounds that a model was trained on.

    One ``/sda/prior/file <model> <number> <name> <seconds>`` for each, then how many there are. The
    option ``files`` of what draws from the prior takes these names and numbers.
    """
    sounds = context.library.model(model).header.dataset.files
    for number, sound in enumerate(sounds):
        context.clients.tell(peer, "/sda/prior/file", model, number, sound.name, sound.duration_s)
    return model, len(sounds)


@command("/sda/prior/sample", returns="grid columns seed", job=True)
async def sample(
    context: Context,
    job: Job,
    grid: GridName,
    model: ModelName,
    seconds: Seconds = 10.0,
    drawing: DrawingOptions = DRAWN_AS_LEARNED,
) -> Results:
    """Sample new material into a grid.

    Columns arrive as they are made (``/sda/grid/state``, ``/sda/grid/codes``), so the grid can be
    looked at and played while it grows; cancel at any column. An open grid of the same model is
    replaced, as one step to undo. The same seed gives the same take; the seed used is answered.
    ``/sda/prior/novelty`` tells how new it is, as the command of that name answers.
    """
    loaded = with_prior(context.library.model(model))
    seed = drawing.drawn_seed()
    request = Sample(
        loaded.path,
        loaded.columns_in(seconds),
        drawing.options(loaded, seed),
        files=drawing.file_numbers(loaded),
    )
    n_columns = await _Take(context, job, loaded, grid).make(request)
    return grid, n_columns, seed


@command("/sda/prior/continue", returns="grid columns seed", job=True)
async def go_on(
    context: Context,
    job: Job,
    grid: GridName,
    column: Annotated[int, Spec("where to go on; -1 is behind the last column", -1)],
    seconds: Seconds,
    drawing: DrawingOptions = DRAWN_AS_LEARNED,
) -> Results:
    """Go on from a column of a grid with new material that follows from what is before it.

    What was there from that column on is replaced, so that the grid ends where the new material
    ends: one step to undo. Locked cells before the column stay, those behind it go. Otherwise as
    ``/sda/prior/sample``; a take that is continued at its end with its own seed and options goes on
    as it would have done.
    """
    session = context.sessions[grid]
    loaded = with_prior(session.model)
    column = session.grid.n_columns if column < 0 else column
    if column > session.grid.n_columns:
        raise UsageError(
            f"column is {column}; allowed are 0 to {session.grid.n_columns}, the end of the grid."
        )
    seed, first = drawing.drawn_seed(), max(0, column - PAST_COLUMNS)
    request = Sample(
        loaded.path,
        loaded.columns_in(seconds),
        drawing.options(loaded, seed),
        prompt=session.grid.codes[:, first:column].copy(),
        first_column=first,
        files=drawing.file_numbers(loaded),
    )
    n_columns = await _Take(context, job, loaded, grid, column=column).make(request)
    return grid, n_columns, seed


@command("/sda/prior/morph", returns="grid columns seed", job=True)
async def morph(
    context: Context,
    job: Job,
    grid_a: GridName,
    grid_b: GridName,
    target: Annotated[str, Spec("the grid to sample into; may be one of the two")],
    seconds: Seconds,
    drawing: DrawingOptions = DRAWN_AS_LEARNED,
) -> Results:
    """Sample material that begins with the codes of one grid and ends with those of another.

    Both grids are gone through once, side by side; what comes is likely under the prior and made of
    the codes around that moment in the two, first more of the one, then of the other. Otherwise as
    ``/sda/prior/sample``.
    """
    first = context.sessions[grid_a]
    loaded = with_prior(first.model)
    second = context.sessions.of_model(grid_b, loaded)
    for session in (first, second):
        if not session.grid.n_columns:
            raise StateError(f"Grid '{session.name}' is empty; there is nothing to morph.")
    seed = drawing.drawn_seed()
    request = Morph(
        loaded.path,
        loaded.columns_in(seconds),
        drawing.options(loaded, seed),
        first.grid.codes.copy(),
        second.grid.codes.copy(),
        files=drawing.file_numbers(loaded),
    )
    n_columns = await _Take(context, job, loaded, target).make(request)
    return target, n_columns, seed


@command("/sda/prior/novelty", returns=NOVELTY)
async def novelty(
    context: Context,
    grid: GridName,
    column: Annotated[int, Spec("first column to look at", 0)] = 0,
    columns: OptionalColumns = 0,
) -> Results:
    """Ask how new columns of a grid are, against the sounds that its model was trained on.

    Codes that stay count once, however long. The novelty is 1 when no three changes in a row (of
    levels 0 and 1) come in any training sound, and 0 when all of them are copied; ``usual`` is what
    the training sounds have, each against all others (-1 with a single one). Then the longest copy:
    its seconds, where it begins in the grid, the sound it comes from and where it begins there, in
    seconds; and the same for level 0 alone. A copy of 0 seconds is none.
    """
    session = context.sessions[grid]
    columns = columns or session.grid.n_columns - column
    codes = session.grid.read(Region(0, session.grid.n_levels, column, columns))
    measured = await context.lanes.run(MeasureNovelty(session.model.path, codes))
    if not isinstance(measured, Novelty):
        raise TypeError(f"measuring was answered with {measured!r}")
    return novelty_facts(session.model, grid, column, columns, measured)


def _take_over(context: Context, model: str) -> None:
    """Load a model whose prior was written anew, also where it sounds and is sampled from."""
    context.rendering.warm(context.library.load(model).path)
    context.clients.announce("/sda/model/state", *model_state(context, model))


class _Take:
    """A grid that grows while columns are made; all of it is one step to undo."""

    def __init__(
        self, context: Context, job: Job, model: LoadedModel, name: str, *, column: int = 0
    ) -> None:
        self._context, self._job, self._model, self._name = context, job, model, name
        self._column, self._seed = column, -1
        self._session: Session | None = None
        self._n_columns = 0
        if name in context.sessions:
            context.sessions.of_model(name, model).check_quiet()

    async def make(self, request: Sample | Morph) -> int:
        """Let the columns be made, tell how new they are, and return how many there are."""
        self._context.sessions.check_length(self._column + request.n_columns)
        self._seed = request.options.seed
        try:
            await self._job.run(request, on_report=self._hear)
        finally:
            if self._session is not None:
                self._context.sessions.end_growth(self._session)
        return self._n_columns

    def _hear(self, report: Report) -> None:
        if isinstance(report, TakeMeasured):
            facts = novelty_facts(
                self._model, self._name, self._column, self._n_columns, report.novelty
            )
            self._job.tell("/sda/prior/novelty", *facts)
        elif isinstance(report, ColumnsMade):
            self._grow(report)

    def _grow(self, report: ColumnsMade) -> None:
        sessions = self._context.sessions
        if self._session is None:
            self._session = sessions.begin_growth(
                self._name, self._model, report.codes, column=self._column, seed=self._seed
            )
        elif any(session is self._session for session in sessions):
            sessions.grow(self._session, report.codes)
        self._n_columns += report.codes.shape[1]
