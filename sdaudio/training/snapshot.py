"""A model from the present state of training: weights, codes of the sounds, health, history."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sdaudio import health
from sdaudio.codec.columns import ColumnBank
from sdaudio.codec.network import Codec
from sdaudio.codec.weights import to_tensors
from sdaudio.dataset import Dataset
from sdaudio.header import LEVEL_NAMES, DatasetSummary, ModelHeader, TrainingSummary
from sdaudio.modelfile import Model
from sdaudio.training.events import TrainingOptions

# Longer sounds are encoded in stretches, so that memory stays bounded; the context on both sides
# is more than the encoder sees.
_STRETCH_COLUMNS = 1024
_CONTEXT_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class SoundCodes:
    """The codes of all sounds, one after the other.

    ``codes`` is (level, column) uint16, ``lengths`` (sound,) the columns of each sound.
    """

    codes: NDArray[np.uint16]
    lengths: NDArray[np.int64]


def start_header(codec: Codec, dataset: Dataset, options: TrainingOptions) -> ModelHeader:
    """Return the header of a model that is about to be trained."""
    return ModelHeader(
        name=options.name,
        author=options.author,
        licence=options.licence,
        codec=codec.config,
        level_names=LEVEL_NAMES[codec.config.n_levels],
        dataset=DatasetSummary(tuple(dataset.files), dataset.fingerprint, dataset.folders),
        identity=uuid4().hex,
    )


def take_snapshot(
    codec: Codec, codes: SoundCodes, header: ModelHeader, training: TrainingSummary
) -> Model:
    """Copy the state of training into a model.

    Args:
        codec: as it is now; not changed.
        codes: of the training sounds, by this codec.
        header: as `start_header` made it.
        training: how far training is.
    """
    size = codec.config.codebook_size
    counts = [np.bincount(level, minlength=size) for level in codes.codes]
    usage = np.stack(counts).astype(np.int64)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return Model(
        replace(header, training=training, health=health.measure(usage), created=created),
        {
            **to_tensors(codec),
            "usage.counts": usage,
            "dataset.codes": codes.codes,
            "dataset.lengths": codes.lengths,
        },
    )


def encode_sounds(codec: Codec, bank: ColumnBank, *, first: int = 0) -> SoundCodes:
    """Encode every sound of a bank, from the sound ``first`` on."""
    sounds = range(first, bank.n_sounds)
    codes = [encode_sound(codec, bank.read_sound(sound)) for sound in sounds]
    # Rows in one piece, as files hold them: how codes lie in memory decides how products round.
    whole = np.ascontiguousarray(np.concatenate(codes, axis=1))
    return SoundCodes(whole, bank.lengths[first:].astype(np.int64))


@torch.inference_mode()
def encode_sound(codec: Codec, sound: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Encode one sound of any length to codes (level, column)."""
    pieces = [codec.quantizer.encode(latents).cpu() for latents in _stretches(codec, sound)]
    return torch.cat(pieces).T.numpy().astype(np.uint16)


@torch.no_grad()
def sound_latents(codec: Codec, sound: NDArray[np.float32]) -> Tensor:
    """Encode one sound of any length to latents (column, latent_dim) before quantisation."""
    return torch.cat(list(_stretches(codec, sound)))


def _stretches(codec: Codec, sound: NDArray[np.float32]) -> Iterator[Tensor]:
    column_length = codec.config.column_length
    n_columns = -(-sound.size // column_length)
    for start in range(0, n_columns, _STRETCH_COLUMNS):
        stop = min(n_columns, start + _STRETCH_COLUMNS)
        first, last = max(0, start - _CONTEXT_COLUMNS), stop + _CONTEXT_COLUMNS
        piece = sound[first * column_length : last * column_length]
        latents = codec.encode(torch.tensor(piece, device=codec.device).unsqueeze(0))[0]
        yield latents[start - first : stop - first]
