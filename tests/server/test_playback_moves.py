"""What a voice does while it plays: other speeds, gains and places, exact moments, a hand on it."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixing_desk import RATE, Desk, noise, sine

from sdaudio_server.playback.mixer import GLIDE_S, Mixer
from sdaudio_server.playback.readers import Start, guarded

FADE = 240
GLIDE = round(GLIDE_S * RATE)

SMOOTH = 0.02
"""More than a faded 100 Hz sine moves from one sample to the next, less than any click."""


def test_another_speed_glides_there_and_keeps_the_place():
    desk = Desk()
    desk.sound(sine(96_000))
    desk.play()
    desk.run(1000)
    desk.mixer.set_voice(0, gain=1.0, speed=0.5)
    desk.run(GLIDE)
    # from 1 to a half along a line: three quarters on the way
    assert abs(desk.mixer.position(0) - (1000 + 0.75 * GLIDE)) < 2
    before = desk.mixer.position(0)
    desk.run(10_000)
    assert abs(desk.mixer.position(0) - before - 5000) <= 1
    assert desk.largest_step < SMOOTH


def test_the_own_speed_again_gives_the_samples_themselves():
    desk = Desk()
    audio = noise(96_000)
    desk.sound(audio)
    desk.play()
    desk.run(777)
    desk.mixer.set_voice(0, gain=1.0, speed=1.37)
    desk.run(10_001)
    desk.mixer.set_voice(0, gain=1.0, speed=1.0)
    desk.run(GLIDE)
    place = desk.mixer.position(0)
    np.testing.assert_array_equal(desk.run(1000), audio[place : place + 1000])


def test_a_loop_keeps_its_region_at_any_speed():
    desk = Desk()
    desk.sound(sine(48_000))
    desk.play(start=4800, stop=9600, loop=True)
    for speed in (2.0, 0.3, 3.9, 1.0):
        desk.mixer.set_voice(0, gain=1.0, speed=speed)
        for _ in range(60):
            desk.run(200)
            assert 4800 <= desk.mixer.position(0) < 9600
    assert desk.largest_step < 4 * SMOOTH


def test_a_voice_starts_with_the_gain_and_speed_it_was_given():
    desk = Desk()
    desk.sound(np.ones(48_000, np.float32))
    desk.mixer.set_voice(0, gain=0.5, speed=2.0)
    desk.play(gain=0.5)
    assert (desk.run(1000) == 0.25).all()
    assert desk.mixer.position(0) == 2000


def test_the_gain_of_a_voice_moves_smoothly_and_leaves_that_of_its_start():
    desk = Desk()
    desk.sound(np.ones(48_000, np.float32))
    desk.play(gain=0.5)
    desk.run(100)
    desk.mixer.set_voice(0, gain=0.1, speed=1.0)
    out = desk.run(2000)
    assert desk.largest_step < 0.001
    np.testing.assert_allclose(out[1000:], 0.05, rtol=1e-6)


def test_a_gain_moves_while_a_voice_fades():
    desk = Desk()
    desk.sound(np.ones(48_000, np.float32))
    desk.play()
    desk.run(100)
    desk.mixer.set_voice(0, gain=0.5, speed=1.0)
    desk.mixer.stop(0, 0.02)
    out = desk.run(2000)
    assert desk.largest_step < 0.003
    assert not out[960:].any()


def test_fades_take_as_long_as_they_are_told():
    desk = Desk()
    desk.sound(np.ones(48_000, np.float32))
    desk.play(fade_s=0.1)
    rising = desk.run(4800)
    np.testing.assert_allclose(rising, np.arange(4800) / 4800, atol=1e-4)
    desk.mixer.stop(0, 0.1)
    falling = desk.run(5000)
    np.testing.assert_allclose(falling[:4800], 1 - np.arange(4800) / 4800, atol=1e-4)
    assert not falling[4800:].any()


@pytest.mark.parametrize("is_coming", [True, False])
def test_a_patch_under_a_slow_fade_is_smooth_and_the_fade_goes_on(is_coming):
    desk = Desk()
    audio = sine(48_000)
    desk.sound(audio)
    if is_coming:
        desk.play(fade_s=0.5)
    else:
        desk.play()
        desk.run(1)
        desk.mixer.stop(0, 0.5)
    desk.run(12_000)
    patched = audio.copy()
    patched[6000:20_000] *= -1
    desk.mixer.patch(0, 6000, patched[6000:20_000])
    out = desk.run(7000)
    assert desk.largest_step < SMOOTH
    first = len(desk.out) - len(out)
    level = np.arange(first, first + 7000) / 24_000
    expected = patched[first : first + 7000] * (level if is_coming else 1 - level)
    np.testing.assert_allclose(out[FADE:], expected[FADE:], atol=1e-3)


@given(st.integers(0, 3000), st.integers(1, 700))
@settings(max_examples=30, deadline=None)
def test_a_start_comes_on_its_frame_however_the_blocks_fall(frame, block_length):
    desk = Desk()
    audio = noise(1000)
    desk.sound(audio)
    desk.mixer.at(frame, 0, partial(desk.mixer.play, 0, Start(0)))
    out = desk.run(5000, block_length)
    assert not out[:frame].any()
    np.testing.assert_array_equal(out[frame : frame + 1000], audio)


def test_two_voices_of_one_frame_start_together():
    desk = Desk()
    for voice in (0, 1):
        desk.sound(noise(1000, voice), voice=voice)
        desk.mixer.at(777, voice, partial(desk.mixer.play, voice, Start(0)))
    out = desk.run(3000)
    np.testing.assert_array_equal(out[777:1777], noise(1000, 0) + noise(1000, 1))


def test_what_is_cancelled_does_not_start():
    desk = Desk()
    desk.sound(noise(1000))
    desk.mixer.at(100, 0, partial(desk.mixer.play, 0, Start(0)))
    desk.mixer.cancel(0)
    assert not desk.run(1000).any()


def test_a_loop_that_is_late_joins_where_it_would_be():
    desk = Desk()
    audio = noise(1000)
    desk.sound(audio)
    desk.mixer.set_voice(0, gain=1.0, speed=2.0)
    desk.play(loop=True, late_frames=700)
    assert desk.mixer.position(0) == 400


def test_a_one_shot_waits_for_its_frame():
    desk = Desk()
    sound = guarded(noise(300, 2), RATE)
    desk.mixer.one_shot(sound, 1.0, 500)
    out = desk.run(1000)
    assert not out[:500].any()
    np.testing.assert_array_equal(out[500:800], noise(300, 2))
    assert list(desk.mixer.retired) == [sound]


def test_a_loop_moves_to_another_region_in_phase():
    desk = Desk()
    audio = sine(48_000)
    desk.sound(audio)
    desk.play(start=4800, stop=9600, loop=True)
    desk.run(6000)
    desk.play(start=14_400, stop=19_200, loop=True, in_phase=True)
    # 1200 into the second pass
    assert desk.mixer.position(0) == 14_400 + 1200
    desk.run(1000)
    assert desk.largest_step < 2 * SMOOTH


def test_another_voice_goes_on_where_one_is():
    desk = Desk()
    desk.sound(sine(48_000), voice=0)
    other = sine(48_000, phase=1.0)
    desk.sound(other, voice=1)
    desk.play(0, start=100, stop=40_000, loop=True, gain=0.5)
    desk.run(1000)
    desk.mixer.hand_over(0, 1)
    out = desk.run(1000)
    assert (desk.mixer.position(0), desk.mixer.position(1)) == (-1, 2100)
    np.testing.assert_array_equal(out[FADE:], 0.5 * other[1100 + FADE : 2100])
    assert desk.largest_step < SMOOTH


def test_a_hand_that_rests_is_heard_until_it_goes():
    desk = Desk()
    desk.sound(np.full(48_000, 0.5, np.float32))
    desk.mixer.scrub(0, 20_000, hold_s=0.2, gain=1.0)
    out = desk.run(20_000)
    # two grains at a time add up to what they are grains of
    np.testing.assert_allclose(out[1440:9000], 0.5, atol=1e-3)
    assert desk.largest_step < 0.001
    assert not out[13_000:].any()
    assert desk.mixer.position(0) == -1


def test_a_hand_that_starts_are_cancelled_for_still_goes():
    desk = Desk()
    desk.sound(np.ones(48_000, np.float32))
    for _ in range(2):
        desk.mixer.cancel(0)
        desk.mixer.scrub(0, 20_000, hold_s=0.1, gain=1.0)
        desk.run(1000)
    desk.run(10_000)
    assert desk.mixer.position(0) == -1


def test_a_moving_hand_is_smooth_and_is_where_it_was_moved():
    desk = Desk()
    desk.sound(sine(96_000))
    for place in range(1000, 90_000, 3000):
        desk.mixer.scrub(0, place, hold_s=0.2, gain=1.0)
        desk.run(800)
        assert desk.mixer.position(0) == place
    assert desk.largest_step < 2 * SMOOTH
    assert np.abs(desk.out[4000:]).max() > 0.2


def test_a_hand_takes_over_what_plays_and_a_start_takes_it_back():
    desk = Desk()
    audio = sine(48_000)
    desk.sound(audio)
    desk.play(loop=True)
    desk.run(1000)
    desk.mixer.scrub(0, 30_000, hold_s=1.0, gain=1.0)
    desk.run(5000)
    desk.play(loop=True)
    desk.run(3000)
    np.testing.assert_array_equal(desk.run(1000), audio[3000:4000])
    assert desk.largest_step < 2 * SMOOTH


@pytest.mark.parametrize("length", [1, 50, 3000])
def test_a_short_sound_can_be_scrubbed(length):
    desk = Desk()
    desk.sound(np.full(length, 0.5, np.float32))
    desk.mixer.scrub(0, length - 1, hold_s=0.1, gain=1.0)
    out = desk.run(20_000)
    assert np.isfinite(out).all()
    assert not out[15_000:].any()


moves = st.lists(
    st.one_of(
        st.tuples(st.just("speed"), st.floats(0.25, 4.0)),
        st.tuples(st.just("gain"), st.floats(0.0001, 2.0)),
        st.tuples(st.just("play"), st.integers(0, 900), st.integers(32, 1000), st.booleans()),
        st.tuples(st.just("scrub"), st.integers(0, 1999)),
        st.tuples(st.just("hand over"), st.integers(0, 1)),
        st.tuples(st.just("patch"), st.integers(0, 1500)),
        st.tuples(st.just("stop")),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(moves, st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_the_blocks_make_no_difference_to_moves(steps, block_lengths):
    results = []
    for split in (block_lengths, [sum(block_lengths)]):
        desk = Desk()
        desk.mixer = Mixer(RATE, max_block_length=10_000)
        desk.sound(noise(2000), voice=0)
        desk.sound(noise(2000, 1), voice=1)
        gain = speed = 1.0
        for name, *values in steps:
            match name:
                case "speed":
                    speed = values[0]
                    desk.mixer.set_voice(0, gain=gain, speed=speed)
                case "gain":
                    gain = values[0]
                    desk.mixer.set_voice(0, gain=gain, speed=speed)
                case "play":
                    start, length, loop = values
                    desk.play(start=start, stop=start + length, loop=loop)
                case "scrub":
                    desk.mixer.scrub(0, values[0], hold_s=0.1, gain=1.0)
                case "hand over":
                    desk.mixer.hand_over(values[0], 1 - values[0])
                case "patch":
                    desk.mixer.patch(0, values[0], noise(300, 3))
                case "stop":
                    desk.mixer.stop(0)
            for n_frames in split:
                desk.run(n_frames, block_length=n_frames)
        results.append(desk.out)
    np.testing.assert_allclose(results[0], results[1], atol=1e-4)
    assert np.isfinite(results[0]).all()
