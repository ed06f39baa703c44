import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdaudio_server.playback import memory
from sdaudio_server.playback.messages import Patch, Play
from sdaudio_server.playback.voices import BEFORE_S, Voice, split

RATE = 1000
AHEAD_S = 0.1
BEFORE = round(BEFORE_S * RATE)


@pytest.fixture
def voice():
    block = memory.create(memory.sound_bytes(10_000))
    yield Voice(0, block, 10_000, RATE)
    block.unlink()
    block.close()


def state(*, position=-1, reached=0, patched=0, time_ns=0):
    made = np.zeros(memory.STATE_LENGTH, np.int64)
    made[memory.HEADER : memory.HEADER + memory.VOICE] = position, reached, patched
    made[memory.TIME_NS] = time_ns
    return made


def asked(voice, number=1, **how):
    options = {"start_sample": 0, "stop_sample": None, "loop": False, "gain": 1.0, **how}
    voice.asked, voice.number = Play(number, 0, **options), number


def test_nothing_is_heard_soon_of_a_silent_voice(voice):
    assert voice.heard_soon(state(), AHEAD_S) == []


def test_what_is_near_the_place_is_heard_soon(voice):
    asked(voice)
    spans = voice.heard_soon(state(position=5000, reached=1), AHEAD_S)
    assert (5000 - BEFORE, 5100) in spans


def test_a_fast_voice_is_soon_farther(voice):
    asked(voice)
    voice.speed = 4.0
    assert (5000 - BEFORE, 5400) in voice.heard_soon(state(position=5000, reached=1), AHEAD_S)


def test_the_start_of_a_loop_is_heard_soon_from_anywhere(voice):
    asked(voice, start_sample=2000, stop_sample=6000, loop=True)
    spans = voice.heard_soon(state(position=5990, reached=1), AHEAD_S)
    assert (2000 - BEFORE, 2100) in spans


def test_a_start_that_is_still_to_come_is_heard_soon(voice):
    asked(voice, start_sample=7000)
    assert (7000 - BEFORE, 7100) in voice.heard_soon(state(), AHEAD_S)


def test_a_voice_that_stopped_is_heard_where_it_fades(voice):
    asked(voice)
    voice.leave(state(position=5000, reached=1), 100.0, 2.0)
    voice.asked, voice.number = None, 2
    silent = state(position=-1, reached=2)
    assert voice.heard_soon(silent, AHEAD_S, 101.0) == [(6000 - BEFORE, 6100)]
    assert voice.heard_soon(silent, AHEAD_S, 103.0) == []


def test_a_patch_that_waits_keeps_its_place(voice):
    voice.pending.append(Patch(4, 0, 300, np.zeros(50, np.float32)))
    assert voice.heard_soon(state(), AHEAD_S) == [(300, 350)]
    voice.settle(state(patched=3))
    assert voice.pending
    voice.settle(state(patched=4))
    assert not voice.pending


def test_patches_of_a_mixer_that_died_are_not_lost(voice):
    voice.pending.append(Patch(1, 0, 300, np.full(50, 0.5, np.float32)))
    voice.settle(None)
    assert (voice.samples[300:350] == 0.5).all()
    assert not voice.samples[350:].any()


def test_a_loop_is_resumed_where_it_would_be(voice):
    asked(voice, start_sample=1000, stop_sample=3000, loop=True)
    voice.speed = 2.0
    resumed = voice.resumed(state(position=1500, reached=1, time_ns=10 * 10**9), 11.0)
    # 500 into the loop, and a second at twice the speed later
    assert resumed.offset == 500
    assert resumed.start_sample == 1000


def test_what_would_have_ended_is_not_resumed(voice):
    asked(voice, start_sample=1000, stop_sample=3000)
    assert voice.resumed(state(position=2900, reached=1, time_ns=10**9), 1.5) is None
    assert voice.resumed(state(position=2000, reached=1, time_ns=10**9), 1.5).offset == 1500
    assert voice.resumed(state(position=-1, reached=1), 1.5) is None


def test_a_start_that_was_not_reached_is_asked_for_again(voice):
    asked(voice, number=5, at_s=99.0)
    assert voice.resumed(state(reached=4), 50.0) is voice.asked


@given(
    st.integers(0, 50),
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(-20, 120), st.integers(0, 60)), max_size=4),
)
def test_parts_cover_everything_once_and_know_where_they_lie(first, length, places):
    spans = [(low, low + n) for low, n in places]
    parts = split(first, first + length, spans)
    covered = []
    for begin, stop, is_inside in parts:
        assert begin < stop
        for sample in range(begin, stop):
            assert any(low <= sample < high for low, high in spans) == is_inside
            covered.append(sample)
    assert covered == list(range(first, first + length))
