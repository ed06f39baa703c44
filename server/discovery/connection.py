"""One connection of HTTP/1.1, and the way from a request to a websocket.

h11 reads and writes the protocol; this module holds the socket, the limits and the time that a
client may take. It knows nothing of what is answered.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, cast

import h11

from .requests import Refused, Request, Response, Upgraded

if TYPE_CHECKING:
    from .http import HttpServer

logger = logging.getLogger(__name__)

MAX_HEAD = 16_384
"""Bytes in the request line and headers."""
MAX_TARGET = 2048
"""Characters in the path and query of a request."""
HEAD_S = 10.0
"""How long a client may take to send the head of a request, or to read what waits for it."""
IDLE_S = 60.0
"""How long a connection may stay open between two requests."""

_PARTING_S = 1.0
_VERSIONS = (b"1.0", b"1.1")
_METHODS = (b"GET", b"HEAD")
_ALLOW = (b"Allow", b"GET, HEAD")
_REASONS = {
    200: b"OK", 204: b"No Content", 400: b"Bad Request", 401: b"Unauthorized",
    403: b"Forbidden", 404: b"Not Found",
    405: b"Method Not Allowed", 413: b"Content Too Large", 414: b"URI Too Long",
    426: b"Upgrade Required", 431: b"Request Header Fields Too Large", 500: b"Internal Error",
    503: b"Service Unavailable", 505: b"HTTP Version Not Supported",
}  # fmt: skip


class HttpConnection(asyncio.Protocol):
    """One connection: requests one after the other, until it ends or becomes a websocket."""

    def __init__(self, server: "HttpServer") -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._transport: asyncio.Transport | None = None
        self._upgraded: Upgraded | None = None
        self._request: h11.Request | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waits_for_reader = False
        self._scheduled = False
        self._ended = False
        self._between_requests = True
        self.is_admitted = False
        """Whether it has shown the token, where one is asked for."""

    @property
    def is_websocket(self) -> bool:
        """Whether it has become a websocket."""
        return self._upgraded is not None

    @property
    def is_open(self) -> bool:
        """Whether the connection still stands."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def host(self) -> str:
        """The address of the machine on the other side."""
        address = self._transport and self._transport.get_extra_info("peername")
        return str(address[0]) if address else "?"

    @property
    def remote(self) -> str:
        """The address of the other side, such as ``127.0.0.1:50312``."""
        address = self._transport and self._transport.get_extra_info("peername")
        return f"{address[0]}:{address[1]}" if address else "?"

    @property
    def waiting(self) -> int:
        """Bytes that are written and not sent yet."""
        return self._transport.get_write_buffer_size() if self._transport else 0

    def write(self, data: bytes) -> None:
        """Write bytes, whatever they are."""
        if self._transport is not None and self.is_open:
            self._transport.write(data)

    def read_on(self, *, reading: bool) -> None:
        """Read from the socket, or let the other side wait."""
        if self._transport is None or not self.is_open:
            return
        if reading and not self._waits_for_reader:
            self._transport.resume_reading()
        elif not reading:
            self._transport.pause_reading()

    def close(self) -> None:
        """End the connection when everything written has been sent."""
        if self._upgraded is not None:
            self._upgraded.close()
        elif self._transport is not None:
            self._transport.close()

    def end(self) -> None:
        """End a websocket's connection when everything written has been sent."""
        if self._transport is not None:
            self._transport.close()
            self._set_timer(_PARTING_S)

    def abort(self) -> None:
        """End the connection at once; what waits to be sent is lost."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet a new connection (called by asyncio)."""
        self._transport = cast(asyncio.Transport, transport)
        if not self._server.make_room():
            logger.warning("http %s is turned away: no connection is free", self.remote)
            self._transport.abort()
            return
        self._server.connections[self] = None
        self._set_timer(HEAD_S)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the stream (called by asyncio)."""
        if self._upgraded is not None:
            self._upgraded.receive(data)
            return
        if self._ended:
            return
        if self._between_requests:
            # The whole head must come within the time, however slowly it trickles in.
            self._between_requests = False
            self._set_timer(HEAD_S)
        self._http.receive_data(data)
        self._go_on()

    def eof_received(self) -> bool:
        """The other side sends no more (called by asyncio); answers may still be written."""
        return False

    def pause_writing(self) -> None:
        """The other side does not read (called by asyncio): answer nothing more until it does."""
        self._waits_for_reader = True
        self.read_on(reading=False)
        if self._upgraded is None:
            self._set_timer(HEAD_S)

    def resume_writing(self) -> None:
        """The other side reads again (called by asyncio)."""
        self._waits_for_reader = False
        self.read_on(reading=True)
        if self._upgraded is None:
            self._set_timer(IDLE_S)
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection (called by asyncio)."""
        self._server.connections.pop(self, None)
        if not self._server.connections:
            self._server.idle.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._upgraded is not None:
            self._upgraded.lost()

    def _go_on(self) -> None:
        """Answer what is complete: one request at a time, so that others get their turn."""
        self._scheduled = False
        if self._upgraded is not None or self._ended or self._waits_for_reader:
            return
        try:
            answered = self._next_request()
        except h11.RemoteProtocolError as error:
            self._refuse_broken(error)
        except Exception:
            # as for a packet that fails: logged, and the others are served
            logger.exception("http %s: a request failed", self.remote)
            self._refuse(500, "The request failed; the log of the daemon says why.")
        else:
            # what was sent ahead waits in the socket until this much of it is answered
            self.read_on(reading=not answered)
            if answered and not self._scheduled:
                self._scheduled = True
                self._loop.call_soon(self._go_on)

    def _next_request(self) -> bool:
        """Read on until one request is answered; False when there is none yet."""
        while True:
            event = self._http.next_event()
            match event:
                case h11.Request():
                    self._request = event
                    if not self._is_acceptable(event):
                        return False
                case h11.Data():
                    self._refuse(413, "A request here has no body.")
                    return False
                case h11.EndOfMessage():
                    return self._complete()
                case h11.ConnectionClosed():
                    self.close()
                    return False
                case _:  # more data is needed, or the protocol is to be switched
                    return False

    def _complete(self) -> bool:
        assert self._request is not None
        assert self._transport is not None
        received, self._request = self._request, None
        # the youngest of those heard of
        self._server.connections.pop(self, None)
        self._server.connections[self] = None
        local = self._transport.get_extra_info("sockname")
        request = Request(
            received.method.decode("ascii"),
            received.target.decode("ascii", "replace"),
            tuple(received.headers),
            (str(local[0]), int(local[1])),
        )
        try:
            if request.wants_websocket:
                self._switch(request)
                return False
            response = self._server.answer(request, self)
        except Refused as refused:
            response = refused.response
        self._send(response, head_only=request.method == "HEAD")
        return self._next_cycle()

    def _is_acceptable(self, head: h11.Request) -> bool:
        if head.method not in _METHODS:
            self._refuse(405, "Only GET and HEAD are answered here.", _ALLOW)
        elif head.http_version not in _VERSIONS:
            self._refuse(505, "Only HTTP/1.1 and 1.0 are understood.")
        elif len(head.target) > MAX_TARGET:
            self._refuse(414, f"The path and query hold more than {MAX_TARGET} characters.")
        elif sum(len(name) + len(value) + 4 for name, value in head.headers) > MAX_HEAD:
            # h11 limits only what is not complete yet
            self._refuse(431, f"The head of the request holds more than {MAX_HEAD} bytes.")
        return not self._ended

    def _switch(self, request: Request) -> None:
        self._server.check_websockets()
        self._upgraded = self._server.upgrade(request, self)
        if self._timer is not None:
            self._timer.cancel()
        trailing, _ = self._http.trailing_data
        if trailing:
            self._upgraded.receive(trailing)

    def _send(self, response: Response, *, head_only: bool = False) -> None:
        headers = [
            (b"Cache-Control", b"no-store"),
            (b"X-Content-Type-Options", b"nosniff"),
            *response.headers,
        ]
        if response.status != 204:
            headers += [
                (b"Content-Type", response.content_type),
                (b"Content-Length", str(len(response.body)).encode()),
            ]
        reason = _REASONS.get(response.status, b"")
        head = h11.Response(status_code=response.status, headers=headers, reason=reason)
        parts = [self._http.send(head) or b""]
        if response.body and not head_only and response.status != 204:
            parts.append(self._http.send(h11.Data(data=response.body)) or b"")
        parts.append(self._http.send(h11.EndOfMessage()) or b"")
        self.write(b"".join(parts))

    def _next_cycle(self) -> bool:
        if self._http.our_state is not h11.DONE:
            self.close()
            return False
        self._http.start_next_cycle()
        self._between_requests = True
        if not self._waits_for_reader:
            self._set_timer(IDLE_S)
        return True

    def _refuse(self, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        """Answer with an error and end: what comes after a mistake means nothing certain."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = self._server.refusal(status, text).body
            self._send(Response(status, body, ((b"Connection", b"close"), *headers)))
        # Closing a socket with unread bytes in it would take the answer back, so they are read.
        self._ended = True
        self._set_timer(_PARTING_S)
        if self._transport is not None and self.is_open:
            self._transport.write_eof()

    def _refuse_broken(self, error: h11.RemoteProtocolError) -> None:
        status, text = error.error_status_hint, f"This is no HTTP/1.1: {error}."
        if status == 431:
            text = f"The head of the request holds more than {MAX_HEAD} bytes."
            if b"\n" not in self._http.trailing_data[0]:
                status, text = 414, f"The path and query hold more than {MAX_TARGET} characters."
        self._refuse(status, text)

    def _set_timer(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self.abort)
