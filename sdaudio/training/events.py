"""What training is asked for and what it tells while it runs."""

from dataclasses import dataclass

from sdaudio.errors import UsageError
from sdaudio.header import CODEBOOK_SIZES, LEVEL_NAMES, LevelHealth
from sdaudio.presets import find_preset
from sdaudio.settings import FRAME_NAMES


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a person chooses about a training."""

    name: str
    """Name of the model."""
    preset: str = "draft"
    """Gives minutes and the shape of the codec; see `sdaudio.presets`."""
    minutes: float | None = None
    """Wall time of the gradient steps, 0.01 to 1440, or None for the preset's; start and last
    encoding add seconds."""
    levels: int = 3
    """Residual levels, 2 to 4."""
    frames: str = "auto"
    """short (1024 samples), long (2048), or auto to choose by the sounds."""
    codebook_size: int | None = None
    """Codes per level: 64, 128, 256, or None to choose by the number of files."""
    factors: bool = True
    """Whether the first level stands for loudness and attack alone; see `CodecConfig.factors`."""
    commitment_weight: float = 0.25
    """How strongly latents are drawn to their codes, 0 to 10."""
    sample_rate: int = 48_000
    """Hz; must be the dataset's."""
    seed: int = 0
    """Same seed, same ``steps``, one thread: same model."""
    threads: int = 1
    """Threads of torch. Two help on a free machine and harm badly on a busy one."""
    steps: int | None = None
    """Exact number of gradient steps instead of ``minutes``; 0 keeps the closed-form start."""
    device: str = "auto"
    """Where to compute: auto, cpu, cuda or mps."""
    author: str = ""
    """Who makes the model."""
    licence: str = ""
    """Under which licence it is."""

    def __post_init__(self) -> None:
        find_preset(self.preset)
        if self.minutes is not None and not 0.01 <= self.minutes <= 1440:
            raise UsageError(f"minutes is {self.minutes:g}; allowed are 0.01 to 1440.")
        if self.levels not in LEVEL_NAMES:
            raise UsageError(f"levels is {self.levels}; allowed are 2, 3 and 4.")
        if self.frames not in FRAME_NAMES:
            raise UsageError(f"frames is '{self.frames}'; allowed are {', '.join(FRAME_NAMES)}.")
        if self.codebook_size is not None and self.codebook_size not in CODEBOOK_SIZES:
            raise UsageError(f"codebook_size is {self.codebook_size}; allowed are 64, 128 and 256.")
        if not 0 <= self.commitment_weight <= 10:
            raise UsageError(
                f"commitment_weight is {self.commitment_weight:g}; allowed are 0 to 10."
            )
        if not 1 <= self.threads <= 64:
            raise UsageError(f"threads is {self.threads}; allowed are 1 to 64.")
        if self.steps is not None and not 0 <= self.steps <= 10_000_000:
            raise UsageError(f"steps is {self.steps}; allowed are 0 to 10000000.")

    @property
    def seconds(self) -> float:
        """Wall time of the gradient steps."""
        return 60.0 * (self.minutes or find_preset(self.preset).minutes)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far training is; about once a second.

    ``fraction`` is 0 to 1, ``eta_s`` seconds to the end, the losses are smoothed over about 50
    steps (0 before the first step).
    """

    fraction: float
    eta_s: float
    step: int
    steps_per_s: float
    spectral: float
    phase: float
    commitment: float
    text: str


@dataclass(frozen=True, slots=True)
class LevelsReport:
    """The health of every level after ``step`` steps, on the columns trained on lately."""

    step: int
    names: tuple[str, ...]
    levels: tuple[LevelHealth, ...]


@dataclass(frozen=True, slots=True)
class Predicted:
    """How long this training takes on this machine, measured with a few steps.

    ``start_s`` goes to the first grid, ``training_s`` to gradient steps, ``finishing_s`` to the
    prior. ``threads`` is what turned out to be quickest.
    """

    start_s: float
    training_s: float
    steps: int
    finishing_s: float
    threads: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that the person should know, and what to do about it."""

    text: str


TrainingEvent = Progress | LevelsReport | Predicted | Noted
