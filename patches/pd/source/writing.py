"""Writes the files of a folder of patches, or says which differ."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def write(folder: Path, files: Mapping[str, Callable[[], str | bytes]]) -> int:
    """Write every file, or with ``--check`` none; return the exit status.

    Args:
        folder: that they lie in.
        files: what builds the content of each, by its path within the folder.
    """
    stale = []
    for name, build in files.items():
        path, made = folder / name, build()
        content = made.encode() if isinstance(made, str) else made
        if path.exists() and path.read_bytes() == content:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    if stale:
        sys.stdout.write(f"{'differ' if '--check' in sys.argv else 'written'}: {stale}\n")
    return int(bool(stale) and "--check" in sys.argv)
