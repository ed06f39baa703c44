"""What is heard of a grid, at the speakers of a real sound server."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from jack_server import JackServer, wait_for

from sdaudio.errors import UsageError
from sdaudio.modelfile import read_model, read_training_codes
from sdaudio.render import Renderer
from sdaudio.resources import starter_model
from sdaudio.settings import GridSettings, PlaybackSettings, WorkerSettings
from sdaudio_server.clients import Clients
from sdaudio_server.jobs import Lanes
from sdaudio_server.library import Library
from sdaudio_server.rendering import Rendering
from sdaudio_server.sessions import Session, Sessions
from sdaudio_server.transport import Transport


class Stage:
    """The daemon's parts that make sound, and the server that it goes to."""

    def __init__(self, folder, server: JackServer) -> None:
        clients = Clients()
        self.lanes = Lanes(WorkerSettings())
        self.sessions = Sessions(GridSettings(), clients)
        self.rendering = Rendering(self.lanes)
        self.transport = Transport(
            PlaybackSettings(device="system"), self.rendering, self.lanes, clients, self.sessions
        )
        self.sessions.on_change = self.rendering.changed
        self.model = Library(folder, {"starter": starter_model()}).load("starter")
        self.reference = Renderer(read_model(starter_model()))
        self.server = server

    def open(self, name: str, columns: int) -> Session:
        codes = np.concatenate(read_training_codes(starter_model()), axis=1)
        return self.sessions.open(name, self.model, codes[:, :columns])

    def expected(self, session: Session) -> np.ndarray:
        return self.reference.decode(session.grid.codes)

    def edit(self, session: Session, column: int) -> None:
        code = (int(session.grid.codes[0, column]) + 1) % session.grid.codebook_size
        self.sessions.edit((session, session.grid.change_to(0, column, np.array([[code]]))))

    async def start(self) -> None:
        await self.transport.start()
        await asyncio.to_thread(self.server.listen)

    async def hears_loop(self, sound: np.ndarray) -> None:
        """Wait until a whole pass of a loop of a sound comes out, sample by sample."""
        for _ in range(20):
            if passes(await self.hear(2 * len(sound)), sound):
                return
        raise AssertionError("the loop was not heard")

    async def hear(self, n_samples: int) -> np.ndarray:
        """The next samples at the speakers, from now on."""
        begin = len(self.server.heard)
        await asyncio.to_thread(
            wait_for, lambda: len(self.server.heard) >= begin + n_samples, "sound"
        )
        return self.server.heard[begin : begin + n_samples]


@pytest.fixture
def on_stage(tmp_path, jack_server) -> Callable[[Callable[[Stage], Awaitable[None]]], None]:
    def run(work: Callable[[Stage], Awaitable[None]]) -> None:
        async def main() -> None:
            stage = Stage(tmp_path, jack_server)
            try:
                async with asyncio.timeout(60):
                    await stage.start()
                    await work(stage)
            finally:
                await stage.transport.close()
                await stage.rendering.close()
                await stage.lanes.close()

        asyncio.run(main())

    return run


def passes(heard: np.ndarray, sound: np.ndarray) -> bool:
    """Whether a whole pass of a loop of a sound is in what was heard, sample by sample."""
    return any(np.array_equal(heard[i : i + len(sound)], sound) for i in range(len(sound)))


def test_another_sound_stands_in_for_a_grid_in_phase_and_gives_way_to_later_edits(on_stage):
    async def work(stage: Stage) -> None:
        session = stage.open("a", 12)
        before = stage.expected(session)
        other = np.random.default_rng(0).uniform(-0.5, 0.5, len(before)).astype(np.float32)
        with pytest.raises(UsageError, match=f"{len(before)}. Cut it"):
            stage.transport.substitute(session, other[1:])
        await stage.transport.play(session, start=0, columns=0, loop=True)
        await stage.hear(len(before))
        stage.transport.substitute(session, other)
        await stage.hears_loop(other)
        stage.edit(session, 5)
        await stage.rendering.audio(session)
        assert passes(await stage.hear(2 * len(before)), other)
        stage.transport.substitute(session, None)
        await stage.hears_loop(stage.expected(session))
        # in phase: so many passes later the first is still where it was
        sounding = stage.server.sounding
        np.testing.assert_array_equal(sounding[: len(before)], before)
        rest = len(sounding) // len(before) - 1
        last = sounding[rest * len(before) : (rest + 1) * len(before)]
        np.testing.assert_array_equal(last, stage.expected(session))

    on_stage(work)
