"""The codes that stand for nothing: what a grid holds where something was taken away.

They follow from the closed form of a model (its mean, its components and its codebooks) alone, so
no network is loaded.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sdaudio.codebooks import quantise
from sdaudio.grid import Codes, Region
from sdaudio.modelfile import read_skip
from sdaudio.render.spectral import MAGNITUDE_FLOOR


@dataclass(frozen=True, slots=True)
class Rests:
    """The codes of a model that say nothing, (level,) each.

    ``silent`` together are a column of silence. ``neutral`` are those that add least to what the
    other levels say, for gaps in which the first level, and with it the loudness, goes on.
    """

    silent: Codes
    neutral: Codes

    def fill(self, region: Region) -> Codes:
        """The codes of a gap at a region, (level, column)."""
        codes = self.silent if region.level == 0 else self.neutral
        return np.repeat(codes[region.level_slice, None], region.columns, axis=1)


def read_rests(path: Path) -> Rests:
    """Find the codes of silence in a model file.

    Silence is encoded without the network. From its second column on, a gap of such columns is 100
    dB below the sound around it on the starter model, 95 on one of tabla, and 48 on one of ambient
    sounds, none of which is ever silent.

    Raises:
        FileError: the file is missing or damaged.
    """
    skip = read_skip(path)
    quiet = np.full(skip.mean.shape, np.log(MAGNITUDE_FLOOR), np.float32)
    latent = (skip.components * skip.scale) @ (quiet - skip.mean)
    silent, _ = quantise(latent[None], skip.codebooks, structure_dims=skip.config.structure_dims)
    neutral = np.linalg.norm(skip.codebooks, axis=2).argmin(axis=1)
    return Rests(silent[:, 0], neutral.astype(np.uint16))
