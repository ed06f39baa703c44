"""The sound that was encoded into a grid, heard in the grid's place, as loud as the grid.

A worker reads the original and measures both; the transport exchanges them in phase. The last
original that was read is kept, so that one can go back and forth without waiting.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sdaudio.errors import StateError
from sdaudio.settings import FolderSettings
from sdaudio.tasks.freshness import state_of_file
from sdaudio.tasks.requests import Audio, Report, SoundPart
from sdaudio.tasks.sounds import Matched, ReadOriginal

from .clients import Clients
from .jobs import Lanes
from .sessions import Session
from .transport import Transport


@dataclass(frozen=True, slots=True)
class _State:
    """What an original was read for; after any change of these it is read again."""

    session: Session
    revision: int
    active: tuple[int, ...]
    path: Path
    written: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Original:
    audio: Audio
    gain_db: float


class Comparison:
    """Which grids are heard as their originals.

    Args:
        folders: where files may be read.
        lanes: where originals are read.
        transport: what exchanges the two.
        clients: who hears about it.
    """

    def __init__(
        self, folders: FolderSettings, lanes: Lanes, transport: Transport, clients: Clients
    ) -> None:
        self._folders = folders
        self._lanes = lanes
        self._transport = transport
        self._clients = clients
        self._last: tuple[_State, _Original] | None = None
        self._asked: dict[Session, object] = {}
        self._heard: set[Session] = set()

    async def hear_original(self, session: Session) -> float:
        """Let a grid be heard as the sound that was encoded into it; returns its gain in dB.

        Raises:
            StateError: nothing was encoded into the grid, or it changed or was given back while
                the original was read.
            FileError: the sound is gone, or outside the folders that may be read.
            SdaudioError: it cannot be read.
        """
        if not session.sound:
            raise StateError(
                f"Grid '{session.name}' was not made of a sound, so there is no original to "
                "compare it with. /sda/grid/encode makes one of a sound."
            )
        path = self._folders.readable(session.sound)
        asked = self._asked[session] = object()
        try:
            read = await self._read(session, path)
            if self._asked.get(session) is not asked:
                raise StateError(
                    f"Grid '{session.name}' was closed, got another length, or was asked for "
                    "otherwise while its original was read. Ask again."
                )
        finally:
            if self._asked.get(session) is asked:
                del self._asked[session]
        self._heard.add(session)
        self._transport.substitute(session, read.audio)
        self._clients.announce("/sda/play/compare", session.name, 1, read.gain_db)
        return read.gain_db

    def hear_grid(self, session: Session) -> None:
        """Let a grid be heard as it is."""
        self._asked.pop(session, None)
        if session in self._heard:
            self._heard.discard(session)
            self._transport.substitute(session, None)
            self._clients.announce("/sda/play/compare", session.name, 0, 0.0)

    def forget(self, session: Session) -> None:
        """Drop what is kept for a grid that is closed."""
        self._asked.pop(session, None)
        self._heard.discard(session)
        if self._last and self._last[0].session is session:
            self._last = None

    async def _read(self, session: Session, path: Path) -> _Original:
        active = session.active_levels
        state = _State(session, session.grid.revision, active, path, state_of_file(path))
        if self._last and self._last[0] == state:
            return self._last[1]
        codes = session.grid.codes.copy()
        audio = np.zeros(codes.shape[1] * session.model.column_length, np.float32)

        def hear(report: Report) -> None:
            if isinstance(report, SoundPart):
                audio[report.start : report.start + len(report.audio)] = report.audio

        request = ReadOriginal(session.model.path, codes, active, path)
        matched = await self._lanes.run(request, on_report=hear)
        if not isinstance(matched, Matched):
            raise TypeError(f"reading an original was answered with {matched!r}")
        self._last = state, _Original(audio, matched.gain_db)
        return self._last[1]
