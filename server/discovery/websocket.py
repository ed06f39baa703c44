"""Websockets: OSC packets both ways, and the text commands of OSCQuery.

wsproto reads and writes the frames; this module holds the limits and is the `Peer` that the rest
of the daemon answers. A binary message is an OSC packet like any other.
"""

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from typing import Any, Protocol

import wsproto
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    TextMessage,
)
from wsproto.events import Request as Opening
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from sdaudio.errors import SdaudioError, UsageError

from ..wire import Counters, MalformedPacket, Message, OnPacket, encode
from ..wire.messages import MAX_PACKET_LENGTH
from ..wire.tcp import MAX_OUTGOING
from .requests import Request

logger = logging.getLogger(__name__)

MAX_COMMAND = 4096
"""Characters in a text message."""
PING_S = 30.0
"""How often a silent client is asked whether it is there; one that stays silent is cut off."""

_EVENTS_AT_ONCE = 32
"""Frames read in one go before other tasks of the loop get their turn."""
_SWITCHES = {False: b",F\0\0", True: b",T\0\0"}


class Connection(Protocol):
    """The socket underneath, see `connection.HttpConnection`."""

    @property
    def is_open(self) -> bool:
        """Whether the connection still stands."""
        ...

    @property
    def host(self) -> str:
        """The address of the machine on the other side."""
        ...

    @property
    def remote(self) -> str:
        """The address of the other side."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes that are written and not sent yet."""
        ...

    def write(self, data: bytes) -> None:
        """Write bytes."""
        ...

    def read_on(self, *, reading: bool) -> None:
        """Read from the socket, or let the other side wait."""
        ...

    def end(self) -> None:
        """End when everything written has been sent."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...


OnCommand = Callable[[str, Any, "WebSocketPeer"], None]


class HandshakeRefused(Exception):  # noqa: N818 (an answer more than an error)
    """A request that wants a websocket but does not ask for it as it must."""


class WebSocketPeer:
    """One websocket; see `Peer`. Its identity is the connection.

    Args:
        request: what asked for it.
        connection: the socket.
        on_packet: called with (packet, peer) for every binary message, as for a transport.
        on_command: called with (command, data, peer) for every text message; may raise
            `UsageError`, which is answered.
        on_lost: called once when the connection has ended.
        counters: what is counted, for all websockets together.

    Raises:
        HandshakeRefused: the request does not fit RFC 6455.
    """

    def __init__(
        self,
        request: Request,
        connection: Connection,
        *,
        on_packet: OnPacket,
        on_command: OnCommand,
        on_lost: Callable[["WebSocketPeer"], None],
        counters: Counters,
    ) -> None:
        self._connection = connection
        self._on_packet = on_packet
        self._on_command = on_command
        self._on_lost = on_lost
        self._counters = counters
        self._frames = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
        self._message = bytearray()
        self._scheduled = False
        self._heard = True
        self._loop = asyncio.get_running_loop()
        self._shake_hands(request)
        self._timer = self._loop.call_later(PING_S, self._ask)

    @property
    def description(self) -> str:
        """Such as ``websocket 127.0.0.1:50312``."""
        return f"websocket {self._connection.remote}"

    @property
    def host(self) -> str:
        """The address of the machine it is on."""
        return self._connection.host

    @property
    def is_connection(self) -> bool:
        """It is one: its end is told."""
        return True

    @property
    def is_open(self) -> bool:
        """Whether the connection still stands."""
        return self._connection.is_open

    def send(self, message: Message) -> None:
        """Send a message; a single switch goes out as ``T`` or ``F``, the type of its node."""
        match message.arguments:
            case (bool() as switch,):
                address = message.address.encode()
                padding = bytes(4 - len(address) % 4)
                self.send_packet(address + padding + _SWITCHES[switch])
            case _:
                self.send_packet(encode(message))

    def send_packet(self, packet: bytes) -> None:
        """Send bytes that are encoded already."""
        self._send(BytesMessage(data=packet))

    def tell(self, command: str, data: str) -> None:
        """Send a text command."""
        self._send(TextMessage(data=json.dumps({"COMMAND": command, "DATA": data})))

    def to(self, port: int) -> "WebSocketPeer":
        """Refuse: a websocket is answered on its own connection."""
        raise UsageError(
            f"A websocket client cannot name a port ({port}); it is answered on its own "
            "connection. Leave the port out, or ask over UDP."
        )

    def receive(self, data: bytes) -> None:
        """Take bytes of the stream."""
        self._heard = True
        self._go_on(data)

    def close(self) -> None:
        """Part in order."""
        self._close(1001, "the daemon ends")

    def lost(self) -> None:
        """Forget the connection, which has ended."""
        self._timer.cancel()
        self._on_lost(self)

    def _shake_hands(self, request: Request) -> None:
        keys = [value for name, value in request.headers if name == b"sec-websocket-key"]
        if len(keys) != 1 or not _is_key(keys[0]):
            raise HandshakeRefused("Sec-WebSocket-Key is not 16 bytes in base64, once.")
        try:
            self._frames.initiate_upgrade_connection(list(request.headers), request.target)
            opened = [event for event in self._frames.events() if isinstance(event, Opening)]
            if not opened:
                raise HandshakeRefused("This is no request for a websocket.")
            # no extensions: a compressed message may be a thousand times its size
            self._connection.write(self._frames.send(AcceptConnection()))
        except (RemoteProtocolError, LocalProtocolError) as error:
            raise HandshakeRefused(f"This is no websocket of version 13: {error}.") from error

    def _go_on(self, data: bytes | None = None) -> None:
        """Read frames, some at a time, so that others get their turn."""
        if data is None:
            self._scheduled = False
        try:
            if data:
                self._frames.receive_data(data)
            if self._scheduled:
                return
            for count, event in enumerate(self._frames.events(), start=1):
                self._take(event)
                if count == _EVENTS_AT_ONCE:
                    self._scheduled = True
                    self._loop.call_soon(self._go_on)
                    break
        except RemoteProtocolError as error:
            self._counters.malformed += 1
            self._close(1002, str(error))
        except LocalProtocolError as error:
            logger.debug("%s: after its end: %s", self.description, error)
        # what was sent ahead waits in the socket
        self._connection.read_on(reading=not self._scheduled)

    def _take(self, event: Event) -> None:
        match event:
            case BytesMessage() | TextMessage():
                self._gather(event)
            case Ping():
                self._send(event.response())
            case CloseConnection():
                self._send(event.response())
                self._connection.end()
            case RejectConnection():
                self._connection.end()

    def _gather(self, event: BytesMessage | TextMessage) -> None:
        is_text = isinstance(event, TextMessage)
        limit = MAX_COMMAND if is_text else MAX_PACKET_LENGTH
        data = event.data.encode() if isinstance(event.data, str) else event.data
        if len(self._message) + len(data) > limit:
            self._counters.malformed += 1
            self._message.clear()
            self._close(1009, f"a message holds more than {limit} bytes")
            return
        self._message += data
        if event.message_finished:
            whole = bytes(self._message)
            self._message.clear()
            if is_text:
                self._command(whole)
            else:
                self._packet(whole)

    def _packet(self, packet: bytes) -> None:
        self._counters.packets += 1
        try:
            self._on_packet(packet, self)
        except SdaudioError as error:
            self._counters.malformed += isinstance(error, MalformedPacket)
            logger.debug("%s: %s", self.description, error)
        except Exception:
            logger.exception("%s: a packet of %d bytes failed", self.description, len(packet))

    def _command(self, text: bytes) -> None:
        try:
            record = json.loads(text)
            command, data = record["COMMAND"], record.get("DATA")
        except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
            self.send(_failure("", 'A text message is JSON such as {"COMMAND": "LISTEN", "DATA": '
                               '"/sda/play/gain"}.'))  # fmt: skip
            return
        try:
            self._on_command(str(command), data, self)
        except UsageError as error:
            self.send(_failure(str(command)[:32], str(error)))
        except Exception:
            logger.exception("%s: %s failed", self.description, str(command)[:32])

    def _send(self, event: Event) -> None:
        if not self._connection.is_open:
            self._counters.unsent += 1
            return
        try:
            self._connection.write(self._frames.send(event))
        except LocalProtocolError:
            # the websocket is closing; nothing more can be said
            self._counters.unsent += 1
            return
        if self._connection.waiting > MAX_OUTGOING:
            self._counters.unsent += 1
            logger.warning(
                "%s does not read: %d bytes wait for it, it is cut off",
                self.description, self._connection.waiting,
            )  # fmt: skip
            self._connection.abort()

    def _close(self, code: int, reason: str) -> None:
        self._send(CloseConnection(code=code, reason=reason[:100]))
        self._connection.end()

    def _ask(self) -> None:
        if not self._heard:
            logger.debug("%s is silent and cut off", self.description)
            self._connection.abort()
            return
        self._heard = False
        self._send(Ping())
        self._timer = self._loop.call_later(PING_S, self._ask)


def _is_key(text: bytes) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except ValueError:
        return False


def _failure(command: str, text: str) -> Message:
    return Message("/sda/fail", (command, UsageError.code, text))
