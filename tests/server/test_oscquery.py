"""OSCQuery over HTTP: what is answered, to whom, and what hostile clients cannot do."""

import asyncio
import contextlib
import http.client
import json
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from osc_bytes import message
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sdaudio_server.client import Client
from sdaudio_server.commands import SECTIONS, all_commands
from sdaudio_server.discovery import connection as connection_module
from sdaudio_server.discovery.http import MAX_CONNECTIONS, HttpServer
from sdaudio_server.discovery.namespace import Namespace
from sdaudio_server.discovery.query import is_own_host, is_own_origin
from sdaudio_server.discovery.requests import Request, Response
from sdaudio_server.registry import Registry, section_of
from sdaudio_server.state import Node, State

Answer = tuple[int, dict[str, str], Any]


def _get(port: int, target: str, method: str = "GET", **headers: str) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, target, headers=headers)
        return _read(connection)


def _read(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return response.status, headers, json.loads(body) if body else None


def _exchange(port: int, data: bytes, *, more: bytes = b"") -> bytes:
    """Everything that is answered to some bytes until the other side ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        stream.sendall(data)
        if more:
            stream.sendall(more)
        answer = b""
        while part := stream.recv(65536):
            answer += part
        return answer


def _leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    inside = [leaf for child in node.get("CONTENTS", {}).values() for leaf in _leaves(child)]
    return inside if "TYPE" not in node else [node, *inside]


def test_the_root_holds_every_command_with_its_types_and_manual(daemon):
    status, headers, root = _get(daemon.http_port, "/")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert root["FULL_PATH"] == "/"
    nodes = {leaf["FULL_PATH"]: leaf for leaf in _leaves(root)}
    registry = Registry(all_commands())
    for address in registry.addresses:
        assert nodes[address]["ACCESS"] & 2
        assert registry[address].usage in nodes[address]["DESCRIPTION"]
    fill = nodes["/sda/grid/fill"]
    assert fill["TYPE"] == "siiiii"
    assert fill["RANGE"][0] is None
    assert fill["RANGE"][1] == {"MIN": 0, "MAX": 3}
    assert fill["RANGE"][3] == {"MIN": 0}
    assert nodes["/sda/grid/mute"]["RANGE"][2] == {"VALS": [0, 1]}
    assert nodes["/sda/hello"]["TYPE"] == "I"
    assert nodes["/sda/prior/sample"]["OVERLOADS"][0]["TYPE"].startswith("ssf")


def test_every_node_says_who_it_is_and_its_lists_are_as_long_as_its_type(daemon):
    _, _, root = _get(daemon.http_port, "/")

    def check(node: dict[str, Any], path: str) -> None:
        assert node["FULL_PATH"] == path
        assert "TYPE" in node or "CONTENTS" in node
        for key in ("RANGE", "VALUE", "UNIT"):
            assert len(node.get(key, node.get("TYPE", ""))) == len(node.get("TYPE", ""))
        assert ("VALUE" in node) == bool(node["ACCESS"] & 1)
        for name, child in node.get("CONTENTS", {}).items():
            check(child, f"{path.rstrip('/')}/{name}")

    check(root, "/")


def test_a_part_of_the_tree_is_the_same_as_in_the_whole(daemon):
    _, _, root = _get(daemon.http_port, "/")
    for path in ("/sda", "/sda/grid", "/sda/grid/set", "/sda/state/model/starter"):
        expected = root
        for name in path.split("/")[1:]:
            expected = expected["CONTENTS"][name]
        assert _get(daemon.http_port, path)[2] == expected
        assert _get(daemon.http_port, f"{path}/")[2] == expected


def test_host_info_names_the_ports_and_what_is_supported(daemon):
    for target in ("/?HOST_INFO", "/sda/grid?HOST_INFO", "/?HOST_INFO=1", "/?HOST_INFO="):
        status, _, info = _get(daemon.http_port, target)
        assert status == 200
        assert (info["OSC_IP"], info["OSC_PORT"]) == ("127.0.0.1", daemon.port)
        assert (info["WS_IP"], info["WS_PORT"]) == ("127.0.0.1", daemon.http_port)
        assert info["OSC_TRANSPORT"] == "UDP"
        assert info["NAME"].startswith("sdaudio")
        for name in ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "LISTEN", "PATH_CHANGED"):
            assert info["EXTENSIONS"][name] is True


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("/sda/play/gain?TYPE", {"TYPE": "f"}),
        ("/sda/play/gain?VALUE", {"VALUE": [0.0]}),
        ("/sda/play/gain?ACCESS", {"ACCESS": 3}),
        ("/sda/play/gain?RANGE", {"RANGE": [{"MIN": -96, "MAX": 12}]}),
        ("/sda/play/gain?UNIT", {"UNIT": ["gain.db"]}),
        ("/sda/grid?FULL_PATH", {"FULL_PATH": "/sda/grid"}),
        ("/sda/grid?ACCESS", {"ACCESS": 0}),
        ("/sda/grid?DESCRIPTION", {"DESCRIPTION": SECTIONS["/sda/grid"]}),
        ("/sda/state/grid/starter/mute/0?VALUE", {"VALUE": [False]}),
        ("/sda/state/grid/starter/mute/0?TYPE", {"TYPE": "T"}),
        ("/sda/state/grid/starter/model?VALUE", {"VALUE": ["starter"]}),
        ("/sda/state/grid/star%74er/levels?VALUE", {"VALUE": [3]}),
    ],
)
def test_an_attribute_can_be_asked_for_alone(daemon, target: str, answer: dict[str, Any]):
    status, _, body = _get(daemon.http_port, target)
    assert (status, body) == (200, answer)


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("/sda/hello?VALUE", 204, ""),
        ("/sda/grid?TYPE", 204, ""),
        ("/sda/hello?CONTENTS", 204, ""),
        ("/sda/play/gain?CRITICAL", 204, ""),
        ("/sda/grid/sett", 404, "Did you mean '/sda/grid/set'?"),
        ("/nothing?VALUE", 404, "no node"),
        ("/sda/gri", 404, "Did you mean '/sda/grid'?"),
        ("//", 200, ""),
        ("/sda/hello?TIPE", 400, "Did you mean 'TYPE'?"),
        ("/?ADD_NODE=x", 400, "no attribute"),
        ("/sda/hello?TYPE&VALUE", 400, "One attribute"),
        ("/sda/hello?type", 400, "no attribute 'type'"),
        ("/%ff%00/../etc", 404, "no node"),
        ("http://127.0.0.1:5631/sda/nope", 404, "'/sda/nope'"),
        ("*", 404, "no node '*'"),
    ],
)
def test_what_is_not_there_has_its_own_code(daemon, target: str, status: int, words: str):
    answered, headers, body = _get(daemon.http_port, target)
    assert answered == status
    if status == 204:
        assert body is None
        assert "content-length" not in headers
    elif words:
        assert words in body["ERROR"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(daemon, method: str):
    status, headers, body = _get(daemon.http_port, "/sda/quit", method)
    assert status == 405
    assert headers["allow"] == "GET, HEAD"
    assert "GET" in body["ERROR"]


def test_head_is_get_without_the_body(daemon):
    _, got, _ = _get(daemon.http_port, "/sda/grid")
    status, headers, body = _get(daemon.http_port, "/sda/grid", "HEAD")
    assert (status, body) == (200, None)
    assert headers == got


def test_one_connection_serves_many_requests(daemon):
    with closing(http.client.HTTPConnection("127.0.0.1", daemon.http_port)) as connection:
        connection.connect()
        first = connection.sock
        for target, status in (("/", 200), ("/no", 404), ("/sda?TYPE", 204), ("/?HOST_INFO", 200)):
            connection.request("GET", target)
            assert _read(connection)[0] == status
            assert connection.sock is first


def test_requests_sent_ahead_are_answered_in_order(daemon):
    names = ("hello", "status", "sync", "quit") * 50
    sent = b"".join(
        f"GET /sda/{name}?FULL_PATH HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for name in names
    )
    last = b"GET /sda?ACCESS HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = _exchange(daemon.http_port, sent, more=last)
    found = [line for line in answer.split(b"\r\n") if b"FULL_PATH" in line]
    assert [json.loads(line.split(b"}")[0] + b"}")["FULL_PATH"] for line in found] == [
        f"/sda/{name}" for name in names
    ]
    assert answer.endswith(b'{"ACCESS":0}')


def test_a_target_that_cannot_be_read_is_a_mistake_and_no_end(daemon):
    wrong = b"GET http://[::1/sda HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /sda?ACCESS HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = _exchange(daemon.http_port, wrong + last)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"ACCESS":0}')


def test_http_1_0_is_answered_and_closed(daemon):
    answer = _exchange(daemon.http_port, b"GET /sda/hello?TYPE HTTP/1.0\r\n\r\n")
    # HTTP/1.0 knows no Host, and without it nobody can tell which site a browser was on
    assert answer.startswith(b"HTTP/1.1 403 ")
    answer = _exchange(daemon.http_port, b"GET /sda?ACCESS HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    assert answer.endswith(b'{"ACCESS":0}')


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"\xff\xfe\x00\x01" * 50 + b"\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 5000 + b"\r\n", 431),
        (b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /" + b"x" * 70_000, 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 413),
        (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5\r\nhello\r\n0\r\n\r\n",
            413,
        ),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 405),
    ],
)
def test_a_request_that_is_wrong_gets_its_code_and_the_end(daemon, sent: bytes, status: int):
    answer = _exchange(daemon.http_port, sent)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:5631"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "[::1]:5631"}, 200),
        ({"Host": "LOCALHOST"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:5631"}, 403),
        ({"Host": "192.168.1.7"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "http://127.0.0.1"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://localhost@evil.example"}, 403),
    ],
)
def test_only_this_machine_s_names_and_pages_are_served(daemon, headers, status: int):
    assert _get(daemon.http_port, "/?HOST_INFO", **headers)[0] == status


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("192.168.1.7:5631", True),
        ("[fe80::1]:5631", True),
        (f"{socket.gethostname()}:5631", True),
        (f"{socket.gethostname().split('.')[0]}.local", True),
        ("evil.example", False),
        ("192.168.1.7.evil.example", False),
        ("", False),
    ],
)
def test_a_daemon_for_other_machines_is_asked_by_its_address_or_name(host: str, is_own: bool):
    assert is_own_host(host, is_local=False) == is_own


def test_a_page_at_an_address_of_its_own_is_still_another_site():
    assert is_own_origin("http://192.168.1.7:5631", "192.168.1.7:5631")
    assert not is_own_origin("http://203.0.113.9", "192.168.1.7:5631")
    assert not is_own_origin("null", "null")


def test_no_page_of_another_site_may_read_what_is_answered(daemon):
    _, headers, _ = _get(daemon.http_port, "/")
    assert "access-control-allow-origin" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_idle_connections_give_way_to_new_ones(daemon):
    idle = [
        socket.create_connection(("127.0.0.1", daemon.http_port))
        for _ in range(MAX_CONNECTIONS + 10)
    ]
    try:
        assert _get(daemon.http_port, "/?HOST_INFO")[0] == 200
    finally:
        for stream in idle:
            stream.close()


def test_osc_is_answered_while_http_is_flooded(daemon, client: Client):
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    floods = [socket.create_connection(("127.0.0.1", daemon.http_port)) for _ in range(8)]
    worst_s = 0.0
    try:
        for stream in floods:
            stream.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(1000):
                    stream.send(request * 100)
        for _ in range(100):
            began_s = time.perf_counter()
            client.call("/sda/hello")
            worst_s = max(worst_s, time.perf_counter() - began_s)
    finally:
        for stream in floods:
            stream.close()
    assert worst_s < 1.0


def _refusal(status: int, text: str) -> Response:
    return Response(status, text.encode())


async def _serving(server: HttpServer, *sent: bytes, pause_s: float = 0.0) -> tuple[bytes, float]:
    """Send bytes with pauses, and return what was answered until the end, and after how long."""
    loop = asyncio.get_running_loop()
    await server.open("127.0.0.1", 0)
    began_s = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    answer = asyncio.ensure_future(reader.read())
    for part in sent:
        if answer.done():
            break
        writer.write(part)
        await asyncio.sleep(pause_s)
    try:
        received = await answer
    except ConnectionError:
        received = b""
    took_s = loop.time() - began_s
    writer.close()
    await server.close()
    return received, took_s


def test_a_head_that_trickles_in_is_cut_off(monkeypatch):
    monkeypatch.setattr(connection_module, "HEAD_S", 0.2)
    server = HttpServer(lambda *_: Response(200), lambda *_: None, _refusal)  # type: ignore[arg-type]
    answer, took_s = asyncio.run(_serving(server, *[b"X"] * 40, pause_s=0.02))
    assert answer == b""
    assert took_s < 0.7


def test_a_connection_without_a_request_is_ended(monkeypatch):
    monkeypatch.setattr(connection_module, "IDLE_S", 0.1)
    server = HttpServer(lambda *_: Response(200, b"{}"), lambda *_: None, _refusal)  # type: ignore[arg-type]
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer, took_s = asyncio.run(_serving(server, request))
    assert answer.endswith(b"{}")
    assert 0.1 <= took_s < 2


def test_a_client_that_does_not_read_is_cut_off_and_costs_no_memory(monkeypatch):
    monkeypatch.setattr(connection_module, "HEAD_S", 0.2)
    answered = 0

    def answer(*_: object) -> Response:
        nonlocal answered
        answered += 1
        return Response(200, b"x" * 100_000)

    async def run() -> None:
        server = HttpServer(answer, lambda *_: None, _refusal)  # type: ignore[arg-type]
        await server.open("127.0.0.1", 0)
        with socket.socket() as stream:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stream.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(stream, ("127.0.0.1", server.port))
            await loop.sock_sendall(stream, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
            while server.connections:
                await asyncio.sleep(0.02)
        await server.close()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert answered < 200


def test_an_answer_that_fails_is_an_error_500_and_the_next_is_served(caplog):
    def answer(request: Request, _connection: object) -> Response:
        return Response(200, b"{}") if request.target == "/ok" else Response(1 // 0)

    async def run() -> list[bytes]:
        server = HttpServer(answer, lambda *_: None, _refusal)  # type: ignore[arg-type]
        await server.open("127.0.0.1", 0)
        answers = []
        for target in ("/", "/ok"):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            answers.append(await reader.read())
            writer.close()
        await server.close()
        return answers

    broken, fine = asyncio.run(run())
    assert broken.startswith(b"HTTP/1.1 500 ")
    assert fine.endswith(b"{}")
    assert "ZeroDivisionError" in caplog.text


class _Values(State):
    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    def nodes_near(self, address: str) -> list[Node]:
        return self._nodes


def test_describing_a_tree_takes_no_longer_for_each_grid_the_more_there_are():
    assert described_s(256) < 8.0 * described_s(64)


def described_s(n_grids: int) -> float:
    nodes = [
        Node(f"/sda/state/grid/g{grid}/mute/{level}", False, "mutes it", 0, 1)
        for grid in range(n_grids)
        for level in range(14)
    ]
    namespace = Namespace(Registry(all_commands()), _Values(nodes), SECTIONS)
    took_s = []
    for _ in range(5):
        began_s = time.thread_time()
        json.dumps(namespace.describe("/"))
        took_s.append(time.thread_time() - began_s)
    return min(took_s)


def test_every_section_has_a_sentence():
    sections = {section_of(address) for address in Registry(all_commands()).addresses}
    assert sections == set(SECTIONS)


def test_a_taken_http_port_is_replaced_and_said(new_daemon, daemon):
    running = new_daemon("--http-port", str(daemon.http_port))
    assert f"because {daemon.http_port} is taken" in running.welcome
    assert running.http_port not in (0, daemon.http_port)
    assert _get(running.http_port, "/?HOST_INFO")[2]["OSC_PORT"] == running.port


def test_where_a_token_is_asked_for_a_connection_shows_it_once(new_daemon, tmp_path: Path):
    (tmp_path / "token.yaml").write_text("server: {token: abcdefghijklmnopqrstuvwx}\n")
    running = new_daemon(environment={"SDAUDIO_CONFIG": str(tmp_path / "token.yaml")})
    running.token = "abcdefghijklmnopqrstuvwx"
    shown = {"Authorization": f"Bearer {running.token}"}
    status, headers, body = _get(running.http_port, "/?HOST_INFO")
    assert (status, body["ERROR"]) == (401, "Send the header Authorization: Bearer TOKEN.")
    assert headers["www-authenticate"].startswith("Bearer")
    assert _get(running.http_port, "/", Authorization="Bearer wrong")[0] == 401
    with closing(http.client.HTTPConnection("127.0.0.1", running.http_port)) as connection:
        connection.request("GET", "/?HOST_INFO", headers=shown)
        assert _read(connection)[0] == 200
        connection.request("GET", "/?HOST_INFO")
        assert _read(connection)[0] == 200
    url = f"ws://127.0.0.1:{running.http_port}/"
    with pytest.raises(InvalidStatus, match="401"), connect(url, proxy=None):
        pass
    with connect(url, proxy=None, additional_headers=shown) as websocket:
        websocket.send(message("/sda/hello").dgram)
        packet = websocket.recv(timeout=5)
        assert isinstance(packet, bytes)
        assert packet.startswith(b"/sda/done")


def test_oscquery_can_be_turned_off(new_daemon):
    running = new_daemon("--http-port", "off")
    assert "HTTP    off" in running.welcome
    with running.client() as client:
        assert client.call("/sda/hello")[4] == 0
