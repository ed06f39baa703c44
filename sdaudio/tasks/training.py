"""What the training worker does: look at datasets, train codecs, fit priors.

torch is imported when a training begins, not before, so that checking a folder stays quick.
"""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

from sdaudio.dataset import DatasetReport, FileReport, load, scan
from sdaudio.errors import UsageError
from sdaudio.header import LEVEL_NAMES
from sdaudio.modelfile import Model, read_model, split_training_codes, write_model
from sdaudio.prior import fit
from sdaudio.tasks.requests import (
    CheckDataset,
    CheckedFile,
    DatasetChecked,
    FileLeftOut,
    FitPrior,
    LevelsMeasured,
    Progressed,
    Report,
    Request,
    SnapshotWritten,
    Train,
    Trained,
)


def run(
    request: Request, *, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> object:
    """Run one request of the train lane.

    Raises:
        SdaudioError: the request cannot be carried out.
    """
    match request:
        case CheckDataset():
            return _check(scan(request.folder), request.minutes)
        case FitPrior():
            return _fit_prior(request, report)
        case Train():
            return _train(request, report, should_stop)
    raise UsageError(f"The training worker cannot do '{type(request).__name__}'.")


def _check(found: DatasetReport, minutes: float) -> DatasetChecked:
    return DatasetChecked(
        tuple(_checked(file, found.folder) for file in found.files),
        len(found.used),
        found.duration_s,
        found.codebook_size,
        minutes,
        found.warnings,
        found.problem,
    )


def _checked(file: FileReport, folder: Path) -> CheckedFile:
    return CheckedFile(
        str(file.path.relative_to(folder)),
        file.used,
        file.info.duration_s if file.info else 0.0,
        file.reason,
        file.info.sample_rate if file.info else 0,
        file.info.channels if file.info else 0,
        file.facts.silence_share if file.facts else 0.0,
        file.facts.clipped_share if file.facts else 0.0,
        file.notes,
    )


def _train(
    request: Train, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Trained:
    report(Progressed(0.0, request.minutes * 60.0, "reading sounds"))
    found = scan(request.folder)
    for file in found.files:
        if not file.used:
            report(FileLeftOut(str(file.path.relative_to(request.folder)), file.reason))
    report(_check(found, request.minutes))
    dataset = load(found, request.sample_rate)

    from sdaudio.training import LevelsReport, Progress, TrainingEvent, TrainingOptions, train

    def on_event(event: TrainingEvent) -> None:
        if isinstance(event, Progress):
            report(Progressed(event.fraction, event.eta_s, event.text))
        elif isinstance(event, LevelsReport):
            names = LEVEL_NAMES[request.levels]
            report(LevelsMeasured(event.step, names, event.levels))

    def on_snapshot(model: Model) -> None:
        write_model(request.target, model)
        report(SnapshotWritten(request.target, model.header.training.steps))

    options = TrainingOptions(
        name=request.name,
        minutes=request.minutes,
        levels=request.levels,
        codebook_size=request.codebook_size or None,
        commitment_weight=request.commitment_weight,
        sample_rate=request.sample_rate,
        seed=request.seed,
        threads=request.threads,
    )
    model = train(
        dataset, options, on_event=on_event, on_snapshot=on_snapshot, should_stop=should_stop
    )
    report(Progressed(1.0, 1.0, "fitting the prior"))
    model = with_prior(model)
    write_model(request.target, model)
    return _trained(request.target, model)


def _fit_prior(request: FitPrior, report: Callable[[Report], None]) -> Trained:
    def on_progress(fraction: float) -> None:
        report(Progressed(fraction, 1.0 - fraction, "fitting the prior"))

    model = with_prior(read_model(request.model), on_progress)
    write_model(request.model, model)
    return _trained(request.model, model)


def with_prior(model: Model, on_progress: Callable[[float], None] | None = None) -> Model:
    """Fit the count prior on the model's own training codes and add it to the model.

    Raises:
        FileError: the model carries no training codes.
    """
    by_file = split_training_codes(model.tensors, model.header.name)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    prior = fit(by_file, model.header.codec.codebook_size, on_progress=on_progress, date=today)
    header = dataclasses.replace(model.header, prior=prior.summary)
    return Model(header, {**model.tensors, **prior.tensors()})


def _trained(path: Path, model: Model) -> Trained:
    facts = model.header.training
    return Trained(path, facts.steps, facts.elapsed_s, facts.complete, model.header.prior)
