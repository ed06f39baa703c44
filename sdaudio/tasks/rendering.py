"""What the live and render workers do: encode, decode, measure, export, sample. No torch."""

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from sdaudio.audio import read_sound
from sdaudio.descriptors import Stepper, listen_to_codes
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.modelfile import read_model
from sdaudio.prior import CountPrior, SamplingOptions, sample
from sdaudio.render import Renderer
from sdaudio.tasks.exporting import export
from sdaudio.tasks.listening import find_source, find_users, read_original, read_source
from sdaudio.tasks.requests import (
    Codes,
    ColumnsMade,
    ColumnsStepped,
    Decode,
    Decoded,
    DecodeWindow,
    Encode,
    Encoded,
    ListenToCodes,
    Progressed,
    Report,
    Request,
    Sample,
    Sampled,
    StepColumns,
    Warm,
    WarmRender,
)
from sdaudio.tasks.sounds import Export, FindSource, FindUsers, ReadOriginal, ReadSource

_CACHED_MODELS = 4


def run(
    request: Request, *, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> object:
    """Run one request of the live or render lane.

    Raises:
        SdaudioError: the request cannot be carried out.
    """
    match request:
        case Warm() | WarmRender():
            renderer(request.model)
            return None
        case Decode():
            audio = renderer(request.model).decode(
                request.codes, active=request.active, first_column=request.first_column
            )
            return Decoded(0, audio)
        case DecodeWindow():
            column, audio = renderer(request.model).decode_window(
                request.codes,
                request.start,
                request.stop,
                active=request.active,
                first_column=request.first_column,
            )
            return Decoded(column, audio)
        case Encode():
            return _encode(request)
        case Export():
            return export(request, renderer(request.model), report=report, should_stop=should_stop)
        case FindSource():
            return find_source(
                request, renderer(request.model), report=report, should_stop=should_stop
            )
        case FindUsers():
            return find_users(request, renderer(request.model))
        case ReadSource():
            return read_source(request, renderer(request.model))
        case ReadOriginal():
            return read_original(request, renderer(request.model), report=report)
        case ListenToCodes():
            return listen_to_codes(renderer(request.model))
        case StepColumns():
            stepper = _stepper(request.model, _state(request.model))
            return ColumnsStepped(
                stepper.step(
                    request.codes,
                    request.region,
                    request.direction,
                    first_column=request.first_column,
                )
            )
        case Sample():
            return _sample(request, report, should_stop)
    raise UsageError(f"The render worker cannot do '{type(request).__name__}'.")


def renderer(path: Path) -> Renderer:
    """Return the renderer of a model file, loaded once per state of the file.

    Raises:
        FileError: the file is missing or damaged.
    """
    return _renderer(path, _state(path))


def _state(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:
        return (0, 0)
    return facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=_CACHED_MODELS)
def _renderer(path: Path, _state_of_file: tuple[int, int]) -> Renderer:
    return Renderer(read_model(path))


@lru_cache(maxsize=_CACHED_MODELS)
def _stepper(path: Path, state_of_file: tuple[int, int]) -> Stepper:
    return Stepper(_renderer(path, state_of_file))


@lru_cache(maxsize=_CACHED_MODELS)
def _prior(path: Path, _state_of_file: tuple[int, int]) -> CountPrior:
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


def _encode(request: Encode) -> Encoded:
    network = renderer(request.model)
    sound = read_sound(request.sound, network.header.codec.sample_rate)
    duration_s = len(sound) / network.header.codec.sample_rate
    return Encoded(network.encode(sound), duration_s)


def _sample(
    request: Sample, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> Sampled:
    options = SamplingOptions(
        temperature=request.temperature,
        top_k=request.top_k,
        top_p=request.top_p,
        seed=request.seed,
    )
    started = time.monotonic()

    def on_columns(start: int, codes: Codes) -> bool:
        made = start + codes.shape[1]
        report(ColumnsMade(start, codes))
        elapsed_s = time.monotonic() - started
        eta_s = elapsed_s / made * (request.n_columns - made)
        text = f"{made} of {request.n_columns} columns"
        report(Progressed(made / request.n_columns, eta_s, text))
        return not should_stop()

    codes = sample(
        _prior(request.model, _state(request.model)),
        n_columns=request.n_columns,
        options=options,
        prompt=request.prompt,
        on_columns=on_columns,
    )
    return Sampled(codes)
