"""Looks after the playback process: starts it, and again when it was lost, on whatever device.

It knows no grids; what plays goes on by itself in another process (see `playback`).
"""

import asyncio
import logging
from collections.abc import Callable

from sdaudio.settings import PlaybackSettings

from .clients import Clients
from .playback import Playback, PlaybackInfo, list_devices

logger = logging.getLogger(__name__)

_RETRY_S = 2.0
_LIFELESS_S = 6.0
_BUSY_S = 15.0
"""Until a device that was there and could not be opened is tried again."""


class Player:
    """The playback process and its device.

    Args:
        settings: the sound card.
        clients: who hears about the device.
        clock: monotonic time in seconds.
    """

    def __init__(
        self, settings: PlaybackSettings, clients: Clients, clock: Callable[[], float]
    ) -> None:
        self.playback = Playback()
        self.gain_db = settings.gain_db
        """The level of everything."""
        self._settings = settings
        self._clients = clients
        self._clock = clock
        self._changing = asyncio.Lock()
        self._known: PlaybackInfo | None = None
        self._retry_at_s = self._reopen_at_s = 0.0
        self._pulse, self._pulse_at_s = -1, 0.0

    async def start(self) -> PlaybackInfo:
        """Start the process if it does not run, and say what it plays on.

        Raises:
            DeviceError: it cannot be started.
        """
        async with self._changing:
            if self.playback.is_running and self.playback.info:
                return self.playback.info
            wanted, chosen = self._settings, self.playback.device
            started = await asyncio.to_thread(
                self.playback.start,
                device=(wanted.device if chosen is None else chosen) or None,
                sample_rate=wanted.sample_rate,
                block_length=wanted.block_length,
                all_channels=wanted.all_channels,
                search_s=wanted.search_s,
            )
            self.playback.set_gain(self.gain_db)
            self._note(started)
            return started

    async def change_device(self, device: str) -> None:
        """Go over to another device; what plays goes on there.

        Args:
            device: part of its name, its number, or empty for the system's default.

        Raises:
            DeviceError: it cannot be opened; then everything stays as it was.
        """
        await self.start()
        async with self._changing:
            self._note(await asyncio.to_thread(self.playback.change_device, device or None))

    async def devices(self) -> list[tuple[int, str]]:
        """The numbers and names of all devices that sound can go to.

        Raises:
            DeviceError: they cannot be listed.
        """
        return await asyncio.to_thread(list_devices)

    @property
    def device_state(self) -> tuple[str, int, int, str]:
        """Where playback goes: the device, its rate, whether it is heard, and why not."""
        info = self._known
        if info is None:
            return "none", 0, 0, "playback was not started yet"
        return info.device, info.sample_rate, int(not info.silent), info.reason

    def set_gain(self, gain_db: float) -> None:
        """Set the level of everything, now and for every process to come."""
        self.gain_db = gain_db
        self._clients.announce("/sda/play/gain", gain_db)
        self.playback.set_gain(gain_db)

    async def look_after(self) -> None:
        """See to it that there is a process, and that it plays on the device that was chosen.

        Raises:
            DeviceError: the process is gone and cannot be started again; it is tried again later.
        """
        now = self._clock()
        if not self.playback.is_running:
            if now < self._retry_at_s:
                return
            self._retry_at_s = now + _RETRY_S
            logger.warning("playback was lost and is started again")
            await self.start()
        self._feel_pulse(now)
        info = self.playback.info
        if info is not None and info != self._known:
            was_heard = self._known is not None and not self._known.silent
            self._note(info)
            if info.silent and was_heard:
                # PortAudio in that process hangs on the dead device and would see no other one
                await self._reopen()
        if now >= self._reopen_at_s and self.playback.takes_device_found():
            await self._reopen()
            self._reopen_at_s = now + _BUSY_S

    def _feel_pulse(self, now: float) -> None:
        """End a process that mixes nothing any more, not even silence; the next look replaces it.

        One whose device hangs finds that out by itself, within a second or so.
        """
        pulse = self.playback.n_blocks
        if pulse != self._pulse:
            self._pulse, self._pulse_at_s = pulse, now
        elif pulse >= 0 and now - self._pulse_at_s > _LIFELESS_S:
            logger.warning("playback gives no sign of life and is ended")
            self._pulse_at_s = now
            self.playback.kill()

    async def close(self) -> None:
        """End the process."""
        async with self._changing:
            await asyncio.to_thread(self.playback.close)

    async def _reopen(self) -> None:
        async with self._changing:
            self._note(await asyncio.to_thread(self.playback.reopen))

    def _note(self, info: PlaybackInfo) -> None:
        if info != self._known:
            self._known = info
            self._clients.announce("/sda/play/device", *self.device_state)
