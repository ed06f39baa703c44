"""OSC over UDP: one socket that receives, and answers from the port that was asked.

It neither decodes nor schedules; a packet goes to one callback together with its sender. Everything
that waits in the kernel is read first, which costs a fraction of answering it, and then senders
take turns, so that a flood delays nobody but its sender. A sender of whom a hundred packets in a
row were refused is held back: the socket is looked at once a millisecond then, others are served,
and of his packets some. Without that the daemon would keep a core busy, and on a machine with other
busy processes the system would let it wait.
"""

import asyncio
import errno
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdaudio.errors import SdaudioError, UsageError

from .binding import bind_udp
from .counters import Counters
from .encoding import encode
from .messages import MAX_PACKET_LENGTH, MalformedPacket, Message
from .peers import Peer
from .turns import Turns

logger = logging.getLogger(__name__)

_READ_IN_A_GO = 2048
"""Datagrams read before some are handled."""

_GO_S = 0.002
"""Seconds in which datagrams are handled before other tasks of the loop get their turn."""

_MAX_UNSENT = 4 << 20
"""Bytes kept while the kernel takes no more; what comes after that is dropped and counted."""

HELD_BACK_AFTER = 100
"""Packets of one sender that are refused in a row before he is held back."""

_HELD_BACK_GO_S = 0.0002
_HELD_BACK_S = 0.001
_MAX_FAULTY = 1024

OnPacket = Callable[[bytes, Peer], None]
Address = tuple[Any, ...]


class UdpTransport:
    """A bound UDP socket. Make it with `open`, end it with `close`."""

    def __init__(self, endpoint: socket.socket, on_packet: OnPacket) -> None:
        self.counters = Counters()
        self._socket = endpoint
        self._on_packet = on_packet
        self._loop = asyncio.get_running_loop()
        self._turns: Turns[Address] = Turns()
        self._held_back: Turns[Address] = Turns()
        self._faults: dict[Address, int] = {}
        self._serving: asyncio.Handle | None = None
        self._unsent: deque[tuple[bytes, Address]] = deque()
        self._unsent_bytes = 0
        # Windows' usual loop cannot watch a socket; there asyncio's own datagram transport serves.
        self._datagrams: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, host: str, port: int, on_packet: OnPacket) -> "UdpTransport":
        """Bind a socket and begin to call ``on_packet(data, peer)`` for every datagram.

        Args:
            host: the address to listen on, ``127.0.0.1`` for this machine only.
            port: 1 to 65535, or 0 for any free one (see `port`).
            on_packet: must return quickly. It may raise `SdaudioError` for a packet that is
                refused, `MalformedPacket` to have it counted as such; any other exception is
                logged. The next packet is served in any case.

        Raises:
            StateError: the port is taken, or the host is not an address of this machine.
        """
        transport = cls(bind_udp(host, port), on_packet)
        try:
            transport._loop.add_reader(transport._socket, transport._drain)
        except NotImplementedError:
            made = await transport._loop.create_datagram_endpoint(
                lambda: _Datagrams(transport), sock=transport._socket
            )
            transport._datagrams = made[0]
        return transport

    @property
    def host(self) -> str:
        """The address that is listened on."""
        return str(self._socket.getsockname()[0])

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._socket.getsockname()[1])

    @property
    def receive_buffer(self) -> int:
        """Bytes the kernel granted; Linux limits it by ``net.core.rmem_max`` and counts double."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def peer(self, host: str, port: int) -> "UdpPeer":
        """Return a peer that nothing has come from yet."""
        return UdpPeer(self, (host, port))

    def dropped_by_kernel(self) -> int | None:
        """Datagrams lost because the receive buffer was full, or None where nobody counts them.

        Reads a small file under /proc, so it is for status lines, not for every packet.
        """
        table = "udp6" if self._socket.family == socket.AF_INET6 else "udp"
        try:
            inode = str(os.fstat(self._socket.fileno()).st_ino)
            lines = Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]
        except OSError:
            return None
        for line in lines:
            fields = line.split()
            if len(fields) > 12 and fields[9] == inode:
                return int(fields[12])
        return None

    def close(self) -> None:
        """Stop receiving and free the port. Answers that still wait are dropped."""
        self._turns.clear()
        self._held_back.clear()
        if self._serving is not None:
            self._serving.cancel()
        if self._datagrams is not None:
            self._datagrams.close()
        elif self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()

    def send_packet(self, packet: bytes, address: Address) -> None:
        """Send one datagram; see `Peer.send_packet`."""
        if self._datagrams is not None:
            self._datagrams.sendto(packet, address)
        elif self._unsent:
            self._keep(packet, address)
        else:
            try:
                self._socket.sendto(packet, address)
            except (BlockingIOError, InterruptedError):
                self._keep(packet, address)
                self._loop.add_writer(self._socket, self._send_kept)
            except OSError as error:
                self._not_sent(packet, address, error)

    def take(self, data: bytes, address: Address) -> None:
        """Take one datagram; it is handled when its sender's turn has come."""
        self.counters.packets += 1
        self._put(data, address)
        if self._serving is None:
            self._serving = self._loop.call_soon(self._serve)

    def _drain(self) -> None:
        receive, put = self._socket.recvfrom, self._put
        n_read = 0
        try:
            while n_read < _READ_IN_A_GO:
                data, address = receive(MAX_PACKET_LENGTH)
                n_read += 1
                put(data, address)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            # Windows reports here that an earlier answer found nobody listening.
            logger.debug("udp: receiving failed: %s", error)
        self.counters.packets += n_read
        if self._serving is None:
            self._serve()

    def _put(self, data: bytes, address: Address) -> None:
        turns = self._turns
        # As long as packets of his are held back, the next ones come behind them.
        if self._faults.get(address, 0) >= HELD_BACK_AFTER or address in self._held_back:
            turns = self._held_back
        if not turns.put(address, data):
            self.counters.dropped += 1

    def _serve(self) -> None:
        self._serving = None
        until = time.perf_counter() + _GO_S
        while self._turns:
            self._deliver(*self._turns.take())
            if time.perf_counter() > until and self._turns:
                self._serving = self._loop.call_soon(self._serve)
                return
        until = time.perf_counter() + _HELD_BACK_GO_S
        while self._held_back and time.perf_counter() < until:
            self._deliver(*self._held_back.take())
        if self._held_back:
            if self._datagrams is None:
                self._loop.remove_reader(self._socket)
            self._serving = self._loop.call_later(_HELD_BACK_S, self._look_again)

    def _look_again(self) -> None:
        self._serving = None
        if self._datagrams is None:
            self._loop.add_reader(self._socket, self._drain)
            self._drain()
        else:
            self._serve()

    def _deliver(self, address: Address, data: bytes) -> None:
        try:
            self._on_packet(data, UdpPeer(self, address))
        except SdaudioError as error:
            if isinstance(error, MalformedPacket):
                self.counters.malformed += 1
            if address not in self._faults and len(self._faults) >= _MAX_FAULTY:
                del self._faults[next(iter(self._faults))]
            self._faults[address] = self._faults.get(address, 0) + 1
            logger.debug("udp %s: %s", address, error)
            return
        except Exception:
            logger.exception("udp %s: a packet of %d bytes failed", address, len(data))
        self._faults.pop(address, None)

    def _keep(self, packet: bytes, address: Address) -> None:
        if self._unsent_bytes + len(packet) > _MAX_UNSENT:
            self._not_sent(packet, address, OSError(errno.ENOBUFS, "too much waits to be sent"))
            return
        self._unsent.append((packet, address))
        self._unsent_bytes += len(packet)

    def _send_kept(self) -> None:
        while self._unsent:
            packet, address = self._unsent[0]
            try:
                self._socket.sendto(packet, address)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._not_sent(packet, address, error)
            self._unsent.popleft()
            self._unsent_bytes -= len(packet)
        self._loop.remove_writer(self._socket)

    def _not_sent(self, packet: bytes, address: Address, error: OSError) -> None:
        self.counters.unsent += 1
        # A subscriber that is out of reach fails twenty times a second; some of it is told.
        is_told = self.counters.unsent & (self.counters.unsent - 1) == 0
        logger.log(
            logging.WARNING if is_told else logging.DEBUG,
            "udp: a packet of %d bytes to %s was not sent (%d so far): %s",
            len(packet), address, self.counters.unsent, error,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UdpPeer:
    """A host and port that packets came from; see `Peer`."""

    transport: UdpTransport
    address: Address

    @property
    def description(self) -> str:
        """Such as ``udp 127.0.0.1:57120``."""
        return f"udp {self.address[0]}:{self.address[1]}"

    @property
    def host(self) -> str:
        """The address of the machine it is on."""
        return str(self.address[0])

    @property
    def is_connection(self) -> bool:
        """Always false: UDP knows no connections."""
        return False

    @property
    def is_open(self) -> bool:
        """Always true: UDP does not tell when the other side goes."""
        return True

    def send(self, message: Message) -> None:
        """Send a message from the port that was asked."""
        self.transport.send_packet(encode(message), self.address)

    def send_packet(self, packet: bytes) -> None:
        """Send bytes that are encoded already."""
        self.transport.send_packet(packet, self.address)

    def to(self, port: int) -> "UdpPeer":
        """Return the peer on the same host at another port."""
        if not 1 <= port <= 65535:
            raise UsageError(f"The port is {port}; allowed are 1 to 65535.")
        if port == self.transport.port:
            # the daemon would answer its own answers
            raise UsageError(f"Port {port} is the daemon's own. Name the port that you listen on.")
        return UdpPeer(self.transport, (self.address[0], port, *self.address[2:]))


class _Datagrams(asyncio.DatagramProtocol):
    """The receiving side where the loop cannot watch a socket itself."""

    def __init__(self, transport: UdpTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._transport.take(data, addr)

    def error_received(self, exc: Exception) -> None:
        logger.debug("udp: %s", exc)
