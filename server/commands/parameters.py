"""The parameters that several commands share, each described once."""

import secrets
from typing import Annotated, TypeVar

from sdaudio.errors import UsageError, nearest_hint
from sdaudio.grid import Region

from ..registry import Row, Spec

ModelName = Annotated[str, Spec("name of a model in the library")]
GridName = Annotated[str, Spec("name of a grid, chosen by you")]
Level = Annotated[int, Spec("quantizer level, 0 is the coarsest", 0, 3)]
Levels = Annotated[int, Spec("how many levels from that one on", 1, 4)]
Column = Annotated[int, Spec("column, 0 is the first moment", 0)]
Columns = Annotated[int, Spec("how many columns from that one on", 1)]
GridRegion = Annotated[
    Region, Row((("level", Level), ("levels", Levels), ("column", Column), ("columns", Columns)))
]
OptionalColumns = Annotated[int, Spec("how many columns, 0 is all to the end", 0)]
Code = Annotated[int, Spec("index of a codebook entry", 0, 255)]
SoundPath = Annotated[str, Spec("path of a sound file")]
FolderPath = Annotated[str, Spec("path of a folder with sounds")]
Minutes = Annotated[float, Spec("how long to train; left to the preset without", 0.02, 1440, "min")]
Preset = Annotated[str, Spec("draft (2 minutes), standard (10) or best (a night)")]
Device = Annotated[str, Spec("auto (a GPU when there is one), cpu, cuda or mps")]
Frames = Annotated[str, Spec("short for attacks, long for tones, auto asks the sounds")]
GainDb = Annotated[float, Spec("level", -96.0, 12.0, "dB")]
Seed = Annotated[int, Spec("the same seed gives the same result; -1 draws one", -1, 2**31 - 1)]

Word = TypeVar("Word", bound=str)


def one_of(name: str, given: str, allowed: tuple[Word, ...]) -> Word:
    """Return the allowed word that was given for a parameter.

    Raises:
        UsageError: it is none of them; the text names the nearest one.
    """
    for word in allowed:
        if word == given:
            return word
    raise UsageError(
        f"{name} is '{given[:80]}'; allowed are {', '.join(allowed)}.{nearest_hint(given, allowed)}"
    )


def drawn(seed: int) -> int:
    """The seed that was asked for, or one drawn by chance for -1."""
    return seed if seed >= 0 else secrets.randbelow(2**31)
