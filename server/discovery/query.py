"""OSCQuery: which request is answered with what, and to whom it is answered at all.

A web page of another site must not reach the daemon through the browser of somebody who runs it:
requests that carry another site's ``Origin``, or a host name that is none of this machine's (DNS
rebinding), are refused.
"""

import functools
import ipaddress
import json
import logging
import socket
from typing import Any
from urllib.parse import unquote, urlsplit

import sdaudio
from sdaudio.errors import AccessError, SdaudioError, UsageError, nearest_hint

from ..access import Access
from ..context import Context
from ..listening import PathChanges
from ..wire import Counters, OnPacket
from .connection import HttpConnection
from .http import HttpServer
from .metrics import CONTENT_TYPE, metrics
from .namespace import ATTRIBUTES, EXTENSIONS, Namespace
from .requests import Refused, Request, Response
from .websocket import HandshakeRefused, WebSocketPeer

logger = logging.getLogger(__name__)

NAME = "sdaudio"


class QueryServer:
    """The OSCQuery server of a daemon. Open it with `open`, end it with `close`.

    Args:
        context: the daemon; its listeners are told about here.
        access: who may ask.
        on_packet: called with (packet, peer) for OSC that arrives over a websocket.
        sections: what the containers of the address space hold, by their address.
    """

    def __init__(
        self, context: Context, access: Access, on_packet: OnPacket, sections: dict[str, str]
    ) -> None:
        self.counters = Counters()
        self._context = context
        self._access = access
        self._on_packet = on_packet
        self._namespace = Namespace(context.registry, context.state, sections)
        self._http = HttpServer(self._answer, self._upgrade, _refusal)
        self._websockets: set[WebSocketPeer] = set()
        self._is_local = context.settings.server.is_local

    async def open(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            StateError: the port is taken, or the host is not an address of this machine.
        """
        await self._http.open(host, port)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._http.port

    async def close(self) -> None:
        """End every connection."""
        await self._http.close()

    def _answer(self, request: Request, connection: HttpConnection) -> Response:
        self._check_sender(request)
        self._check_token(request, connection)
        try:
            parts = urlsplit(request.target)
        except ValueError as error:
            raise _refused(400, f"This is no path: {error}.") from error
        path = unquote(parts.path).rstrip("/") or "/"
        # libossia asks for ?HOST_INFO=1
        names = [word.partition("=")[0] for word in parts.query.split("&") if word]
        if len(names) > 1:
            raise _refused(400, "One attribute can be asked for at a time, such as /sda?TYPE.")
        if path == "/metrics" and not names:
            text = metrics(self._context).encode()
            return Response(200, text, content_type=CONTENT_TYPE)
        if not names:
            return self._describe(path)
        if names[0] == "HOST_INFO":
            return _found(self._host_info(request))
        if names[0] not in ATTRIBUTES:
            known = (*sorted(ATTRIBUTES), "HOST_INFO")
            raise _refused(
                400,
                f"There is no attribute '{names[0][:64]}'.{nearest_hint(names[0][:64], known)} "
                f"Known are {', '.join(known)}.",
            )
        return self._attribute(path, names[0])

    def _describe(self, path: str) -> Response:
        try:
            return _found(self._namespace.describe(path))
        except UsageError as error:
            raise _refused(404, str(error)) from error

    def _attribute(self, path: str, name: str) -> Response:
        try:
            value = self._namespace.attribute(path, name)
        except UsageError as error:
            raise _refused(404, str(error)) from error
        return Response(204) if value is None else _found({name: value})

    def _host_info(self, request: Request) -> dict[str, Any]:
        host = request.local[0]
        return {
            "NAME": f"{NAME} {sdaudio.__version__}",
            "EXTENSIONS": EXTENSIONS,
            "OSC_IP": host,
            "OSC_PORT": self._context.port,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": host,
            "WS_PORT": self.port,
        }

    def _upgrade(self, request: Request, connection: HttpConnection) -> WebSocketPeer:
        self._check_sender(request)
        self._check_token(request, connection)
        try:
            peer = WebSocketPeer(
                request,
                connection,
                on_packet=self._on_packet,
                on_command=self._command,
                on_lost=self._lost,
                counters=self.counters,
            )
        except HandshakeRefused as error:
            refusal = _refusal(426, str(error))
            headers = ((b"Upgrade", b"websocket"), (b"Sec-WebSocket-Version", b"13"))
            raise Refused(Response(426, refusal.body, headers)) from error
        if not self._websockets:
            self._context.listeners.watch_paths(self._tell_paths)
        self._websockets.add(peer)
        if self._access.needs_token:
            self._access.admit(peer)
        return peer

    def _command(self, command: str, data: object, peer: WebSocketPeer) -> None:
        if command not in ("LISTEN", "IGNORE"):
            raise UsageError(
                f"There is no command '{command[:32]}'; known are LISTEN and IGNORE, each with an "
                "address as DATA."
            )
        if not isinstance(data, str) or not data.startswith("/"):
            raise UsageError(f"{command} takes an address as DATA, such as /sda/play/gain.")
        try:
            if command == "LISTEN":
                self._context.listeners.listen(peer, data)
            else:
                self._context.listeners.ignore(peer, data)
        except SdaudioError as error:
            raise UsageError(str(error)) from error

    def _lost(self, peer: WebSocketPeer) -> None:
        self._websockets.discard(peer)
        self._access.forget(peer)
        if not self._websockets:
            self._context.listeners.watch_paths(None)
        self._context.listeners.forget(peer)
        self._context.clients.forget(peer)

    def _tell_paths(self, changes: PathChanges) -> None:
        containers = [path.rpartition("/")[0] for path in changes.added + changes.removed]
        told = [
            *(("PATH_REMOVED", path) for path in changes.removed),
            *(("PATH_ADDED", path) for path in changes.added),
            *(("PATH_CHANGED", path) for path in dict.fromkeys(containers)),
            *(("PATH_CHANGED", path) for path in changes.replaced),
        ]
        for peer in tuple(self._websockets):
            for command, path in told:
                peer.tell(command, path)

    def _check_sender(self, request: Request) -> None:
        host = request.header(b"host") or ""
        if not is_own_host(host, is_local=self._is_local):
            raise _refused(
                403, f"The Host '{host[:80]}' is no name of this daemon; use its IP address."
            )
        origin = request.header(b"origin")
        if origin is not None and not is_own_origin(origin, host):
            raise _refused(403, f"Pages of '{origin[:80]}' may not talk to this daemon.")

    def _check_token(self, request: Request, connection: HttpConnection) -> None:
        """Where a token is asked for, a connection shows it once: ``Authorization: Bearer``."""
        if not self._access.needs_token or connection.is_admitted:
            return
        scheme, _, token = (request.header(b"authorization") or "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise AccessError("Send the header Authorization: Bearer TOKEN.")
            self._access.check_token(token.strip(), connection.host)
        except AccessError as error:
            refusal = _refusal(401, str(error))
            headers = ((b"WWW-Authenticate", b'Bearer realm="sdaudio"'),)
            raise Refused(Response(401, refusal.body, headers)) from error
        connection.is_admitted = True


def is_own_host(host: str, *, is_local: bool) -> bool:
    """Whether a Host header, with or without a port, is surely no trick of a foreign DNS server.

    Args:
        host: the header.
        is_local: whether only this machine can reach the daemon.
    """
    name = _name_in(host)
    if name == "localhost" or _is_loopback(name):
        return True
    # no DNS server can make an address mean another one
    return not is_local and (_is_address(name) or name in _own_names())


def is_own_origin(origin: str, host: str) -> bool:
    """Whether a page may ask: one of this machine, or one that the asked host serves itself."""
    # "null", which pages of unknown descent send, has no name
    name = _name_in(origin.partition("://")[2])
    return bool(name) and (name == "localhost" or _is_loopback(name) or name == _name_in(host))


def _found(record: dict[str, Any]) -> Response:
    return Response(200, _json(record))


def _refused(status: int, text: str) -> Refused:
    return Refused(_refusal(status, text))


def _refusal(status: int, text: str) -> Response:
    return Response(status, _json({"ERROR": text}))


def _json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def _name_in(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


@functools.cache
def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset((name, f"{name.split('.')[0]}.local"))
