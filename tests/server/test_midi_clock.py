"""The tempo of a MIDI clock, with the jitter that clocks have."""

import random

import pytest

from sdaudio_server.midi.clock import ClockFollower


def heard(bpm: float, beats: float, *, jitter_s: float = 0.0, start_s: float = 5.0, clock=None):
    clock = clock or ClockFollower()
    chance = random.Random(3)
    tick_s = 60.0 / bpm / 24
    for number in range(round(beats * 24)):
        clock.tick(start_s + number * tick_s + chance.uniform(-jitter_s, jitter_s))
    return clock


@pytest.mark.parametrize("bpm", [60.0, 120.0, 174.0])
def test_after_a_bar_with_a_millisecond_of_jitter_the_tempo_is_right(bpm: float):
    assert heard(bpm, 4, jitter_s=0.001).bpm == pytest.approx(bpm, rel=0.002)


def test_too_little_says_nothing():
    assert heard(120, 0.25).bpm == 0.0
    assert heard(120, 0.25).anchor() is None


def test_another_tempo_is_followed_within_a_beat():
    clock = heard(120, 8, jitter_s=0.001)
    heard(140, 1, jitter_s=0.001, start_s=5.0 + 8 * 0.5, clock=clock)
    assert clock.bpm == pytest.approx(140, rel=0.02)
    heard(140, 4, jitter_s=0.001, start_s=5.0 + 8 * 0.5 + 60 / 140, clock=clock)
    assert clock.bpm == pytest.approx(140, rel=0.002)


def test_a_pause_begins_anew():
    clock = heard(120, 4)
    clock.tick(100.0)
    assert clock.bpm == 0.0


def test_beats_are_counted_from_the_start_or_from_a_position():
    clock = ClockFollower()
    clock.start()
    heard(120, 4, start_s=10.0, clock=clock)
    beat, time_s = clock.anchor()
    assert beat - (time_s - 10.0) * 2 == pytest.approx(0.0, abs=1e-6)
    clock = ClockFollower()
    clock.start(8)
    heard(120, 4, start_s=10.0, clock=clock)
    beat, time_s = clock.anchor()
    assert beat - (time_s - 10.0) * 2 == pytest.approx(2.0, abs=1e-6)


def test_a_song_that_stands_still_goes_on_where_it_stood():
    clock = ClockFollower()
    clock.start()
    heard(120, 2, start_s=10.0, clock=clock)
    clock.stop()
    # many clocks tick on
    heard(120, 3, start_s=11.0, clock=clock)
    assert clock.is_stopped
    clock.resume()
    assert (clock.beat, clock.is_stopped) == (2.0, False)
    heard(120, 1, start_s=12.5, clock=clock)
    beat, time_s = clock.anchor()
    assert beat - (time_s - 12.5) * 2 == pytest.approx(2.0, abs=1e-6)
    assert clock.bpm == pytest.approx(120.0)


def test_a_position_told_while_it_stands_still_is_where_it_goes_on():
    clock = ClockFollower()
    heard(120, 2, clock=clock)
    clock.stop()
    clock.move(16)
    assert clock.beat == 2.0
    clock.resume()
    assert clock.beat == 4.0
