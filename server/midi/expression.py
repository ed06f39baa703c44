"""What the wheels and the pressure of a controller do to the notes that sound.

Per channel, or per note where a controller sends MPE (MIDI Polyphonic Expression, MIDI Association
RP-053): each note then has a channel of its own, and a master channel speaks for all of them. A
controller that announces its zones (registered parameter 6) is understood without any map.
"""

from dataclasses import dataclass, field
from typing import Literal

from .parsing import Event

Zone = Literal["lower", "upper"]
MASTERS: dict[Zone, int] = {"lower": 1, "upper": 16}
"""The channel that speaks for a zone. Members follow it upwards, or precede it downwards."""
MOST_MEMBERS = 15
MEMBER_BEND = 48.0
"""Semitones of a member's bend until it says otherwise."""
MASTER_BEND = 2.0

_BEND_STEPS = 8192
_DATA, _DATA_FINE, _RPN_FINE, _RPN, _NRPN_FINE, _NRPN = 6, 38, 100, 101, 98, 99
_RESET = 121
_BEND_RANGE, _CONFIGURATION, _NONE = 0, 6, 0x3FFF


@dataclass(frozen=True, slots=True)
class Shape:
    """What is done to a note: ``semitones`` of bend, ``pressure`` from 0 to 1."""

    semitones: float = 0.0
    pressure: float = 0.0


@dataclass(slots=True)
class _Channel:
    bend: int = 0
    pressure: int = 0
    keys: dict[int, int] = field(default_factory=dict)
    """Pressure of single keys."""
    bend_range: float | None = None
    """In semitones; None until the controller says it."""
    parameter: int = _NONE
    """The registered parameter that data entries are for."""


class Expression:
    """The wheels and pressures of one input.

    Args:
        zone: an MPE zone of all channels that is there from the start, for controllers that do not
            announce theirs; None is none.
    """

    def __init__(self, zone: Zone | None = None) -> None:
        self._channels = {number: _Channel() for number in range(1, 17)}
        self._members: dict[Zone, int] = {zone: MOST_MEMBERS} if zone else {}

    def hear(self, event: Event) -> bool:
        """Take an event; whether it may change what sounds."""
        if not event.channel:
            return False
        channel = self._channels[event.channel]
        match event.kind:
            case "bend":
                channel.bend = event.value
            case "pressure":
                channel.pressure = event.value
            case "key-pressure":
                channel.keys[event.number] = event.value
            case "note-on" | "note-off":
                channel.keys.pop(event.number, None)
                return False
            case "cc":
                return self._control(event.channel, channel, event.number, event.value)
            case _:
                return False
        return True

    def voice_of(self, channel: int) -> int:
        """The channel that a note on a channel belongs to: of a zone's member, the master."""
        zone = self._zone_of(channel)
        return MASTERS[zone] if zone else channel

    def covers(self, speaker: int, channel: int) -> bool:
        """Whether what is said on a channel is meant for notes on another, or on itself."""
        zone = self._zone_of(channel)
        return speaker == channel or (zone is not None and speaker == MASTERS[zone])

    def shape(self, channel: int, note: int, bend_semitones: float) -> Shape:
        """What is done to a note now.

        Args:
            channel: it was played on.
            note: its number.
            bend_semitones: how far a wheel bends that has not said so itself, and is none of MPE.
        """
        own = self._channels[channel]
        zone = self._zone_of(channel)
        master = self._channels[MASTERS[zone]] if zone else None
        if master is None:
            semitones = _semitones(own, bend_semitones)
            pressure = max(own.pressure, own.keys.get(note, 0))
        else:
            semitones, pressure = _semitones(master, MASTER_BEND), master.pressure
            if own is not master:
                semitones += _semitones(own, MEMBER_BEND)
            pressure = max(pressure, own.pressure, own.keys.get(note, 0))
        return Shape(semitones, pressure / 127.0)

    def _zone_of(self, channel: int) -> Zone | None:
        if channel - 1 <= self._members.get("lower", -1):
            return "lower"
        return "upper" if 16 - channel <= self._members.get("upper", -1) else None

    def _control(self, number: int, channel: _Channel, controller: int, value: int) -> bool:
        if controller == _RPN:
            channel.parameter = value << 7 | channel.parameter & 0x7F
        elif controller == _RPN_FINE:
            channel.parameter = channel.parameter & 0x3F80 | value
        elif controller in (_NRPN, _NRPN_FINE):
            # what follows is for a parameter of the maker's own
            channel.parameter = _NONE
        elif controller == _RESET:
            channel.bend = channel.pressure = 0
            channel.keys.clear()
            return True
        elif controller in (_DATA, _DATA_FINE) and channel.parameter == _BEND_RANGE:
            self._set_range(number, value, is_fine=controller == _DATA_FINE)
            return True
        elif controller == _DATA and channel.parameter == _CONFIGURATION:
            self._configure(number, value)
        return False

    def _set_range(self, number: int, value: int, *, is_fine: bool) -> None:
        """Set the range of a wheel; the members of a zone have one and the same."""
        meant = [number]
        zone = self._zone_of(number)
        if zone and number != MASTERS[zone]:
            meant = [each for each in self._channels_of(zone) if each != MASTERS[zone]]
        for each in meant:
            channel = self._channels[each]
            whole = int(channel.bend_range or 0)
            channel.bend_range = whole + value / 100.0 if is_fine else float(value)

    def _configure(self, number: int, n_members: int) -> None:
        """Announce a zone, or end it with no members; it takes from the other what it needs."""
        zone = next((zone for zone, master in MASTERS.items() if master == number), None)
        if zone is None:
            return
        other: Zone = "upper" if zone == "lower" else "lower"
        n_members = min(n_members, MOST_MEMBERS)
        self._members.pop(zone, None)
        if n_members:
            left = MOST_MEMBERS - 1 - n_members
            if self._members.get(other, 0) > left:
                self._members[other] = left
            self._members[zone] = n_members
        self._members = {each: count for each, count in self._members.items() if count > 0}
        for each in self._channels_of(zone):
            self._channels[each].bend_range = None

    def _channels_of(self, zone: Zone) -> list[int]:
        return [number for number in self._channels if self._zone_of(number) == zone]


def _semitones(channel: _Channel, bend_semitones: float) -> float:
    wide = bend_semitones if channel.bend_range is None else channel.bend_range
    return channel.bend / _BEND_STEPS * wide
