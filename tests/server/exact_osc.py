"""OSC written by the letter of the specification, type tag by type tag: what a decoder is held to.

It shares no code with the daemon; its own peers are python-osc and liblo, see the tests.
"""

import itertools
import math
import struct

NUMBERS = {"i": ">i", "h": ">q", "f": ">f", "d": ">d", "t": ">Q"}
EMPTY_BUNDLE = b"#bundle\0" + struct.pack(">Q", 1)


def string(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return data + b"\0" * (4 - len(data) % 4)


def argument(tag: str, value) -> bytes:
    if tag in NUMBERS:
        return struct.pack(NUMBERS[tag], value)
    if tag in "sS":
        return string(value)
    if tag == "b":
        return struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)
    if tag == "c":
        return struct.pack(">i", ord(value))
    if tag in "rm":
        return bytes(value)
    assert tag in "TFNI[]"
    return b""


def message(address: str | bytes, tags: str = "", *values) -> bytes:
    """A message; ``values`` has one for every tag but ``T F N I [ ]``."""
    given = iter(values)
    data = b"".join(argument(tag, None if tag in "TFNI[]" else next(given)) for tag in tags)
    return string(address) + string("," + tags) + data


def bundle(timetag: int, *elements: bytes) -> bytes:
    sized = (struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(sized)


def nested(depth: int) -> bytes:
    packet = EMPTY_BUNDLE
    for _ in range(depth - 1):
        packet = bundle(1, packet)
    return packet


def written_again(packet: bytes, decoded) -> bytes:
    """Write what was decoded with the type tags of the packet itself; NaNs as they were."""
    if packet[:1] == b"#":
        parts = [b"#bundle\0", struct.pack(">Q", decoded.timetag)]
        offset = 16
        for element in decoded.elements:
            (size,) = struct.unpack_from(">i", packet, offset)
            written = written_again(packet[offset + 4 : offset + 4 + size], element)
            parts += (struct.pack(">i", len(written)), written)
            offset += 4 + size
        return b"".join(parts)
    parts = [string(decoded.address)]
    offset = len(parts[0])
    if offset < len(packet):
        tags = packet[offset + 1 : packet.index(b"\0", offset)].decode()
        parts.append(string("," + tags))
        offset += len(parts[-1])
        for tag, value in zip(tags.translate(_NO_BRACKETS), _flat(decoded.arguments), strict=True):
            value = getattr(value, "ntp", value)
            data = argument(tag, value)
            if isinstance(value, float) and math.isnan(value):
                data = packet[offset : offset + len(data)]
            parts.append(data)
            offset += len(data)
    return b"".join(parts)


_NO_BRACKETS = str.maketrans("", "", "[]")


def _flat(arguments):
    for value in arguments:
        # colours and MIDI messages are tuples, too, with names
        if isinstance(value, tuple) and not hasattr(value, "_fields"):
            yield from _flat(value)
        else:
            yield value


VALUES = {
    "i": (0, 1, -1, 2**31 - 1, -(2**31)),
    "h": (0, -1, 2**63 - 1, -(2**63)),
    "f": (0.0, -0.0, 0.5, -1.5, 2.0**-149, math.inf, -math.inf, math.nan),
    "d": (0.0, 0.1, -1e308, 5e-324, math.inf, math.nan),
    "t": (0, 1, 1 << 63, 2**64 - 1),
    "s": ("", "a", "ab", "abc", "abcd", "abcde", "grün", "日本語", "a b\tc\n", "/x", ",i"),
    "S": ("", "abc", "symbol"),
    "b": tuple(bytes(range(255, 255 - size, -1)) for size in range(9)),
    "c": ("a", "\0", "ü", "\U0001f3b5"),
    "r": ((0, 0, 0, 0), (1, 2, 3, 255), (255, 255, 255, 255)),
    "m": ((0, 0x90, 60, 127), (255, 255, 255, 255)),
    "T": (None,),
    "F": (None,),
    "N": (None,),
    "I": (None,),
}
"""Values worth trying for every type tag."""


def _typical(tag: str) -> list:
    return [] if tag in "TFNI" else [VALUES[tag][-1]]


def accepted() -> dict[str, bytes]:
    """Packets that every strict decoder accepts, by name."""
    packets: dict[str, bytes] = {}
    for tag, values in VALUES.items():
        for value in values:
            packets[f"{tag} {value!r}"] = message("/a", tag, *([] if tag in "TFNI" else [value]))
    for one, other in itertools.product(VALUES, repeat=2):
        packets[f"{one} before {other}"] = message(
            "/ab", one + other, *_typical(one), *_typical(other)
        )
    for length in range(1, 10):
        packets[f"address of {length}"] = message("/" + "x" * (length - 1), "i", 7)
        packets[f"{length} tags"] = message("/a", "i" * length, *range(length))
        packets[f"no tags, address of {length}"] = string("/" + "x" * (length - 1))
    for address in ("/", "//", "/a/", "/a//b", "/?*[a-z]{x,y}", "/a b", "/#", "/a,b", "/ü/日本"):
        packets[f"address {address}"] = message(address)
    for tags in (
        "[]",
        "[[]]",
        "[i]",
        "i[i]i",
        "[i][i]",
        "[i[T]]F",
        "[[[[i]]]]",
        "[" * 16 + "]" * 16,
    ):
        packets[f"arrays {tags}"] = message("/a", tags, *range(tags.count("i")))
    for count in (33, 100, 1000):
        packets[f"{count} ints"] = message("/a", "i" * count, *range(count))
    ping, pong = message("/ping", "i", 1), string("/pong")
    for timetag in (0, 1, 2, 1 << 63, 2**64 - 1):
        packets[f"timetag {timetag}"] = bundle(timetag, ping, pong)
        packets[f"timetag {timetag} in 5"] = bundle(5, bundle(timetag, ping), pong)
    for depth in range(1, 17):
        packets[f"bundles {depth} deep"] = nested(depth)
    packets["bundle of 1024"] = bundle(1, *[string("/a")] * 1024)
    packets["bundles in a row"] = bundle(1, EMPTY_BUNDLE, bundle(9, ping), EMPTY_BUNDLE, pong)
    for size in (65_532, 65_536):
        packets[f"packet of {size}"] = message("/a", "b", b"x" * (size - 12))
    return packets


def refused() -> dict[str, tuple[bytes, str]]:
    """Packets that no strict decoder accepts, each made from an accepted one, with the reason."""
    packets: dict[str, tuple[bytes, str]] = {}
    for name, packet in accepted().items():
        for cut in (1, 2, 3):
            packets[f"{name}, {cut} bytes short"] = (packet[:-cut], "multiple of 4")
        if packet[:1] == b"#":
            packets[f"{name}, then a size of 0"] = (
                packet + bytes(4),
                "element size 0|at most 65536",
            )
            packets[f"{name}, then a size alone"] = (
                packet + struct.pack(">i", 4), "more than the 0 bytes left|at most 65536"
            )  # fmt: skip
            continue
        packets[f"{name}, then 4 bytes"] = (
            packet + bytes(4), "left over|begin with ','|at most 65536"
        )  # fmt: skip
        packets[f"{name} in a bundle that is short"] = (
            bundle(1, packet)[:-4], "more than the|at most 65536"
        )  # fmt: skip
        end = packet.index(b"\0")
        if end % 4 != 3:
            dirty = packet[: end + 1] + b"\1" + packet[end + 2 :]
            packets[f"{name}, address padded with 1"] = (dirty, "padding of a string")
    for tag in map(chr, range(1, 128)):
        if tag not in "ihfdtsSbcrmTFNI[]":
            packets[f"tag {tag!r}"] = (string("/a") + string(f",{tag}") + bytes(8), "not known")
    for first in range(256):
        if first not in b"/#":
            packets[f"first byte {first}"] = (bytes((first, 97, 0, 0)), "begins with '/'")
    return packets
