"""Steps by ear while others edit, and what is asked of a model once; the worker is a fake."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sessions_alone import MODEL, random_codes

from sdaudio.errors import JobError, StateError, UsageError
from sdaudio.grid import Region
from sdaudio.neighbours import CodeSounds
from sdaudio.tasks.requests import ColumnsStepped, ListenToCodes, StepColumns
from sdaudio_server.descriptors import PIECE_COLUMNS, Descriptors

REGION = Region(0, 1, 4, 2)


class FakeLanes:
    """A worker that counts every code of a region up by one."""

    def __init__(self) -> None:
        self.requests: list[object] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.listened: Callable[[], CodeSounds] = lambda: CodeSounds(
            np.zeros((3, 64), np.float32), np.zeros((3, 64), np.float32)
        )

    async def run(self, request: object) -> object:
        self.requests.append(request)
        await asyncio.sleep(0)
        self.meanwhile()
        if isinstance(request, ListenToCodes):
            return self.listened()
        assert isinstance(request, StepColumns)
        region = request.region
        return ColumnsStepped(request.codes[region.level_slice, region.column_slice] + 1)


@pytest.fixture
def lanes() -> FakeLanes:
    return FakeLanes()


@pytest.fixture
def session(sessions):
    return sessions.open("a", MODEL, random_codes(100) % 32)


def _step(lanes, sessions, region=REGION, steps=1):
    return asyncio.run(
        Descriptors(lanes, sessions).step("a", region, "brighter", steps=steps, hand=None)
    )


def test_a_long_region_goes_in_pieces_and_is_one_step(lanes, sessions, session):
    before = session.grid.codes.copy()
    region = Region(1, 2, 10, 3 * PIECE_COLUMNS)
    assert _step(lanes, sessions, region, steps=2) == (1, 3 * PIECE_COLUMNS)
    assert len(lanes.requests) == 6
    assert max(request.region.columns for request in lanes.requests) == PIECE_COLUMNS
    assert all(
        request.first_column + request.region.column in range(10, 58) for request in lanes.requests
    )
    np.testing.assert_array_equal(session.grid.read(region), before[1:, 10:58] + 2)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_a_step_begins_again_where_somebody_edited_meanwhile(lanes, sessions, session):
    def edit_once() -> None:
        lanes.meanwhile = lambda: None
        sessions.edit((session, session.grid.change_to(0, 4, np.array([[50]]))))

    lanes.meanwhile = edit_once
    _step(lanes, sessions)
    assert session.grid.codes[0, 4] == 51
    assert len(lanes.requests) == 2


def test_an_edit_elsewhere_does_not_disturb_a_step(lanes, sessions, session):
    lanes.meanwhile = lambda: sessions.edit(
        (session, session.grid.change_to(2, 4, np.array([[9]])))
    )
    _step(lanes, sessions)
    assert len(lanes.requests) == 1
    assert session.grid.codes[2, 4] == 9


def test_where_somebody_edits_all_the_time_a_step_gives_up(lanes, sessions, session):
    lanes.meanwhile = lambda: sessions.edit(
        (session, session.grid.change_to(0, 4, (session.grid.codes[:1, 4:5] + 1) % 64))
    )
    with pytest.raises(StateError, match="edited at that place meanwhile"):
        _step(lanes, sessions)


def test_a_grid_that_is_closed_or_cut_short_meanwhile_is_named(lanes, sessions, session):
    def shorten() -> None:
        lanes.meanwhile = lambda: sessions.close("a")
        sessions.edit((session, session.grid.replacement(5, 95, session.grid.codes[:, :0])))

    lanes.meanwhile = shorten
    with pytest.raises(UsageError, match="columns is 2 from column 4; allowed are 1 to 1"):
        _step(lanes, sessions)
    with pytest.raises(UsageError, match="no grid 'a'"):
        _step(lanes, sessions, Region(0, 1, 0, 1))


def test_a_model_is_listened_to_once_for_each_state_of_its_file(lanes, sessions, tmp_path):
    model = replace(MODEL, path=tmp_path / "bells.sda")
    model.path.write_bytes(b"one")

    async def ask() -> None:
        descriptors = Descriptors(lanes, sessions)
        await asyncio.gather(*(descriptors.sounds(model) for _ in range(5)))
        await descriptors.sounds(model)
        assert len(lanes.requests) == 1
        os.utime(model.path, (1, 1))
        await descriptors.sounds(model)
        assert len(lanes.requests) == 2

    asyncio.run(ask())


def test_a_worker_that_was_lost_is_asked_again(lanes, sessions):
    good = lanes.listened

    def fail() -> CodeSounds:
        lanes.listened = good
        raise JobError("the worker was lost")

    async def ask() -> None:
        descriptors = Descriptors(lanes, sessions)
        with pytest.raises(JobError):
            await descriptors.sounds(MODEL)
        assert isinstance(await descriptors.sounds(MODEL), CodeSounds)

    lanes.listened = fail
    asyncio.run(ask())
