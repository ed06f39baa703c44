"""The original of a grid, as loud as its reconstruction."""

import numpy as np
import pytest

from sdaudio.audio import measure_loudness, read_sound, write_sound
from sdaudio.errors import FileError
from sdaudio.resources import starter_model
from sdaudio.starter.phrase import starter_phrase
from sdaudio.tasks.listening import MAX_GAIN_DB
from sdaudio.tasks.rendering import renderer, run
from sdaudio.tasks.sounds import ReadOriginal

MODEL = starter_model()
CODES = starter_phrase(MODEL)[:, :94]
LENGTH = 94 * 1024


def original(path, *, codes=CODES, active=(0, 1, 2)):
    """The original in one, and its gain."""
    parts = []
    request = ReadOriginal(MODEL, codes, active, path)
    matched = run(request, report=parts.append, should_stop=lambda: False)
    assert [part.start for part in parts] == list(range(0, codes.shape[1] * 1024, 1 << 18))
    return np.concatenate([part.audio for part in parts]), matched.gain_db


def loudness_of_the_reconstruction(active=(0, 1, 2)):
    return measure_loudness(renderer(MODEL).decode(CODES, active=active), 48_000)


@pytest.fixture
def path(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.02, (2, 100_000)).astype(np.float32)
    write_sound(tmp_path / "a.wav", noise * np.linspace(0.1, 1, 100_000), 44_100, subtype="FLOAT")
    return tmp_path / "a.wav"


@pytest.mark.parametrize("active", [(0, 1, 2), (0,)])
def test_an_original_is_as_loud_as_its_reconstruction(path, active):
    audio, gain_db = original(path, active=active)
    expected = loudness_of_the_reconstruction(active)
    assert measure_loudness(audio, 48_000) == pytest.approx(expected, abs=0.01)
    plain = read_sound(path, 48_000)[:LENGTH]
    np.testing.assert_allclose(audio, plain * 10 ** (gain_db / 20), rtol=1e-5)


def test_an_original_is_cut_or_filled_up_to_its_grid(path):
    assert len(original(path)[0]) == LENGTH
    longer = np.tile(CODES, (1, 3))
    audio, _ = original(path, codes=longer)
    assert len(audio) == 3 * LENGTH
    end = len(read_sound(path, 48_000))
    assert audio[end - 1] != 0.0
    assert not audio[end:].any()


def test_a_faint_original_is_not_blown_up_and_silence_stays(path, tmp_path):
    write_sound(tmp_path / "b.wav", read_sound(path, 48_000) / 20, 48_000, subtype="FLOAT")
    assert original(tmp_path / "b.wav")[1] == MAX_GAIN_DB
    write_sound(tmp_path / "c.wav", np.zeros(9000), 48_000)
    audio, gain_db = original(tmp_path / "c.wav")
    assert gain_db == 0.0
    assert not audio.any()


def test_an_original_that_is_gone_is_named(tmp_path):
    with pytest.raises(FileError, match=r"gone\.wav' does not exist"):
        original(tmp_path / "gone.wav")
