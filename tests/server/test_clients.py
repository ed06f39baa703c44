import pytest

from sdaudio.errors import StateError, UsageError
from sdaudio_server.clients import MAX_SUBSCRIBERS, Clients
from sdaudio_server.wire import Message, decode


class FakePeer:
    """A client that remembers what it was sent."""

    def __init__(self, port: int = 1) -> None:
        self.port = port
        self.is_open = True
        self.description = f"fake {port}"
        self.others: dict[int, FakePeer] = {}
        self.got: list[Message] = []

    def send(self, message: Message) -> None:
        self.got.append(message)

    def send_packet(self, packet: bytes) -> None:
        self.got.append(decode(packet))

    def to(self, port: int) -> "FakePeer":
        if not 1 <= port <= 65535:
            raise UsageError(f"port is {port}")
        return self.others.setdefault(port, FakePeer(port))


def test_only_subscribers_hear_announcements():
    clients, ours, theirs = Clients(), FakePeer(1), FakePeer(2)
    clients.subscribe(ours, 0)
    clients.announce("/x", 1, "a")
    assert ours.got == [Message("/x", (1, "a"))]
    assert theirs.got == []
    clients.unsubscribe(ours, 0)
    clients.announce("/y")
    assert len(ours.got) == 1


def test_subscribing_twice_is_hearing_once():
    clients, peer = Clients(), FakePeer()
    clients.subscribe(peer, 0)
    clients.subscribe(peer, 0)
    clients.announce("/x")
    assert len(peer.got) == len(clients) == 1


def test_an_asker_who_is_subscribed_is_told_once():
    clients, asker, other = Clients(), FakePeer(1), FakePeer(2)
    clients.subscribe(asker, 0)
    clients.subscribe(other, 0)
    clients.tell_and_announce(asker, Message("/job", (1,)))
    assert len(asker.got) == len(other.got) == 1
    clients.tell_and_announce(FakePeer(3), Message("/job", (2,)))
    assert len(asker.got) == 2


def test_a_named_port_gets_changes_and_answers():
    clients, peer = Clients(), FakePeer()
    target = clients.subscribe(peer, 7400)
    clients.announce("/x")
    clients.tell(peer, "/sda/done", "/sda/hello")
    clients.tell_and_announce(peer, Message("/job", (1,)))
    assert [message.address for message in target.got] == ["/x", "/sda/done", "/job"]
    assert peer.got == []
    clients.unsubscribe(peer, 7400)
    clients.tell(peer, "/sda/done")
    assert [message.address for message in peer.got] == ["/sda/done"]


def test_subscribers_are_limited_and_closed_ones_make_room():
    clients = Clients()
    peers = [FakePeer(n) for n in range(MAX_SUBSCRIBERS)]
    for peer in peers:
        clients.subscribe(peer, 0)
    with pytest.raises(StateError, match="unsubscribe"):
        clients.subscribe(FakePeer(), 0)
    peers[3].is_open = False
    clients.subscribe(FakePeer(), 0)
    assert len(clients) == MAX_SUBSCRIBERS
