"""Sends a MIDI clock: 24 ticks a beat of the daemon's tempo, on a thread of its own."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Sequence

from sdaudio.errors import DeviceError

from ..tempo import Line, Tempo
from .clock import TICKS_PER_BEAT
from .connections import patiently
from .maps import fits
from .ports import VIRTUAL, Backend, OpenPort

logger = logging.getLogger(__name__)

_TICK, _START, _STOP = b"\xf8", b"\xfa", b"\xfc"
_LOOK_S = 0.02
"""Between two looks at the tempo while nothing is due."""
_FAR = TICKS_PER_BEAT
"""Ticks that the beat may be away from those that were sent; of more it starts anew."""


class ClockSender:
    """The clock of the daemon, for all outputs that want it.

    While there is a tempo it ticks. It says start right before the next tick that is a beat, or a
    bar with a quantum of 4, and stop when the tempo is gone or has jumped to another beat; after a
    jump it starts anew.

    Args:
        backend: where outputs come from.
        tempo: the beat.
    """

    def __init__(self, backend: Backend, tempo: Tempo) -> None:
        self.wanted: list[str] = []
        """Names of outputs, or parts of them."""
        self._backend, self._tempo = backend, tempo
        self._outputs: dict[str, OpenPort] = {}
        self._failed: set[str] = set()
        self._started: set[str] = set()
        self._lock = threading.Lock()
        self._busy = asyncio.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def names(self) -> list[str]:
        """The outputs that it goes to."""
        with self._lock:
            return list(self._outputs)

    @property
    def own(self) -> tuple[str, ...]:
        """The names of the outputs that are made here, without what says so."""
        virtual = (each for each in self.wanted if each.startswith(VIRTUAL))
        return tuple(each.removeprefix(VIRTUAL) for each in virtual)

    async def keep_up(self, outputs: Sequence[str]) -> None:
        """Open the outputs that are wanted and there, let go of all others."""
        async with self._busy:
            await self._open_and_close(outputs)
        if self._outputs and self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="midi clock")
            self._thread.start()

    async def close(self) -> None:
        """Say stop and close all outputs."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(1.0)
        for name in self.names:
            await self._let_go(name)

    async def _open_and_close(self, outputs: Sequence[str]) -> None:
        there = [*outputs, *(name for name in self.wanted if name.startswith(VIRTUAL))]
        for name in self.names:
            if name not in there or not self._wants(name):
                await self._let_go(name)
        self._failed &= set(there)
        for name in there:
            if self._wants(name) and name not in self._outputs and name not in self._failed:
                try:
                    opened = await patiently(self._backend.open_output, name)
                except DeviceError as error:
                    self._failed.add(name)
                    logger.warning("%s", error)
                    continue
                with self._lock:
                    self._outputs[name] = opened

    def _wants(self, name: str) -> bool:
        return any(fits(name, wanted) for wanted in self.wanted)

    async def _let_go(self, name: str) -> None:
        with self._lock:
            port = self._outputs.pop(name, None)
        self._started.discard(name)
        if port is None:
            return
        try:
            await patiently(port.close)
        except DeviceError as error:
            logger.warning("The MIDI output '%s' cannot be closed: %s", name, error)

    def _run(self) -> None:
        """Tick until the end, on the thread."""
        due: int | None = None
        while not self._ended.is_set():
            line = self._tempo.line
            now = time.monotonic()
            if due is not None and (not line.bpm or abs(_tick_at(line, now) - due) > _FAR):
                self._stop()
                due = None
            if not line.bpm:
                self._ended.wait(_LOOK_S)
                continue
            number = math.ceil(_tick_at(line, now)) if due is None else due
            left_s = line.time_of(number / TICKS_PER_BEAT) - now
            if left_s > _LOOK_S:
                # the tempo may change meanwhile
                self._ended.wait(_LOOK_S / 2)
                continue
            if left_s > 0.0:
                self._ended.wait(left_s)
            self._tick(number)
            due = number + 1
        self._stop()

    def _tick(self, number: int) -> None:
        starts = number % max(1, round(self._tempo.quantum * TICKS_PER_BEAT)) == 0
        for name in self.names:
            if starts and name not in self._started:
                self._send(name, _START)
                self._started.add(name)
            self._send(name, _TICK)

    def _stop(self) -> None:
        for name in tuple(self._started):
            self._send(name, _STOP)
        self._started.clear()

    def _send(self, name: str, message: bytes) -> None:
        with self._lock:
            port = self._outputs.get(name)
        if port is None:
            return
        try:
            port.send(message)
        except Exception as error:  # noqa: BLE001 - a port that died must not end the others'
            logger.warning("The MIDI output '%s' takes no clock: %s", name, error)
            with self._lock:
                self._outputs.pop(name, None)
            # it is opened again when it was away and came back
            self._failed.add(name)


def _tick_at(line: Line, time_s: float) -> float:
    return line.beat_at(time_s) * TICKS_PER_BEAT
