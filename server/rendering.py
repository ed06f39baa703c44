"""Keeps the sound of every open grid up to date: what changed is rendered again, the latest first.

Each grid has a buffer of audio and a set of columns that are stale. Pieces of them go to the live
worker, one at a time, beginning where somebody edits or listens; when a window arrives it is
written in place. Edits that come meanwhile only add to the set, so that many edits of one place
cost one window more, not many.
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
from .stale import Span, StaleColumns

logger = logging.getLogger(__name__)

PIECE_COLUMNS = 128
"""Columns rendered in one request at the most (2.7 s, some 30 ms)."""
FADE_SAMPLES = 256
"""How long a window fades into what has not been rendered anew yet."""
_FADE = (0.5 - 0.5 * np.cos(np.pi * (np.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES)).astype(
    np.float32
)
_RETRIES = 2

Audio = NDArray[np.float32]


@dataclass(slots=True)
class Rendered:
    """The sound of one grid, and what of it is not true any more."""

    session: Session
    audio: Audio
    stale: StaleColumns = field(default_factory=StaleColumns)
    under_way: Span | None = None
    """The columns that a worker renders now; None again when the grid's length changed."""
    near: int = 0
    """Where to go on rendering: the place of the latest edit, or where somebody listens."""
    task: asyncio.Task[None] | None = None
    failure: SdaudioError | None = None
    arrival: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by a new one, whenever a window has arrived or rendering has ended."""

    def is_fresh(self, start: int, stop: int) -> bool:
        """Whether the audio of columns [start, stop) is what the codes say."""
        flying = self.under_way
        is_flying = flying is not None and flying[0] < stop and start < flying[1]
        return not is_flying and not self.stale.overlaps(start, stop)

    def announce_arrival(self) -> None:
        """Wake everybody who waits for audio."""
        self.arrival.set()
        self.arrival = asyncio.Event()


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

    async def audio(self, session: Session, start: int = 0, columns: int = 0) -> Audio:
        """Wait until some columns sound as their codes say, and return the whole buffer.

        Args:
            session: the grid.
            start: first column that must be up to date; rendering goes on there.
            columns: how many, 0 for all to the end.

        Returns:
            (sample,) of the whole grid; not a copy. Other columns may still be rendered.

        Raises:
            SdaudioError: it cannot be rendered.
        """
        rendered = self._rendered[session]
        stop = start + columns if columns else session.grid.n_columns
        reach = session.model.header.codec.decoder_reach
        first = max(0, start - reach)
        while not rendered.is_fresh(first, stop + reach):
            rendered.near = first
            arrival = rendered.arrival
            self._start(rendered)
            await arrival.wait()
            if rendered.failure:
                raise rendered.failure
        return rendered.audio

    def current(self, session: Session) -> Audio:
        """The whole buffer of a grid as it is now, fresh or not; not a copy."""
        return self._rendered[session].audio

    async def close(self) -> None:
        """End all rendering."""
        tasks = [rendered.task for rendered in self._rendered.values() if rendered.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _resize(self, rendered: Rendered, change: Change) -> None:
        length = rendered.session.model.column_length
        removed, inserted = change.before.shape[1], change.after.shape[1]
        cut, rest = change.column * length, (change.column + removed) * length
        old, middle = rendered.audio, np.zeros(inserted * length, np.float32)
        rendered.audio = np.concatenate((old[:cut], middle, old[rest:]))
        if rendered.under_way:
            # what comes back will not fit any more
            rendered.stale.add(*rendered.under_way)
            rendered.under_way = None
        rendered.stale.splice(change.column, removed, inserted)
        # The columns beside a cut have other neighbours now, and noise goes by the place in the
        # grid. Until they are rendered, the columns behind sound as before, which is hardly wrong.
        first = max(0, change.column - 1)
        self._mark(rendered, first, rendered.session.grid.n_columns)
        self.on_resize(rendered.session, rendered.audio)

    def _mark(self, rendered: Rendered, start: int, stop: int) -> None:
        rendered.stale.add(start, stop)
        rendered.near = start
        self._start(rendered)

    def _start(self, rendered: Rendered) -> None:
        if rendered.task is None and rendered.stale:
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
            rendered.announce_arrival()

    async def _render(self, rendered: Rendered) -> None:
        retries = _RETRIES
        while rendered.stale:
            start, stop = rendered.stale.take(rendered.near, PIECE_COLUMNS)
            rendered.near = stop
            try:
                window = await self._window(rendered, start, stop)
            except (SdaudioError, Cancelled) as error:
                rendered.stale.add(start, stop)
                retries -= 1
                if isinstance(error, Cancelled) or retries < 0 or error.code != "job":
                    raise
                continue
            if window is not None:
                first, audio = window
                audio = _joined(rendered, first, audio)
                rendered.audio[first : first + len(audio)] = audio
                self.on_window(rendered.session, first, audio)
                rendered.announce_arrival()

    async def _window(self, rendered: Rendered, start: int, stop: int) -> tuple[int, Audio] | None:
        """Render columns in the worker; None when the grid's length changed meanwhile."""
        session, grid = rendered.session, rendered.session.grid
        # what is heard of the change reaches so far, and as far again reaches what sounds with it
        context = 2 * session.model.header.codec.decoder_reach
        low, high = max(0, start - context), min(grid.n_columns, stop + context)
        codes = grid.codes[:, low:high].copy()
        request = DecodeWindow(
            session.model.path, codes, session.active_levels, start - low, stop - low, low
        )
        rendered.under_way = (start, stop)
        try:
            window = await self._lanes.run(request)
            still_fits = rendered.under_way is not None
        finally:
            rendered.under_way = None
        if not isinstance(window, Decoded):
            raise TypeError(f"a window was answered with {window!r}")
        if not still_fits:
            return None
        return (low + window.column) * session.model.column_length, window.audio

    def _warmed(self, task: asyncio.Task[object]) -> None:
        self._warming.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("cannot load a model ahead: %s", error)


def _joined(rendered: Rendered, first: int, audio: Audio) -> Audio:
    """Fade a window into what is still to be rendered beside it, where somebody may listen now.

    Both ends lie in columns that are stale, or sound the same before and after: nothing of the fade
    stays.
    """
    length = rendered.session.model.column_length
    start, stop = first // length, (first + len(audio)) // length
    old = rendered.audio[first : first + len(audio)]
    joined = audio.copy()
    if rendered.stale.overlaps(start - 1, start):
        joined[:FADE_SAMPLES] += (old[:FADE_SAMPLES] - audio[:FADE_SAMPLES]) * _FADE[::-1]
    if rendered.stale.overlaps(stop, stop + 1):
        joined[-FADE_SAMPLES:] += (old[-FADE_SAMPLES:] - audio[-FADE_SAMPLES:]) * _FADE
    return joined
