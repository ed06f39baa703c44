"""Play, loop and stop grids, preview single codes and columns, and tell where the playhead is."""

import asyncio
import logging
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.grid import Region
from sdaudio.settings import PlaybackSettings
from sdaudio.tasks.requests import Decode, Decoded

from .clients import Clients
from .jobs import Lanes
from .library import LoadedModel
from .playback import Playback, PlaybackInfo
from .rendering import Rendering
from .sessions import Session, Sessions

logger = logging.getLogger(__name__)

PREVIEW_COLUMNS = 12
"""A previewed moment is held this long (256 ms at 48 kHz), or it would be a mere click."""
LEAD_COLUMNS = 128
"""A long sound begins to play when so many columns are rendered (2.7 s at 48 kHz); the rest
follows many times faster than it is played."""
_CACHED_PREVIEWS = 512

Audio = NDArray[np.float32]


class Transport:
    """What is heard. It owns the playback process and starts it again when it was lost.

    Args:
        settings: the sound card.
        rendering: where the sound of grids comes from.
        lanes: where previews are rendered.
        clients: who hears about playheads.
        sessions: the open grids, for the names of voices.
    """

    def __init__(
        self,
        settings: PlaybackSettings,
        rendering: Rendering,
        lanes: Lanes,
        clients: Clients,
        sessions: Sessions,
    ) -> None:
        self._settings = settings
        self._playback = Playback()
        self._starting = asyncio.Lock()
        self._rendering = rendering
        self._lanes = lanes
        self._clients = clients
        self._sessions = sessions
        self._gain_db = settings.gain_db
        self._voices: set[str] = set()
        self._heads: dict[str, int] = {}
        self._substitutes: dict[Session, Audio] = {}
        self._previews: OrderedDict[tuple[object, ...], Audio] = OrderedDict()
        self._watching: asyncio.Task[None] | None = None
        rendering.on_window = self._window
        rendering.on_resize = self._resized

    async def start(self) -> PlaybackInfo:
        """Start the playback process if it does not run, and say what it plays on.

        Raises:
            DeviceError: the process cannot be started.
        """
        async with self._starting:
            if self._playback.is_running and self._playback.info:
                return self._playback.info
            self._voices.clear()
            wanted = self._settings
            started = await asyncio.to_thread(
                self._playback.start,
                device=wanted.device or None,
                sample_rate=wanted.sample_rate,
                block_length=wanted.block_length,
            )
            self._playback.set_gain(self._gain_db)
            return started

    @property
    def playing(self) -> list[str]:
        """The grids that play now."""
        return list(self._heads)

    @property
    def gain_db(self) -> float:
        """The level of everything."""
        return self._gain_db

    def head(self, name: str) -> int | None:
        """The column of a grid that is heard now, or None when it does not play."""
        return self._heads.get(name)

    @property
    def playback_pid(self) -> int | None:
        """Process id of the playback process, or None when it does not run."""
        return self._playback.pid

    async def play(
        self, session: Session, *, start: int, columns: int, loop: bool, gain_db: float = 0.0
    ) -> tuple[int, int]:
        """Play columns of a grid from the speakers; returns what plays, (start, columns).

        Args:
            session: the grid.
            start: first column.
            columns: how many, 0 for all to the end.
            loop: whether it goes round until it is stopped.
            gain_db: level of this voice.

        Raises:
            UsageError: the columns lie outside the grid.
            SdaudioError: the grid cannot be rendered.
        """
        columns = columns or session.grid.n_columns - start
        session.grid.check_region(Region(0, session.grid.n_levels, start, columns))
        audio = await self._rendering.audio(session, start, min(columns, LEAD_COLUMNS))
        await self.start()
        if session.name not in self._voices:
            heard = self._substitutes.get(session, audio)
            self._playback.set_sound(session.name, heard, session.model.sample_rate)
            self._voices.add(session.name)
        length = session.model.column_length
        self._playback.play(
            session.name,
            start_sample=start * length,
            stop_sample=(start + columns) * length,
            loop=loop,
            gain_db=gain_db,
        )
        self._begin(session.name, start)
        return start, columns

    def stop(self, session: Session) -> None:
        """Fade a grid out."""
        if session.name in self._voices and self._playback.is_running:
            self._playback.stop(session.name)
        self._end(session.name)

    def stop_all(self) -> None:
        """Fade everything out, previews too."""
        if self._playback.is_running:
            self._playback.stop_all()
        for name in list(self._heads):
            self._end(name)

    def set_gain(self, gain_db: float) -> None:
        """Set the level of everything."""
        self._gain_db = gain_db
        self._clients.announce("/sda/play/gain", gain_db)
        if self._playback.is_running:
            self._playback.set_gain(gain_db)

    async def preview_code(self, model: LoadedModel, level: int, code: int, columns: int) -> int:
        """Play one code with the other levels absent; returns the number of samples.

        Raises:
            UsageError: the level or the code is out of range.
        """
        model.check_level(level)
        model.check_code(code)
        codes = np.zeros((model.n_levels, columns), np.uint16)
        codes[level] = code
        return await self._preview(model, codes, (level,))

    async def preview_column(self, session: Session, column: int, columns: int) -> int:
        """Hold one moment of a grid; returns the number of samples.

        Raises:
            UsageError: the column is out of range.
        """
        moment = session.grid.read(Region(0, session.grid.n_levels, column, 1))
        codes = np.repeat(moment, columns, axis=1)
        return await self._preview(session.model, codes, session.active_levels)

    async def preview_row(self, session: Session, level: int, start: int, columns: int) -> int:
        """Play one level of a grid alone; returns the number of samples.

        Raises:
            UsageError: the level or the columns are out of range.
        """
        columns = columns or session.grid.n_columns - start
        session.grid.check_region(Region(level, 1, start, columns))
        codes = session.grid.codes[:, start : start + columns].copy()
        return await self._preview(session.model, codes, (level,), first_column=start)

    async def play_once(self, audio: Audio, sample_rate: int) -> None:
        """Play a short sound once, beside whatever plays.

        Args:
            audio: (sample,), float32, at most 60 s.
            sample_rate: of the audio, in Hz.

        Raises:
            DeviceError: playback cannot be started.
        """
        await self.start()
        self._playback.one_shot(audio, sample_rate)

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
        if audio is None:
            if self._substitutes.pop(session, None) is None:
                return
            audio = self._rendering.current(session)
        else:
            self._substitutes[session] = audio
        self._set_sound(session, audio)

    def forget(self, session: Session) -> None:
        """Stop a grid that is closed."""
        self._substitutes.pop(session, None)
        if session.name in self._voices and self._playback.is_running:
            self._playback.remove(session.name)
        self._voices.discard(session.name)
        self._end(session.name)

    async def close(self) -> None:
        """End the playhead events and the playback process."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        async with self._starting:
            await asyncio.to_thread(self._playback.close)

    async def _preview(
        self,
        model: LoadedModel,
        codes: NDArray[np.uint16],
        active: tuple[int, ...],
        *,
        first_column: int = 0,
    ) -> int:
        audible = codes[list(active)].tobytes()
        key = (model.path, _modified(model.path), codes.shape, active, audible, first_column)
        audio = self._previews.get(key)
        if audio is None:
            decoded = await self._lanes.run(Decode(model.path, codes, active, first_column))
            if not isinstance(decoded, Decoded):
                raise TypeError(f"a preview was answered with {decoded!r}")
            audio = self._previews[key] = decoded.audio
            if len(self._previews) > _CACHED_PREVIEWS:
                self._previews.popitem(last=False)
        else:
            self._previews.move_to_end(key)
        await self.play_once(audio, model.sample_rate)
        return len(audio)

    def _window(self, session: Session, first: int, audio: Audio) -> None:
        is_heard = session.name in self._voices and session not in self._substitutes
        if is_heard and self._playback.is_running:
            self._playback.patch(session.name, first, audio)
        length = session.model.column_length
        self._clients.announce(
            "/sda/grid/sound", session.name, first // length, len(audio) // length
        )

    def _resized(self, session: Session, audio: Audio) -> None:
        self._substitutes.pop(session, None)
        self._set_sound(session, audio)

    def _set_sound(self, session: Session, audio: Audio) -> None:
        if session.name in self._voices and self._playback.is_running:
            self._playback.set_sound(session.name, audio, session.model.sample_rate)

    def _begin(self, name: str, column: int) -> None:
        self._heads[name] = column
        self._clients.announce("/sda/play/state", name, 1)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    def _end(self, name: str) -> None:
        if self._heads.pop(name, None) is not None:
            self._clients.announce("/sda/play/state", name, 0)

    async def _watch(self) -> None:
        # a voice needs a block or two until it is seen playing
        unseen = dict.fromkeys(self._heads, 0)
        while self._heads:
            await asyncio.sleep(1.0 / self._settings.head_rate)
            positions = self._playback.positions() if self._playback.is_running else {}
            for name in list(self._heads):
                if name in positions:
                    unseen[name] = 0
                    length = self._sessions[name].model.column_length
                    column = positions[name] // length
                    if column != self._heads[name]:
                        self._heads[name] = column
                        self._clients.announce("/sda/play/head", name, column)
                else:
                    unseen[name] = unseen.get(name, 0) + 1
                    if unseen[name] > 3:
                        unseen.pop(name)
                        self._end(name)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
