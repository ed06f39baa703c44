"""Play, loop, scrub and stop grids, preview single codes and columns.

It brings the sound of what is to be heard to playback, and lets `stage` play it. What is asked for
at a moment (that of a dated bundle) playback does then, to the sample.
"""

import asyncio
import itertools
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress

from sdaudio.errors import DeviceError, SdaudioError, StateError, UsageError
from sdaudio.grid import Region
from sdaudio.settings import PlaybackSettings

from .buffers import Audio
from .clients import Clients
from .jobs import Lanes
from .library import LoadedModel
from .notes import Notes
from .playback import PlaybackInfo
from .player import Player
from .previews import Previews
from .rendering import Part, Rendering
from .sessions import Session, Sessions
from .stage import TICK_S, Stage
from .tracks import Track, VoiceBuffer
from .wire import Argument

logger = logging.getLogger(__name__)

PREVIEW_COLUMNS = 12
"""A previewed moment is held this long (256 ms at 48 kHz), or it would be a mere click."""
_PATIENCE_S = 0.5
"""How long a start waits until all that is heard first is true, where edits do not pause."""
LEAD_COLUMNS = 64
"""A long sound begins to play when so many columns are rendered (1.4 s at 48 kHz); the rest
follows many times faster than it is played."""
_SCRUB_COLUMNS = 4
"""Columns on both sides of a hand that must be up to date."""
_IDLE_S = 0.25


class Transport:
    """What is heard.

    Args:
        settings: the sound card.
        rendering: where the sound of grids comes from.
        lanes: where previews are rendered.
        clients: who hears about playheads.
        sessions: the open grids.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        settings: PlaybackSettings,
        rendering: Rendering,
        lanes: Lanes,
        clients: Clients,
        sessions: Sessions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self.player = Player(settings, clients, clock)
        """The process that plays."""
        self._playback = self.player.playback
        self.notes = Notes(self._playback)
        """What sounds beside the grids, by a name, until it is ended."""
        self.stage = Stage(self._playback, clients, head_rate=settings.head_rate, clock=clock)
        """What plays."""
        self._rendering = rendering
        self._previews = Previews(lanes)
        self._clients = clients
        self._sessions = sessions
        # The voices of the parts that playback has the sound of.
        self._voices: dict[Part, str] = {}
        self._stand_ins: dict[Session, str] = {}
        # Starts that wait for their sound; what is asked for later, or a stop, calls them off.
        self._asked: dict[Part, object] = {}
        # What loops again when a clock from elsewhere goes on.
        self._paused: dict[Part, Track] = {}
        self._switching = asyncio.Lock()
        self._names = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        rendering.on_window = self._window
        rendering.on_resize = self._resized
        rendering.listener = self._heard_next
        self.stage.on_end = self._ended

    async def start(self) -> PlaybackInfo:
        """Start the playback process if it does not run, and say what it plays on.

        Raises:
            DeviceError: the process cannot be started.
        """
        started = await self.player.start()
        if self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._watch())
        return started

    def state(self) -> list[tuple[str, tuple[Argument, ...]]]:
        """What subscribers would have been told of what is heard now: (address, arguments)."""
        return [*self.stage.state(), ("/sda/play/device", self.player.device_state)]

    @property
    def gain_db(self) -> float:
        """The level of everything."""
        return self.player.gain_db

    def head(self, name: str) -> int | None:
        """The column of a grid that is heard now, or None when it does not play."""
        track = self.stage.get(Part(self._sessions[name])) if name in self._sessions else None
        return track.column if track else None

    @property
    def playback_pid(self) -> int | None:
        """Process id of the playback process, or None when it does not run."""
        return self._playback.pid

    async def play(
        self,
        session: Session,
        *,
        start: int,
        columns: int,
        loop: bool,
        gain_db: float = 0.0,
        fade_s: float = 0.0,
        in_phase: bool = False,
        level: int | None = None,
        moment: float | None = None,
    ) -> tuple[int, int]:
        """Play columns of a grid from the speakers; returns what plays, (start, columns).

        Args:
            session: the grid.
            start: first column.
            columns: how many, 0 for all to the end.
            loop: whether it goes round until it is stopped.
            gain_db: level of this start, on top of the grid's own.
            fade_s: how long it fades in.
            in_phase: whether a loop that plays moves to these columns without beginning anew.
            level: one to play alone, beside the grid; None plays the grid.
            moment: monotonic time of what asks for it; it then starts exactly so much later as the
                settings say. With a beat and without a moment it waits for the next one.

        A start that still waits for its sound is called off by a stop, or by the next start.

        Raises:
            UsageError: the columns lie outside the grid.
            SdaudioError: the grid cannot be rendered.
        """
        return await self._play(
            Part(session, level), start=start, columns=columns, loop=loop, gain_db=gain_db,
            fade_s=fade_s, in_phase=in_phase, at_s=None if moment is None else self._due(moment),
        )  # fmt: skip

    async def _play(
        self,
        part: Part,
        *,
        start: int,
        columns: int,
        loop: bool,
        gain_db: float,
        fade_s: float = 0.0,
        in_phase: bool = False,
        at_s: float | None,
    ) -> tuple[int, int]:
        """`play`, to begin at a time; a loop that is late then begins where it would be."""
        session, level = part.session, part.level
        wanted = _columns_of(part, start, columns)
        asked = self._asked[part] = object()
        if level is not None:
            self._rendering.open_level(session, level)
        try:
            await self._rendering.audio(
                session, start, min(wanted, LEAD_COLUMNS), level, patience_s=_PATIENCE_S
            )
            voice = await self._house(part)
            # it may have been cut while it was rendered
            wanted = _columns_of(part, start, columns)
            if self._asked.get(part) is asked:
                self.stage.start(
                    part, voice, start=start, columns=wanted, loop=loop, gain_db=gain_db,
                    fade_s=fade_s, in_phase=in_phase, at_s=at_s,
                )  # fmt: skip
        finally:
            if self._asked.get(part) is asked:
                del self._asked[part]
            if part not in self._asked and self.stage.get(part) is None:
                self._ended(part)
        self._woken.set()
        return start, wanted

    async def scrub(self, session: Session, column: float, *, hold_s: float) -> None:
        """Let a hand on a grid be heard: grains of the sound around it, until it rests.

        Args:
            session: the grid; what it plays fades out.
            column: where the hand is, with a fraction.
            hold_s: how long it sounds after the last call.

        Raises:
            UsageError: the column lies outside the grid.
            SdaudioError: the grid cannot be rendered.
        """
        near = int(column)
        session.grid.check_region(Region(0, session.grid.n_levels, near, 1))
        first = max(0, near - _SCRUB_COLUMNS)
        n_columns = min(2 * _SCRUB_COLUMNS + 1, session.grid.n_columns - first)
        await self._rendering.audio(session, first, n_columns, patience_s=_PATIENCE_S)
        voice = await self._house(Part(session))
        position = int(column * session.model.column_length)
        self.stage.scrub(Part(session), voice, position, hold_s=hold_s)
        self._woken.set()

    def stop(self, session: Session, *, fade_s: float = 0.0, moment: float | None = None) -> None:
        """Fade a grid out, and its levels that play alone.

        Args:
            session: the grid.
            fade_s: how long it fades.
            moment: as in `play`.
        """
        at_s = None if moment is None else self._due(moment)
        self._call_off(lambda part: part.session is session)
        for track in self.stage.of(session):
            self.stage.stop(track.part, fade_s=fade_s, at_s=at_s)

    def stop_level(
        self, session: Session, level: int, *, fade_s: float = 0.0, moment: float | None = None
    ) -> None:
        """Fade out a level that plays alone; see `stop`."""
        self._call_off(lambda part: part == Part(session, level))
        at_s = None if moment is None else self._due(moment)
        self.stage.stop(Part(session, level), fade_s=fade_s, at_s=at_s)

    def stop_all(self) -> None:
        """Fade everything out, previews too."""
        self._asked.clear()
        self._paused.clear()
        self.stage.stop_all()

    def pause(self) -> None:
        """Stop all grids; those that loop start again by `go_on`, unless they are stopped."""
        tracks = [track for track in self.stage if track.columns]
        self._asked.clear()
        for track in tracks:
            self.stage.stop(track.part)
        self._paused.update({track.part: track for track in tracks if track.loop})

    async def go_on(self, top_s: float | None) -> None:
        """Start what was paused, on the beat.

        Args:
            top_s: monotonic time at which all began anew; None lets each be where it would be had
                it gone on with the beat.
        """
        paused, self._paused = self._paused, {}
        line = self.stage.tempo.line
        for part, track in paused.items():
            begins_s = top_s
            if begins_s is None and not math.isnan(track.anchor_beat) and line.bpm:
                begins_s = line.time_of(track.anchor_beat)
            n_columns = part.session.grid.n_columns
            columns = min(track.columns, n_columns - track.start)
            try:
                await self._play(
                    part, start=track.start, columns=0 if track.to_end else columns, loop=True,
                    gain_db=track.gain_db, at_s=begins_s,
                )  # fmt: skip
            except SdaudioError as error:
                logger.info("grid '%s' does not go on: %s", part.session.name, error)

    def set_gain(self, gain_db: float) -> None:
        """Set the level of everything."""
        self.player.set_gain(gain_db)

    async def preview_code(
        self, model: LoadedModel, level: int, code: int, columns: int, moment: float | None = None
    ) -> int:
        """Play one code with the other levels absent; returns the number of samples.

        Raises:
            UsageError: the level or the code is out of range.
        """
        audio = await self._previews.code(model, level, code, columns)
        return await self.play_once(audio, model.sample_rate, moment=moment)

    async def preview_column(
        self, session: Session, column: int, columns: int, moment: float | None = None
    ) -> int:
        """Hold one moment of a grid; returns the number of samples.

        Raises:
            UsageError: the column is out of range.
        """
        codes = session.grid.read(Region(0, session.grid.n_levels, column, 1))
        model, levels = session.model, session.active_levels
        audio = await self._previews.moment(model, codes, levels, columns)
        return await self.play_once(audio, model.sample_rate, moment=moment)

    async def sound_of_code(self, model: LoadedModel, level: int, code: int, columns: int) -> Audio:
        """Return the sound of one code with the other levels absent, held for some columns.

        Raises:
            UsageError: the level or the code is out of range.
            SdaudioError: it cannot be rendered.
        """
        return await self._previews.code(model, level, code, columns)

    async def play_once(
        self, audio: Audio, sample_rate: int, *, gain_db: float = 0.0, moment: float | None = None
    ) -> int:
        """Play any short sound once, beside the grids; returns its number of samples.

        Raises:
            UsageError: it is empty or longer than a minute.
        """
        await self.start()
        at_s = None if moment is None else self._due(moment)
        self._playback.one_shot(audio, sample_rate, gain_db=gain_db, at_s=at_s)
        return len(audio)

    def substitute(self, session: Session, audio: Audio | None) -> None:
        """Let another sound be heard in a grid's place, in phase, crossfaded within 5 ms.

        It stays until it is taken away or the grid's length changes. Edits made meanwhile are
        rendered and heard after it.

        Args:
            session: the grid, playing or not.
            audio: (sample,), float32, at the model's rate and of the rendering's length; None gives
                the rendering back.

        Raises:
            UsageError: the sound has another length.
        """
        length = session.grid.n_columns * session.model.column_length
        if audio is not None and len(audio) != length:
            raise UsageError(
                f"A sound of {len(audio)} samples cannot stand for grid '{session.name}', which "
                f"has {length}. Cut it or fill it up."
            )
        # on a thread: a long sound takes milliseconds to copy
        task = asyncio.get_running_loop().create_task(self._switch(session, audio))
        self._tasks.add(task)
        task.add_done_callback(self._switched)

    def forget(self, session: Session) -> None:
        """Stop a grid that is closed."""
        stand_in = self._stand_ins.pop(session, None)
        if stand_in is not None:
            self._playback.remove(stand_in)
        self._call_off(lambda part: part.session is session)
        self.stage.forget(session)
        for part in [part for part in self._voices if part.session is session]:
            self._playback.remove(self._voices.pop(part))

    async def close(self) -> None:
        """End the playhead events and the playback process."""
        tasks = [*self._tasks, *([self._watching] if self._watching else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._previews.close()
        await self.player.close()

    def _call_off(self, is_meant: Callable[[Part], bool]) -> None:
        self._asked = {part: asked for part, asked in self._asked.items() if not is_meant(part)}
        self._paused = {part: track for part, track in self._paused.items() if not is_meant(part)}

    def _due(self, moment: float) -> float:
        """When what was asked for at a moment is heard."""
        return moment + self._settings.lead_ms / 1000.0

    async def _house(self, part: Part) -> str:
        """Let playback have the sound of a part, and return the voice that is to play it."""
        await self.start()
        async with self._switching:
            stand_in = self._stand_ins.get(part.session) if part.level is None else None
            return stand_in or await self._house_rendering(part)

    async def _house_rendering(self, part: Part) -> str:
        voice = self._voices.get(part)
        if voice is None:
            voice = f"{part.session.name} {next(self._names)}"
            buffer = VoiceBuffer(self._playback, voice, part.session.model.sample_rate)
            await self._rendering.keep_in(part, buffer)
            if part not in self._rendering:
                self._playback.remove(voice)
                raise StateError(f"Grid '{part.session.name}' was closed meanwhile.")
            self._voices[part] = voice
        return voice

    async def _switch(self, session: Session, audio: Audio | None) -> None:
        """Make another sound, or the rendering, what is heard of a grid."""
        part = Part(session)
        async with self._switching:
            before = self._stand_ins.get(session)
            if audio is None and before is None:
                return
            await self.start()
            if audio is None:
                voice = await self._house_rendering(part)
            else:
                voice = f"{session.name} {next(self._names)}"
                await asyncio.to_thread(
                    self._playback.set_sound, voice, audio, session.model.sample_rate
                )
                if part not in self._rendering:
                    # closed meanwhile
                    self._playback.remove(voice)
                    return
                self._stand_ins[session] = voice
            self.stage.hand_over(part, voice)
            if audio is None:
                del self._stand_ins[session]
            if before is not None:
                self._playback.remove(before)

    def _switched(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.warning("cannot let another sound stand in for a grid: %s", error)

    def _window(self, part: Part, first: int, length: int) -> None:
        if part.level is None:
            column = part.session.model.column_length
            self._clients.announce(
                "/sda/grid/sound", part.session.name, first // column, length // column
            )

    def _resized(self, part: Part) -> None:
        if part.level is None:
            self.substitute(part.session, None)
        self.stage.resized(part.session)

    def _heard_next(self, part: Part) -> int | None:
        track = self.stage.get(part)
        return track.column if track else None

    def _ended(self, part: Part) -> None:
        """Free the sound of a level that does not play alone any more."""
        if part.level is not None:
            self._rendering.close_level(part.session, part.level)
            voice = self._voices.pop(part, None)
            if voice is not None:
                self._playback.remove(voice)

    async def _watch(self) -> None:
        while True:
            try:
                await self.player.look_after()
                self.stage.tick()
            except DeviceError as error:
                logger.warning("%s", error)
            except Exception:
                # a bug in one look must not stop the next
                logger.exception("looking after playback failed")
            rate = self.stage.head_rate
            if len(self.stage):
                await asyncio.sleep(min(TICK_S, 1.0 / rate) if rate else TICK_S)
                continue
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_S):
                    await self._woken.wait()


def _columns_of(part: Part, start: int, columns: int) -> int:
    """How many columns are meant, 0 being all to the end; checks that they are there."""
    grid = part.session.grid
    wanted = columns or grid.n_columns - start
    level, levels = (0, grid.n_levels) if part.level is None else (part.level, 1)
    grid.check_region(Region(level, levels, start, wanted))
    return wanted
