"""Keeps the sound of every open grid up to date: what changed is rendered again, in pieces.

Each grid, and each level of one that is heard alone, has a buffer of audio and a set of columns
that are stale. Pieces of them go to the live worker, one at a time. Edits come first, the latest
ahead of others, but every third time the one that has waited longest: so a flood of edits of one
place, which costs one window at a time, holds up no other place and no other grid. What else is
stale has its turn in between, beginning where it will be heard soonest.

When columns come or go the buffer is composed anew on a thread; nothing waits for it but the grid
itself.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sdaudio.errors import SdaudioError, StateError
from sdaudio.grid import Change
from sdaudio.tasks.requests import Decoded, DecodeWindow, Warm, WarmRender

from .buffers import Audio, Buffer, PlainBuffer, Splices
from .jobs import Cancelled, Lanes
from .sessions import Session, render_span
from .stale import Span, StaleColumns

logger = logging.getLogger(__name__)

PIECE_COLUMNS = 64
"""Columns rendered in one request at the most (1.4 s, some 16 ms): so long may an edit wait."""
FADE_SAMPLES = 256
"""How long a window fades into what has not been rendered anew yet."""
_FADE = (0.5 - 0.5 * np.cos(np.pi * (np.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES)).astype(
    np.float32
)
_RETRIES = 2
_ENOUGH_PIECES = 8
_OLDEST_EVERY = 3
_EDITS_IN_A_ROW = 6
"""After so many a piece of what else is stale has its turn, or a flood would hold it up."""


class Part(NamedTuple):
    """What has a sound of its own: a grid with the levels that are not muted, or one level."""

    session: Session
    level: int | None = None

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels that are heard."""
        return self.session.active_levels if self.level is None else (self.level,)


@dataclass(eq=False, slots=True)
class Rendered:
    """The sound of one part, and what of it is not true any more."""

    part: Part
    buffer: Buffer = field(default_factory=PlainBuffer)
    stale: StaleColumns = field(default_factory=StaleColumns)
    under_way: Span | None = None
    """The columns that a worker renders now; None again when the buffer is composed anew."""
    splices: Splices | None = None
    """Columns that came and went since the buffer was composed."""
    composing: asyncio.Task[None] | None = None
    near: int = 0
    """Where to go on rendering when nobody listens."""
    turn: int = 0
    """When a piece of it was rendered last."""
    retries: int = _RETRIES
    failure: SdaudioError | None = None
    """Why it is not rendered; until the next change, or until somebody asks again."""
    arrival: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by a new one, whenever there is news."""

    @property
    def is_whole(self) -> bool:
        """Whether the buffer has its length."""
        return self.splices is None and self.composing is None

    @property
    def is_ready(self) -> bool:
        """Whether windows may be written."""
        return self.is_whole and self.failure is None

    def is_fresh(self, start: int, stop: int) -> bool:
        """Whether the audio of columns [start, stop) is what the codes say."""
        flying = self.under_way
        is_flying = flying is not None and flying[0] < stop and start < flying[1]
        return self.is_whole and not is_flying and not self.stale.overlaps(start, stop)

    def interrupt(self) -> None:
        """Take back what a worker renders now: what comes back will not fit."""
        if self.under_way:
            self.stale.add(*self.under_way)
            self.under_way = None

    def announce_arrival(self) -> None:
        """Wake everybody who waits."""
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
        self._rendered: dict[Part, Rendered] = {}
        # What was edited or is waited for, the latest last.
        self._edits: dict[tuple[Rendered, Span], None] = {}
        self._edits_in_a_row = 0
        self._turns = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self.on_window: Callable[[Part, int, int], None] = lambda _part, _first, _length: None
        """Called with a part, the first sample and the number of samples that were written."""
        self.on_resize: Callable[[Part], None] = lambda _part: None
        """Called with a part when its buffer has another length."""
        self.listener: Callable[[Part], int | None] = lambda _part: None
        """Returns the column of a part that is heard next, None when nobody listens."""

    def __contains__(self, part: Part) -> bool:
        """Whether the sound of a part is kept up to date."""
        return part in self._rendered

    def changed(self, session: Session, change: Change) -> None:
        """Note a change of codes and render it soon; all of a grid that is new here."""
        known = self._of(session)
        self._open(Part(session))
        span = render_span(change)
        for rendered in known:
            if change.resizes:
                self._resize(rendered, change)
            if span:
                self._mark(rendered, *span)

    def levels_changed(self, session: Session) -> None:
        """Render a whole grid again because other levels are heard."""
        if Part(session) in self._rendered:
            self._mark_all(self._rendered[Part(session)])

    def model_changed(self, name: str) -> None:
        """Render every grid of a model again because its file is another one."""
        for part, rendered in self._rendered.items():
            if part.session.model.name == name:
                self._mark_all(rendered)

    def open_level(self, session: Session, level: int) -> None:
        """Keep the sound of one level alone, too, until `close_level`."""
        self._open(Part(session, level))

    def close_level(self, session: Session, level: int) -> None:
        """Drop the sound of one level alone."""
        self._forget(Part(session, level))

    def forget(self, session: Session) -> None:
        """Drop the sounds of a closed grid."""
        for rendered in self._of(session):
            self._forget(rendered.part)

    def warm(self, model: Path) -> None:
        """Let the workers load a model ahead of the first request for it."""
        for request in (Warm(model), WarmRender(model)):
            task = asyncio.get_running_loop().create_task(self._lanes.run(request))
            self._warming.add(task)
            task.add_done_callback(self._warmed)

    async def audio(
        self,
        session: Session,
        start: int = 0,
        columns: int = 0,
        level: int | None = None,
        *,
        patience_s: float | None = None,
    ) -> Audio:
        """Wait until some columns sound as their codes say, and return the whole buffer.

        Args:
            session: the grid.
            start: first column that must be up to date; rendering goes on there.
            columns: how many, 0 for all to the end.
            level: one that was opened with `open_level`; None for the grid, which is rendered from
                now on if it was not.
            patience_s: after so long, and several pieces, the columns are taken as they are: where
                edits come without a pause, there may be no moment in which all of them are true.

        Returns:
            (sample,) of the whole grid; neither a copy nor to be kept. Other columns may still be
            rendered.

        Raises:
            SdaudioError: it cannot be rendered.
        """
        if level is None:
            self._open(Part(session))
        rendered = self._rendered[Part(session, level)]
        rendered.failure = None
        reach = session.model.header.codec.decoder_reach
        first = max(0, start - reach)
        began_s, n_arrivals = asyncio.get_running_loop().time(), 0
        while True:
            last = session.grid.n_columns
            if columns:
                last = min(last, start + columns + reach)
            if rendered.is_fresh(first, last):
                return rendered.buffer.audio
            rendered.near = first
            self._ask_for(rendered, first, last)
            await rendered.arrival.wait()
            n_arrivals += 1
            if rendered.failure:
                raise rendered.failure
            if self._rendered.get(rendered.part) is not rendered:
                raise StateError(f"Grid '{session.name}' was closed meanwhile.")
            waited_s = asyncio.get_running_loop().time() - began_s
            is_late = patience_s is not None and waited_s > patience_s
            if is_late and n_arrivals > _ENOUGH_PIECES and rendered.is_whole:
                return rendered.buffer.audio

    def current(self, session: Session) -> Audio:
        """The whole buffer of a grid as it is now, fresh or not; neither a copy nor to be kept."""
        return self._rendered[Part(session)].buffer.audio

    async def keep_in(self, part: Part, buffer: Buffer) -> None:
        """Move the sound of a part to another place.

        Raises:
            SdaudioError: the place cannot be had; the sound stays where it is.
        """
        rendered = self._rendered[part]
        while not rendered.is_whole:
            await rendered.arrival.wait()
        rendered.interrupt()
        task = asyncio.get_running_loop().create_task(_copy(rendered, buffer))
        rendered.composing = task
        try:
            # whoever asked may go; half a move is none
            await asyncio.shield(task)
        finally:
            if task.done():
                self._moved(rendered)
            else:
                task.add_done_callback(lambda _task: self._moved(rendered))

    async def close(self) -> None:
        """End all rendering."""
        tasks = [rendered.composing for rendered in self._rendered.values() if rendered.composing]
        if self._task:
            self._task.cancel()
            tasks.append(self._task)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _open(self, part: Part) -> None:
        if part in self._rendered:
            return
        n_columns = part.session.grid.n_columns
        rendered = self._rendered[part] = Rendered(part)
        rendered.splices = Splices(0)
        rendered.splices.add(0, 0, n_columns)
        rendered.stale.add(0, n_columns)
        self._compose(rendered)

    def _of(self, session: Session) -> list[Rendered]:
        return [known for part, known in self._rendered.items() if part.session is session]

    def _forget(self, part: Part) -> None:
        rendered = self._rendered.pop(part, None)
        if rendered:
            rendered.interrupt()
            rendered.announce_arrival()
            self._edits = {key: None for key in self._edits if key[0] is not rendered}

    def _resize(self, rendered: Rendered, change: Change) -> None:
        removed, inserted = change.before.shape[1], change.after.shape[1]
        rendered.interrupt()
        if rendered.splices is None:
            rendered.splices = Splices(rendered.part.session.grid.n_columns - inserted + removed)
        rendered.splices.add(change.column, removed, inserted)
        rendered.stale.splice(change.column, removed, inserted)
        # The columns beside a cut have other neighbours now, and noise goes by the place in the
        # grid. Until they are rendered, the columns behind sound as before, which is hardly wrong.
        first = max(0, change.column - 1)
        self._mark(rendered, first, rendered.part.session.grid.n_columns)
        self._compose(rendered)

    def _mark_all(self, rendered: Rendered) -> None:
        rendered.stale.add(0, rendered.part.session.grid.n_columns)
        rendered.near, rendered.failure = 0, None
        self._start()

    def _mark(self, rendered: Rendered, start: int, stop: int) -> None:
        rendered.failure = None
        rendered.stale.add(start, stop)
        rendered.near = start
        self._ask_for(rendered, start, stop)

    def _ask_for(self, rendered: Rendered, start: int, stop: int) -> None:
        """Render the first stale piece of [start, stop) as soon as edits made before are."""
        span = rendered.stale.first_within(start, stop)
        if span is not None:
            edit = rendered, (span[0], min(span[1], span[0] + PIECE_COLUMNS))
            self._edits.pop(edit, None)
            self._edits[edit] = None
        self._start()

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        try:
            while (chosen := self._choose()) is not None:
                rendered, span = chosen
                rendered.turn = next(self._turns)
                try:
                    await self._render(rendered, span)
                except SdaudioError as error:
                    session = rendered.part.session
                    logger.warning("cannot render grid '%s': %s", session.name, error)
                    rendered.failure = error
                rendered.announce_arrival()
        except Cancelled:
            logger.debug("rendering ends with its worker")
        finally:
            self._task = None

    def _choose(self) -> tuple[Rendered, Span] | None:
        """The next piece to render, taken out of what is stale."""
        waiting = [known for known in self._rendered.values() if known.is_ready and known.stale]
        if self._edits_in_a_row < _EDITS_IN_A_ROW or not waiting:
            edit = self._next_edit()
            if edit is not None:
                self._edits_in_a_row += 1
                return edit
        self._edits_in_a_row = 0
        if not waiting:
            return None
        heard = {known: self.listener(known.part) for known in waiting}
        chosen = min(waiting, key=lambda known: (heard[known] is None, known.turn))
        column = heard[chosen]
        span = chosen.stale.take(chosen.near if column is None else column, PIECE_COLUMNS)
        chosen.near = span[1]
        return chosen, span

    def _next_edit(self) -> tuple[Rendered, Span] | None:
        is_turn_of_oldest = self._edits_in_a_row % _OLDEST_EVERY == _OLDEST_EVERY - 1
        waiting = list(self._edits) if is_turn_of_oldest else list(reversed(self._edits))
        for rendered, span in waiting:
            if not rendered.is_ready:
                continue
            del self._edits[rendered, span]
            if rendered.stale.overlaps(*span):
                return rendered, rendered.stale.take(span[0], PIECE_COLUMNS)
        return None

    async def _render(self, rendered: Rendered, span: Span) -> None:
        try:
            window = await self._window(rendered, *span)
        except SdaudioError as error:
            rendered.stale.add(*span)
            rendered.retries -= 1
            if rendered.retries < 0 or error.code != "job":
                rendered.retries = _RETRIES
                raise
            return
        except Cancelled:
            rendered.stale.add(*span)
            raise
        if window is None or rendered.part not in self._rendered:
            return
        rendered.retries = _RETRIES
        first, audio = window
        rendered.buffer.write(first, _joined(rendered, first, audio))
        self.on_window(rendered.part, first, len(audio))

    async def _window(self, rendered: Rendered, start: int, stop: int) -> tuple[int, Audio] | None:
        """Render columns in the worker; None when the buffer was composed anew meanwhile."""
        session = rendered.part.session
        # what is heard of the change reaches so far, and as far again reaches what sounds with it
        context = 2 * session.model.header.codec.decoder_reach
        low, high = max(0, start - context), min(session.grid.n_columns, stop + context)
        codes = session.grid.codes[:, low:high].copy()
        request = DecodeWindow(
            session.model.path, codes, rendered.part.levels, start - low, stop - low, low
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

    def _compose(self, rendered: Rendered) -> None:
        """Compose a buffer anew on a thread, and once more if its length changes meanwhile."""
        if rendered.composing is None:
            rendered.composing = asyncio.get_running_loop().create_task(self._carry_out(rendered))

    async def _carry_out(self, rendered: Rendered) -> None:
        column_length = rendered.part.session.model.column_length
        try:
            while (splices := rendered.splices) is not None:
                rendered.splices = None
                await asyncio.to_thread(_splice, rendered.buffer, splices, column_length)
                self.on_resize(rendered.part)
        except SdaudioError as error:
            logger.warning("cannot keep grid '%s': %s", rendered.part.session.name, error)
            rendered.failure = error
        finally:
            rendered.composing = None
            rendered.announce_arrival()
        self._start()

    def _moved(self, rendered: Rendered) -> None:
        rendered.composing = None
        rendered.announce_arrival()
        if rendered.splices is not None:
            self._compose(rendered)
        self._start()

    def _warmed(self, task: asyncio.Task[object]) -> None:
        self._warming.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("cannot load a model ahead: %s", error)


def _splice(buffer: Buffer, splices: Splices, column_length: int) -> None:
    # The old samples are looked at inside, and not kept: their memory goes when the new is there.
    buffer.compose(
        splices.n_columns * column_length,
        lambda new: splices.carry_out(buffer.audio, new, column_length),
    )


async def _copy(rendered: Rendered, buffer: Buffer) -> None:
    before = rendered.buffer

    def fill(new: Audio) -> None:
        new[:] = before.audio

    await asyncio.to_thread(buffer.compose, len(before.audio), fill)
    rendered.buffer = buffer


def _joined(rendered: Rendered, first: int, audio: Audio) -> Audio:
    """Fade a window into what is still to be rendered beside it, where somebody may listen now.

    Both ends lie in columns that are stale, or sound the same before and after: nothing of the fade
    stays.
    """
    length = rendered.part.session.model.column_length
    start, stop = first // length, (first + len(audio)) // length
    is_left = rendered.stale.overlaps(start - 1, start)
    is_right = rendered.stale.overlaps(stop, stop + 1)
    if not is_left and not is_right:
        return audio
    old = rendered.buffer.audio[first : first + len(audio)]
    joined = audio.copy()
    if is_left:
        joined[:FADE_SAMPLES] += (old[:FADE_SAMPLES] - audio[:FADE_SAMPLES]) * _FADE[::-1]
    if is_right:
        joined[-FADE_SAMPLES:] += (old[-FADE_SAMPLES:] - audio[-FADE_SAMPLES:]) * _FADE
    return joined
