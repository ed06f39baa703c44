"""Grids as sound files: written once, and written again after every burst of edits."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.resources import starter_model
from sdaudio.settings import GridSettings
from sdaudio.starter.phrase import starter_phrase
from sdaudio.tasks.sounds import Exported, SoundForm
from sdaudio_server.client import Client
from sdaudio_server.clients import Clients
from sdaudio_server.jobs import CancelToken
from sdaudio_server.journal import Journal
from sdaudio_server.library import Library
from sdaudio_server.renders import Following, Render
from sdaudio_server.sessions import Session, Sessions


def _read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


def test_a_render_takes_its_options_in_order_or_by_name(client: Client, grid: str, tmp_path: Path):
    client.job("/sda/grid/render", grid, str(tmp_path / "whole.wav"))
    whole = _read(tmp_path / "whole.wav")
    part = str(tmp_path / "part.flac")
    result = client.job("/sda/grid/render", grid, part, 5, 10, "bits", 16, "normalise", 1)
    assert result[:3] == (part, 10 * 1024, 48_000)
    assert result[3] == pytest.approx(10 ** (-1 / 20), abs=1e-4)
    expected = whole[5 * 1024 : 15 * 1024]
    expected = expected * (result[3] / np.abs(expected).max())
    assert np.abs(_read(Path(part)) - expected).max() < 3 / 32_768
    with soundfile.SoundFile(part) as file:
        facts = json.loads(file.comment)
    assert (facts["grid"], facts["start"], facts["columns"]) == (grid, 5, 10)
    assert facts["revision"] == client.call("/sda/grid/info", grid)[5]
    stereo = str(tmp_path / "stereo.wav")
    result = client.job("/sda/grid/render", grid, stereo, "channels", 2, "sample_rate", 44_100)
    assert result[2] == 44_100
    assert soundfile.info(stereo).channels == 2


def test_a_take_has_its_seed_in_its_renders_also_after_a_crash(new_daemon, tmp_path: Path):
    path = tmp_path / "take.wav"

    def facts(client: Client) -> dict[str, object]:
        client.job("/sda/grid/render", "take", str(path))
        with soundfile.SoundFile(path) as file:
            found: dict[str, object] = json.loads(file.comment)
        return found

    running = new_daemon()
    with running.client() as client:
        client.job("/sda/prior/sample", "take", "starter", 0.5, "seed", 7)
        client.call("/sda/grid/set", "take", 0, 0, 1)
        assert facts(client)["seed"] == 7
    running.process.kill()
    running.process.wait()
    with new_daemon().client() as client:
        assert facts(client)["seed"] == 7
        client.job("/sda/prior/sample", "take", "starter", 0.5, "seed", 8)
        assert facts(client)["seed"] == 8
        client.job("/sda/grid/encode", "take", "starter", str(path))
        assert "seed" not in facts(client)


def test_a_render_that_cannot_be_is_refused_with_the_reason(
    client: Client, grid: str, tmp_path: Path
):
    for address in ("/sda/grid/render", "/sda/grid/follow"):
        with pytest.raises(UsageError, match="is a folder; name a file in it"):
            client.job(address, grid, str(tmp_path))
    with pytest.raises(UsageError, match="bits is 20"):
        client.job("/sda/grid/render", grid, str(tmp_path / "a.wav"), "bits", 20)
    with pytest.raises(UsageError, match="column"):
        client.job("/sda/grid/render", grid, str(tmp_path / "a.wav"), 40, 20)
    assert list(tmp_path.glob("a*")) == []


def test_a_followed_file_has_every_burst_of_edits_once(client: Client, grid: str, tmp_path: Path):
    path = tmp_path / "samples" / "follow.wav"
    assert client.job("/sda/grid/follow", grid, str(path))[0] == str(path)
    _, _, before, *_ = client.wait_for("/sda/grid/rendered", lambda v: v[0] == grid)
    first = _read(path)
    for code in range(6):
        revision = client.call("/sda/grid/set", grid, 0, 10, code)[0]
    assert revision == before + 6
    told = client.wait_for("/sda/grid/rendered", lambda v: v[0] == grid)
    assert told[:5] == (grid, str(path), revision, len(first), 48_000)
    client.job("/sda/grid/render", grid, str(tmp_path / "now.wav"))
    np.testing.assert_array_equal(_read(path), _read(tmp_path / "now.wav"))
    assert np.abs(_read(path) - first).max() > 1e-3
    client.call("/sda/grid/mute", grid, 2, 1)
    client.wait_for("/sda/grid/rendered", lambda v: v[0] == grid)
    client.job("/sda/grid/render", grid, str(tmp_path / "muted.wav"))
    np.testing.assert_array_equal(_read(path), _read(tmp_path / "muted.wav"))
    assert [each.name for each in path.parent.iterdir()] == ["follow.wav"]


def test_a_file_that_follows_without_a_path_is_in_the_output_folder(client: Client, grid: str):
    path = Path(str(client.job("/sda/grid/follow", grid)[0]))
    assert path.name == f"{grid}.wav"
    assert path.parent == Path(str(client.job("/sda/grid/render", grid)[0])).parent
    client.call("/sda/grid/set", grid, 0, 10, 3)
    told = client.wait_for("/sda/grid/rendered", lambda v: v[0] == grid and v[2] > 0)
    assert told[1] == str(path)
    client.call("/sda/grid/unfollow", grid)


def test_all_codes_of_a_level_are_one_file(client: Client, tmp_path: Path):
    path = str(tmp_path / "codes.wav")
    told = client.job("/sda/code/render", "starter", 2, path, 4)
    assert told == ("starter", 2, path, 128, 4096, 48_000)
    assert soundfile.info(path).frames == 128 * 4096
    made = Path(str(client.job("/sda/code/render", "starter", 0, "columns", 1)[2]))
    assert made.name == "starter codes of level 0.wav"
    with pytest.raises(UsageError, match="level"):
        client.job("/sda/code/render", "starter", 3)
    with pytest.raises(UsageError, match=r"is a folder.*starter codes of level 1\.wav"):
        client.job("/sda/code/render", "starter", 1, str(tmp_path))


def test_what_is_followed_is_listed_and_left_alone_later(client: Client, grid: str, tmp_path: Path):
    paths = [str(tmp_path / name) for name in ("a.wav", "b.flac")]
    for path in paths:
        client.job("/sda/grid/follow", grid, path)
    assert client.call("/sda/grid/follows") == (2,)
    listed = {client.wait_for("/sda/grid/followed")[1] for _ in paths}
    assert listed == set(paths)
    with pytest.raises(StateError, match=f"Grid '{grid}' is followed into"):
        client.job("/sda/grid/follow", "starter", paths[0])
    assert client.call("/sda/grid/unfollow", grid, paths[0]) == (1,)
    with pytest.raises(StateError, match="is not followed into"):
        client.call("/sda/grid/unfollow", grid, paths[0])
    left = _read(Path(paths[0]))
    client.call("/sda/grid/fill", grid, 0, 1, 0, 20, 3)
    client.wait_for("/sda/grid/rendered", lambda v: v[1] == paths[1] and v[2] > 0)
    np.testing.assert_array_equal(_read(Path(paths[0])), left)
    assert client.call("/sda/grid/unfollow", grid) == (1,)
    assert client.call("/sda/grid/follows") == (0,)


def test_a_file_that_cannot_be_followed_is_not(client: Client, grid: str, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(FileError, match="Cannot write"):
        client.job("/sda/grid/follow", grid, str(tmp_path / "file" / "a.wav"))
    assert client.call("/sda/grid/follows") == (0,)


def test_a_follower_that_fails_later_tells_why_and_goes_on(
    client: Client, grid: str, tmp_path: Path
):
    folder = tmp_path / "gone"
    path = folder / "a.wav"
    client.job("/sda/grid/follow", grid, str(path), "start", 30)
    client.wait_for("/sda/grid/rendered", lambda v: v[0] == grid)
    client.call("/sda/grid/delete", grid, 20, 20)
    code, text = client.wait_for("/sda/fail", lambda v: v[0] == "/sda/grid/follow")[1:]
    assert (code, "column" in text) == ("usage", True)
    client.call("/sda/grid/undo", grid)
    client.wait_for("/sda/grid/rendered", lambda v: v[0] == grid)
    client.call("/sda/grid/unfollow", grid)


class _Clock:
    """Time that moves on when it is told to, and wakes who sleeps in it."""

    def __init__(self) -> None:
        self.now = 100.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleeping.append((self.now + seconds, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds
        await _settle()
        while due := [each for each in self._sleeping if each[0] <= end + 1e-9]:
            first = min(due, key=lambda each: each[0])
            self._sleeping.remove(first)
            self.now = max(self.now, first[0])
            if not first[1].done():
                first[1].set_result(None)
            await _settle()
        self.now = end


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class _Bench:
    """A grid, a clock, and a worker that writes down when it was asked and takes its time."""

    def __init__(self, folder: Path, *, seconds: float = 0.0) -> None:
        self.clock = _Clock()
        self.written: list[tuple[float, int]] = []
        self.seconds = seconds
        self.token: CancelToken | None = None
        library = Library(folder, {"starter": starter_model()})
        model = library.load("starter")
        self.journal = Journal(None)
        self.sessions = Sessions(GridSettings(), Clients(), self.journal, library.model)
        self.session = self.sessions.open("one", model, starter_phrase(model.path)[:, :10])
        self.following = Following(self, Clients(), clock=self.clock, sleep=self.clock.sleep)
        self.render = Render(self.session, folder / "one.wav", 0, 0, SoundForm())

    async def run(self, request, token: CancelToken | None = None) -> Exported:
        self.token = token
        self.written.append((round(self.clock.now - 100.0, 2), request.origin.revision))
        if self.seconds and len(self.written) > 1:
            await self.clock.sleep(self.seconds)
        return Exported(request.target, 1, 48_000, 0.5)

    async def start(self) -> None:
        await self.following.follow(self.render, _Nobody(), self.run)
        await _settle()

    def edit(self, session: Session | None = None) -> None:
        session = session or self.session
        code = (session.grid.codes[0, 0] + 1) % 64
        self.sessions.edit((session, session.grid.change_to(0, 0, np.array([[code]]))))
        self.following.changed(session)


class _Nobody:
    is_connection = True
    is_open = True

    def send_packet(self, packet: bytes) -> None:
        assert packet


def _on_bench(work, folder: Path, **options: float) -> _Bench:
    async def main() -> _Bench:
        bench = _Bench(folder, **options)
        await bench.start()
        await work(bench)
        await bench.following.close()
        bench.journal.close()
        return bench

    return asyncio.run(main())


def test_a_burst_is_written_when_it_is_over(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        for _ in range(5):
            bench.edit()
            await bench.clock.advance(0.1)
        await bench.clock.advance(5.0)

    assert _on_bench(work, tmp_path).written == [(0.0, 0), (0.55, 5)]


def test_a_burst_without_end_is_written_every_second(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        for _ in range(30):
            bench.edit()
            await bench.clock.advance(0.1)
        await bench.clock.advance(5.0)

    written = _on_bench(work, tmp_path).written
    assert [time for time, _ in written] == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=0.16)
    assert written[-1][1] == 30


def test_edits_while_a_file_is_written_are_in_the_next_one(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        bench.edit()
        await bench.clock.advance(0.2)
        bench.edit()
        await bench.clock.advance(10.0)

    assert [revision for _, revision in _on_bench(work, tmp_path, seconds=1.0).written] == [0, 1, 2]


def test_a_long_render_is_not_repeated_without_a_rest(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        for _ in range(300):
            bench.edit()
            await bench.clock.advance(0.1)
        await bench.clock.advance(20.0)

    written = _on_bench(work, tmp_path, seconds=4.0).written
    assert 4 <= len(written) <= 6
    assert written[-1][1] == 300


def test_what_is_left_alone_is_not_written_once_more(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        bench.edit()
        await bench.clock.advance(0.2)
        assert len(bench.written) == 2
        assert not bench.token.cancelled
        bench.following.unfollow(bench.session)
        assert bench.token.cancelled
        bench.edit()
        await bench.clock.advance(5.0)

    assert len(_on_bench(work, tmp_path, seconds=1.0).written) == 2


def test_an_edit_of_another_grid_writes_nothing(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        other = bench.sessions.open("other", bench.session.model, bench.session.grid.codes)
        bench.edit(other)
        await bench.clock.advance(5.0)

    assert len(_on_bench(work, tmp_path).written) == 1


def test_a_new_snapshot_of_the_model_writes_its_grids_again(tmp_path: Path):
    async def work(bench: _Bench) -> None:
        bench.following.model_changed("another")
        await bench.clock.advance(5.0)
        assert len(bench.written) == 1
        bench.following.model_changed("starter")
        await bench.clock.advance(5.0)

    assert len(_on_bench(work, tmp_path).written) == 2
