"""Renders in the buffers of a real scsynth, and what is said when there is none."""

import shutil
import socket
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from jack_server import wait_for
from osc_bytes import message
from pythonosc.osc_message import OscMessage

from sdaudio.errors import StateError, UsageError
from sdaudio_server.client import Client

_CHUNK = 1600


class _Port:
    """A UDP port that speaks OSC with one other, by python-osc."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(5.0)

    def ask(self, address: str, *arguments) -> tuple:
        self._socket.send(message(address, *arguments).dgram)
        return tuple(OscMessage(self._socket.recv(65_536)).params)

    def is_there(self) -> bool:
        self._socket.settimeout(0.2)
        try:
            self.ask("/status")
        except (TimeoutError, ConnectionRefusedError):
            return False
        self._socket.settimeout(5.0)
        return True

    def close(self) -> None:
        self._socket.close()


class _Server(_Port):
    """A scsynth of the test's own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._process = subprocess.Popen(
            ["scsynth", "-u", str(port), "-i", "0", "-o", "1", "-l", "4", "-R", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        super().__init__(port)
        wait_for(self.is_there, "scsynth")

    def buffer(self, number: int) -> np.ndarray:
        frames = self.ask("/b_query", number)[1]
        parts = []
        for start in range(0, frames, _CHUNK):
            answer = self.ask("/b_getn", number, start, min(_CHUNK, frames - start))
            assert answer[:2] == (number, start)
            parts.append(np.array(answer[3:], np.float32))
        return np.concatenate(parts)

    def close(self) -> None:
        # Not by a signal: JACK waits long for a client that leaves without a word.
        assert self.ask("/quit") == ("/quit",)
        super().close()
        self._process.wait(10)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def scsynth(jack_server):
    if shutil.which("scsynth") is None:
        pytest.skip("scsynth is not installed (apt install supercollider-server)")
    server = _Server(_free_port())
    yield server
    server.close()


def test_a_buffer_holds_the_grid_sample_by_sample_also_after_an_edit(
    client: Client, grid: str, scsynth: _Server, tmp_path: Path
):
    port = ("port", scsynth.port)
    for number, columns in ((5, 12), (5, 30), (0, 12)):
        client.call("/sda/grid/set", grid, 0, 4, columns)
        pushed = client.job("/sda/grid/push", grid, number, *port, "start", 2, "columns", columns)
        assert pushed == (number, columns * 1024, 1, 48_000.0)
        client.job("/sda/grid/render", grid, str(tmp_path / "a.wav"), 2, columns)
        expected, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
        np.testing.assert_array_equal(scsynth.buffer(number), expected)


def test_a_push_leaves_no_file_behind(
    new_daemon, scsynth: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "temporary").mkdir()
    running = new_daemon(environment={"TMPDIR": str(tmp_path / "temporary")})
    with running.client() as client:
        client.job("/sda/grid/push", "starter", 1, "127.0.0.1", scsynth.port, "channels", 2)
        assert scsynth.ask("/b_query", 1)[2] == 2
    assert list((tmp_path / "temporary").glob("sdaudio-*")) == []


def test_a_port_where_nobody_listens_is_told_at_once(client: Client, grid: str):
    with pytest.raises(StateError, match=r"There is no scsynth at 127\.0\.0\.1 port \d+ .*Boot it"):
        client.job("/sda/grid/push", grid, 0, "port", _free_port())


def test_another_machine_is_refused(client: Client, grid: str):
    for host in ("192.168.1.2", "example.org"):
        with pytest.raises(UsageError, match=f"host is '{host}'; scsynth reads the file itself"):
            client.job("/sda/grid/push", grid, 0, host)


@pytest.fixture
def impostor():
    """Something that answers as it is told to where a scsynth should be: None is silence."""
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind(("127.0.0.1", 0))
    answers: dict[str, tuple | None] = {"/status": ("/status.reply", 1)}

    def serve() -> None:
        while True:
            packet, peer = port.recvfrom(65_536)
            asked = OscMessage(packet).address
            if asked == "/end":
                return
            if answer := answers.get(asked):
                port.sendto(b"no OSC", peer)
                port.sendto(message(*answer).dgram, peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield port.getsockname()[1], answers
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(message("/end").dgram, port.getsockname())
    thread.join()
    port.close()


def test_a_scsynth_that_refuses_is_quoted(client: Client, grid: str, impostor):
    port, answers = impostor
    answers["/b_allocRead"] = ("/fail", "/b_allocRead", "buffer too small.\n", 0)
    with pytest.raises(StateError, match=r"refuses: /b_allocRead buffer too small\.$"):
        client.job("/sda/grid/push", grid, 0, "port", port)


def test_a_scsynth_that_does_not_answer_is_not_waited_for_longer_than_asked(
    client: Client, grid: str, impostor
):
    port, answers = impostor
    answers["/b_allocRead"] = ("/done", "/b_allocRead", 4)
    with pytest.raises(StateError, match=r"No answer to /b_allocRead .* within 0\.3 s"):
        client.job("/sda/grid/push", grid, 3, "port", port, "wait", 0.3)
