"""Messages to bytes, for replies and for a client that wants no more than that.

Only the types that every host reads go out: ``i``, ``f``, ``s`` and ``b``. Pure Data skips or
misreads everything else, sclang and Max know little more.
"""

import functools
import math
import numbers
import struct

from sdaudio.errors import UsageError

from .messages import Argument, Bundle, Message

_INT = struct.Struct(">i")
_FLOAT = struct.Struct(">f")
_TIMETAG = struct.Struct(">Q")
_PADDING = (b"\0\0\0\0", b"\0\0\0", b"\0\0", b"\0")
_BLOB_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")


def encode(packet: Message | Bundle) -> bytes:
    """Return the bytes of a message or bundle.

    A bool goes out as 0 or 1, an int beyond 32 bits and any other number as a 32-bit float (one
    too big for that as infinity), so that a reply never fails for the size of a number. In strings
    a zero character becomes U+FFFD and what UTF-8 cannot hold becomes ``?``.

    Raises:
        UsageError: an argument is neither number, string nor bytes.
    """
    if isinstance(packet, Bundle):
        parts = [b"#bundle\0", _TIMETAG.pack(packet.timetag)]
        for element in packet.elements:
            encoded = encode(element)
            parts += (_INT.pack(len(encoded)), encoded)
        return b"".join(parts)
    tags = ","
    parts = []
    for argument in packet.arguments:
        # the common types first: half of an answer's time went into finding out
        if type(argument) is str:
            tags += "s"
            parts.append(_known_string(argument) if len(argument) <= 24 else _string(argument))
        elif type(argument) is int and -0x80000000 <= argument <= 0x7FFFFFFF:
            tags += "i"
            parts.append(_INT.pack(argument))
        else:
            tag, data = _argument(argument, packet.address)
            tags += tag
            parts.append(data)
    return b"".join((_known_string(packet.address), _known_string(tags), *parts))


def _argument(argument: Argument, address: str) -> tuple[str, bytes]:
    if isinstance(argument, str):
        return "s", _string(argument)
    # The abstract classes, which numpy's scalars belong to, are several times slower to ask.
    if isinstance(argument, int) or (
        not isinstance(argument, float) and isinstance(argument, numbers.Integral)
    ):
        if -0x80000000 <= argument <= 0x7FFFFFFF:
            return "i", _INT.pack(argument)
        return "f", _float(argument)
    if isinstance(argument, float | numbers.Real):
        return "f", _float(argument)
    if isinstance(argument, bytes | bytearray | memoryview):
        data = bytes(argument)
        return "b", _INT.pack(len(data)) + data + _BLOB_PADDING[len(data) % 4]
    raise UsageError(
        f"{address} cannot carry a {type(argument).__name__}; "
        "allowed are int, float, bool, str and bytes."
    )


def _float(number: float) -> bytes:
    try:
        return _FLOAT.pack(number)
    except (OverflowError, struct.error):
        # The second is what an int gets that no double holds either.
        return _FLOAT.pack(math.copysign(math.inf, 1 if number > 0 else -1))


def _string(text: str) -> bytes:
    data = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    return data + _PADDING[len(data) % 4]


# Addresses, type tags and names in replies are few; long texts are not worth remembering.
_known_string = functools.lru_cache(maxsize=512)(_string)
