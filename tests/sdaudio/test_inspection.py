import numpy as np
import pytest
import soxr

from sdaudio.errors import UsageError
from sdaudio.inspection import ALIKE_DB, difference, fingerprint, inspect

RATE = 48_000


def noise(seed=0, seconds=1.0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * RATE)).astype(np.float32)


def silence(seconds):
    return np.zeros(int(seconds * RATE), np.float32)


def hit(seed=0, hertz=200.0):
    time_s = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * hertz * time_s) + 0.3 * np.sin(2 * np.pi * 5.3 * hertz * time_s)
    return (np.exp(-6 * time_s) * (0.4 * tone + 0.2 * noise(seed))).astype(np.float32)


def test_a_plain_sound_has_nothing_to_note():
    facts = inspect(noise(), RATE)
    assert facts.silence_share == 0.0
    assert facts.clipped_share == 0.0
    assert facts.notes == ()


def test_silence_is_found_before_after_and_inside():
    sound = np.concatenate([silence(0.8), noise(), silence(0.5), noise(1), silence(1.2)])
    facts = inspect(sound, RATE)
    assert facts.leading_s == pytest.approx(0.8, abs=0.02)
    assert facts.inside_s == pytest.approx(0.5, abs=0.02)
    assert facts.trailing_s == pytest.approx(1.2, abs=0.02)
    assert facts.silence_share == pytest.approx(2.5 / 4.5, abs=0.02)
    assert facts.notes[0] == "0.8 s of silence before it starts"


def test_a_short_rest_is_no_silence():
    assert inspect(np.concatenate([noise(), silence(0.2), noise(1)]), RATE).inside_s == 0.0


def test_silence_is_judged_by_the_level_of_the_file():
    quiet = 1e-3 * np.concatenate([noise(), 0.01 * noise(1)])
    assert inspect(quiet, RATE).silence_share == pytest.approx(0.5, abs=0.02)
    assert inspect(silence(1.0), RATE).silence_share == 1.0


def test_flat_tops_are_clipping_and_single_peaks_are_not():
    sound = noise()
    sound[1000] = 1.0
    assert inspect(sound, RATE).clipped_share == 0.0
    sound[2000:2048] = -1.0
    facts = inspect(sound, RATE)
    assert facts.clipped_share == pytest.approx(48 / RATE)
    assert facts.notes == ("clipped: 0.1 % of it at full scale",)


def test_an_offset_is_noted():
    facts = inspect(noise() + np.float32(0.1), RATE)
    assert facts.offset == pytest.approx(0.1 / 0.6, abs=0.01)
    assert "DC" in facts.notes[0]


def test_an_empty_sound_is_refused():
    with pytest.raises(UsageError):
        inspect(silence(0), RATE)


def apart(first, second, rate=RATE):
    return float(difference(fingerprint(first, RATE), fingerprint(second, rate)[None])[0])


def test_level_rate_and_padding_leave_the_fingerprint_alone():
    sound = hit()
    assert apart(sound, 0.1 * sound) < 0.01
    assert apart(sound, np.concatenate([silence(0.3), sound, silence(0.7)])) < ALIKE_DB
    other = soxr.resample(sound, RATE, 22_050).astype(np.float32)
    assert apart(sound, other, 22_050) < ALIKE_DB


def test_other_sounds_have_another_fingerprint():
    assert apart(hit(), hit(1, 300.0)) > ALIKE_DB
    assert apart(hit(), hit()[:4800]) == float("inf")


def test_two_takes_of_steady_noise_are_not_the_same_sound():
    assert apart(noise(0), noise(1)) == float("inf")


def test_very_short_sounds_have_a_fingerprint():
    assert np.isfinite(fingerprint(noise()[:1024], RATE)).all()
