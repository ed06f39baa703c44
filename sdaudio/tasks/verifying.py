"""Whether a model file is sound, to the last weight."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import FileError
from sdaudio.modelfile import Model, read_model, split_training_codes
from sdaudio.prior import CountPrior
from sdaudio.render import Renderer
from sdaudio.tasks.requests import Verified


def verify(path: Path) -> Verified:
    """Read a model whole, check it, and decode a column of every code with it.

    Its prior, and the codes of the sounds that it was trained on, are read as well.

    Raises:
        FileError: it is damaged, contradicts itself, or what it decodes is no sound.
    """
    model = read_model(path)
    renderer = Renderer(model)
    codec = model.header.codec
    if any(int(each.max(initial=0)) >= codec.codebook_size for each in _training_codes(model)):
        raise FileError(f"'{path}' is damaged: codes of its sounds are out of range.")
    if model.header.has_prior:
        try:
            CountPrior.from_tensors(model.tensors, codec)
        except ValueError as error:
            raise FileError(f"The prior in '{path}' is damaged: {error}") from error
    codes = np.tile(np.arange(codec.codebook_size, dtype=np.uint16), (codec.n_levels, 1))
    audio = renderer.decode(codes)
    if not np.isfinite(audio).all():
        raise FileError(f"'{path}' is damaged: what it decodes is not finite.")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError as error:
        raise FileError(f"Cannot read '{path}': {error.strerror}.") from error
    return Verified(len(model.tensors), size, digest)


def _training_codes(model: Model) -> list[NDArray[np.uint16]]:
    """The codes of its sounds, one array for each; none in a model that does not carry them."""
    if "dataset.codes" not in model.tensors:
        return []
    return split_training_codes(model.tensors, model.header.name)
