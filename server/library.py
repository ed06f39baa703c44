"""The model library: which model files there are, and which are loaded.

Only headers and codebooks are read here; networks live in the workers. A damaged or foreign file
is listed with the reason and never breaks the list.
"""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import FileError, SdaudioError, StateError, UsageError, nearest_hint
from sdaudio.header import ModelFacts, ModelHeader
from sdaudio.modelfile import (
    SUFFIX,
    read_codebooks,
    read_facts,
    read_header,
    read_usage,
    write_header,
)
from sdaudio.resources import starter_model
from sdaudio.settings import FolderSettings

from .trash import Trash

if TYPE_CHECKING:
    from sdaudio.rests import Rests

STARTER = "starter"
"""The name of the model that comes with sdaudio."""

_MAX_TAGS = 32
_MAX_TAG = 64
_MAX_NOTES = 4000
_NAME = re.compile(r"[\w][\w .+-]{0,63}", re.UNICODE)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that grids can be made of. ``codebooks`` are (level, code, latent_dim)."""

    name: str
    path: Path
    header: ModelHeader
    codebooks: NDArray[np.float32]

    @property
    def n_levels(self) -> int:
        """Quantizer levels."""
        return self.header.codec.n_levels

    @property
    def codebook_size(self) -> int:
        """Codes per level."""
        return self.header.codec.codebook_size

    @property
    def column_length(self) -> int:
        """Samples in one column."""
        return self.header.codec.column_length

    @property
    def sample_rate(self) -> int:
        """Rate in Hz of what it renders."""
        return self.header.codec.sample_rate

    def check_level(self, level: int) -> None:
        """Check that the model has a level.

        Raises:
            UsageError: it has not.
        """
        if not 0 <= level < self.n_levels:
            raise UsageError(f"level is {level}; allowed are 0 to {self.n_levels - 1}.")

    def check_code(self, code: int) -> None:
        """Check that the model has a code.

        Raises:
            UsageError: it has not.
        """
        if not 0 <= code < self.codebook_size:
            raise UsageError(f"code is {code}; allowed are 0 to {self.codebook_size - 1}.")

    def columns_in(self, seconds: float) -> int:
        """The number of columns that hold some seconds, at least one."""
        return max(1, round(seconds * self.header.codec.columns_per_second))


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the library: a header, or the reason why there is none."""

    name: str
    path: Path
    header: ModelFacts | None
    problem: str

    @property
    def light(self) -> str:
        """The worst of its levels' lights; nothing when they are not known."""
        lights = {level.light for level in self.header.health} if self.header else set()
        return next((light for light in ("red", "yellow", "green") if light in lights), "")

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each word is part of something that it says about itself.

        That is its name, tags, notes, author, licence, day, files, levels and codes as ``3x128``,
        the names of levels, its light, and ``prior``.
        """
        known = [self.name, self.light, *(("prior",) if self._has_prior else ())]
        if self.header:
            codec, facts = self.header.codec, self.header
            known += [f"{codec.n_levels}x{codec.codebook_size}", *facts.level_names]
            known += [*facts.tags, facts.notes, facts.author, facts.licence, facts.created]
            known += [file.name for file in facts.dataset.files]
        text = "\n".join(known).casefold()
        return all(word.casefold() in text for word in words)

    @property
    def _has_prior(self) -> bool:
        return bool(self.header and self.header.has_prior)


def check_name(kind: str, name: str) -> str:
    """Return a name that a client chose for a model or a grid.

    Raises:
        UsageError: it is empty, too long, or holds signs that a file name or a pattern gives
            another meaning.
    """
    if not _NAME.fullmatch(name) or name != name.strip():
        raise UsageError(
            f"'{name[:80]}' cannot name a {kind}; allowed are 1 to 64 letters, digits, spaces and "
            "the signs . _ + -, beginning with a letter or digit."
        )
    return name


class Library:
    """Model files by name.

    Args:
        folder: where the user's models live; it need not exist yet.
        bundled: models that come with sdaudio; a user's own of the same name hides them.
    """

    def __init__(self, folder: Path, bundled: Mapping[str, Path]) -> None:
        self.folder = folder
        self._bundled = bundled
        self._loaded: dict[str, LoadedModel] = {}
        self._rests: dict[Path, Rests] = {}
        self.trash = Trash(folder)
        """Where deleted models wait to be restored."""
        self.on_load: Callable[[LoadedModel], None] = lambda _model: None
        """Called with every model that was read."""

    @property
    def loaded(self) -> list[LoadedModel]:
        """The loaded models."""
        return list(self._loaded.values())

    def entries(self) -> list[Entry]:
        """Every model file, readable or not, by name."""
        paths = self._paths()
        return [_entry(name, paths[name]) for name in sorted(paths)]

    def names(self) -> list[str]:
        """The names of all model files, sorted; nothing of them is read."""
        return sorted(self._paths())

    def _paths(self) -> dict[str, Path]:
        paths = dict(self._bundled)
        if self.folder.is_dir():
            paths |= {path.stem: path for path in self.folder.glob(f"*{SUFFIX}")}
        return paths

    def target(self, name: str) -> Path:
        """Where a model of this name is written.

        Raises:
            UsageError: the name is not allowed.
        """
        return self.folder / f"{check_name('model', name)}{SUFFIX}"

    def new_target(self, name: str, *, replace: bool) -> Path:
        """Where a new model of this name is written, with care for one that is there.

        Raises:
            UsageError: the name is not allowed.
            StateError: there is a model of this name and it is not to be replaced.
        """
        target = self.target(name)
        if target.exists() and not replace:
            raise StateError(
                f"There is a model '{name}' already ({target}). Take another name, or say that "
                "it may be replaced (replace 1, on the command line --replace)."
            )
        return target

    def path(self, name: str) -> Path:
        """Where the model of this name is.

        Raises:
            FileError: there is none; the text names the nearest one.
            UsageError: the name is not allowed.
        """
        own = self.target(name)
        if own.is_file():
            return own
        if name in self._bundled:
            return self._bundled[name]
        names = self.names()
        raise FileError(
            f"There is no model '{name}'.{nearest_hint(name, names)} "
            f"Models are looked for in {self.folder}."
        )

    def find(self, model: str) -> Path:
        """Where a model is that is told by its name here, or by the path of its file.

        Raises:
            FileError: there is none of this name.
            UsageError: the name is not allowed.
        """
        path = Path(model).expanduser()
        return path if path.suffix == SUFFIX else self.path(model)

    def name_of(self, identity: str, name: str) -> str:
        """The name here of a model that is called something elsewhere.

        Args:
            identity: as its header says, or nothing.
            name: what it is called elsewhere; taken when no model here is the one.
        """
        if identity and self._identity_of(name) != identity:
            for entry in self.entries():
                if entry.header and entry.header.identity == identity:
                    return entry.name
        return name

    def _identity_of(self, name: str) -> str:
        try:
            return read_header(self.path(name)).identity
        except SdaudioError:
            return ""

    def own_path(self, name: str) -> Path:
        """Where the model of this name is, to be changed.

        Raises:
            FileError: there is none.
            StateError: it comes with sdaudio.
        """
        path = self.path(name)
        if path != self.target(name):
            raise StateError(f"Model '{name}' comes with sdaudio; it is not changed.")
        return path

    def model(self, name: str) -> LoadedModel:
        """Return a loaded model; load it when it is not.

        Raises:
            FileError: there is none, or its file is damaged.
        """
        return self._loaded.get(name) or self.load(name)

    def load(self, name: str) -> LoadedModel:
        """Read a model's header and codebooks, again when it was loaded before.

        Raises:
            FileError: there is none, or its file is damaged.
        """
        path = self.path(name)
        loaded = LoadedModel(name, path, read_header(path), read_codebooks(path))
        self._loaded[name] = loaded
        self._rests.pop(path, None)
        self.on_load(loaded)
        return loaded

    def unload(self, name: str) -> None:
        """Forget a loaded model.

        Raises:
            UsageError: it is not loaded.
        """
        if name not in self._loaded:
            loaded = ", ".join(self._loaded) or "none"
            raise UsageError(f"Model '{name}' is not loaded; loaded now: {loaded}.")
        del self._loaded[name]

    def delete(self, name: str) -> None:
        """Move a model to the trash, and forget it.

        Raises:
            FileError: there is none, or it cannot be moved.
            StateError: it comes with sdaudio.
        """
        self.trash.put(name, self.own_path(name))
        self._loaded.pop(name, None)

    def restore(self, name: str, to: str) -> None:
        """Take the latest deleted model of a name out of the trash.

        Raises:
            FileError: there is none, or there is a model of the new name.
            UsageError: the new name is not allowed.
        """
        self.trash.take(name, self.target(to))

    def rename(self, name: str, to: str) -> None:
        """Give a model another name. It is loaded again under that when it was before.

        Raises:
            FileError: there is none, or it cannot be moved.
            StateError: it comes with sdaudio, or there is a model of the new name.
            UsageError: the new name is not allowed.
        """
        path, target = self.own_path(name), self.new_target(to, replace=False)
        try:
            path.replace(target)
        except OSError as error:
            raise FileError(f"'{name}' cannot be renamed to {target}: {error}.") from error
        if self._loaded.pop(name, None):
            self.load(to)

    def copy(self, name: str, to: str) -> None:
        """Copy a model's file under another name.

        Raises:
            FileError: there is none, or it cannot be written.
            StateError: there is a model of the new name.
            UsageError: the new name is not allowed.
        """
        _copy(name, self.path(name), self.new_target(to, replace=False))

    def describe(
        self,
        name: str,
        *,
        tags: Sequence[str] | None = None,
        notes: str | None = None,
        author: str | None = None,
        licence: str | None = None,
    ) -> ModelHeader:
        """Let a model say something else about itself; what is None stays.

        Returns:
            The header as it is then.

        Raises:
            FileError: there is none, or it cannot be written.
            StateError: it comes with sdaudio.
            UsageError: a text is too long, or a tag has a comma.
        """
        path = self.own_path(name)
        before = read_header(path)
        header = replace(
            before,
            tags=before.tags if tags is None else _checked_tags(tags),
            notes=before.notes if notes is None else _checked_text("notes", notes),
            author=before.author if author is None else _checked_text("author", author),
            licence=before.licence if licence is None else _checked_text("licence", licence),
        )
        write_header(path, header)
        if name in self._loaded:
            self._loaded[name] = replace(self._loaded[name], header=header)
        return header

    def take_in(self, source: Path, name: str) -> str:
        """Copy a model file from elsewhere into the library.

        Args:
            source: the file.
            name: what to call it; empty takes the name of the file.

        Returns:
            Its name.

        Raises:
            FileError: it is none of a model, or cannot be copied.
            StateError: there is a model of this name.
            UsageError: the name is not allowed.
        """
        read_header(source)
        chosen = name or source.stem
        _copy(chosen, source, self.new_target(chosen, replace=False))
        return chosen

    def give_out(self, name: str, to: Path) -> Path:
        """Copy a model's file to somewhere else.

        Args:
            name: of the model.
            to: a folder, or the path of a new file.

        Returns:
            The path of the copy.

        Raises:
            FileError: there is no such model, or it cannot be copied.
            StateError: there is such a file already.
        """
        path = self.path(name)
        target = to / f"{name}{SUFFIX}" if to.is_dir() else to.with_suffix(SUFFIX)
        if target.exists():
            raise StateError(f"There is a file '{target}' already; take another name.")
        _copy(name, path, target)
        return target

    def is_loaded(self, name: str) -> bool:
        """Whether a model is loaded."""
        return name in self._loaded

    def rests(self, model: LoadedModel) -> "Rests":
        """The codes of a model that stand for silence; read once, and again after `load`.

        Raises:
            FileError: the model's file is gone or damaged.
        """
        from sdaudio.rests import read_rests

        if model.path not in self._rests:
            self._rests[model.path] = read_rests(model.path)
        return self._rests[model.path]

    def usage(self, name: str) -> NDArray[np.int64]:
        """How often the training sounds use each code, (level, code).

        Raises:
            FileError: there is no such model, or it carries no counts.
        """
        return read_usage(self.path(name))


def open_library(folders: FolderSettings) -> Library:
    """The user's library, with the starter model that comes with sdaudio in it."""
    return Library(folders.models_path(), {STARTER: starter_model()})


def _copy(name: str, path: Path, target: Path) -> None:
    """Copy a file so that it is there whole or not at all."""
    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, part)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileError(f"'{name}' cannot be copied to {target}: {error}.") from error


def _checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    for tag in cleaned:
        if len(tag) > _MAX_TAG or not tag.isprintable():
            raise UsageError(f"'{tag[:80]}' is no tag; allowed are 1 to {_MAX_TAG} signs.")
    if len(cleaned) > _MAX_TAGS:
        raise UsageError(f"{len(cleaned)} tags are too many; allowed are {_MAX_TAGS}.")
    return cleaned


def _checked_text(field: str, text: str) -> str:
    if len(text) > _MAX_NOTES:
        raise UsageError(f"{field} has {len(text)} signs; allowed are {_MAX_NOTES}.")
    return text


def _entry(name: str, path: Path) -> Entry:
    try:
        return Entry(name, path, read_facts(path), "")
    except FileError as error:
        return Entry(name, path, None, str(error))
