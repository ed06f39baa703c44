"""What Sonic Pi and TidalCycles put on the wire for our examples, byte for byte.

Neither program runs here. How they write OSC was read in their sources: Sonic Pi's
``osc/oscencode.rb`` (whole numbers ``i``, fractions ``f``, texts and symbols ``s``, true and false
``T`` and ``F``; a plain message that is sent when it is due) and Tidal's ``Stream/Process.hs`` and
``Stream/Target.hs`` (a bundle of one message with the time of the event less the latency; patterns
of numbers are floats, also for what we count in whole numbers).
"""

import ast
import re
import socket
import struct
import time
from pathlib import Path

import pytest
from jack_server import wait_for

from sdaudio_server.commands import all_commands
from sdaudio_server.registry import Registry
from sdaudio_server.wire import Bundle, Message, decode

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def _text(value: str) -> bytes:
    data = value.encode()
    return data + bytes(4 - len(data) % 4)


def _message(address: str, values: tuple[object, ...]) -> bytes:
    tags, data = ",", b""
    for value in values:
        if isinstance(value, bool):
            tags += "T" if value else "F"
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        elif isinstance(value, float):
            tags, data = tags + "f", data + struct.pack(">f", value)
        else:
            tags, data = tags + "s", data + _text(value)
    return _text(address) + _text(tags) + data


def _tidal_bundle(address: str, values: tuple[object, ...], time_s: float) -> bytes:
    timetag = round((time_s + 2_208_988_800) * 2**32)
    message = _message(address, values)
    return b"#bundle\0" + struct.pack(">QI", timetag, len(message)) + message


def _sonic_pi_lines() -> list[tuple[str, tuple[object, ...]]]:
    """The ``osc`` lines of the example, with the first of a ring and the least of a random one."""
    found = []
    text = (EXAMPLES / "sonic-pi.rb").read_text(encoding="utf-8")
    for address, rest in re.findall(r'^\s*osc "(/[^"]+)"(.*)$', text, re.MULTILINE):
        rest = re.sub(r"\(ring ([^,]+),[^)]*\)\.tick", r"\1", rest)
        rest = re.sub(r"rrand_i\(([^,]+),[^)]*\)", r"\1", rest)
        found.append((address, ast.literal_eval(f"({rest.removeprefix(',')},)") if rest else ()))
    return found


def test_sonic_pi_writes_what_its_own_encoder_says():
    assert _message("/foo", ("baz", 1, 2.0)) == (b"/foo\0\0\0\0,sif\0\0\0\0baz\0\0\0\0\x01@\0\0\0")
    assert _message("/abc", (True, False)) == b"/abc\0\0\0\0,TF\0"


def test_every_line_of_the_sonic_pi_example_is_understood():
    lines = _sonic_pi_lines()
    assert len(lines) == 9
    for address, values in lines:
        Registry(all_commands())[address].bind(decode(_message(address, values)).arguments)


@pytest.fixture
def player():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.bind(("127.0.0.1", 0))
        yield sending


def test_sonic_pi_plays_edits_and_hears_answers_on_its_own_port(new_daemon, player):
    running = new_daemon()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as cues, running.client() as client:
        cues.bind(("127.0.0.1", 0))
        cues.settimeout(20)
        cue_port = cues.getsockname()[1]
        heard = []

        def until(address: str, *start: object) -> Message:
            while True:
                message = decode(cues.recv(65536))
                heard.append(message)
                if message.address == address and message.arguments[: len(start)] == start:
                    return message

        for address, values in _sonic_pi_lines():
            values = tuple(cue_port if value == 4560 else value for value in values)
            player.sendto(_message(address, values), ("127.0.0.1", running.port))
            if address == "/sda/subscribe":
                until("/sda/done", "/sda/subscribe")
            elif address == "/sda/prior/sample":
                assert until("/sda/job/done").arguments[1] == "/sda/prior/sample"
            elif address == "/sda/grid/render":
                number, _, path, *_ = until("/sda/job/done").arguments
                assert (number, path) == (2, "/tmp/sdaudio.wav")
        until("/sda/done", "/sda/play/silence")
        assert not [message for message in heard if message.address == "/sda/fail"]
        assert client.call("/sda/grid/get", "starter", 0, 4, 1)[3] == 20
        assert client.call("/sda/grid/info", "new")[3] == 375
        Path(str(path)).unlink()


def _tidal_shapes() -> dict[str, list[tuple[str, object]]]:
    """The messages of the example: (name, default or None) of their arguments by address."""
    text = (EXAMPLES / "tidal.hs").read_text(encoding="utf-8")
    shapes = {}
    for address, body in re.findall(r'OSC "(/[^"]+)" \$ ArgList \[(.*?)\]', text, re.DOTALL):
        arguments: list[tuple[str, object]] = []
        for name, default in re.findall(r'\("(\w+)", (Nothing|[sif]Default [^)]+)\)', body):
            kind, _, value = default.partition(" ")
            arguments.append((name, {
                "Nothing": lambda _: None, "sDefault": ast.literal_eval, "iDefault": int,
                "fDefault": float,
            }[kind](value)))  # fmt: skip
        shapes[address] = arguments
    return shapes


def _tidal_messages(event: dict[str, object]) -> list[tuple[str, tuple[object, ...]]]:
    """What Tidal makes of an event: every shape whose arguments are all there."""
    made = []
    for address, arguments in _tidal_shapes().items():
        values = tuple(event.get(name, default) for name, default in arguments)
        if None not in values:
            made.append((address, values))
    return made


@pytest.mark.parametrize(
    ("event", "messages"),
    [
        ({"moment": 4.0}, [("/sda/play/column", ("starter", 4.0, 8.0))]),
        ({"moment": 4.0, "hold": 6.0}, [("/sda/play/column", ("starter", 4.0, 6.0))]),
        ({"column": 3.0, "code": 77.0}, [("/sda/grid/set", ("starter", 0, 3.0, 77.0))]),
        ({"column": 3.0}, []),
        ({"alone": 7.0, "level": 1}, [("/sda/play/code", ("starter", 1, 7.0, 8.0))]),
        ({"moment": 2.0, "grid": "new"}, [("/sda/play/column", ("new", 2.0, 8.0))]),
        ({"decibels": -6.0}, [("/sda/play/gain", (-6.0,))]),
        ({"s": "bd", "cps": 0.5}, []),
    ],
)
def test_a_tidal_event_becomes_the_message_that_was_meant(event, messages):
    assert _tidal_messages(event) == messages
    for address, values in messages:
        Registry(all_commands())[address].bind(values)


def test_a_tidal_bundle_is_a_bundle_of_one_message_with_its_time():
    packet = _tidal_bundle("/sda/play/gain", (-6.0,), 1_000.5)
    assert packet[:16] == b"#bundle\0" + struct.pack(">II", 2_208_989_800, 1 << 31)
    assert packet[16:] == b"\0\0\0\x18/sda/play/gain\0\0,f\0\0" + struct.pack(">f", -6.0)
    assert decode(packet).elements == (Message("/sda/play/gain", (-6.0,)),)
    assert isinstance(decode(packet), Bundle)


def test_a_tidal_pattern_is_played_at_its_times_though_nobody_reads_the_answers(
    daemon, client, grid, player
):
    # Tidal computes a twentieth of a second 0.3 s ahead, and sends each event of it at once.
    n, step_s = 16, 0.05
    # A code that stands there already would be no news.
    client.call("/sda/grid/fill", grid, 0, 1, 0, n, 100)
    client.call("/sda/subscribe")
    start_s = time.time() + 0.3
    for i in range(n):
        event = {"column": float(i), "code": float(i + 1), "grid": grid}
        [(address, values)] = _tidal_messages(event)
        packet = _tidal_bundle(address, values, start_s + i * step_s)
        player.sendto(packet, ("127.0.0.1", daemon.port))
    came = []
    while len(came) < n:
        _, _, _, column, code = client.wait_for("/sda/grid/codes", lambda v: v[0] == grid)
        came.append((time.time() - start_s, column, code))
    client.call("/sda/unsubscribe")
    assert [each[1:] for each in came] == [(i, i + 1) for i in range(n)]
    late = sorted(at - i * step_s for i, (at, _, _) in enumerate(came))
    assert late[0] > -0.001
    assert late[n // 2] < 0.01


def test_a_tidal_pattern_with_the_handshake_of_superdirt_is_harmless(daemon, client, player):
    player.sendto(_message("/dirt/handshake", ()), ("127.0.0.1", daemon.port))
    player.settimeout(10)
    answer = decode(player.recv(4096))
    assert answer.arguments[:2] == ("/dirt/handshake", "usage")
    wait_for(lambda: client.call("/sda/hello"), "the daemon")
