import pytest

from sdaudio.errors import StateError, UsageError
from sdaudio_server.clients import MAX_SUBSCRIBERS, Clients
from sdaudio_server.wire import Message, decode


class FakePeer:
    """A client that remembers what it was sent."""

    def __init__(self, port: int = 1) -> None:
        self.port = port
        self.is_open = True
        self.is_connection = False
        self.description = f"fake {port}"
        self.others: dict[int, FakePeer] = {}
        self.host = "127.0.0.1"
        self.got: list[Message] = []
        self.packets: list[bytes] = []

    def send(self, message: Message) -> None:
        self.got.append(message)

    def send_packet(self, packet: bytes) -> None:
        self.packets.append(packet)
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


def test_whoever_is_given_the_port_of_a_silent_client_is_answered_and_so_is_the_client():
    times = iter((0.0, 50.0, 100.0, 161.0, 162.0, 162.0, 162.0, 162.0))
    clients, peer = Clients(clock=times.__next__), FakePeer()
    target = clients.subscribe(peer, 7400)
    for _ in range(2):
        clients.tell(peer, "/sda/done")
    assert (len(target.got), len(peer.got)) == (2, 0)
    for _ in range(2):
        clients.tell(peer, "/sda/done")
    clients.tell_and_announce(peer, Message("/job", (1,)))
    assert (len(target.got), len(peer.got)) == (5, 3)
    clients.subscribe(peer, 7400)
    clients.tell(peer, "/sda/done")
    assert (len(target.got), len(peer.got)) == (6, 3)


def test_one_more_subscriber_pushes_out_the_first_that_has_no_connection():
    clients = Clients()
    peers = [FakePeer(n) for n in range(MAX_SUBSCRIBERS)]
    peers[0].is_connection = True
    for peer in peers:
        clients.subscribe(peer, 0)
    clients.subscribe(peers[1], 0)
    clients.subscribe(FakePeer(), 0)
    clients.announce("/x")
    assert len(clients) == MAX_SUBSCRIBERS
    (told,) = peers[2].got
    assert told.arguments[:2] == ("/sda/subscribe", "state")
    assert all(peer.got == [Message("/x")] for peer in peers if peer is not peers[2])


def test_connected_subscribers_are_limited_and_closed_ones_make_room():
    clients = Clients()
    peers = [FakePeer(n) for n in range(MAX_SUBSCRIBERS)]
    for peer in peers:
        peer.is_connection = True
        clients.subscribe(peer, 0)
    with pytest.raises(StateError, match="unsubscribe"):
        clients.subscribe(FakePeer(), 0)
    peers[3].is_open = False
    clients.subscribe(FakePeer(), 0)
    assert len(clients) == MAX_SUBSCRIBERS


def test_a_client_that_is_forgotten_hears_nothing_on_its_other_port_either():
    clients, peer = Clients(), FakePeer()
    target = clients.subscribe(peer, 7400)
    clients.forget(peer)
    clients.announce("/x")
    assert target.got == []
    assert len(clients) == 0


def test_askers_that_name_a_port_are_not_remembered_without_end():
    clients, target = Clients(), FakePeer(7400)
    for number in range(3000):
        asker = FakePeer(number)
        asker.others[7400] = target
        clients.subscribe(asker, 7400)
    assert len(clients) == 1
    assert len(clients._answers) <= 1024
