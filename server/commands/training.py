"""/sda/train: train a codec on a folder of sounds."""

import logging
from typing import Annotated

from sdaudio.errors import SdaudioError, StateError, UsageError
from sdaudio.header import CODEBOOK_SIZES
from sdaudio.modelfile import read_training_codes
from sdaudio.tasks.requests import (
    FileLeftOut,
    LevelsMeasured,
    Report,
    SnapshotWritten,
    Train,
    Trained,
)

from ..context import Context
from ..jobs import Job
from ..library import LoadedModel
from ..registry import Results, Spec, command
from .parameters import FolderPath, ModelName, Seed
from .system import model_state

logger = logging.getLogger(__name__)


@command("/sda/train/start", returns="model steps seconds complete", job=True)
async def start(
    context: Context,
    job: Job,
    model: Annotated[str, Spec("name of the new model")],
    folder: FolderPath,
    minutes: Annotated[float, Spec("how long to train", 0.02, 10_000, "min")] = 0.0,
    levels: Annotated[int, Spec("quantizer levels", 2, 4)] = 0,
    codebook_size: Annotated[int, Spec("64, 128 or 256; 0 chooses by the files", 0, 256)] = 0,
    commitment_weight: Annotated[float, Spec("pull of latents to their codes", 0, 10)] = -1.0,
    sample_rate: Annotated[int, Spec("rate to learn and render at", 8000, 96_000, "Hz")] = 0,
    seed: Seed = 0,
    replace: Annotated[bool, Spec("1 writes over a model of this name")] = False,
) -> Results:
    """Train a codec on the sounds of a folder, then its prior.

    Files that cannot be used are named first: ``/sda/dataset/file <job> <name> 0 0 <reason>``.
    Within seconds, before the first gradient step, the model can be played: ``/sda/train/snapshot
    <job> <model> <step>``, and a grid named like the model opens with the first training sound.
    From then on it gets better underneath. ``/sda/train/level <job> <level> <name> <utilisation>
    <perplexity> <dead codes> <light> <sentence>`` tells how every level uses its codebook.
    ``/sda/train/stop`` ends early and keeps the best so far.
    """
    defaults = context.settings.training
    if codebook_size and codebook_size not in CODEBOOK_SIZES:
        raise UsageError(f"codebook_size is {codebook_size}; allowed are 64, 128 and 256.")
    if any(other.trains == model for other in context.jobs):
        raise StateError(f"Model '{model}' is being worked on already; /sda/train/stop {model}.")
    target = context.library.new_target(model, replace=replace)
    path = context.settings.folders.readable(folder)
    job.trains = model

    first_sound = _FirstSound(context, model)

    def hear(report: Report) -> None:
        if isinstance(report, FileLeftOut):
            job.tell("/sda/dataset/file", job.number, report.name, 0, 0.0, report.reason)
        elif isinstance(report, LevelsMeasured):
            _tell_levels(job, report)
        elif isinstance(report, SnapshotWritten):
            _take_over(context, model)
            first_sound.show()
            job.tell("/sda/train/snapshot", job.number, model, report.step)

    request = Train(
        name=model,
        folder=path,
        target=target,
        minutes=minutes or defaults.minutes,
        levels=levels or defaults.levels,
        codebook_size=codebook_size,
        commitment_weight=(
            defaults.commitment_weight if commitment_weight < 0 else commitment_weight
        ),
        sample_rate=sample_rate or defaults.sample_rate,
        seed=max(seed, 0),
        threads=context.settings.workers.training_threads,
    )
    trained = await job.run(request, on_report=hear)
    if not isinstance(trained, Trained):
        raise TypeError(f"a training was answered with {trained!r}")
    _take_over(context, model)
    first_sound.show()
    return model, trained.steps, trained.elapsed_s, int(trained.complete)


@command("/sda/train/stop", returns="job")
def stop(context: Context, model: ModelName) -> Results:
    """End the training of a model early and keep the best so far.

    Its job ends with ``/sda/job/done``.
    """
    for job in context.jobs:
        if job.trains == model:
            job.stop()
            return (job.number,)
    names = ", ".join(job.trains for job in context.jobs if job.trains) or "none"
    raise StateError(f"Model '{model}' is not being trained; in training: {names}.")


class _FirstSound:
    """The grid that opens by itself; it follows the training until somebody edits it."""

    def __init__(self, context: Context, model: str) -> None:
        self._context, self._model = context, model
        self._revision = -1

    def show(self) -> None:
        sessions, model = self._context.sessions, self._context.library.model(self._model)
        codes = read_training_codes(model.path)[0]
        if self._revision < 0 and self._model not in sessions:
            try:
                self._revision = sessions.open(self._model, model, codes).grid.revision
            except SdaudioError as error:
                logger.warning("no grid for the new model '%s': %s", self._model, error)
        elif self._model in sessions:
            session = sessions[self._model]
            if session.grid.revision == self._revision and session.blend is None:
                sessions.refresh(session, codes)
                self._revision = session.grid.revision


def _tell_levels(job: Job, measured: LevelsMeasured) -> None:
    for level, (name, health) in enumerate(zip(measured.names, measured.levels, strict=True)):
        job.tell(
            "/sda/train/level", job.number, level, name, health.utilisation, health.perplexity,
            health.dead_codes, health.light, health.sentence,
        )  # fmt: skip


def _take_over(context: Context, name: str) -> None:
    """Load a model file that was written anew, and let every grid of it sound like it."""
    model = context.library.load(name)
    context.clients.announce("/sda/model/state", *model_state(context, name))
    for session in context.sessions:
        if session.model.name == name and _same_codes(session.model, model):
            session.model = model
    context.rendering.model_changed(name)


def _same_codes(old: LoadedModel, new: LoadedModel) -> bool:
    return old.n_levels == new.n_levels and old.codebook_size == new.codebook_size
