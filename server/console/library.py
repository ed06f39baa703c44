"""``sdaudio models``: look through the library, change what its models say, move them about.

Headers alone are read, so that two thousand models are listed at once. This imports neither a codec
nor rich.
"""

import gc
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from sdaudio.settings import Settings

from ..library import Entry, Library, open_library

_WIDE = 100
"""From so many letters on, a line has room for tags and the day."""


def list_models(settings: Settings, words: Sequence[str], *, as_json: bool, width: int = 0) -> int:
    """Print a line for every model that fits all words; returns the exit code.

    Args:
        settings: where the library is.
        words: parts of names, tags, notes, files and so on; none fits all.
        as_json: print one JSON list.
        width: letters in a line; the terminal's without it.
    """
    # Thousands of headers are looked at again and again otherwise; the process ends soon.
    gc.disable()
    entries = [each for each in open_library(settings.folders).entries() if each.fits(words)]
    if as_json:
        print(json.dumps([as_record(entry) for entry in entries]))
        return 0
    width = width or shutil.get_terminal_size().columns
    longest = max((len(entry.name) for entry in entries), default=0)
    names = min(max(longest, 12), max(12, width // 3))
    for entry in entries:
        print(_line(entry, names, is_wide=width >= _WIDE))
    return 0


def show(settings: Settings, name: str, *, as_json: bool) -> int:
    """Print all that a model says about itself; returns the exit code.

    Raises:
        SdaudioError: there is no such model, or it is damaged.
    """
    library = open_library(settings.folders)
    entry = next((each for each in library.entries() if each.name == name), None)
    if entry is None or entry.header is None:
        # says which name is near, or what is wrong
        library.load(name)
        return 1
    record = as_record(entry)
    if as_json:
        print(json.dumps(record))
        return 0
    wide = max(len(key) for key in record)
    for key, value in record.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        print(f"{key.replace('_', ' '):{wide}}  {text or '-'}")
    return 0


def as_record(entry: Entry) -> dict[str, object]:
    """Return what a model says about itself as what JSON can hold."""
    record: dict[str, object] = {"name": entry.name, "path": str(entry.path)}
    if entry.header is None:
        return {**record, "problem": entry.problem}
    header = entry.header
    return {
        **record,
        "levels": header.codec.n_levels,
        "codebook_size": header.codec.codebook_size,
        "sample_rate": header.codec.sample_rate,
        "level_names": list(header.level_names),
        "seconds": round(header.dataset.duration_s, 1),
        "files": len(header.dataset.files),
        "has_prior": header.has_prior,
        "health": entry.light,
        "created": header.created,
        "author": header.author,
        "licence": header.licence,
        "tags": list(header.tags),
        "notes": header.notes,
        "identity": header.identity,
    }


def rename(library: Library, name: str, to: str) -> str:
    """Give a model another name."""
    library.rename(name, to)
    return f"'{name}' is called '{to}' now."


def copy(library: Library, name: str, to: str) -> str:
    """Copy a model under another name."""
    library.copy(name, to)
    return f"'{to}' is a copy of '{name}'."


def delete(library: Library, *names: str) -> str:
    """Move models to the trash."""
    for name in names:
        library.delete(name)
    return f"In the trash: {', '.join(names)}. sdaudio models restore NAME brings one back."


def restore(library: Library, name: str, to: str = "") -> str:
    """Bring a deleted model back."""
    library.restore(name, to or name)
    return f"'{to or name}' is back."


def trash(library: Library) -> str:
    """Tell which models are in the trash."""
    models = library.trash.models()
    lines = [
        f"{each.name}  deleted {each.deleted_at.isoformat(sep=' ', timespec='seconds')}"
        for each in models
    ]
    return "\n".join(lines) or "The trash is empty."


def tag(library: Library, name: str, *tags: str) -> str:
    """Give a model tags in place of those that it has."""
    header = library.describe(name, tags=tags)
    return f"'{name}' is tagged: {', '.join(header.tags) or 'nothing'}."


def note(library: Library, name: str, notes: str = "") -> str:
    """Write notes into a model."""
    header = library.describe(name, notes=notes)
    return f"'{name}': {header.notes or 'no notes'}"


def credit(library: Library, name: str, author: str = "", licence: str = "") -> str:
    """Say who made a model, and under which licence it is."""
    header = library.describe(name, author=author, licence=licence)
    return f"'{name}' is by {header.author or 'nobody'}, licence {header.licence or 'none'}."


def take_in(library: Library, path: str, name: str = "") -> str:
    """Copy a model file from elsewhere into the library."""
    chosen = library.take_in(Path(path).expanduser(), name)
    return f"'{chosen}' is in the library."


def give_out(library: Library, name: str, path: str) -> str:
    """Copy a model's file to somewhere else."""
    return f"Written: {library.give_out(name, Path(path).expanduser())}"


def verify(library: Library, *names: str) -> str:
    """Read models whole, check every part and decode with them; all without a name."""
    from sdaudio.tasks.verifying import verify as verify_file

    lines = []
    for name in names or library.names():
        found = verify_file(library.path(name))
        lines.append(f"{name}: sound, {found.size} bytes, sha256 {found.digest}")
    return "\n".join(lines)


def _line(entry: Entry, names: int, *, is_wide: bool) -> str:
    name = entry.name if len(entry.name) <= names else f"{entry.name[: names - 1]}…"
    if entry.header is None:
        return f"{name:{names}} cannot be read: {entry.problem}"
    codec, dataset = entry.header.codec, entry.header.dataset
    prior = "prior" if entry.header.has_prior else "no prior"
    line = (
        f"{name:{names}} {codec.n_levels} x {codec.codebook_size} codes, "
        f"{len(dataset.files)} files, {dataset.duration_s:.0f} s, {prior}"
    )
    if is_wide:
        more = (
            entry.light,
            entry.header.created[:10],
            " ".join(f"#{t}" for t in entry.header.tags),
        )
        line += "".join(f", {text}" for text in more if text)
    return line
