"""Clients: who is subscribed to changes, and where answers go.

Max sends from one port and listens on another, so a client may name the port it listens on; its
answers then go there too.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator

from sdaudio.errors import StateError

from .wire import Argument, Message, Peer, encode

MAX_SUBSCRIBERS = 64
"""For one more, the UDP client that subscribed first must make room: nobody tells when such a
client goes, and a patch that is opened again is another one."""

_MAX_ANSWERS = 1024


class Clients:
    """Subscribers and answer addresses."""

    def __init__(self) -> None:
        self._subscribers: dict[Peer, None] = {}
        self._answers: dict[Peer, Peer] = {}
        self._held: list[Callable[[], None]] | None = None
        self.on_event: Callable[[], None] = lambda: None
        """Called when there is something to tell, whether anybody is subscribed or not."""

    def __len__(self) -> int:
        return len(self._subscribers)

    def subscribe(self, peer: Peer, port: int) -> Peer:
        """Add a subscriber and return where its messages go.

        Args:
            peer: the asker.
            port: 0, or another port of the asker's machine to send to from now on.

        Raises:
            StateError: there are too many subscribers, all of them connected over TCP.
            UsageError: the port is not allowed.
        """
        target = peer.to(port) if port else peer
        self._drop_closed()
        self._subscribers.pop(target, None)
        if len(self._subscribers) >= MAX_SUBSCRIBERS:
            self._make_room()
        if port:
            self._answers.pop(peer, None)
            if len(self._answers) >= _MAX_ANSWERS:
                del self._answers[next(iter(self._answers))]
            self._answers[peer] = target
        self._subscribers[target] = None
        return target

    def unsubscribe(self, peer: Peer, port: int) -> None:
        """Remove a subscriber; one that was none is no mistake."""
        target = peer.to(port) if port else self._answers.get(peer, peer)
        self._subscribers.pop(target, None)
        self._answers.pop(peer, None)

    def forget(self, peer: Peer) -> None:
        """Remove everything about a client that has gone."""
        self._subscribers.pop(peer, None)
        self._subscribers.pop(self._answers.pop(peer, peer), None)

    def target(self, peer: Peer, port: int = 0) -> Peer:
        """Where messages for a client go: a port it names, or the one it subscribed with.

        Raises:
            UsageError: the port is not allowed.
        """
        return peer.to(port) if port else self._answers.get(peer, peer)

    def tell(self, peer: Peer, address: str, *arguments: Argument) -> None:
        """Answer one client."""
        target, message = self._answers.get(peer, peer), Message(address, arguments)
        if self._held is None:
            target.send(message)
        else:
            self._held.append(functools.partial(target.send, message))

    @contextlib.contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Keep back everything that is told inside until the end; what is yielded drops it."""
        if self._held is not None:
            yield lambda: None
            return
        held: list[Callable[[], None]] = []
        self._held = held
        try:
            yield held.clear
        finally:
            self._held = None
            for send in held:
                send()

    def announce(self, address: str, *arguments: Argument) -> None:
        """Tell every subscriber."""
        self.on_event()
        self._send_to_all(self._subscribers, Message(address, arguments))

    def tell_and_announce(self, peer: Peer, message: Message) -> None:
        """Tell an asker and every subscriber, each once."""
        self.on_event()
        asker = self._answers.get(peer, peer)
        self._send_to_all({asker: None, **self._subscribers}, message)

    def _send_to_all(self, peers: dict[Peer, None], message: Message) -> None:
        if not peers:
            return
        packet = encode(message)
        for peer in peers:
            if self._held is None:
                peer.send_packet(packet)
            else:
                self._held.append(functools.partial(peer.send_packet, packet))

    def _make_room(self) -> None:
        first = next((peer for peer in self._subscribers if not peer.is_connection), None)
        if first is None:
            raise StateError(
                f"There are {MAX_SUBSCRIBERS} subscribers already. One of them must leave "
                "with /sda/unsubscribe."
            )
        del self._subscribers[first]
        text = "Too many others subscribed since; subscribe again to go on hearing changes."
        first.send(Message("/sda/fail", ("/sda/subscribe", StateError.code, text)))

    def _drop_closed(self) -> None:
        for peer in [peer for peer in self._subscribers if not peer.is_open]:
            self.forget(peer)
