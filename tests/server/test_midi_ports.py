import sys

import pytest

from sdaudio_server.midi import MidoBackend


def test_listing_ports_never_raises_and_says_why_there_are_none():
    ports = MidoBackend().ports()
    assert ports.problem or ports.inputs or ports.outputs


def test_without_a_midi_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mido", None)
    ports = MidoBackend().ports()
    assert (ports.inputs, ports.outputs) == ((), ())
    assert "sdaudio[midi]" in ports.problem
