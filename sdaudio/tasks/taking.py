"""What the render worker does with a model's prior: sample, morph, fill, vary, and measure takes.

A prior, and the index of its training codes, are read once per state of the model file.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from sdaudio.errors import FileError, StateError
from sdaudio.modelfile import read_header, read_model, read_training_codes
from sdaudio.prior import (
    CopyIndex,
    CountPrior,
    Novelty,
    SamplingOptions,
    Weigh,
    both,
    infill,
    sample,
    vary,
    weights_between,
    weights_of_files,
)
from sdaudio.tasks.freshness import state_of_file
from sdaudio.tasks.requests import Codes, ColumnsMade, Progressed, Report, TakeMeasured
from sdaudio.tasks.takes import (
    Candidate,
    Fill,
    Filled,
    MeasureNovelty,
    Morph,
    Sample,
    Sampled,
    Vary,
)

_CACHED_MODELS = 4
_CACHED_PLACES = 8
_TRIES_TO_VARY = 4
_TELL_EVERY_S = 0.25
# What tells one state of a file from another.
_State = tuple[int, int]


class _Stopped(Exception):  # noqa: N818 (an outcome, not an error)
    """The request was stopped."""


def warm(path: Path) -> None:
    """Read what the first take of a model needs, if it has a prior."""
    if read_header(path).has_prior:
        sample(_prior(path, state_of_file(path)), n_columns=1, options=SamplingOptions())
        _copies(path, state_of_file(path))


def sample_columns(
    request: Sample | Morph, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Sampled:
    """Sample columns and report them as they come, and how new they are, also when stopped.

    Raises:
        SdaudioError: the model has no prior, or something is out of range.
    """
    state = state_of_file(request.model)
    prior, copies = _prior(request.model, state), _copies(request.model, state)
    weigh = _allowed(request.model, state, request.files)
    prompt, first_column = None, 0
    if isinstance(request, Morph):
        way = weights_between(request.first, request.second, request.n_columns, prior.codebook_size)
        weigh = both(weigh, way) if weigh else way
    else:
        prompt, first_column = request.prompt, request.first_column
    started = time.monotonic()

    def on_columns(start: int, codes: Codes) -> None:
        made = start + codes.shape[1]
        report(ColumnsMade(start, codes))
        elapsed_s = time.monotonic() - started
        eta_s = elapsed_s / made * (request.n_columns - made)
        text = f"{made} of {request.n_columns} columns"
        report(Progressed(made / request.n_columns, eta_s, text))

    codes = sample(
        prior,
        n_columns=request.n_columns,
        options=request.options,
        prompt=prompt,
        first_column=first_column,
        weigh=weigh,
        copies=copies,
        on_columns=on_columns,
        should_stop=should_stop,
    )
    novelty = copies.measure(codes)
    report(TakeMeasured(novelty))
    return Sampled(codes, novelty)


def fill(
    request: Fill, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Filled | None:
    """Fill a place in several ways, the best first; None when it was stopped.

    Raises:
        SdaudioError: the model has no prior, or something is out of range.
    """
    state, place = state_of_file(request.model), request.place
    copies = _copies(request.model, state)
    started = told = time.monotonic()

    def on_progress(share: float) -> None:
        nonlocal told
        if should_stop():
            raise _Stopped
        now = time.monotonic()
        if now - told > _TELL_EVERY_S:
            told = now
            eta_s = (now - started) * (1 - share) / share if share else -1.0
            report(Progressed(share, eta_s, "filling"))

    try:
        fillings = infill(
            _prior(request.model, state),
            place.codes,
            start=place.start,
            stop=place.stop,
            options=request.options,
            keep=place.keep,
            n_candidates=request.n_candidates,
            n_tries=request.n_tries,
            first_column=place.first_column,
            weigh=_allowed(request.model, state, request.files),
            copies=copies,
            on_progress=on_progress,
        )
    except _Stopped:
        return None
    return Filled(
        tuple(
            Candidate(filling.codes, filling.likelihood, copies.measure(filling.codes))
            for filling in fillings
        )
    )


def vary_place(request: Vary) -> Sampled:
    """Vary a place. What is drawn for it is kept for other amounts.

    Raises:
        SdaudioError: the model has no prior, or something is out of range.
    """
    state, place = state_of_file(request.model), request.place
    drawn = _drawn(
        request.model,
        state,
        place.codes.tobytes(),
        place.codes.shape,
        (place.start, place.stop, place.first_column),
        place.keep.tobytes(),
        request.options,
        request.files,
    )
    codes = vary(
        place.codes[:, place.start : place.stop],
        drawn,
        amount=request.amount,
        seed=request.options.seed,
        first_column=place.first_column + place.start,
    )
    return Sampled(codes, _copies(request.model, state).measure(codes))


def measure(request: MeasureNovelty) -> Novelty:
    """Measure how new codes are.

    Raises:
        FileError: the model does not carry the codes of its training sounds.
    """
    return _copies(request.model, state_of_file(request.model)).measure(request.codes)


def _allowed(path: Path, state: _State, files: tuple[int, ...]) -> Weigh | None:
    if not files:
        return None
    return weights_of_files(_codes(path, state), files, _prior(path, state).codebook_size)


@lru_cache(maxsize=_CACHED_PLACES)
def _drawn(
    path: Path,
    state: _State,
    codes: bytes,
    shape: tuple[int, int],
    span: tuple[int, int, int],
    keep: bytes,
    options: SamplingOptions,
    files: tuple[int, ...],
) -> Codes:
    start, stop, first_column = span
    [filling] = infill(
        _prior(path, state),
        np.frombuffer(codes, np.uint16).reshape(shape),
        start=start,
        stop=stop,
        options=options,
        keep=np.frombuffer(keep, bool).reshape(shape[0], stop - start),
        n_tries=_TRIES_TO_VARY,
        first_column=first_column,
        weigh=_allowed(path, state, files),
        copies=_copies(path, state),
    )
    return filling.codes


@lru_cache(maxsize=_CACHED_MODELS)
def _prior(path: Path, _state_of_file: _State) -> CountPrior:
    model = read_model(path)
    if not model.header.has_prior:
        raise StateError(
            f"Model '{model.header.name}' has no prior yet. Train it: "
            f"/sda/prior/train {model.header.name}."
        )
    try:
        return CountPrior.from_tensors(model.tensors, model.header.codec)
    except ValueError as error:
        raise FileError(f"The prior in '{path}' is damaged: {error}") from error


@lru_cache(maxsize=_CACHED_MODELS)
def _codes(path: Path, _state_of_file: _State) -> list[Codes]:
    return read_training_codes(path)


@lru_cache(maxsize=_CACHED_MODELS)
def _copies(path: Path, state_of_file: _State) -> CopyIndex:
    return CopyIndex(_codes(path, state_of_file))
