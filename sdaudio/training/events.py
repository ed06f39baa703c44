"""What training is asked for and what it tells while it runs."""

from dataclasses import dataclass

from sdaudio.errors import UsageError
from sdaudio.header import CODEBOOK_SIZES, LEVEL_NAMES, LevelHealth


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a person chooses about a training."""

    name: str
    """Name of the model."""
    minutes: float = 2.0
    """Wall time of the gradient steps, 0.01 to 1440; start and last encoding add seconds."""
    levels: int = 3
    """Residual levels, 2 to 4."""
    codebook_size: int | None = None
    """Codes per level: 64, 128, 256, or None to choose by the number of files."""
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

    def __post_init__(self) -> None:
        if not 0.01 <= self.minutes <= 1440:
            raise UsageError(f"minutes is {self.minutes:g}; allowed are 0.01 to 1440.")
        if self.levels not in LEVEL_NAMES:
            raise UsageError(f"levels is {self.levels}; allowed are 2, 3 and 4.")
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
    levels: tuple[LevelHealth, ...]


TrainingEvent = Progress | LevelsReport
