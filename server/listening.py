"""Tells listeners when values of the daemon's state change.

A peer listens to an address or to everything below it, gets the value at once and then each value
that differs from the one before. Many changes in a short time are told as the last one, so that a
drag or a training floods nobody. Who is told of what arrives in which form is the peer's affair;
see `state` for the values themselves.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from sdaudio.errors import StateError

from .patterns import expand, is_pattern
from .state import State, Value, is_at_or_below
from .wire import Message, Peer

MAX_LISTENERS = 64
"""For one more, the UDP client that listened first must make room: nobody tells when it goes."""
MAX_ADDRESSES = 4096
"""Addresses that one peer may listen to; a container counts as one."""

_PAUSE_S = 0.03
"""Between two rounds; displays show no more, and a playhead moves every 50 ms."""
_SHARE = 20
"""A round is followed by a pause of at least so many times the processor time it took."""


@dataclass(frozen=True, slots=True)
class PathChanges:
    """What the tree gained and lost, and which containers now hold other nodes than before."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    replaced: tuple[str, ...]


class Listeners:
    """Peers and what they listen to.

    Args:
        state: the values.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._wanted: dict[Peer, dict[str, None]] = {}
        self._known: dict[str, Value] = {}
        self._branches: dict[str, tuple[object, ...]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._not_before_s = 0.0
        self._on_paths: Callable[[PathChanges], None] | None = None

    def __len__(self) -> int:
        return len(self._wanted)

    def listen(self, peer: Peer, address: str) -> int:
        """Tell a peer the values at and below an address now, and whenever they change.

        Returns:
            How many values that are.

        Raises:
            UsageError: nothing there has a value.
            StateError: too many listen, or the peer listens to too much.
        """
        self._drop_closed()
        address = _trimmed(address)
        nodes = self._state.read(address)
        wanted = self._wanted.get(peer, {})
        if not wanted and len(self._wanted) >= MAX_LISTENERS:
            self._make_room()
        addresses = [node.address for node in nodes] if is_pattern(address) else [address]
        if len(wanted) + len(addresses) > MAX_ADDRESSES:
            raise StateError(
                f"One client can listen to {MAX_ADDRESSES} addresses. Listen to a container "
                "such as /sda/state/grid instead."
            )
        if not self._wanted:
            self._known = {node.address: node.value for node in self._state.nodes()}
        self._wanted[peer] = wanted | dict.fromkeys(addresses)
        for node in nodes:
            peer.send(Message(node.address, (node.value,)))
        return len(nodes)

    def ignore(self, peer: Peer, address: str) -> None:
        """Tell a peer no more of an address, of what lies below it, or of what a pattern fits.

        Raises:
            UsageError: the pattern is malformed.
        """
        wanted, address = self._wanted.get(peer, {}), _trimmed(address)
        if is_pattern(address):
            ended = expand(address, wanted)
        else:
            ended = [known for known in wanted if is_at_or_below(known, address)]
        for known in ended:
            del wanted[known]
        if not wanted:
            self._wanted.pop(peer, None)

    def forget(self, peer: Peer) -> None:
        """Remove everything about a peer whose connection ended."""
        self._wanted.pop(peer, None)

    def watch_paths(self, on_paths: Callable[[PathChanges], None] | None) -> None:
        """Call something whenever grids or models come or go from now on; ``None`` ends it."""
        self._branches = self._state.branches()
        self._on_paths = on_paths

    def notice(self) -> None:
        """Look for changes in a moment; called whenever something happens."""
        if self._timer is None and (self._wanted or self._on_paths):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, self._not_before_s - loop.time()), self._tell)

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._wanted.clear()
        self._on_paths = None
        if self._timer:
            self._timer.cancel()

    def _tell(self) -> None:
        self._timer = None
        started_s = time.thread_time()
        if self._on_paths:
            self._tell_paths(self._on_paths)
        # a round that found nothing new keeps nobody waiting
        pause_s = _PAUSE_S if self._wanted and self._tell_values() else 0.0
        pause_s = max(pause_s, _SHARE * (time.thread_time() - started_s))
        self._not_before_s = asyncio.get_running_loop().time() + pause_s

    def _tell_paths(self, tell: Callable[[PathChanges], None]) -> None:
        before, self._branches = self._branches, self._state.branches()
        changes = PathChanges(
            added=tuple(path for path in self._branches if path not in before),
            removed=tuple(path for path in before if path not in self._branches),
            replaced=tuple(
                path for path, facts in self._branches.items() if before.get(path, facts) != facts
            ),
        )
        if changes.added or changes.removed or changes.replaced:
            tell(changes)

    def _tell_values(self) -> bool:
        nodes = self._state.nodes()
        changed = [node for node in nodes if self._known.get(node.address) != node.value]
        self._known = {node.address: node.value for node in nodes}
        messages = [(node.address, Message(node.address, (node.value,))) for node in changed]
        self._drop_closed()
        for peer, wanted in list(self._wanted.items()):
            for address, message in messages:
                if any(part in wanted for part in _lineage(address)):
                    peer.send(message)
        return bool(changed)

    def _make_room(self) -> None:
        first = next((peer for peer in self._wanted if not peer.is_connection), None)
        if first is None:
            raise StateError(
                f"{MAX_LISTENERS} clients listen already. One of them must leave with "
                "/sda/state/ignore."
            )
        del self._wanted[first]

    def _drop_closed(self) -> None:
        for peer in [peer for peer in self._wanted if not peer.is_open]:
            self.forget(peer)


def _trimmed(address: str) -> str:
    return address.rstrip("/") or "/"


def _lineage(address: str) -> list[str]:
    """An address and the containers around it, the root last."""
    parts = address.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 1, -1)] + ["/"]
