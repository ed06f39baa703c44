import pytest

from sdaudio.errors import UsageError
from sdaudio_server.tempo import Tempo


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def beat():
    clock = Clock()
    tempo = Tempo(clock)
    tempo.set(120.0, 24.0, 1.0)
    return clock, tempo


def test_there_is_no_beat_at_first():
    assert not Tempo(Clock()).is_on


def test_beats_are_counted_from_the_start(beat):
    _, tempo = beat
    assert tempo.beat_at(100.0) == 0.0
    assert tempo.beat_at(103.25) == 6.5


def test_another_tempo_goes_on_from_where_the_beat_is(beat):
    clock, tempo = beat
    clock.now = 101.0
    tempo.set(60.0, 24.0, 1.0)
    assert tempo.beat_at(101.0) == 2.0
    assert tempo.beat_at(103.0) == 4.0


def test_a_start_waits_for_the_next_beat_or_bar(beat):
    clock, tempo = beat
    assert tempo.next_start(100.0) == 100.0
    assert tempo.next_start(100.1) == 100.5
    tempo.set(120.0, 24.0, 4.0)
    assert tempo.next_start(100.1) == 102.0
    clock.now = 101.0
    tempo.set(60.0, 24.0, 4.0)
    # two beats of the bar have passed, the others take a second each
    assert tempo.next_start(101.0) == 103.0


def test_a_clock_from_elsewhere_moves_the_beat(beat):
    _, tempo = beat
    tempo.align(8.0, 100.2)
    assert tempo.beat_at(100.7) == 9.0
    assert tempo.next_start(100.3) == pytest.approx(100.7)


def test_the_speed_lets_so_many_columns_last_a_beat(beat):
    _, tempo = beat
    # 24 columns of 1024 samples at 48 kHz last 0.512 s, a beat half a second
    assert tempo.speed(1024 / 48_000) == pytest.approx(0.512 / 0.5)


@pytest.mark.parametrize("bpm", [5.0, 500.0])
def test_an_impossible_tempo_is_refused(beat, bpm):
    _, tempo = beat
    with pytest.raises(UsageError, match="20 to 400"):
        tempo.set(bpm, 24.0, 1.0)
    assert tempo.bpm == 120.0
