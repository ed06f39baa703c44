"""Finds the files that ship with sdaudio, in a checkout and in an installed wheel alike.

A bundled file is looked for beside the package (wheel) and one level up (checkout). This module
reads none of them.
"""

from pathlib import Path

from sdaudio.errors import FileError

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Return the path of a bundled file or folder such as ``config/default.yaml``.

    Raises:
        FileError: the installation is incomplete.
    """
    for folder in (_PACKAGE, _PACKAGE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileError(f"The bundled file '{name}' is missing; install sdaudio again.")


def starter_model() -> Path:
    """Return the path of the model that comes with sdaudio."""
    return bundled("starter/starter.sda")
