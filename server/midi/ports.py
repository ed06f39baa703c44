"""MIDI ports: the home of mido. Works without any MIDI system and says so."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sdaudio.errors import DeviceError

VIRTUAL = "virtual:"
"""In front of a name: a port of our own that others connect to."""

UNAVAILABLE = "MIDI is not available"


@dataclass(frozen=True, slots=True)
class MidiPorts:
    """The names of the ports there are, or the reason why there are none."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    problem: str = ""


class OpenPort(Protocol):
    """A port that was opened."""

    def send(self, data: bytes) -> None:
        """Send one MIDI message; an input cannot."""
        ...

    def close(self) -> None:
        """Close it; nothing is received after that."""
        ...


class Backend(Protocol):
    """Where ports come from. All may take some hundred milliseconds and is called on a thread."""

    def ports(self) -> MidiPorts:
        """Return the ports of this machine; never raises."""
        ...

    def open_input(self, name: str, receive: Callable[[bytes], None]) -> OpenPort:
        """Open an input; ``receive`` is called with bytes on a thread of the backend's own.

        Raises:
            DeviceError: it cannot be opened.
        """
        ...

    def open_output(self, name: str) -> OpenPort:
        """Open an output.

        Raises:
            DeviceError: it cannot be opened.
        """
        ...


class MidoBackend:
    """The ports of the operating system, through mido and rtmidi."""

    def ports(self) -> MidiPorts:
        """See `Backend.ports`."""
        try:
            import mido

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                inputs = tuple(dict.fromkeys(mido.get_input_names()))
                outputs = tuple(dict.fromkeys(mido.get_output_names()))
        except ImportError as error:
            text = f"{UNAVAILABLE} ({error}); pip install 'sdaudio[midi]'"
            return MidiPorts(problem=text)
        except (OSError, RuntimeError, SystemError) as error:
            # rtmidi raises SystemError where there is no ALSA sequencer
            return MidiPorts(problem=f"{UNAVAILABLE} ({_reason(error)})")
        return MidiPorts(inputs, outputs, "" if inputs or outputs else "no MIDI ports")

    def open_input(self, name: str, receive: Callable[[bytes], None]) -> OpenPort:
        """See `Backend.open_input`."""
        import mido

        def take(message: Any) -> None:  # noqa: ANN401 - mido has no types
            receive(bytes(message.bytes()))

        return _MidoPort(_open(mido.open_input, name, callback=take))

    def open_output(self, name: str) -> OpenPort:
        """See `Backend.open_output`."""
        import mido

        return _MidoPort(_open(mido.open_output, name))


class _MidoPort:
    def __init__(self, port: Any) -> None:  # noqa: ANN401 - mido has no types
        self._port = port

    def send(self, data: bytes) -> None:
        import mido

        self._port.send(mido.Message.from_bytes(data))

    def close(self) -> None:
        self._port.close()


def _open(open_: Callable[..., Any], name: str, **options: object) -> Any:  # noqa: ANN401
    is_virtual = name.startswith(VIRTUAL)
    try:
        return open_(name.removeprefix(VIRTUAL), virtual=is_virtual, **options)
    except (OSError, RuntimeError, SystemError, ImportError, ValueError) as error:
        raise DeviceError(f"The MIDI port '{name}' cannot be opened: {_reason(error)}.") from error


def _reason(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "unknown reason"
