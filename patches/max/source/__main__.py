"""Write the Max patchers and colours of this package: ``python patches/max/source``.

With ``--check`` nothing is written; the exit status is 1 when a file differs. Edit the Python
here rather than the .maxpat files, which the next run overwrites.
"""

import sys
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "pd" / "source"))

from colours import colours
from help_patchers import PARTS, Help, help_patcher, overview
from panels import generate, library, main, train
from patchers import client, grid
from writing import write


def _help(shown: Help) -> str:
    return help_patcher(shown).text()


FILES = {
    "extras/sdaudio overview.maxpat": lambda: overview().text(),
    "javascript/sdaudio_colours.js": colours,
    "patchers/sda.client.maxpat": lambda: client().text(),
    "patchers/sda.generate.maxpat": lambda: generate().text(),
    "patchers/sda.grid.maxpat": lambda: grid().text(),
    "patchers/sda.library.maxpat": lambda: library().text(),
    "patchers/sda.train.maxpat": lambda: train().text(),
    "patchers/sdaudio.maxpat": lambda: main().text(),
    **{f"help/{each.name}.maxhelp": partial(_help, each) for each in PARTS},
}


if __name__ == "__main__":
    sys.exit(write(Path(__file__).resolve().parents[1], FILES))
