"""Bytes to messages: a strict decoder for OSC 1.0 with the types of 1.1.

Strict means that a packet is either understood completely or refused with its offset and the
reason; nothing is skipped or guessed, because a guess shifts every argument behind it. What is
accepted has only one spelling: written again with the same type tags it gives the same bytes, so
padding must be zero, as liblo has it, too. One thing is tolerated: a message without a type tag
string, which early senders and some desks leave out when there are no arguments.

The time is linear in the length of the packet, whatever it holds: everything is read in place by
offset, and runs of numbers are unpacked in one go. What costs most for its bytes, messages in a
bundle and arrays, is limited in number, so that no packet takes more than some milliseconds.
"""

import functools
import re
import struct
from collections.abc import Callable

from .messages import (
    INFINITUM,
    MAX_PACKET_LENGTH,
    Argument,
    Bundle,
    Colour,
    MalformedPacket,
    Message,
    MidiMessage,
    TimeTag,
)

MAX_DEPTH = 16
"""Bundles within bundles, and arrays within arrays, that are followed."""

MAX_MESSAGES = 1024
"""Messages in one packet; they run in one go, and nobody else is served meanwhile."""

MAX_ARRAYS = 4096
"""Arrays in one message."""

_BUNDLE_HEAD = b"#bundle\0"
_SIZE = struct.Struct(">i")
_TIMETAG = struct.Struct(">Q")
_RUNS = re.compile(rb"[ihfd]+|[TFNI]+|[^ihfdTFNI]")
_TO_STRUCT = bytes.maketrans(b"h", b"q")
_NUMBERS = frozenset(b"ihfd")
_OPEN, _CLOSE = b"[]"
_ZEROS = (b"", b"\0", b"\0\0", b"\0\0\0", b"\0\0\0\0")
_CONSTANTS: dict[int, Argument] = {
    ord("T"): True,
    ord("F"): False,
    ord("N"): None,
    ord("I"): INFINITUM,
}


def decode(packet: bytes) -> Message | Bundle:
    """Read one OSC packet.

    Args:
        packet: the whole packet, without framing, at most 65536 bytes.

    Returns:
        The message or bundle. Strings are ``str``, arrays tuples, ``c`` a string of one character.

    Raises:
        MalformedPacket: the bytes are no OSC, are too long or nested too deep.
    """
    length = len(packet)
    if length > MAX_PACKET_LENGTH:
        raise MalformedPacket(
            f"The packet has {length} bytes; at most {MAX_PACKET_LENGTH} are read. "
            "Send it in smaller pieces."
        )
    if length == 0:
        raise _malformed(0, "the packet is empty")
    if length % 4:
        raise _malformed(length, f"the length {length} is not a multiple of 4")
    if packet[0] == 0x2F:
        return _message(packet, 0, length)
    return _Bundles(packet).read(0, length, 1)


class _Bundles:
    """Reads the bundles of one packet and counts what they hold."""

    def __init__(self, packet: bytes) -> None:
        self._packet = packet
        self._n_messages = 0

    def read(self, start: int, stop: int, depth: int) -> Bundle:
        packet = self._packet
        timetag = _bundle_head(packet, start, stop, depth)
        elements: list[Message | Bundle] = []
        offset = start + 16
        while offset < stop:
            (size,) = _SIZE.unpack_from(packet, offset)
            begin = offset + 4
            if size <= 0 or size % 4:
                raise _malformed(offset, f"the element size {size} is not a positive multiple of 4")
            if size > stop - begin:
                raise _malformed(
                    offset, f"the element size {size} is more than the {stop - begin} bytes left"
                )
            offset = begin + size
            if packet[begin] != 0x2F:
                elements.append(self.read(begin, offset, depth + 1))
                continue
            self._n_messages += 1
            if self._n_messages > MAX_MESSAGES:
                raise _malformed(
                    begin, f"there are more than {MAX_MESSAGES} messages; send several bundles"
                )
            elements.append(_message(packet, begin, offset))
        return Bundle(timetag, tuple(elements))


def _bundle_head(packet: bytes, start: int, stop: int, depth: int) -> int:
    first = packet[start]
    if first != 0x23:
        raise _malformed(
            start, f"a packet begins with '/' or '#bundle', not with byte 0x{first:02x}"
        )
    if depth > MAX_DEPTH:
        raise _malformed(start, f"bundles are nested deeper than {MAX_DEPTH}")
    if stop - start < 16 or not packet.startswith(_BUNDLE_HEAD, start):
        raise _malformed(start, "a bundle begins with '#bundle', a zero and a timetag of 8 bytes")
    return int(_TIMETAG.unpack_from(packet, start + 8)[0])


def _message(packet: bytes, start: int, stop: int) -> Message:
    address, offset = _string(packet, start, stop)
    if offset == stop:
        return Message(address, ())
    if packet[offset] != 0x2C:
        raise _malformed(offset, "the type tag string does not begin with ','")
    end = packet.find(b"\0", offset, stop)
    if end < 0:
        raise _malformed(offset, "the type tag string has no end")
    tags = packet[offset + 1 : end]
    arguments, after = _arguments(packet, tags, offset + 1, _after_padding(packet, end), stop)
    if after != stop:
        raise _malformed(after, f"{stop - after} bytes are left over after the last argument")
    return Message(address, arguments)


def _arguments(
    packet: bytes, tags: bytes, tags_offset: int, offset: int, stop: int
) -> tuple[tuple[Argument, ...], int]:
    current: list[Argument] = []
    outer: list[list[Argument]] = []
    if tags.count(b"[") > MAX_ARRAYS:
        raise _malformed(tags_offset, f"there are more than {MAX_ARRAYS} arrays")
    runs = _RUNS.findall(tags)
    for number, run in enumerate(runs):
        if (tag := run[0]) in _NUMBERS:
            if len(run) <= 32:
                layout = _layout(run)
            else:
                _require(offset, 4 * len(run), stop)
                layout = _new_layout(run)
            if layout.size > stop - offset:
                _require(offset, layout.size, stop)
            current += layout.unpack_from(packet, offset)
            offset += layout.size
        elif (reader := _READERS.get(tag)) is not None:
            value, offset = reader(packet, offset, stop)
            current.append(value)
        elif tag in _CONSTANTS:
            current += [_CONSTANTS[each] for each in run]
        elif tag == _OPEN:
            if len(outer) >= MAX_DEPTH:
                position = tags_offset + _length(runs[:number])
                raise _malformed(position, f"arrays are nested deeper than {MAX_DEPTH}")
            outer.append(current)
            current = []
        elif tag == _CLOSE:
            if not outer:
                position = tags_offset + _length(runs[:number])
                raise _malformed(position, "']' closes an array that is not open")
            array = tuple(current)
            current = outer.pop()
            current.append(array)
        else:
            position = tags_offset + _length(runs[:number])
            raise _malformed(position, f"the type tag {chr(tag)!r} is not known")
    if outer:
        raise _malformed(tags_offset + len(tags), "an array is not closed by ']'")
    return tuple(current), offset


def _length(runs: list[bytes]) -> int:
    return sum(len(run) for run in runs)


def _new_layout(tags: bytes) -> struct.Struct:
    return struct.Struct(">" + tags.translate(_TO_STRUCT).decode("ascii"))


# Only short layouts are kept: a stranger's long ones would fill the memory.
_layout = functools.lru_cache(maxsize=256)(_new_layout)


def _string(packet: bytes, offset: int, stop: int) -> tuple[str, int]:
    end = packet.find(b"\0", offset, stop)
    if end < 0:
        raise _malformed(offset, "a string has no end")
    try:
        text = packet[offset:end].decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(offset + error.start, "a string is not UTF-8") from error
    return text, _after_padding(packet, end)


def _after_padding(packet: bytes, end: int) -> int:
    # Everything begins at a multiple of 4 from the start of the packet.
    after = (end + 4) & ~3
    if packet[end:after] != _ZEROS[after - end]:
        raise _malformed(end, "the padding of a string is not zero")
    return after


def _blob(packet: bytes, offset: int, stop: int) -> tuple[bytes, int]:
    _require(offset, 4, stop)
    (size,) = _SIZE.unpack_from(packet, offset)
    begin = offset + 4
    padded = (size + 3) & ~3
    if size < 0 or padded > stop - begin:
        raise _malformed(offset, f"the blob size {size} does not fit the {stop - begin} bytes left")
    if packet[begin + size : begin + padded] != _ZEROS[padded - size]:
        raise _malformed(begin + size, "the padding of a blob is not zero")
    return packet[begin : begin + size], begin + padded


def _character(packet: bytes, offset: int, stop: int) -> tuple[str, int]:
    _require(offset, 4, stop)
    (number,) = _SIZE.unpack_from(packet, offset)
    if not 0 <= number < 0x110000 or 0xD800 <= number < 0xE000:
        raise _malformed(offset, f"{number} is not a character")
    return chr(number), offset + 4


def _colour(packet: bytes, offset: int, stop: int) -> tuple[Colour, int]:
    _require(offset, 4, stop)
    return Colour._make(packet[offset : offset + 4]), offset + 4


def _midi(packet: bytes, offset: int, stop: int) -> tuple[MidiMessage, int]:
    _require(offset, 4, stop)
    return MidiMessage._make(packet[offset : offset + 4]), offset + 4


def _timetag(packet: bytes, offset: int, stop: int) -> tuple[TimeTag, int]:
    _require(offset, 8, stop)
    return TimeTag(_TIMETAG.unpack_from(packet, offset)[0]), offset + 8


_READERS: dict[int, Callable[[bytes, int, int], tuple[Argument, int]]] = {
    ord("s"): _string,
    ord("S"): _string,
    ord("b"): _blob,
    ord("c"): _character,
    ord("r"): _colour,
    ord("m"): _midi,
    ord("t"): _timetag,
}


def _require(offset: int, size: int, stop: int) -> None:
    if size > stop - offset:
        raise _malformed(offset, f"the arguments need {size} more bytes, {stop - offset} are left")


def _malformed(offset: int, reason: str) -> MalformedPacket:
    return MalformedPacket(f"The packet is no OSC: at byte {offset}, {reason}.")
