"""MIDI ports for tests: plugged, played and pulled out by hand."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sdaudio.errors import DeviceError
from sdaudio.settings import FolderSettings, MidiSettings, ServerSettings, Settings
from sdaudio_server.app import Daemon
from sdaudio_server.client import Client
from sdaudio_server.journal import Journal
from sdaudio_server.midi import MidiPorts
from sdaudio_server.midi.ports import VIRTUAL

KEYS = "Keys 25"


class PlayedMidi:
    """A backend whose inputs a test plays."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.problem = ""
        self.broken: set[str] = set()
        self.open: dict[str, Callable[[bytes], None]] = {}
        self.outputs: list[str] = []
        self.sent: list[tuple[int, ...]] = []
        self.sent_s: list[float] = []
        self.broken_outputs: set[str] = set()

    def ports(self) -> MidiPorts:
        return MidiPorts(tuple(self.names), tuple(self.outputs), self.problem)

    def open_input(self, name: str, receive: Callable[[bytes], None]) -> "_Port":
        if name in self.broken:
            raise DeviceError(f"The MIDI port '{name}' cannot be opened: it is broken.")
        self.open[name] = receive
        return _Port(self, name)

    def open_output(self, name: str) -> "_Port":
        if name.startswith(VIRTUAL):
            # as other programs see it, and we too
            self.names.append(f"RtMidiOut Client:{name.removeprefix(VIRTUAL)} 128:0")
        elif name not in self.outputs:
            raise DeviceError(f"There is no output '{name}'.")
        return _Port(self, output=name)

    def play(self, name: str, *data: int) -> None:
        """Let bytes arrive."""
        self.open[name](bytes(data))


class _Port:
    """An input, or an output."""

    def __init__(self, backend: PlayedMidi, name: str = "", *, output: str = "") -> None:
        self._backend, self._name, self._output = backend, name, output

    def send(self, data: bytes) -> None:
        if self._output in self._backend.broken_outputs:
            raise OSError("the cable is broken")
        self._backend.sent.append(tuple(data))
        self._backend.sent_s.append(time.monotonic())

    def close(self) -> None:
        self._backend.open.pop(self._name, None)


@dataclass
class MidiStage:
    """A daemon in this process, its MIDI in our hands, and a client that listens."""

    midi: PlayedMidi
    client: Client
    daemon: Daemon

    def play(self, *data: int, port: str = KEYS) -> None:
        self.midi.play(port, *data)


def until(is_so: Callable[[], object], *, timeout_s: float = 8.0) -> None:
    """Wait for something."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


@contextmanager
def midi_stage(folder: Path) -> Iterator[MidiStage]:
    """Run a daemon whose configuration is in a folder, with a keyboard plugged in."""
    config = folder / "config" / "sdaudio.yaml"
    config.parent.mkdir()
    config.write_text("")
    settings = Settings(
        server=ServerSettings(port=0, http_port=0),
        folders=FolderSettings(models=str(folder / "models"), output=str(folder / "out")),
        midi=MidiSettings(),
    )
    midi = PlayedMidi(KEYS)
    ready = threading.Event()
    daemons: list[Daemon] = []

    async def serve() -> None:
        daemon = Daemon(settings, Journal(None), midi)
        daemons.append(daemon)
        await daemon.start(lambda _text: ready.set())
        await daemon.context.ended.wait()
        await daemon.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    daemon = daemons[0]
    with Client(daemon.context.port) as client:
        client.call("/sda/subscribe")
        yield MidiStage(midi, client, daemon)
        client.send("/sda/quit")
    thread.join(20)
    assert not thread.is_alive()
