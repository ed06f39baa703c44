import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mixing_desk import RATE, Desk, noise, sine

from sdaudio_server.playback.mixer import MAX_ONE_SHOTS, Mixer
from sdaudio_server.playback.readers import GUARD, guarded

FADE = 240
"""Samples of the fade out."""

RISE = 48
"""Samples of the fade in."""

SMOOTH = 0.02
"""More than a faded 100 Hz sine moves from one sample to the next, less than any click."""


def test_nothing_playing_is_silence():
    assert not Desk().run(1000).any()


def test_a_whole_sound_comes_out_exactly_and_then_silence():
    desk = Desk()
    audio = noise(10_000)
    desk.sound(audio)
    desk.play()
    out = desk.run(12_000)
    np.testing.assert_array_equal(out[:10_000], audio)
    assert not out[10_000:].any()
    assert desk.mixer.position(0) == -1


def test_voices_add_up():
    desk = Desk()
    desk.sound(noise(500, 1), voice=0)
    desk.sound(noise(500, 2), voice=1)
    desk.play(0)
    desk.play(1, gain=0.5)
    expected = noise(500, 1) + noise(500, 2) * np.float32(0.5)
    np.testing.assert_array_equal(desk.run(500), expected)


def test_a_start_within_the_sound_rises_within_a_millisecond():
    desk = Desk()
    audio = sine(10_000, phase=1.5)
    desk.sound(audio)
    desk.play(start=3000)
    out = desk.run(4000)
    assert desk.largest_step < SMOOTH
    assert abs(out[0]) < SMOOTH
    np.testing.assert_array_equal(out[RISE:], audio[3000 + RISE : 7000])


def test_a_stop_within_the_sound_has_faded_when_it_is_reached():
    desk = Desk()
    audio = sine(10_000, phase=1.5)
    audio[5000:] = 1.0
    desk.sound(audio)
    desk.play(stop=5000)
    out = desk.run(6000)
    assert desk.largest_step < SMOOTH
    np.testing.assert_array_equal(out[: 5000 - FADE], audio[: 5000 - FADE])
    assert abs(out[4999]) < SMOOTH
    assert not out[5000:].any()
    assert desk.mixer.position(0) == -1


def test_a_stopped_voice_fades_within_five_milliseconds():
    desk = Desk()
    desk.sound(sine(48_000))
    desk.play()
    desk.run(1000)
    desk.mixer.stop(0)
    assert desk.mixer.position(0) == -1
    out = desk.run(1000)
    assert desk.largest_step < SMOOTH
    assert np.abs(out[: FADE - 10]).max() > 0.1
    assert not out[FADE:].any()


def test_a_jump_is_smooth_and_goes_where_it_was_told():
    desk = Desk()
    audio = sine(48_000)
    desk.sound(audio)
    desk.play()
    desk.run(1120)
    desk.play(start=30_360)
    out = desk.run(1000)
    # Two sines overlap for 5 ms.
    assert desk.largest_step < 2 * SMOOTH
    np.testing.assert_array_equal(out[FADE:], audio[30_360 + FADE : 31_360])
    assert desk.mixer.position(0) == 31_360


def test_a_loop_of_the_whole_sound_repeats_it_exactly():
    desk = Desk()
    audio = noise(1000)
    desk.sound(audio)
    desk.play(loop=True)
    np.testing.assert_array_equal(desk.run(3500), np.resize(audio, 3500))
    assert desk.mixer.position(0) == 500


def test_a_loop_within_the_sound_keeps_its_length_and_the_attack_at_its_start():
    desk = Desk()
    audio = noise(10_000)
    desk.sound(audio)
    desk.play(start=2000, stop=4000, loop=True)
    out = desk.run(6000)
    for turn in (1, 2):
        begin = 2000 * turn
        np.testing.assert_array_equal(out[begin : begin + 2000 - FADE], audio[2000 : 4000 - FADE])


def test_a_loop_crossfades_into_what_lies_before_its_start():
    desk = Desk()
    audio = np.zeros(10_000, dtype=np.float32)
    audio[:2000] = 1.0
    audio[4000:] = 9.0
    desk.sound(audio)
    desk.play(start=2000, stop=4000, loop=True)
    out = desk.run(3000)
    rising = out[2000 - FADE : 2000]
    np.testing.assert_allclose(rising, np.arange(FADE) / FADE, atol=1e-5)
    assert out.max() <= 1.0


def test_a_loop_is_smooth():
    desk = Desk()
    desk.sound(sine(48_000))
    desk.play(start=5000, stop=11_111, loop=True)
    desk.run(40_000)
    assert desk.largest_step < SMOOTH


def test_a_loop_from_the_first_sample_begins_in_full_each_time():
    desk = Desk()
    audio = noise(10_000)
    desk.sound(audio)
    desk.play(stop=2000, loop=True)
    out = desk.run(4000)
    np.testing.assert_array_equal(out[2000 : 4000 - FADE], audio[: 2000 - FADE])


def test_a_loop_shorter_than_its_fades_still_keeps_its_length():
    desk = Desk()
    audio = noise(10_000)
    desk.sound(audio)
    desk.play(start=1000, stop=1100, loop=True)
    out = desk.run(1000)
    for turn in range(1, 9):
        np.testing.assert_array_equal(out[100 * turn : 100 * turn + 50], audio[1000:1050])
    assert np.abs(out).max() <= 1.0 + 1e-6
    assert 1000 <= desk.mixer.position(0) < 1100


def test_the_position_advances_by_what_was_played():
    desk = Desk()
    desk.sound(noise(48_000))
    assert desk.mixer.position(0) == -1
    desk.play(start=100, stop=40_000, loop=True)
    desk.run(1000)
    assert desk.mixer.position(0) == 1100


def test_the_position_stays_in_the_loop_while_it_crossfades():
    desk = Desk()
    desk.sound(noise(48_000))
    desk.play(start=10_000, stop=12_000, loop=True)
    for _ in range(500):
        desk.run(16)
        assert 10_000 <= desk.mixer.position(0) < 12_000


def test_another_sound_goes_on_at_the_same_place():
    desk = Desk()
    desk.sound(np.full(48_000, 0.25, dtype=np.float32))
    desk.play(loop=True)
    desk.run(1000)
    other = noise(48_000)
    desk.sound(other)
    out = desk.run(2000)
    np.testing.assert_allclose(out[FADE:], other[1000 + FADE : 3000], atol=1e-7)


def test_another_sound_comes_in_smoothly():
    desk = Desk()
    desk.sound(np.full(48_000, 0.5, dtype=np.float32))
    desk.play(loop=True)
    desk.run(1000)
    desk.sound(np.full(48_000, -0.5, dtype=np.float32))
    out = desk.run(1000)
    np.testing.assert_allclose(out[:FADE], 0.5 - np.arange(FADE) / FADE, atol=1e-5)
    assert desk.largest_step < SMOOTH


def test_the_same_sound_again_is_not_heard():
    desk = Desk()
    audio = sine(48_000)
    desk.sound(audio)
    desk.play()
    desk.run(1000)
    desk.sound(audio)
    np.testing.assert_allclose(desk.run(2000), audio[1000:3000], atol=1e-6)


def test_a_loop_to_the_end_goes_to_the_end_of_the_next_sound():
    desk = Desk()
    desk.sound(noise(1000))
    desk.play(loop=True)
    desk.run(500)
    longer = noise(5000, 3)
    desk.sound(longer)
    desk.run(4500)
    np.testing.assert_allclose(desk.run(2000), longer[:2000], atol=1e-7)


def test_a_position_beyond_the_next_sound_comes_back_to_the_start_of_the_loop():
    desk = Desk()
    desk.sound(noise(48_000))
    desk.play(loop=True)
    desk.run(20_000)
    shorter = noise(5000, 3)
    desk.sound(shorter)
    out = desk.run(1000)
    np.testing.assert_allclose(out[FADE:], shorter[FADE:1000], atol=1e-7)


def test_a_voice_beyond_the_next_sound_ends_when_it_does_not_loop():
    desk = Desk()
    desk.sound(sine(48_000))
    desk.play()
    desk.run(20_000)
    desk.sound(sine(5000))
    assert desk.mixer.position(0) == -1
    assert not desk.run(1000)[FADE:].any()
    assert desk.largest_step < SMOOTH


def test_a_patch_is_heard_in_the_next_pass():
    desk = Desk()
    audio = noise(2000)
    desk.sound(audio)
    desk.play(loop=True)
    desk.run(1000)
    part = noise(300, 5)
    desk.mixer.patch(0, 100, part)
    desk.run(1000)
    out = desk.run(2000)
    np.testing.assert_array_equal(out[100:400], part)
    np.testing.assert_array_equal(out[400:], audio[400:])


def test_a_patch_under_the_playhead_is_smooth():
    desk = Desk()
    audio = sine(48_000)
    desk.sound(audio)
    desk.play()
    desk.run(1000)
    desk.mixer.patch(0, 0, -audio)
    out = desk.run(1000)
    assert desk.largest_step < SMOOTH
    np.testing.assert_array_equal(out[FADE:], -audio[1000 + FADE : 2000])


def test_a_patch_just_ahead_of_the_playhead_is_left_whole():
    desk = Desk()
    audio = noise(48_000)
    desk.sound(audio)
    desk.play()
    desk.run(1000)
    part = noise(500, 5)
    desk.mixer.patch(0, 1000 + FADE + GUARD, part)
    out = desk.run(1000)
    np.testing.assert_array_equal(out[FADE + GUARD : FADE + GUARD + 500], part)


def test_a_patch_reaching_past_the_end_is_cut():
    desk = Desk()
    desk.sound(noise(1000))
    desk.mixer.patch(0, 900, noise(500, 5))
    desk.play()
    out = desk.run(1500)
    np.testing.assert_array_equal(out[900:1000], noise(500, 5)[:100])
    assert not out[1000:].any()


def test_a_patch_while_looping_at_another_rate_is_smooth_over_the_seam():
    desk = Desk()
    audio = sine(44_100, rate=44_100)
    desk.sound(audio, rate=44_100)
    desk.play(loop=True)
    desk.run(47_950)
    desk.mixer.patch(0, 43_000, -audio[43_000:])
    desk.run(1000)
    # The sound itself jumps where the part ends, at its seam, but nowhere else.
    seam = 48_000
    assert np.abs(np.diff(desk.out[:seam])).max() < SMOOTH


def test_the_master_gain_moves_smoothly_and_arrives():
    desk = Desk()
    desk.sound(np.ones(48_000, dtype=np.float32))
    desk.play(loop=True)
    desk.run(1000)
    desk.mixer.set_gain(0.25)
    out = desk.run(2000)
    assert desk.largest_step < 0.001
    assert (out[960:] == np.float32(0.25)).all()
    desk.mixer.set_gain(1.0)
    assert (desk.run(2000)[960:] == 1.0).all()
    assert desk.largest_step < 0.001


def test_one_shots_play_beside_voices_and_hand_their_sound_back():
    desk = Desk()
    desk.sound(noise(5000, 1))
    desk.play()
    sound = guarded(noise(300, 2), RATE)
    desk.mixer.one_shot(sound, 1.0)
    out = desk.run(1000)
    np.testing.assert_array_equal(out[:300], noise(5000, 1)[:300] + noise(300, 2))
    np.testing.assert_array_equal(out[300:], noise(5000, 1)[300:1000])
    assert list(desk.mixer.retired) == [sound]


def test_one_shot_too_many_ends_the_oldest():
    desk = Desk()
    sounds = [guarded(noise(5000, seed), RATE) for seed in range(MAX_ONE_SHOTS + 1)]
    for sound in sounds:
        desk.mixer.one_shot(sound, 1.0)
    desk.run(FADE)
    assert list(desk.mixer.retired) == [sounds[0]]


def test_a_replaced_sound_is_handed_back_when_its_fade_is_over():
    desk = Desk()
    first = desk.sound(noise(48_000))
    desk.play()
    desk.run(100)
    desk.sound(noise(48_000, 2))
    assert not desk.mixer.retired
    desk.run(FADE + 1)
    assert list(desk.mixer.retired) == [first]


def test_a_removed_voice_fades_and_is_unknown_then():
    desk = Desk()
    desk.sound(sine(48_000))
    desk.play()
    desk.run(1000)
    desk.mixer.remove_sound(0)
    desk.play()
    desk.mixer.stop(0)
    desk.mixer.patch(0, 0, noise(10))
    assert not desk.run(1000)[FADE:].any()
    assert desk.largest_step < SMOOTH


def test_stopping_all_fades_voices_and_one_shots():
    desk = Desk()
    for voice in range(3):
        desk.sound(sine(48_000), voice=voice)
        desk.play(voice)
    desk.mixer.one_shot(guarded(sine(48_000), RATE), 1.0)
    desk.run(1000)
    desk.mixer.stop_all()
    assert not desk.run(1000)[FADE:].any()
    assert desk.largest_step < 4 * SMOOTH


@pytest.mark.parametrize("rate", [44_100, 22_050, 96_000])
def test_another_rate_is_interpolated(rate):
    desk = Desk()
    desk.sound(sine(rate, frequency=1000.0, rate=rate), rate=rate)
    desk.play()
    out = desk.run(48_100)
    expected = sine(48_000, frequency=1000.0)
    error = out[10:47_990] - expected[10:47_990]
    assert np.mean(error**2) < 1e-6 * np.mean(expected**2)
    assert not out[48_010:].any()


def test_a_loop_at_another_rate_has_no_seam():
    desk = Desk()
    desk.sound(sine(44_100, rate=44_100), rate=44_100)
    desk.play(loop=True)
    out = desk.run(3 * 48_000)
    np.testing.assert_allclose(out[10:], sine(3 * 48_000)[10:], atol=1e-4)


blocks = st.lists(st.integers(1, 700), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    blocks,
    st.sampled_from([48_000, 44_100]),
    st.tuples(st.integers(0, 1500), st.integers(32, 1500), st.booleans()),
    st.booleans(),
)
@example([1, 1, 1, 1, 465, 700, 1], 44_100, (0, 32, True), False)
@example([1, 31], 44_100, (131, 49, True), False)
def test_the_blocks_make_no_difference(block_lengths, rate, region, stops):
    start, length, loop = region
    results = []
    for split in (block_lengths, [sum(block_lengths)]):
        desk = Desk()
        desk.mixer = Mixer(RATE, max_block_length=10_000)
        desk.sound(noise(3000), rate=rate)
        desk.play(start=start, stop=start + length, loop=loop)
        desk.run(50)
        if stops:
            desk.mixer.stop(0)
        for n_frames in split:
            desk.run(n_frames, block_length=n_frames)
        results.append(desk.out)
    np.testing.assert_allclose(results[0], results[1], atol=2e-5)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(0, 900), st.integers(32, 1000), st.booleans()),
        st.tuples(st.just("stop")),
        st.tuples(st.just("sound"), st.integers(1, 3000), st.sampled_from([48_000, 44_100, 8000])),
        st.tuples(st.just("patch"), st.integers(0, 2000), st.integers(1, 900)),
        st.tuples(st.just("run"), st.integers(1, 600)),
        st.tuples(st.just("remove")),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(actions)
def test_nothing_breaks_and_every_sound_comes_back(steps):
    desk = Desk()
    made = [desk.sound(noise(2000))]
    for name, *values in steps:
        match name:
            case "play":
                start, length, loop = values
                desk.play(start=start, stop=start + length, loop=loop)
            case "stop":
                desk.mixer.stop(0)
            case "sound":
                made.append(desk.sound(noise(values[0]), rate=values[1]))
            case "patch":
                desk.mixer.patch(0, min(values[0], made[-1].length - 1), noise(values[1]))
            case "run":
                desk.run(values[0])
            case "remove":
                desk.mixer.remove_sound(0)
    assert np.isfinite(desk.out).all()
    assert np.abs(desk.out).max(initial=0.0) < 8.0
    desk.mixer.remove_sound(0)
    desk.run(2 * FADE)
    assert set(made) <= set(desk.mixer.retired)
    assert not desk.run(10).any()
