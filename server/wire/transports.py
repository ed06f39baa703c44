"""The two ways in: `UdpTransport` and `TcpTransport`, and the `Peer` both hand out."""

from .counters import Counters
from .peers import Peer
from .tcp import TcpTransport
from .udp import OnPacket, UdpTransport

__all__ = ["Counters", "OnPacket", "Peer", "TcpTransport", "UdpTransport"]
