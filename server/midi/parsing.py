"""From MIDI bytes to events: running status, real-time bytes inside messages, endless SysEx.

Nothing that arrives is an error: what belongs to no message is counted and passed over.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "note-on", "note-off", "key-pressure", "cc", "program", "pressure", "bend", "sysex",
    "time-code", "position", "song", "tune", "clock", "start", "continue", "stop", "sensing",
    "reset",
]  # fmt: skip

MAX_SYSEX = 65_536
"""Bytes; of a longer one nothing is kept."""

_VOICE: dict[int, tuple[Kind, int]] = {
    0x8: ("note-off", 2),
    0x9: ("note-on", 2),
    0xA: ("key-pressure", 2),
    0xB: ("cc", 2),
    0xC: ("program", 1),
    0xD: ("pressure", 1),
    0xE: ("bend", 2),
}
_COMMON: dict[int, tuple[Kind, int]] = {
    0xF1: ("time-code", 1),
    0xF2: ("position", 2),
    0xF3: ("song", 1),
    0xF6: ("tune", 0),
}
_REAL_TIME: dict[int, Kind] = {
    0xF8: "clock",
    0xFA: "start",
    0xFB: "continue",
    0xFC: "stop",
    0xFE: "sensing",
    0xFF: "reset",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One MIDI message.

    Args:
        kind: what it is; a note-on of velocity 0 is a note-off.
        channel: 1 to 16, 0 for what belongs to none.
        number: of the note or controller; of the program or song as sent, from 0.
        value: velocity, pressure or position of a controller, 0 to 127; of a bend -8192 to 8191; of
            a song position in sixteenths.
        data: of a SysEx, without its first and last byte.
    """

    kind: Kind
    channel: int = 0
    number: int = 0
    value: int = 0
    data: bytes = b""


class Parser:
    """Takes the bytes of one port in any pieces."""

    def __init__(self) -> None:
        self.n_lost = 0
        """Bytes that belonged to no message."""
        self._status = 0
        self._data = bytearray()
        self._sysex: bytearray | None = None
        self._is_too_long = False

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that are complete now."""
        events: list[Event] = []
        for byte in data:
            if byte >= 0xF8:
                # may stand anywhere, inside other messages too
                if kind := _REAL_TIME.get(byte):
                    events.append(Event(kind))
                else:
                    self.n_lost += 1
            elif byte >= 0x80:
                self._begin(byte, events)
            elif self._sysex is not None:
                self._continue_sysex(byte)
            elif self._status:
                self._data.append(byte)
                self._finish(events)
            else:
                self.n_lost += 1
        return events

    def _begin(self, byte: int, events: list[Event]) -> None:
        if self._sysex is not None:
            self._end_sysex(events, is_whole=byte == 0xF7)
            if byte == 0xF7:
                return
        self.n_lost += len(self._data)
        self._data.clear()
        self._status = 0
        if byte == 0xF0:
            self._sysex, self._is_too_long = bytearray(), False
        elif byte < 0xF0 or byte in _COMMON:
            self._status = byte
            self._finish(events)
        else:
            self.n_lost += 1

    def _continue_sysex(self, byte: int) -> None:
        assert self._sysex is not None
        if len(self._sysex) < MAX_SYSEX and not self._is_too_long:
            self._sysex.append(byte)
        else:
            self.n_lost += 1 + len(self._sysex)
            self._sysex.clear()
            self._is_too_long = True

    def _end_sysex(self, events: list[Event], *, is_whole: bool) -> None:
        assert self._sysex is not None
        if is_whole and not self._is_too_long:
            events.append(Event("sysex", data=bytes(self._sysex)))
        else:
            self.n_lost += 1 + len(self._sysex)
        self._sysex = None

    def _finish(self, events: list[Event]) -> None:
        """Append the event if all its bytes are there; a channel's status stays for the next."""
        status, data = self._status, self._data
        is_common = status >= 0xF0
        kind, length = _COMMON[status] if is_common else _VOICE[status >> 4]
        if len(data) < length:
            return
        events.append(_event(kind, 0 if is_common else (status & 0xF) + 1, data))
        data.clear()
        if is_common:
            self._status = 0


def _event(kind: Kind, channel: int, data: bytearray) -> Event:
    match kind:
        case "note-on" if data[1] == 0:
            return Event("note-off", channel, data[0])
        case "note-on" | "note-off" | "key-pressure" | "cc":
            return Event(kind, channel, data[0], data[1])
        case "program" | "song":
            return Event(kind, channel, data[0])
        case "pressure" | "time-code":
            return Event(kind, channel, 0, data[0])
        case "bend":
            return Event(kind, channel, 0, (data[1] << 7 | data[0]) - 8192)
        case "position":
            return Event(kind, channel, 0, data[1] << 7 | data[0])
    return Event(kind, channel)
