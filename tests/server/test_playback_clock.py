import numpy as np
import pytest

from sdaudio_server.playback.clock import OutputClock

RATE = 48_000
BLOCK = 256


def played(clock, *, blocks, late_s=lambda _number: 0.0, begin_s=50.0, rate=RATE, first=0):
    """Let blocks be asked for, each late by so much."""
    for number in range(first, first + blocks):
        clock.note(number * BLOCK, begin_s + number * BLOCK / rate + late_s(number))


def test_a_time_is_the_frame_that_is_due_then():
    clock = OutputClock(RATE)
    played(clock, blocks=10)
    assert clock.frame_at(50.0) == 0
    assert clock.frame_at(51.5) == 72_000
    assert clock.time_of(48_000) == pytest.approx(51.0)


def test_blocks_that_jitter_hardly_move_it():
    clock = OutputClock(RATE)
    chance = np.random.default_rng(0)
    asked = []
    for first in range(0, 4000, 50):
        played(clock, blocks=50, first=first, late_s=lambda _n: float(chance.uniform(0, 0.004)))
        ahead_s = 50.0 + (first + 60) * BLOCK / RATE
        asked.append(clock.frame_at(ahead_s) - (first + 60) * BLOCK)
    # a millisecond between the earliest and the latest, where blocks are off by four
    assert np.ptp(asked[20:]) < 60


def test_it_follows_a_quartz_that_goes_at_another_rate():
    clock = OutputClock(RATE)
    played(clock, blocks=20_000, rate=RATE * 1.0001)
    n_frames = 20_000 * BLOCK
    due = clock.frame_at(50.0 + n_frames / (RATE * 1.0001))
    assert abs(due - n_frames) <= 1


def test_after_a_gap_it_begins_anew():
    clock = OutputClock(RATE)
    played(clock, blocks=100)
    played(clock, blocks=100, begin_s=53.0, first=100)
    assert abs(clock.frame_at(54.0) - 48_000) <= 1


def test_one_time_is_one_frame_whatever_comes_between():
    clock = OutputClock(RATE)
    played(clock, blocks=10)
    frame = clock.frame_at(51.0)
    clock.note(10 * BLOCK, 50.0 + 10 * BLOCK / RATE + 0.002)
    assert clock.frame_at(51.0) == frame
    assert clock.frame_at(51.1) != frame + 4800
