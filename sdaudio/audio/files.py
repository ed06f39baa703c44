"""Sound files: inspect them, and read them as mono at one sample rate.

Files come from strangers, so everything is checked before and while it is read: kind of file,
length, rate, channels, whether the header tells the truth, and every sample. Whatever cannot be
used ends in a `FileError` that names the file and the reason. Silence is a sound like any other.
Whatever libsndfile knows can be read; see `sdaudio.audio.writing` for what is written.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sdaudio.audio.rates import (
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    check_sample_rate,
    convert_rate,
)
from sdaudio.errors import FileError

MAX_CHANNELS = 64
# Integer samples that were stored as floats without scaling would be deafening; real float files
# rarely pass +12 dB.
MAX_PEAK = 64.0

_BLOCK_LENGTH = 65_536
# libsndfile shortens a truncated WAV or AIFF without an error and tells only in its log.
_SHORT_CHUNK = re.compile(r"\b(?:data|SSND) : (\d+) \(should be (\d+)\)")
# Programs that write into a pipe do not know the length and put a number near 2^31 or 2^32.
_UNKNOWN_LENGTH = 0x7FFF_0000
# The same for OGG, whose last page is then not whole.
_PART_OF_A_PAGE = "Ogg: Junk after the last page."


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What the header of a sound file says.

    ``format`` is the container: "WAV", "FLAC", "OGG", "AIFF", "MP3" and so on.
    """

    duration_s: float
    sample_rate: int
    channels: int
    format: str


def read_info(path: Path) -> SoundInfo:
    """Read the header of a sound file and check its limits; samples stay unread.

    Args:
        path: a sound file of 4000 to 384000 Hz and 1 to 64 channels.

    Raises:
        FileError: there is no such file, it is not a sound, or it is outside the limits.
    """
    with _open(path) as file:
        return _info(file)


def read_sound(
    path: Path, sample_rate: int, *, max_duration_s: float = 1800.0
) -> NDArray[np.float32]:
    """Read a sound file as mono at a given rate.

    Channels are averaged. Memory stays near the size of the result, whatever the file holds.

    Args:
        path: a sound file of 4000 to 384000 Hz and 1 to 64 channels.
        sample_rate: Hz of the result, 4000 to 384000.
        max_duration_s: a longer file is refused.

    Returns:
        (sample,) float32, at least one sample. A float file may pass -1..1.

    Raises:
        FileError: as `read_info`, or the file is too long, truncated, or holds NaN or infinity.
        UsageError: ``sample_rate`` is out of range.
    """
    blocks = stream_sound(path, sample_rate, max_duration_s=max_duration_s)
    sound = np.concatenate([np.zeros(0, np.float32), *blocks])
    if sound.size == 0:
        raise FileError(f"'{path}' holds no sound: it is empty or truncated.")
    return sound


def stream_sound(
    path: Path, sample_rate: int, *, max_duration_s: float = 1800.0
) -> Iterator[NDArray[np.float32]]:
    """Yield a sound file as `read_sound` returns it, block after block.

    Raises:
        FileError: as `read_sound`; what is wrong further on shows when it is reached.
        UsageError: as `read_sound`.
    """
    check_sample_rate(sample_rate)
    with _open(path) as file:
        info = _info(file)
        if info.duration_s > max_duration_s:
            raise FileError(
                f"'{path}' is too long: {info.duration_s:.0f} s; allowed are "
                f"{max_duration_s:g} s. Cut it into pieces."
            )
        blocks = _whole(path, file, info, max_duration_s=max_duration_s)
        yield from convert_rate(blocks, info.sample_rate, sample_rate)


def peak(audio: NDArray[np.floating]) -> float:
    """Return the greatest absolute sample; 0.0 when there is none."""
    return float(np.abs(audio).max(initial=0.0))


def file_name(path: Path) -> str | bytes:
    """Return the name for soundfile, which fails on a str that is not valid Unicode."""
    return str(path) if os.name == "nt" else os.fsencode(path)


def reason_of(error: Exception) -> str:
    """Return the plain reason of a library's error, without a full stop."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().rstrip(".")


def _whole(
    path: Path, file: soundfile.SoundFile, info: SoundInfo, *, max_duration_s: float
) -> Iterator[NDArray[np.float32]]:
    """Yield the mono mix of a file and see to it that it is as long as its header says."""
    max_samples = int(max_duration_s * info.sample_rate) + 1
    n_samples = 0
    for block in _blocks(path, file):
        n_samples += block.size
        if n_samples > max_samples:
            raise FileError(f"'{path}' is longer than its header says.")
        yield block
    # The length in an MP3 header is an estimate; elsewhere it is a promise.
    if n_samples < file.frames and info.format != "MP3":
        raise FileError(f"'{path}' is truncated: {n_samples} of {file.frames} samples are there.")


def _blocks(path: Path, file: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    """Yield the checked mono mix of a file, block after block."""
    while True:
        try:
            block = file.read(_BLOCK_LENGTH, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise FileError(f"'{path}' is truncated or damaged ({reason_of(error)}).") from error
        if block.shape[0] == 0:
            return
        if not np.isfinite(block).all():
            raise FileError(f"'{path}' holds samples that are not numbers (NaN or infinity).")
        if peak(block) > MAX_PEAK:
            raise FileError(
                f"'{path}' holds samples up to {peak(block):g}; a sound lies in -1..1. Was it "
                f"stored as floats without scaling?"
            )
        yield block.mean(axis=1, dtype=np.float32)


@contextmanager
def _open(path: Path) -> Iterator[soundfile.SoundFile]:
    """Open a sound file after everything that could make the library hang or guess is ruled out."""
    try:
        status = path.stat()
    except FileNotFoundError:
        kind = "leads nowhere (a dangling link)" if path.is_symlink() else "does not exist"
        raise FileError(f"'{path}' {kind}.") from None
    except (OSError, ValueError) as error:
        raise FileError(f"'{path}' cannot be opened: {reason_of(error)}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise FileError(f"'{path}' is a folder, not a sound file.")
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"'{path}' is not an ordinary file.")
    if status.st_size == 0:
        raise FileError(f"'{path}' is empty (0 bytes).")
    if not os.access(path, os.R_OK):
        raise FileError(f"'{path}' may not be read: permission denied.")
    if path.suffix.lower() == ".raw":
        raise FileError(f"'{path}' is raw samples without a header; save it as WAV.")
    try:
        file = soundfile.SoundFile(file_name(path))
    except (OSError, soundfile.SoundFileError) as error:
        raise FileError(f"'{path}' is not a sound file that can be read.") from error
    with file:
        _check_header(path, file)
        yield file


def _check_header(path: Path, file: soundfile.SoundFile) -> None:
    if not MIN_SAMPLE_RATE <= file.samplerate <= MAX_SAMPLE_RATE:
        raise FileError(
            f"'{path}' has a sample rate of {file.samplerate} Hz; allowed are {MIN_SAMPLE_RATE} "
            f"to {MAX_SAMPLE_RATE} Hz."
        )
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise FileError(f"'{path}' has {file.channels} channels; allowed are 1 to {MAX_CHANNELS}.")
    if file.frames <= 0:
        raise FileError(f"'{path}' holds no sound: it is empty or truncated.")
    for declared, found in _SHORT_CHUNK.findall(file.extra_info):
        if int(found) < int(declared) < _UNKNOWN_LENGTH:
            raise FileError(
                f"'{path}' is truncated: {found} of {declared} bytes of sound are there."
            )
    if _PART_OF_A_PAGE in file.extra_info:
        raise FileError(f"'{path}' is truncated: it ends within a page.")


def _info(file: soundfile.SoundFile) -> SoundInfo:
    # WAVEX is WAV with a longer header, which is nothing a user wants to know.
    container = "WAV" if file.format == "WAVEX" else str(file.format)
    return SoundInfo(file.frames / file.samplerate, file.samplerate, file.channels, container)
