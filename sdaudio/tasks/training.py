"""What the training worker does: look at datasets, train codecs, fit priors.

torch is imported when a training begins, not before, so that counts are fitted without.
"""

import time
from collections.abc import Callable
from pathlib import Path

from sdaudio.errors import UsageError
from sdaudio.modelfile import Model, checkpoint_path, read_model, write_model
from sdaudio.prior.budget import seconds_after
from sdaudio.tasks.checking import check
from sdaudio.tasks.learning import learn
from sdaudio.tasks.priors import train_prior
from sdaudio.tasks.requests import (
    AddSounds,
    CheckDataset,
    FitPrior,
    PriorBudget,
    Progressed,
    Report,
    Request,
    Resume,
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
            return check(request, report)
        case FitPrior():
            return _fit_prior(request, report, should_stop)
        case Train() | Resume() | AddSounds():
            began = time.monotonic()
            model = learn(request, report=report, should_stop=should_stop)
            seconds = seconds_after(time.monotonic() - began)
            return _finish(request.target, model, seconds, report, should_stop)
    raise UsageError(f"The training worker cannot do '{type(request).__name__}'.")


def _finish(
    target: Path,
    model: Model,
    prior_s: float,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Trained:
    budget = PriorBudget(minutes=prior_s / 60, counts_only=not prior_s)

    def hear(told: Report) -> None:
        # The training is done as far as its fraction goes; what is left is said in words.
        if isinstance(told, Progressed):
            told = Progressed(1.0, told.eta_s, f"prior: {told.text}")
        report(told)

    model = train_prior(
        model,
        budget,
        report=hear,
        should_stop=should_stop,
        on_counts=lambda counted: write_model(target, counted),
    )
    write_model(target, model)
    if model.header.training.complete:
        # It is several times the size of the model, and a finished one goes on without.
        checkpoint_path(target).unlink(missing_ok=True)
    return _trained(target, model)


def _fit_prior(
    request: FitPrior, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Trained:
    def write(model: Model) -> None:
        write_model(request.model, model)
        report(SnapshotWritten(request.model, model.header.training.steps))

    model = train_prior(
        read_model(request.model),
        request.budget,
        report=report,
        should_stop=should_stop,
        on_counts=write,
    )
    write_model(request.model, model)
    return _trained(request.model, model)


def _trained(path: Path, model: Model) -> Trained:
    facts = model.header.training
    return Trained(path, facts.steps, facts.elapsed_s, facts.complete, model.header.prior)
