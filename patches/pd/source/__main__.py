"""Write the Pure Data patches of this folder's parent: ``python patches/pd/source``.

With ``--check`` nothing is written; the exit status is 1 when a file differs. Edit the Python
here rather than the .pd files, which the next run overwrites.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from client import client
from codes import code, code_voice
from document import Patch
from entry import entry
from examples import EXAMPLES
from face import face
from generate import generate
from grid import grid
from help import PARTS, help_patch
from library import library
from news import news
from output import output
from pair import pair
from parts import count, if_mine, label, latest, lines, number, to_grid, words
from play import play
from train import train
from writing import write

FILES = {
    "sdaudio.pd": face,
    "sda.client.pd": client,
    "sda.code~.pd": code,
    "sda.code-voice~.pd": code_voice,
    "sda.count.pd": count,
    "sda.entry.pd": entry,
    "sda.generate.pd": generate,
    "sda.grid.pd": grid,
    "sda.if-mine.pd": if_mine,
    "sda.label.pd": label,
    "sda.latest.pd": latest,
    "sda.library.pd": library,
    "sda.lines.pd": lines,
    "sda.news.pd": news,
    "sda.number.pd": number,
    "sda.output.pd": output,
    "sda.pair.pd": pair,
    "sda.play~.pd": play,
    "sda.to-grid.pd": to_grid,
    "sda.train.pd": train,
    "sda.words.pd": words,
    **{f"{part.name}-help.pd": partial(help_patch, part) for part in PARTS},
    **{f"examples/{name}": build for name, build in EXAMPLES.items()},
}


def main() -> int:
    """Write or check every patch; return the exit status."""
    texts = {name: partial(_text, build) for name, build in FILES.items()}
    return write(Path(__file__).resolve().parents[1], texts)


def _text(build: Callable[[], Patch]) -> str:
    return build().body()


if __name__ == "__main__":
    sys.exit(main())
