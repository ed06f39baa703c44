"""The requests that have to do with sound files: written, looked for, read. See `requests`."""

from dataclasses import dataclass
from pathlib import Path

from sdaudio.errors import UsageError
from sdaudio.tasks.requests import Audio, Codes, Request


@dataclass(frozen=True, slots=True)
class SoundForm:
    """How a render is written into a sound file.

    Raises:
        UsageError: a value is not allowed.
    """

    bits: int = 0
    """16, 24, or 32 for floats. 0 is 32 for .wav, 24 for .flac and .aiff, and what .ogg and .mp3
    have instead."""
    normalise: bool = False
    """Whether the loudest sample comes to -1 dB of full scale, before ``gain_db``."""
    gain_db: float = 0.0
    dither: bool = True
    """Whether 16 bits are dithered."""
    channels: int = 1
    """All channels hold the same."""
    sample_rate: int = 0
    """Hz; 0 is the model's own."""

    def __post_init__(self) -> None:
        if self.bits not in (0, 16, 24, 32):
            raise UsageError(
                f"bits is {self.bits}; allowed are 16, 24, 32 (floats), and 0 to leave it to the "
                "kind of file."
            )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a render comes from, to be told in its file. ``seed`` is -1 when there is none."""

    grid: str
    revision: int
    seed: int = -1


@dataclass(frozen=True, slots=True)
class Export(Request):
    """Render columns of a grid into a sound file. Answers `Exported`.

    ``codes`` are the whole grid; columns ``start`` to ``stop`` are written, exactly as they sound
    in it.
    """

    model: Path
    codes: Codes
    active: tuple[int, ...]
    start: int
    stop: int
    target: Path
    form: SoundForm
    origin: Origin


@dataclass(frozen=True, slots=True)
class ExportCodes(Request):
    """Render every code of a level alone into one sound file. Answers `Exported`.

    The codes follow one another by number, ``columns`` each, and each begins from nothing.
    """

    model: Path
    level: int
    columns: int
    target: Path
    form: SoundForm


@dataclass(frozen=True, slots=True)
class Exported:
    """A complete sound file. ``peak`` is linear, 1.0 is full scale."""

    path: Path
    frames: int
    sample_rate: int
    peak: float


@dataclass(frozen=True, slots=True)
class FindSource(Request):
    """Find where in its training sounds a model has heard codes like these. Answers `Sources`.

    ``codes`` are (level, column), ``count`` is how many places to find.
    """

    model: Path
    codes: Codes
    count: int


@dataclass(frozen=True, slots=True)
class FindUsers(Request):
    """Find the moments of the training sounds that a code is most typical of. Answers `Sources`."""

    model: Path
    level: int
    code: int
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a training file: ``file`` counts the files of the model, ``name`` is its name.

    ``path`` is where it was, None when the model does not say. ``second`` is where the place
    begins, negative before the file; ``distance`` is that of `sdaudio.provenance.Place`.
    """

    file: int
    name: str
    path: Path | None
    second: float
    distance: float


@dataclass(frozen=True, slots=True)
class Sources:
    """Places in the training files, the most alike first."""

    places: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ReadSource(Request):
    """Read part of a training file as it was learned. Answers `SoundRead`.

    ``start`` and ``length`` are samples at the model's rate; silence is around the file.
    """

    model: Path
    file: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class ReadOriginal(Request):
    """Read the sound that a grid was made of, as loud as the grid sounds. Answers `Matched`.

    ``codes`` are the whole grid; the sound is as long as it and arrives in `SoundPart` reports:
    ten minutes in one message would keep the daemon's loop busy for 60 ms.
    """

    model: Path
    codes: Codes
    active: tuple[int, ...]
    sound: Path


@dataclass(frozen=True, slots=True)
class Matched:
    """A sound was read, with this gain."""

    gain_db: float


@dataclass(frozen=True, slots=True)
class SoundRead:
    """A mono sound (sample,) at the model's rate."""

    audio: Audio
