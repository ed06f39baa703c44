"""An evening in a minute and a half: everything at once, and a process killed again and again.

``SDAUDIO_SOAK_MINUTES`` (``make soak``) lets it run for hours, with a fault a minute; then memory
may grow by 0.2 MB an hour at the most.
"""

import contextlib
import itertools
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daemon_metrics import metrics

from sdaudio.errors import SdaudioError
from sdaudio_server.client import Client

MINUTES = float(os.environ.get("SDAUDIO_SOAK_MINUTES", "1.5"))
FAULT_S = 60.0 if MINUTES > 5 else 9.0
WARM_UP_S = 600.0 if MINUTES > 30 else 30.0
GRIDS = ("soak a", "soak b")
STILL = "soak still"

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="/proc is read"),
    pytest.mark.slow,
    pytest.mark.timeout(60 * MINUTES + 120),
]


def edits(client: Client, chance: random.Random, port: int) -> Iterator[None]:
    for number in itertools.count():
        name, column = chance.choice(GRIDS), chance.randrange(180)
        client.call("/sda/grid/set", name, chance.randrange(3), column, chance.randrange(128))
        if number % 7 == 0:
            client.call("/sda/grid/swap", *GRIDS, 0, 3, column, column, 8)
        if number % 11 == 0:
            client.call("/sda/blend/set", *GRIDS, 0, 3, 10, 20, chance.random())
            client.call("/sda/blend/commit", GRIDS[0])
        if number % 5 == 0:
            client.call("/sda/grid/undo", name)
        if number % 50 == 0:
            client.call("/sda/grid/info", name)
        time.sleep(0.005)
        yield


def plays(client: Client, chance: random.Random, port: int) -> Iterator[None]:
    while True:
        client.call("/sda/play/loop", chance.choice(GRIDS), chance.randrange(100), 40)
        # the same few again and again: heard moments are kept, up to 96 MB of them
        client.call("/sda/play/code", "starter", 0, chance.randrange(8))
        client.call("/sda/play/speed", GRIDS[0], chance.uniform(0.5, 2))
        client.call("/sda/play/column", STILL, chance.randrange(8))
        time.sleep(0.05)
        yield


def works(client: Client, chance: random.Random, port: int) -> Iterator[None]:
    for number in itertools.count():
        client.job("/sda/prior/sample", "soak take", "starter", 1.0, "seed", number, timeout_s=60)
        client.job("/sda/grid/render", "soak take", timeout_s=60)
        client.call("/sda/grid/close", "soak take")
        yield


def comes_and_goes(client: Client, chance: random.Random, port: int) -> Iterator[None]:
    while True:
        with Client(port) as other:
            other.call("/sda/subscribe")
            other.send_packet(chance.randbytes(chance.randrange(1, 400)))
            time.sleep(0.02)
            other.send("/sda/unsubscribe")
        yield


Load = Callable[[Client, random.Random, int], Iterator[None]]
LOAD: tuple[Load, ...] = (
    edits, plays, works, comes_and_goes,
)  # fmt: skip


def test_an_evening_with_everything_at_once_leaves_nothing_behind(new_daemon: Any, tmp_path: Path):
    # so that what may be undone is as much soon as it will ever be
    config = tmp_path / "sdaudio.yaml"
    config.write_text("grids: {undo_steps: 200}\n")
    running = new_daemon(environment={"SDAUDIO_CONFIG": str(config)})
    ended = threading.Event()
    done = dict.fromkeys((load.__name__ for load in LOAD), 0)
    wrong: list[str] = []

    def use(load: Load) -> None:
        with running.client() as client:
            chance, work = random.Random(load.__name__), None
            while not ended.is_set():
                try:
                    work = work or load(client, chance, running.port)
                    next(work)
                    done[load.__name__] += 1
                except SdaudioError as error:
                    # a job whose process was killed, or nothing there to undo
                    work = None
                    if "No answer" in str(error) or "Error:" in str(error):
                        wrong.append(f"{time.monotonic() - began:.1f} {load.__name__}: {error}")
                    with contextlib.suppress(SdaudioError):
                        client.call("/sda/grid/close", "soak take")
                client.events.clear()

    with running.client() as watcher:
        for name in (*GRIDS, STILL):
            watcher.call("/sda/grid/new", name, "starter", 200)
        users = [threading.Thread(target=use, args=(load,), daemon=True) for load in LOAD]
        for user in users:
            user.start()
        began = fault_at = time.monotonic()
        lanes = itertools.cycle(("render", "live", "playback"))
        seen: list[tuple[float, dict[str, float]]] = []
        fault_times: list[tuple[float, str]] = []
        slowest = 0.0
        while (elapsed := time.monotonic() - began) < 60 * MINUTES:
            asked = time.monotonic()
            watcher.call("/sda/hello")
            slowest = max(slowest, time.monotonic() - asked)
            seen.append((elapsed, metrics(running.http_port)))
            if time.monotonic() - fault_at > FAULT_S:
                fault_at, lane = time.monotonic(), next(lanes)
                fault_times.append((round(elapsed, 1), lane))
                watcher.events.clear()
                watcher.call("/sda/worker/list")
                pid = int(watcher.wait_for("/sda/worker/state", lambda v, n=lane: v[0] == n)[1])
                if pid:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.5)
        ended.set()
        for user in users:
            user.join(60)
        assert not any(user.is_alive() for user in users)
    assert not wrong, fault_times
    assert all(done.values()), done
    assert slowest < 2.0
    warm = [(at, each) for at, each in seen if at > WARM_UP_S]
    for name in ("sdaudio_open_files", "sdaudio_threads"):
        values = [each[name] for _, each in warm]
        # what comes and goes is open for a moment
        first, last = values[: len(values) // 3], values[-len(values) // 3 :]
        assert np.median(last) <= np.median(first) + 3, (name, np.median(first), np.median(last))
    memory = np.array([[at, each["sdaudio_resident_memory_bytes"]] for at, each in warm])
    per_hour = np.polyfit(memory[:, 0], memory[:, 1], 1)[0] * 3600 / 1e6
    grown = (np.median(memory[-10:, 1]) - np.median(memory[:10, 1])) / 1e6
    sys.stdout.write(
        f"{done}; memory grew {grown:.1f} MB ({per_hour:+.2f} MB an hour); hello {slowest:.3f} s\n"
    )
    assert grown < 10 if MINUTES < 30 else per_hour < 0.2
    lost = [value for name, value in seen[-1][1].items() if name.startswith("sdaudio_workers_lost")]
    assert sum(lost) >= 1
    assert running.stop() == 0
