"""MIDI ports for tests: plugged, played and pulled out by hand."""

from collections.abc import Callable

from sdaudio.errors import DeviceError
from sdaudio_server.midi import MidiPorts


class PlayedMidi:
    """A backend whose inputs a test plays."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.problem = ""
        self.broken: set[str] = set()
        self.open: dict[str, Callable[[bytes], None]] = {}

    def ports(self) -> MidiPorts:
        return MidiPorts(tuple(self.names), (), self.problem)

    def open_input(self, name: str, receive: Callable[[bytes], None]) -> "_Port":
        if name in self.broken:
            raise DeviceError(f"The MIDI port '{name}' cannot be opened: it is broken.")
        self.open[name] = receive
        return _Port(self, name)

    def open_output(self, name: str) -> "_Port":
        raise DeviceError(f"There is no output '{name}'.")

    def play(self, name: str, *data: int) -> None:
        """Let bytes arrive."""
        self.open[name](bytes(data))


class _Port:
    def __init__(self, backend: PlayedMidi, name: str) -> None:
        self._backend, self._name = backend, name

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._backend.open.pop(self._name, None)
