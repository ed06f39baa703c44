"""The v2 model file (``.sda``): one safetensors file with one JSON metadata string.

A header can be read and checked without torch and without reading the tensors, so that listing a
library of models is instant and safe. Nothing in the file is code and nothing runs on load. A
file that is truncated, foreign, from another version, of the wrong shape, or that contradicts
itself is refused with a `FileError` that names the file and the reason.

This module neither trains nor renders; it only carries weights and facts to and from disk.
"""

import contextlib
import dataclasses
import json
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialise

from sdaudio.errors import FileError, UsageError

FORMAT = "sda"
VERSION = 2
SUFFIX = ".sda"
METADATA_KEY = "sda"
CODEBOOK_SIZES = (64, 128, 256)
LEVEL_NAMES: Mapping[int, tuple[str, ...]] = {
    2: ("Structure", "Detail"),
    3: ("Structure", "Timbre", "Detail"),
    4: ("Structure", "Timbre", "Texture", "Detail"),
}
CODEBOOKS = "quantizer.codebooks"
_NETWORKS = ("encoder.", "decoder.")

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
    encoder_channels: int = 192
    column_channels: int = 320
    frame_channels: int = 192
    encoder_frame_blocks: int = 2
    encoder_column_blocks: int = 2
    decoder_column_blocks: int = 3
    decoder_frame_blocks: int = 3
    expansion: int = 3

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


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One training file: its name without folder and its length."""

    name: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """What a model was trained on. ``fingerprint`` is a SHA-256 over the sounds as used."""

    files: tuple[SourceFile, ...] = ()
    fingerprint: str = ""

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
    """Facts about the prior in the file. Perplexities are per code, mean over levels."""

    kind: Literal["counts"] = "counts"
    columns: int = 0
    epochs: int = 0
    perplexity: float = 0.0
    held_out_perplexity: float = 0.0
    unigram_perplexity: float = 0.0
    held_out_by: Literal["file", "time", "none"] = "none"
    date: str = ""


@dataclass(frozen=True, slots=True)
class ModelHeader:
    """Everything a model file says about itself; readable without its tensors."""

    name: str
    codec: CodecConfig
    level_names: tuple[str, ...]
    dataset: DatasetSummary = field(default_factory=DatasetSummary)
    training: TrainingSummary = field(default_factory=TrainingSummary)
    health: tuple[LevelHealth, ...] = ()
    prior: PriorSummary | None = None
    created: str = ""
    licence: str = ""
    author: str = ""

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
class Model:
    """A model in memory: its header and its tensors by name (float32 or integer arrays).

    ``tensors["quantizer.codebooks"]`` is (level, code, latent_dim) float32 and
    ``tensors["usage.counts"]`` (level, code) int64, how often the training sounds use each code.
    """

    header: ModelHeader
    tensors: Mapping[str, NDArray[Any]]


def read_header(path: Path) -> ModelHeader:
    """Read and check the header of a model file; tensors stay on disk.

    Raises:
        FileError: the file is missing, damaged, not a model, or of another version.
    """
    with _open(path) as file:
        return _checked_header(path, file)


def read_codebooks(path: Path) -> NDArray[np.float32]:
    """Read only the codebooks, (level, code, latent_dim), for edits that need no network.

    Raises:
        FileError: as `read_header`.
    """
    with _open(path) as file:
        _checked_header(path, file)
        codebooks: NDArray[np.float32] = file.get_tensor(CODEBOOKS)
    return codebooks


def read_usage(path: Path) -> NDArray[np.int64]:
    """Read how often the training sounds use each code, (level, code).

    Raises:
        FileError: as `read_header`, or the model carries no usage counts.
    """
    with _open(path) as file:
        _checked_header(path, file)
        if "usage.counts" not in file.keys():  # noqa: SIM118 (not a dict)
            raise FileError(f"'{path}' carries no usage counts. Train it again to get them.")
        usage: NDArray[np.int64] = file.get_tensor("usage.counts")
    return usage


def read_training_codes(path: Path) -> list[NDArray[np.uint16]]:
    """Read the codes of the training sounds, one (level, column) array per training file.

    Raises:
        FileError: as `read_header`, or the model does not carry them.
    """
    with _open(path) as file:
        _checked_header(path, file)
        names = {"dataset.codes", "dataset.lengths"} & set(file.keys())
        tensors = {name: file.get_tensor(name) for name in names}
    return split_training_codes(tensors, str(path))


def split_training_codes(
    tensors: Mapping[str, NDArray[Any]], where: str
) -> list[NDArray[np.uint16]]:
    """Cut the codes of all training sounds, as they stand in a model, into those of each file.

    Raises:
        FileError: they are not there or do not fit together; ``where`` names the model.
    """
    if not {"dataset.codes", "dataset.lengths"} <= tensors.keys():
        raise FileError(f"'{where}' does not carry the codes of its training sounds.")
    codes, lengths = tensors["dataset.codes"], tensors["dataset.lengths"]
    if codes.ndim != 2 or lengths.ndim != 1 or int(lengths.sum()) != codes.shape[1]:
        raise FileError(f"'{where}' contradicts itself: training codes and lengths do not fit.")
    return np.split(codes, np.cumsum(lengths)[:-1], axis=1)


def read_model(path: Path) -> Model:
    """Read a whole model.

    Raises:
        FileError: as `read_header`, or a weight is not a finite number.
    """
    with _open(path) as file:
        header = _checked_header(path, file)
        tensors = {name: _widened(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    for name, tensor in tensors.items():
        if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
            raise FileError(f"'{path}' is damaged: tensor '{name}' holds NaN or infinity.")
    return Model(header, tensors)


def write_model(path: Path, model: Model, *, compact: bool = False) -> None:
    """Write a model so that the path holds either the old file or the whole new one.

    Args:
        path: where to.
        model: what to write.
        compact: store the weights of the networks in 16 bits, for half the size and an error some
            60 dB below the sound. Codebooks stay exact, so codes keep their meaning.

    Raises:
        FileError: the folder cannot be written.
    """
    record = {"format": FORMAT, "version": VERSION, "has_prior": model.header.has_prior}
    record |= dataclasses.asdict(model.header)
    metadata = {METADATA_KEY: json.dumps(record, allow_nan=False)}
    tensors = {
        name: np.ascontiguousarray(
            array.astype(np.float16) if compact and name.startswith(_NETWORKS) else array
        )
        for name, array in model.tensors.items()
    }
    write_atomically(path, serialise(tensors, metadata=metadata))


def write_atomically(path: Path, content: bytes) -> None:
    """Write bytes to a temporary file beside ``path``, flush it to disk and rename it.

    Raises:
        FileError: the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise FileError(f"Cannot write '{path}': {error.strerror}.") from error


def _widened(tensor: NDArray[Any]) -> NDArray[Any]:
    return tensor.astype(np.float32) if tensor.dtype == np.float16 else tensor


def _open(path: Path) -> Any:  # noqa: ANN401 (safetensors ships no types)
    if not path.is_file():
        raise FileError(f"There is no model file '{path}'.")
    try:
        return safe_open(path, framework="np")
    except (SafetensorError, OSError) as error:
        raise FileError(f"'{path}' is not a model file, or it is truncated ({error}).") from error


def _checked_header(path: Path, file: Any) -> ModelHeader:  # noqa: ANN401
    text = (file.metadata() or {}).get(METADATA_KEY)
    if text is None:
        raise FileError(f"'{path}' is a safetensors file but not an sdaudio model.")
    try:
        record = json.loads(text)
    except ValueError as error:
        raise FileError(f"'{path}' is damaged: its header is not JSON ({error}).") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FileError(f"'{path}' is not an sdaudio model (format is not '{FORMAT}').")
    if record.get("version") != VERSION:
        raise FileError(
            f"'{path}' is a version {record.get('version')} file; this sdaudio reads version "
            f"{VERSION}. Train the model again, or use the sdaudio that wrote it."
        )
    try:
        header = _from_json(ModelHeader, record, "header")
    except (UsageError, ValueError) as error:
        raise FileError(f"'{path}' has a wrong header: {error}") from error
    if bool(record.get("has_prior")) != header.has_prior:
        raise FileError(f"'{path}' contradicts itself: has_prior does not match its prior.")
    _check_codebooks(path, file, header.codec)
    return header


def _check_codebooks(path: Path, file: Any, codec: CodecConfig) -> None:  # noqa: ANN401
    if CODEBOOKS not in file.keys():  # noqa: SIM118
        raise FileError(f"'{path}' is damaged: it has no codebooks.")
    expected = [codec.n_levels, codec.codebook_size, codec.latent_dim]
    found = file.get_slice(CODEBOOKS)
    if list(found.get_shape()) != expected or found.get_dtype() != "F32":
        raise FileError(
            f"'{path}' contradicts itself: codebooks are {found.get_dtype()} "
            f"{found.get_shape()}, the header says F32 {expected}."
        )


_T = TypeVar("_T")


def _from_json(kind: type[_T], value: Any, where: str) -> _T:  # noqa: ANN401
    """Build ``kind`` from parsed JSON, checking every type; unknown keys are left aside."""
    return typing.cast(_T, _convert(kind, value, where))


def _convert(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            raise ValueError(f"{where} must be an object.")
        hints = typing.get_type_hints(kind)
        names = [f.name for f in dataclasses.fields(kind) if f.name in value]
        fields = {name: _convert(hints[name], value[name], f"{where}.{name}") for name in names}
        try:
            return kind(**fields)  # type: ignore[operator]
        except TypeError as error:
            raise ValueError(f"{where} is incomplete ({error}).") from error
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where} must be a list.")
        return tuple(_convert(arguments[0], item, where) for item in value)
    if origin is types.UnionType:
        return None if value is None else _convert(arguments[0], value, where)
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"{where} is {value!r}; allowed are {arguments}.")
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{where} must be {kind.__name__}, not {value!r}.")
    return value
