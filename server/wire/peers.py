"""Who sent a packet, and how to answer: what a transport hands out with every packet."""

from typing import Protocol

from .messages import Message


class Peer(Protocol):
    """A sender that can be answered. Equal peers are the same client; it can be a dict key."""

    @property
    def description(self) -> str:
        """A name for logs and status lines, such as ``udp 127.0.0.1:57120``."""
        ...

    @property
    def host(self) -> str:
        """The address of the machine it is on, such as ``127.0.0.1``."""
        ...

    @property
    def is_connection(self) -> bool:
        """Whether it stands for a connection, so that its end is told."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether answers can still arrive; a UDP peer is always open."""
        ...

    def send(self, message: Message) -> None:
        """Encode a message and send it; see `send_packet`."""
        ...

    def send_packet(self, packet: bytes) -> None:
        """Send bytes that are encoded already, for one event to many subscribers.

        Returns at once and never raises for the network: what cannot be sent is counted by the
        transport and logged.
        """
        ...

    def to(self, port: int) -> "Peer":
        """Return the peer on the same host that listens on another port (Max needs that).

        Raises:
            UsageError: the port is not 1 to 65535 or is our own, or the peer is a TCP connection.
        """
        ...

    def __hash__(self) -> int: ...

    def __eq__(self, other: object, /) -> bool: ...
