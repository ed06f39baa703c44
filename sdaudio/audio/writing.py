"""Write sound files: block after block, with facts about them inside, and never half of one.

A `SoundWriter` fills a temporary file in the same folder, which takes the place of an older one
only when it is complete and on disk. WAV, FLAC, OGG (Vorbis), MP3 and AIFF are written.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from sdaudio.audio.files import MAX_CHANNELS, SoundInfo, file_name, reason_of
from sdaudio.audio.rates import check_sample_rate
from sdaudio.errors import FileError, UsageError

Subtype = Literal["PCM_16", "PCM_24", "FLOAT"]

FORMATS_BY_SUFFIX = {
    ".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3", ".aif": "AIFF", ".aiff": "AIFF",
}  # fmt: skip
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
LOSSY = ("OGG", "MP3")
"""Formats that have no samples of a certain depth."""

# The encoders' own middle is meant for music in a phone (Vorbis q6, 78 kbit/s for a bell in MP3);
# these are transparent for nearly everything: Vorbis q8, and MP3 V0.
_COMPRESSION = {"OGG": 0.2, "MP3": 0.0}
_CODERS = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}
# libsndfile's Vorbis writer overflows the stack on very long single writes.
_BLOCK_LENGTH = 65_536


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; empty texts are left out.

    MP3 has no room for the software, WAV, AIFF and MP3 none for the licence.
    """

    title: str = ""
    artist: str = ""
    software: str = ""
    license: str = ""
    comment: str = ""


class SoundWriter:
    """A sound file that comes into being inside a ``with`` block and is there at its end.

    When the block ends in an error nothing is left behind, and an older file stays as it was.

    Args:
        path: the file; its suffix chooses the format, and its folder is made if needed.
        sample_rate: Hz.
        channels: 1 to 64.
        subtype: how samples are stored; OGG and MP3 know only their own.
        tags: what the file says about itself.

    Raises:
        UsageError: such a file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        *,
        channels: int = 1,
        subtype: Subtype = "PCM_24",
        tags: Tags | None = None,
    ) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._sample_rate, self._channels = sample_rate, channels
        self._container = check_format(path, sample_rate, subtype)
        self._subtype = _CODERS.get(self._container, subtype)
        self._tags = tags or Tags()
        self._file: soundfile.SoundFile | None = None

    def __enter__(self) -> Self:
        """Open the temporary file.

        Raises:
            FileError: the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._opened()
            for name in Tags.__slots__:
                if text := getattr(self._tags, name):
                    setattr(self._file, name, text)
        except (OSError, soundfile.SoundFileError) as error:
            self._drop()
            raise self._failure(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put the file in its place, or remove what there is of it.

        Raises:
            FileError: the disk is full or the folder cannot be written any more.
        """
        if error is not None:
            self._drop()
            return
        try:
            if self._file is not None:
                self._file.close()
            with self._temporary.open("r+b") as written:
                os.fsync(written.fileno())
            self._temporary.replace(self._path)
        except (OSError, soundfile.SoundFileError) as failure:
            self._drop()
            raise self._failure(failure) from failure

    def write(self, audio: NDArray[np.float32]) -> None:
        """Add samples; integer formats clip what is outside -1..1.

        Args:
            audio: (sample,), or (channel, sample) with as many channels as the file has.

        Raises:
            UsageError: the samples hold NaN or infinity.
            FileError: the disk is full.
        """
        if self._file is None:
            raise RuntimeError("a SoundWriter is written to inside its with block")
        if not np.isfinite(audio).all():
            raise UsageError(f"Cannot write '{self._path.name}': the audio holds NaN or infinity.")
        channels = np.atleast_2d(audio)
        try:
            for start in range(0, channels.shape[1], _BLOCK_LENGTH):
                block = channels[:, start : start + _BLOCK_LENGTH].T
                self._file.write(_rounded(block, self._subtype))
        except (OSError, soundfile.SoundFileError) as error:
            raise self._failure(error) from error

    def _opened(self) -> soundfile.SoundFile:
        compression = _COMPRESSION.get(self._container)
        return soundfile.SoundFile(
            file_name(self._temporary),
            "w",
            self._sample_rate,
            self._channels,
            format=self._container,
            subtype=self._subtype,
            compression_level=compression,
            bitrate_mode="VARIABLE" if self._container == "MP3" else None,
        )

    def _drop(self) -> None:
        with suppress(OSError, soundfile.SoundFileError):  # there is another error to tell
            if self._file is not None:
                self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def _failure(self, error: Exception) -> FileError:
        return FileError(
            f"Cannot write '{self._path}': {reason_of(error)}. Is there room on the disk, and may "
            f"the folder be written?"
        )


def write_sound(
    path: Path, audio: NDArray[np.floating], sample_rate: int, *, subtype: Subtype = "PCM_24"
) -> SoundInfo:
    """Write a whole sound so that the path holds either the old file or the whole new one.

    Args:
        path: the file to write: .wav, .flac, .ogg, .mp3, .aif or .aiff. Its folder is made if
            needed.
        audio: (sample,) or (channel, sample), 1 to 64 channels.
        sample_rate: Hz, 4000 to 384000.
        subtype: "PCM_16", "PCM_24" or "FLOAT"; FLAC cannot hold "FLOAT", OGG and MP3 know only
            their own.

    Returns:
        What was written.

    Raises:
        UsageError: the suffix, the shape, the rate or the samples cannot be written.
        FileError: the folder cannot be written.
    """
    container = check_format(path, sample_rate, subtype)
    channels = np.atleast_2d(np.asarray(audio, dtype=np.float32))
    if channels.ndim != 2 or not 1 <= channels.shape[0] <= MAX_CHANNELS or channels.shape[1] == 0:
        raise UsageError(
            f"Cannot write audio of shape {np.shape(audio)}; it must be (sample,) or "
            f"(channel, sample) with 1 to {MAX_CHANNELS} channels and at least one sample."
        )
    n_channels, n_samples = channels.shape
    with SoundWriter(path, sample_rate, channels=n_channels, subtype=subtype) as writer:
        writer.write(channels)
    return SoundInfo(n_samples / sample_rate, sample_rate, n_channels, container)


def check_format(path: Path, sample_rate: int, subtype: Subtype) -> str:
    """Return the format that a file's name asks for: "WAV", "FLAC", "OGG", "MP3" or "AIFF".

    Raises:
        UsageError: it is none that can be written, or cannot hold such samples.
    """
    check_sample_rate(sample_rate)
    container = FORMATS_BY_SUFFIX.get(path.suffix.lower())
    if container is None:
        raise UsageError(
            f"Cannot write '{path.name}': the name must end in {', '.join(FORMATS_BY_SUFFIX)}."
        )
    if container == "FLAC" and subtype == "FLOAT":
        raise UsageError("FLAC cannot hold FLOAT samples; use PCM_24, or write a .wav file.")
    if container == "MP3" and "MP3" not in soundfile.available_formats():
        raise UsageError(
            f"Cannot write '{path.name}': MP3 needs libsndfile 1.1, and this is "
            f"{soundfile.__libsndfile_version__}. Write a .ogg or .flac file."
        )
    if container == "MP3" and sample_rate not in MP3_RATES:
        raise UsageError(
            f"MP3 cannot hold {sample_rate} Hz; allowed are "
            f"{', '.join(str(rate) for rate in MP3_RATES)} Hz."
        )
    return container


def _rounded(samples: NDArray[np.float32], subtype: str) -> NDArray[np.generic]:
    """Return samples as whole numbers where the file holds such.

    libsndfile cuts off what does not fit, which moves 16 bits by half a step.
    """
    if subtype == "PCM_16":
        return np.rint(samples * 0x8000).clip(-0x8000, 0x7FFF).astype(np.int16)
    if subtype == "PCM_24":
        steps = np.rint(samples * 0x80_0000).clip(-0x80_0000, 0x7F_FFFF)
        return steps.astype(np.int32) << 8
    return samples
