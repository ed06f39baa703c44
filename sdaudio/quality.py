"""How near a model plays its own sounds, file by file, and the same in a musician's words.

Sounds go through the codes of the model and are compared with themselves. It reads files and
renders; it draws and prints nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.audio import read_sound
from sdaudio.errors import FileError, UsageError
from sdaudio.header import SourceFile
from sdaudio.metrics import mel_distance, mr_stft, si_sdr
from sdaudio.render import Renderer

# More than this changes the means little and takes longer than people wait at the end.
MAX_FILES = 40
MAX_SECONDS = 20.0

# mel up to, words. On tabla, Opus is at 0.81 with 25 kbit/s and at 1.46 with 15.
_WORDS = (
    (0.6, "very near the originals; the finest detail differs"),
    (0.9, "near the originals: colour and attacks are there, fine detail is softer"),
    (1.3, "the character is there, attacks and detail are blurred; train longer"),
)
_FAR = "rough: only the outline is there; train longer, or with fewer or more alike sounds"


@dataclass(frozen=True, slots=True)
class FileQuality:
    """How near one file is played. Distances: lower is better; SI-SDR in dB: higher is better."""

    name: str
    original: NDArray[np.float32]
    played: NDArray[np.float32]
    mr_stft: float
    mel: float
    si_sdr: float


@dataclass(frozen=True, slots=True)
class Quality:
    """The files of a model, the nearest (by mel) first; ``n_missing`` could not be read again."""

    files: tuple[FileQuality, ...]
    n_missing: int
    sample_rate: int

    @property
    def mr_stft(self) -> float:
        """Mean over files."""
        return float(np.mean([file.mr_stft for file in self.files]))

    @property
    def mel(self) -> float:
        """Mean over files."""
        return float(np.mean([file.mel for file in self.files]))

    @property
    def si_sdr(self) -> float:
        """Mean over files, dB."""
        return float(np.mean([file.si_sdr for file in self.files]))

    @property
    def sentence(self) -> str:
        """What the numbers mean to an ear."""
        return next((words for top, words in _WORDS if self.mel < top), _FAR)

    @property
    def extremes(self) -> tuple[FileQuality, ...]:
        """The nearest file, the middle one and the furthest; fewer when there are fewer."""
        last = len(self.files) - 1
        return tuple(self.files[index] for index in sorted({0, last // 2, last}))


def measure_quality(
    renderer: Renderer, files: Sequence[SourceFile], folders: Sequence[Path]
) -> Quality:
    """Play sounds of a model through its codes and compare.

    At most 40 files, evenly from all, and the first 20 s of each.

    Args:
        renderer: with the model.
        files: names below their folder, as the header of the model lists them.
        folders: where the sounds are, by the files' numbers; or one for all.

    Raises:
        UsageError: none of the files can be read there.
    """
    rate = renderer.header.codec.sample_rate
    places = np.unique(np.linspace(0, len(files) - 1, min(len(files), MAX_FILES)).astype(int))
    found = []
    for index in places:
        folder = folders[files[index].folder] if len(folders) > 1 else folders[0]
        try:
            sound = read_sound(folder / files[index].name, rate)[: int(MAX_SECONDS * rate)]
        except FileError:
            # counted: somebody moved it since the training
            continue
        played = renderer.decode(renderer.encode(sound))[: sound.size]
        found.append(
            FileQuality(
                files[index].name,
                sound,
                played,
                mr_stft(sound, played),
                mel_distance(sound, played, rate),
                si_sdr(sound, played),
            )
        )
    if not found:
        where = ", ".join(f"'{folder}'" for folder in folders)
        raise UsageError(
            f"None of the {len(files)} sounds of model '{renderer.header.name}' is in {where}; "
            f"name the folder it was trained on."
        )
    found.sort(key=lambda file: file.mel)
    return Quality(tuple(found), len(places) - len(found), rate)
