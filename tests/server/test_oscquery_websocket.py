"""OSCQuery over websocket, with an independent client, and with bytes that no client would send."""

import asyncio
import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from osc_bytes import message
from pythonosc.osc_message import OscMessage
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sdaudio_server.client import Client
from sdaudio_server.discovery import websocket as websocket_module
from sdaudio_server.discovery.connection import HttpConnection
from sdaudio_server.discovery.http import MAX_WEBSOCKETS, HttpServer
from sdaudio_server.discovery.requests import Request, Response
from sdaudio_server.discovery.websocket import WebSocketPeer
from sdaudio_server.wire import Counters
from sdaudio_server.wire.messages import MAX_PACKET_LENGTH

GAIN = "/sda/play/gain"


def _connect(port: int, **options: Any) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}/", proxy=None, **options)


@pytest.fixture
def websocket(daemon) -> Iterator[ClientConnection]:
    with _connect(daemon.http_port) as connected:
        yield connected


def _command(websocket: ClientConnection, command: str, data: object) -> None:
    websocket.send(json.dumps({"COMMAND": command, "DATA": data}))


def _heard(websocket: ClientConnection, timeout_s: float = 5.0) -> tuple[str, tuple[Any, ...]]:
    """The next OSC message, or the next text command as (command, data)."""
    received = websocket.recv(timeout=timeout_s)
    if isinstance(received, str):
        record = json.loads(received)
        return record["COMMAND"], (record["DATA"],)
    decoded = OscMessage(received)
    return str(decoded.address), tuple(decoded.params)


def _wait_for(websocket: ClientConnection, name: str, *values: Any) -> tuple[Any, ...]:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        heard, given = _heard(websocket)
        if heard == name and (not values or given == values):
            return given
    raise AssertionError(f"{name} {values} did not come")


def test_a_binary_message_is_answered_like_any_packet(websocket: ClientConnection):
    websocket.send(message("/sda/hello").dgram)
    address, values = _heard(websocket)
    assert address == "/sda/done"
    assert values[:2] == ("/sda/hello", "sdaudio")


def test_what_is_listened_to_comes_at_once_and_when_it_changes(
    websocket: ClientConnection, client: Client
):
    _command(websocket, "LISTEN", GAIN)
    assert _heard(websocket) == (GAIN, (0.0,))
    client.call(GAIN, -6.0)
    assert _heard(websocket) == (GAIN, (-6.0,))
    _command(websocket, "IGNORE", GAIN)
    websocket.send(message("/sda/hello").dgram)
    _wait_for(websocket, "/sda/done")
    client.call(GAIN, 0.0)
    with pytest.raises(TimeoutError):
        websocket.recv(timeout=0.2)


def test_a_switch_is_sent_with_the_type_of_its_node(grid: str, websocket: ClientConnection):
    address = f"/sda/state/grid/{grid}/mute/0"
    _command(websocket, "LISTEN", address)
    packet = websocket.recv(timeout=5)
    assert isinstance(packet, bytes)
    assert len(packet) % 4 == 0
    assert packet.endswith(b"\0,F\0\0")
    websocket.send(message(address, True).dgram)
    assert _heard(websocket)[0] == "/sda/done"
    assert _heard(websocket) == (address, (True,))


def test_a_container_can_be_listened_to(websocket: ClientConnection, client: Client, grid: str):
    base = f"/sda/state/grid/{grid}"
    _command(websocket, "LISTEN", base)
    _wait_for(websocket, f"{base}/label/2")
    revision = client.call("/sda/grid/set", grid, 0, 0, 1, 2, 3)[0]
    _wait_for(websocket, f"{base}/revision", revision)


def test_paths_are_told_when_grids_open_and_close(websocket: ClientConnection, client: Client):
    client.call("/sda/grid/new", "told of", "starter", 4)
    path = "/sda/state/grid/told~of"
    assert _heard(websocket) == ("PATH_ADDED", (path,))
    assert _heard(websocket) == ("PATH_CHANGED", ("/sda/state/grid",))
    client.call("/sda/grid/close", "told of")
    assert _heard(websocket) == ("PATH_REMOVED", (path,))
    assert _heard(websocket) == ("PATH_CHANGED", ("/sda/state/grid",))


def test_paths_are_told_when_models_come_and_go(new_daemon):
    running = new_daemon()
    with running.client() as client, _connect(running.http_port) as websocket:
        client.call("/sda/model/unload", "starter")
        assert _heard(websocket) == ("PATH_REMOVED", ("/sda/state/model/starter",))
        _wait_for(websocket, "PATH_CHANGED", "/sda/state/model")
        client.call("/sda/model/load", "starter")
        assert _heard(websocket) == ("PATH_ADDED", ("/sda/state/model/starter",))


def test_a_subscriber_over_websocket_hears_events(websocket: ClientConnection, client: Client):
    websocket.send(message("/sda/subscribe").dgram)
    _wait_for(websocket, "/sda/done")
    client.call("/sda/grid/mute", "starter", 2, 0)
    _wait_for(websocket, "/sda/grid/levels", "starter", 2, 0, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "A text message is JSON"),
        ("[1, 2]", "A text message is JSON"),
        ("{}", "A text message is JSON"),
        ("null", "A text message is JSON"),
        ("[" * 4000, "A text message is JSON"),
        ('{"COMMAND": "LISTEN"}', "takes an address"),
        ('{"COMMAND": "LISTEN", "DATA": 7}', "takes an address"),
        ('{"COMMAND": "LISTEN", "DATA": "/sda/play/gian"}', "Did you mean '/sda/play/gain'"),
        ('{"COMMAND": "LISTEN", "DATA": "/sda/hello"}', "has a value"),
        ('{"COMMAND": "LISTEN", "DATA": "/sda/[", "X": 1}', "malformed"),
        ('{"COMMAND": "START_OSC_STREAMING", "DATA": {}}', "known are LISTEN and IGNORE"),
        ('{"COMMAND": null, "DATA": "/"}', "known are LISTEN and IGNORE"),
    ],
)
def test_a_wrong_command_is_answered_and_the_next_one_works(
    websocket: ClientConnection, text: str, words: str
):
    websocket.send(text)
    address, values = _heard(websocket)
    assert address == "/sda/fail"
    assert values[1] == "usage"
    assert words in values[2]
    _command(websocket, "LISTEN", GAIN)
    assert _heard(websocket)[0] == GAIN


def test_malformed_osc_is_answered(websocket: ClientConnection):
    websocket.send(b"nonsense")
    address, values = _heard(websocket)
    assert (address, values[1]) == ("/sda/fail", "usage")


def test_a_packet_in_fragments_is_one_packet(websocket: ClientConnection):
    packet = message("/sda/help", "/sda/hello").dgram
    websocket.send(packet[i : i + 3] for i in range(0, len(packet), 3))
    assert _heard(websocket)[0] == "/sda/done"


def test_the_largest_packet_is_taken_and_a_larger_one_ends_the_websocket(
    websocket: ClientConnection,
):
    room = MAX_PACKET_LENGTH - len(message("/sda/status", b"four").dgram) + 4
    websocket.send(message("/sda/status", bytes(room)).dgram)
    assert "one too many" in _heard(websocket)[1][2]
    websocket.send(bytes(MAX_PACKET_LENGTH + 4))
    with pytest.raises(ConnectionClosed) as closed:
        websocket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_long_text_ends_the_websocket(websocket: ClientConnection):
    websocket.send("x" * 5000)
    with pytest.raises(ConnectionClosed) as closed:
        websocket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_websocket_is_answered_in_kind_when_it_pings_or_leaves(daemon):
    with _connect(daemon.http_port) as websocket:
        assert websocket.ping(b"there?").wait(5)
        websocket.close(1000, "enough")
        assert websocket.close_code == 1000


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null"]
)
def test_a_page_of_another_site_gets_no_websocket(daemon, origin: str):
    with pytest.raises(InvalidStatus) as refused:
        _connect(daemon.http_port, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_page_of_this_machine_may_have_a_websocket(daemon):
    with _connect(daemon.http_port, origin="http://localhost:8080") as websocket:
        websocket.send(message("/sda/hello").dgram)
        assert _heard(websocket)[0] == "/sda/done"


def test_no_compression_is_agreed_to(websocket: ClientConnection):
    assert websocket.response is not None
    assert "Sec-WebSocket-Extensions" not in websocket.response.headers


OPENING = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def _opening(port: int, *, headers: bytes = b"", version: bytes = b"13") -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", port), timeout=5)
    head = OPENING[:-2].replace(b"Version: 13", b"Version: " + version)
    stream.sendall(head + headers + b"\r\n")
    return stream


def _all_of(stream: socket.socket) -> bytes:
    received = b""
    while part := stream.recv(65536):
        received += part
    return received


def _frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return bytes([(0x80 if final else 0) | opcode]) + length + bytes(4) + payload


def test_frames_that_follow_the_handshake_at_once_are_read(daemon):
    packet = message("/sda/hello").dgram
    with _opening(daemon.http_port) as stream:
        head = b"".join(stream.recv(1) for _ in range(1))
        stream.sendall(_frame(2, packet) * 2)
        while head.count(b"/sda/hello") < 2:
            head += stream.recv(4096)
    assert head.startswith(b"HTTP/1.1 101 ")
    # the accept token that RFC 6455 works out for this key
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x82\x05hello", 1002),  # not masked
        (b"\x83" + b"\x80" + bytes(4), 1002),  # an opcode that is not defined
        (b"\xc2" + b"\x80" + bytes(4), 1002),  # a bit of an extension nobody agreed to
        (b"\x89\xfe" + struct.pack(">H", 200) + bytes(4), 1002),  # a ping that is too long
        (b"\x80" + b"\x80" + bytes(4), 1002),  # goes on with what did not begin
        (b"\x81\x82" + bytes(4) + b"\xff\xfe", 1007),  # a text that is no UTF-8
    ],
)
def test_frames_against_the_rules_end_the_websocket_with_the_reason(daemon, sent, code: int):
    with _opening(daemon.http_port) as stream:
        stream.sendall(sent)
        received = _all_of(stream)
    frame = received.split(b"\r\n\r\n", 1)[1]
    assert frame[0] == 0x88
    assert struct.unpack(">H", frame[2:4])[0] in (code, 1002)


def test_an_endless_frame_costs_no_memory(daemon):
    with _opening(daemon.http_port) as stream:
        stream.sendall(b"\x82\xff" + struct.pack(">Q", 1 << 62) + bytes(4))
        received = b""
        for _ in range(200):
            try:
                stream.sendall(bytes(4096))
            except OSError:
                break
        stream.settimeout(5)
        try:
            received = _all_of(stream)
        except ConnectionError:
            received = b"\x88"
    assert b"\x88" in received


@pytest.mark.parametrize(
    ("headers", "version"), [(b"", b"8"), (b"", b"x"), (b"Sec-WebSocket-Key: again\r\n", b"13")]
)
def test_a_handshake_that_is_none_is_refused_with_the_version_that_is(daemon, headers, version):
    with _opening(daemon.http_port, headers=headers, version=version) as stream:
        received = stream.recv(4096)
    assert received.startswith((b"HTTP/1.1 426 ", b"HTTP/1.1 400 "))


def test_websockets_leave_room_for_requests(daemon):
    with contextlib.ExitStack() as opened:
        for _ in range(MAX_WEBSOCKETS):
            opened.enter_context(_connect(daemon.http_port))
        with pytest.raises(InvalidStatus) as refused, _connect(daemon.http_port):
            pass
        assert refused.value.response.status_code == 503


def test_a_flood_of_frames_leaves_others_their_turn(daemon, client: Client):
    packet = _frame(2, message("/sda/hello").dgram)
    with _opening(daemon.http_port) as stream:
        stream.setblocking(False)
        flooded = 0
        worst_s = 0.0
        for _ in range(200):
            with contextlib.suppress(BlockingIOError):
                flooded += stream.send(packet * 500)
            began_s = time.perf_counter()
            client.call("/sda/hello")
            worst_s = max(worst_s, time.perf_counter() - began_s)
    assert flooded > 100_000
    assert worst_s < 0.5


def test_a_silent_client_is_asked_and_then_cut_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket_module, "PING_S", 0.1)
    peers: list[WebSocketPeer] = []

    def upgrade(request: Request, connection: HttpConnection) -> WebSocketPeer:
        peers.append(
            WebSocketPeer(
                request, connection, on_packet=lambda *_: None, on_command=lambda *_: None,
                on_lost=peers.remove, counters=Counters(),
            )
        )  # fmt: skip
        return peers[0]

    async def run() -> bytes:
        server = HttpServer(lambda _: Response(200), upgrade, lambda status, _: Response(status))
        await server.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(OPENING)
        received = b""
        # the handshake, a ping, the end
        with contextlib.suppress(ConnectionError):
            received = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await server.close()
        return received

    assert asyncio.run(run()).endswith(b"\r\n\r\n\x89\x00")
    assert peers == []


def test_a_client_that_does_not_read_is_cut_off_and_others_are_told(daemon, client: Client):
    with _opening(daemon.http_port) as deaf, _connect(daemon.http_port) as websocket:
        deaf.settimeout(0.2)
        request = _frame(2, message("/sda/help").dgram) * 50
        # some 20 KB of answers to each; what it does not read may fill no more than a few MB
        with contextlib.suppress(OSError):
            for _ in range(100):
                deaf.sendall(request)
        _command(websocket, "LISTEN", GAIN)
        assert _heard(websocket) == (GAIN, (0.0,))
    assert client.call("/sda/hello")[0] == "sdaudio"


def test_random_bytes_after_the_handshake_hurt_nobody(daemon, client: Client):
    for _ in range(50):
        with _opening(daemon.http_port) as stream:
            stream.sendall(os.urandom(500))
    assert client.call("/sda/hello")[0] == "sdaudio"
