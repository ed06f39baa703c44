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

FILES = {
    "javascript/sdaudio_colours.js": colours,
    "patchers/sda.client.maxpat": lambda: client().text(),
    "patchers/sda.generate.maxpat": lambda: generate().text(),
    "patchers/sda.grid.maxpat": lambda: grid().text(),
    "patchers/sda.library.maxpat": lambda: library().text(),
    "patchers/sda.train.maxpat": lambda: train().text(),
    "patchers/sdaudio.maxpat": lambda: main().text(),
}


def write() -> int:
    """Write or check every file; return the exit status."""
    folder = Path(__file__).resolve().parents[1]
    stale = []
    for name, build in FILES.items():
        path, text = folder / name, build()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stdout.write(f"{'differ' if '--check' in sys.argv else 'written'}: {stale}\n")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(write())
