"""Render a grid, or the codes of a level, into a sound file, stretch by stretch.

How loud a render is shows only at its end, so what is decoded goes into a spool first (memory, or
a file without a name when it is long) and from there into the sound file with its gain.
"""

import dataclasses
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

import sdaudio
from sdaudio.audio import LOSSY, SoundWriter, Subtype, Tags, check_format, convert_rate, peak
from sdaudio.errors import FileError, UsageError
from sdaudio.header import ModelHeader
from sdaudio.render import Renderer
from sdaudio.tasks.requests import Progressed, Report
from sdaudio.tasks.sounds import Export, ExportCodes, Exported, SoundForm

NORMALISED_DB = -1.0
"""Where the loudest sample of a normalised render lies, below full scale."""

_SPOOL_IN_MEMORY = 32 << 20
_BLOCK_BYTES = 1 << 20
# One step of 16 bits.
_STEP = 1.0 / 32_768
# The same render dithers in the same way.
_DITHER_SEED = 0
_SUBTYPES: dict[int, Subtype] = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


class _Stopped(Exception):  # noqa: N818 (an outcome, not an error)
    """Nobody wants the render any more."""


def export(
    request: Export,
    network: Renderer,
    *,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Exported | None:
    """Render columns of a grid into a sound file that is there only when it is complete.

    Returns:
        What was written, or None when it was stopped; then there is nothing.

    Raises:
        UsageError: the kind of file is none that can be written, or cannot hold what is asked for.
        FileError: the file cannot be written.
    """
    stretches = network.decode_in_stretches(
        request.codes, request.start, request.stop, active=request.active
    )
    n_columns = request.stop - request.start
    facts = {
        **{name: value for name, value in dataclasses.asdict(request.origin).items()
           if value != -1},
        "start": request.start,
        "columns": n_columns,
        "levels": list(request.active),
    }  # fmt: skip
    sounding = _Sounding(request.origin.grid, facts, stretches, n_columns)
    return _write(request, network.header, sounding, report, should_stop)


def export_codes(
    request: ExportCodes,
    network: Renderer,
    *,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Exported | None:
    """Render all codes of a level, one after the other, as `export` renders a grid."""
    header = network.header
    size, level = header.codec.codebook_size, request.level
    stretches = (
        network.decode(
            np.full((header.codec.n_levels, request.columns), code, np.uint16), active=(level,)
        )
        for code in range(size)
    )
    facts = {"columns": request.columns, "levels": [level], "codes": size}
    title = f"{header.name} codes of level {level}"
    sounding = _Sounding(title, facts, stretches, size * request.columns)
    return _write(request, header, sounding, report, should_stop)


@dataclass(frozen=True, slots=True)
class _Sounding:
    """A sound to be written, as it is decoded, and what its file tells about it."""

    title: str
    facts: Mapping[str, object]
    stretches: Iterable[NDArray[np.float32]]
    n_columns: int


def _write(
    request: Export | ExportCodes,
    header: ModelHeader,
    sounding: _Sounding,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Exported | None:
    target, form = request.target, request.form
    sample_rate = form.sample_rate or header.codec.sample_rate
    subtype = _subtype(target, form, sample_rate)
    watched = _watched(sounding.stretches, sounding.n_columns, header, report, should_stop)
    blocks = convert_rate(watched, header.codec.sample_rate, sample_rate, quality="VHQ")
    try:
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY) as spool:
            frames, loudest = _fill(spool, blocks)
            gain = _gain(form, loudest, has_headroom=subtype == "FLOAT")
            writer = SoundWriter(
                target,
                sample_rate,
                channels=form.channels,
                subtype=subtype,
                tags=_tags(sounding, header, gain),
            )
            chance = np.random.default_rng(_DITHER_SEED)
            with writer:
                for block in _replayed(spool):
                    block *= gain
                    if subtype == "PCM_16" and form.dither:
                        # the difference of two: its error depends on nothing that is heard
                        block += _STEP * (chance.random(len(block), np.float32)
                                          - chance.random(len(block), np.float32))  # fmt: skip
                    writer.write(np.broadcast_to(block, (form.channels, len(block))))
    except _Stopped:
        return None
    except OSError as error:
        raise FileError(f"There is no room to render '{target.name}': {error.strerror}.") from error
    return Exported(target, frames, sample_rate, loudest * gain)


def _subtype(target: Path, form: SoundForm, sample_rate: int) -> Subtype:
    """Return how samples are stored, after everything is checked that a file's name decides."""
    container = check_format(target, sample_rate, "PCM_24")
    if container in LOSSY:
        if form.bits:
            raise UsageError(
                f"bits is {form.bits}, but {container} has no samples of a certain depth. Leave it "
                "out, or write a .wav or .flac file."
            )
        return "PCM_24"
    subtype = _SUBTYPES[form.bits or (32 if container == "WAV" else 24)]
    check_format(target, sample_rate, subtype)
    return subtype


def _watched(
    stretches: Iterable[NDArray[np.float32]],
    n_columns: int,
    header: ModelHeader,
    report: Callable[[Report], None],
    should_stop: Callable[[], bool],
) -> Iterator[NDArray[np.float32]]:
    """Pass stretches on, tell how far they are, and end when nobody wants them any more."""
    started, done = time.monotonic(), 0
    for stretch in stretches:
        yield stretch
        if should_stop():
            raise _Stopped
        done += len(stretch) // header.codec.column_length
        if done < n_columns:
            eta_s = (time.monotonic() - started) / done * (n_columns - done)
            report(Progressed(done / n_columns, eta_s, f"{done} of {n_columns} columns"))


def _fill(spool: IO[bytes], blocks: Iterable[NDArray[np.float32]]) -> tuple[int, float]:
    """Keep blocks; returns how many samples there are and the greatest."""
    frames, loudest = 0, 0.0
    for block in blocks:
        spool.write(block.tobytes())
        frames += len(block)
        loudest = max(loudest, peak(block))
    return frames, loudest


def _replayed(spool: IO[bytes]) -> Iterator[NDArray[np.float32]]:
    spool.seek(0)
    while data := spool.read(_BLOCK_BYTES):
        yield np.frombuffer(bytearray(data), np.float32)


def _gain(form: SoundForm, loudest: float, *, has_headroom: bool) -> float:
    """Return the factor for a render whose greatest sample is ``loudest``."""
    gain = 10.0 ** (form.gain_db / 20.0)
    if form.normalise and loudest:
        gain *= 10.0 ** (NORMALISED_DB / 20.0) / loudest
    # floats may pass full scale; anything else would be clipped, so it is turned down
    return gain if has_headroom or loudest * gain <= 1.0 else 1.0 / loudest


def _tags(sounding: _Sounding, header: ModelHeader, gain: float) -> Tags:
    software = f"sdaudio {sdaudio.__version__}"
    facts: dict[str, object] = {
        "software": software,
        "model": header.name,
        **({"identity": header.identity} if header.identity else {}),
        "created": header.created,
        "sounds": header.dataset.fingerprint[:16],
        **sounding.facts,
        "gain_db": round(20.0 * float(np.log10(gain)), 2),
    }
    return Tags(
        title=sounding.title,
        artist=header.author,
        software=software,
        license=header.licence,
        comment=json.dumps(facts, separators=(",", ":")),
    )
