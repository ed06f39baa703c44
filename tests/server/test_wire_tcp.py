import asyncio
import logging
import struct
import time

import pytest
from pythonosc.tcp_client import SimpleTCPClient

from sdaudio.errors import StateError, UsageError
from sdaudio_server.wire import (
    Message,
    TcpTransport,
    UdpTransport,
    decode,
    encode,
    frame,
    parting,
    tcp,
)  # fmt: skip

WAIT_S = 5.0


def echo(data, peer):
    message = decode(data)
    peer.send(Message("/sda/done", (message.address, *message.arguments)))


def answer(address, *arguments):
    return encode(Message("/sda/done", (address, *arguments)))


async def read_exactly(reader, n):
    return await asyncio.wait_for(reader.readexactly(n), WAIT_S)


@pytest.mark.parametrize("framing", ["length", "slip"])
def test_tcp_answers_in_the_framing_it_is_asked_in(framing):
    async def run():
        transport = await TcpTransport.open("127.0.0.1", 0, echo)
        reader, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        for number in (1, 2):
            writer.write(frame(encode(Message("/n", (number,))), framing))
        for number in (1, 2):
            expected = frame(answer("/n", number), framing)
            assert await read_exactly(reader, len(expected)) == expected
        writer.close()
        await transport.close()

    asyncio.run(run())


@pytest.mark.parametrize("mode", ["1.0", "1.1"])
def test_python_osc_talks_to_us_over_tcp(mode):
    def talk(port):
        with SimpleTCPClient("127.0.0.1", port, mode=mode) as client:
            client.send_message("/sda/x", [1, "two"])
            return next(client.get_messages(WAIT_S))

    async def run():
        transport = await TcpTransport.open("127.0.0.1", 0, echo)
        reply = await asyncio.to_thread(talk, transport.port)
        assert list(reply) == ["/sda/x", 1, "two"]
        await transport.close()

    asyncio.run(run())


def test_udp_and_tcp_share_a_port_number():
    async def run():
        udp = await UdpTransport.open("127.0.0.1", 0, echo)
        transport = await TcpTransport.open("127.0.0.1", udp.port, echo)
        assert transport.port == udp.port
        udp.close()
        await transport.close()

    asyncio.run(run())


def test_a_taken_tcp_port_is_refused_with_its_number():
    async def run():
        first = await TcpTransport.open("127.0.0.1", 0, echo)
        with pytest.raises(StateError, match=f"TCP port {first.port} .* is taken"):
            await TcpTransport.open("127.0.0.1", first.port, echo)
        await first.close()

    asyncio.run(run())


def test_a_broken_stream_is_told_why_and_closed():
    async def run():
        transport = await TcpTransport.open("127.0.0.1", 0, echo)
        reader, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        writer.write(frame(encode(Message("/a")), "length") + struct.pack(">i", -1))
        told = await asyncio.wait_for(reader.read(), WAIT_S)
        first = frame(answer("/a"), "length")
        assert told.startswith(first)
        fail = decode(told[len(first) + 4 :])
        assert fail.address == "/sda/fail"
        assert "length of -1" in fail.arguments[2]
        assert transport.counters.malformed == 1
        writer.close()
        await transport.close()

    asyncio.run(run())


def test_a_client_that_does_not_read_is_cut_off_and_others_are_served():
    async def run():
        gone = asyncio.Event()
        peers = []

        def on_packet(data, peer):
            if decode(data).address == "/flood":
                peers.append(peer)
            else:
                echo(data, peer)

        transport = await TcpTransport.open(
            "127.0.0.1", 0, on_packet, on_closed=lambda peer: gone.set()
        )
        _, lazy = await asyncio.open_connection("127.0.0.1", transport.port, limit=1024)
        lazy.write(frame(encode(Message("/flood")), "length"))
        reader, busy = await asyncio.open_connection("127.0.0.1", transport.port)
        busy.write(frame(encode(Message("/a")), "slip"))
        await read_exactly(reader, len(frame(answer("/a"), "slip")))
        lazy.transport.pause_reading()
        packet = encode(Message("/x", (b"x" * 60_000,)))
        for _ in range(1000):
            peers[0].send_packet(packet)
            if not peers[0].is_open:
                break
        await asyncio.wait_for(gone.wait(), WAIT_S)
        assert not peers[0].is_open
        peers[0].send_packet(packet)
        busy.write(frame(encode(Message("/b")), "slip"))
        expected = frame(answer("/b"), "slip")
        assert await read_exactly(reader, len(expected)) == expected
        lazy.close()
        busy.close()
        await transport.close()

    asyncio.run(run())


@pytest.mark.parametrize("framing", ["length", "slip"])
def test_a_client_that_sends_too_quickly_does_not_delay_others(framing):
    async def run():
        numbers = []
        done = asyncio.Event()

        def slow(data, peer):
            message = decode(data)
            if message.address == "/hello":
                echo(data, peer)
                return
            time.sleep(0.0002)
            numbers.append(message.arguments[0])
            if len(numbers) == 3000:
                done.set()

        transport = await TcpTransport.open("127.0.0.1", 0, slow)
        reader, other = await asyncio.open_connection("127.0.0.1", transport.port)
        _, quick = await asyncio.open_connection("127.0.0.1", transport.port)
        quick.write(b"".join(frame(encode(Message("/n", (n,))), framing) for n in range(3000)))
        other.write(frame(encode(Message("/hello")), framing))
        expected = frame(answer("/hello"), framing)
        assert await read_exactly(reader, len(expected)) == expected
        assert len(numbers) < 1500
        await asyncio.wait_for(done.wait(), WAIT_S)
        assert numbers == list(range(3000))
        other.close()
        quick.close()
        await transport.close()

    asyncio.run(run())


def test_a_connection_that_sends_only_malformed_packets_is_held_back_and_loses_none():
    async def run():
        counted = []

        def refuse(data, peer):
            time.sleep(0.0001)
            counted.append(data)
            decode(data)

        transport = await TcpTransport.open("127.0.0.1", 0, refuse)
        reader, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        began = time.monotonic()
        writer.write(frame(b"/bad", "length") * 300)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
        assert len(counted) == transport.counters.malformed == 300
        assert time.monotonic() - began > 0.1
        writer.close()
        await transport.close()

    asyncio.run(run())


def test_a_stream_that_ends_within_a_packet_is_counted():
    async def run():
        gone = asyncio.Event()
        transport = await TcpTransport.open("127.0.0.1", 0, echo, on_closed=lambda peer: gone.set())
        _, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        writer.write(struct.pack(">i", 100) + b"/a\0\0")
        writer.close()
        await asyncio.wait_for(gone.wait(), WAIT_S)
        assert transport.counters.malformed == 1
        await transport.close()

    asyncio.run(run())


def test_a_thousand_questions_in_one_go_are_answered_before_the_stream_ends():
    async def run():
        transport = await TcpTransport.open("127.0.0.1", 0, echo)
        reader, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        writer.write(frame(encode(Message("/n")), "length") * 1000)
        writer.write_eof()
        expected = frame(answer("/n"), "length") * 1000
        assert await read_exactly(reader, len(expected)) == expected
        writer.close()
        await transport.close()

    asyncio.run(run())


def test_a_tcp_client_cannot_name_another_port():
    async def run():
        refused = asyncio.get_running_loop().create_future()

        def on_packet(data, peer):
            with pytest.raises(UsageError, match="own connection") as caught:
                peer.to(5000)
            refused.set_result(caught.value)

        transport = await TcpTransport.open("127.0.0.1", 0, on_packet)
        _, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        writer.write(frame(b"/a\0\0", "length"))
        await asyncio.wait_for(refused, WAIT_S)
        writer.close()
        await transport.close()

    asyncio.run(run())


def test_one_client_too_many_is_turned_away(monkeypatch):
    monkeypatch.setattr(tcp, "MAX_CONNECTIONS", 1)

    async def run():
        transport = await TcpTransport.open("127.0.0.1", 0, echo)
        reader, first = await asyncio.open_connection("127.0.0.1", transport.port)
        first.write(frame(encode(Message("/a")), "length"))
        await read_exactly(reader, len(frame(answer("/a"), "length")))
        other, second = await asyncio.open_connection("127.0.0.1", transport.port)
        assert await asyncio.wait_for(other.read(), WAIT_S) == b""
        first.write(frame(encode(Message("/b")), "length"))
        await read_exactly(reader, len(frame(answer("/b"), "length")))
        second.close()
        first.close()
        await transport.close()

    asyncio.run(run())


def test_a_broken_handler_does_not_end_a_connection(caplog):
    async def run():
        def fragile(data, peer):
            if decode(data).address == "/break":
                raise RuntimeError("handler broke")
            echo(data, peer)

        transport = await TcpTransport.open("127.0.0.1", 0, fragile)
        reader, writer = await asyncio.open_connection("127.0.0.1", transport.port)
        for data in (encode(Message("/break")), b"/bad", encode(Message("/ok"))):
            writer.write(frame(data, "length"))
        expected = frame(answer("/ok"), "length")
        assert await read_exactly(reader, len(expected)) == expected
        assert transport.counters.malformed == 1
        writer.close()
        await transport.close()

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert "handler broke" in caplog.text


def test_closing_ends_connections_even_of_clients_that_do_not_read(monkeypatch):
    monkeypatch.setattr(parting, "_PARTING_S", 0.05)

    async def run():
        peers = asyncio.Queue()
        transport = await TcpTransport.open(
            "127.0.0.1", 0, lambda data, peer: peers.put_nowait(peer)
        )
        _, writer = await asyncio.open_connection("127.0.0.1", transport.port, limit=1024)
        writer.transport.pause_reading()
        writer.write(frame(b"/a\0\0", "length"))
        peer = await asyncio.wait_for(peers.get(), WAIT_S)
        # More than the kernel takes, less than what cuts a client off.
        peer.send_packet(b"x" * (4 << 20))
        await asyncio.wait_for(transport.close(), WAIT_S)
        assert not peer.is_open
        writer.close()

    asyncio.run(run())
