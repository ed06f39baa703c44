from pathlib import Path

import numpy as np
import pytest

from sdaudio.audio import read_sound
from sdaudio.dataset import scan
from sdaudio.modelfile import read_header, read_training_codes
from sdaudio.resources import starter_model
from sdaudio.starter.phrase import PHRASE, STEP_COLUMNS, starter_phrase
from sdaudio.starter.synthesis import PEAK, render_sounds, write_sounds


@pytest.fixture(scope="module")
def starter_sounds():
    return render_sounds()


def pitch_hz(sound, low_hz, high_hz):
    """The strongest frequency between two others."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size), 1 << 18))
    frequencies = np.fft.rfftfreq(1 << 18, 1 / 48_000)
    spectrum[(frequencies < low_hz) | (frequencies > high_hz)] = 0
    return frequencies[spectrum.argmax()]


def test_there_are_enough_sounds_to_play_with(starter_sounds):
    assert 24 <= len(starter_sounds) <= 32
    assert 25 <= sum(sound.size for sound in starter_sounds.values()) / 48_000 <= 40


def test_every_sound_is_whole_columns_of_mono_at_the_same_peak(starter_sounds):
    for name, sound in starter_sounds.items():
        assert sound.dtype == np.float32, name
        assert sound.ndim == 1, name
        assert sound.size % 1024 == 0, name
        assert np.abs(sound).max() == pytest.approx(PEAK, abs=1e-6), name
        assert abs(sound.mean()) < 0.01, name


def test_every_sound_starts_and_ends_without_a_click(starter_sounds):
    for name, sound in starter_sounds.items():
        assert np.abs(sound[:2]).max() < 0.01, name
        assert np.abs(sound[-8:]).max() < 1e-4, name
        # Nothing sounds on up to the cut: the last 5 ms are far below the peak.
        assert np.abs(sound[-240:]).max() < 0.01, name


def test_the_same_seed_gives_the_same_sounds_and_another_seed_other_noise():
    one, again, other = (render_sounds(16_000, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(again[name], sound) for name, sound in one.items())
    assert not np.array_equal(other["snare"], one["snare"])


@pytest.mark.parametrize(
    ("name", "expected_hz"),
    [
        ("pluck_a2", 110.0),
        ("pluck_a3", 220.0),
        ("pluck_g4", 392.0),
        ("bell_a4", 440.0),
        ("bell_g5", 784.0),
        ("wood_e4", 329.6),
        ("bass_a1", 55.0),
        ("bass_e2", 82.4),
    ],
)
def test_pitched_sounds_are_in_tune(starter_sounds, name, expected_hz):
    found = pitch_hz(starter_sounds[name], 0.8 * expected_hz, 1.15 * expected_hz)
    assert abs(1200 * np.log2(found / expected_hz)) < 6


def test_no_two_sounds_are_alike(starter_sounds):
    shapes = []
    for sound in starter_sounds.values():
        # Loudness over the first second and the rough spectrum.
        envelope = np.abs(np.resize(np.pad(sound, (0, 48_000)), 48_000)).reshape(40, -1).max(1)
        spectrum = np.sqrt(np.abs(np.fft.rfft(sound, 8192)))
        parts = (part / np.linalg.norm(part) for part in (envelope, spectrum))
        shapes.append(np.concatenate(list(parts)))
    likeness = np.array(shapes) @ np.array(shapes).T / 2 - np.eye(len(shapes))
    assert likeness.max() < 0.98


def test_another_sample_rate_gives_the_same_sounds_at_that_rate():
    sounds = render_sounds(16_000)
    for name, sound in sounds.items():
        assert np.isfinite(sound).all(), name
        assert np.abs(sound).max() == pytest.approx(PEAK, abs=1e-6), name


def test_written_sounds_are_a_dataset(starter_sounds, tmp_path):
    paths = write_sounds(tmp_path, sample_rate=16_000)
    assert [path.stem for path in paths] == sorted(starter_sounds)
    assert all(file.used for file in scan(tmp_path).files)
    kick = render_sounds(16_000)["kick"]
    assert read_sound(tmp_path / "kick.wav", 16_000) == pytest.approx(kick, abs=1e-6)


def test_the_phrase_is_made_of_the_starters_own_sounds():
    path = starter_model()
    names = {Path(file.name).stem for file in read_header(path).dataset.files}
    assert {name for name, _ in PHRASE} <= names == set(render_sounds())
    codes = starter_phrase(path)
    assert codes.shape[0] == read_header(path).codec.n_levels
    first = read_training_codes(path)[sorted(names).index("kick")]
    np.testing.assert_array_equal(codes[:, :STEP_COLUMNS], first[:, :STEP_COLUMNS])
    assert 4.0 < codes.shape[1] / read_header(path).codec.columns_per_second < 10.0
