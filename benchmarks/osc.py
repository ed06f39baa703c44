"""How quickly and how surely OSC is answered, beside other servers, in one run.

    python benchmarks/osc.py [--seconds 1] [--rounds 3] [--only NAME ...]

Every server answers the same greeting over loopback, measured with plain sockets and packets that
are made before. Rounds go round all servers, so that what else the machine does hits all of them;
shown are the best round and the worst. A server that is not installed is said to be not there
(pyliblo3, or scsynth with jackd). Then come things that only we promise: edits, the largest packet,
the longest pattern, and greetings while somebody else floods the server.
"""

import argparse
import contextlib
import multiprocessing
import socket
import struct
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event

import numpy as np
from osc_servers import Contender, contenders

Rounds = dict[str, list[str | float]]

UNDER_WAY = 32
BURST = 5000
_BUFFER = 8 << 20


def main() -> None:
    """Start all servers, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long to measure each thing")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="names of servers")
    parsed = parser.parse_args()
    with ExitStack() as running:
        present = []
        for name, start in contenders().items():
            if parsed.only and name not in parsed.only:
                continue
            if start is None:
                print(f"{name:22} not there")
            else:
                present.append(running.enter_context(start()))
        # our workers start behind the first answers
        time.sleep(3.0)
        found: dict[str, Rounds] = {each.name: defaultdict(list) for each in present}
        for _ in range(parsed.rounds):
            for each in present:
                _measure(each, parsed.seconds, found[each.name])
        for each in present:
            print(each.name)
            for title, figures in found[each.name].items():
                print(f"  {title:44} {_span(figures)}")


def _span(figures: list[str | float]) -> str:
    numbers = [figure for figure in figures if isinstance(figure, float)]
    if len(numbers) < len(figures):
        return "; ".join(dict.fromkeys(str(figure) for figure in figures))
    low, high = min(numbers), max(numbers)
    digits = 2 if high < 100 else 0
    return f"{low:10.{digits}f} to {high:.{digits}f}"


def _measure(server: Contender, seconds: float, found: Rounds) -> None:
    for transport in ("UDP", "TCP"):
        if not (server.has_udp if transport == "UDP" else server.has_tcp):
            continue
        with _connected(server, transport) as connection:
            _wait_until_there(connection, server.greeting)
            times = _round_trips(connection, server.greeting, seconds)
            found[f"{transport} round trip p50, ms"].append(float(np.percentile(times, 50)))
            found[f"{transport} round trip p99, ms"].append(float(np.percentile(times, 99)))
            found[f"{transport} answers/s, {UNDER_WAY} under way"].append(
                _rate(connection, server.greeting, seconds)
            )
    if server.has_udp:
        with _connected(server, "UDP") as connection:
            found[f"answered of a burst of {BURST}"].append(_burst(connection, server.greeting))
    if server.name == "sdaudio":
        _measure_ours(server, seconds, found)
    for flood in FLOODS if server.has_udp else ():
        with _flooded(server.port, FLOODS[flood]), _connected(server, "UDP") as connection:
            times = _round_trips(connection, server.greeting, seconds, timeout_s=0.25)
            found[f"round trip p99 under {flood}, ms"].append(float(np.percentile(times, 99)))
        time.sleep(0.3)


def _measure_ours(server: Contender, seconds: float, found: Rounds) -> None:
    generator = np.random.default_rng(0)
    with _connected(server, "UDP") as connection:
        edits = [
            _message("/sda/grid/set", "starter", 0, int(column), int(code))
            for column, code in zip(
                generator.integers(32, size=512), generator.integers(64, size=512), strict=True
            )
        ]
        times = _round_trips(connection, edits, seconds)
        found["grid/set p99, ms"].append(float(np.percentile(times, 99)))
        for name, packet in _LARGE.items():
            took = []
            for _ in range(10):
                began = time.perf_counter()
                connection.send(packet)
                # in order: what answers the greeting has dealt with the packet
                connection.send(server.greeting)
                while b"/sda/hello" not in connection.receive():
                    pass
                took.append((time.perf_counter() - began) * 1e3)
            connection.receive_all()
            found[f"{name}, then hello, ms"].append(min(took))


class _Udp:
    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(2.0)

    def send(self, packet: bytes) -> None:
        self._socket.send(packet)

    def receive(self) -> bytes:
        return self._socket.recv(65536)

    def receive_all(self) -> int:
        """Take what is there or comes within a tenth of a second."""
        count = 0
        self._socket.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            while True:
                self._socket.recv(65536)
                count += 1
        self._socket.settimeout(2.0)
        return count

    def set_timeout(self, seconds: float) -> None:
        self._socket.settimeout(seconds)

    def close(self) -> None:
        self._socket.close()


class _Tcp(_Udp):
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=2.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, packet: bytes) -> None:
        self._socket.sendall(struct.pack(">i", len(packet)) + packet)

    def receive(self) -> bytes:
        while True:
            if len(self._received) >= 4:
                (length,) = struct.unpack_from(">i", self._received)
                if len(self._received) >= 4 + length:
                    packet = self._received[4 : 4 + length]
                    self._received = self._received[4 + length :]
                    return packet
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionError("the server has closed the connection")
            self._received += more


@contextmanager
def _connected(server: Contender, transport: str) -> Iterator[_Udp]:
    connection = _Udp(server.port) if transport == "UDP" else _Tcp(server.port)
    try:
        yield connection
    finally:
        connection.close()


def _wait_until_there(connection: _Udp, greeting: bytes) -> None:
    connection.set_timeout(0.2)
    for _ in range(50):
        try:
            connection.send(greeting)
            connection.receive()
        except (TimeoutError, ConnectionRefusedError):
            time.sleep(0.1)
        else:
            connection.set_timeout(2.0)
            return
    raise TimeoutError("a server does not answer")


def _round_trips(
    connection: _Udp, packets: bytes | list[bytes], seconds: float, *, timeout_s: float = 2.0
) -> list[float]:
    """Milliseconds; one that is lost counts as the timeout."""
    packets = [packets] if isinstance(packets, bytes) else packets
    connection.set_timeout(timeout_s)
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    while (began := time.perf_counter()) < deadline and len(times) < 20_000:
        try:
            connection.send(packets[len(times) % len(packets)])
            connection.receive()
        except (TimeoutError, ConnectionRefusedError):
            times.append(timeout_s * 1e3)
        else:
            times.append((time.perf_counter() - began) * 1e3)
    return times


def _rate(connection: _Udp, greeting: bytes, seconds: float) -> float | str:
    n_sent = n_received = 0
    began = time.perf_counter()
    deadline = began + seconds
    try:
        while time.perf_counter() < deadline:
            while n_sent - n_received < UNDER_WAY:
                connection.send(greeting)
                n_sent += 1
            connection.receive()
            n_received += 1
        took = time.perf_counter() - began
        while n_received < n_sent:
            connection.receive()
            n_received += 1
    except TimeoutError:
        return f"{n_sent - n_received} of {n_sent} lost"
    return n_received / took


def _burst(connection: _Udp, greeting: bytes) -> float:
    for _ in range(BURST):
        connection.send(greeting)
    n_answered = connection.receive_all()
    while more := connection.receive_all():
        n_answered += more
    return float(n_answered)


@contextmanager
def _flooded(port: int, packet: Callable[[], bytes]) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    begun, ended = context.Event(), context.Event()
    process = context.Process(target=_flood, args=(port, packet(), begun, ended), daemon=True)
    process.start()
    begun.wait()
    time.sleep(0.2)
    try:
        yield
    finally:
        ended.set()
        process.join()


def _flood(port: int, packet: bytes, begun: Event, ended: Event) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flooder:
        flooder.connect(("127.0.0.1", port))
        begun.set()
        while not ended.is_set():
            for _ in range(200):
                with contextlib.suppress(ConnectionRefusedError):
                    flooder.send(packet)


def _string(text: str) -> bytes:
    data = text.encode()
    return data + b"\0" * (4 - len(data) % 4)


def _message(address: str, *arguments: str | int) -> bytes:
    tags = "".join("s" if isinstance(each, str) else "i" for each in arguments)
    data = (_string(a) if isinstance(a, str) else struct.pack(">i", a) for a in arguments)
    return _string(address) + _string(f",{tags}") + b"".join(data)


def _bundle(time_s: float, *elements: bytes) -> bytes:
    timetag = int((time_s + 2_208_988_800) * (1 << 32)) if time_s else 1
    sized = (struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(sized)


def _malformed() -> bytes:
    return b"/sda/hello\0\0,i\0\0"


def _future() -> bytes:
    return _bundle(time.time() + 30.0, _message("/sda/hello"))


FLOODS = {"a malformed flood": _malformed, "a future-dated flood": _future}

_LARGE = {
    "64 KiB of ints": _message("/sda/nothing", *range(13_000)),
    "64 KiB of strings": _message("/sda/nothing", *["ab"] * 10_000),
    "64 KiB of messages": _bundle(0.0, *[_message("/sda/nothing", "x" * 35)] * 900),
    "13 000 codes": _message("/sda/grid/set", "starter", 0, 0, *[5] * 12_900),
    "a pattern of 256": _message("/*/*/" + "{a,}" * 62 + "???"),
}


if __name__ == "__main__":
    main()
