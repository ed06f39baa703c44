"""Who is let in: the token, the folders, and how little strangers are told."""

import asyncio
import socket
import stat
import struct
import sys
from pathlib import Path

import pytest
from exact_osc import bundle, message
from test_clients import FakePeer

from sdaudio.errors import AccessError, FileError, SdaudioError, UsageError
from sdaudio.settings import FolderSettings, ServerSettings, Settings
from sdaudio_server.access import SILENCE_S, Access, keep_token
from sdaudio_server.app import Daemon
from sdaudio_server.journal import Journal
from sdaudio_server.midi import MidiPorts
from sdaudio_server.playback import PlaybackInfo
from sdaudio_server.wire import Message, decode

TOKEN = "sesame-sesame-sesame"


class Door:
    """An `Access` with a clock of its own that notes whom it forgot."""

    def __init__(self, token: str = TOKEN) -> None:
        self.now = 0.0
        self.forgotten: list[FakePeer] = []
        self.access = Access(token, lambda: self.now, self.forgotten.append)

    def show(self, peer: FakePeer, *arguments: str | int) -> None:
        self.access.try_token(Message("/sda/hello", arguments), peer)


def test_without_a_token_everybody_may_speak():
    assert Door("").access.admits(FakePeer())


def test_with_a_token_only_who_has_shown_it_may():
    door, friend, stranger = Door(), FakePeer(1), FakePeer(2)
    assert not door.access.admits(friend)
    door.show(friend, TOKEN)
    assert door.access.admits(friend)
    assert not door.access.admits(stranger)


@pytest.mark.parametrize(
    "first",
    [
        Message("/sda/hello"),
        Message("/sda/hello", ("wrong",)),
        Message("/sda/hello", (TOKEN, TOKEN)),
        Message("/sda/hello", (TOKEN[:-1],)),
        Message("/sda/hello", (b"sesame-sesame-sesame",)),
        Message("/sda/*", (TOKEN,)),
        Message("/sda/status", (TOKEN,)),
    ],
)
def test_anything_but_hello_with_the_token_is_turned_away(first: Message):
    door, peer = Door(), FakePeer()
    with pytest.raises(AccessError):
        door.access.try_token(first, peer)
    assert not door.access.admits(peer)


def test_a_token_of_digits_may_come_as_a_number():
    door, peer = Door("271828"), FakePeer()
    door.show(peer, 271828)
    assert door.access.admits(peer)


def test_tokens_cannot_be_tried_in_thousands():
    door = Door()
    for number in range(10):
        with pytest.raises(AccessError, match="wrong"):
            door.show(FakePeer(number), f"guess {number}")
    with pytest.raises(AccessError, match="Too many"):
        door.show(FakePeer(11), TOKEN)
    door.now += 1.0
    door.show(FakePeer(11), TOKEN)


def test_a_client_without_a_connection_is_forgotten_when_it_was_silent_for_an_hour():
    door, busy, silent, connected = Door(), FakePeer(1), FakePeer(2), FakePeer(3)
    connected.is_connection = True
    for peer in (busy, silent, connected):
        door.show(peer, TOKEN)
    door.now += SILENCE_S - 1
    assert door.access.admits(busy)
    door.now += 2
    door.access.forget_silent()
    assert door.forgotten == [silent]
    assert [door.access.admits(peer) for peer in (busy, silent, connected)] == [True, False, True]


def test_who_was_silent_too_long_is_turned_away_before_anybody_looked():
    door, peer = Door(), FakePeer()
    door.show(peer, TOKEN)
    door.now += SILENCE_S + 1
    assert not door.access.admits(peer)
    assert door.forgotten == [peer]


def test_clients_are_not_remembered_without_end():
    door = Door()
    for number in range(1025):
        door.now += 1.0
        door.show(FakePeer(number), TOKEN)
    assert [peer.port for peer in door.forgotten] == [0]


@pytest.mark.parametrize("n_bytes", range(0, 200, 4))
def test_a_stranger_gets_no_more_bytes_than_it_sent(n_bytes: int):
    door, peer = Door(), FakePeer()
    door.access.turn_away(peer, "/sda/hello", AccessError("The token is wrong."), n_bytes)
    assert len(peer.packets) <= 1
    assert all(len(packet) <= n_bytes for packet in peer.packets)
    assert bool(peer.packets) == (n_bytes >= 44)


def test_strangers_are_answered_a_few_times_only():
    door, peer = Door(), FakePeer()
    for _ in range(100):
        door.access.turn_away(peer, "", AccessError("No."), 100)
    assert len(peer.packets) == 10


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path):
    path = tmp_path / "new" / "token"
    token = keep_token(path)
    assert token.isalpha()
    assert token.islower()
    assert len(token) == 24
    assert keep_token(path) == token
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        path.chmod(0o644)
        assert keep_token(path) == token
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xff"])
def test_a_token_file_without_a_token_is_an_error(tmp_path: Path, content: bytes):
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(FileError, match="Remove"):
        keep_token(path)


@pytest.mark.parametrize(
    ("address", "is_local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.168.0.7", False), ("studio.local", False)],
)  # fmt: skip
def test_what_lets_other_machines_in_is_known(address: str, is_local: bool):
    assert ServerSettings(bind=address).is_local is is_local


def test_other_machines_make_a_token_and_narrow_the_folders(monkeypatch, tmp_path: Path):
    monkeypatch.setattr("sdaudio_server.app.token_path", lambda: tmp_path / "token")
    settings = Settings(
        server=ServerSettings(bind="0.0.0.0"),
        folders=FolderSettings(output=str(tmp_path / "out"), models=str(tmp_path)),
    )

    async def welcome() -> tuple[str, FolderSettings]:
        daemon = Daemon(settings, Journal(None))
        text = daemon._welcome(PlaybackInfo("", 0, silent=True, reason=""), MidiPorts((), (), ""))
        return text, daemon.context.settings.folders

    text, folders = asyncio.run(welcome())
    assert (tmp_path / "token").read_text().strip() in text
    assert str(tmp_path / "token") in text
    assert folders.readable(str(tmp_path / "out" / "a.wav"))
    assert folders.writable(str(tmp_path / "out" / "a.wav"))
    for path in ("~/a.wav", "/etc/passwd", "./a.wav", str(tmp_path / "a.wav")):
        with pytest.raises(FileError, match="outside"):
            folders.readable(path)
        with pytest.raises(FileError, match="outside"):
            folders.writable(path)


def test_folders_that_were_configured_stay_for_other_machines():
    folders = FolderSettings(read=("/sounds",), write=("/takes",)).narrowed()
    assert folders.read == ("/sounds",)
    assert folders.write == ("/takes",)


def test_neither_dots_nor_links_lead_out_of_a_folder(tmp_path: Path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"")
    (inside / "link").symlink_to(outside)
    (inside / "link.wav").symlink_to(outside / "secret.wav")
    (inside / "circle").symlink_to(inside / "circle")
    (inside / "back").symlink_to(inside)
    folders = FolderSettings(read=(str(inside),), write=(str(inside),), output=str(inside))
    hostile = (
        f"{inside}/../out/secret.wav", f"{inside}/link/secret.wav", f"{inside}/link.wav",
        f"{inside}/link/new.wav", f"{inside}/back/../../out/secret.wav", f"{inside}x/a.wav",
        "~nobody-of-this-name/a.wav", f"{inside}/a\0.wav", "", "../" * 50 + "etc/passwd",
        f"{inside}/circle/a.wav/../../../out/secret.wav",
    )  # fmt: skip
    for path in hostile:
        for resolve in (folders.readable, folders.writable):
            with pytest.raises(FileError):
                resolve(path)
    assert folders.readable(f"{inside}/back/a.wav") == inside.resolve() / "a.wav"


def test_a_stranger_over_udp_gets_no_more_than_it_sends(closed_daemon):
    attempts = [
        b"junk", b"/a\0\0", message("/sda/hello"), message("/sda/status"), message("/sda/help"),
        message("/sda/subscribe", "i", 7400), message("/sda/hello", "s", "guess"),
        message("/sda/*"), bundle(1, message("/sda/help"), message("/sda/hello", "s", TOKEN)),
        message("/sda/model/list", "s", "x" * 300), message("/sda/quit"),
        message("/sda/hello", "sb", TOKEN, bytes(50_000)), bytes(60_000),
    ]  # fmt: skip
    for attempt in attempts:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.settimeout(0.2)
            stranger.sendto(attempt, ("127.0.0.1", closed_daemon.port))
            n_received = 0
            try:
                while True:
                    n_received += len(stranger.recv(65536))
            except TimeoutError:
                pass
            assert n_received <= len(attempt)
    assert closed_daemon.process.poll() is None


def test_a_client_is_served_after_it_has_shown_the_token(closed_daemon):
    with closed_daemon.client() as client, closed_daemon.client() as other:
        assert client.call("/sda/hello", TOKEN)[0] == "sdaudio"
        assert client.call("/sda/status")[0] > 0
        client.call("/sda/subscribe")
        other._timeout_s = 0.3
        with pytest.raises(SdaudioError):
            other.call("/sda/status")


def test_a_tcp_client_shows_the_token_once_for_each_connection(closed_daemon):
    def framed(packet: bytes) -> bytes:
        return struct.pack(">i", len(packet)) + packet

    for _ in range(2):
        with socket.create_connection(("127.0.0.1", closed_daemon.port), timeout=5) as stream:
            stream.sendall(framed(message("/sda/status")))
            stream.sendall(framed(message("/sda/hello", "s", TOKEN)))
            answer = stream.recv(65536)
            (length,) = struct.unpack_from(">i", answer)
            assert decode(answer[4 : 4 + length]).arguments[:2] == ("/sda/hello", "sdaudio")
            stream.sendall(framed(message("/sda/status")))
            assert b"/sda/status" in stream.recv(65536)


def test_a_broken_stream_of_a_stranger_is_closed_without_a_word(closed_daemon):
    with socket.create_connection(("127.0.0.1", closed_daemon.port), timeout=5) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stream.recv(65536) == b""


def test_the_welcome_does_not_show_a_token_that_was_configured(closed_daemon):
    assert TOKEN not in closed_daemon.welcome
    assert "server.token" in closed_daemon.welcome


def test_nobody_can_have_answers_sent_to_the_daemon_itself(client, daemon):
    with pytest.raises(UsageError, match="daemon's own"):
        client.call("/sda/subscribe", daemon.port)


def test_a_short_token_is_warned_of(caplog):
    Door("short")
    assert "cannot be guessed" in caplog.text
