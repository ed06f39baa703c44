"""OSC over TCP: packets in a stream, in whichever framing the other side uses.

It neither decodes nor schedules; a packet goes to one callback together with its sender.
A connection that sends faster than it is served is not read from until it has been, and others get
their turn in between. Answers that are made in one go leave in one go.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import cast

from sdaudio.errors import SdaudioError, UsageError

from .binding import bind_error
from .counters import Counters
from .encoding import encode
from .framing import Deframer, frame
from .messages import MalformedPacket, Message
from .parting import part
from .peers import Peer
from .udp import HELD_BACK_AFTER, OnPacket

logger = logging.getLogger(__name__)

MAX_OUTGOING = 4 << 20
"""Bytes that may wait for a client that does not read; one that lets more wait is cut off."""

MAX_CONNECTIONS = 256
"""Clients at a time; one more is turned away."""

_PIECE = 16_384
"""Bytes of a stream that are cut into packets in one go."""

_GO_S = 0.002
"""Seconds in which packets of one connection are handled before others get their turn."""

_HELD_BACK_S = 0.01
"""Seconds until the next turn of a connection of which a hundred packets in a row were refused."""


class TcpTransport:
    """A listening TCP socket and its connections. Make it with `open`, end it with `close`."""

    def __init__(
        self,
        on_packet: OnPacket,
        on_closed: Callable[[Peer], None] | None,
        is_told: Callable[[Peer], bool],
    ) -> None:
        self.counters = Counters()
        self.on_packet = on_packet
        self.on_closed = on_closed
        self.is_told = is_told
        self.connections: set[TcpPeer] = set()
        self.idle = asyncio.Event()
        self._server: asyncio.Server | None = None

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        on_packet: OnPacket,
        *,
        on_closed: Callable[[Peer], None] | None = None,
        is_told: Callable[[Peer], bool] = lambda _peer: True,
    ) -> "TcpTransport":
        """Listen, and call ``on_packet(data, peer)`` for every packet of every connection.

        Args:
            host: the address to listen on, ``127.0.0.1`` for this machine only.
            port: 1 to 65535, usually that of the UDP transport, or 0 for any free one.
            on_packet: as for `UdpTransport.open`.
            on_closed: called once for every connection that has ended.
            is_told: whether a client whose stream is broken is told why.

        Raises:
            StateError: the port is taken, or the host is not an address of this machine.
        """
        transport = cls(on_packet, on_closed, is_told)
        loop = asyncio.get_running_loop()
        try:
            transport._server = await loop.create_server(lambda: TcpPeer(transport), host, port)
        except OSError as error:
            raise bind_error("TCP", host, port, error) from error
        return transport

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def close_strangers(self, is_known: Callable[[Peer], bool], after_s: float) -> None:
        """End connections that are older than that and still unknown; they take others' places."""
        before_s = time.monotonic() - after_s
        for connection in tuple(self.connections):
            if connection.since_s < before_s and not is_known(connection):
                logger.info("%s has not said who it is and is cut off", connection.description)
                connection.abort()

    async def close(self) -> None:
        """Stop listening and end every connection; what is written gets a second to arrive."""
        assert self._server is not None
        self._server.close()
        await part(self.connections, self.idle)


class TcpPeer(asyncio.Protocol):
    """One connection; see `Peer`. Its identity is the connection."""

    def __init__(self, owner: TcpTransport) -> None:
        self._owner = owner
        self._deframer = Deframer()
        self._transport: asyncio.Transport | None = None
        self._name = "tcp"
        self._host = "?"
        self.since_s = time.monotonic()
        self._unread = memoryview(b"")
        self._packets: deque[bytes] = deque()
        self._answers: list[bytes] | None = None
        self._n_faults = 0

    @property
    def description(self) -> str:
        """Such as ``tcp 127.0.0.1:50312``."""
        return self._name

    @property
    def host(self) -> str:
        """The address of the machine it is on."""
        return self._host

    @property
    def is_connection(self) -> bool:
        """Always true."""
        return True

    @property
    def is_open(self) -> bool:
        """Whether the connection still stands."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, message: Message) -> None:
        """Send a message in the framing that the other side uses."""
        self.send_packet(encode(message))

    def send_packet(self, packet: bytes) -> None:
        """Send bytes that are encoded already."""
        if self._transport is None or self._transport.is_closing():
            self._owner.counters.unsent += 1
            logger.debug("%s: an answer came after the end of the connection", self._name)
            return
        framed = frame(packet, self._deframer.framing or "length")
        if self._answers is None:
            self._write(framed)
        else:
            self._answers.append(framed)

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
        waiting = self._transport.get_write_buffer_size()
        if waiting > MAX_OUTGOING:
            self._owner.counters.unsent += 1
            logger.warning(
                "%s does not read: %d bytes wait for it, it is cut off", self._name, waiting
            )
            self._transport.abort()

    def to(self, port: int) -> "TcpPeer":
        """Refuse: a TCP client is answered on its own connection."""
        raise UsageError(
            f"A TCP client cannot name a port ({port}); it is answered on its own connection. "
            "Leave the port out, or ask over UDP."
        )

    def close(self) -> None:
        """End the connection when everything written has been sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once; what waits to be sent is lost."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet a new connection (called by asyncio)."""
        self._transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername") or ("?", "?")
        self._host = str(address[0])
        self._name = f"tcp {address[0]}:{address[1]}"
        if len(self._owner.connections) >= MAX_CONNECTIONS:
            logger.warning("%s is turned away: %d clients are there", self._name, MAX_CONNECTIONS)
            self._transport.abort()
            return
        self._owner.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the stream (called by asyncio)."""
        self._unread = memoryview(data)
        self._serve()

    def eof_received(self) -> None:
        """Take the end of the stream (called by asyncio); what was cut short is malformed."""
        if self._deframer.is_within_packet:
            self._owner.counters.malformed += 1
            logger.debug("%s ended within a packet", self._name)

    def _serve(self) -> None:
        until = time.perf_counter() + _GO_S
        self._answers = []
        is_all = self._handle(until)
        answers, self._answers = self._answers, None
        if not self.is_open:
            return
        assert self._transport is not None
        if answers:
            self._write(b"".join(answers))
        if not is_all:
            self._transport.pause_reading()
            delay_s = _HELD_BACK_S if self._n_faults >= HELD_BACK_AFTER else 0.0
            asyncio.get_running_loop().call_later(delay_s, self._serve)
            return
        self._transport.resume_reading()
        if self._deframer.error is not None:
            self._owner.counters.malformed += 1
            logger.debug("%s: %s", self._name, self._deframer.error)
            if self._owner.is_told(self):
                fault = ("", MalformedPacket.code, str(self._deframer.error))
                self.send(Message("/sda/fail", fault))
            self.close()

    def _handle(self, until: float) -> bool:
        """Handle packets until it is time to stop; whether that were all that came."""
        while self._packets or self._unread:
            if not self._packets:
                self._packets += self._deframer.feed(bytes(self._unread[:_PIECE]))
                self._unread = self._unread[_PIECE:]
            while self._packets:
                self._deliver(self._packets.popleft())
                if time.perf_counter() > until:
                    return not (self._packets or self._unread)
        return True

    def _deliver(self, packet: bytes) -> None:
        if not self.is_open:
            return
        self._owner.counters.packets += 1
        try:
            self._owner.on_packet(packet, self)
        except SdaudioError as error:
            self._n_faults += 1
            if isinstance(error, MalformedPacket):
                self._owner.counters.malformed += 1
            logger.debug("%s: %s", self._name, error)
            return
        except Exception:
            logger.exception("%s: a packet of %d bytes failed", self._name, len(packet))
        self._n_faults = 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection (called by asyncio)."""
        if self not in self._owner.connections:
            return
        self._owner.connections.discard(self)
        if not self._owner.connections:
            self._owner.idle.set()
        if self._owner.on_closed is not None:
            self._owner.on_closed(self)
