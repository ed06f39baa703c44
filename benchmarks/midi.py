"""From a key to the sound, a knob to its value, and what a flood of MIDI costs everybody else.

    python benchmarks/midi.py [--notes 300]

A daemon in this process, its MIDI played by hand. A note counts as heard when its sound and the
command to play it are with playback; what the sound card adds is not in it.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sdaudio_server.app import Daemon
from sdaudio_server.client import Client

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "server"))

from played_midi import KEYS, PlayedMidi, midi_stage


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=300)
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, midi_stage(Path(folder)) as stage:
        _measure(stage.daemon, stage.client, stage.midi, parsed.notes)


def _measure(daemon: Daemon, client: Client, midi: PlayedMidi, n_notes: int) -> None:
    # all codes of three levels are rendered ahead
    time.sleep(12.0)
    _show("note, all codes rendered ahead", _notes(daemon, midi, n_notes))
    _show("/sda/status alone", _status(client, lambda: False, 500))
    _show("knob to value", _knobs(daemon, midi, n_notes))
    is_over = threading.Event()
    sent = [0]

    def flood() -> None:
        end = time.monotonic() + 5.0
        while time.monotonic() < end:
            for _ in range(50):
                midi.play(KEYS, 0xB0, 7, random.randrange(128))
            sent[0] += 50
            time.sleep(0.001)
        is_over.set()

    thread = threading.Thread(target=flood)
    thread.start()
    taken = _status(client, is_over.is_set, 0)
    thread.join()
    _show(f"/sda/status in a flood of {sent[0] / 5:.0f} messages/s", taken)


def _notes(daemon: Daemon, midi: PlayedMidi, n_notes: int) -> list[float]:
    transport, heard = daemon.context.transport, threading.Event()
    sound_note = transport.sound_note
    taken = []

    def note(*arguments: object, **options: object) -> None:
        sound_note(*arguments, **options)  # type: ignore[arg-type]
        heard.set()

    transport.sound_note = note  # type: ignore[method-assign]
    for _ in range(n_notes):
        pitch = random.randrange(36, 97)
        heard.clear()
        started = time.perf_counter()
        midi.play(KEYS, 0x90, pitch, 100)
        heard.wait(5.0)
        taken.append(time.perf_counter() - started)
        midi.play(KEYS, 0x80, pitch, 0)
        time.sleep(0.01)
    transport.sound_note = sound_note  # type: ignore[method-assign]
    return taken


def _knobs(daemon: Daemon, midi: PlayedMidi, count: int) -> list[float]:
    transport = daemon.context.transport
    taken = []
    for number in range(count):
        before = transport.gain_db
        started = time.perf_counter()
        midi.play(KEYS, 0xB0, 7, 20 + number % 90)
        while transport.gain_db == before and time.perf_counter() < started + 1.0:
            time.sleep(0.0001)
        taken.append(time.perf_counter() - started)
        time.sleep(0.003)
    return taken


def _status(client: Client, is_over: Callable[[], bool], count: int) -> list[float]:
    taken: list[float] = []
    while not is_over() and (not count or len(taken) < count):
        started = time.perf_counter()
        client.call("/sda/status")
        taken.append(time.perf_counter() - started)
    return taken


def _show(title: str, seconds: list[float]) -> None:
    p50, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99])
    print(f"{title:50} p50 {p50:7.2f}   p99 {p99:7.2f} ms", flush=True)


if __name__ == "__main__":
    main()
