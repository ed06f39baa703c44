"""A folder of sounds as training material: what is in it, what can be used, and the samples.

`scan` looks at every file and says of each whether it is used and why not; `load` brings the used
ones into memory. Nothing here changes a file or knows about codecs.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.audio import SoundInfo, peak, read_info, read_sound
from sdaudio.errors import FileError, UsageError
from sdaudio.header import SourceFile
from sdaudio.inspection import ALIKE_DB, OFFSET, SoundFacts, difference, fingerprint, inspect

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
    """One file of the folder: used or not, and if not, why (``reason`` is empty when used).

    ``facts`` are there when it is used. ``twin`` names an earlier file that is nearly the same
    sound: at another level, rate or format, or with silence around it. Both are used.
    """

    path: Path
    used: bool
    reason: str
    info: SoundInfo | None
    facts: SoundFacts | None = None
    twin: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about a used file, in plain words."""
        alike = (f"nearly the same sound as '{self.twin}'",) if self.twin else ()
        return (*(self.facts.notes if self.facts else ()), *alike)


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
    def silence_s(self) -> float:
        """Seconds of silence in the used files together."""
        return sum(
            file.facts.silence_share * file.facts.duration_s for file in self.used if file.facts
        )

    @property
    def codebook_size(self) -> int:
        """The codebook size that suits the used files; 0 when there are none."""
        return choose_codebook_size(len(self.used)) if self.used else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What would make the model better, in plain sentences; empty when all is well."""
        return tuple(_warnings(self))

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
    ``fingerprint`` is a SHA-256 over them, so that equal sets can be recognised, and ``folders``
    are where they were read from.
    """

    sounds: tuple[NDArray[np.float32], ...]
    files: tuple[SourceFile, ...]
    fingerprint: str
    sample_rate: int
    folders: tuple[str, ...] = ()

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
    sounds, files = [], []
    for file in report.used:
        sound = read_sound(file.path, sample_rate, max_duration_s=MAX_FILE_S)
        sounds.append(sound)
        name, duration_s = _name(report.folder, file.path), sound.size / sample_rate
        files.append(SourceFile(name, duration_s, digest=digest_of(sound)))
    folders = (str(report.folder),)
    return Dataset(
        tuple(sounds), tuple(files), fingerprint_of(sounds, sample_rate), sample_rate, folders
    )


def fingerprint_of(sounds: Sequence[NDArray[np.float32]], sample_rate: int) -> str:
    """Return a SHA-256 over sounds, (sample,) each, at one rate."""
    whole = hashlib.sha256(f"{sample_rate}".encode())
    for sound in sounds:
        whole.update(f"/{sound.size}/".encode())
        whole.update(sound.tobytes())
    return whole.hexdigest()


def digest_of(sound: NDArray[np.float32]) -> str:
    """Return the beginning of a SHA-256 over one sound: enough to tell that it has changed."""
    return hashlib.sha256(sound.tobytes()).hexdigest()[:16]


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
        self._names: list[str] = []
        self._fingerprints: list[NDArray[np.float32]] = []

    def report(self, path: Path) -> FileReport:
        info: SoundInfo | None = None
        facts, twin = None, ""
        try:
            info = read_info(path)
            reason = self._objection_to_length(info)
            if not reason:
                sound = read_sound(path, info.sample_rate, max_duration_s=MAX_FILE_S)
                reason = self._objection_to_content(path, info, sound)
            if not reason:
                facts = inspect(sound, info.sample_rate)
                twin = self._twin(path, fingerprint(sound, info.sample_rate))
        except FileError as error:
            reason = str(error).removeprefix(f"'{path}' ").rstrip(".")
        if not reason and info is not None:
            self._n_used += 1
            self._total_s += info.duration_s
        return FileReport(path, not reason, reason, info, facts, twin)

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

    def _objection_to_content(self, path: Path, info: SoundInfo, sound: NDArray[np.float32]) -> str:
        if peak(sound) < SILENCE_PEAK:
            return "silent"
        # The decoded samples count, so that a FLAC made from a WAV is recognised.
        content = hashlib.sha256(f"{info.sample_rate}/".encode() + sound.tobytes()).digest()
        first = self._first_by_content.setdefault(content, path)
        if first != path:
            return f"the same sound as '{_name(self._folder, first)}'"
        return ""

    def _twin(self, path: Path, mark: NDArray[np.float32]) -> str:
        """Return the name of the earlier file that sounds nearly the same, if there is one."""
        twin = ""
        if self._fingerprints:
            apart = difference(mark, np.stack(self._fingerprints))
            nearest = int(apart.argmin())
            twin = self._names[nearest] if apart[nearest] < ALIKE_DB else ""
        self._names.append(_name(self._folder, path))
        self._fingerprints.append(mark)
        return twin


def _warnings(report: DatasetReport) -> Iterator[str]:
    n_used = len(report.used)
    facts = [file.facts for file in report.used if file.facts]

    def files(count: int) -> str:
        return f"{count} of {n_used} files" if n_used > 1 else "The file"

    if late := sum(fact.leading_s > 0.5 for fact in facts):
        yield (
            f"{files(late)} start{'s' if late == 1 else ''} with more than half a second of "
            f"silence; cut it and the attacks will be learned better."
        )
    if report.duration_s and report.silence_s > 0.3 * report.duration_s:
        yield (
            f"{report.silence_s / report.duration_s:.0%} of the material is silence, which takes "
            f"up training time and codes; cut it."
        )
    if clipped := sum(fact.clipped_share > 1e-3 for fact in facts):
        yield (
            f"{files(clipped)} clip{'s' if clipped == 1 else ''} audibly; the model learns the "
            f"distortion as part of the sound."
        )
    if shifted := sum(abs(fact.offset) > OFFSET for fact in facts):
        yield (
            f"{files(shifted)} {'is' if shifted == 1 else 'are'} off centre (DC); a high-pass at "
            f"20 Hz removes what would click at every edit."
        )
    if twins := sum(bool(file.twin) for file in report.used):
        yield (
            f"{files(twins)} nearly repeat{'s' if twins == 1 else ''} another; they weigh twice, "
            f"and a quality measured on held-out files looks better than it is."
        )
    if dull := sum(bool(file.info and file.info.sample_rate < 32_000) for file in report.used):
        yield (
            f"{files(dull)} {'has' if dull == 1 else 'have'} a sample rate under 32 kHz and so no "
            f"treble; the model will play {'it' if dull == 1 else 'them'} as dull as "
            f"{'it is' if dull == 1 else 'they are'}."
        )
    if n_used and (n_used < 5 or report.duration_s < 5):
        yield (
            f"{n_used} file{'s' if n_used != 1 else ''} with {report.duration_s:.1f} s together "
            f"leave little to swap and to sample from; 5 files and more play better."
        )


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
