"""From a key to the sound, a knob to its value, and what a flood of MIDI costs everybody else.

    python benchmarks/midi.py [--notes 300]

A daemon in this process, its MIDI played by hand. A note counts as heard when its sound and the
command to play it are with playback; what the sound card adds is not in it.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from sdaudio_server.app import Daemon
from sdaudio_server.client import Client
from sdaudio_server.wire import Argument

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "server"))

from played_midi import KEYS, PlayedMidi, midi_stage

_FLOOD_S = 5.0
_CLOCK_S = 10.0
_PER_S = 50_000
"""Messages of a flood."""
_FLOODS: dict[str, Callable[[int], tuple[int, int, int]]] = {
    "knobs": lambda number: (0xB0, 1 + number % 60, number & 127),
    "bends": lambda number: (0xE0 | number & 1, 0, number & 127),
    "keys": lambda number: (0x90 - 16 * (number & 1), 36 + (number >> 1) % 60, 100),
}


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
    asked = _Asker(daemon.context.port)
    _show("/sda/status alone", asked.ask(2.0, "/sda/status"))
    _show("knob to value", _knobs(daemon, midi, n_notes))
    sent = [0]

    def flood(message: Callable[[int], tuple[int, int, int]]) -> None:
        # as a driver delivers them: whenever it comes round, all that are due by now
        sent[0] = 0
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < _FLOOD_S:
            for number in range(sent[0], int(elapsed * _PER_S)):
                midi.play(KEYS, *message(number))
                sent[0] = number + 1
            time.sleep(0.001)

    for title, message in _FLOODS.items():
        thread = threading.Thread(target=flood, args=(message,))
        thread.start()
        taken = asked.ask(_FLOOD_S, "/sda/status")
        thread.join()
        _show(f"/sda/status in {sent[0] / _FLOOD_S:.0f} {title}/s", taken)
        dropped = client.call("/sda/midi/inputs")[2]
        print(f"{'pieces that were dropped so far':50} {dropped}")
    midi.outputs.append("Drums")
    client.call("/sda/midi/ports")
    client.call("/sda/midi/clock/send", "Drums")
    client.call("/sda/grid/new", "edited", "starter", 94)
    client.call("/sda/play/tempo", 120.0)
    for title, load in (("", False), (", grids edited meanwhile", True)):
        _show(f"sent clock off its line{title}", _clock(daemon, midi, asked if load else None))
    asked.close()


def _clock(daemon: Daemon, midi: PlayedMidi, editor: "_Asker | None") -> list[float]:
    """How far the ticks that are sent are from the beat, in seconds."""
    time.sleep(1.0)
    first = len(midi.sent)
    if editor is None:
        time.sleep(_CLOCK_S)
    else:
        editor.ask(_CLOCK_S, "/sda/grid/set", "edited", 0, 5, 1)
    line = daemon.context.transport.stage.tempo.line
    ticks = [
        time_s
        for message, time_s in zip(midi.sent[first:], midi.sent_s[first:], strict=False)
        if message == (0xF8,)
    ]
    beats = [line.beat_at(time_s) * 24 for time_s in ticks]
    return [abs(beat - round(beat)) * 60.0 / 24 / line.bpm for beat in beats]


def _notes(daemon: Daemon, midi: PlayedMidi, n_notes: int) -> list[float]:
    notes, heard = daemon.context.transport.notes, threading.Event()
    sound = notes.sound
    taken = []

    def note(*arguments: object, **options: object) -> None:
        sound(*arguments, **options)  # type: ignore[arg-type]
        heard.set()

    notes.sound = note  # type: ignore[method-assign]
    for _ in range(n_notes):
        pitch = random.randrange(36, 97)
        heard.clear()
        started = time.perf_counter()
        midi.play(KEYS, 0x90, pitch, 100)
        heard.wait(5.0)
        taken.append(time.perf_counter() - started)
        midi.play(KEYS, 0x80, pitch, 0)
        time.sleep(0.01)
    notes.sound = sound  # type: ignore[method-assign]
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


class _Asker:
    """A client in a process of its own, as clients are, that calls something all the time."""

    def __init__(self, port: int) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_ask, args=(port, theirs), daemon=True)
        self._process.start()

    def ask(self, seconds: float, *message: Argument) -> list[float]:
        """Seconds that answers took."""
        self._ours.send((seconds, *message))
        return list(self._ours.recv())

    def close(self) -> None:
        self._ours.send((0.0, ""))
        self._process.join()


def _ask(port: int, pipe: Connection) -> None:
    with Client(port) as client:
        while True:
            seconds, address, *arguments = pipe.recv()
            if not seconds:
                return
            end, taken = time.monotonic() + seconds, []
            while time.monotonic() < end:
                started = time.perf_counter()
                client.call(address, *arguments)
                taken.append(time.perf_counter() - started)
            pipe.send(taken)


def _show(title: str, seconds: list[float]) -> None:
    p50, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99])
    print(f"{title:50} p50 {p50:7.2f}   p99 {p99:7.2f} ms", flush=True)


if __name__ == "__main__":
    main()
