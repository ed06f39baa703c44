"""What a folder holds and what a training on it takes, looked at before anything is trained."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sdaudio.dataset import DatasetReport, FileReport, load, scan
from sdaudio.tasks.requests import (
    CheckDataset,
    CheckedFile,
    DatasetChecked,
    Progressed,
    Report,
    TrainingPredicted,
)

if TYPE_CHECKING:
    from sdaudio.training import Predicted


def check(request: CheckDataset, report: Callable[[Report], None]) -> DatasetChecked:
    """Look at every file of a folder; when some can be used, try what a training takes.

    Raises:
        SdaudioError: there is no such folder, or no such device.
    """
    report(Progressed(0.0, 0.0, "reading sounds"))
    found = scan(request.folder)
    checked = describe(found)
    if not checked.n_used:
        return checked
    report(Progressed(0.5, 0.0, "trying a few steps"))
    return dataclasses.replace(checked, prediction=_predict(request, found))


def describe(found: DatasetReport) -> DatasetChecked:
    """Say what was found in a folder."""
    return DatasetChecked(
        tuple(_checked(file, found.folder) for file in found.files),
        len(found.used),
        found.duration_s,
        found.codebook_size,
        found.warnings,
        found.problem,
    )


def in_words(predicted: "Predicted", *, reading_s: float, threads: int) -> TrainingPredicted:
    """Say what was predicted in a sentence.

    Args:
        predicted: as it was measured.
        reading_s: what reading the sounds took before.
        threads: as asked for.
    """
    from sdaudio.training import objection

    start_s = reading_s + predicted.start_s
    minutes = (start_s + predicted.training_s + predicted.finishing_s) / 60.0
    pace = predicted.steps / predicted.training_s if predicted.training_s else 0.0
    return TrainingPredicted(
        minutes,
        predicted.steps,
        predicted.threads,
        f"about {minutes:.1f} min: {start_s:.0f} s to the first grid, "
        f"{predicted.training_s / 60.0:.1f} min of learning at {pace:.1f} steps a second "
        f"(about {predicted.steps} steps), {predicted.finishing_s:.0f} s for the prior",
        objection(predicted, threads=threads),
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


def _predict(request: CheckDataset, found: DatasetReport) -> TrainingPredicted:
    began = time.monotonic()
    dataset = load(found, request.sample_rate)
    reading_s = time.monotonic() - began

    from sdaudio.training import TrainingOptions, predict

    budget = request.budget
    options = TrainingOptions(
        name="",
        preset=budget.preset,
        minutes=budget.minutes or None,
        levels=request.levels,
        frames=request.frames,
        sample_rate=request.sample_rate,
        threads=budget.threads,
        device=budget.device,
    )
    return in_words(predict(dataset, options), reading_s=reading_s, threads=budget.threads)
