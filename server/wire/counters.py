"""What a transport counts."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Running totals of one transport since it was opened."""

    packets: int = 0
    """Packets received, malformed ones included."""
    malformed: int = 0
    """Packets, and TCP streams, that were refused."""
    dropped: int = 0
    """Packets for which no room was left, because their sender sent faster than they were handled.
    Those that the kernel dropped come on top; see `UdpTransport.dropped_by_kernel`."""
    unsent: int = 0
    """Packets to others that had to be dropped, and TCP clients that were too slow."""
