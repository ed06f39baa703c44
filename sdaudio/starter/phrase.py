"""A short loop made of pieces of the starter model's own sounds, to have something to play with.

It is put together from codes, so it needs neither audio nor a network.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.modelfile import read_header, read_training_codes

STEP_COLUMNS = 8
"""Columns of one step, 171 ms at 48 kHz: sixteenth notes at 88 beats per minute."""
PHRASE = (
    ("kick", 1), ("pluck_a3", 2), ("hat_closed", 1), ("snare", 1), ("pluck_e4", 2), ("wood_a3", 1),
    ("kick", 1), ("pluck_c4", 1), ("bell_a4", 4), ("tom_low", 2),
    ("kick", 1), ("pluck_a2", 2), ("hat_open", 1), ("clap", 1), ("pluck_e4", 1), ("wood_d4", 1),
    ("wood_e4", 1), ("bell_e5", 4), ("shaker", 1), ("bass_a1", 3),
)  # fmt: skip
"""Sounds by name, and for how many steps each is heard."""


def starter_phrase(path: Path) -> NDArray[np.uint16]:
    """Return the codes (level, column) of the phrase from the starter model's training codes.

    Raises:
        FileError: the model cannot be read or does not carry its training codes.
    """
    names = [Path(file.name).stem for file in read_header(path).dataset.files]
    by_name = dict(zip(names, read_training_codes(path), strict=True))
    pieces = [by_name[name][:, : steps * STEP_COLUMNS] for name, steps in PHRASE if name in by_name]
    return np.concatenate(pieces or list(by_name.values()), axis=1)
