"""A grid as a document: a JSON file with its codes, labels, history and whose codes they are.

It moves a grid between machines, and any language can read it. ``codes`` has a row for each level;
``undo`` and ``redo`` are lists of steps, each a list of changes, in the order in which they were
done. Files come from strangers: a document is checked as a whole, its history by going through it,
before anything is made of it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import FileError, SdaudioError
from sdaudio.grid import Change, Codes, Grid
from sdaudio.modelfile import write_atomically

FORMAT = "sda-grid"
VERSION = 1
SUFFIX = ".json"
MAX_BYTES = 256 << 20

_Step = Sequence[Change]


@dataclass(frozen=True, slots=True)
class CodesOf:
    """Whose codes a document holds: enough to find the model, and to refuse another one."""

    name: str
    identity: str
    n_levels: int
    codebook_size: int


@dataclass(frozen=True, slots=True)
class GridDocument:
    """What a document says. ``codes`` is (level, column); steps are in the order of time."""

    name: str
    model: CodesOf
    codes: Codes
    labels: tuple[str, ...]
    muted: tuple[int, ...] = ()
    soloed: tuple[int, ...] = ()
    sound: str = ""
    undo: tuple[_Step, ...] = ()
    redo: tuple[_Step, ...] = ()


def write_document(path: Path, document: GridDocument) -> None:
    """Write a document; the file is complete or not there.

    Raises:
        FileError: it cannot be written.
    """
    write_atomically(path, document_text(document).encode())


def document_text(document: GridDocument) -> str:
    """Return what stands in the file of a document."""
    model = document.model
    parts: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "name": document.name,
        "model": {
            "name": model.name,
            "identity": model.identity,
            "levels": model.n_levels,
            "codebook_size": model.codebook_size,
        },
        "labels": document.labels,
        "muted": document.muted,
        "soloed": document.soloed,
        "sound": document.sound,
    }
    # a row of codes or a step in a line of its own, so that two documents can be compared
    lines = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in parts.items()]
    rows: dict[str, Iterable[object]] = {
        "codes": document.codes.tolist(),
        "undo": ([_record(change) for change in step] for step in document.undo),
        "redo": ([_record(change) for change in step] for step in document.redo),
    }
    for key, values in rows.items():
        listed = ",\n".join(json.dumps(value, separators=(",", ":")) for value in values)
        lines.append(f'"{key}": [\n{listed}\n]')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_document(path: Path) -> GridDocument:
    """Read and check a document.

    Raises:
        FileError: it is missing, too large, no document, of another version, or contradicts
            itself; the text says where.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileError(f"'{path}' has {size >> 20} MB; a document has {MAX_BYTES >> 20}.")
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"Cannot read '{path}': {error.strerror}.") from error
    return parse_document(content, str(path))


def parse_document(content: str | bytes, path: str) -> GridDocument:
    """Check what stands in the file of a document; ``path`` names it in errors.

    Raises:
        FileError: as `read_document`.
    """
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileError(f"'{path}' is no document of a grid: {error}.") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise FileError(f"'{path}' is no document of a grid; its format is not '{FORMAT}'.")
    if record.get("version") != VERSION:
        raise FileError(
            f"'{path}' has version {record.get('version')!r} of the format; this sdaudio reads "
            f"version {VERSION}."
        )
    try:
        document = _document(record)
        _check_history(document)
    except (SdaudioError, ValueError, TypeError, KeyError, OverflowError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else error
        raise FileError(f"'{path}' contradicts itself or is damaged: {what}") from error
    return document


def _document(record: dict[str, Any]) -> GridDocument:
    model = record["model"]
    codes_of = CodesOf(
        name=_text(model["name"], "model.name"),
        identity=_text(model["identity"], "model.identity"),
        n_levels=_whole(model["levels"], "model.levels"),
        codebook_size=_whole(model["codebook_size"], "model.codebook_size"),
    )
    codes = _codes(record["codes"], codes_of.codebook_size, "codes")
    labels = tuple(_text(label, "labels") for label in _list(record["labels"], "labels"))
    if codes.shape[0] != codes_of.n_levels or len(labels) != codes_of.n_levels:
        raise ValueError(
            f"the model has {codes_of.n_levels} levels, codes {codes.shape[0]}, labels "
            f"{len(labels)}."
        )
    if codes.shape[1] == 0:
        raise ValueError("there is no column.")
    return GridDocument(
        name=_text(record["name"], "name"),
        model=codes_of,
        codes=codes,
        labels=labels,
        muted=_levels(record, "muted", codes_of.n_levels),
        soloed=_levels(record, "soloed", codes_of.n_levels),
        sound=_text(record.get("sound", ""), "sound"),
        undo=_steps(record, "undo", codes_of.codebook_size),
        redo=_steps(record, "redo", codes_of.codebook_size),
    )


def _check_history(document: GridDocument) -> None:
    """Undo and redo everything; what a step says stood there must stand there."""
    ways: tuple[Iterable[Change], ...] = (
        (change.inverted() for step in reversed(document.undo) for change in reversed(step)),
        (change for step in document.redo for change in step),
    )
    for changes in ways:
        grid = Grid(document.codes, document.model.codebook_size)
        for change in changes:
            if change.resizes:
                wanted = grid.replacement(change.column, change.before.shape[1], change.after)
            else:
                wanted = grid.change_to(change.level, change.column, change.after)
            if not np.array_equal(wanted.before, change.before):
                raise ValueError("a step of its history does not fit what stands there.")
            grid.apply(wanted)
            if not grid.n_columns:
                raise ValueError("a step of its history leaves no column.")


def _levels(record: dict[str, Any], key: str, n_levels: int) -> tuple[int, ...]:
    levels = tuple(_whole(level, key) for level in _list(record.get(key, []), key))
    if any(level >= n_levels for level in levels):
        raise ValueError(f"{key} names a level that is not there.")
    return levels


def _steps(record: dict[str, Any], key: str, codebook_size: int) -> tuple[_Step, ...]:
    return tuple(
        [_change(change, codebook_size, key) for change in _list(step, key)]
        for step in _list(record.get(key, []), key)
    )


def _record(change: Change) -> dict[str, object]:
    return {
        "level": change.level,
        "column": change.column,
        "before": change.before.tolist(),
        "after": change.after.tolist(),
    }


def _change(record: dict[str, Any], codebook_size: int, where: str) -> Change:
    before, after = (_codes(record[key], codebook_size, where) for key in ("before", "after"))
    change = Change(_whole(record["level"], where), _whole(record["column"], where), before, after)
    if before.shape[0] != after.shape[0] or (change.resizes and change.level):
        raise ValueError(f"a change in {where} has other levels before than after.")
    return change


def _codes(rows: object, codebook_size: int, where: str) -> Codes:
    rows = _list(rows, where)
    if not rows or not all(isinstance(row, list) for row in rows):
        raise ValueError(f"{where} must be a list of rows.")
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"the rows of {where} differ in length.")
    if not all(type(code) is int for row in rows for code in row):
        raise ValueError(f"{where} holds something that is no whole number.")
    codes: NDArray[np.int64] = np.array(rows, np.int64).reshape(len(rows), -1)
    if codes.size and not (int(codes.min()) >= 0 and int(codes.max()) < codebook_size):
        raise ValueError(f"{where} holds codes outside 0 to {codebook_size - 1}.")
    return codes.astype(np.uint16)


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{where} must be a list.")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > 4096:
        raise ValueError(f"{where} must be a text.")
    return value


def _whole(value: object, where: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise ValueError(f"{where} must be a whole number from 0 on.")
    return value
