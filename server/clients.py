"""Clients: who is subscribed to changes, and where answers go.

Max sends from one port and listens on another, so a client may name the port it listens on; its
answers then go there. Nobody tells when such a client goes, and one that comes later may be given
the port that it sent from, so after a minute of silence both ports are answered.
"""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sdaudio.errors import StateError

from .wire import Argument, Message, Peer, encode

MAX_SUBSCRIBERS = 64
"""For one more, the UDP client that subscribed first must make room: nobody tells when such a
client goes, and a patch that is opened again is another one."""

_MAX_ANSWERS = 1024
_SURE_S = 60.0
"""Seconds of silence after which a port may belong to somebody else."""


@dataclass(slots=True)
class _AnswerPort:
    """Where a client wants its answers.

    Args:
        target: the port it named.
        asked_at: when it was answered last, in monotonic seconds.
        is_sure: whether it was never silent for so long that it may be another one.
    """

    target: Peer
    asked_at: float
    is_sure: bool = True


class Clients:
    """Subscribers and answer addresses.

    Args:
        clock: monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._subscribers: dict[Peer, None] = {}
        self._answers: dict[Peer, _AnswerPort] = {}
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
            self._answers[peer] = _AnswerPort(target, self._clock())
        self._subscribers[target] = None
        return target

    def unsubscribe(self, peer: Peer, port: int) -> None:
        """Remove a subscriber; one that was none is no mistake."""
        target = self.target(peer, port)
        self._subscribers.pop(target, None)
        self._answers.pop(peer, None)

    def forget(self, peer: Peer) -> None:
        """Remove everything about a client that has gone."""
        self._subscribers.pop(peer, None)
        self._subscribers.pop(self.target(peer), None)
        self._answers.pop(peer, None)

    def target(self, peer: Peer, port: int = 0) -> Peer:
        """Where messages for a client go: a port it names, or the one it subscribed with.

        Raises:
            UsageError: the port is not allowed.
        """
        if port:
            return peer.to(port)
        named = self._answers.get(peer)
        return named.target if named else peer

    def tell(self, peer: Peer, address: str, *arguments: Argument) -> None:
        """Answer one client."""
        message = Message(address, arguments)
        for target in self._answered(peer):
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
        self._send_to_all({**dict.fromkeys(self._answered(peer)), **self._subscribers}, message)

    def _answered(self, peer: Peer) -> tuple[Peer, ...]:
        """Where the answer to a client goes that has just asked."""
        named = self._answers.get(peer)
        if named is None:
            return (peer,)
        now = self._clock()
        named.is_sure = named.is_sure and now - named.asked_at <= _SURE_S
        named.asked_at = now
        return (named.target,) if named.is_sure else (named.target, peer)

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
