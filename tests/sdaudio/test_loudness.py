"""Loudness against the numbers that the ITU and the EBU publish."""

import math

import numpy as np
import pytest

from sdaudio.audio import LoudnessMeter, measure_loudness
from sdaudio.audio.loudness import _transfer

RATES = (8_000, 22_050, 44_100, 48_000, 96_000)


def tone(seconds, rate=48_000, *, hz=1000.0, dbfs=-20.0):
    time = np.arange(round(seconds * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * time)).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
def test_a_full_scale_tone_has_the_loudness_of_the_recommendation(rate):
    # BS.1770: a 0 dB FS sine of 997 Hz in one channel reads -3.01 LKFS
    assert measure_loudness(tone(3, rate, hz=997.0, dbfs=0.0), rate) == pytest.approx(
        -3.01, abs=0.03
    )


def test_the_weighting_is_the_one_of_the_tables_at_48_khz():
    # BS.1770-5, annex 1, tables 1 and 2
    z = np.exp(-2j * np.pi * np.arange(513) / 1024)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1.0 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1.0 - 2.0 * z + z**2) / (1.0 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    np.testing.assert_allclose(_transfer(48_000, 1024), shelf * high_pass, atol=1e-6)


# EBU Tech 3341, table 1, the sequences of tones at 1000 Hz. One channel is 3.01 LU below two.
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (((20, -23.0),), -23.0),
        (((20, -33.0),), -33.0),
        (((10, -36.0), (60, -23.0), (10, -36.0)), -23.0),
        (((10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)), -23.0),
        (((20, -26.0), (20.1, -20.0), (20, -26.0)), -23.0),
    ],
)
def test_gates_pass_the_signals_of_the_ebu(parts, expected):
    sound = np.concatenate([tone(seconds, dbfs=dbfs) for seconds, dbfs in parts])
    assert measure_loudness(sound, 48_000) == pytest.approx(expected - 3.01, abs=0.1)


def test_treble_counts_more_and_bass_less():
    middle = measure_loudness(tone(2), 48_000)
    assert measure_loudness(tone(2, hz=5000.0), 48_000) == pytest.approx(middle + 3.3, abs=0.2)
    assert measure_loudness(tone(2, hz=30.0), 48_000) < middle - 4.0


def test_blocks_of_any_length_measure_the_same():
    sound = np.random.default_rng(0).normal(0, 0.1, 200_000).astype(np.float32)
    sound *= np.linspace(0.01, 1.0, len(sound), dtype=np.float32)
    meter, place = LoudnessMeter(48_000), 0
    for length in (1, 7, 4800, 65_536, 129_656):
        meter.add(sound[place : place + length])
        place += length
    assert place == len(sound)
    assert meter.loudness == pytest.approx(measure_loudness(sound, 48_000), abs=1e-4)


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.39, 0.4])
def test_a_sound_shorter_than_a_gating_block_is_measured_as_one(seconds):
    assert measure_loudness(tone(seconds), 48_000) == pytest.approx(-23.01, abs=0.5)


def test_silence_has_no_loudness():
    assert measure_loudness(np.zeros(48_000, np.float32), 48_000) == -math.inf
    assert measure_loudness(tone(1.0, dbfs=-90.0), 48_000) == -math.inf
    assert measure_loudness(np.zeros(0, np.float32), 48_000) == -math.inf
