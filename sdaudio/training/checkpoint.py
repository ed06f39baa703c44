"""Everything a training needs to go on as if it had never stopped, in one file beside the model.

A safetensors file like the model (no pickle), with weights, moments of the optimiser, moving
averages of the codebooks, settled codes, sources of chance, and where in the schedule the training
is. It is several times the size of the model, so it stays only until the training is complete.

Every object with state hands it out by ``state()`` and takes it back by ``restore()``.
"""

import dataclasses
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from sdaudio.errors import FileError, UsageError
from sdaudio.header import ModelHeader
from sdaudio.modelfile import read_tensors, write_tensors
from sdaudio.training.events import TrainingOptions

_LOGGER = logging.getLogger(__name__)

_KEY = "sda-training"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class State:
    """The state of an object: what JSON can hold, and tensors."""

    values: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def put(self, name: str, part: "State") -> None:
        """Take in the state of a part under its name."""
        self.values[name] = part.values
        self.tensors.update({f"{name}/{key}": tensor for key, tensor in part.tensors.items()})

    def part(self, name: str) -> "State":
        """Return the state of a part.

        Raises:
            KeyError: there is no such part.
        """
        start = f"{name}/"
        tensors = {
            key.removeprefix(start): tensor
            for key, tensor in self.tensors.items()
            if key.startswith(start)
        }
        return State(self.values[name], tensors)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An unfinished training: what was asked for, on which sounds, and its state."""

    header: ModelHeader
    options: TrainingOptions
    state: State


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint so that the path holds either the old one or the whole new one.

    Raises:
        FileError: the folder cannot be written.
    """
    record = {
        "version": _VERSION,
        "header": dataclasses.asdict(checkpoint.header),
        "options": dataclasses.asdict(checkpoint.options),
        "values": checkpoint.state.values,
    }
    tensors = {name: tensor.numpy() for name, tensor in checkpoint.state.tensors.items()}
    write_tensors(path, tensors, key=_KEY, record=record)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        FileError: it is missing, damaged, or of another version.
    """
    record, arrays = read_tensors(path, key=_KEY)
    if record.get("version") != _VERSION:
        raise FileError(
            f"'{path}' is from another version of sdaudio; it cannot go on. Delete it, and "
            "training goes on from the model itself."
        )
    try:
        header = msgspec.convert(record["header"], ModelHeader)
        options = msgspec.convert(record["options"], TrainingOptions)
        values = dict(record["values"])
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise FileError(f"'{path}' is damaged: {error}. Delete it.") from error
    # Memory of torch's own is aligned the same in every run; products depend on that.
    tensors = {name: torch.from_numpy(array).clone() for name, array in arrays.items()}
    return Checkpoint(header, options, State(values, tensors))


class CheckpointWriter:
    """Writes checkpoints in a thread of its own, so that a slow disk does not hold up training.

    Args:
        path: where to, or None to write nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._thread: threading.Thread | None = None
        self._warned = False

    @property
    def is_wanted(self) -> bool:
        """Whether a checkpoint would be written now."""
        return self._path is not None and not (self._thread and self._thread.is_alive())

    def write(self, checkpoint: Checkpoint) -> None:
        """Begin to write; the checkpoint must not share memory with the training."""
        if self.is_wanted:
            self._thread = threading.Thread(target=self._write, args=(checkpoint,))
            self._thread.start()

    def close(self) -> None:
        """Wait until what was begun is on the disk."""
        if self._thread:
            self._thread.join()

    def _write(self, checkpoint: Checkpoint) -> None:
        assert self._path is not None
        try:
            write_checkpoint(self._path, checkpoint)
        except FileError as error:
            # The training itself is well; only its insurance is missing.
            if not self._warned:
                _LOGGER.warning("training goes on without a checkpoint: %s", error)
            self._warned = True


def module_state(module: nn.Module) -> State:
    """Copy all parameters and buffers of a module, also those that the model file leaves out."""
    tensors = {name: copied(tensor) for name, tensor in _tensors_of(module).items()}
    return State(tensors=tensors)


@torch.no_grad()
def restore_module(module: nn.Module, state: State) -> None:
    """Take back what `module_state` gave.

    Raises:
        KeyError: a tensor is missing.
        RuntimeError: a tensor has another shape.
    """
    for name, tensor in _tensors_of(module).items():
        tensor.copy_(state.tensors[name])


def copied(tensor: Tensor) -> Tensor:
    """Copy a tensor into the CPU's memory."""
    return tensor.detach().to("cpu", copy=True).contiguous()


def _tensors_of(module: nn.Module) -> Mapping[str, Tensor]:
    return dict(module.named_parameters()) | dict(module.named_buffers())
