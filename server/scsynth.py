"""A running scsynth as the daemon sees it: asked over UDP, answered to nobody else.

Only what putting a sound into a buffer takes. scsynth reads sound files itself, so it has to run on
this machine. The names of its commands are those of SuperCollider's "Server Command Reference".
"""

import asyncio
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sdaudio.errors import StateError, UsageError

from .wire import MalformedPacket, Message, decode, encode

logger = logging.getLogger(__name__)

HOST, PORT = "127.0.0.1", 57110
"""Where sclang and the SuperCollider IDE start scsynth when nothing else is said."""
MAX_BUFFER = 1023
"""scsynth has 1024 buffers unless it is told otherwise, and does not check: reading into the one
after its last ends it (3.13), any later number overwrites buffer 0."""
ALIVE_S = 2.0
"""How long scsynth may take to say that it is there."""

_Accept = Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class Buffer:
    """What a buffer of scsynth holds."""

    number: int
    frames: int
    channels: int
    sample_rate: float


class Scsynth(asyncio.DatagramProtocol):
    """One scsynth. Make it with `open`; use it in a ``with`` block, which ends it."""

    def __init__(self, host: str, port: int) -> None:
        self._name = f"scsynth at {host} port {port}"
        self._transport: asyncio.DatagramTransport | None = None
        self._accept: _Accept = lambda _message: False
        self._answer: asyncio.Future[Message] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> "Scsynth":
        """Connect to a scsynth and see that it is there.

        Args:
            host: an address of this machine.
            port: its UDP port.

        Raises:
            UsageError: the host is another machine.
            StateError: nobody answers there.
        """
        address = _loopback(host)
        scsynth = cls(address, port)
        scsynth._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: scsynth, remote_addr=(address, port)
        )
        try:
            await scsynth._ask(Message("/status"), _is("/status.reply"), ALIVE_S)
        except BaseException:
            scsynth.close()
            raise
        return scsynth

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    async def read_into(self, number: int, path: Path, *, timeout_s: float) -> Buffer:
        """Have a sound file read into a buffer.

        What the buffer held goes on sounding until the new sound is there whole: scsynth reads into
        other memory and exchanges the two between two blocks.

        Args:
            number: of the buffer.
            path: an absolute path that scsynth can read.
            timeout_s: how long reading may take.

        Raises:
            StateError: scsynth refuses, or does not answer.
        """
        read = Message("/b_allocRead", (number, str(path), 0, 0))
        await self._ask(read, _is("/done", "/b_allocRead", number), timeout_s)
        query = Message("/b_query", (number,))
        found = await self._ask(query, _is("/b_info", number), ALIVE_S)
        _, frames, channels, rate = found.arguments
        if not isinstance(frames, int) or not isinstance(channels, int):
            raise StateError(f"{self._name} says something odd of buffer {number}: {found}.")
        return Buffer(number, frames, channels, float(rate) if isinstance(rate, float) else 0.0)

    def close(self) -> None:
        """Listen no more."""
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take an answer; called by asyncio."""
        try:
            message = decode(data)
        except MalformedPacket as error:
            logger.warning("%s sent something else than OSC from %s: %s", self._name, addr, error)
            return
        if not isinstance(message, Message) or self._answer is None or self._answer.done():
            return
        if message.address == "/fail":
            words = [word.strip() for word in message.arguments if isinstance(word, str)]
            text = " ".join(words).rstrip(".")
            self._answer.set_exception(StateError(f"{self._name} refuses: {text}."))
        elif self._accept(message):
            self._answer.set_result(message)

    def error_received(self, exc: Exception) -> None:
        """Hear from the system that nobody listens there; called by asyncio."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(
                StateError(
                    f"There is no {self._name} ({exc}). Boot it, or name its port: s.addr.port in "
                    "SuperCollider."
                )
            )

    async def _ask(self, message: Message, accept: _Accept, timeout_s: float) -> Message:
        if self._transport is None:
            raise RuntimeError("a Scsynth is made with open")
        self._accept = accept
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.sendto(encode(message))
        try:
            async with asyncio.timeout(timeout_s):
                return await self._answer
        except TimeoutError:
            raise StateError(
                f"No answer to {message.address} from {self._name} within {timeout_s:g} s. Is it "
                "running, and is that its port (s.addr.port in SuperCollider)?"
            ) from None


def _is(address: str, *arguments: object) -> _Accept:
    """Accept a message to an address whose first arguments are these."""
    return lambda message: (
        message.address == address and message.arguments[: len(arguments)] == arguments
    )


def _loopback(host: str) -> str:
    """Return the address of a host, which must be this machine."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise UsageError(
            f"host is '{host[:80]}'; scsynth reads the file itself, so it must run on this machine "
            "(127.0.0.1). Elsewhere, share a folder and read a file that /sda/grid/follow keeps."
        )
    return str(address)
