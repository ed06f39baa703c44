"""``sdaudio encode``, ``decode``, ``generate`` and ``grid``: sounds to codes and back.

Documents are those of ``/sda/grid/save``; ``-`` is the standard input or output.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio import api
from sdaudio.document import GridDocument, document_text, parse_document, read_document
from sdaudio.errors import UsageError
from sdaudio.grid import Codes
from sdaudio.prior import SamplingOptions
from sdaudio.tasks.sounds import SoundForm

from ..client import DaemonAddress
from ..library import Library
from ..shell.terminal import JobBar
from .errands import absolute, errands

STANDARD = "-"
"""Names the standard input or output."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a result goes, and how that is told.

    Args:
        path: of a file; "-" is the standard output.
        as_json: whether what was done is told as JSON.
    """

    path: str
    as_json: bool = False

    @property
    def is_document(self) -> bool:
        """Whether codes go there, not sound."""
        return self.path == STANDARD or Path(self.path).suffix.lower() == ".json"

    def tell(self, **facts: object) -> None:
        """Say what was done, unless the result itself went to the standard output."""
        if self.path == STANDARD:
            return
        if self.as_json:
            print(json.dumps({"output": str(Path(self.path).expanduser()), **facts}))
        else:
            listed = ", ".join(f"{value} {name}" for name, value in facts.items() if value != "")
            print(f"{self.path}: {listed}")


def encode(
    library: Library, model: str, sound: Path, output: Output, daemon: DaemonAddress | None
) -> int:
    """Turn a sound into a document of codes; returns the exit code.

    Raises:
        SdaudioError: there is no such model or sound, or the document cannot be written.
    """
    if daemon:
        _check_file(output, daemon)
        run = errands(daemon)
        with run.grid() as grid:
            run.run("/sda/grid/encode", grid, model, absolute(sound))
            run.run("/sda/grid/save", grid, absolute(Path(output.path)), False)
        codes = read_document(Path(output.path).expanduser()).codes
        return _told(output, codes)
    loaded = api.load(library.find(model))
    codes = api.encode(loaded, sound)
    _write(loaded, codes, output)
    return _told(output, codes)


def decode(
    library: Library,
    model: str,
    source: str,
    output: Output,
    *,
    levels: tuple[int, ...],
    form: SoundForm,
    daemon: DaemonAddress | None,
) -> int:
    """Turn a document of codes into a sound file; returns the exit code.

    Raises:
        SdaudioError: there is no such model or document, or the sound cannot be written.
    """
    if output.is_document:
        raise UsageError(f"'{output.path}' is no kind of sound file; take .wav, .flac or .mp3.")
    if daemon:
        if source == STANDARD or levels:
            raise UsageError("With --server, --input is a file and all levels are heard.")
        run = errands(daemon)
        with run.grid() as grid:
            run.run("/sda/grid/open", grid, absolute(Path(source)), model)
            run.run(
                "/sda/grid/render", grid, absolute(Path(output.path)), "bits", form.bits,
                "normalise", int(form.normalise), "gain", form.gain_db,
            )  # fmt: skip
        output.tell(model=model)
        return 0
    loaded = api.load(library.find(model))
    codes = api.codes_for(_read(source), source, loaded)
    api.write_sound(loaded, codes, output.path, levels=levels, form=form)
    output.tell(seconds=round(codes.shape[1] / loaded.columns_per_second, 2))
    return 0


def generate(
    library: Library,
    model: str,
    seconds: float,
    options: SamplingOptions,
    output: Output,
    *,
    prompt: str,
    daemon: DaemonAddress | None,
) -> int:
    """Draw new material from a prior into a sound file or a document; returns the exit code.

    Raises:
        SdaudioError: the model has no prior, or an option is out of range.
    """
    if seconds <= 0:
        raise UsageError(f"--duration is {seconds:g}; it must be more than 0 seconds.")
    if daemon:
        _check_file(output, daemon)
        if prompt:
            raise UsageError("--prompt does not go with --server; open the document there.")
        run = errands(daemon)
        with run.grid() as grid:
            run.run(
                "/sda/prior/sample", grid, model, float(seconds),
                "temperature", options.temperature, "top_k", options.top_k,
                "top_p", options.top_p, "seed", options.seed, "novelty", options.novelty,
            )  # fmt: skip
            target = absolute(Path(output.path))
            if output.is_document:
                run.run("/sda/grid/save", grid, target, False)
            else:
                run.run("/sda/grid/render", grid, target)
        output.tell(seconds=seconds, seed=options.seed)
        return 0
    loaded = api.load(library.find(model))
    given = api.codes_for(_read(prompt), prompt, loaded) if prompt else None
    with JobBar() as bar:
        codes = api.sample(loaded, seconds, options, prompt=given, on_progress=bar.show)
    if output.is_document:
        _write(loaded, codes, output)
    else:
        api.write_sound(loaded, codes, output.path, seed=options.seed)
    measured = api.novelty(loaded, codes)
    output.tell(
        seconds=round(codes.shape[1] / loaded.columns_per_second, 2), seed=options.seed,
        novelty=round(measured.share, 2),
    )  # fmt: skip
    return 0


def show(source: str, *, columns: tuple[int, int] | None, as_json: bool, width: int) -> int:
    """Print the codes of a document, as many columns side by side as there is room for.

    Args:
        source: path of a document.
        columns: the first one and the one behind the last; all without it.
        as_json: print the rows as JSON.
        width: letters in a line.

    Raises:
        SdaudioError: there is no such document.
    """
    document = _read(source)
    first, stop = columns or (0, document.codes.shape[1])
    codes = document.codes[:, first:stop]
    if as_json:
        print(json.dumps({"model": document.model.name, "first": first, "codes": codes.tolist()}))
        return 0
    size = document.model.codebook_size
    print(
        f"{document.name}: {document.codes.shape[0]} levels of {size} codes, "
        f"{document.codes.shape[1]} columns, codes of '{document.model.name}'"
    )
    digits = len(str(size - 1)) + 1
    names = max((len(label) for label in document.labels), default=0) + 1
    room = max(1, (width - names) // digits)
    for start in range(0, codes.shape[1], room):
        print(f"{'':{names}}{first + start}")
        for label, row in zip(document.labels, codes[:, start : start + room], strict=True):
            print(f"{label:{names}}" + "".join(f"{code:{digits}}" for code in row))
    return 0


def diff(one: str, other: str, *, as_json: bool) -> int:
    """Print where two documents differ, a line for each run of cells.

    Returns:
        0 when their codes are the same, 1 when not, as diff does.

    Raises:
        SdaudioError: there is no such document.
    """
    before, after = _read(one).codes, _read(other).codes
    if before.shape[0] != after.shape[0]:
        raise UsageError(
            f"'{one}' has {before.shape[0]} levels and '{other}' {after.shape[0]}; they cannot be "
            "compared."
        )
    runs = list(_runs(before, after))
    if as_json:
        print(json.dumps({"columns": [before.shape[1], after.shape[1]], "runs": runs}))
    else:
        for level, column, was, now in runs:
            print(f"level {level} column {column}: {_row(was)} -> {_row(now)}")
        if before.shape[1] != after.shape[1]:
            print(f"columns: {before.shape[1]} -> {after.shape[1]}")
    return int(bool(runs) or before.shape != after.shape)


def _runs(before: Codes, after: Codes) -> list[tuple[int, int, list[int], list[int]]]:
    n_columns = min(before.shape[1], after.shape[1])
    runs = []
    for level in range(before.shape[0]):
        differs = before[level, :n_columns] != after[level, :n_columns]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], differs.astype(np.int8), [0]])))
        for start, stop in edges.reshape(-1, 2).tolist():
            was, now = before[level, start:stop].tolist(), after[level, start:stop].tolist()
            runs.append((level, start, was, now))
    return runs


def _row(codes: list[int]) -> str:
    shown = " ".join(str(code) for code in codes[:16])
    return f"{shown} ... ({len(codes)} columns)" if len(codes) > 16 else shown


def _read(source: str) -> GridDocument:
    if source == STANDARD:
        return parse_document(sys.stdin.read(), "the standard input")
    return read_document(Path(source).expanduser())


def _write(model: api.CodecModel, codes: NDArray[np.integer], output: Output) -> None:
    if output.path == STANDARD:
        sys.stdout.write(document_text(api.document_of(model, codes, model.name)))
    elif output.is_document:
        api.write_codes(model, codes, output.path)
    else:
        raise UsageError(f"'{output.path}' is no document; codes are written into a .json file.")


def _told(output: Output, codes: NDArray[np.integer]) -> int:
    output.tell(levels=codes.shape[0], columns=codes.shape[1])
    return 0


def _check_file(output: Output, daemon: DaemonAddress) -> None:
    if output.path == STANDARD:
        raise UsageError(f"The daemon on port {daemon.port} writes files; name one as --output.")
