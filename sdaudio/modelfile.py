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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialise

from sdaudio.errors import FileError, UsageError
from sdaudio.header import CodecConfig, ModelFacts, ModelHeader, parse_facts, parse_header

FORMAT = "sda"
VERSION = 2
SUFFIX = ".sda"
CHECKPOINT_SUFFIX = ".training"
METADATA_KEY = "sda"
CODEBOOKS = "quantizer.codebooks"
_NETWORKS = ("encoder.", "decoder.")
_Facts = TypeVar("_Facts", bound=ModelFacts)


@dataclass(frozen=True, slots=True)
class Model:
    """A model in memory: its header and its tensors by name (float32 or integer arrays).

    ``tensors["quantizer.codebooks"]`` is (level, code, latent_dim) float32 and
    ``tensors["usage.counts"]`` (level, code) int64, how often the training sounds use each code.
    """

    header: ModelHeader
    tensors: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Skip:
    """The linear skip of a codec: what codes mean before the network has its say.

    The log-magnitudes of a column are ``mean`` (frame * bin,) and its latent, times ``components``
    (latent_dim, frame * bin), over ``scale`` (1,). ``codebooks`` are (level, code, latent_dim).
    """

    config: CodecConfig
    codebooks: NDArray[np.float32]
    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    scale: NDArray[np.float32]


def checkpoint_path(model: Path) -> Path:
    """Return where an unfinished training of a model keeps what it needs to go on: beside it."""
    return model.with_suffix(CHECKPOINT_SUFFIX)


def read_header(path: Path) -> ModelHeader:
    """Read and check the header of a model file; tensors stay on disk.

    Raises:
        FileError: the file is missing, damaged, not a model, or of another version.
    """
    return _read(path, parse_header)


def read_facts(path: Path) -> ModelFacts:
    """Read and check what a list of models shows; as `read_header`, but without the training.

    Raises:
        FileError: as `read_header`.
    """
    return _read(path, parse_facts)


def _read(path: Path, parse: Callable[[str], _Facts]) -> _Facts:
    # safetensors would check the same, in more time than all the rest takes
    head = _read_head(path)
    metadata = head.pop("__metadata__", _Item())
    facts = _parsed(path, metadata.sda, parse)
    codebooks = head.get(CODEBOOKS)
    if codebooks is None:
        raise FileError(f"'{path}' is damaged: it has no codebooks.")
    _check_codebooks(path, codebooks.dtype, codebooks.shape, facts.codec)
    return facts


def read_codebooks(path: Path) -> NDArray[np.float32]:
    """Read only the codebooks, (level, code, latent_dim), for edits that need no network.

    Raises:
        FileError: as `read_header`.
    """
    with _open(path) as file:
        _checked_header(path, file)
        codebooks: NDArray[np.float32] = file.get_tensor(CODEBOOKS)
    return codebooks


def read_skip(path: Path) -> Skip:
    """Read the closed form of a model, for what needs no network.

    Raises:
        FileError: as `read_header`, or it is not there.
    """
    names = (CODEBOOKS, "pca.mean", "pca.components", "pca.scale")
    with _open(path) as file:
        header = _checked_header(path, file)
        missing = [name for name in names if name not in file.keys()]  # noqa: SIM118 (not a dict)
        if missing:
            raise FileError(f"'{path}' is damaged: it has no {missing[0]}.")
        return Skip(header.codec, *(file.get_tensor(name) for name in names))


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
    tensors = {
        name: np.ascontiguousarray(
            array.astype(np.float16) if compact and name.startswith(_NETWORKS) else array
        )
        for name, array in model.tensors.items()
    }
    write_atomically(path, serialise(tensors, metadata=_metadata(model.header)))


def write_header(path: Path, header: ModelHeader) -> None:
    """Let a model say something else about itself; its tensors stay as they are.

    Raises:
        FileError: as `read_header`, or the folder cannot be written.
    """
    with _open(path) as file:
        _checked_header(path, file)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    write_atomically(path, serialise(tensors, metadata=_metadata(header)))


def write_tensors(
    path: Path, tensors: Mapping[str, NDArray[Any]], *, key: str, record: Mapping[str, Any]
) -> None:
    """Write tensors and a record of plain values that are not a model, as `write_model` does.

    Raises:
        FileError: the folder cannot be written.
    """
    metadata = {key: json.dumps(record, allow_nan=False)}
    write_atomically(path, serialise(dict(tensors), metadata=metadata))


def read_tensors(path: Path, *, key: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write_tensors` wrote under the same key.

    Raises:
        FileError: the file is missing, damaged, or something else.
    """
    with _open(path) as file:
        text = (file.metadata() or {}).get(key)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    try:
        record = json.loads(text or "")
    except (ValueError, RecursionError) as error:
        raise FileError(f"'{path}' is damaged or something else: it has no record.") from error
    if not isinstance(record, dict):
        raise FileError(f"'{path}' is damaged: its record is no object.")
    return record, tensors


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


def _metadata(header: ModelHeader) -> dict[str, str]:
    record = {"format": FORMAT, "version": VERSION, "has_prior": header.has_prior}
    record |= dataclasses.asdict(header)
    return {METADATA_KEY: json.dumps(record, allow_nan=False)}


def _widened(tensor: NDArray[Any]) -> NDArray[Any]:
    return tensor.astype(np.float32) if tensor.dtype == np.float16 else tensor


def _open(path: Path) -> Any:  # noqa: ANN401 (safetensors ships no types)
    # so that no head, however long, is read before it is known to be one of a model
    _read_head(path)
    try:
        return safe_open(path, framework="np")
    except (SafetensorError, OSError) as error:
        raise FileError(f"'{path}' is not a model file, or it is truncated ({error}).") from error


def _checked_header(path: Path, file: Any) -> ModelHeader:  # noqa: ANN401
    header = _parsed(path, (file.metadata() or {}).get(METADATA_KEY), parse_header)
    if CODEBOOKS not in file.keys():  # noqa: SIM118
        raise FileError(f"'{path}' is damaged: it has no codebooks.")
    found = file.get_slice(CODEBOOKS)
    _check_codebooks(path, found.get_dtype(), found.get_shape(), header.codec)
    return header


def _parsed(path: Path, text: str | None, parse: Callable[[str], _Facts]) -> _Facts:
    if text is None:
        raise FileError(f"'{path}' is a safetensors file but not an sdaudio model.")
    try:
        kind = _KINDS.decode(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"'{path}' is damaged: its header is not JSON ({error}).") from error
    if kind.format != FORMAT:
        raise FileError(f"'{path}' is not an sdaudio model (format is not '{FORMAT}').")
    if kind.version != VERSION:
        raise FileError(
            f"'{path}' is a version {kind.version} file; this sdaudio reads version "
            f"{VERSION}. Train the model again, or use the sdaudio that wrote it."
        )
    try:
        facts = parse(text)
    except (UsageError, ValueError, RecursionError) as error:
        raise FileError(f"'{path}' has a wrong header: {error}") from error
    if bool(kind.has_prior) != facts.has_prior:
        raise FileError(f"'{path}' contradicts itself: has_prior does not match its prior.")
    return facts


def _check_codebooks(path: Path, dtype: str, shape: Sequence[int], codec: CodecConfig) -> None:
    expected = [codec.n_levels, codec.codebook_size, codec.latent_dim]
    if list(shape) != expected or dtype != "F32":
        raise FileError(
            f"'{path}' contradicts itself: codebooks are {dtype} {list(shape)}, the header says "
            f"F32 {expected}."
        )


def _read_head(path: Path) -> dict[str, "_Item"]:
    """Read the table of a safetensors file, and check that the file is as long as it says."""
    if not path.is_file():
        raise FileError(f"There is no model file '{path}'.")
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length <= size - 8:
                raise FileError(f"'{path}' is not a model file, or it is truncated.")
            if length > _MAX_HEAD_BYTES:
                raise FileError(
                    f"'{path}' is not a model file: its head has {length >> 20} MB, and that of a "
                    f"model at most {_MAX_HEAD_BYTES >> 20}."
                )
            text = file.read(length)
            head = _HEADS.decode(text)
    except (OSError, ValueError, RecursionError) as error:
        raise FileError(f"'{path}' is not a model file, or it is truncated ({error}).") from error
    spans = [item.data_offsets for item in head.values()]
    wanted = 8 + length + max((stop for _, stop in spans), default=0)
    if wanted != size:
        raise FileError(f"'{path}' is truncated or damaged: it has {size} bytes of {wanted}.")
    # in the text of the record every quote has a backslash before it
    if text.count(b'"data_offsets"') != len(head) - ("__metadata__" in head):
        raise FileError(f"'{path}' contradicts itself: a tensor is named twice.")
    if sum(stop - start for start, stop in spans) != size - 8 - length:
        raise FileError(f"'{path}' contradicts itself: its tensors overlap, or leave gaps.")
    return head


_Offset = Annotated[int, msgspec.Meta(ge=0)]


class _Item(msgspec.Struct, frozen=True, gc=False):
    """What the head of a safetensors file says of a tensor, or, as ``__metadata__``, of itself."""

    dtype: str = ""
    shape: tuple[int, ...] = ()
    data_offsets: tuple[_Offset, _Offset] = (0, 0)
    sda: str | None = None
    """The record of a model, at `METADATA_KEY`."""


class _Kind(msgspec.Struct, frozen=True):
    """What a record says of itself before anything else in it is believed."""

    format: object = None
    version: object = None
    has_prior: object = None


_MAX_HEAD_BYTES = 16 << 20
"""A hundred times what a long training leaves there."""
_HEADS = msgspec.json.Decoder(dict[str, _Item])
_KINDS = msgspec.json.Decoder(_Kind)
