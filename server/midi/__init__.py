"""MIDI: ports that come and go, maps from keys and knobs to commands, an instrument of codes.

What hands do runs through the same dispatch as OSC, so it has the same checks, errors, undo and
events.
"""

from .desk import MidiDesk
from .maps import Map, known_maps, read_map
from .parsing import Event, Parser
from .ports import Backend, MidiPorts, MidoBackend

__all__ = [
    "Backend",
    "Event",
    "Map",
    "MidiDesk",
    "MidiPorts",
    "MidoBackend",
    "Parser",
    "known_maps",
    "read_map",
]
