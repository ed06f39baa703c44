"""docs/examples/supercollider.scd, block by block, with a real language, server and daemon."""

import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from jack_server import RATE, wait_for
from sclang import Sclang, blocks_of

from sdaudio.audio import read_sound

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "supercollider.scd"


def _blocks(port: int, folder: Path) -> list[str]:
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace("5630", str(port)).replace("Platform.defaultTempDir", f'"{folder}"')
    return blocks_of(text)


@pytest.fixture
def language(tmp_path: Path):
    started = []

    def start(**environment: str) -> Sclang:
        started.append(Sclang(tmp_path, environment))
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_codes_are_edited_bundled_and_played_from_patterns(new_daemon, language, tmp_path: Path):
    sclang, running = language(), new_daemon()
    hello, play, codes, bundle, pattern, _, _, _, silence = _blocks(running.port, tmp_path)
    with running.client() as client:
        sclang.run(hello)
        sclang.wait_for(r"/sda/done, /sda/hello, sdaudio")
        before = client.call("/sda/grid/get", "starter", 1, 0, 1)[3]
        sclang.run(play)
        # The loop is answered once it sounds, the edit at once.
        sclang.wait_for(r"/sda/done, /sda/play/loop, starter, 0, 32")
        assert client.call("/sda/grid/get", "starter", 0, 4, 1)[3] == 20
        sclang.run(codes)
        sclang.wait_for(r"/sda/done, /sda/grid/set")
        assert client.call("/sda/grid/get", "starter", 0, 12, 4)[3:] == (77, 78, 79, 80)
        sclang.run(bundle)
        sclang.wait_for(r"/sda/done, /sda/grid/set")
        sclang.wait_for(r"/sda/done, /sda/grid/set")
        assert client.call("/sda/grid/get", "starter", 1, 0, 1)[3] == 5
        assert client.call("/sda/grid/get", "starter", 2, 0, 1)[3] == 9
        client.call("/sda/grid/undo", "starter")
        assert client.call("/sda/grid/get", "starter", 1, 0, 1)[3] == before
        sclang.run(pattern)
        for _ in range(8):
            sclang.wait_for(r"/sda/done, /sda/play/column")
        sclang.run('~sda.sendMsg("/sda/grid/set", "starter", 9, 0, 0)')
        sclang.wait_for(r"sdaudio says: .*argument 2 'level' is 9")
        sclang.run(silence)
        sclang.wait_for(r"/sda/done, /sda/play/silence")


def test_a_render_is_heard_from_a_buffer_of_scsynth_sample_by_sample(
    new_daemon, language, jack_server, tmp_path: Path
):
    if shutil.which("scsynth") is None:
        pytest.skip("scsynth is not installed (apt install supercollider-server)")
    sclang = language(SC_JACK_DEFAULT_INPUTS="", SC_JACK_DEFAULT_OUTPUTS="capture:in")
    running = new_daemon()
    hello, _, _, _, _, push, play, follow, silence = _blocks(running.port, tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running.client() as client:
        columns = 24
        _, _, _, n, *_ = client.call("/sda/grid/info", "starter")
        client.call("/sda/grid/delete", "starter", columns, n - columns)
        client.job("/sda/grid/render", "starter", str(tmp_path / "first.wav"))
        first = read_sound(tmp_path / "first.wav", RATE)
        sclang.run(hello)
        sclang.run(f'Server.default = s = Server(\\test, NetAddr("127.0.0.1", {port}))')
        sclang.run("s.options.numInputBusChannels_(0).numOutputBusChannels_(1)")
        sclang.run(push)
        frames, rate = sclang.wait_for(r"pushed: (\d+) frames, (\d+)").groups()
        assert (int(frames), int(rate)) == (len(first), RATE)
        sclang.run(play)
        wait_for(lambda: _is_in(jack_server.heard, first), "the render from scsynth")
        sclang.run(follow)
        sclang.wait_for(r"/sda/done, /sda/grid/follow")
        wait_for((tmp_path / "sdaudio.wav").exists, "the file that follows")
        client.call("/sda/grid/fill", "starter", 0, 1, 0, columns, 20)
        [edited] = wait_for(
            lambda: _other_than(first, tmp_path / "sdaudio.wav"), "the render of the edit"
        )
        assert sclang.ask("~buffer.numFrames") == frames
        wait_for(lambda: _buffer_holds(sclang, edited), "the edit in the buffer")
        sclang.run(silence)
        sclang.wait_for(r"/sda/done, /sda/grid/unfollow, 1")


def _other_than(first: np.ndarray, path: Path) -> list[np.ndarray]:
    now = read_sound(path, RATE)
    return [] if np.array_equal(now, first) else [now]


def _buffer_holds(sclang: Sclang, expected: np.ndarray) -> bool:
    place = int(np.abs(expected).argmax())
    sclang.run(f'~buffer.get({place}, {{ |value| ("value: " ++ value).postln }})')
    return abs(float(sclang.wait_for(r"value: (\S+)")[1]) - expected[place]) < 1e-5


def _is_in(heard: np.ndarray, expected: np.ndarray) -> bool:
    place = int(np.abs(expected).argmax())
    starts = np.flatnonzero(np.isclose(heard, expected[place], atol=1e-6)) - place
    return any(
        np.allclose(heard[at : at + len(expected)], expected, atol=1e-6)
        for at in starts
        if 0 <= at <= len(heard) - len(expected)
    )
