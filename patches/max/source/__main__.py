"""Write the Max patchers and colours of this package: ``python patches/max/source``.

With ``--check`` nothing is written; the exit status is 1 when a file differs. Edit the Python
here rather than the .maxpat files, which the next run overwrites.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "pd" / "source"))

from colours import colours
from help_patchers import help_patcher, overview
from panels import generate, library, news, output, pair, train
from parts import PARTS, Part
from patcher import Patcher
from patchers import SMALL_GRID_SIZE, client, grid
from py2max.m4l import ensure_amxd_project_block, pack_amxd
from reference_pages import reference_page
from sound import play
from whole import device, main
from writing import write

_WRITTEN = 0
"""The time in the file of the device, so that it is the same whenever it is written."""
_PATCHERS = {
    "extras/sdaudio overview": overview,
    "patchers/sda.client": client,
    "patchers/sda.generate": generate,
    "patchers/sda.grid": grid,
    "patchers/sda.grid-small": partial(grid, SMALL_GRID_SIZE),
    "patchers/sda.library": library,
    "patchers/sda.news": news,
    "patchers/sda.output": output,
    "patchers/sda.pair": pair,
    "patchers/sda.play~": play,
    "patchers/sda.train": train,
    "patchers/sdaudio": main,
}


def _device() -> bytes:
    whole = ensure_amxd_project_block(device().whole(), "instrument", _WRITTEN)
    return pack_amxd(
        json.dumps(whole, indent=1), device_type="instrument",
        patcher_filename="sdaudio for Live.amxd", mtime=_WRITTEN,
    )  # fmt: skip


def _text(build: Callable[[], Patcher]) -> str:
    return build().text()


def _help(shown: Part) -> str:
    return help_patcher(shown).text()


FILES: dict[str, Callable[[], str | bytes]] = {
    "examples/sdaudio for Live.amxd": _device,
    "javascript/sdaudio_colours.js": colours,
    **{f"{name}.maxpat": partial(_text, build) for name, build in _PATCHERS.items()},
    **{f"help/{each.name}.maxhelp": partial(_help, each) for each in PARTS},
    **{f"docs/{each.name}.maxref.xml": partial(reference_page, each) for each in PARTS},
}


if __name__ == "__main__":
    sys.exit(write(Path(__file__).resolve().parents[1], FILES))
