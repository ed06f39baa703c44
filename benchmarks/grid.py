"""What the live grid bears: long grids, many hands, dropouts while training, deaths of the daemon.

    python benchmarks/grid.py [--minutes 1] [--clients 32] [--kills 30] [--only PART ...]

Every part starts a daemon of its own and plays it from other processes, as a show does:

- long: a set, an undo and an insertion in a grid of 30 000 columns beside one of 400, and what all
  processes take of memory meanwhile
- hands: many clients edit the same two grids and follow what they are told; all must end alike
- dropouts: a loop on a JACK server without a card, 20 edits a second, a training beside it; counts
  the blocks that came too late, and how often the server itself was
- kills: the daemon is killed at any moment of an edit and started again; nothing that was
  acknowledged may be missing

Latencies with and without a training are in `latency.py`.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from daemon import Running, running_daemon

from sdaudio.errors import NoAnswerError, StateError
from sdaudio.starter.synthesis import write_sounds
from sdaudio_server.client import Client

PARTS = ("long", "hands", "dropouts", "kills")
LONG_COLUMNS = 30_000
EDITS_PER_S = 20
JACK_RATE = 48_000


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="of the long parts, each")
    parser.add_argument("--clients", type=int, default=32, help="hands on the same grids")
    parser.add_argument("--kills", type=int, default=30, help="deaths of the daemon")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS, help="parts to run")
    parsed = parser.parse_args()
    parts: dict[str, Callable[[Path], None]] = {
        "long": _long,
        "hands": lambda folder: _hands(folder, parsed.clients, parsed.minutes * 60.0),
        "dropouts": lambda folder: _dropouts(folder, parsed.minutes * 60.0),
        "kills": lambda folder: _kills(folder, parsed.kills),
    }
    for name in parsed.only:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](Path(folder))


class _Player:
    """Edits one grid by chance, each time to another code than before."""

    def __init__(self, client: Client, grid: str, columns: int) -> None:
        self.client, self.grid = client, grid
        self.chance = np.random.default_rng(0)
        self.codes = np.zeros(columns, int)

    def set(self) -> int:
        column = int(self.chance.integers(len(self.codes)))
        self.codes[column] = (self.codes[column] + int(self.chance.integers(1, 63))) % 64
        self.client.call("/sda/grid/set", self.grid, 1, column, int(self.codes[column]))
        return column

    def set_and_hear(self) -> None:
        self.client.events.clear()
        column = self.set()
        self.client.wait_for(
            "/sda/grid/sound",
            lambda v: v[0] == self.grid and v[1] <= column < int(v[1]) + int(v[2]),
        )

    def undo(self) -> None:
        self.client.call("/sda/grid/undo", self.grid)

    def insert(self) -> None:
        self.client.call("/sda/grid/insert", self.grid, 0, 1)


def _long(folder: Path) -> None:
    with running_daemon(folder) as running, Client(running.port) as client:
        client.call("/sda/subscribe")
        for name, columns in (("short", 400), ("long", LONG_COLUMNS)):
            client.call("/sda/grid/new", name, "starter", columns, "code", 0)
            rendered = _until_rendered(client, name, columns)
            client.call("/sda/play/loop", name)
            print(f"{columns} columns, all rendered after {rendered:.1f} s")
            player = _Player(client, name, columns)
            _print_times("  set to sound", player.set_and_hear, 200)
            _print_times("  set, answered", player.set, 500)
            _print_times("  undo, answered", player.undo, 500)
            _print_times("  column inserted at the start, answered", player.insert, 10)
            _print_memory(running, client)


def _until_rendered(client: Client, name: str, columns: int) -> float:
    begun = time.perf_counter()
    fresh: set[int] = set()
    while len(fresh) < columns:
        grid, column, n, *_ = client.wait_for("/sda/grid/sound", timeout_s=60.0)
        if grid == name:
            fresh.update(range(int(column), int(column) + int(n)))
    return time.perf_counter() - begun


def _print_times(title: str, call: Callable[[], object], n: int) -> None:
    times = []
    for _ in range(n):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    p50, p99 = np.percentile(times, [50, 99]) * 1e3
    print(f"{title:44} p50 {p50:6.2f} ms, p99 {p99:6.2f} ms")


def _print_memory(running: Running, client: Client) -> None:
    client.events.clear()
    client.call("/sda/worker/list")
    processes = {"daemon": running.process.pid}
    for address, values in client.events:
        if address == "/sda/worker/state" and values[1]:
            processes[str(values[0])] = int(values[1])
    megabytes = {name: _proportional_set(pid) for name, pid in processes.items()}
    named = ", ".join(f"{name} {size:.0f}" for name, size in megabytes.items())
    three = sum(megabytes.get(name, 0.0) for name in ("daemon", "playback", "live"))
    print(f"  memory, MB: {named}; daemon, playback and one render worker {three:.0f}")


def _proportional_set(pid: int) -> float:
    """What a process takes of memory, what it shares counted in parts, in MB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000.0
    return float("nan")


class _Hand(threading.Thread):
    """A client that edits by chance and mirrors what it is told."""

    def __init__(self, port: int, number: int, until_s: float) -> None:
        super().__init__()
        self.chance = np.random.default_rng(number)
        self.client = Client(port, timeout_s=60.0)
        self.client.call("/sda/subscribe")
        self.mirror = {name: np.zeros((3, 64), int) for name in ("one", "two")}
        self.until_s, self.n_edits = until_s, 0

    def run(self) -> None:
        while time.monotonic() < self.until_s:
            one, other = (str(name) for name in self.chance.permutation(["one", "two"]))
            level, column, code = (int(self.chance.integers(n)) for n in (3, 60, 64))
            with contextlib.suppress(StateError):
                match self.chance.integers(5):
                    case 0:
                        self.client.call("/sda/grid/undo", one)
                    case 1:
                        self.client.call("/sda/grid/swap", one, other, 0, 3, column, column, 4)
                    case _:
                        self.client.call("/sda/grid/set", one, level, column, code, code)
            self.n_edits += 1
            self.follow()
            time.sleep(float(self.chance.exponential(0.2)))

    def follow(self, wait_s: float = 0.0) -> None:
        while (event := self.client.receive(wait_s)) is not None:
            self.client.events.append(event)
        while self.client.events:
            address, values = self.client.events.popleft()
            if address == "/sda/grid/codes" and values[0] in self.mirror:
                name, _, level, column, *codes = values
                row = self.mirror[str(name)][int(level)]
                row[int(column) : int(column) + len(codes)] = codes


def _hands(folder: Path, n_clients: int, seconds: float) -> None:
    with running_daemon(folder) as running, Client(running.port) as client:
        for name in ("one", "two"):
            client.call("/sda/grid/new", name, "starter", 64, "code", 0)
        until_s = time.monotonic() + seconds
        hands = [_Hand(running.port, number, until_s) for number in range(n_clients)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        for hand in hands:
            hand.follow(0.2)
        n_alike = 0
        for hand in hands:
            n_alike += all(
                tuple(hand.mirror[name][level]) == client.call("/sda/grid/get", name, level)[3:]
                for name in ("one", "two")
                for level in range(3)
            )
            hand.client.close()
        n_edits = sum(hand.n_edits for hand in hands)
        print(
            f"{n_clients} clients, {n_edits} edits in {seconds:.0f} s: {n_alike} of them end with "
            "the codes of the daemon"
        )


@contextlib.contextmanager
def _jack(log: Path) -> Iterator[str]:
    """A sound server without a card that says in a file when it was late itself."""
    name = f"grid-benchmark-{os.getpid()}"
    with log.open("w") as said:
        server = subprocess.Popen(
            ["jackd", "-n", name, "--no-realtime", "-S", "-d", "dummy", "-r", str(JACK_RATE),
             "-p", "256"],
            stdout=said, stderr=said,
        )  # fmt: skip
    try:
        time.sleep(1.0)
        yield name
    finally:
        server.terminate()
        server.wait()


def _dropouts(folder: Path, seconds: float) -> None:
    if shutil.which("jackd") is None:
        print("dropouts: jackd is not installed")
        return
    write_sounds(folder / "sounds")
    with (
        _jack(folder / "jackd.log") as server,
        running_daemon(folder, JACK_DEFAULT_SERVER=server, JACK_NO_START_SERVER="1") as running,
        Client(running.port, timeout_s=30.0) as client,
    ):
        client.call("/sda/subscribe")
        client.call("/sda/train/start", "meanwhile", str(folder / "sounds"), "minutes", 60.0)
        client.wait_for("/sda/train/snapshot", timeout_s=120.0)
        client.call("/sda/unsubscribe")
        client.call("/sda/play/loop", "starter")
        player = _Player(client, "starter", int(client.call("/sda/grid/info", "starter")[3]))
        missed = int(client.call("/sda/play/missed")[0])
        until_s = time.monotonic() + seconds
        n_edits = 0
        while time.monotonic() < until_s:
            begun = time.monotonic()
            player.set()
            n_edits += 1
            time.sleep(max(0.0, begun + 1.0 / EDITS_PER_S - time.monotonic()))
        missed = int(client.call("/sda/play/missed")[0]) - missed
        own = sum("XRun" in line for line in (folder / "jackd.log").read_text().splitlines())
        print(
            f"{n_edits} edits in {seconds:.0f} s of a loop on JACK beside a training: {missed} "
            f"blocks came too late; the sound server itself was late {own} times"
        )
        client.call("/sda/train/stop", "meanwhile")


class _Editor(threading.Thread):
    """Edits as fast as it is answered, and knows what was acknowledged."""

    def __init__(self, port: int, seed: int) -> None:
        super().__init__()
        self.port, self.chance = port, np.random.default_rng(seed)
        self.expected = np.zeros((3, 64), int)
        self.in_flight = (0, 0, 0)
        self.n_edits = 0

    def run(self) -> None:
        with contextlib.suppress(NoAnswerError), Client(self.port, timeout_s=1.0) as client:
            while True:
                level, column, code = (int(self.chance.integers(n)) for n in (3, 64, 64))
                self.in_flight = (level, column, code)
                client.call("/sda/grid/set", "one", level, column, code)
                self.expected[level, column] = code
                self.n_edits += 1


def _kills(folder: Path, n_kills: int) -> None:
    chance = np.random.default_rng(0)
    expected, n_edits, n_wrong = np.zeros((3, 64), int), 0, 0
    in_flight = (0, 0, 0)
    for number in range(n_kills + 1):
        with running_daemon(folder) as running, Client(running.port) as client:
            if not number:
                client.call("/sda/grid/new", "one", "starter", 64, "code", 0)
            codes = np.array([client.call("/sda/grid/get", "one", n)[3:] for n in range(3)])
            level, column, code = in_flight
            if codes[level, column] == code:
                expected[level, column] = code
            n_wrong += not np.array_equal(codes, expected)
            if number == n_kills:
                break
            editor = _Editor(running.port, number)
            editor.expected = codes
            editor.start()
            time.sleep(chance.uniform(0.0, 0.5))
            running.process.send_signal(signal.SIGKILL)
            editor.join()
            expected, in_flight = editor.expected, editor.in_flight
            n_edits += editor.n_edits
    print(f"{n_kills} deaths during {n_edits} edits: {n_wrong} times something was missing")


if __name__ == "__main__":
    main()
