"""What the live and render workers do: encode, decode, measure, export, sample. No torch."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from sdaudio.audio import read_sound
from sdaudio.descriptors import Stepper, listen_to_codes
from sdaudio.errors import UsageError
from sdaudio.modelfile import read_model
from sdaudio.render import Renderer
from sdaudio.tasks import taking
from sdaudio.tasks.exporting import export, export_codes
from sdaudio.tasks.freshness import state_of_file
from sdaudio.tasks.listening import find_source, find_users, read_original, read_source
from sdaudio.tasks.requests import (
    ColumnsStepped,
    Decode,
    Decoded,
    DecodeWindow,
    Encode,
    Encoded,
    ListenToCodes,
    Report,
    Request,
    StepColumns,
    VerifyModel,
    Warm,
    WarmRender,
)
from sdaudio.tasks.sounds import (
    Export,
    ExportCodes,
    FindSource,
    FindUsers,
    ReadOriginal,
    ReadSource,
)
from sdaudio.tasks.takes import Fill, MeasureNovelty, Morph, Sample, Vary
from sdaudio.tasks.verifying import verify

_CACHED_MODELS = 4


def run(
    request: Request, *, report: Callable[[Report], None], should_stop: Callable[[], bool]
) -> object:
    """Run one request of the live or render lane.

    Raises:
        SdaudioError: the request cannot be carried out.
    """
    match request:
        case Warm():
            renderer(request.model)
            return None
        case WarmRender():
            renderer(request.model)
            taking.warm(request.model)
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
        case ExportCodes():
            return export_codes(
                request, renderer(request.model), report=report, should_stop=should_stop
            )
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
        case VerifyModel():
            return verify(request.model)
        case ListenToCodes():
            return listen_to_codes(renderer(request.model))
        case StepColumns():
            stepper = _stepper(request.model, state_of_file(request.model))
            return ColumnsStepped(
                stepper.step(
                    request.codes,
                    request.region,
                    request.direction,
                    first_column=request.first_column,
                )
            )
        case Sample() | Morph():
            return taking.sample_columns(request, report, should_stop)
        case Fill():
            return taking.fill(request, report, should_stop)
        case Vary():
            return taking.vary_place(request)
        case MeasureNovelty():
            return taking.measure(request)
    raise UsageError(f"The render worker cannot do '{type(request).__name__}'.")


def renderer(path: Path) -> Renderer:
    """Return the renderer of a model file, loaded once per state of the file.

    Raises:
        FileError: the file is missing or damaged.
    """
    return _renderer(path, state_of_file(path))


@lru_cache(maxsize=_CACHED_MODELS)
def _renderer(path: Path, _state_of_file: tuple[int, int]) -> Renderer:
    return Renderer(read_model(path))


@lru_cache(maxsize=_CACHED_MODELS)
def _stepper(path: Path, state_of_file: tuple[int, int]) -> Stepper:
    return Stepper(_renderer(path, state_of_file))


def _encode(request: Encode) -> Encoded:
    network = renderer(request.model)
    sound = read_sound(request.sound, network.header.codec.sample_rate)
    duration_s = len(sound) / network.header.codec.sample_rate
    return Encoded(network.encode(sound), duration_s)
