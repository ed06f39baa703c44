"""``sdaudio patches``: say where those of Pd and Max are, or copy them to where they are found."""

import os
import shutil
import sys
from pathlib import Path

import platformdirs

from sdaudio.errors import FileError, UsageError
from sdaudio.resources import bundled

HOSTS = {"pd": "Pd", "max": "Max"}
_FIRST = {"pd": "sdaudio.pd", "max": "sdaudio.maxpat"}
_HINTS = {
    "pd": " What each part does is in its help.",
    "max": " It is a package: Max finds its parts when it lies in Max's folder Packages.",
}
_VERSIONS = ("Max 9", "Max 8")


def show() -> int:
    """Print where the patches are; returns the exit status."""
    for host, name in HOSTS.items():
        sys.stdout.write(f"{name:4} {bundled(f'patches/{host}')}\n")
    return 0


def copy(to: str, *, replace: bool) -> int:
    """Copy patches and say what to do with them; returns the exit status.

    Args:
        to: ``pd`` or ``max`` for the folder where that looks, else a folder for both.
        replace: whether what is there is written over.

    Raises:
        UsageError: something is there already.
        FileError: they cannot be copied.
    """
    targets = {to: host_folder(to)} if to in HOSTS else {host: Path(to) / host for host in HOSTS}
    for target in targets.values():
        if target.is_dir() and any(target.iterdir()) and not replace:
            raise UsageError(
                f"'{target}' holds files already. Name a new folder, or write over them with "
                "--replace."
            )
    for host, target in targets.items():
        try:
            shutil.copytree(
                bundled(f"patches/{host}"), target, dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("*.py", "source", "__pycache__"),
            )  # fmt: skip
        except OSError as error:
            raise FileError(f"Cannot copy the patches to '{target}': {error}") from error
        sys.stdout.write(f"{HOSTS[host]:4} {target}: open {_FIRST[host]}.{_HINTS[host]}\n")
    return 0


def host_folder(host: str) -> Path:
    """Where Pd looks for what a person adds, or Max for packages.

    For Max it is the newest that has a folder in the documents, or else Max 8.
    """
    if host == "max":
        documents = platformdirs.user_documents_path()
        found = [version for version in _VERSIONS if (documents / version).is_dir()]
        return documents / (found or [_VERSIONS[-1]])[0] / "Packages" / "sdaudio"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Pd" / "sdaudio"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home()))) / "Pd" / "sdaudio"
    return Path.home() / ".local" / "lib" / "pd" / "extra" / "sdaudio"
