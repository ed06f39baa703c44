"""What systemd is told: that the daemon is ready, that it lives, that it ends (``sd_notify``).

Without systemd, or without ``Type=notify`` and ``WatchdogSec``, this does nothing. Reference: the
manual page sd_notify(3); messages are lines of a datagram to the socket in ``NOTIFY_SOCKET``.
"""

import asyncio
import logging
import os
import socket
from contextlib import suppress

logger = logging.getLogger(__name__)


class Supervision:
    """Tells systemd how the daemon is; its life is that of the event loop."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._beating: asyncio.TimerHandle | None = None
        wanted = os.environ.get("WATCHDOG_USEC", "")
        is_ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        # twice as often as it is looked for
        self._every_s = int(wanted) / 2e6 if wanted.isdecimal() and is_ours else 0.0

    def ready(self, text: str) -> None:
        """Say that the daemon answers, and from now on that it lives."""
        self._tell(f"READY=1\nSTATUS={text.splitlines()[0]}")
        if self._every_s:
            self._beat()

    def ending(self) -> None:
        """Say that the daemon ends."""
        if self._beating:
            self._beating.cancel()
        self._tell("STOPPING=1")

    def _beat(self) -> None:
        self._tell("WATCHDOG=1")
        self._beating = asyncio.get_running_loop().call_later(self._every_s, self._beat)

    def _tell(self, text: str) -> None:
        if not self._address:
            return
        # an abstract address begins with a zero byte, written as @
        name = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            out.sendto(text.encode(), name)
