"""How to draw from a prior, as clients say it: the options that all of its commands share."""

import fnmatch
import secrets
from dataclasses import dataclass
from typing import Annotated

from sdaudio.errors import StateError, UsageError, nearest_hint
from sdaudio.prior import Copied, Novelty, SamplingOptions

from ..library import LoadedModel
from ..registry import Options, Results, Spec
from .parameters import Seed

Temperature = Annotated[float, Spec("0.1 safe, 1 as the sounds are, 2 wild", 0.1, 2.0)]
TopK = Annotated[int, Spec("draw from the k likeliest codes, 0 is off", 0, 512)]
TopP = Annotated[float, Spec("draw from the likeliest codes of this share, 0 is off", 0.0, 1.0)]
Typical = Annotated[
    float,
    Spec("draw from the codes that surprise as usual, of this share; 0 is off", 0.0, 1.0),
]
OwnTemperature = Annotated[
    float, Spec("temperature of one level alone, 0 is that of all", 0.0, 2.0)
]
Hold = Annotated[float, Spec("how long a code of level 0 may last, 0 as learned", 0.0, 30.0, "s")]
Avoid = Annotated[float, Spec("how much codes of the last 2 s are avoided, 1 is most", 0.0, 1.0)]
Phrase = Annotated[int, Spec("no phrase of so many changes comes back, 0 is off", 0, 16)]
New = Annotated[float, Spec("how new the take is at least: 0 any, 1 no copied phrase", 0.0, 1.0)]
Files = Annotated[
    str, Spec("use the codes of these training files alone: names or numbers, with commas")
]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a client asks for."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 0.9
    seed: int = -1
    typical: float = 0.0
    temperature0: float = 0.0
    temperature1: float = 0.0
    temperature2: float = 0.0
    temperature3: float = 0.0
    hold: float = 0.0
    avoid: float = 0.0
    phrase: int = 0
    novelty: float = 0.0
    files: str = ""

    def options(self, model: LoadedModel, seed: int) -> SamplingOptions:
        """What to sample with.

        Raises:
            UsageError: the temperature of a level is out of range.
        """
        own = (self.temperature0, self.temperature1, self.temperature2, self.temperature3)
        return SamplingOptions(
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            seed=seed,
            typical=self.typical,
            level_temperatures=own[: model.n_levels],
            hold_columns=model.columns_in(self.hold) if self.hold else 0,
            avoid=self.avoid,
            phrase=self.phrase,
            novelty=self.novelty,
        )

    def drawn_seed(self) -> int:
        """The seed that was asked for, or one drawn by chance.

        Below 2^24, so that hosts whose numbers are floats can send it back.
        """
        return self.seed if self.seed >= 0 else secrets.randbelow(2**24)

    def file_numbers(self, model: LoadedModel) -> tuple[int, ...]:
        """The numbers of the training files that were chosen; none are all.

        Raises:
            UsageError: there is no such file.
        """
        names = [file.name for file in model.header.dataset.files]
        chosen: set[int] = set()
        for word in filter(None, (word.strip() for word in self.files.split(","))):
            chosen |= _files_called(word, names, model.name)
        return tuple(sorted(chosen))


DRAWN_AS_LEARNED = Drawing()
DrawingOptions = Annotated[
    Drawing,
    Options(
        (
            ("temperature", Temperature, 1.0),
            ("top_k", TopK, 0),
            ("top_p", TopP, 0.9),
            ("seed", Seed, -1),
            ("typical", Typical, 0.0),
            ("temperature0", OwnTemperature, 0.0),
            ("temperature1", OwnTemperature, 0.0),
            ("temperature2", OwnTemperature, 0.0),
            ("temperature3", OwnTemperature, 0.0),
            ("hold", Hold, 0.0),
            ("avoid", Avoid, 0.0),
            ("phrase", Phrase, 0),
            ("novelty", New, 0.0),
            ("files", Files, ""),
        )
    ),
]


def with_prior(model: LoadedModel) -> LoadedModel:
    """Check that a model has a prior and return it.

    Raises:
        StateError: it has none.
    """
    if not model.header.has_prior:
        raise StateError(
            f"Model '{model.name}' has no prior yet. Train it: /sda/prior/train {model.name}."
        )
    return model


def novelty_facts(
    model: LoadedModel, grid: str, column: int, columns: int, novelty: Novelty
) -> Results:
    """The arguments of ``/sda/prior/novelty`` for columns of a grid."""
    return (
        grid, column, columns, novelty.share, novelty.usual,
        *_copied_facts(model, column, novelty.longest),
        *_copied_facts(model, column, novelty.longest_coarse),
    )  # fmt: skip


def _copied_facts(model: LoadedModel, column: int, copied: Copied) -> Results:
    """How long a copy is, where it is in the grid, its file, and where it is there; in seconds."""
    names = [file.name for file in model.header.dataset.files]
    name = names[copied.file] if 0 <= copied.file < len(names) else ""
    rate = model.header.codec.columns_per_second
    return (
        copied.columns / rate, (column + copied.start) / rate, name, copied.file_column / rate,
    )  # fmt: skip


def _files_called(word: str, names: list[str], model: str) -> set[int]:
    if word.isdecimal() and word not in names:
        if int(word) >= len(names):
            raise UsageError(
                f"files names number {word}; model '{model}' has files 0 to {len(names) - 1} "
                f"(/sda/prior/files {model})."
            )
        return {int(word)}
    found = {n for n, name in enumerate(names) if fnmatch.fnmatchcase(name, word)}
    found = found or {n for n, name in enumerate(names) if name.rsplit(".", 1)[0] == word}
    if not found:
        raise UsageError(
            f"files names '{word[:80]}', and model '{model}' was trained on no such file."
            f"{nearest_hint(word, names)}"
        )
    return found
