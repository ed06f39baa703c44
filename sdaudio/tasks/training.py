"""What the training worker does: look at datasets, train codecs, fit priors.

torch is imported when a training begins, not before, so that a prior is fitted without.
"""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

from sdaudio.errors import UsageError
from sdaudio.modelfile import (
    Model,
    checkpoint_path,
    read_model,
    split_training_codes,
    write_model,
)
from sdaudio.prior import fit
from sdaudio.tasks.checking import check
from sdaudio.tasks.learning import learn
from sdaudio.tasks.requests import (
    AddSounds,
    CheckDataset,
    FitPrior,
    Progressed,
    Report,
    Request,
    Resume,
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
            return _fit_prior(request, report)
        case Train() | Resume() | AddSounds():
            model = learn(request, report=report, should_stop=should_stop)
            return _finish(request.target, model, report)
    raise UsageError(f"The training worker cannot do '{type(request).__name__}'.")


def _finish(target: Path, model: Model, report: Callable[[Report], None]) -> Trained:
    report(Progressed(1.0, 1.0, "fitting the prior"))
    model = with_prior(model)
    write_model(target, model)
    if model.header.training.complete:
        # It is several times the size of the model, and a finished one goes on without.
        checkpoint_path(target).unlink(missing_ok=True)
    return _trained(target, model)


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
