"""Between a torch codec and the tensors of a model file."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sdaudio.codec.network import Codec
from sdaudio.errors import FileError
from sdaudio.modelfile import Model


def to_tensors(codec: Codec) -> dict[str, NDArray[np.float32]]:
    """Copy every weight of a codec into numpy arrays by name, as the model file holds them."""
    return {
        name: tensor.detach().cpu().to(torch.float32).numpy().copy()
        for name, tensor in codec.state_dict().items()
    }


def from_model(model: Model) -> Codec:
    """Build a codec with the weights of a model.

    Raises:
        FileError: a weight is missing or has the wrong shape.
    """
    codec = Codec(model.header.codec)
    codec.load_state_dict(_checked(codec, model.tensors))
    books = codec.quantizer.codebooks
    usage = model.tensors.get("usage.counts")
    counts = torch.ones(books.shape[:2]) if usage is None else torch.from_numpy(usage).float()
    shares = counts / counts.sum(-1, keepdim=True).clamp_min(1)
    codec.quantizer.start(books, shares * 100)
    return codec


def _checked(codec: Codec, tensors: Mapping[str, NDArray[Any]]) -> dict[str, torch.Tensor]:
    state = {}
    for name, expected in codec.state_dict().items():
        if name not in tensors:
            raise FileError(f"The model is damaged: weight '{name}' is missing.")
        found = tensors[name]
        if found.shape != tuple(expected.shape):
            raise FileError(
                f"The model contradicts itself: weight '{name}' is {found.shape}, "
                f"its header says {tuple(expected.shape)}."
            )
        state[name] = torch.from_numpy(np.asarray(found, np.float32))
    return state
