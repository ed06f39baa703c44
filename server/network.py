"""The daemon's sockets: opened here, their counts added up, and losses told to subscribers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sdaudio.errors import StateError
from sdaudio.settings import ServerSettings

from .clients import Clients
from .wire import Counters, OnPacket, Peer, TcpTransport, UdpTransport

WATCH_S = 1.0
"""How often lost packets are looked for."""

STRANGER_S = 10.0
"""How long a TCP client may stay without having shown the token, where one is needed."""

_PORT_TRIES = 20


@dataclass(frozen=True, slots=True)
class Totals:
    """What came and went since the start, over UDP, TCP and websockets together."""

    packets: int = 0
    malformed: int = 0
    dropped: int = 0
    """Lost before they could be read, or because their sender was too quick."""
    unsent: int = 0
    connections: int = 0
    """TCP clients that are connected now."""
    receive_buffer: int = 0
    """Bytes the system holds for UDP packets that have not been read."""


class Network:
    """UDP and TCP on one port.

    Args:
        settings: where to listen.
        clients: who is told about lost packets.
    """

    def __init__(self, settings: ServerSettings, clients: Clients) -> None:
        self._settings = settings
        self._clients = clients
        self._udp: UdpTransport | None = None
        self._tcp: TcpTransport | None = None
        self._others: list[Counters] = []
        self._watching: asyncio.TimerHandle | None = None
        self._n_dropped = 0
        self._is_known: Callable[[Peer], bool] = lambda _peer: True
        self.on_watch: Callable[[], None] = lambda: None
        """Called about once a second."""

    async def open(
        self,
        on_packet: OnPacket,
        *,
        on_closed: Callable[[Peer], None],
        is_known: Callable[[Peer], bool],
    ) -> None:
        """Listen; see `UdpTransport.open` and `TcpTransport.open`.

        Args:
            on_packet: called with every packet and its sender.
            on_closed: called with a TCP client that has gone.
            is_known: whether a client has shown the token, where one is needed.

        Raises:
            StateError: the port is taken, or the address is none of this machine.
        """
        host, port = self._settings.bind, self._settings.port
        tries = 1 if port else _PORT_TRIES
        for attempt in range(1, tries + 1):
            udp = await UdpTransport.open(host, port, on_packet)
            try:
                self._tcp = await TcpTransport.open(
                    host, udp.port, on_packet, on_closed=on_closed, is_told=is_known
                )
            except StateError:
                # a port that was free for UDP may be taken for TCP; take another free one
                udp.close()
                if attempt == tries:
                    raise
            else:
                self._udp = udp
                break
        self._is_known = is_known
        self._watch()

    @property
    def port(self) -> int:
        """The port that is listened on; 0 before `open`."""
        return self._udp.port if self._udp else 0

    @property
    def totals(self) -> Totals:
        """What was counted so far."""
        if self._udp is None or self._tcp is None:
            return Totals()
        ways = (self._udp.counters, self._tcp.counters, *self._others)
        return Totals(
            packets=sum(way.packets for way in ways),
            malformed=sum(way.malformed for way in ways),
            dropped=sum(way.dropped for way in ways) + (self._udp.dropped_by_kernel() or 0),
            unsent=sum(way.unsent for way in ways),
            connections=len(self._tcp.connections),
            receive_buffer=self._udp.receive_buffer,
        )

    def count_too(self, counters: Counters) -> None:
        """Add what another way in counts to the totals."""
        self._others.append(counters)

    async def close(self) -> None:
        """Stop listening and part from every client."""
        if self._watching:
            self._watching.cancel()
        if self._tcp:
            await self._tcp.close()
        if self._udp:
            self._udp.close()

    def _watch(self) -> None:
        n_dropped = self.totals.dropped
        if n_dropped > self._n_dropped:
            self._clients.announce("/sda/packets/dropped", n_dropped - self._n_dropped, n_dropped)
        self._n_dropped = n_dropped
        if self._tcp:
            self._tcp.close_strangers(self._is_known, STRANGER_S)
        self.on_watch()
        self._watching = asyncio.get_running_loop().call_later(WATCH_S, self._watch)
