"""A folder of sounds as training material: what is in it, what can be used, and the samples.

`scan` looks at every file and says of each whether it is used and why not; `load` brings the used
ones into memory. Nothing here changes a file or knows about codecs.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.audio import SoundInfo, peak, read_info, read_sound
from sdaudio.errors import FileError, UsageError
from sdaudio.header import SourceFile

MAX_FILES = 500
MAX_FILE_S = 1_800.0
# Two hours are 1.4 GB of samples; a set that is played by hand never comes near.
MAX_TOTAL_S = 7_200.0
# Whoever points at a home folder by mistake should hear so at once.
MAX_FOLDER_FILES = 10_000
# One column at 48 kHz.
MIN_FILE_S = 1024 / 48_000
# -80 dB: below the noise floor of any recording worth training on.
SILENCE_PEAK = 1e-4


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the folder: used or not, and if not, why (``reason`` is empty when used)."""

    path: Path
    used: bool
    reason: str
    info: SoundInfo | None


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """Every file of a folder, in the order in which training sees the used ones."""

    folder: Path
    files: tuple[FileReport, ...]

    @property
    def used(self) -> tuple[FileReport, ...]:
        """The files that training will use."""
        return tuple(file for file in self.files if file.used)

    @property
    def duration_s(self) -> float:
        """Seconds of sound in the used files together."""
        return sum(file.info.duration_s for file in self.used if file.info is not None)

    @property
    def problem(self) -> str:
        """One sentence on why nothing can be trained on; empty when something can."""
        if self.used:
            return ""
        if not self.files:
            return f"The folder '{self.folder}' holds no files; put sound files into it."
        first = self.files[0]
        count = "its only file" if len(self.files) == 1 else f"none of its {len(self.files)} files"
        verb = "cannot be used" if len(self.files) == 1 else "can be used"
        return (
            f"The folder '{self.folder}' holds no usable sound: {count} {verb} "
            f"('{_name(self.folder, first.path)}': {first.reason})."
        )


@dataclass(frozen=True, slots=True)
class Dataset:
    """The used sounds in memory, ready to train on.

    ``sounds`` are (sample,) float32 at ``sample_rate``, in the order of ``files``;
    ``fingerprint`` is a SHA-256 over them, so that equal sets can be recognised.
    """

    sounds: tuple[NDArray[np.float32], ...]
    files: tuple[SourceFile, ...]
    fingerprint: str
    sample_rate: int

    @property
    def duration_s(self) -> float:
        """Seconds of sound in all files together."""
        return sum(sound.size for sound in self.sounds) / self.sample_rate


def scan(folder: Path, *, on_file: Callable[[FileReport], None] | None = None) -> DatasetReport:
    """Look at every file below a folder and decide which can be trained on.

    Folders are searched recursively; files and folders whose name starts with a dot are left out
    without mention, links to folders are not followed. Left out with a reason is what is not a
    sound, shorter than one column, longer than 30 minutes, silent, the same sound as an earlier
    file, or beyond 500 files or two hours in all.

    Args:
        folder: where to look.
        on_file: called with each report as it is made; it may raise to stop the scan.

    Returns:
        The report, sorted by path. It may say that nothing can be used (see `problem`).

    Raises:
        FileError: there is no such folder.
        UsageError: the folder holds more than 10 000 files.
    """
    if not folder.is_dir():
        raise FileError(f"There is no folder '{folder}'.")
    judge = _Judge(folder)
    reports = []
    for path in _walk(folder):
        report = judge.report(path)
        reports.append(report)
        if on_file is not None:
            on_file(report)
    return DatasetReport(folder, tuple(reports))


def load(report: DatasetReport, sample_rate: int) -> Dataset:
    """Read the used files of a report as mono at one sample rate.

    Args:
        report: what `scan` found.
        sample_rate: Hz.

    Raises:
        UsageError: the report has no used file; the text says why in one sentence.
        FileError: a file changed or went away since the scan.
    """
    if report.problem:
        raise UsageError(report.problem)
    digest = hashlib.sha256(f"{sample_rate}".encode())
    sounds, files = [], []
    for file in report.used:
        sound = read_sound(file.path, sample_rate, max_duration_s=MAX_FILE_S)
        digest.update(f"/{sound.size}/".encode())
        digest.update(sound.tobytes())
        sounds.append(sound)
        files.append(SourceFile(_name(report.folder, file.path), sound.size / sample_rate))
    return Dataset(tuple(sounds), tuple(files), digest.hexdigest(), sample_rate)


def choose_codebook_size(n_files: int) -> int:
    """Return the codebook size that suits a set: 64 up to 20 files, 128 up to 100, then 256.

    Raises:
        UsageError: there are no files.
    """
    if n_files < 1:
        raise UsageError("A codebook size can only be chosen for one file or more.")
    return 64 if n_files <= 20 else 128 if n_files <= 100 else 256


class _Judge:
    """Decides file by file, remembering what was used before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first_by_content: dict[bytes, Path] = {}
        self._n_used = 0
        self._total_s = 0.0

    def report(self, path: Path) -> FileReport:
        info: SoundInfo | None = None
        try:
            info = read_info(path)
            reason = self._objection_to_length(info) or self._objection_to_content(path, info)
        except FileError as error:
            reason = str(error).removeprefix(f"'{path}' ").rstrip(".")
        if not reason and info is not None:
            self._n_used += 1
            self._total_s += info.duration_s
        return FileReport(path, not reason, reason, info)

    def _objection_to_length(self, info: SoundInfo) -> str:
        if info.duration_s < MIN_FILE_S:
            return (
                f"too short: {info.duration_s * 1e3:.1f} ms; a column is {MIN_FILE_S * 1e3:.1f} ms"
            )
        if info.duration_s > MAX_FILE_S:
            return (
                f"too long: {info.duration_s / 60:.0f} min; allowed are {MAX_FILE_S / 60:.0f} min"
            )
        if self._n_used >= MAX_FILES:
            return f"one too many: a set has at most {MAX_FILES} files"
        if self._total_s + info.duration_s > MAX_TOTAL_S:
            return f"one too many: a set has at most {MAX_TOTAL_S / 60:.0f} min of sound"
        return ""

    def _objection_to_content(self, path: Path, info: SoundInfo) -> str:
        sound = read_sound(path, info.sample_rate, max_duration_s=MAX_FILE_S)
        if peak(sound) < SILENCE_PEAK:
            return "silent"
        # The decoded samples count, so that a FLAC made from a WAV is recognised.
        content = hashlib.sha256(f"{info.sample_rate}/".encode() + sound.tobytes()).digest()
        first = self._first_by_content.setdefault(content, path)
        if first != path:
            return f"the same sound as '{_name(self._folder, first)}'"
        return ""


def _walk(folder: Path) -> Iterator[Path]:
    """Yield every file that is not hidden, sorted by path."""
    paths: list[Path] = []
    for place, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        paths.extend(Path(place, name) for name in names if not name.startswith("."))
        if len(paths) > MAX_FOLDER_FILES:
            raise UsageError(
                f"The folder '{folder}' holds more than {MAX_FOLDER_FILES} files; choose a folder "
                f"with only the sounds to train on."
            )
    yield from sorted(paths)


def _name(folder: Path, path: Path) -> str:
    """Return the name of a file inside its folder, as text that survives any encoding."""
    return path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
