"""Packets that wait to be handled, a queue for each sender; senders take turns.

Who floods fills a queue of his own: others are served in between, and what does not fit into that
queue is dropped and counted. Packets of one sender keep their order.
"""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

MAX_PACKETS = 8192
"""Packets that wait for one sender."""

MAX_BYTES = 8 << 20
"""Bytes that wait for one sender."""

MAX_BYTES_TOGETHER = 64 << 20
"""Bytes that wait for all senders together."""

OVERHEAD = 256
"""Bytes that Python needs for a packet and its place, counted with each."""

PACKETS_IN_A_TURN = 8
"""Packets of one sender that are handled before the next one's."""

_Sender = TypeVar("_Sender", bound=Hashable)


class _Queue:
    __slots__ = ("n_bytes", "packets")

    def __init__(self) -> None:
        self.packets: deque[bytes] = deque()
        self.n_bytes = 0


class Turns(Generic[_Sender]):
    """The packets of all senders that wait."""

    def __init__(self) -> None:
        self._queues: dict[_Sender, _Queue] = {}
        self._n_bytes = 0
        self._left_in_turn = PACKETS_IN_A_TURN

    def __bool__(self) -> bool:
        return bool(self._queues)

    def __contains__(self, sender: _Sender) -> bool:
        return sender in self._queues

    def put(self, sender: _Sender, packet: bytes) -> bool:
        """Add a packet; False when there is no room for it."""
        queue = self._queues.get(sender)
        length = len(packet) + OVERHEAD
        if queue is None:
            queue = self._queues[sender] = _Queue()
        elif len(queue.packets) >= MAX_PACKETS or queue.n_bytes + length > MAX_BYTES:
            return False
        if self._n_bytes + length > MAX_BYTES_TOGETHER:
            if not queue.packets:
                del self._queues[sender]
            return False
        queue.packets.append(packet)
        queue.n_bytes += length
        self._n_bytes += length
        return True

    def take(self) -> tuple[_Sender, bytes]:
        """Take the next packet out; there must be one."""
        sender, queue = next(iter(self._queues.items()))
        packet = queue.packets.popleft()
        queue.n_bytes -= len(packet) + OVERHEAD
        self._n_bytes -= len(packet) + OVERHEAD
        self._left_in_turn -= 1
        if not queue.packets:
            del self._queues[sender]
            self._left_in_turn = PACKETS_IN_A_TURN
        elif self._left_in_turn <= 0:
            self._queues[sender] = self._queues.pop(sender)
            self._left_in_turn = PACKETS_IN_A_TURN
        return sender, packet

    def clear(self) -> None:
        """Forget all."""
        self._queues.clear()
        self._n_bytes = 0
