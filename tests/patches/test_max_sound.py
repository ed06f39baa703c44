"""sda.play~ for Max, run without Max: what is heard while a grid is edited."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from max_host import MaxHost, connected_host, until

from sdaudio.audio import read_sound

RATE = 48_000
PLAY = "sda.play~.maxpat"
EDGE_MS = 4.0
Samples = npt.NDArray[np.float32]


@pytest.fixture
def grid(spare_daemon, client) -> Iterator[str]:
    """A short grid that is heard well, and the only one that is open."""
    for name in ("starter", "heard", "other one"):
        client.send("/sda/grid/close", name)
    client.call("/sda/grid/new", "heard", "starter", 24)
    for level in range(3):
        client.call("/sda/grid/set", "heard", level, 0, *range(40, 64))
    yield "heard"
    client.call("/sda/grid/close", "heard")


@pytest.fixture
def host(grid: str, spare_daemon) -> Iterator[MaxHost]:
    with connected_host(spare_daemon.port, "sda.play~.maxhelp") as opened:
        until(lambda: loaded(opened))
        opened.do("dsp")
        yield opened


def loaded(host: MaxHost) -> list[str]:
    return [line for line in host.do("posted") if line.startswith("loaded")]


def positions(host: MaxHost) -> list[float]:
    return [float(line.split()[1]) for line in host.do("posted") if line.startswith("position")]


def say(host: MaxHost, message: str) -> None:
    host.do("send", to="sda.play~", message=[_atom(word) for word in message.split()])


def _atom(word: str) -> str | float:
    return float(word) if word.lstrip("-").replace(".", "", 1).isdigit() else word


def hear(host: MaxHost, tmp_path: Path, seconds: float, *, then: Callable[[], object] = int) -> Any:
    """What is heard in so many seconds; something happens after a third of them."""
    host.do("keep")
    time.sleep(seconds / 3)
    then()
    time.sleep(2 * seconds / 3)
    path = tmp_path / "heard.f32"
    host.do("heard", path=str(path))
    return np.fromfile(path, np.float32)


def render(client, grid: str, tmp_path: Path) -> Samples:
    path = tmp_path / "render.wav"
    client.job("/sda/grid/render", grid, str(path))
    return read_sound(path, RATE)


def edged(samples: Samples) -> Samples:
    """A render as it is looped: with a slope at both ends."""
    at = np.arange(len(samples))
    slope = np.minimum(at, len(samples) - at) / (EDGE_MS * RATE / 1000)
    return (samples * np.clip(slope, 0, 1)).astype(np.float32)


def where_in_loop(heard: Samples, loop: Samples) -> int:
    """Where in a loop what is heard begins, by correlation."""
    n = len(loop)
    padded = np.zeros(n)
    padded[: min(len(heard), n)] = heard[:n]
    spectrum = np.fft.rfft(loop, n) * np.conj(np.fft.rfft(padded, n))
    return int(np.argmax(np.fft.irfft(spectrum, n)))


def is_the_loop(heard: Samples, loop: Samples) -> bool:
    """Whether what is heard is the loop, sample by sample, from wherever on."""
    start = where_in_loop(heard, loop)
    wanted = loop[(start + np.arange(len(heard))) % len(loop)]
    return bool(np.max(np.abs(heard - wanted)) < 1e-4)


def test_a_loop_is_the_render_sample_by_sample(host: MaxHost, client, grid: str, tmp_path: Path):
    loop = edged(render(client, grid, tmp_path))
    assert np.max(np.abs(loop)) > 0.01
    say(host, "loop")
    time.sleep(0.1)
    assert is_the_loop(hear(host, tmp_path, 1.2), loop)
    until(lambda: len(positions(host)) > 5)
    assert all(0 <= place < 1 for place in positions(host))
    say(host, "stop")
    time.sleep(0.1)
    assert np.max(np.abs(hear(host, tmp_path, 0.2))) == 0


def test_an_edit_is_taken_up_without_a_click(host: MaxHost, client, grid: str, tmp_path: Path):
    before = edged(render(client, grid, tmp_path))
    say(host, "loop")
    time.sleep(0.1)
    times = len(loaded(host))

    def edit() -> None:
        for level in range(3):
            client.call("/sda/grid/set", grid, level, 0, *range(90, 66, -1))
        until(lambda: len(loaded(host)) > times)

    heard = hear(host, tmp_path, 1.5, then=edit)
    after = edged(render(client, grid, tmp_path))
    assert is_the_loop(heard[: RATE // 4], before)
    time.sleep(0.3)
    assert is_the_loop(hear(host, tmp_path, 0.5), after)
    # a click is a step that neither of the two sounds has
    steepest = max(np.max(np.abs(np.diff(loop, append=loop[0]))) for loop in (before, after))
    assert np.max(np.abs(np.diff(heard))) <= 1.1 * steepest


def test_a_burst_of_edits_ends_with_the_newest(host: MaxHost, client, grid: str, tmp_path: Path):
    say(host, "loop")
    for code in range(10, 110, 2):
        client.call("/sda/grid/fill", grid, 0, 3, 0, 24, code)
        time.sleep(0.02)
    wanted = edged(render(client, grid, tmp_path))
    until(lambda: is_the_loop(hear(host, tmp_path, 0.3), wanted))


@pytest.mark.parametrize("change", ["insert", "delete"])
def test_a_loop_of_another_length_goes_on_without_a_click(
    change: str, host: MaxHost, client, grid: str, tmp_path: Path
):
    before = edged(render(client, grid, tmp_path))
    say(host, "loop")
    time.sleep(0.1)
    times = len(loaded(host))

    def edit() -> None:
        client.call(f"/sda/grid/{change}", grid, 20 if change == "insert" else 8, 4)
        until(lambda: len(loaded(host)) > times)

    heard = hear(host, tmp_path, 1.2, then=edit)
    after = edged(render(client, grid, tmp_path))
    assert len(after) != len(before)
    time.sleep(0.2)
    assert is_the_loop(hear(host, tmp_path, 0.5), after)
    steepest = max(np.max(np.abs(np.diff(loop, append=loop[0]))) for loop in (before, after))
    assert np.max(np.abs(np.diff(heard))) <= 1.1 * steepest


def test_once_ends_by_itself_forwards_and_backwards(host: MaxHost, client, grid, tmp_path: Path):
    sound = edged(render(client, grid, tmp_path))
    seconds = len(sound) / RATE
    for speed, wanted in ((1, sound), (-1, sound[::-1])):
        say(host, f"speed {speed}")
        time.sleep(0.1)
        host.do("keep")
        ends = host.do("posted").count("end")
        say(host, "once")
        until(lambda ends=ends: host.do("posted").count("end") > ends)
        path = tmp_path / "once.f32"
        host.do("heard", path=str(path))
        heard = np.fromfile(path, np.float32)
        sounding = np.flatnonzero(np.abs(heard) > 1e-3)
        assert (sounding[-1] - sounding[0]) / RATE < seconds
        at = where_in_loop(heard[sounding[0] : sounding[0] + 4096], np.asarray(wanted))
        piece = np.asarray(wanted)[at : at + 4096]
        assert np.max(np.abs(heard[sounding[0] :][: len(piece)] - piece)) < 1e-3


def test_speed_and_jumps(host: MaxHost, client, grid: str, tmp_path: Path):
    seconds = len(render(client, grid, tmp_path)) / RATE
    say(host, "speed 0.5")
    say(host, "loop")
    time.sleep(0.4)
    # half as fast, told every 50 ms
    steps = np.diff(positions(host)[-6:])
    assert np.median(steps[steps > 0]) * seconds == pytest.approx(0.025, rel=0.2)
    say(host, "speed 1")
    say(host, "jump 0.75")
    before = len(positions(host))
    until(lambda: len(positions(host)) > before + 1)
    assert positions(host)[before + 1] == pytest.approx(0.75 + 0.1 / seconds, abs=0.12 / seconds)
    say(host, "stop")
    time.sleep(0.1)
    say(host, "jump 0.5")
    time.sleep(0.1)
    assert np.max(np.abs(hear(host, tmp_path, 0.2))) == 0


def test_it_shows_another_grid_and_says_what_is_missing(host: MaxHost, client, tmp_path: Path):
    client.call("/sda/grid/new", "other one", "starter", 12)
    say(host, "show other one")
    until(lambda: any(line.startswith("loaded other one") for line in host.do("posted")))
    say(host, "show nowhere")
    until(lambda: any(line.startswith("problem") for line in host.do("posted")))
    assert any("nowhere" in line for line in host.do("posted") if line.startswith("problem"))
    client.call("/sda/grid/close", "other one")


def test_the_device_for_live_plays_from_its_keys(grid: str, client, spare_daemon, tmp_path: Path):
    with connected_host(spare_daemon.port, "sdaudio for Live.amxd") as device:
        found = device.until(lambda shown: shown["name"] == grid)
        assert found["nColumns"] == 24
        device.do("dsp")
        sound = edged(render(client, grid, tmp_path))
        until(lambda: _press(device, 36 + 8, tmp_path, sound) is not None)
        at = _press(device, 36 + 8, tmp_path, sound)
        assert at is not None
        assert abs(at / len(sound) - 0.5) < 0.2
        device.do("send", to="live.text", message=[0])
        time.sleep(0.1)
        assert np.max(np.abs(hear(device, tmp_path, 0.2))) == 0


def _press(device: MaxHost, pitch: int, tmp_path: Path, sound: Samples) -> int | None:
    """Where in the sound it plays from after a note; None while nothing is heard."""
    device.do("send", to="notein", message=[pitch, 100])
    time.sleep(0.05)
    heard = hear(device, tmp_path, 0.15)
    if np.max(np.abs(heard)) == 0:
        return None
    assert is_the_loop(heard, sound)
    return where_in_loop(heard, sound)
