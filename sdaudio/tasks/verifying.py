"""Whether a model file is sound, to the last weight."""

import hashlib
from pathlib import Path

import numpy as np

from sdaudio.errors import FileError
from sdaudio.modelfile import read_model
from sdaudio.render import Renderer
from sdaudio.tasks.requests import Verified


def verify(path: Path) -> Verified:
    """Read a model whole, check it, and decode a column of every code with it.

    Raises:
        FileError: it is damaged, contradicts itself, or what it decodes is no sound.
    """
    model = read_model(path)
    renderer = Renderer(model)
    codec = model.header.codec
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
