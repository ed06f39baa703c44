"""Controllers with pads: made when their input comes, lit while it is there."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import DeviceError, SdaudioError

from ..instrument import Instrument
from ..sessions import Session, Sessions
from ..wire import Message
from .connections import patiently
from .maps import Map, fits
from .pads import EVERY_S, Pads, PadSettings
from .parsing import Event
from .ports import Backend, OpenPort

logger = logging.getLogger(__name__)

_Key = tuple[str, str, PadSettings]


class Surfaces:
    """The pads of all maps in use, for all inputs that are there.

    Args:
        backend: where the outputs come from that light them.
        sessions: the grids they show.
        instrument: which codes are bright.
        head: the column of a grid that is heard now, or None.
        run: runs messages of the hand on an input.
    """

    def __init__(
        self,
        backend: Backend,
        sessions: Sessions,
        instrument: Instrument,
        head: Callable[[str], int | None],
        run: Callable[[str, list[Message]], None],
    ) -> None:
        self._backend, self._sessions, self._instrument = backend, sessions, instrument
        self._head, self._run = head, run
        self._pads: dict[_Key, tuple[Pads, OpenPort | None]] = {}
        self._showing: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()

    async def keep_up(
        self, maps: Iterable[Map], ports: Iterable[str], outputs: Sequence[str]
    ) -> None:
        """Have the pads of these maps on these inputs, and no others; outputs light them."""
        wanted = {
            (port, each.name, settings): None
            for port in ports
            for each in maps
            if each.is_for(port)
            for settings in each.pads
        }
        async with self._busy:
            for key in [key for key in self._pads if key not in wanted]:
                await self._drop(key)
            for key in wanted:
                if key not in self._pads:
                    self._pads[key] = await self._made(*key, outputs)
        if self._pads and self._showing is None:
            self._showing = asyncio.get_running_loop().create_task(self._show())

    def handle(self, port: str, event: Event) -> bool:
        """Let pads take an event; whether one did."""
        taken = [pads.handle(event) for (name, *_), (pads, _) in self._pads.items() if name == port]
        return any(taken)

    async def close(self) -> None:
        """Put out all lights and close the outputs."""
        if self._showing:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)
        async with self._busy:
            for key in list(self._pads):
                await self._drop(key)

    async def _made(
        self, port: str, _map_name: str, settings: PadSettings, outputs: Sequence[str]
    ) -> tuple[Pads, OpenPort | None]:
        output = None
        try:
            name = settings.output or port
            found = next((each for each in outputs if fits(each, name)), "")
            if found:
                output = await patiently(self._backend.open_output, found)
            else:
                logger.warning("There is no MIDI output '%s' that lights the pads.", name)
        except DeviceError as error:
            logger.warning("%s", error)

        def run(messages: list[Message]) -> None:
            self._run(port, messages)

        return Pads(settings, output, self._sessions, self._places, self._head, run), output

    def _places(self, session: Session, level: int) -> NDArray[np.float64] | None:
        return self._instrument.places(session.model, level)

    async def _drop(self, key: _Key) -> None:
        pads, output = self._pads.pop(key)
        pads.darken()
        if output is not None:
            try:
                await patiently(output.close)
            except DeviceError as error:
                logger.warning("%s", error)

    async def _show(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            for pads, _ in list(self._pads.values()):
                try:
                    pads.show()
                except SdaudioError as error:
                    # a grid that is closed or cut at this very moment
                    logger.debug("pads: %s", error)
