"""How quickly a running daemon answers: hello, edits, previews, encoding and rendering.

    python benchmarks/latency.py [--seconds 5] [--training]

Starts a daemon of its own on a free port and measures from another process over UDP. With
``--training`` a training runs meanwhile. What the network alone costs, and how other servers do, is
in `osc.py`.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from daemon import running_daemon

from sdaudio.audio import write_sound
from sdaudio.errors import StateError
from sdaudio.starter.synthesis import render_sounds, write_sounds
from sdaudio_server.client import Client


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to measure each thing")
    parser.add_argument("--training", action="store_true", help="while a training runs")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with running_daemon(Path(folder)) as running:
            print(f"start to welcome: {time.perf_counter() - started:.2f} s")
            with Client(running.port) as client:
                _measure(client, Path(folder), parsed.seconds, training=parsed.training)


def _measure(client: Client, folder: Path, seconds: float, *, training: bool) -> None:
    sounds = render_sounds()
    whole = np.resize(np.concatenate(list(sounds.values())), 10 * 48_000)
    write_sound(folder / "ten.wav", whole, 48_000)
    _once(
        "encode 10 s",
        lambda: client.job("/sda/grid/encode", "ten", "starter", str(folder / "ten.wav")),
    )
    _once("render 10 s to a file", lambda: client.job("/sda/grid/render", "ten"))
    if training:
        write_sounds(folder / "sounds")
        client.call("/sda/subscribe")
        client.call("/sda/train/start", "meanwhile", str(folder / "sounds"), "minutes", 30.0)
        client.wait_for("/sda/train/snapshot", timeout_s=60)
        client.call("/sda/unsubscribe")
        print("(a training runs from here on)")
    client.call("/sda/play/loop", "ten")
    generator = np.random.default_rng(0)

    def edit() -> None:
        column, code = int(generator.integers(400)), int(generator.integers(64))
        client.call("/sda/grid/set", "ten", 0, column, code)

    def edit_and_hear() -> None:
        column, code = int(generator.integers(400)), int(generator.integers(64))
        before = client.call("/sda/grid/get", "ten", 1, column, 1)[3]
        client.events.clear()
        client.call("/sda/grid/set", "ten", 1, column, code if code != before else (code + 1) % 64)
        client.wait_for("/sda/grid/sound", lambda v: v[1] <= column < int(v[1]) + int(v[2]))

    def preview() -> None:
        client.call("/sda/play/code", "starter", 0, int(generator.integers(64)))

    _many("hello", lambda: client.call("/sda/hello"), seconds)
    _many("grid/set acknowledged", edit, seconds)
    client.call("/sda/subscribe")
    client.call("/sda/play/stop")
    client.call("/sda/play/loop", "ten")
    _settle(client)
    _many("set to playback buffer", edit_and_hear, seconds)
    client.call("/sda/unsubscribe")
    client.events.clear()
    _many("undo", lambda: client.call("/sda/grid/undo", "ten"), min(seconds, 1.0))
    _many("play/code", preview, seconds)
    if training:
        client.call("/sda/train/stop", "meanwhile")


def _settle(client: Client) -> None:
    """Wait until all edits made so far are rendered."""
    while True:
        try:
            client.wait_for("/sda/grid/sound", timeout_s=0.5)
        except StateError:
            return


def _once(title: str, call: Callable[[], object]) -> None:
    started = time.perf_counter()
    call()
    print(f"{title:24} {(time.perf_counter() - started) * 1e3:8.1f} ms")


def _many(title: str, call: Callable[[], object], seconds: float) -> None:
    times = []
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline and len(times) < 900:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    p50, p99 = np.percentile(times, [50, 99]) * 1e3
    print(f"{title:24} p50 {p50:6.2f} ms, p99 {p99:6.2f} ms ({len(times)} calls)")


if __name__ == "__main__":
    main()
