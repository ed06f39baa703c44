"""What the codes of models sound like, as workers hear it, for the commands that ask.

What is heard of a whole model is asked for once per state of its file. Steps of columns wait for
each other, so that each begins where the last one ended.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path

import numpy as np

from sdaudio.errors import StateError
from sdaudio.grid import Codes, Grid, Region
from sdaudio.neighbours import CodeSounds, Direction
from sdaudio.tasks.freshness import state_of_file
from sdaudio.tasks.requests import ColumnsStepped, ListenToCodes, StepColumns

from .jobs import Lanes
from .library import LoadedModel
from .sessions import Session, Sessions

PIECE_COLUMNS = 16
"""Columns stepped in one request at the most (20 ms, 80 at worst); edits are rendered between."""
_CACHED_MODELS = 4
_TRIES = 3


class Descriptors:
    """Asks workers how codes sound.

    Args:
        lanes: where they work.
        sessions: the open grids.
    """

    def __init__(self, lanes: Lanes, sessions: Sessions) -> None:
        self._lanes = lanes
        self._sessions = sessions
        self._heard: OrderedDict[tuple[Path, tuple[int, int]], asyncio.Task[object]] = OrderedDict()
        self._stepping = asyncio.Lock()

    async def sounds(self, model: LoadedModel) -> CodeSounds:
        """How each code of a model sounds alone; measured when it is first asked for.

        Raises:
            SdaudioError: the model cannot be read, or the worker was lost.
        """
        key = (model.path, state_of_file(model.path))
        task = self._heard.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.get_running_loop().create_task(
                self._lanes.run(ListenToCodes(model.path))
            )
            # whoever asked may be gone when it fails
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._heard[key] = task
            if len(self._heard) > _CACHED_MODELS:
                self._heard.popitem(last=False)
        self._heard.move_to_end(key)
        sounds = await asyncio.shield(task)
        if not isinstance(sounds, CodeSounds):
            raise TypeError(f"listening to codes was answered with {sounds!r}")
        return sounds

    async def step(
        self, name: str, region: Region, direction: Direction, *, steps: int, hand: Hashable
    ) -> tuple[int, int]:
        """Take the columns of a region some steps in a direction, as one step to undo.

        Args:
            name: of the grid.
            region: where.
            direction: which way.
            steps: how many, 1 or more.
            hand: who edits; in the middle of a gesture its step goes on.

        Returns:
            The revision after it, and how many columns changed.

        Raises:
            UsageError: there is no such grid, or the region is not inside it.
            StateError: others edit that place all the time.
        """
        async with self._stepping:
            for _ in range(_TRIES):
                session = self._sessions[name]
                before = session.grid.read(region)
                after = await self._stepped(session, region, direction, steps)
                still = self._sessions[name]
                if still is session and _holds(session.grid, region, before):
                    change = session.grid.change_to(region.level, region.column, after)
                    with self._sessions.batch(hand):
                        self._sessions.edit((session, change))
                    return session.grid.revision, int((after != before).any(axis=0).sum())
        raise StateError(
            f"Grid '{name}' was edited at that place meanwhile, {_TRIES} times. Step again."
        )

    async def _stepped(
        self, session: Session, region: Region, direction: Direction, steps: int
    ) -> Codes:
        codes = session.grid.codes.copy()
        # what is measured of a column reaches half a column further
        context = session.model.header.codec.decoder_reach + 1
        for _ in range(steps):
            for start in range(region.column, region.column + region.columns, PIECE_COLUMNS):
                stop = min(start + PIECE_COLUMNS, region.column + region.columns)
                low, high = max(0, start - context), min(codes.shape[1], stop + context)
                part = Region(region.level, region.levels, start - low, stop - start)
                stepped = await self._lanes.run(
                    StepColumns(session.model.path, codes[:, low:high], part, direction, low)
                )
                if not isinstance(stepped, ColumnsStepped):
                    raise TypeError(f"a step was answered with {stepped!r}")
                codes[region.level_slice, start:stop] = stepped.codes
        return codes[region.level_slice, region.column_slice]


def _holds(grid: Grid, region: Region, codes: Codes) -> bool:
    inside = region.column + region.columns <= grid.n_columns
    return inside and np.array_equal(grid.read(region), codes)
