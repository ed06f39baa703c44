"""Packets within a TCP stream, in the two framings that OSC knows.

OSC 1.0 puts the length of each packet before it as a big-endian int32; OSC 1.1 uses SLIP (RFC
1055), with an END byte behind each packet and mostly one before it. Which of the two a connection
speaks shows in its first byte: a length below 16 MiB begins with 0, SLIP begins with END or with
the first byte of a packet, ``/`` or ``#``.
"""

import struct
from typing import Literal

from sdaudio.errors import UsageError

from .messages import MAX_PACKET_LENGTH, MalformedPacket

Framing = Literal["length", "slip"]

_LENGTH = struct.Struct(">i")
_END = b"\xc0"
_ESCAPE = b"\xdb"
_ESCAPED_END = b"\xdb\xdc"
_ESCAPED_ESCAPE = b"\xdb\xdd"


def frame(packet: bytes, framing: Framing) -> bytes:
    """Return a packet as it travels in a stream; SLIP gets an END at both ends."""
    if framing == "length":
        return _LENGTH.pack(len(packet)) + packet
    if framing == "slip":
        escaped = packet.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(_END, _ESCAPED_END)
        return _END + escaped + _END
    raise UsageError(f"The framing is {framing!r}; allowed are 'length' and 'slip'.")


class Deframer:
    """Cuts a stream into packets as its bytes arrive, and finds out the framing by itself.

    A stream that breaks its framing cannot be trusted any more: `error` then says why, the packets
    before the fault are still handed out, and nothing after it is.
    """

    def __init__(self) -> None:
        self.framing: Framing | None = None
        self.error: MalformedPacket | None = None
        self._pending = bytearray()
        self._received = 0

    @property
    def is_within_packet(self) -> bool:
        """Whether a packet has begun and not ended."""
        return bool(self._pending)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream and return the packets that are complete now."""
        if self.error is not None or not data:
            return []
        if self.framing is None:
            self.framing = _recognise(data[0])
            if self.framing is None:
                self._fail(f"byte 0x{data[0]:02x} begins neither a length nor a SLIP frame", at=0)
                return []
        packets = self._feed_slip(data) if self.framing == "slip" else self._feed_length(data)
        self._received += len(data)
        return packets

    def _feed_length(self, data: bytes) -> list[bytes]:
        self._pending += data
        packets = []
        offset = 0
        while len(self._pending) - offset >= 4:
            (length,) = _LENGTH.unpack_from(self._pending, offset)
            if not 0 < length <= MAX_PACKET_LENGTH:
                at = self._received + len(data) - len(self._pending) + offset
                self._fail(f"a length of {length} is not within 1 to {MAX_PACKET_LENGTH}", at=at)
                break
            if len(self._pending) - offset - 4 < length:
                break
            packets.append(bytes(self._pending[offset + 4 : offset + 4 + length]))
            offset += 4 + length
        del self._pending[:offset]
        return packets

    def _feed_slip(self, data: bytes) -> list[bytes]:
        packets = []
        pieces = data.split(_END)
        at = self._received
        for number, piece in enumerate(pieces):
            self._pending += piece
            at += len(piece) + 1
            # Every byte of a packet takes two at most.
            if len(self._pending) > 2 * MAX_PACKET_LENGTH:
                self._fail(f"a SLIP frame is longer than {MAX_PACKET_LENGTH} bytes", at=at)
                break
            if number == len(pieces) - 1 or not self._pending:
                continue
            escaped = bytes(self._pending)
            self._pending.clear()
            n_escapes = escaped.count(_ESCAPED_END) + escaped.count(_ESCAPED_ESCAPE)
            if escaped.count(_ESCAPE) != n_escapes:
                self._fail("a SLIP escape is followed by neither 0xdc nor 0xdd", at=at)
                break
            packet = escaped.replace(_ESCAPED_END, _END).replace(_ESCAPED_ESCAPE, _ESCAPE)
            if len(packet) > MAX_PACKET_LENGTH:
                self._fail(f"a SLIP frame is longer than {MAX_PACKET_LENGTH} bytes", at=at)
                break
            packets.append(packet)
        return packets

    def _fail(self, reason: str, *, at: int) -> None:
        self._pending.clear()
        self.error = MalformedPacket(
            f"The stream is no OSC: at byte {at}, {reason}. "
            "Send each packet behind its length as int32 (OSC 1.0) or as SLIP (OSC 1.1)."
        )


def _recognise(first: int) -> Framing | None:
    if first == 0:
        return "length"
    return "slip" if first in b"\xc0/#" else None
