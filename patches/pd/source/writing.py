"""Writes the files of a folder of patches, or says which differ."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def write(folder: Path, files: Mapping[str, Callable[[], str]]) -> int:
    """Write every file, or with ``--check`` none; return the exit status.

    Args:
        folder: that they lie in.
        files: what builds the text of each, by its path within the folder.
    """
    stale = []
    for name, build in files.items():
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
