"""Original against reconstruction: at the speakers, and who wins when both are asked for."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from jack_server import wait_for

from sdaudio.audio import measure_loudness, read_sound, write_sound
from sdaudio.errors import FileError, StateError
from sdaudio.resources import starter_model
from sdaudio.settings import FolderSettings, GridSettings
from sdaudio.tasks.sounds import Matched, ReadOriginal
from sdaudio_server.client import Client
from sdaudio_server.clients import Clients
from sdaudio_server.comparison import Comparison
from sdaudio_server.journal import Journal
from sdaudio_server.library import Library
from sdaudio_server.sessions import Session, Sessions

FADE_AND_MORE = 8192
COLUMNS = 20


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """A sound that no model knows, at another rate and shorter than its last column."""
    samples = np.random.default_rng(0).uniform(-0.1, 0.1, round((COLUMNS - 0.5) * 1024 * 0.91875))
    path = tmp_path / "noise.wav"
    write_sound(path, samples, 44_100, subtype="FLOAT")
    return path


def _passes(heard: np.ndarray, sound: np.ndarray) -> bool:
    return any(
        np.allclose(heard[at : at + len(sound)], sound, atol=1e-6)
        for at in np.flatnonzero(np.isclose(heard, sound[0], atol=1e-6))
        if at + len(sound) <= len(heard)
    )


def test_the_original_is_heard_in_place_of_the_grid_as_loud_and_back(
    new_daemon, jack_server, noise: Path, tmp_path: Path
):
    running = new_daemon("--device", "system")
    with running.client() as client:
        client.job("/sda/grid/encode", "one", "starter", str(noise))
        assert client.call("/sda/grid/info", "one")[3] == COLUMNS
        client.job("/sda/grid/render", "one", str(tmp_path / "grid.wav"))
        grid = read_sound(tmp_path / "grid.wav", 48_000)
        client.call("/sda/subscribe")
        jack_server.listen()
        client.call("/sda/play/loop", "one")

        def hears(sound: np.ndarray) -> None:
            begin = len(jack_server.heard) + FADE_AND_MORE
            wait_for(lambda: len(jack_server.heard) >= begin + 2 * len(sound), "two passes")
            assert _passes(jack_server.heard[begin:], sound)

        hears(grid)
        name, is_original, gain = client.call("/sda/play/compare", "one", 1)
        assert (name, is_original) == ("one", 1)
        assert client.wait_for("/sda/play/compare") == ("one", 1, gain)
        original = np.zeros_like(grid)
        plain = read_sound(noise, 48_000)
        original[: len(plain)] = plain * 10 ** (gain / 20)
        hears(original)
        loudness = [measure_loudness(sound, 48_000) for sound in (grid, original)]
        assert loudness[0] == pytest.approx(loudness[1], abs=0.02)
        assert client.call("/sda/play/compare", "one", 0) == ("one", 0, 0.0)
        assert client.wait_for("/sda/play/compare") == ("one", 0, 0.0)
        hears(grid)
        # a hand that is quicker than the exchange: the original is kept, so both are done at once
        client.send("/sda/play/compare", "one", 1)
        client.call("/sda/play/compare", "one", 0)
        hears(grid)


def test_what_has_no_original_is_told(client: Client, grid: str, tone: Path):
    client.call("/sda/grid/new", "unheard", "starter", 8)
    with pytest.raises(StateError, match="Grid 'unheard' was not made of a sound"):
        client.call("/sda/play/compare", "unheard", 1)
    assert client.call("/sda/play/compare", "unheard", 0) == ("unheard", 0, 0.0)
    client.call("/sda/grid/close", "unheard")
    tone.unlink()
    with pytest.raises(FileError, match=r"tone\.wav' does not exist"):
        client.call("/sda/play/compare", grid)


def test_another_length_brings_the_grid_back(client: Client, grid: str):
    client.call("/sda/subscribe")
    gain = client.call("/sda/play/compare", grid, 1)[2]
    assert client.call("/sda/play/compare", grid, 1)[2] == gain
    client.call("/sda/grid/set", grid, 0, 0, 1)
    client.call("/sda/grid/insert", grid, 3, 2)
    client.wait_for("/sda/play/compare", lambda values: values == (grid, 0, 0.0))
    client.call("/sda/unsubscribe")


class _Bench:
    """A comparison between a worker that waits to be told and a transport that writes down."""

    def __init__(self, folder: Path) -> None:
        library = Library(folder, {"starter": starter_model()})
        self.journal = Journal(None)
        sessions = Sessions(GridSettings(), Clients(), self.journal, library.model)
        codes = np.zeros((3, 5), np.uint16)
        sound = folder / "a.wav"
        self.session = sessions.open("one", library.load("starter"), codes, sound=str(sound))
        self.comparison = Comparison(FolderSettings(), self, self, Clients())
        self.reading: asyncio.Future[Matched] | None = None
        self.n_read = 0
        self.heard: list[bool] = []

    async def run(self, request: ReadOriginal, **_options) -> Matched:
        self.n_read += 1
        self.reading = asyncio.get_running_loop().create_future()
        return await self.reading

    def substitute(self, session: Session, audio: np.ndarray | None) -> None:
        assert session is self.session
        self.heard.append(audio is not None)

    async def ask(self) -> asyncio.Task[float]:
        task = asyncio.get_running_loop().create_task(self.comparison.hear_original(self.session))
        await asyncio.sleep(0)
        return task

    def answer(self) -> None:
        self.reading.set_result(Matched(2.0))


@pytest.fixture
def on_bench(tmp_path: Path):
    def run(work) -> _Bench:
        async def main() -> _Bench:
            bench = _Bench(tmp_path)
            await work(bench)
            bench.journal.close()
            return bench

        return asyncio.run(main())

    return run


def test_an_original_is_read_once_and_again_after_an_edit(on_bench):
    async def work(bench: _Bench) -> None:
        for _ in range(2):
            asked = await bench.ask()
            if not asked.done():
                bench.answer()
            assert await asked == 2.0
            bench.comparison.hear_grid(bench.session)
        assert bench.n_read == 1
        session = bench.session
        session.grid.apply(session.grid.change_to(0, 0, np.array([[1]])))
        await bench.ask()
        assert bench.n_read == 2

    assert on_bench(work).heard == [True, False, True, False]


def test_the_last_word_counts_while_an_original_is_read(on_bench):
    async def work(bench: _Bench) -> None:
        asked = await bench.ask()
        bench.comparison.hear_grid(bench.session)
        bench.answer()
        with pytest.raises(StateError, match="was asked for otherwise"):
            await asked

    assert on_bench(work).heard == []


def test_a_failure_leaves_what_is_heard(on_bench):
    async def work(bench: _Bench) -> None:
        asked = await bench.ask()
        bench.answer()
        await asked
        bench.session.grid.apply(bench.session.grid.change_to(0, 0, np.array([[1]])))
        asked = await bench.ask()
        bench.reading.set_exception(FileError("gone"))
        with pytest.raises(FileError):
            await asked
        bench.comparison.hear_grid(bench.session)

    assert on_bench(work).heard == [True, False]


def test_a_grid_that_is_closed_is_left_alone(on_bench):
    async def work(bench: _Bench) -> None:
        asked = await bench.ask()
        bench.comparison.forget(bench.session)
        bench.answer()
        with pytest.raises(StateError, match="was closed"):
            await asked

    assert on_bench(work).heard == []
