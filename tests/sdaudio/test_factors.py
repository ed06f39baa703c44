import numpy as np
import pytest

from sdaudio.errors import UsageError
from sdaudio.factors import FACTORS, describe, explained_share, level_effects

RATE = 48_000


def tone(frequency_hz, n_columns=20, gain=0.5):
    time_s = np.arange(n_columns * 1024) / RATE
    return (gain * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


def noise(n_columns=20, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(n_columns * 1024)).astype(np.float32)


def middle(values):
    return values[2:-2]


def test_every_column_has_a_value_of_each_factor():
    found = describe(noise()[:-100], RATE)
    assert set(found) == set(FACTORS)
    assert all(values.shape == (20,) for values in found.values())


def test_loudness_is_in_decibels():
    loud, soft = (describe(tone(440, gain=gain), RATE)["loudness"] for gain in (0.5, 0.05))
    assert middle(loud - soft) == pytest.approx(20.0, abs=1e-3)
    assert middle(loud) == pytest.approx(-9.0, abs=0.1)


@pytest.mark.parametrize("frequency_hz", [82.4, 220.0, 987.8])
def test_pitch_is_the_period_and_not_its_multiple(frequency_hz):
    sound = tone(frequency_hz) + tone(2 * frequency_hz, gain=0.2)
    expected = 12 * np.log2(frequency_hz)
    assert middle(describe(sound, RATE)["pitch"]) == pytest.approx(expected, abs=0.1)


def test_noise_and_silence_have_no_pitch():
    assert np.isnan(describe(noise(), RATE)["pitch"]).mean() > 0.9
    assert np.isnan(describe(np.zeros(4096, np.float32), RATE)["pitch"]).all()


def test_brightness_is_in_octaves():
    low, high = (middle(describe(tone(hertz), RATE)["brightness"]) for hertz in (500, 4000))
    assert high - low == pytest.approx(3.0, abs=0.05)


def test_texture_tells_noise_from_a_tone():
    assert middle(describe(noise(), RATE)["texture"]) == pytest.approx(-2.5, abs=0.5)
    assert middle(describe(tone(440), RATE)["texture"]).max() < -30


def test_a_long_sound_is_described_as_its_parts():
    sound = noise(600)
    assert describe(sound, RATE)["brightness"][300:303] == pytest.approx(
        describe(sound[298 * 1024 : 306 * 1024], RATE)["brightness"][2:5]
    )


def test_labels_that_tell_a_value_explain_all_of_it():
    labels = np.random.default_rng(0).integers(0, 8, 400)
    assert explained_share(labels * 2.0, labels) == pytest.approx(1.0)


def test_random_labels_explain_nothing_on_average():
    generator = np.random.default_rng(0)
    shares = [
        explained_share(generator.standard_normal(300), generator.integers(0, 60, 300))
        for _ in range(50)
    ]
    assert np.mean(shares) == pytest.approx(0.0, abs=0.03)
    assert np.isnan(explained_share(np.ones(300), generator.integers(0, 6, 300)))
    assert np.isnan(explained_share(np.arange(3.0), np.arange(3)))


def test_a_level_changes_the_factor_that_it_stands_for():
    # A codec whose first level is loudness and whose second is pitch.
    def decode(codes):
        gain = 0.02 * 10 ** (0.3 * np.repeat(codes[0], 1024))
        hertz = 200 * 2 ** (np.repeat(codes[1], 1024) / 6)
        return (gain * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)).astype(np.float32)

    generator = np.random.default_rng(0)
    codes = [np.repeat(generator.integers(0, 4, (2, 30)), 8, axis=1) for _ in range(4)]
    effects = {(e.level, e.factor): e for e in level_effects(decode, codes, RATE)}
    assert effects[0, "loudness"].change > 3
    assert effects[1, "loudness"].change < 1
    assert effects[1, "pitch"].change > 1
    assert effects[0, "pitch"].change < 0.1
    assert effects[0, "loudness"].share > 0.8 > 0.2 > effects[1, "loudness"].share
    assert effects[1, "pitch"].share > 0.8 > 0.2 > effects[0, "pitch"].share


def test_effects_are_the_same_for_the_same_seed():
    codes = [np.random.default_rng(n).integers(0, 9, (2, 25)) for n in range(2)]

    def decode(grid):
        return np.repeat(grid.sum(axis=0) / 20, 1024).astype(np.float32)

    assert repr(level_effects(decode, codes, RATE)) == repr(level_effects(decode, codes, RATE))


def test_nothing_to_describe_is_refused():
    with pytest.raises(UsageError, match="not empty"):
        describe(np.zeros(0, np.float32), RATE)
    with pytest.raises(UsageError, match="one grid"):
        level_effects(lambda codes: codes[0], [], RATE)
