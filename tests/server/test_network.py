"""What is counted on the way in, through real sockets, and who is told."""

import asyncio
import socket
import struct

from exact_osc import message

from sdaudio.settings import ServerSettings
from sdaudio_server import network as network_module
from sdaudio_server.network import Network, Totals


class Announcements:
    def __init__(self) -> None:
        self.heard: list[tuple] = []

    def announce(self, *message) -> None:
        self.heard.append(message)


def on_a_network(test):
    def run(monkeypatch):
        monkeypatch.setattr(network_module, "WATCH_S", 0.01)

        async def inside():
            clients = Announcements()
            network = Network(ServerSettings(port=0), clients)
            assert network.totals == Totals()
            assert network.port == 0
            await network.open(
                lambda data, peer: None, on_closed=lambda peer: None, is_known=lambda peer: True
            )
            try:
                await test(network, clients)
            finally:
                await network.close()

        asyncio.run(inside())

    run.__name__ = test.__name__
    return run


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


@on_a_network
async def test_packets_of_both_transports_are_added_up(network, clients):
    packet = message("/a")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(packet, ("127.0.0.1", network.port))
    _, writer = await asyncio.open_connection("127.0.0.1", network.port)
    writer.write((struct.pack(">i", len(packet)) + packet) * 2)
    await until(lambda: network.totals.packets == 3)
    assert network.totals.connections == 1
    assert network.totals.receive_buffer > 0
    writer.close()
    await until(lambda: network.totals.connections == 0)


@on_a_network
async def test_subscribers_hear_how_many_packets_the_kernel_dropped(network, clients):
    udp = network._udp
    if udp.dropped_by_kernel() is None:
        return
    udp._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(200):
            sender.sendto(b"/a\0\0" * 100, ("127.0.0.1", network.port))
    await until(lambda: clients.heard)
    address, now, in_all = clients.heard[0]
    assert address == "/sda/packets/dropped"
    assert now == in_all == network.totals.dropped > 0


@on_a_network
async def test_a_client_that_does_not_show_the_token_is_cut_off_in_time(network, clients):
    network._is_known = lambda peer: False
    reader, writer = await asyncio.open_connection("127.0.0.1", network.port)
    await until(lambda: network.totals.connections == 1)
    (connection,) = network._tcp.connections
    connection.since_s -= 11
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


@on_a_network
async def test_somebody_else_may_watch_along(network, clients):
    watched = asyncio.Event()
    network.on_watch = watched.set
    await asyncio.wait_for(watched.wait(), 5)


def test_the_daemon_counts_what_is_no_osc(client):
    _, malformed_before, *_ = client.call("/sda/packets")
    for _ in range(7):
        client.send_packet(b"no osc")
    for _ in range(7):
        assert client.wait_for("/sda/fail")[1] == "usage"
    packets, malformed, dropped, _, _, buffer = client.call("/sda/packets")
    assert malformed - malformed_before == 7
    assert packets > malformed
    assert buffer > 0
    assert client.call("/sda/status")[6:] == (dropped, malformed)


def test_five_thousand_packets_in_one_burst_are_all_taken(client):
    before = client.call("/sda/packets")
    for _ in range(5000):
        client.send_packet(message("/sda/done"))
    after = client.call("/sda/packets")
    assert after[0] - before[0] == 5001
    assert after[2] == before[2]
