"""OSC servers that answer a greeting: ours, python-osc's, liblo and scsynth.

    python benchmarks/osc_servers.py NAME

serves as one of those written in Python; `benchmarks/osc.py` starts them like that.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from daemon import running_daemon

HELLO = b"/sda/hello\0\0,\0\0\0"
ADDRESS, ANSWER = "/sda/hello", ("/sda/done", "/sda/hello", "name", "0.1.0", 1, 5630)


@dataclass(frozen=True)
class Contender:
    """A server to measure, on ``port`` over the transports it has."""

    name: str
    port: int
    greeting: bytes = HELLO
    has_udp: bool = True
    has_tcp: bool = False


@contextmanager
def sdaudio() -> Iterator[Contender]:
    """The daemon, as a user starts it."""
    with tempfile.TemporaryDirectory() as folder, running_daemon(Path(folder)) as running:
        yield Contender("sdaudio", running.port, has_tcp=True)


@contextmanager
def scsynth() -> Iterator[Contender]:
    """SuperCollider's server; it answers once for every block of audio."""
    port = _free_port()
    jack = f"osc-benchmark-{os.getpid()}"
    environment = {**os.environ, "JACK_DEFAULT_SERVER": jack, "JACK_NO_START_SERVER": "1"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    sound = subprocess.Popen(
        ["jackd", "-n", jack, "--no-realtime", "-S", "-d", "dummy", "-r", "48000", "-p", "64"],
        **quiet,
    )
    time.sleep(1.0)
    server = subprocess.Popen(
        ["scsynth", "-u", str(port), "-B", "127.0.0.1", "-i", "0", "-o", "2", "-R", "0"],
        env=environment, **quiet,
    )  # fmt: skip
    try:
        yield Contender("scsynth /status", port, b"/status\0,\0\0\0")
    finally:
        for process in (server, sound):
            process.kill()
            process.wait()


def in_python(name: str, *, has_udp: bool = True) -> Callable[[], Any]:
    """Return what starts one of the servers at the end of this file."""

    @contextmanager
    def start() -> Iterator[Contender]:
        process = subprocess.Popen(
            [sys.executable, __file__, name],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        found = re.search(r"port (\d+)", process.stdout.readline())
        assert found, f"{name} did not start"
        try:
            yield Contender(name, int(found[1]), has_udp=has_udp, has_tcp=not has_udp)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    return start


def contenders() -> dict[str, Callable[[], Any] | None]:
    """All servers by name; None for those that are not installed."""
    has_liblo = find_spec("pyliblo3") is not None
    has_scsynth = shutil.which("scsynth") and shutil.which("jackd")
    return {
        "sdaudio": sdaudio,
        "python-osc blocking": in_python("python-osc blocking"),
        "python-osc threading": in_python("python-osc threading"),
        "python-osc asyncio": in_python("python-osc asyncio"),
        "python-osc TCP": in_python("python-osc TCP", has_udp=False),
        "liblo": in_python("liblo") if has_liblo else None,
        "scsynth /status": scsynth if has_scsynth else None,
    }


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve_python_osc(kind: str) -> None:
    from pythonosc import osc_server, osc_tcp_server
    from pythonosc.dispatcher import Dispatcher

    dispatcher = Dispatcher()
    dispatcher.map(ADDRESS, lambda *_: ANSWER)
    if kind == "asyncio":
        _serve_python_osc_asyncio(dispatcher)
        return
    where = ("127.0.0.1", 0)
    server: Any
    if kind == "TCP":
        server = osc_tcp_server.ThreadingOSCTCPServer(where, dispatcher, mode="1.0")
    elif kind == "threading":
        server = osc_server.ThreadingOSCUDPServer(where, dispatcher)
    else:
        server = osc_server.BlockingOSCUDPServer(where, dispatcher)
    _announce(server.server_address[1])
    server.serve_forever()


def _serve_python_osc_asyncio(dispatcher: Any) -> None:  # noqa: ANN401 (python-osc is untyped)
    from pythonosc.osc_server import AsyncIOOSCUDPServer

    async def serve() -> None:
        loop: Any = asyncio.get_running_loop()
        server = AsyncIOOSCUDPServer(("127.0.0.1", 0), dispatcher, loop)
        transport, _ = await server.create_serve_endpoint()
        _announce(transport.get_extra_info("sockname")[1])
        await asyncio.Event().wait()

    asyncio.run(serve())


def _serve_liblo() -> None:
    import pyliblo3

    # it takes port 0 by the letter
    server = pyliblo3.Server(_free_port(), pyliblo3.UDP)
    server.add_method(
        ADDRESS, None, lambda _path, _args, _types, client: server.send(client, *ANSWER)
    )
    _announce(server.port)
    while True:
        server.recv(1000)


def _announce(port: int) -> None:
    print(f"port {port}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "liblo":
        _serve_liblo()
    else:
        _serve_python_osc(sys.argv[1].removeprefix("python-osc "))
