"""What a model says about itself: its shape, its sounds, its training, its health, its prior.

Plain frozen data, to and from the JSON in a model file. Parsing checks every type, so that what
has been read can be trusted; nothing here touches a file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from sdaudio.errors import UsageError

CODEBOOK_SIZES = (64, 128, 256)
# How loud a column is, whether it rises, whether it swells.
_STRUCTURE_DIMS = 3
LEVEL_NAMES: Mapping[int, tuple[str, ...]] = {
    2: ("Structure", "Detail"),
    3: ("Structure", "Timbre", "Detail"),
    4: ("Structure", "Timbre", "Texture", "Detail"),
}

HealthLight = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """The shape of a codec: enough to build the network and to know what a column means.

    One column stands for ``hop_length * frames_per_column`` samples (1024, 21.3 ms at 48 kHz).
    """

    sample_rate: int = 48_000
    n_fft: int = 1024
    hop_length: int = 256
    frames_per_column: int = 4
    latent_dim: int = 32
    n_levels: int = 3
    codebook_size: int = 128
    encoder_channels: int = 128
    column_channels: int = 256
    frame_channels: int = 128
    encoder_frame_blocks: int = 2
    encoder_column_blocks: int = 2
    decoder_column_blocks: int = 3
    decoder_frame_blocks: int = 2
    expansion: int = 3
    encoder_freedom: float = 1.0
    """How far a latent may be from what the PCA says; the latents of a set are of order 1 in every
    dimension."""
    factors: bool = True
    """Whether the levels stand for factors instead of for coarse, medium and fine.

    The first level is then chosen by loudness and attack alone, which the first dimensions of the
    latents tell, so that colour, pitch and detail are left to the levels below.
    """

    def __post_init__(self) -> None:
        if self.n_levels not in LEVEL_NAMES:
            raise UsageError(f"n_levels is {self.n_levels}; a codec has 2, 3 or 4 levels.")
        if self.codebook_size not in CODEBOOK_SIZES:
            raise UsageError(f"codebook_size is {self.codebook_size}; allowed are 64, 128 and 256.")
        if not 8_000 <= self.sample_rate <= 96_000:
            raise UsageError(f"sample_rate is {self.sample_rate}; allowed are 8000 to 96000 Hz.")
        if self.n_fft != 4 * self.hop_length:
            raise UsageError(
                f"n_fft is {self.n_fft}; it must be four times hop_length ({self.hop_length})."
            )
        counts = ("hop_length", "frames_per_column", "latent_dim", "encoder_channels",
                  "column_channels", "frame_channels", "encoder_frame_blocks",
                  "encoder_column_blocks", "decoder_column_blocks", "decoder_frame_blocks",
                  "expansion")  # fmt: skip
        for name in counts:
            if not 1 <= getattr(self, name) <= 8192:
                raise UsageError(f"{name} is {getattr(self, name)}; allowed are 1 to 8192.")
        if not 0.0 < self.encoder_freedom <= 100.0:
            raise UsageError(
                f"encoder_freedom is {self.encoder_freedom}; allowed is more than 0, up to 100."
            )
        if self.latent_dim < self.structure_dims:
            raise UsageError(
                f"latent_dim is {self.latent_dim}; factors need {self.structure_dims}."
            )

    @property
    def structure_dims(self) -> int:
        """How many of the first dimensions of a latent decide on the first level; 0 means all."""
        return min(_STRUCTURE_DIMS, self.frames_per_column) if self.factors else 0

    @property
    def column_length(self) -> int:
        """Samples in one column."""
        return self.hop_length * self.frames_per_column

    @property
    def columns_per_second(self) -> float:
        """Columns in one second of sound."""
        return self.sample_rate / self.column_length

    @property
    def n_bins(self) -> int:
        """Frequency bins of one short-time Fourier frame."""
        return self.n_fft // 2 + 1

    @property
    def decoder_reach(self) -> int:
        """How many columns to each side of a code its change can be heard."""
        # A frame sounds 1.5 hops longer than its own hop on both sides.
        frames = self.decoder_frame_blocks + 1.5
        return self.decoder_column_blocks + math.ceil(frames / self.frames_per_column)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One training file: its name inside its folder, its length, and which folder that is.

    ``digest`` begins the SHA-256 of the samples as used, so that a changed file can be named.
    """

    name: str
    duration_s: float
    folder: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """What a model was trained on. ``fingerprint`` is a SHA-256 over the sounds as used.

    ``folders`` are where the sounds lay, so that training can go on; a file says which by number.
    """

    files: tuple[SourceFile, ...] = ()
    fingerprint: str = ""
    folders: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds of sound in all files together."""
        return sum(file.duration_s for file in self.files)


@dataclass(frozen=True, slots=True)
class LossPoint:
    """One point of the training history: the smoothed losses after ``step`` steps."""

    step: int
    elapsed_s: float
    spectral: float
    phase: float
    commitment: float


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """How a model was trained. ``steps`` is 0 for a closed-form start without gradients."""

    steps: int = 0
    elapsed_s: float = 0.0
    seed: int = 0
    commitment_weight: float = 0.25
    learning_rate: float = 0.0
    preset: str = ""
    complete: bool = False
    history: tuple[LossPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelHealth:
    """How well one level uses its codebook on the training sounds.

    ``utilisation`` is the share of codes used at all (0 to 1), ``perplexity`` the effective
    number of codes (1 to codebook_size), ``dead_codes`` how many are never used.
    """

    utilisation: float
    perplexity: float
    dead_codes: int
    light: HealthLight
    sentence: str


@dataclass(frozen=True, slots=True)
class PriorSummary:
    """Facts about the prior in the file. Perplexities are per code, mean over levels.

    A mixture is counts with a net beside them. ``perplexity`` is the counts' on their own sounds,
    each fold left out in turn; ``held_out_perplexity`` is that of all there is in the file. Those
    by level were measured on what was held out while learning; what is in the file has then learned
    everything.
    """

    kind: Literal["counts", "mixture"] = "counts"
    columns: int = 0
    epochs: int = 0
    """Of the net in a mixture, else the steps in which the counts' weights were learned."""
    perplexity: float = 0.0
    held_out_perplexity: float = 0.0
    unigram_perplexity: float = 0.0
    held_out_by: Literal["file", "time", "none"] = "none"
    date: str = ""
    counts_levels: tuple[float, ...] = ()
    net_levels: tuple[float, ...] = ()
    """Empty when no net was learned; it may have been learned and left out."""
    mixture_levels: tuple[float, ...] = ()
    hidden_size: int = 0
    layers: int = 0
    heads: int = 0
    memorised_after: int = 0
    """The epoch from which the net only learned its sounds by heart; 0 if it never did."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model file says about itself that a list of models shows."""

    name: str
    codec: CodecConfig
    level_names: tuple[str, ...]
    dataset: DatasetSummary = field(default_factory=DatasetSummary)
    health: tuple[LevelHealth, ...] = ()
    prior: PriorSummary | None = None
    created: str = ""
    licence: str = ""
    author: str = ""
    identity: str = ""
    """Tells whose codes these are: it stays when a model learns on, so that grids know their model
    under any name, and not another one of the same name. Empty in files from before it."""
    tags: tuple[str, ...] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        if len(self.level_names) != self.codec.n_levels:
            raise UsageError(
                f"level_names has {len(self.level_names)} names for {self.codec.n_levels} levels."
            )

    @property
    def has_prior(self) -> bool:
        """Whether the model can sample new material."""
        return self.prior is not None


@dataclass(frozen=True, slots=True)
class ModelHeader(ModelFacts):
    """Everything a model file says about itself; readable without its tensors."""

    training: TrainingSummary = field(default_factory=TrainingSummary)


def parse_header(text: str | bytes) -> ModelHeader:
    """Build a header from its JSON; keys that are not known are left aside.

    Raises:
        ValueError: it is no JSON, or something is missing or of the wrong type; the text says
            where.
        UsageError: a value is out of range.
    """
    return _HEADERS.decode(text)


def parse_facts(text: str | bytes) -> ModelFacts:
    """Build what a list shows, as `parse_header` builds all; the training is not even read."""
    return _FACTS.decode(text)


_HEADERS = msgspec.json.Decoder(ModelHeader)
_FACTS = msgspec.json.Decoder(ModelFacts)
