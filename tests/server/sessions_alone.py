"""Sessions without a daemon: a model that needs no file, and what subscribers are told."""

import contextlib
from pathlib import Path

import numpy as np

from sdaudio.errors import FileError
from sdaudio.header import LEVEL_NAMES, CodecConfig, ModelHeader
from sdaudio.settings import GridSettings
from sdaudio_server.journal import Journal
from sdaudio_server.library import LoadedModel
from sdaudio_server.sessions import Sessions

K = 64


def model_named(name: str = "bells") -> LoadedModel:
    config = CodecConfig(codebook_size=K)
    codebooks = np.random.default_rng(0).standard_normal((3, K, 32)).astype(np.float32)
    header = ModelHeader(name, config, LEVEL_NAMES[3])
    return LoadedModel(name, Path(f"{name}.sda"), header, codebooks)


MODEL = model_named()


class Announcements(list):
    """What subscribers are told."""

    def announce(self, address, *arguments):
        self.append((address, *arguments))

    @contextlib.contextmanager
    def held(self):
        yield self.clear

    def mirror(self, grid: str) -> np.ndarray:
        """The codes a client has that only follows the announcements."""
        codes = np.zeros((3, 0), int)
        for address, name, *rest in self:
            if name != grid:
                continue
            if address == "/sda/grid/state":
                n_columns = rest[2]
                kept = codes[:, :n_columns]
                codes = np.pad(kept, ((0, 0), (0, n_columns - kept.shape[1])))
            elif address == "/sda/grid/codes":
                _, level, start, *values = rest
                codes[level, start : start + len(values)] = values
        return codes


def new_sessions(told: Announcements, *, journal: Journal | None = None, **settings) -> Sessions:
    return Sessions(GridSettings(**settings), told, journal or Journal(None), find_model)


def find_model(name: str) -> LoadedModel:
    if name != MODEL.name:
        raise FileError(f"There is no model '{name}'.")
    return MODEL


def random_codes(columns: int = 10, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, K, (3, columns))
