"""OSC as bytes: decoding, encoding, framing, and the UDP and TCP transports.

It knows nothing of what the messages mean.
"""

from .binding import bind_udp
from .decoding import decode
from .encoding import encode
from .framing import Deframer, Framing, frame
from .messages import (
    IMMEDIATELY,
    INFINITUM,
    Argument,
    Bundle,
    Colour,
    Infinitum,
    MalformedPacket,
    Message,
    MidiMessage,
    TimeTag,
)
from .transports import Counters, OnPacket, Peer, TcpTransport, UdpTransport

__all__ = [
    "IMMEDIATELY",
    "INFINITUM",
    "Argument",
    "Bundle",
    "Colour",
    "Counters",
    "Deframer",
    "Framing",
    "Infinitum",
    "MalformedPacket",
    "Message",
    "MidiMessage",
    "OnPacket",
    "Peer",
    "TcpTransport",
    "TimeTag",
    "UdpTransport",
    "bind_udp",
    "decode",
    "encode",
    "frame",
]
