"""What the render worker does so that something else than a grid can be heard: find and read it."""

import functools
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sdaudio.audio import LoudnessMeter, stream_sound
from sdaudio.errors import FileError
from sdaudio.header import ModelHeader
from sdaudio.modelfile import read_training_codes
from sdaudio.provenance import Place, Provenance
from sdaudio.render import Renderer
from sdaudio.sources import read_part, source_path
from sdaudio.tasks.requests import Progressed, Report, SoundPart
from sdaudio.tasks.sounds import (
    FindSource,
    FindUsers,
    Matched,
    ReadOriginal,
    ReadSource,
    SoundRead,
    Source,
    Sources,
)

MAX_GAIN_DB = 24.0
"""How much an original is made louder at the most."""

# An hour of sound takes 22 MB.
_CACHED_SETS = 2
_PART_SAMPLES = 1 << 18
_SILENT_COLUMNS = 33
_QUIET_S = 0.25
# So that a part does not begin or end with a click; 3 ms at 48 kHz.
_FADE_SAMPLES = 144


def find_source(
    request: FindSource,
    network: Renderer,
    *,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Sources | None:
    """Find the places in the training sounds that codes resemble most; None when stopped.

    Raises:
        UsageError: there are too many columns.
        FileError: the model does not carry the codes of its sounds.
    """
    started = told = time.monotonic()

    def on_progress(fraction: float) -> bool:
        nonlocal told
        now = time.monotonic()
        if now - told > _QUIET_S:
            told = now
            eta_s = (now - started) * (1.0 - fraction) / fraction
            report(Progressed(fraction, eta_s, f"{fraction:.0%} of the training sounds"))
        return not should_stop()

    places = _provenance(request.model, network).find(
        request.codes, count=request.count, on_progress=on_progress
    )
    return None if should_stop() else _sources(network.header, places)


def find_users(request: FindUsers, network: Renderer) -> Sources:
    """Find the moments of the training sounds that a code is most typical of.

    Raises:
        FileError: the model does not carry the codes of its sounds.
    """
    places = _provenance(request.model, network).typical(
        request.level, request.code, count=request.count
    )
    return _sources(network.header, places)


def read_source(request: ReadSource, network: Renderer) -> SoundRead:
    """Read part of a training file, faded in and out.

    Raises:
        StateError: the model does not say where its sounds are.
        FileError: the file is gone or has changed.
    """
    audio = read_part(network.header, request.file, request.start, request.length)
    fade = np.sin(np.linspace(0.0, np.pi / 2, min(_FADE_SAMPLES, len(audio) // 2))) ** 2
    audio[: len(fade)] *= fade
    audio[len(audio) - len(fade) :] *= fade[::-1]
    return SoundRead(audio)


def read_original(
    request: ReadOriginal, network: Renderer, *, report: Callable[[Report], None]
) -> Matched:
    """Read the sound that a grid was made of, cut or filled up to its length.

    It is brought to the loudness of the reconstruction, so that nothing but the sound differs; what
    is louder seems better. The other way round the reconstruction would change while it plays.

    Raises:
        FileError: the sound is gone or cannot be read any more.
    """
    codec, n_columns = network.header.codec, request.codes.shape[1]
    wanted, found = LoudnessMeter(codec.sample_rate), LoudnessMeter(codec.sample_rate)
    for stretch in network.decode_in_stretches(request.codes, 0, n_columns, active=request.active):
        wanted.add(stretch)
    audio, place = np.zeros(n_columns * codec.column_length, np.float32), 0
    for block in stream_sound(request.sound, codec.sample_rate):
        part = audio[place : place + len(block)]
        part[:] = block[: len(part)]
        place += len(block)
        if place >= len(audio):
            break
    found.add(audio)
    gain_db = wanted.loudness - found.loudness
    # silence has no loudness that could be met
    gain_db = min(gain_db, MAX_GAIN_DB) if math.isfinite(gain_db) else 0.0
    audio *= np.float32(10.0 ** (gain_db / 20.0))
    for start in range(0, len(audio), _PART_SAMPLES):
        report(SoundPart(start, audio[start : start + _PART_SAMPLES]))
    return Matched(gain_db)


def _sources(header: ModelHeader, places: list[Place]) -> Sources:
    column_s = 1.0 / header.codec.columns_per_second

    def source(place: Place) -> Source:
        name, path = header.dataset.files[place.file].name, source_path(header, place.file)
        return Source(place.file, name, path, place.column * column_s, place.distance)

    return Sources(tuple(source(place) for place in places))


@functools.lru_cache(maxsize=_CACHED_SETS)
def _provenance(path: Path, network: Renderer) -> Provenance:
    """Return the searchable sounds of a model; there is one renderer for a state of its file."""
    codes = read_training_codes(path)
    if len(codes) != len(network.header.dataset.files):
        raise FileError(
            f"'{path}' contradicts itself: it has the codes of {len(codes)} sounds and names "
            f"{len(network.header.dataset.files)}."
        )
    length = network.header.codec.column_length
    silence = network.encode(np.zeros(_SILENT_COLUMNS * length, np.float32))
    return Provenance(codes, network.codebooks, silence[:, _SILENT_COLUMNS // 2])
