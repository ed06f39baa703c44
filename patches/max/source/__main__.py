"""Write the Max patchers and colours of this package: ``python patches/max/source``.

With ``--check`` nothing is written; the exit status is 1 when a file differs. Edit the Python
here rather than the .maxpat files, which the next run overwrites.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "pd" / "source"))

from colours import colours
from panels import generate, library, main, train
from patchers import client, grid
from writing import write

FILES = {
    "javascript/sdaudio_colours.js": colours,
    "patchers/sda.client.maxpat": lambda: client().text(),
    "patchers/sda.generate.maxpat": lambda: generate().text(),
    "patchers/sda.grid.maxpat": lambda: grid().text(),
    "patchers/sda.library.maxpat": lambda: library().text(),
    "patchers/sda.train.maxpat": lambda: train().text(),
    "patchers/sdaudio.maxpat": lambda: main().text(),
}


if __name__ == "__main__":
    sys.exit(write(Path(__file__).resolve().parents[1], FILES))
