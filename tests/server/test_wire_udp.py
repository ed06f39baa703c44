import asyncio
import logging
import socket
import time

import pytest

from sdaudio.errors import StateError, UsageError
from sdaudio_server.wire import Message, TcpTransport, UdpTransport, decode, encode
from sdaudio_server.wire.turns import PACKETS_IN_A_TURN

WAIT_S = 5.0


def echo(data, peer):
    message = decode(data)
    peer.send(Message("/sda/done", (message.address, *message.arguments)))


def answer(address, *arguments):
    return encode(Message("/sda/done", (address, *arguments)))


class UdpClient(asyncio.DatagramProtocol):
    def __init__(self):
        self.received = asyncio.Queue()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.received.put_nowait((data, addr))

    async def receive(self):
        return await asyncio.wait_for(self.received.get(), WAIT_S)


async def udp_client(port=0):
    loop = asyncio.get_running_loop()
    _, client = await loop.create_datagram_endpoint(UdpClient, local_addr=("127.0.0.1", port))
    return client


async def until(condition):
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.001)


class BlindLoop:
    """A loop that cannot watch sockets, as on Windows."""

    def __init__(self, loop):
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def add_reader(self, *args):
        raise NotImplementedError


@pytest.fixture(params=["watched", "unwatched"])
def open_udp(request, monkeypatch):
    if request.param == "unwatched":
        real = asyncio.get_running_loop
        monkeypatch.setattr(
            "sdaudio_server.wire.udp.asyncio.get_running_loop", lambda: BlindLoop(real())
        )

    async def open_it(on_packet=echo, port=0):
        return await UdpTransport.open("127.0.0.1", port, on_packet)

    return open_it


def test_udp_answers_from_the_port_that_was_asked(open_udp):
    async def run():
        transport = await open_udp()
        client = await udp_client()
        client.transport.sendto(
            encode(Message("/sda/x", (1, 2.5, "hi"))), ("127.0.0.1", transport.port)
        )
        data, sender = await client.receive()
        assert data == answer("/sda/x", 1, 2.5, "hi")
        assert sender == ("127.0.0.1", transport.port)
        assert transport.counters.packets == 1
        transport.close()
        client.transport.close()

    asyncio.run(run())


def test_udp_keeps_a_burst_in_order(open_udp):
    async def run():
        transport = await open_udp()
        client = await udp_client()
        # The client's own buffer is small, so it takes its answers in between.
        for burst in range(10):
            for number in range(100):
                client.transport.sendto(
                    encode(Message("/n", (burst * 100 + number,))), ("127.0.0.1", transport.port)
                )
            for number in range(100):
                data, _ = await client.receive()
                assert data == answer("/n", burst * 100 + number)
        transport.close()
        client.transport.close()

    asyncio.run(run())


def test_udp_loses_none_of_a_burst_that_its_buffer_holds(open_udp):
    async def run():
        numbers = []
        done = asyncio.Event()

        def note(data, peer):
            numbers.append(decode(data).arguments[0])
            if len(numbers) == n_messages:
                done.set()

        transport = await open_udp(note)
        plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        assert transport.receive_buffer > plain.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        # A small datagram costs Linux up to 1280 bytes, and it may grant less than was asked.
        n_messages = min(2000, transport.receive_buffer // 1500)
        # The loop does not run meanwhile: the kernel alone keeps them.
        for number in range(n_messages):
            plain.sendto(encode(Message("/n", (number,))), ("127.0.0.1", transport.port))
        await asyncio.wait_for(done.wait(), WAIT_S)
        assert numbers == list(range(n_messages))
        plain.close()
        transport.close()

    asyncio.run(run())


def test_a_flood_of_one_sender_does_not_delay_another(open_udp):
    async def run():
        ports = []
        done = asyncio.Event()

        def note(data, peer):
            ports.append(peer.address[1])
            if len(ports) == 501:
                done.set()

        transport = await open_udp(note)
        flooder, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for _ in range(500):
            flooder.sendto(b"/a\0\0", ("127.0.0.1", transport.port))
        other.sendto(b"/b\0\0", ("127.0.0.1", transport.port))
        await asyncio.wait_for(done.wait(), WAIT_S)
        # asyncio's own transport reads one packet at a time, and so one after the other
        if transport._datagrams is None:
            assert ports.index(other.getsockname()[1]) == PACKETS_IN_A_TURN
        for each in (flooder, other, transport):
            each.close()

    asyncio.run(run())


def test_a_sender_of_refused_packets_is_held_back_and_loses_none(open_udp):
    async def run():
        order = []
        done = asyncio.Event()

        def refuse(data, peer):
            order.append((peer.address[1], data))
            if len(order) == 602:
                done.set()
            if data != b"/ok\0":
                raise UsageError("no")

        transport = await open_udp(refuse)
        flooder, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        where = ("127.0.0.1", transport.port)
        for _ in range(200):
            flooder.sendto(b"/bad\0\0\0\0", where)
        await until(lambda: len(order) == 200)
        for _ in range(399):
            flooder.sendto(b"/bad\0\0\0\0", where)
        flooder.sendto(b"/ok\0", where)
        await until(lambda: len(order) > 200)
        for _ in range(2):
            other.sendto(b"/ok\0", where)
        await asyncio.wait_for(done.wait(), WAIT_S)
        others = [n for n, (port, _) in enumerate(order) if port == other.getsockname()[1]]
        if transport._datagrams is None:
            assert max(others) < 500
        assert [data for port, data in order if port == flooder.getsockname()[1]][-1] == b"/ok\0"
        assert transport.counters.dropped == 0
        for each in (flooder, other, transport):
            each.close()

    asyncio.run(run())


def test_a_sender_is_trusted_again_after_one_good_packet(open_udp):
    async def run():
        def refuse(data, peer):
            if data != b"/ok\0":
                raise UsageError("no")

        transport = await open_udp(refuse)
        for _ in range(150):
            transport.take(b"bad", ("127.0.0.1", 9))
        transport.take(b"/ok\0", ("127.0.0.1", 9))
        await until(lambda: not transport._turns)
        assert transport._faults == {}
        for number in range(2000):
            transport.take(b"bad", ("127.0.0.1", number + 1))
        await until(lambda: not transport._turns)
        assert len(transport._faults) == 1024
        transport.close()

    asyncio.run(run())


def test_what_does_not_fit_into_a_senders_queue_is_counted(open_udp, monkeypatch):
    monkeypatch.setattr("sdaudio_server.wire.turns.MAX_PACKETS", 10)

    async def run():
        transport = await open_udp(lambda data, peer: None)
        for _ in range(15):
            transport.take(b"/a\0\0", ("127.0.0.1", 9))
        assert transport.counters.packets == 15
        assert transport.counters.dropped == 5
        transport.close()

    asyncio.run(run())


def test_other_tasks_get_their_turn_while_packets_wait(open_udp):
    async def run():
        handled = []

        def slow(data, peer):
            time.sleep(0.003)
            handled.append(data)

        transport = await open_udp(slow)
        for _ in range(20):
            transport.take(b"/a\0\0", ("127.0.0.1", 9))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert 0 < len(handled) < 20
        transport.close()

    asyncio.run(run())


def test_a_small_receive_buffer_is_warned_of(caplog, monkeypatch):
    monkeypatch.setattr("sdaudio_server.wire.binding.RECEIVE_BUFFER", 1 << 30)

    async def run():
        transport = await UdpTransport.open("127.0.0.1", 0, echo)
        transport.close()

    asyncio.run(run())
    assert "net.core.rmem_max" in caplog.text


def test_an_answer_can_go_to_another_port_of_the_same_host():
    async def run():
        listener = await udp_client()
        port = listener.transport.get_extra_info("sockname")[1]

        def on_packet(data, peer):
            assert peer.to(port) == peer.to(port)
            assert peer.to(port) != peer
            peer.to(port).send(Message("/there"))

        transport = await UdpTransport.open("127.0.0.1", 0, on_packet)
        asker = await udp_client()
        asker.transport.sendto(b"/a\0\0", ("127.0.0.1", transport.port))
        assert (await listener.receive())[0] == encode(Message("/there"))
        transport.close()
        asker.transport.close()
        listener.transport.close()

    asyncio.run(run())


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port):
    async def run():
        transport = await UdpTransport.open("127.0.0.1", 0, echo)
        with pytest.raises(UsageError, match="1 to 65535"):
            transport.peer("127.0.0.1", 5000).to(port)
        transport.close()

    asyncio.run(run())


def test_peers_of_the_same_sender_are_equal_and_hash_alike():
    async def run():
        peers = []
        client = await udp_client()

        def on_packet(data, peer):
            peers.append(peer)
            peer.send(Message("/ok"))

        transport = await UdpTransport.open("127.0.0.1", 0, on_packet)
        for _ in range(2):
            client.transport.sendto(b"/a\0\0", ("127.0.0.1", transport.port))
            await client.receive()
        port = client.transport.get_extra_info("sockname")[1]
        assert len(set(peers)) == 1
        assert peers[0].description == f"udp 127.0.0.1:{port}"
        transport.close()
        client.transport.close()

    asyncio.run(run())


def test_udp_goes_on_after_malformed_packets_and_broken_handlers(open_udp, caplog):
    async def run():
        def fragile(data, peer):
            if decode(data).address == "/break":
                raise RuntimeError("handler broke")
            echo(data, peer)

        transport = await open_udp(fragile)
        client = await udp_client()
        for data in (b"junk", b"#bundle\0", encode(Message("/break")), encode(Message("/ok"))):
            client.transport.sendto(data, ("127.0.0.1", transport.port))
        assert (await client.receive())[0] == answer("/ok")
        assert transport.counters.packets == 4
        assert transport.counters.malformed == 2
        transport.close()
        client.transport.close()

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert "handler broke" in caplog.text


def test_a_packet_too_large_for_udp_is_counted_and_breaks_nothing():
    async def run():
        client = await udp_client()
        transport = await UdpTransport.open("127.0.0.1", 0, echo)
        port = client.transport.get_extra_info("sockname")[1]
        transport.peer("127.0.0.1", port).send(Message("/big", (b"x" * 70_000,)))
        transport.peer("127.0.0.1", port).send(Message("/small"))
        assert (await client.receive())[0] == encode(Message("/small"))
        assert transport.counters.unsent == 1
        transport.close()
        client.transport.close()

    asyncio.run(run())


class FullSocket:
    """A socket whose kernel buffer is full until it is told otherwise."""

    def __init__(self, real):
        self._real = real
        self.is_full = True

    def __getattr__(self, name):
        return getattr(self._real, name)

    def sendto(self, data, address):
        if self.is_full:
            raise BlockingIOError
        return self._real.sendto(data, address)


def test_answers_wait_in_order_while_the_kernel_takes_none():
    async def run():
        client = await udp_client()
        transport = await UdpTransport.open("127.0.0.1", 0, echo)
        full = transport._socket = FullSocket(transport._socket)
        peer = transport.peer("127.0.0.1", client.transport.get_extra_info("sockname")[1])
        for number in range(5):
            peer.send(Message("/n", (number,)))
        peer.send_packet(b"x" * (5 << 20))
        assert transport.counters.unsent == 1
        full.is_full = False
        for number in range(5):
            assert (await client.receive())[0] == encode(Message("/n", (number,)))
        transport.close()
        client.transport.close()

    asyncio.run(run())


def test_a_taken_udp_port_is_refused_with_its_number():
    async def run():
        first = await UdpTransport.open("127.0.0.1", 0, echo)
        with pytest.raises(StateError, match=f"UDP port {first.port} .* is taken.*another port"):
            await UdpTransport.open("127.0.0.1", first.port, echo)
        first.close()

    asyncio.run(run())


def test_a_foreign_address_is_refused():
    async def run():
        with pytest.raises(StateError, match="address of this machine"):
            await UdpTransport.open("192.0.2.1", 0, echo)
        with pytest.raises(StateError, match="address of this machine"):
            await TcpTransport.open("192.0.2.1", 0, echo)

    asyncio.run(run())


def test_a_closed_udp_port_is_free_again():
    async def run():
        first = await UdpTransport.open("127.0.0.1", 0, echo)
        port = first.port
        first.close()
        first.close()
        second = await UdpTransport.open("127.0.0.1", port, echo)
        assert second.port == port
        second.close()

    asyncio.run(run())


def test_what_the_kernel_dropped_is_known_on_linux():
    async def run():
        transport = await UdpTransport.open("127.0.0.1", 0, lambda data, peer: None)
        before = transport.dropped_by_kernel()
        if before is not None:
            transport._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for _ in range(200):
                sender.sendto(b"/a\0\0" * 100, ("127.0.0.1", transport.port))
            sender.close()
            assert before == 0
            assert transport.dropped_by_kernel() > 0
        transport.close()

    asyncio.run(run())
