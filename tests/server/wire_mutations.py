"""Breaks valid packets in every way that was thought of; run by itself, it does so for hours.

python tests/server/wire_mutations.py [how many] [seed]
"""

import random
import struct
import sys
import time

from exact_osc import accepted, bundle

from sdaudio_server.wire import MalformedPacket, decode

_TAGS = b"ihfdtsSbcrmTFNI[]x\0,"
_NUMBERS = (0, 1, 2, 3, 4, 5, 8, 16, -1, -4, 2**31 - 1, -(2**31), 65536, 1 << 24)


def seeds() -> list[bytes]:
    """Valid packets to begin with, the long ones left out."""
    return [packet for packet in accepted().values() if len(packet) < 2000]


def mutated(generator: random.Random, valid: list[bytes]) -> bytes:
    """Return a packet with one to four things changed; some stay valid."""
    packet = bytearray(generator.choice(valid))
    for _ in range(generator.choice((1, 1, 1, 2, 3, 4))):
        place = generator.randrange(len(packet) + 1)
        word = place & ~3
        match generator.randrange(9):
            case 0:
                packet[place : place + 1] = bytes((generator.randrange(256),))
            case 1:
                packet[word : word + 4] = struct.pack(">i", generator.choice(_NUMBERS))
            case 2:
                del packet[word : word + 4 * generator.randrange(1, 4)]
            case 3:
                packet[word:word] = generator.randbytes(4 * generator.randrange(1, 4))
            case 4:
                other = generator.choice(valid)
                cut = generator.randrange(len(other) + 1) & ~3
                packet[word:] = other[cut:]
            case 5 if (comma := packet.find(b",")) >= 0:
                at = min(len(packet), comma + 1 + generator.randrange(4))
                packet[at : at + 1] = bytes((generator.choice(_TAGS),))
            case 6:
                packet = bytearray(bundle(generator.choice((0, 1, 2**63)), bytes(packet)))
            case 7:
                packet = bytearray(bundle(1, bytes(packet), generator.choice(valid)))
            case _:
                packet[place:place] = packet[place : place + generator.randrange(1, 9)]
    return bytes(packet)


def main() -> None:
    """Break packets until told otherwise and say what came of it."""
    n_packets = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    generator = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    valid = seeds()
    n_read, slowest_s = 0, 0.0
    for _ in range(n_packets):
        packet = mutated(generator, valid)
        began = time.thread_time()
        try:
            decode(packet)
            n_read += 1
        except MalformedPacket:
            pass
        slowest_s = max(slowest_s, time.thread_time() - began)
    sys.stdout.write(
        f"{n_packets} packets, {n_read} read, slowest {slowest_s * 1e3:.2f} ms of processor time\n"
    )


if __name__ == "__main__":
    main()
