"""The listening side of HTTP: how many may be connected, and who answers them."""

import asyncio
from collections.abc import Callable

from ..wire.binding import bind_error
from ..wire.parting import part
from .connection import HttpConnection
from .requests import Refused, Request, Response, Upgraded

MAX_CONNECTIONS = 64
"""Sockets at a time, websockets included. One more takes the place of the one idle for longest."""
MAX_WEBSOCKETS = MAX_CONNECTIONS // 2

Answer = Callable[[Request, HttpConnection], Response]
Upgrade = Callable[[Request, HttpConnection], Upgraded]


class HttpServer:
    """A listening socket and its connections. Make it with `open`, end it with `close`.

    Args:
        answer: called for every complete request; must return quickly.
        upgrade: called for a request that wants a websocket; writes the handshake to the
            connection and returns what takes over. Both may raise `Refused`.
        refusal: returns the body of an error answer for a text.
    """

    def __init__(
        self, answer: Answer, upgrade: Upgrade, refusal: Callable[[int, str], Response]
    ) -> None:
        self.answer = answer
        self.upgrade = upgrade
        self.refusal = refusal
        self.connections: dict[HttpConnection, None] = {}
        """In the order in which they were last heard of."""
        self.idle = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            StateError: the port is taken, or the host is not an address of this machine.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: HttpConnection(self), host, port)
        except OSError as error:
            raise bind_error("HTTP", host, port, error) from error

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end every connection; what is written gets a second to arrive."""
        if self._server is None:
            return
        self._server.close()
        await part(self.connections, self.idle)

    def make_room(self) -> bool:
        """Whether one more connection is welcome; an idle one gives way to it."""
        if len(self.connections) < MAX_CONNECTIONS:
            return True
        idle = next((known for known in self.connections if not known.is_websocket), None)
        if idle is None:
            return False
        del self.connections[idle]
        idle.abort()
        return True

    def check_websockets(self) -> None:
        """Check that one more websocket is welcome.

        Raises:
            Refused: it is not.
        """
        if sum(known.is_websocket for known in self.connections) >= MAX_WEBSOCKETS:
            raise Refused(self.refusal(503, f"{MAX_WEBSOCKETS} websockets are open already."))
