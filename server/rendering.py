"""Keeps the sound of every open grid up to date: what changed is rendered again, the latest wins.

Each grid has a buffer of audio and one range of columns that are out of date. While a window is
being rendered further edits widen the range; when the window arrives it is written in place and
the next one is sent. Long ranges go in pieces, so that nobody waits behind a whole sound.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import SdaudioError
from sdaudio.grid import Change
from sdaudio.tasks.requests import Decoded, DecodeWindow, Warm, WarmRender

from .jobs import Cancelled, Lanes
from .sessions import Session, render_span

logger = logging.getLogger(__name__)

CONTEXT_COLUMNS = 10
"""Columns on each side of a change that a window needs: twice the decoder's reach."""
PIECE_COLUMNS = 128
"""Columns rendered in one request at the most (2.7 s, some 30 ms)."""
_RETRIES = 2

Audio = NDArray[np.float32]


@dataclass(slots=True)
class Rendered:
    """The sound of one grid. Columns [start, stop) of it are out of date."""

    session: Session
    audio: Audio
    start: int = 0
    stop: int = 0
    task: asyncio.Task[None] | None = None
    failure: SdaudioError | None = None
    fresh: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_marked(self) -> bool:
        """Whether columns wait to be sent to a worker."""
        return self.start < self.stop

    @property
    def is_fresh(self) -> bool:
        """Whether the audio is what the codes say: nothing waits and nothing is under way."""
        return not self.is_marked and self.task is None


class Rendering:
    """The rendered sound of all open grids.

    Args:
        lanes: where windows are rendered.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._warming: set[asyncio.Task[object]] = set()
        self._rendered: dict[Session, Rendered] = {}
        self.on_window: Callable[[Session, int, Audio], None] = lambda _s, _first, _audio: None
        """Called with a session, the first sample and the samples that were written."""
        self.on_resize: Callable[[Session, Audio], None] = lambda _s, _audio: None
        """Called with a session and its whole buffer when that has another length."""

    def changed(self, session: Session, change: Change) -> None:
        """Note a change of codes and render it soon."""
        rendered = self._rendered.get(session)
        if rendered is None:
            audio = np.zeros(0, np.float32)
            rendered = self._rendered[session] = Rendered(session, audio)
        if change.resizes:
            self._resize(rendered, change)
        span = render_span(change)
        if span:
            self._mark(rendered, *span)

    def levels_changed(self, session: Session) -> None:
        """Render a whole grid again because other levels are heard."""
        if session in self._rendered:
            self._mark(self._rendered[session], 0, session.grid.n_columns)

    def model_changed(self, name: str) -> None:
        """Render every grid of a model again because its file is another one."""
        for session in self._rendered:
            if session.model.name == name:
                self.levels_changed(session)

    def forget(self, session: Session) -> None:
        """Drop the sound of a closed grid."""
        rendered = self._rendered.pop(session, None)
        if rendered and rendered.task:
            rendered.task.cancel()

    def warm(self, model: Path) -> None:
        """Let the workers load a model ahead of the first request for it."""
        for request in (Warm(model), WarmRender(model)):
            task = asyncio.get_running_loop().create_task(self._lanes.run(request))
            self._warming.add(task)
            task.add_done_callback(self._warmed)

    def _warmed(self, task: asyncio.Task[object]) -> None:
        self._warming.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("cannot load a model ahead: %s", error)

    async def audio(self, session: Session) -> Audio:
        """Wait until a grid's sound is up to date and return it, (sample,); not a copy.

        Raises:
            SdaudioError: it cannot be rendered.
        """
        rendered = self._rendered[session]
        while not rendered.is_fresh:
            if rendered.task is None:
                self._start(rendered)
            await rendered.fresh.wait()
            if rendered.failure:
                raise rendered.failure
        return rendered.audio

    async def close(self) -> None:
        """End all rendering."""
        tasks = [rendered.task for rendered in self._rendered.values() if rendered.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _resize(self, rendered: Rendered, change: Change) -> None:
        length = rendered.session.model.column_length
        cut = change.column * length
        rest = cut + change.before.shape[1] * length
        middle = np.zeros(change.after.shape[1] * length, np.float32)
        old = rendered.audio
        rendered.audio = np.concatenate((old[:cut], middle, old[rest:]))
        if rendered.is_marked:
            # what was out of date behind the change has moved; the safe range covers both
            rendered.start = min(rendered.start, change.column)
            rendered.stop = rendered.session.grid.n_columns
        # the columns beside a cut sound different because their neighbours are others now
        first = max(0, change.column - 1)
        last = min(rendered.session.grid.n_columns, change.column + change.after.shape[1] + 1)
        self._mark(rendered, first, last)
        self.on_resize(rendered.session, rendered.audio)

    def _mark(self, rendered: Rendered, start: int, stop: int) -> None:
        if rendered.is_marked:
            rendered.start = min(rendered.start, start)
            rendered.stop = max(rendered.stop, stop)
        else:
            rendered.start, rendered.stop = start, stop
        rendered.failure = None
        if rendered.is_fresh:
            rendered.fresh.set()
            return
        rendered.fresh.clear()
        if rendered.task is None:
            self._start(rendered)

    def _start(self, rendered: Rendered) -> None:
        rendered.fresh.clear()
        rendered.failure = None
        rendered.task = asyncio.get_running_loop().create_task(self._work(rendered))

    async def _work(self, rendered: Rendered) -> None:
        try:
            await self._render(rendered)
        except SdaudioError as error:
            logger.warning("cannot render grid '%s': %s", rendered.session.name, error)
            rendered.failure = error
        finally:
            rendered.task = None
            rendered.fresh.set()

    async def _render(self, rendered: Rendered) -> None:
        retries = _RETRIES
        while rendered.is_marked:
            session, grid = rendered.session, rendered.session.grid
            start, stop = rendered.start, min(rendered.stop, rendered.start + PIECE_COLUMNS)
            low = max(0, start - CONTEXT_COLUMNS)
            high = min(grid.n_columns, stop + CONTEXT_COLUMNS)
            request = DecodeWindow(
                session.model.path,
                grid.codes[:, low:high].copy(),
                session.active_levels,
                start - low,
                stop - low,
            )
            buffer = rendered.audio
            rendered.start = stop
            try:
                window = await self._lanes.run(request)
            except (SdaudioError, Cancelled) as error:
                rendered.start = min(rendered.start, start)
                retries -= 1
                if isinstance(error, Cancelled) or retries < 0 or error.code != "job":
                    raise
                continue
            if not isinstance(window, Decoded):
                raise TypeError(f"a window was answered with {window!r}")
            if buffer is not rendered.audio:
                # columns came or went meanwhile: the window's place is not certain any more
                rendered.start, rendered.stop = 0, grid.n_columns
                continue
            first = (low + window.column) * session.model.column_length
            rendered.audio[first : first + len(window.audio)] = window.audio
            self.on_window(session, first, window.audio)
