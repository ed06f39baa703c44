"""The requests that worker processes understand, their results, and what they report meanwhile.

Importing this module is cheap: it loads no network, no codec of sounds and no torch. Each request
names the lane it runs in: ``live`` for what must be heard at once, ``render`` for encoding,
exporting and sampling, ``train`` for what takes minutes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.grid import Region
from sdaudio.header import LevelHealth, PriorSummary
from sdaudio.neighbours import Direction
from sdaudio.presets import find_preset
from sdaudio.prior import Novelty
from sdaudio.settings import DEVICE_NAMES, Settings

Lane = Literal["live", "render", "train"]
MAX_MINUTES = 1440.0

Codes = NDArray[np.uint16]
Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Request:
    """Anything that a worker can be asked to do."""

    lane: ClassVar[Lane] = "render"


@dataclass(frozen=True, slots=True)
class Encode(Request):
    """Turn a sound file into codes. Answers `Encoded`."""

    model: Path
    sound: Path


@dataclass(frozen=True, slots=True)
class Encoded:
    """Codes (level, column) of a sound and its length before padding."""

    codes: Codes
    duration_s: float


@dataclass(frozen=True, slots=True)
class Decode(Request):
    """Turn codes (level, column) into audio at once; only ``active`` levels. Answers `Decoded`.

    ``first_column`` is where in their grid the codes begin.
    """

    lane: ClassVar[Lane] = "live"
    model: Path
    codes: Codes
    active: tuple[int, ...]
    first_column: int = 0


@dataclass(frozen=True, slots=True)
class DecodeAhead(Decode):
    """`Decode` where nobody waits: in the render lane. Answers `Decoded`."""

    lane: ClassVar[Lane] = "render"


@dataclass(frozen=True, slots=True)
class DecodeWindow(Request):
    """Render again what changed. Answers `Decoded`.

    ``codes`` are the changed columns with enough context on both sides; columns ``start`` to
    ``stop`` of them changed. ``first_column`` is where in their grid the codes begin.
    """

    lane: ClassVar[Lane] = "live"
    model: Path
    codes: Codes
    active: tuple[int, ...]
    start: int
    stop: int
    first_column: int = 0


@dataclass(frozen=True, slots=True)
class Decoded:
    """Mono audio (sample,) that starts at ``column`` of the codes that were sent."""

    column: int
    audio: Audio


@dataclass(frozen=True, slots=True)
class Warm(Request):
    """Load a model so that the first real request finds it ready. Answers None."""

    lane: ClassVar[Lane] = "live"
    model: Path


@dataclass(frozen=True, slots=True)
class WarmRender(Request):
    """`Warm` for the render lane. Answers None."""

    model: Path


@dataclass(frozen=True, slots=True)
class VerifyModel(Request):
    """Read a model whole, check every part of it, and decode with it. Answers `Verified`."""

    model: Path


@dataclass(frozen=True, slots=True)
class Verified:
    """A model that is sound: how many tensors and bytes, and the SHA-256 of its file."""

    tensors: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class ListenToCodes(Request):
    """Measure how every code of a model sounds alone. Answers `CodeSounds`."""

    model: Path


@dataclass(frozen=True, slots=True)
class StepColumns(Request):
    """Take the columns of a region a step in a direction. Answers `ColumnsStepped`.

    ``codes`` are the region's columns with what is heard with them on both sides; ``region`` is
    counted in them, and ``first_column`` is where in their grid they begin.
    """

    lane: ClassVar[Lane] = "live"
    model: Path
    codes: Codes
    region: Region
    direction: Direction
    first_column: int


@dataclass(frozen=True, slots=True)
class ColumnsStepped:
    """The codes (level, column) of a region after a step."""

    codes: Codes


@dataclass(frozen=True, slots=True)
class Budget:
    """What a training may take. ``minutes`` 0 leaves it to the preset."""

    preset: str
    minutes: float
    threads: int
    device: str


def budget_of(
    settings: Settings, *, preset: str = "", minutes: float = 0.0, device: str = ""
) -> Budget:
    """Return the budget of a new training: what was given, else what the settings say.

    Raises:
        UsageError: there is no such preset, or no such kind of device.
    """
    training = settings.training
    if device and device not in DEVICE_NAMES:
        raise UsageError(f"device is '{device}'; allowed are {', '.join(DEVICE_NAMES)}.")
    if not preset:
        minutes = minutes or training.minutes
    return Budget(
        find_preset(preset or training.preset).name,
        minutes,
        settings.workers.training_threads,
        device or training.device,
    )


@dataclass(frozen=True, slots=True)
class CheckDataset(Request):
    """Look at every file of a folder, and try what a training takes. Answers `DatasetChecked`."""

    folder: Path
    sample_rate: int
    levels: int
    frames: str
    budget: Budget

    lane: ClassVar[Lane] = "train"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file of a dataset folder: used or not and why, and what is odd about it.

    Shares are 0 to 1; ``sample_rate`` and ``channels`` are 0 for what is no sound.
    """

    name: str
    used: bool
    duration_s: float
    reason: str
    sample_rate: int = 0
    channels: int = 0
    silence_share: float = 0.0
    clipped_share: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetChecked:
    """What a training on a folder would use.

    ``warnings`` are sentences on what would make the model better; ``problem`` says why nothing
    can be trained on and is empty otherwise. Also reported when a training begins.
    """

    files: tuple[CheckedFile, ...]
    n_used: int
    duration_s: float
    codebook_size: int
    warnings: tuple[str, ...] = ()
    problem: str = ""
    prediction: "TrainingPredicted | None" = None

    @property
    def silence_share(self) -> float:
        """The silent share of the used material, 0 to 1."""
        silence_s = sum(file.silence_share * file.duration_s for file in self.files if file.used)
        return silence_s / self.duration_s if self.duration_s else 0.0


@dataclass(frozen=True, slots=True)
class Train(Request):
    """Train a model on a folder, then fit its prior. Answers `Trained`.

    The file at ``target`` is written first with the closed-form start, then refined in place.
    """

    lane: ClassVar[Lane] = "train"
    name: str
    folder: Path
    target: Path
    budget: Budget
    levels: int
    frames: str
    """short, long, or auto."""
    factors: bool
    codebook_size: int
    """0 chooses by the number of files."""
    commitment_weight: float
    sample_rate: int
    seed: int
    author: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Resume(Request):
    """Go on with a training that was stopped, or train a finished model further. Answers `Trained`.

    ``budget.minutes`` 0 is what was left of a stopped training, and the preset's for a finished
    model.
    """

    lane: ClassVar[Lane] = "train"
    target: Path
    budget: Budget


@dataclass(frozen=True, slots=True)
class AddSounds(Request):
    """Train a model on a folder beside its own sounds; its codes stay. Answers `Trained`."""

    lane: ClassVar[Lane] = "train"
    target: Path
    folder: Path
    budget: Budget


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished model file."""

    path: Path
    steps: int
    elapsed_s: float
    complete: bool
    prior: PriorSummary | None


@dataclass(frozen=True, slots=True)
class PriorBudget:
    """How a neural prior is learned; what is 0 is chosen by the material.

    ``minutes`` is for all of it; ``counts_only`` leaves the net out.
    """

    epochs: int = 0
    hidden_size: int = 0
    layers: int = 0
    heads: int = 0
    minutes: float = 0.0
    counts_only: bool = False

    def __post_init__(self) -> None:
        if self.epochs < 0 or not 0.0 <= self.minutes <= MAX_MINUTES:
            raise UsageError(
                f"epochs is {self.epochs} and minutes {self.minutes:g}; allowed are 0 or more, and "
                f"0 to {MAX_MINUTES:g}; 0 leaves it to the material."
            )


@dataclass(frozen=True, slots=True)
class FitPrior(Request):
    """Train the prior on the codes in a model file and store it there. Answers `Trained`.

    The file is written first with the counts, then with the net that goes with them.
    """

    lane: ClassVar[Lane] = "train"
    model: Path
    budget: PriorBudget


@dataclass(frozen=True, slots=True)
class Progressed:
    """Reported while a request runs: fraction done (0 to 1), seconds left, a line of text."""

    fraction: float
    eta_s: float
    text: str


@dataclass(frozen=True, slots=True)
class LevelsMeasured:
    """Reported while training: the health of every level."""

    step: int
    names: tuple[str, ...]
    levels: tuple[LevelHealth, ...]


@dataclass(frozen=True, slots=True)
class PriorMeasured:
    """Reported while a prior is trained: held-out perplexity per level, of counts and of the net.

    ``own`` is the net's on sounds that it learns.
    """

    epoch: int
    names: tuple[str, ...]
    counts: tuple[float, ...]
    net: tuple[float, ...]
    own: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SnapshotWritten:
    """Reported while training: the model file has been written and can be played."""

    path: Path
    step: int


@dataclass(frozen=True, slots=True)
class ColumnsMade:
    """Reported while sampling: new columns (level, column) from column ``start``."""

    start: int
    codes: Codes


@dataclass(frozen=True, slots=True)
class TakeMeasured:
    """Reported when columns have been made, all or some: how new they are."""

    novelty: Novelty


@dataclass(frozen=True, slots=True)
class SoundPart:
    """Reported while a long sound is read: (sample,) from sample ``start``."""

    start: int
    audio: Audio


@dataclass(frozen=True, slots=True)
class FileLeftOut:
    """Reported before training: a file of the folder is not used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrainingPredicted:
    """Reported before the first step: what a training takes on this machine, as measured.

    ``text`` says it in a sentence, ``warning`` says what stands against it and may be empty.
    """

    minutes: float
    steps: int
    threads: int
    text: str
    warning: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Reported while training: something that the person should know."""

    text: str


Report = (
    DatasetChecked
    | FileLeftOut
    | TrainingPredicted
    | Noted
    | Progressed
    | LevelsMeasured
    | PriorMeasured
    | SnapshotWritten
    | ColumnsMade
    | TakeMeasured
    | SoundPart
)
