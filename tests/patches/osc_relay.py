"""A UDP relay between Pd and the daemon that remembers every message, and when it came."""

import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pythonosc.osc_message import OscMessage


@dataclass(frozen=True, slots=True)
class Passed:
    """One message; ``at`` is a time of `time.perf_counter`."""

    at: float
    address: str
    arguments: tuple[object, ...]


class Relay:
    """Hands datagrams on, both ways; ``sent`` is what Pd sent and ``answered`` what it got.

    Args:
        port: of the daemon.
    """

    def __init__(self, port: int) -> None:
        self.sent: list[Passed] = []
        self.answered: list[Passed] = []
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind(("127.0.0.1", 0))
        self.port: int = self._near.getsockname()[1]
        self._daemon = ("127.0.0.1", port)
        self._far: dict[tuple[str, int], socket.socket] = {}
        self._is_open = True
        self._thread = threading.Thread(target=self._pass_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        self._thread.join()
        for each in (self._near, *self._far.values()):
            each.close()

    def commands(self, address: str) -> list[tuple[object, ...]]:
        """The arguments of all commands to an address, in order."""
        return [each.arguments for each in list(self.sent) if each.address == address]

    def has(self, address: str, *arguments: object) -> Callable[[], bool]:
        """Whether a command has come, to be asked again and again."""
        return lambda: arguments in self.commands(address)

    def _pass_on(self) -> None:
        while self._is_open:
            ready, _, _ = select.select([self._near, *self._far.values()], [], [], 0.05)
            for each in ready:
                packet, peer = each.recvfrom(1 << 16)
                if each is self._near:
                    self._note(self.sent, packet)
                    self._socket_of(peer).send(packet)
                else:
                    self._note(self.answered, packet)
                    client = next(p for p, other in self._far.items() if other is each)
                    self._near.sendto(packet, client)

    def _socket_of(self, peer: tuple[str, int]) -> socket.socket:
        if peer not in self._far:
            self._far[peer] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._far[peer].connect(self._daemon)
        return self._far[peer]

    @staticmethod
    def _note(where: list[Passed], packet: bytes) -> None:
        if not packet.startswith(b"#bundle"):
            message = OscMessage(packet)
            where.append(Passed(time.perf_counter(), message.address, tuple(message.params)))
