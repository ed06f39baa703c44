"""How a take is drawn: what a musician can ask for, checked."""

from dataclasses import dataclass

from sdaudio.errors import UsageError

MAX_SEED = 2**63 - 1
MAX_HOLD = 4096
MAX_PHRASE = 16

_RANGES = (
    ("temperature", 0.1, 2.0),
    ("top_k", 0, 512),
    ("top_p", 0.0, 1.0),
    ("seed", 0, MAX_SEED),
    ("typical", 0.0, 1.0),
    ("hold_columns", 0, MAX_HOLD),
    ("avoid", 0.0, 1.0),
    ("phrase", 0, MAX_PHRASE),
    ("novelty", 0.0, 1.0),
)


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How boldly to sample, and what to keep away from.

    Temperature and the filters act on which code comes next, not on how long a code lasts or when
    a sound ends: those follow what was learned, or a take would freeze on its first long note.
    """

    temperature: float = 1.0
    """0.1 to 2; 1 is the learned distribution."""
    top_k: int = 0
    """0 to 512: only that many likeliest codes; 0 is off."""
    top_p: float = 0.9
    """0 to 1: only the likeliest codes that make up this share; 0 is off."""
    seed: int = 0
    """0 to 2^63 - 1."""
    typical: float = 0.0
    """0 to 1: only the codes that surprise about as much as is usual there, of this share; 0 is
    off (locally typical sampling, Meister et al. 2022, arXiv 2202.00666)."""
    level_temperatures: tuple[float, ...] = ()
    """A temperature for each level, from the coarsest on; 0, or none, is ``temperature``."""
    hold_columns: int = 0
    """How many columns a code of level 0 may last; 0 lets it last as learned."""
    avoid: float = 0.0
    """0 to 1: how much codes of the last two seconds or so are avoided when a new one comes."""
    phrase: int = 0
    """2 to 16: a phrase of so many changes does not come back; 0 and 1 are off."""
    novelty: float = 0.0
    """0 to 1: the novelty that the take has at least; 0 is off."""

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            # Written so that NaN fails too.
            if not low <= value <= high:
                raise UsageError(f"{name} is {value}; allowed are {low} to {high}.")
        for level, value in enumerate(self.level_temperatures):
            if not (value == 0.0 or 0.1 <= value <= 2.0):
                raise UsageError(
                    f"The temperature of level {level} is {value}; allowed are 0.1 to 2.0, and 0 "
                    "for that of all."
                )

    @property
    def is_filtering(self) -> bool:
        """Whether top-k, top-p or typical leave anything out."""
        return self.top_k > 0 or 0.0 < self.top_p < 1.0 or 0.0 < self.typical < 1.0

    @property
    def is_watching(self) -> bool:
        """Whether runs of columns are kept away from."""
        return self.phrase > 1 or self.novelty > 0.0

    def temperature_of(self, level: int) -> float:
        """The temperature of a level."""
        given = self.level_temperatures[level] if level < len(self.level_temperatures) else 0.0
        return given or self.temperature
