"""The sound kept for a grid is, after any edits, what a full render of its codes gives."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from mixing_desk import Desk

from sdaudio.errors import StateError
from sdaudio.grid import Change
from sdaudio.modelfile import Model, read_model, read_training_codes, write_model
from sdaudio.render import Renderer
from sdaudio.resources import starter_model
from sdaudio.settings import GridSettings, WorkerSettings
from sdaudio_server.buffers import PlainBuffer
from sdaudio_server.clients import Clients
from sdaudio_server.jobs import Lanes
from sdaudio_server.journal import Journal
from sdaudio_server.library import Library
from sdaudio_server.rendering import Part, Rendering
from sdaudio_server.sessions import Session, Sessions


class _Studio:
    def __init__(self, lanes: Lanes, folder) -> None:
        self.rendering = Rendering(lanes)
        self.library = Library(folder, {"starter": starter_model()})
        self.sessions = Sessions(GridSettings(), Clients(), Journal(None), self.library.model)
        self.sessions.on_change = self.rendering.changed
        self.sessions.on_levels = self.rendering.levels_changed
        self.model = self.library.load("starter")
        self.reference = Renderer(read_model(starter_model()))

    async def assert_fresh(self, session: Session) -> None:
        audio = await self.rendering.audio(session)
        codes = np.asarray(session.grid.codes)
        expected = self.reference.decode(codes, active=session.active_levels)
        np.testing.assert_array_equal(audio, expected)


@pytest.fixture
def in_studio(tmp_path) -> Callable[[Callable[[_Studio], Awaitable[None]]], None]:
    def run(work: Callable[[_Studio], Awaitable[None]]) -> None:
        async def main() -> None:
            lanes = Lanes(WorkerSettings())
            studio = _Studio(lanes, tmp_path)
            try:
                async with asyncio.timeout(60):
                    await work(studio)
            finally:
                await studio.rendering.close()
                await lanes.close()

        asyncio.run(main())

    return run


def _codes(columns: int) -> np.ndarray:
    codes = np.concatenate(read_training_codes(starter_model()), axis=1)
    return np.resize(codes, (codes.shape[0], columns))


def test_a_new_grid_is_rendered_by_itself(in_studio):
    async def work(studio: _Studio) -> None:
        await studio.assert_fresh(studio.sessions.open("a", studio.model, _codes(300)))

    in_studio(work)


def test_random_edits_leave_the_sound_of_a_full_render(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(80))
        rng = np.random.default_rng(1)
        for number in range(24):
            n = session.grid.n_columns
            level, column = int(rng.integers(session.grid.n_levels)), int(rng.integers(n - 3))
            kind = number % 4
            if kind < 2:
                new = rng.integers(0, session.grid.codebook_size, (1, 3))
                change = session.grid.change_to(level, column, new)
            elif kind == 2:
                change = session.grid.replacement(column, 0, session.grid.codes[:, :4])
            else:
                change = session.grid.replacement(column, 3, session.grid.codes[:, :0])
            studio.sessions.edit((session, change))
            if number % 3 == 0:
                await asyncio.sleep(0.005)
        await studio.assert_fresh(session)
        while session.history.n_undo:
            studio.sessions.undo(session)
        await studio.assert_fresh(session)

    in_studio(work)


def test_the_sound_is_not_handed_out_while_its_last_window_is_under_way(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(40))
        # the window has been sent to the worker, which is still starting
        await asyncio.sleep(0.01)
        await studio.assert_fresh(session)

    in_studio(work)


def test_muting_a_level_renders_without_it(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(40))
        before = (await studio.rendering.audio(session)).copy()
        studio.sessions.set_levels(session, 0, mute=True, solo=None)
        await studio.assert_fresh(session)
        assert not np.array_equal(await studio.rendering.audio(session), before)

    in_studio(work)


def test_one_edit_sends_one_window_and_not_the_whole_sound(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(400))
        await studio.rendering.audio(session)
        windows = []
        studio.rendering.on_window = lambda _part, first, length: windows.append((first, length))
        code = (int(session.grid.codes[0, 200]) + 1) % session.grid.codebook_size
        studio.sessions.edit((session, session.grid.change_to(0, 200, np.array([[code]]))))
        await studio.assert_fresh(session)
        [(first, length)] = windows
        assert first <= 200 * 1024 < first + length
        assert length <= 21 * 1024

    in_studio(work)


def test_two_edits_far_apart_do_not_render_what_lies_between(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(600))
        await studio.rendering.audio(session)
        windows = []
        studio.rendering.on_window = lambda _part, _first, length: windows.append(length // 1024)
        with studio.sessions.batch():
            for column in (20, 500):
                code = (int(session.grid.codes[0, column]) + 1) % session.grid.codebook_size
                change = session.grid.change_to(0, column, np.array([[code]]))
                studio.sessions.edit((session, change))
        await studio.assert_fresh(session)
        assert len(windows) == 2
        assert max(windows) <= 21

    in_studio(work)


def _columns_rendered_after_an_insertion(in_studio, column: int) -> set[int]:
    rendered = set()

    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(400))
        await studio.rendering.audio(session)
        studio.rendering.on_window = lambda _part, first, length: rendered.update(
            range(first // 1024, (first + length) // 1024)
        )
        columns = session.grid.codes[:, :4]
        studio.sessions.edit((session, session.grid.replacement(column, 0, columns)))
        await studio.assert_fresh(session)

    in_studio(work)
    return rendered


def test_columns_behind_an_insertion_sound_anew(in_studio):
    assert _columns_rendered_after_an_insertion(in_studio, 200) == set(range(195, 404))


def test_a_window_says_where_in_the_grid_its_codes_stand(in_studio, monkeypatch):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(300))
        lanes, requests = studio.rendering._lanes, []
        run = lanes.run
        monkeypatch.setattr(lanes, "run", lambda asked: requests.append(asked) or run(asked))
        await studio.assert_fresh(session)
        assert [asked.first_column for asked in requests] == [0, 56, 120, 184, 248]
        for asked in requests:
            place = slice(asked.first_column, asked.first_column + asked.codes.shape[1])
            np.testing.assert_array_equal(asked.codes, session.grid.codes[:, place])

    in_studio(work)


def test_a_long_sound_is_rendered_first_where_somebody_listens(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(4000))
        windows = []
        studio.rendering.on_window = lambda _part, first, _length: windows.append(first // 1024)
        audio = await studio.rendering.audio(session, 3000, 100)
        codes = np.asarray(session.grid.codes[:, 2980:3120])
        expected = studio.reference.decode(codes, first_column=2980)
        piece = audio[3000 * 1024 : 3100 * 1024]
        np.testing.assert_array_equal(piece, expected[20 * 1024 : 120 * 1024])
        assert len(windows) <= 3

    in_studio(work)


def test_a_worker_that_dies_while_rendering_costs_nothing(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(600))
        lane = studio.rendering._lanes["live"]
        while not lane.alive:
            await asyncio.sleep(0.01)
        lane._worker.kill()
        await studio.assert_fresh(session)

    in_studio(work)


def test_what_is_rendered_anew_fades_into_what_is_not_yet(in_studio, tmp_path):
    plain = read_model(starter_model())
    inverted = dict(plain.tensors)
    # the same sound upside down: where it meets the old one, a cut would be a jump
    bias = inverted["decoder.head.bias"].copy()
    bias[bias.size // 2 :] += np.pi
    inverted["decoder.head.bias"] = bias

    async def work(studio: _Studio) -> None:
        write_model(tmp_path / "mine.sda", plain)
        session = studio.sessions.open("a", studio.library.load("mine"), _codes(500))
        before = (await studio.rendering.audio(session)).copy()
        rendered = studio.rendering._rendered[Part(session)]
        seams = []

        def look(_part: Part, first: int, length: int) -> None:
            heard, end = rendered.buffer.audio, first + length
            if rendered.stale.overlaps(first // 1024 - 1, first // 1024):
                seams.append(heard[first] - before[first])
            if rendered.stale.overlaps(end // 1024, end // 1024 + 1):
                seams.append(heard[end - 1] - before[end - 1])

        studio.rendering.on_window = look
        write_model(tmp_path / "mine.sda", Model(plain.header, inverted))
        studio.rendering.model_changed("mine")
        await studio.rendering.audio(session, 200, 20)
        after = await studio.rendering.audio(session)

        assert len(seams) >= 4
        assert np.abs(seams).max() < 1e-3
        expected = Renderer(Model(plain.header, inverted)).decode(session.grid.codes)
        np.testing.assert_array_equal(after, expected)

    in_studio(work)


def test_a_loop_goes_on_without_a_click_while_its_model_gets_better(in_studio, tmp_path):
    chance = np.random.default_rng(3)
    plain = read_model(starter_model())
    better = Model(
        plain.header,
        {
            name: tensor * chance.uniform(0.8, 1.2, tensor.shape).astype(np.float32)
            if name.startswith("decoder.frame_blocks")
            else tensor
            for name, tensor in plain.tensors.items()
        },
    )

    async def work(studio: _Studio) -> None:
        write_model(tmp_path / "mine.sda", plain)
        session = studio.sessions.open("a", studio.library.load("mine"), _codes(300))
        desk = Desk()
        before = (await studio.rendering.audio(session)).copy()
        codes = session.grid.codes.copy()
        desk.sound(before)
        desk.play(loop=True)
        desk.run(len(before) + 100_000)
        step_before = desk.largest_step
        positions = []

        def hear(part: Part, first: int, length: int) -> None:
            positions.append(desk.mixer.position(0) - first)
            audio = studio.rendering.current(part.session)[first : first + length]
            desk.mixer.patch(0, first, audio)
            desk.run(1440)

        studio.rendering.on_window = hear
        write_model(tmp_path / "mine.sda", better)
        studio.rendering.model_changed("mine")
        after = await studio.rendering.audio(session)
        desk.run(30_000)
        step_meanwhile = desk.largest_step
        desk.run(2 * len(after))

        assert any(0 < position < 128 * 1024 for position in positions)
        np.testing.assert_array_equal(after, Renderer(better).decode(codes))
        np.testing.assert_array_equal(session.grid.codes, codes)
        assert not np.array_equal(before, after)
        step_after = max(step_before, float(np.abs(np.diff(after)).max()))
        assert step_meanwhile <= 1.05 * step_after

    in_studio(work)


def _change_code(session: Session, column: int) -> Change:
    code = (int(session.grid.codes[0, column]) + 1) % session.grid.codebook_size
    return session.grid.change_to(0, column, np.array([[code]]))


def test_a_flood_of_edits_holds_up_neither_other_places_nor_other_grids(in_studio):
    async def work(studio: _Studio) -> None:
        flooded = studio.sessions.open("a", studio.model, _codes(400))
        other = studio.sessions.open("b", studio.model, _codes(400))
        for session in (flooded, other):
            await studio.rendering.audio(session)
        windows = []
        studio.rendering.on_window = lambda part, first, length: windows.append(
            (part.session, range(first // 1024, (first + length) // 1024))
        )
        studio.sessions.edit((flooded, _change_code(flooded, 300)))
        studio.sessions.edit((other, _change_code(other, 200)))
        waited_for = [(flooded, 300), (other, 200)]
        while waited_for:
            # a thousand a second on one cell, as long as it takes
            studio.sessions.edit((flooded, _change_code(flooded, 10)))
            await asyncio.sleep(0.001)
            waited_for = [
                (session, column) for session, column in waited_for
                if not any(session is done and column in span for done, span in windows)
            ]  # fmt: skip
            assert len(windows) < 12
        await studio.assert_fresh(flooded)
        await studio.assert_fresh(other)

    in_studio(work)


def test_an_edit_waits_for_one_piece_of_a_long_grid_at_most(in_studio):
    async def work(studio: _Studio) -> None:
        short = studio.sessions.open("short", studio.model, _codes(60))
        await studio.rendering.audio(short)
        studio.sessions.open("long", studio.model, _codes(8000))
        await asyncio.sleep(0.2)
        windows = []
        studio.rendering.on_window = lambda part, _first, length: windows.append(
            (part.session.name, length // 1024)
        )
        studio.sessions.edit((short, _change_code(short, 20)))
        await studio.rendering.audio(short)
        names = [name for name, _ in windows]
        assert names.index("short") <= 1
        assert max(columns for _, columns in windows) <= 64 + 2 * 5

    in_studio(work)


def test_what_is_heard_is_rendered_before_the_rest(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(4000))
        studio.rendering.listener = lambda _part: 3000
        await studio.rendering.audio(session, 0, 60)
        firsts = []
        studio.rendering.on_window = lambda _part, first, _length: firsts.append(first // 1024)
        while len(firsts) < 3:
            await asyncio.sleep(0.01)
        assert all(2990 <= first < 3200 for first in firsts)

    in_studio(work)


def test_columns_that_come_and_go_do_not_hold_up_the_loop(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(30_000))
        await studio.rendering.audio(session, 0, 64)
        slowest = 0.0
        for number in range(6):
            change = session.grid.replacement(100 + number, 0, session.grid.codes[:, :1])
            began = time.perf_counter()
            studio.rendering.changed(session, _applied(session, change))
            slowest = max(slowest, time.perf_counter() - began)
            await asyncio.sleep(0.01)
        # 123 MB are copied meanwhile, 40 ms each time
        assert slowest < 0.01
        audio = await studio.rendering.audio(session, 80, 40)
        assert len(audio) == session.grid.n_columns * 1024
        expected = studio.reference.decode(session.grid.codes[:, 60:140], first_column=60)
        piece = audio[80 * 1024 : 120 * 1024]
        np.testing.assert_array_equal(piece, expected[20 * 1024 : 60 * 1024])

    in_studio(work)


def _applied(session: Session, change: Change) -> Change:
    session.grid.apply(change)
    return change


def test_the_sound_moves_to_another_place_with_the_edits_made_meanwhile(in_studio):
    class Slow(PlainBuffer):
        def compose(self, length, fill):
            time.sleep(0.05)
            super().compose(length, fill)

    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(80))
        await studio.rendering.audio(session)
        place = Slow()
        moving = asyncio.create_task(studio.rendering.keep_in(Part(session), place))
        await asyncio.sleep(0.01)
        studio.sessions.edit((session, _change_code(session, 40)))
        inserted = session.grid.replacement(20, 0, session.grid.codes[:, :3])
        studio.sessions.edit((session, inserted))
        await moving
        await studio.assert_fresh(session)
        np.testing.assert_array_equal(place.audio, studio.rendering.current(session))

    in_studio(work)


def test_a_level_alone_follows_edits_until_it_is_closed(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(80))
        studio.rendering.open_level(session, 1)
        studio.sessions.set_levels(session, 1, mute=True, solo=None)
        studio.sessions.edit((session, session.grid.replacement(20, 4, session.grid.codes[:, :7])))
        audio = await studio.rendering.audio(session, level=1)
        expected = studio.reference.decode(session.grid.codes, active=(1,))
        np.testing.assert_array_equal(audio, expected)
        studio.rendering.close_level(session, 1)
        assert Part(session, 1) not in studio.rendering

    in_studio(work)


def test_whoever_waits_for_a_grid_that_is_closed_is_told(in_studio):
    async def work(studio: _Studio) -> None:
        session = studio.sessions.open("a", studio.model, _codes(4000))
        waiting = asyncio.create_task(studio.rendering.audio(session))
        await asyncio.sleep(0.05)
        studio.rendering.forget(session)
        with pytest.raises(StateError, match="closed meanwhile"):
            await waiting

    in_studio(work)
