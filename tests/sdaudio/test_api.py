"""What ``import sdaudio`` gives."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sdaudio
from sdaudio.api import CodecModel
from sdaudio.audio import read_sound
from sdaudio.errors import FileError, UsageError
from sdaudio.prior import SamplingOptions


@pytest.fixture(scope="module")
def model() -> CodecModel:
    return sdaudio.load("starter")


@pytest.fixture(scope="module")
def codes(model: CodecModel) -> np.ndarray:
    return sdaudio.sample(model, 1.0, SamplingOptions(seed=3))


def test_importing_it_loads_nothing_heavy():
    code = "import sys, sdaudio; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    assert set(sdaudio.__all__) <= set(dir(sdaudio))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sdaudio.nothing


def test_a_sound_goes_to_codes_and_back(model: CodecModel, sounds, tmp_path: Path):
    sound = next(iter(sounds.values()))
    codes = sdaudio.encode(model, sound)
    assert codes.shape == (3, -(-len(sound) // 1024))
    heard = sdaudio.decode(model, codes)
    assert heard.dtype == np.float32
    path = sdaudio.write_sound(model, codes, tmp_path / "a.wav")
    assert np.array_equal(read_sound(path, model.sample_rate), heard)
    assert sdaudio.encode(model, path).shape == codes.shape
    alone = sdaudio.decode(model, codes, levels=[0])
    assert not np.array_equal(alone, heard)


def test_an_edit_leaves_the_given_codes_as_they_are(model: CodecModel, codes):
    before = codes.copy()
    after = sdaudio.edit(model, codes, 0, 4, [20, 21, 22])
    assert np.array_equal(codes, before)
    assert after[0, 4:7].tolist() == [20, 21, 22]
    after[0, 4:7] = codes[0, 4:7]
    assert np.array_equal(after, codes)
    assert sdaudio.edit(model, codes, 2, 0, 7)[2, 0] == 7
    with pytest.raises(UsageError, match="code"):
        sdaudio.edit(model, codes, 0, 0, [999])
    with pytest.raises(UsageError, match="column"):
        sdaudio.edit(model, codes, 0, codes.shape[1], [1])


def test_a_blend_goes_from_one_sound_to_the_other(model: CodecModel, codes):
    other = sdaudio.sample(model, 1.5, SamplingOptions(seed=4))
    assert np.array_equal(sdaudio.blend(model, codes, other, 0.0), codes)
    width = codes.shape[1]
    assert np.array_equal(sdaudio.blend(model, codes, other, 1.0), other[:, :width])
    half = sdaudio.blend(model, codes, other, 0.5, levels=(1, 2))
    assert np.array_equal(half[0], codes[0])
    with pytest.raises(UsageError, match="columns"):
        sdaudio.blend(model, other, codes, 0.5)


def test_takes_are_drawn_measured_and_drawn_on(model: CodecModel, codes, tmp_path: Path):
    assert np.array_equal(codes, sdaudio.sample(model, 1.0, SamplingOptions(seed=3)))
    told: list[float] = []
    more = sdaudio.sample(
        model, 1.0, prompt=codes, on_progress=lambda fraction, _eta, _text: told.append(fraction)
    )
    assert more.shape == codes.shape
    assert told
    assert told == sorted(told)
    assert 0 <= sdaudio.novelty(model, codes).share <= 1
    assert sdaudio.plot(model, codes, tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_documents_keep_codes_for_models_that_fit(model: CodecModel, codes, tmp_path: Path):
    path = sdaudio.write_codes(model, codes, tmp_path / "a.json")
    assert np.array_equal(sdaudio.read_codes(path, model), codes)
    path.write_text(path.read_text().replace('"codebook_size": 128', '"codebook_size": 256'))
    with pytest.raises(UsageError, match="can't be played"):
        sdaudio.read_codes(path, model)
    with pytest.raises(UsageError, match="levels"):
        sdaudio.write_codes(model, codes[:2], tmp_path / "b.json")


def test_a_model_is_trained_in_a_few_lines(sound_folder: Path, tmp_path: Path):
    told: list[str] = []
    model = sdaudio.train(
        sound_folder, "bells", minutes=0.03, target=tmp_path / "bells.sda",
        on_progress=lambda _fraction, _eta, text: told.append(text),
    )  # fmt: skip
    assert model.name == "bells"
    assert model.header.has_prior
    assert told
    assert sdaudio.sample(model, 0.5).shape[0] == 3


def test_a_model_that_is_not_there_is_told_with_its_neighbours():
    with pytest.raises(FileError, match="Models are looked for in"):
        sdaudio.load("nope")
    with pytest.raises(FileError, match=r"no model file"):
        sdaudio.load("/nowhere/x.sda")
