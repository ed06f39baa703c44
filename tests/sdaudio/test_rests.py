"""The codes of silence, heard through the starter model."""

import numpy as np
import pytest

from sdaudio.errors import FileError
from sdaudio.grid import Region
from sdaudio.modelfile import Model, read_model, read_training_codes, write_model
from sdaudio.render import Renderer
from sdaudio.resources import starter_model
from sdaudio.rests import read_rests


def _levels_db(audio: np.ndarray) -> np.ndarray:
    return 10 * np.log10((audio.reshape(-1, 1024) ** 2).mean(axis=1) + 1e-14)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(read_model(starter_model()))


@pytest.fixture(scope="module")
def phrase() -> np.ndarray:
    return max(read_training_codes(starter_model()), key=lambda codes: codes.shape[1])


def test_a_gap_of_all_levels_is_silent_from_its_second_column_on(renderer, phrase):
    gap = Region(0, 3, 30, 16)
    codes = phrase.copy()
    codes[gap.level_slice, gap.column_slice] = read_rests(starter_model()).fill(gap)
    before, after = (_levels_db(renderer.decode(each)) for each in (phrase, codes))
    assert after[31:45].max() < before[31:45].max() - 80
    assert np.abs(after[:25] - before[:25]).max() < 1e-3


def test_a_gap_below_the_first_level_keeps_the_loudness(renderer, phrase):
    gap = Region(1, 2, 30, 16)
    codes = phrase.copy()
    codes[gap.level_slice, gap.column_slice] = read_rests(starter_model()).fill(gap)
    without = _levels_db(renderer.decode(phrase, active=(0,)))[32:44]
    assert np.abs(_levels_db(renderer.decode(codes))[32:44] - without).mean() < 6


def test_a_model_without_its_closed_form_is_named(tmp_path):
    model = read_model(starter_model())
    tensors = {name: array for name, array in model.tensors.items() if name != "pca.mean"}
    write_model(tmp_path / "half.sda", Model(model.header, tensors))
    with pytest.raises(FileError, match=r"half\.sda' is damaged: it has no pca\.mean"):
        read_rests(tmp_path / "half.sda")
