"""What wheels and pressure do to notes: per channel, and by MPE zones."""

import pytest

from sdaudio_server.midi.expression import Expression
from sdaudio_server.midi.parsing import Parser


def heard(*data: int, zone=None) -> Expression:
    expression = Expression(zone)
    for event in Parser().feed(bytes(data)):
        expression.hear(event)
    return expression


def bend(channel: int, value: int) -> tuple[int, int, int]:
    return 0xE0 | (channel - 1), (value + 8192) & 0x7F, (value + 8192) >> 7


def parameter(channel: int, number: int, value: int, fine: int | None = None) -> tuple[int, ...]:
    status = 0xB0 | (channel - 1)
    data = (status, 101, 0, status, 100, number, status, 6, value)
    return data if fine is None else (*data, status, 38, fine)


LOWER = parameter(1, 6, 5)


def test_a_wheel_bends_its_channel_by_what_the_map_says():
    expression = heard(*bend(3, 4096))
    assert expression.shape(3, 60, 2.0).semitones == 1.0
    assert expression.shape(3, 60, 12.0).semitones == 6.0
    assert expression.shape(4, 60, 12.0).semitones == 0.0


def test_what_a_controller_says_of_its_wheel_counts_more_than_the_map():
    expression = heard(*parameter(3, 0, 7, 50), *bend(3, -8192))
    assert expression.shape(3, 60, 2.0).semitones == -7.5


def test_a_parameter_of_the_makers_own_is_no_bend_range():
    status = 0xB0
    data = (status, 101, 0, status, 100, 0, status, 99, 1, status, 98, 0, status, 6, 24)
    assert heard(*data, *bend(1, 4096)).shape(1, 60, 2.0).semitones == 1.0


def test_the_stronger_of_the_pressures_on_key_and_channel_counts():
    expression = heard(0xD0, 100, 0xA0, 60, 127)
    assert expression.shape(1, 60, 2.0).pressure == 1.0
    assert expression.shape(1, 61, 2.0).pressure == 100 / 127
    # a key that is let go has none
    for event in Parser().feed(bytes((0x80, 60, 0, 0xD0, 0))):
        expression.hear(event)
    assert expression.shape(1, 60, 2.0).pressure == 0.0


def test_a_zone_that_is_announced_bends_each_note_by_itself_and_all_by_the_master():
    expression = heard(*LOWER, *bend(2, 4096), *bend(3, -2048), *bend(1, 8191), 0xD2, 64)
    assert [expression.voice_of(channel) for channel in (1, 2, 6, 7, 16)] == [1, 1, 1, 7, 16]
    master = 2.0 * 8191 / 8192
    assert expression.shape(2, 60, 12.0).semitones == pytest.approx(24.0 + master)
    assert expression.shape(3, 60, 12.0).semitones == pytest.approx(-12.0 + master)
    assert expression.shape(1, 60, 12.0).semitones == pytest.approx(master)
    assert expression.shape(3, 60, 12.0).pressure == 64 / 127
    assert expression.shape(2, 60, 12.0).pressure == 0.0
    # a channel outside of it is a channel as any other
    assert expression.shape(7, 60, 12.0).semitones == 0.0
    pairs = ((1, 6), (4, 4), (1, 7), (2, 3))
    assert [expression.covers(*pair) for pair in pairs] == [True, True, False, False]


def test_the_range_of_one_member_is_that_of_all_and_the_master_keeps_its_own():
    expression = heard(*LOWER, *parameter(4, 0, 12), *parameter(1, 0, 5), *bend(2, 4096))
    assert expression.shape(2, 60, 2.0).semitones == 6.0
    for event in Parser().feed(bytes(bend(1, 8191))):
        expression.hear(event)
    assert expression.shape(2, 60, 2.0).semitones == pytest.approx(11.0, abs=0.01)
    # announced anew it forgets the ranges
    for event in Parser().feed(bytes((*LOWER, *bend(1, 0)))):
        expression.hear(event)
    assert expression.shape(2, 60, 2.0).semitones == 24.0


def test_the_upper_zone_counts_downwards_and_takes_what_it_needs_from_the_lower():
    expression = heard(*parameter(1, 6, 15))
    assert expression.voice_of(16) == 1
    for event in Parser().feed(bytes(parameter(16, 6, 4))):
        expression.hear(event)
    voices = [expression.voice_of(channel) for channel in range(1, 17)]
    assert voices == [1] * 11 + [16] * 5
    for event in Parser().feed(bytes(parameter(16, 6, 0))):
        expression.hear(event)
    assert expression.voice_of(12) == 12
    assert expression.voice_of(11) == 1
    for event in Parser().feed(bytes(parameter(16, 6, 15))):
        expression.hear(event)
    assert {expression.voice_of(channel) for channel in range(1, 17)} == {16}


def test_a_zone_may_be_there_without_being_announced():
    assert heard(zone="lower").voice_of(16) == 1
    assert heard(zone="upper").voice_of(1) == 16
    assert heard(*parameter(1, 6, 3), zone="lower").voice_of(5) == 5


def test_reset_all_controllers_puts_a_channel_in_the_middle():
    expression = heard(*bend(1, 4096), 0xD0, 99, 0xA0, 60, 80, 0xB0, 121, 0)
    shape = expression.shape(1, 60, 2.0)
    assert (shape.semitones, shape.pressure) == (0.0, 0.0)


def test_what_changes_nothing_says_so():
    expression = Expression()
    told = {
        data: [expression.hear(event) for event in Parser().feed(bytes(data))]
        for data in ((0x90, 60, 9), (0xB0, 1, 5), (0xE0, 0, 64), (0xD0, 4), (0xF8,), (0xC0, 1))
    }
    assert list(told.values()) == [[False], [False], [True], [True], [False], [False]]
