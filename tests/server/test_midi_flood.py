"""What is kept of a flood of MIDI."""

from collections import deque

from sdaudio_server.midi.connections import latest


def kept(*messages: tuple[int, ...], keys_too: bool = False) -> list[tuple[int, ...]]:
    pieces = deque(("keys", bytes(message), float(n)) for n, message in enumerate(messages))
    return [tuple(data) for _, data, _ in latest(pieces, keys_too=keys_too)]


def test_of_each_knob_wheel_and_pressure_the_latest_position_stays_in_its_place():
    assert kept(
        (0xB0, 7, 1), (0xE0, 0, 1), (0xB0, 7, 2), (0xB1, 7, 3), (0xD0, 9), (0xE0, 0, 2), (0xD0, 8)
    ) == [(0xB0, 7, 2), (0xB1, 7, 3), (0xE0, 0, 2), (0xD0, 8)]
    assert kept((0xA0, 60, 1), (0xA0, 61, 1), (0xA0, 60, 2)) == [(0xA0, 61, 1), (0xA0, 60, 2)]


def test_notes_clocks_and_pedals_all_stay_in_their_order():
    played = (
        (0x90, 60, 9), (0xB0, 64, 127), (0x80, 60, 0), (0xF8,), (0xB0, 64, 0), (0xF8,),
        (0x90, 60, 9), (0xC0, 1), (0xC0, 1), (0xB0, 123, 0), (0xB0, 123, 0),
    )  # fmt: skip
    assert kept(*played) == list(played)


def test_of_far_too_much_only_whether_a_key_is_down_in_the_end_counts():
    down, up, other = (0x90, 60, 9), (0x80, 60, 0), (0x90, 61, 9)
    assert kept(down, up, down, up, other, keys_too=True) == [up, other]
    assert kept(down, up, other, down, keys_too=True) == [other, down]
    assert kept((0x91, 60, 9), up, keys_too=True) == [(0x91, 60, 9), up]


def test_parameters_are_spoken_in_order():
    said = ((0xB0, 101, 0), (0xB0, 100, 0), (0xB0, 6, 12), (0xB0, 101, 0), (0xB0, 100, 6),
            (0xB0, 6, 15))  # fmt: skip
    assert kept(*said) == list(said)


def test_an_input_that_sends_pieces_of_messages_keeps_them_all():
    pieces = ((0xB0, 7, 1), (7, 2), (0xB0, 7, 3))
    assert kept(*pieces) == list(pieces)
    others = deque([("a", bytes((7, 2)), 0.0), *[("b", bytes((0xB0, 7, n)), 0.0) for n in (1, 2)]])
    assert [data[-1] for _, data, _ in latest(others)] == [2, 2]


def test_several_messages_in_one_piece_are_left_alone():
    together = (0xB0, 7, 1, 0xB0, 7, 2)
    assert kept(together, together) == [together, together]
