"""Other programs than ours as clients: liblo's command-line tools, and a sound server's ears."""

import shutil
import socket
import subprocess

import numpy as np
import pytest
from jack_server import wait_for

from sdaudio.audio import read_sound


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (apt install liblo-tools)")
    return path


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_oscsend_and_oscdump_edit_and_follow_a_grid(daemon, client):
    oscsend, oscdump, port = _tool("oscsend"), _tool("oscdump"), _free_port()
    lines: list[str] = []
    with subprocess.Popen(
        [oscdump, "-L", str(port)], stdout=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stdout is not None

        def send(*arguments: object) -> None:
            words = [oscsend, "127.0.0.1", str(daemon.port), *(str(a) for a in arguments)]
            subprocess.run(words, check=True, timeout=10)

        def until(*words: str) -> None:
            for line in listener.stdout:
                lines.append(line)
                if all(word in line for word in words):
                    return
            raise AssertionError(f"{words} not in {lines}")

        client.call("/sda/grid/new", "lo", "starter", 8)
        wait_for(lambda: _is_bound(port), "oscdump to listen")
        send("/sda/subscribe", "i", port)
        until("/sda/grid/state", '"lo"', "Structure")
        send("/sda/grid/set", "siii", "lo", 0, 2, 33)
        until("/sda/grid/codes", '"lo"', " 33")
        send("/sda/grid/swap", "ssiiiii", "lo", "starter", 0, 1, 0, 0, 2)
        until("/sda/grid/codes", '"starter"')
        send("/sda/grid/undo", "s", "lo")
        until("/sda/grid/codes", '"starter"')
        send("/sda/prior/sample", "ssfsi", "lo-new", "starter", 1, "seed", 3)
        until("/sda/job/done", "/sda/prior/sample", '"lo-new"')
        send("/sda/unsubscribe", "i", port)
        listener.terminate()
    assert client.call("/sda/grid/get", "lo", 0, 2, 1)[3] == 33
    client.call("/sda/grid/close", "lo")


def _is_bound(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def test_what_the_speakers_get_is_what_a_render_gives_also_after_an_edit(
    new_daemon, jack_server, tmp_path
):
    running = new_daemon("--device", "system")
    assert "sound   system, 48000 Hz" in running.welcome
    with running.client() as client:
        columns = 24
        client.call("/sda/grid/delete", "starter", columns, client.call(
            "/sda/grid/info", "starter")[3] - columns)  # fmt: skip
        jack_server.listen()

        def heard_equals_render(name: str) -> None:
            client.job("/sda/grid/render", "starter", str(tmp_path / name))
            expected = read_sound(tmp_path / name, 48_000)

            def found() -> bool:
                heard = jack_server.heard
                return any(
                    np.allclose(heard[at : at + len(expected)], expected, atol=1e-6)
                    for at in _candidates(heard, expected)
                )

            wait_for(found, f"{name} at the speakers")

        client.call("/sda/play/grid", "starter")
        heard_equals_render("first.wav")
        code = client.call("/sda/grid/get", "starter", 0, 10, 1)[3]
        client.call("/sda/grid/set", "starter", 0, 10, (code + 7) % 64)
        client.call("/sda/play/grid", "starter")
        heard_equals_render("edited.wav")
    first, edited = (read_sound(tmp_path / n, 48_000) for n in ("first.wav", "edited.wav"))
    assert np.abs(first - edited).max() > 1e-3


def _candidates(heard: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Where the loudest sample of what is expected occurs in what was heard."""
    place = int(np.abs(expected).argmax())
    found = np.flatnonzero(np.isclose(heard, expected[place], atol=1e-6)) - place
    return found[(found >= 0) & (found + len(expected) <= len(heard))]
