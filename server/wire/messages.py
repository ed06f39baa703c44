"""What travels over OSC, as Python values: messages, bundles and the rarer argument types.

Nothing here knows bytes or sockets; see `decoding`, `encoding` and `transports`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sdaudio.errors import UsageError

MAX_PACKET_LENGTH = 65536
"""Bytes in the largest packet that is read from anybody (a UDP datagram holds 65507)."""

IMMEDIATELY = 1
"""The timetag of a bundle that is to be run on arrival."""


class MalformedPacket(UsageError):  # noqa: N818 - it says what it is, as the tree in errors does
    """Bytes that are no OSC. The text says at which offset and why."""


class Infinitum(Enum):
    """The one value of the type tag ``I``: a trigger, called Impulse in OSC 1.1."""

    INFINITUM = "infinitum"


INFINITUM = Infinitum.INFINITUM


# Named tuples are made three times as fast as frozen dataclasses of four fields, and a packet can
# hold thirteen thousand of them.
class Colour(NamedTuple):
    """Type tag ``r``; each part 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int


class MidiMessage(NamedTuple):
    """Type tag ``m``; each part 0 to 255."""

    port: int
    status: int
    data1: int
    data2: int


@dataclass(frozen=True, slots=True)
class TimeTag:
    """Type tag ``t``: 64 bits of NTP time as an argument."""

    ntp: int


Argument = (
    int
    | float
    | str
    | bytes
    | bool
    | None
    | Infinitum
    | Colour
    | MidiMessage
    | TimeTag
    | tuple["Argument", ...]
)
"""``i h`` are int, ``f d`` float, ``s S c`` str, ``T F`` bool, ``N`` None, arrays are tuples."""


@dataclass(frozen=True, slots=True)
class Message:
    """One OSC message. ``address`` begins with a slash and may be a pattern."""

    address: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages that belong together. ``timetag`` is raw 64-bit NTP; 1 means immediately."""

    timetag: int
    elements: tuple["Message | Bundle", ...] = ()
