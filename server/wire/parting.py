"""How the daemon leaves those who are connected to it."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

_PARTING_S = 1.0


class Connection(Protocol):
    """What can be ended politely or at once."""

    def close(self) -> None:
        """End it when what is written has been sent."""

    def abort(self) -> None:
        """End it now."""


async def part(connections: Iterable[Connection], idle: asyncio.Event) -> None:
    """End every connection; what is written gets a second to arrive.

    Args:
        connections: loses every connection as soon as it has ended.
        idle: set by the last one.
    """
    idle.clear()
    open_ones = tuple(connections)
    for connection in open_ones:
        connection.close()
    if not open_ones:
        return
    try:
        async with asyncio.timeout(_PARTING_S):
            await idle.wait()
    except TimeoutError:
        for connection in tuple(connections):
            connection.abort()
