"""Requests that train a model: on new sounds, from where it stopped, or with sounds added.

torch is imported when there are sounds to train on, not before. What was learned is returned; the
prior and the last write are `sdaudio.tasks.training`'s.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sdaudio import sources
from sdaudio.dataset import Dataset, load, scan
from sdaudio.modelfile import Model, checkpoint_path, read_header, read_model, write_model
from sdaudio.tasks.checking import describe, in_words
from sdaudio.tasks.requests import (
    AddSounds,
    Budget,
    FileLeftOut,
    LevelsMeasured,
    Noted,
    Progressed,
    Report,
    Resume,
    SnapshotWritten,
    Train,
)

if TYPE_CHECKING:
    from sdaudio.training import TrainingEvent


def learn(
    request: Train | Resume | AddSounds,
    *,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Model:
    """Train as requested and return the model; snapshots of it are written on the way.

    Raises:
        SdaudioError: the sounds, the model or the device do not allow it.
    """
    report(Progressed(0.0, 0.0, "reading sounds"))
    match request:
        case Train():
            return _train(request, report, should_stop)
        case Resume():
            return _resume(request, report, should_stop)
        case AddSounds():
            return _add(request, report, should_stop)


def _train(
    request: Train, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Model:
    began = time.monotonic()
    dataset = _read_folder(request.folder, request.sample_rate, report)

    from sdaudio.training import TrainingOptions, train

    options = TrainingOptions(
        name=request.name,
        preset=request.budget.preset,
        minutes=request.budget.minutes or None,
        levels=request.levels,
        frames=request.frames,
        factors=request.factors,
        codebook_size=request.codebook_size or None,
        commitment_weight=request.commitment_weight,
        sample_rate=request.sample_rate,
        seed=request.seed,
        threads=request.budget.threads,
        device=request.budget.device,
        author=request.author,
        licence=request.licence,
    )
    checkpoint = checkpoint_path(request.target)
    # of another training under this name, which is replaced now
    checkpoint.unlink(missing_ok=True)
    teller = _Teller(request.target, time.monotonic() - began, request.budget.threads, report)
    return train(
        dataset,
        options,
        on_event=teller.hear,
        on_snapshot=teller.write,
        should_stop=should_stop,
        checkpoint=checkpoint,
    )


def _resume(
    request: Resume, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Model:
    began = time.monotonic()
    header = read_header(request.target)
    dataset = sources.read_again(header)

    from sdaudio.training import read_checkpoint, resume

    checkpoint = checkpoint_path(request.target)
    # One that is left beside a finished model, or beside another model of its name, is no use.
    there = checkpoint.is_file() and not header.training.complete
    if not there or read_checkpoint(checkpoint).header.dataset != header.dataset:
        if not header.training.complete:
            report(
                Noted(
                    f"{checkpoint.name} is gone, so the codes stay as they are and only the "
                    "decoder learns on. For better codes train a new model."
                )
            )
        return _refine(request.target, dataset, request.budget, began, report, should_stop)
    budget = request.budget
    teller = _Teller(request.target, time.monotonic() - began, budget.threads, report)
    return resume(
        dataset,
        checkpoint,
        on_event=teller.hear,
        on_snapshot=teller.write,
        should_stop=should_stop,
        minutes=budget.minutes or None,
        threads=budget.threads,
        device=budget.device,
    )


def _add(
    request: AddSounds, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Model:
    began = time.monotonic()
    header = read_header(request.target)
    old = sources.read_again(header)
    new = _read_folder(request.folder, header.codec.sample_rate, report)
    dataset, known = sources.join(old, new)
    for name in known:
        report(FileLeftOut(name, "in the model already"))
    return _refine(request.target, dataset, request.budget, began, report, should_stop)


def _refine(
    path: Path,
    dataset: Dataset,
    budget: Budget,
    began: float,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Model:
    model = read_model(path)

    from sdaudio.training import TrainingOptions, refine

    codec, before = model.header.codec, model.header.training
    options = TrainingOptions(
        name=model.header.name,
        preset=budget.preset,
        minutes=budget.minutes or None,
        levels=codec.n_levels,
        codebook_size=codec.codebook_size,
        commitment_weight=before.commitment_weight,
        sample_rate=codec.sample_rate,
        seed=before.seed,
        threads=budget.threads,
        device=budget.device,
    )
    teller = _Teller(path, time.monotonic() - began, budget.threads, report)
    return refine(
        dataset,
        model,
        options,
        on_event=teller.hear,
        on_snapshot=teller.write,
        should_stop=should_stop,
        checkpoint=checkpoint_path(path),
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    """Passes on what a training tells, and writes its snapshots."""

    target: Path
    reading_s: float
    threads: int
    report: Callable[[Report], None]

    def hear(self, event: "TrainingEvent") -> None:
        from sdaudio import training

        if isinstance(event, training.Progress):
            self.report(Progressed(event.fraction, event.eta_s, event.text))
        elif isinstance(event, training.LevelsReport):
            self.report(LevelsMeasured(event.step, event.names, event.levels))
        elif isinstance(event, training.Predicted):
            self.report(in_words(event, reading_s=self.reading_s, threads=self.threads))
        else:
            self.report(Noted(event.text))

    def write(self, model: Model) -> None:
        write_model(self.target, model)
        self.report(SnapshotWritten(self.target, model.header.training.steps))


def _read_folder(folder: Path, sample_rate: int, report: Callable[[Report], None]) -> Dataset:
    found = scan(folder)
    for file in found.files:
        if not file.used:
            report(FileLeftOut(str(file.path.relative_to(folder)), file.reason))
    report(describe(found))
    return load(found, sample_rate)
