"""MIDI bytes: everything that a cable can carry, in any pieces."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdaudio_server.midi import Event, Parser
from sdaudio_server.midi.parsing import MAX_SYSEX


@pytest.mark.parametrize(
    ("data", "events"),
    [
        ("90 3C 64", [Event("note-on", 1, 60, 100)]),
        ("9F 3C 00", [Event("note-off", 16, 60, 0)]),
        ("80 3C 40", [Event("note-off", 1, 60, 64)]),
        ("A1 3C 05", [Event("key-pressure", 2, 60, 5)]),
        ("B0 07 7F", [Event("cc", 1, 7, 127)]),
        ("C2 05", [Event("program", 3, 5)]),
        ("D0 20", [Event("pressure", 1, 0, 32)]),
        ("E0 00 40", [Event("bend", 1, 0, 0)]),
        ("E0 7F 7F", [Event("bend", 1, 0, 8191)]),
        ("F2 10 01", [Event("position", 0, 0, 144)]),
        ("F3 09", [Event("song", 0, 9)]),
        ("F8 FA FB FC", [Event(kind) for kind in ("clock", "start", "continue", "stop")]),
        ("F0 7E 01 F7", [Event("sysex", data=b"\x7e\x01")]),
        # running status, a clock inside a message, a clock inside a SysEx
        ("90 3C 64 3E 64 40 00", [
            Event("note-on", 1, 60, 100), Event("note-on", 1, 62, 100), Event("note-off", 1, 64, 0),
        ]),
        ("90 3C F8 64", [Event("clock"), Event("note-on", 1, 60, 100)]),
        ("F0 01 F8 02 F7", [Event("clock"), Event("sysex", data=b"\x01\x02")]),
        # a SysEx that another message ends; one that never begins; running status does not
        # outlive a system message
        ("F0 01 02 90 3C 64", [Event("note-on", 1, 60, 100)]),
        ("F7 B0 01 02", [Event("cc", 1, 1, 2)]),
        ("90 3C 64 F6 3C 64", [Event("note-on", 1, 60, 100), Event("tune")]),
        # a message that was cut off
        ("90 3C B0 01 02", [Event("cc", 1, 1, 2)]),
        ("F4 F5 F9 FD 01 02", []),
    ],
)  # fmt: skip
def test_bytes_become_events_in_any_pieces(data: str, events: list[Event]):
    whole = bytes.fromhex(data)
    assert Parser().feed(whole) == events
    single = Parser()
    assert [event for byte in whole for event in single.feed(bytes([byte]))] == events


def test_a_huge_sysex_costs_nothing_and_what_follows_is_heard():
    parser = Parser()
    assert parser.feed(b"\xf0") == []
    for _ in range(40):
        assert parser.feed(bytes(MAX_SYSEX)) == []
    assert parser.feed(b"\xf7\x90\x3c\x64") == [Event("note-on", 1, 60, 100)]
    assert parser.n_lost >= 40 * MAX_SYSEX
    assert parser.feed(b"\xf0\x01\xf7") == [Event("sysex", data=b"\x01")]


def test_what_belongs_to_nothing_is_counted():
    parser = Parser()
    parser.feed(bytes.fromhex("01 02 03"))
    assert parser.n_lost == 3


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_alike_in_any_pieces(data: bytes):
    whole, pieces = Parser(), Parser()
    expected = whole.feed(data)
    chance = random.Random(len(data))
    found, rest = [], data
    while rest:
        cut = chance.randint(1, len(rest))
        found += pieces.feed(rest[:cut])
        rest = rest[cut:]
    assert found == expected
    for event in found:
        assert 0 <= event.channel <= 16
        assert 0 <= event.number <= 127
        assert -8192 <= event.value <= 16383
