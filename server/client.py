"""An OSC client of the daemon over UDP: calls that wait for their answer, jobs, events.

Used by the command line, the demo and the tests. It stands on python-osc, so that the daemon's own
encoder and decoder are always met by an independent peer.
"""

import socket
import time
from collections import deque
from collections.abc import Callable, Sequence

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from sdaudio.errors import JobError, StateError, error_of

Value = int | float | str
Event = tuple[str, tuple[Value, ...]]


class JobCancelled(JobError):  # noqa: N818 (an outcome more than an error)
    """The job was cancelled before it was done."""


class Client:
    """A connection to one daemon.

    Args:
        port: its OSC port.
        host: where it runs.
        timeout_s: how long an immediate answer may take.
    """

    def __init__(self, port: int, *, host: str = "127.0.0.1", timeout_s: float = 10.0) -> None:
        self._address = (host, port)
        self._timeout_s = timeout_s
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.events: deque[Event] = deque(maxlen=100_000)
        """Everything that arrived and was no answer to a call."""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def send(self, address: str, *arguments: Value) -> None:
        """Send a message and wait for nothing."""
        self._socket.sendto(_packet(address, arguments), self._address)

    def send_packet(self, packet: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendto(packet, self._address)

    def call(self, address: str, *arguments: Value) -> tuple[Value, ...]:
        """Send a command and return its results.

        Raises:
            SdaudioError: the daemon refused it, with the class of its code.
            StateError: no answer came in time.
        """
        self.send(address, *arguments)
        deadline = time.monotonic() + self._timeout_s
        while True:
            event = self.receive(deadline - time.monotonic())
            if event is None:
                raise StateError(
                    f"No answer to {address} from {self._address[0]} port {self._address[1]} "
                    f"within {self._timeout_s:g} s. Is the daemon running?"
                )
            answer, values = event
            if answer == "/sda/done" and values[0] == address:
                return values[1:]
            if answer == "/sda/fail" and values[0] in (address, ""):
                raise error_of(str(values[1]), str(values[2]))
            self.events.append(event)

    def job(
        self,
        address: str,
        *arguments: Value,
        timeout_s: float = 600.0,
        on_event: Callable[[Event], None] | None = None,
    ) -> tuple[Value, ...]:
        """Start a job, wait until it ends and return its results.

        Raises:
            SdaudioError: the daemon refused it, or the job failed.
            JobCancelled: the job was cancelled.
            StateError: it did not end in time.
        """
        (number,) = self.call(address, *arguments)
        return self.wait_for_job(int(number), timeout_s=timeout_s, on_event=on_event)

    def wait_for_job(
        self,
        number: int,
        *,
        timeout_s: float = 600.0,
        on_event: Callable[[Event], None] | None = None,
    ) -> tuple[Value, ...]:
        """Wait until a job ends and return its results; see `job`."""
        deadline = time.monotonic() + timeout_s
        earlier = list(self.events)
        self.events.clear()
        while True:
            event = earlier.pop(0) if earlier else self.receive(deadline - time.monotonic())
            if event is None:
                raise StateError(f"Job {number} did not end within {timeout_s:g} s.")
            address, values = event
            if address.startswith("/sda/job/") and values and values[0] == number:
                match address:
                    case "/sda/job/done":
                        self.events.extend(earlier)
                        return values[2:]
                    case "/sda/job/failed":
                        raise error_of(str(values[2]), str(values[3]))
                    case "/sda/job/cancelled":
                        raise JobCancelled(f"Job {number} was cancelled.")
            if on_event:
                on_event(event)
            else:
                self.events.append(event)

    def wait_for(
        self, address: str, accept: Callable[[tuple[Value, ...]], bool] = lambda _: True,
        *, timeout_s: float = 10.0,
    ) -> tuple[Value, ...]:  # fmt: skip
        """Wait for a message to an address (one that arrived before counts) and take it out.

        Raises:
            StateError: none came in time.
        """
        deadline = time.monotonic() + timeout_s
        for event in list(self.events):
            if event[0] == address and accept(event[1]):
                self.events.remove(event)
                return event[1]
        while (received := self.receive(deadline - time.monotonic())) is not None:
            if received[0] == address and accept(received[1]):
                return received[1]
            self.events.append(received)
        raise StateError(f"No {address} came within {timeout_s:g} s.")

    def receive(self, timeout_s: float) -> Event | None:
        """Return the next message as (address, arguments), or None when none comes in time."""
        self._socket.settimeout(max(timeout_s, 0.0001))
        try:
            message = OscMessage(self._socket.recv(65536))
        except (TimeoutError, ConnectionRefusedError):
            return None
        return str(message.address), tuple(message.params)


def _packet(address: str, arguments: Sequence[Value]) -> bytes:
    builder = OscMessageBuilder(address=address)
    for value in arguments:
        builder.add_arg(value)
    return bytes(builder.build().dgram)
