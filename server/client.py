"""An OSC client of the daemon over UDP: calls that wait for their answer, jobs, events.

Used by the command line, the demo and the tests. It stands on python-osc, so that the daemon's own
encoder and decoder are always met by an independent peer.
"""

import errno
import logging
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message import ParseError as MessageParseError
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder
from pythonosc.parsing import ntp

from sdaudio.errors import JobError, NoAnswerError, SdaudioError, StateError, UsageError, error_of

logger = logging.getLogger(__name__)

Value = int | float | str
Event = tuple[str, tuple[Value, ...]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class DaemonAddress:
    """Where a daemon is, and how to speak to it.

    Args:
        host: name or address of its machine.
        port: its OSC port.
        timeout_s: how long an immediate answer may take.
        token: what it asks for first, when it listens to other machines; empty for nothing.
    """

    host: str = "127.0.0.1"
    port: int = 5630
    timeout_s: float = 5.0
    token: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine and sees the same files."""
        return self.host in LOOPBACK

    def connect(self) -> "Client":
        """Open a connection and show the token.

        Raises:
            NoAnswerError: a token is to be shown and nobody answers.
            SdaudioError: the token is wrong.
        """
        client = Client(self.port, host=self.host, timeout_s=self.timeout_s, token=self.token)
        try:
            if self.token:
                client.call("/sda/hello", self.token)
        except SdaudioError:
            client.close()
            raise
        return client


class JobCancelled(JobError):  # noqa: N818 (an outcome more than an error)
    """The job was cancelled before it was done."""


class Client:
    """A connection to one daemon.

    Args:
        port: its OSC port.
        host: where it runs.
        timeout_s: how long an immediate answer may take.
        token: what `introduce` shows.

    Raises:
        UsageError: the host has no address.
    """

    def __init__(
        self, port: int, *, host: str = "127.0.0.1", timeout_s: float = 10.0, token: str = ""
    ) -> None:
        self.peer = f"{host} port {port}"
        self._token = token
        self._timeout_s = timeout_s
        self._socket = connected_socket(host, port)
        self.events: deque[Event] = deque(maxlen=100_000)
        """Everything that arrived and was no answer to a call."""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def introduce(self) -> None:
        """Show the token, if there is one, and wait for nothing."""
        if self._token:
            self.send("/sda/hello", self._token)

    def send(self, address: str, *arguments: Value) -> None:
        """Send a message and wait for nothing."""
        self.send_packet(build_message(address, arguments))

    def send_packet(self, packet: bytes) -> None:
        """Send bytes as they are.

        Raises:
            UsageError: they are more than a datagram holds.
            NoAnswerError: the network refuses them.
        """
        try:
            # A refusal is what the packet before met; this one is not sent then.
            with suppress(ConnectionRefusedError):
                self._socket.send(packet)
                return
            with suppress(ConnectionRefusedError):
                self._socket.send(packet)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                raise UsageError(
                    f"A message has {len(packet)} bytes; a datagram holds 65507. Send less at once."
                ) from error
            raise NoAnswerError(f"Cannot send to {self.peer}: {error.strerror}.") from error

    def call(self, address: str, *arguments: Value) -> tuple[Value, ...]:
        """Send a command and return its results.

        Raises:
            SdaudioError: the daemon refused it, with the class of its code.
            NoAnswerError: no answer came in time.
        """
        self.send(address, *arguments)
        deadline = time.monotonic() + self._timeout_s
        while True:
            event = self.receive(deadline - time.monotonic())
            if event is None:
                raise self.silence(address)
            answer, values = event
            if answer == "/sda/done" and values[0] == address:
                return values[1:]
            if answer == "/sda/fail" and values[0] in (address, ""):
                raise error_of(str(values[1]), str(values[2]))
            self.events.append(event)

    def silence(self, address: str) -> NoAnswerError:
        """Return the error that says that nothing was answered to a command."""
        return NoAnswerError(
            f"No answer to {address} from {self.peer}. Is the daemon running? "
            "'sdaudio serve' starts one. A daemon that asks for a token is silent without it."
        )

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
        """Return the next message as (address, arguments), or None when none comes in time.

        A refusal (nobody listens there) counts as silence, and what is no OSC message is logged
        and passed over.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.0001))
            try:
                packet = self._socket.recv(65536)
                message = OscMessage(packet)
            except (TimeoutError, ConnectionRefusedError):
                return None
            except (MessageParseError, UnicodeDecodeError) as error:
                logger.warning("something else than an OSC message came: %s", error)
            else:
                return str(message.address), tuple(message.params)


def connected_socket(host: str, port: int) -> socket.socket:
    """Return a UDP socket that talks to one daemon only, with room for a burst of answers.

    A connected one, because only that is told when nobody listens, and because it hears no
    strangers.

    Raises:
        UsageError: the host has no address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise UsageError(f"There is no host '{host}': {error.strerror}.") from error
    # "localhost" is ::1 as well as 127.0.0.1, and the daemon listens on the second.
    family, kind, protocol, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    connected = socket.socket(family, kind, protocol)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    connected.connect(address)
    return connected


def build_message(address: str, arguments: Sequence[Any], *, types: str = "") -> bytes:
    """Return the bytes of a message.

    Args:
        address: the OSC address.
        arguments: int, float, str, bool, bytes, None, or lists of these.
        types: a type tag for each argument; guessed without.

    Raises:
        UsageError: an argument does not fit its type, or none at all.
    """
    builder = OscMessageBuilder(address=address)
    try:
        for position, value in enumerate(arguments):
            builder.add_arg(value, types[position] if types else None)
        return bytes(builder.build().dgram)
    except (BuildError, ValueError, OverflowError) as error:
        raise UsageError(f"{address} cannot be sent with {list(arguments)}: {error}.") from error


def build_bundle(messages: Iterable[bytes], *, time_s: float) -> bytes:
    """Return the bytes of a bundle that is to run at a unix time.

    Args:
        messages: what `build_message` returns, or any other OSC messages or bundles.
        time_s: when to run it.
    """
    parts = [b"#bundle\0", ntp.system_time_to_ntp(time_s)]
    for message in messages:
        parts += [struct.pack(">i", len(message)), message]
    return b"".join(parts)
