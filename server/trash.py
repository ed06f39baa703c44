"""Deleted models: kept in a folder beside the others until they are wanted again.

A file is moved, never copied, so deleting is instant and takes no room. Its new name ends with the
time of its deletion, so that several models of one name can be there.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sdaudio.errors import FileError, nearest_hint
from sdaudio.modelfile import SUFFIX

FOLDER = "trash"
_STAMP = "%Y-%m-%dT%H-%M-%S.%f"


@dataclass(frozen=True, slots=True)
class DeletedModel:
    """A model in the trash."""

    name: str
    path: Path
    deleted_at: datetime


class Trash:
    """The deleted models of a library.

    Args:
        folder: the library's; the trash is a folder in it, made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def models(self) -> list[DeletedModel]:
        """What is in the trash, the latest first; files of another kind are passed over."""
        if not self.folder.is_dir():
            return []
        found = [_deleted(path) for path in self.folder.glob(f"*{SUFFIX}")]
        return sorted(filter(None, found), key=lambda each: each.deleted_at, reverse=True)

    def put(self, name: str, path: Path) -> DeletedModel:
        """Move a model file here.

        Raises:
            FileError: it cannot be moved.
        """
        deleted_at = datetime.now().astimezone()
        target = self.folder / f"{name} {deleted_at.strftime(_STAMP)}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        except OSError as error:
            raise FileError(f"'{name}' cannot be moved to {self.folder}: {error}.") from error
        return DeletedModel(name, target, deleted_at)

    def take(self, name: str, target: Path) -> None:
        """Move the latest deleted model of a name to where it is wanted.

        Raises:
            FileError: there is none, something is there already, or it cannot be moved.
        """
        models = self.models()
        found = next((model for model in models if model.name == name), None)
        if found is None:
            names = sorted({model.name for model in models})
            raise FileError(
                f"There is no deleted model '{name}'.{nearest_hint(name, names)} In the trash: "
                f"{', '.join(names) or 'nothing'}."
            )
        if target.exists():
            raise FileError(
                f"There is a model '{target.stem}' already; restore it under another name."
            )
        try:
            found.path.replace(target)
        except OSError as error:
            raise FileError(f"'{name}' cannot be moved to {target}: {error}.") from error


def _deleted(path: Path) -> DeletedModel | None:
    name, _, stamp = path.stem.rpartition(" ")
    try:
        return DeletedModel(name, path, datetime.strptime(stamp, _STAMP).astimezone())
    except ValueError:
        return None
