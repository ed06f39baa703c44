"""The sounds of a model once more: read from where they were, checked, joined with new ones.

All of them for a training, or a part of one to be heard.

A model remembers the folders and digests of its sounds, not the sounds themselves.
"""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.audio import read_sound, stream_sound
from sdaudio.dataset import MAX_FILE_S, Dataset, digest_of, fingerprint_of
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.header import ModelHeader, SourceFile

_NAMED = 5


def read_again(header: ModelHeader) -> Dataset:
    """Read the sounds that a model was trained on, in their order.

    Files that came into the folders since are left aside.

    Raises:
        StateError: the model does not say where its sounds are.
        FileError: some are gone or have changed; the text names them.
    """
    summary, sample_rate = header.dataset, header.codec.sample_rate
    if not summary.files or not summary.folders or not all(f.digest for f in summary.files):
        raise StateError(
            f"Model '{header.name}' does not say where its sounds are, so it cannot learn on. "
            "Train a new one on their folder."
        )
    sounds, gone, changed = [], [], []
    for file in summary.files:
        try:
            path = Path(summary.folders[file.folder], file.name)
            sounds.append(read_sound(path, sample_rate, max_duration_s=MAX_FILE_S))
        except (FileError, IndexError):
            gone.append(file.name)
            continue
        if digest_of(sounds[-1]) != file.digest:
            changed.append(file.name)
    if gone or changed:
        raise FileError(_complaint(header, gone, changed))
    return Dataset(tuple(sounds), summary.files, summary.fingerprint, sample_rate, summary.folders)


def read_part(header: ModelHeader, file: int, start: int, length: int) -> NDArray[np.float32]:
    """Read part of one of the sounds that a model was trained on, and see that it is still that.

    Args:
        header: of the model.
        file: which sound, as the header counts them.
        start: first sample at the model's rate; it may be negative.
        length: samples.

    Returns:
        (sample,) float32, silent where there is no sound.

    Raises:
        StateError: the model does not say where its sounds are.
        FileError: the sound is gone or has changed; the text names it.
    """
    path, found = source_path(header, file), hashlib.sha256()
    if path is None:
        raise StateError(
            f"Model '{header.name}' does not say where '{header.dataset.files[file].name}' is, so "
            "it cannot be heard."
        )
    part, place = np.zeros(length, np.float32), 0
    try:
        for block in stream_sound(path, header.codec.sample_rate, max_duration_s=MAX_FILE_S):
            found.update(block.tobytes())
            first, last = max(start, place), min(start + length, place + len(block))
            if first < last:
                part[first - start : last - start] = block[first - place : last - place]
            place += len(block)
    except FileError as error:
        raise FileError(
            f"{error} Model '{header.name}' learned from it; put it back to hear it."
        ) from error
    if not found.hexdigest().startswith(header.dataset.files[file].digest):
        raise FileError(
            f"'{path}' has changed since model '{header.name}' learned from it; put it back as it "
            "was to hear it."
        )
    return part


def source_path(header: ModelHeader, file: int) -> Path | None:
    """Return where one of the sounds that a model was trained on was; None if it does not say."""
    summary = header.dataset
    source = summary.files[file]
    if not source.digest or source.folder >= len(summary.folders):
        return None
    return Path(summary.folders[source.folder], source.name)


def join(old: Dataset, new: Dataset) -> tuple[Dataset, list[str]]:
    """Put new sounds behind old ones.

    Args:
        old: what a model was trained on.
        new: read at the same sample rate.

    Returns:
        Both together, and the names of new files that were among the old sounds already.

    Raises:
        UsageError: there is nothing new.
    """
    known = {file.digest for file in old.files}
    folders = list(old.folders)
    sounds, files, left_out = list(old.sounds), list(old.files), []
    for sound, file in zip(new.sounds, new.files, strict=True):
        if file.digest in known:
            left_out.append(file.name)
            continue
        folder = new.folders[file.folder]
        if folder not in folders:
            folders.append(folder)
        sounds.append(sound)
        number = folders.index(folder)
        files.append(SourceFile(file.name, file.duration_s, number, file.digest))
    if len(sounds) == len(old.sounds):
        raise UsageError(
            f"All sounds in '{new.folders[0]}' are in the model already; there is nothing to add."
        )
    fingerprint = fingerprint_of(sounds, old.sample_rate)
    whole = Dataset(tuple(sounds), tuple(files), fingerprint, old.sample_rate, tuple(folders))
    return whole, left_out


def _complaint(header: ModelHeader, gone: list[str], changed: list[str]) -> str:
    facts = [
        f"{len(names)} {what} ({', '.join(names[:_NAMED])}{', ...' if len(names) > _NAMED else ''})"
        for names, what in ((gone, "cannot be read"), (changed, "have changed"))
        if names
    ]
    return (
        f"Of the sounds of '{header.name}', in {', '.join(header.dataset.folders)}, "
        f"{' and '.join(facts)}. Put them back as they were; or train a new model on what is there "
        "now. New sounds are added with /sda/train/add (sdaudio train --add)."
    )
