"""/sda/train: train a codec on a folder of sounds, go on with it, add to it."""

import dataclasses
import logging
from typing import Annotated

from sdaudio.errors import JobError, SdaudioError, StateError, UsageError
from sdaudio.header import CODEBOOK_SIZES
from sdaudio.modelfile import checkpoint_path, read_training_codes
from sdaudio.settings import FRAME_NAMES
from sdaudio.tasks.requests import (
    AddSounds,
    FileLeftOut,
    LevelsMeasured,
    Noted,
    PriorMeasured,
    Report,
    Resume,
    SnapshotWritten,
    Train,
    Trained,
    TrainingPredicted,
    budget_of,
)

from ..context import Context
from ..jobs import Job
from ..registry import Results, Spec, command
from .parameters import Device, FolderPath, Frames, Minutes, ModelName, Preset, Seed
from .system import model_state

logger = logging.getLogger(__name__)


@command("/sda/train/start", returns="model steps seconds complete", job=True)
async def start(
    context: Context,
    job: Job,
    model: Annotated[str, Spec("name of the new model")],
    folder: FolderPath,
    minutes: Minutes = 0.0,
    levels: Annotated[int, Spec("quantizer levels", 2, 4)] = 0,
    codebook_size: Annotated[int, Spec("64, 128 or 256; 0 chooses by the files", 0, 256)] = 0,
    commitment_weight: Annotated[float, Spec("pull of latents to their codes", 0, 10)] = -1.0,
    sample_rate: Annotated[int, Spec("rate to learn and render at", 8000, 96_000, "Hz")] = 0,
    seed: Seed = 0,
    replace: Annotated[bool, Spec("1 writes over a model of this name")] = False,
    preset: Preset = "",
    device: Device = "",
    frames: Frames = "",
    factors: Annotated[
        int, Spec("1: Structure is loudness and attack; 0: a coarse copy of all; -1: as set", -1, 1)
    ] = -1,
) -> Results:
    """Train a codec on the sounds of a folder, then its prior.

    Files that cannot be used are named first: ``/sda/dataset/file <job> <name> 0 0 <reason>``.
    Within seconds, before the first gradient step, the model can be played: ``/sda/train/snapshot
    <job> <model> <step>``, and a grid named like the model opens with the first training sound.
    From then on it gets better underneath. ``/sda/train/level <job> <level> <name> <utilisation>
    <perplexity> <dead codes> <light> <sentence>`` tells how every level uses its codebook, and
    ``/sda/train/note <job> <sentence>`` what you should know, as when a level uses less than 30 %.
    ``/sda/train/prediction <job> <minutes> <steps> <threads> <sentence> <warning>`` says after a
    few tried steps what all will take on this machine; the warning is empty when all is well.

    ``preset`` chooses how much to spend; ``minutes`` wins over it. ``/sda/train/stop`` ends early
    and keeps the best so far, ``/sda/train/resume`` goes on; also after a crash, which costs at
    most half a minute. At the end the prior is trained as ``/sda/prior/train`` does, its net for a
    tenth of the time more.
    """
    defaults = context.settings.training
    if codebook_size and codebook_size not in CODEBOOK_SIZES:
        raise UsageError(f"codebook_size is {codebook_size}; allowed are 64, 128 and 256.")
    if frames and frames not in FRAME_NAMES:
        raise UsageError(f"frames is '{frames}'; allowed are {', '.join(FRAME_NAMES)}.")
    check_idle(context, model)
    target = context.library.new_target(model, replace=replace)
    path = context.settings.folders.readable(folder)
    request = Train(
        name=model,
        folder=path,
        target=target,
        budget=budget_of(context.settings, preset=preset, minutes=minutes, device=device),
        levels=levels or defaults.levels,
        frames=frames or defaults.frames,
        factors=defaults.factors if factors < 0 else bool(factors),
        codebook_size=codebook_size,
        commitment_weight=(
            defaults.commitment_weight if commitment_weight < 0 else commitment_weight
        ),
        sample_rate=sample_rate or defaults.sample_rate,
        seed=max(seed, 0),
        author=defaults.author,
        licence=defaults.licence,
    )
    return await _learn(context, job, model, request)


@command("/sda/train/resume", returns="model steps seconds complete", job=True)
async def resume(
    context: Context,
    job: Job,
    model: ModelName,
    minutes: Minutes = 0.0,
    preset: Preset = "",
    device: Device = "",
) -> Results:
    """Go on with a training that was stopped or cut off, or train a finished model further.

    A stopped training goes on from where it was, to the end it had planned; with ``minutes`` it
    spends those on the rest. A finished model learns on for ``minutes`` (or the preset's): only its
    decoder, so that its codes, and every grid made of them, keep their meaning. The sounds are read
    from where they were; those that came into the folder since are added with ``/sda/train/add``.
    Tells the same as ``/sda/train/start``.
    """
    check_idle(context, model)
    target = context.library.own_path(model)
    budget = budget_of(context.settings, preset=preset, minutes=minutes, device=device)
    # Not the minutes of the settings: a stopped training has its own.
    request = Resume(target, dataclasses.replace(budget, minutes=minutes))
    return await _learn(context, job, model, request)


@command("/sda/train/add", returns="model steps seconds complete", job=True)
async def add(
    context: Context,
    job: Job,
    model: ModelName,
    folder: FolderPath,
    minutes: Minutes = 0.0,
    preset: Preset = "",
    device: Device = "",
) -> Results:
    """Add the sounds of a folder to a model, and train it on old and new ones together.

    Codes keep their meaning: grids made before still say the same. Codes that no old sound uses
    become the new sounds' own; otherwise those are described with the codes there are, and the
    decoder learns to play both. The old sounds must still be where they were. A training of the
    model that was stopped ends here. Tells the same as ``/sda/train/start``.
    """
    check_idle(context, model)
    target = context.library.own_path(model)
    path = context.settings.folders.readable(folder)
    budget = budget_of(context.settings, preset=preset, minutes=minutes, device=device)
    return await _learn(context, job, model, AddSounds(target, path, budget))


@command("/sda/train/stop", returns="job")
def stop(context: Context, model: ModelName) -> Results:
    """End the training of a model early and keep the best so far.

    Its job ends with ``/sda/job/done``. ``/sda/train/resume`` goes on from there.
    """
    for job in context.jobs:
        if job.trains == model:
            job.stop()
            return (job.number,)
    names = ", ".join(job.trains for job in context.jobs if job.trains) or "none"
    raise StateError(f"Model '{model}' is not being trained; in training: {names}.")


def tell_prior(job: Job, measured: PriorMeasured) -> None:
    """Tell how well the prior that is being trained foresees every level."""
    figures = zip(measured.names, measured.counts, measured.net, measured.own, strict=True)
    for level, (name, *perplexities) in enumerate(figures):
        job.tell("/sda/prior/level", job.number, level, name, *perplexities)


def tell_prediction(job: Job, predicted: TrainingPredicted) -> None:
    """Tell what a training takes on this machine."""
    job.tell(
        "/sda/train/prediction", job.number, predicted.minutes, predicted.steps,
        predicted.threads, predicted.text, predicted.warning,
    )  # fmt: skip


def check_idle(context: Context, model: str) -> None:
    """Refuse to train what is being trained.

    Raises:
        StateError: a job trains the model or its prior.
    """
    if any(other.trains == model for other in context.jobs):
        raise StateError(f"Model '{model}' is being worked on already; /sda/train/stop {model}.")


async def _learn(
    context: Context, job: Job, model: str, request: Train | Resume | AddSounds
) -> Results:
    """Run a training and take over its snapshots as they come."""
    job.trains = model
    first_sound = _FirstSound(context, model)

    def hear(report: Report) -> None:
        if isinstance(report, FileLeftOut):
            job.tell("/sda/dataset/file", job.number, report.name, 0, 0.0, report.reason)
        elif isinstance(report, LevelsMeasured):
            _tell_levels(job, report)
        elif isinstance(report, TrainingPredicted):
            tell_prediction(job, report)
        elif isinstance(report, PriorMeasured):
            tell_prior(job, report)
        elif isinstance(report, Noted):
            job.tell("/sda/train/note", job.number, report.text)
        elif isinstance(report, SnapshotWritten):
            _take_over(context, model)
            first_sound.show()
            job.tell("/sda/train/snapshot", job.number, model, report.step)

    try:
        trained = await job.run(request, on_report=hear)
    except JobError as error:
        if checkpoint_path(request.target).is_file():
            raise JobError(
                f"{error} Or go on from at most half a minute before: /sda/train/resume {model}."
            ) from error
        raise
    if not isinstance(trained, Trained):
        raise TypeError(f"a training was answered with {trained!r}")
    _take_over(context, model)
    first_sound.show()
    return model, trained.steps, trained.elapsed_s, int(trained.complete)


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
            if session.grid.revision == self._revision and not session.blends:
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
    context.sessions.take_over(model)
    context.rendering.model_changed(name)
    context.following.model_changed(name)
