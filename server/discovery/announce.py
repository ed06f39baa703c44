"""Tells the network that the daemon is here, by zeroconf (Bonjour), where that is installed.

Nothing depends on it: without the package, or on a network that does not let it through, the
daemon runs as well and is found by its address.
"""

import asyncio
import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sdaudio
from sdaudio.settings import ServerSettings

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncZeroconf

logger = logging.getLogger(__name__)

OSC_TYPE = "_osc._udp.local."
QUERY_TYPE = "_oscjson._tcp.local."

_ENDING_S = 3.0


@dataclass(slots=True)
class Announcement:
    """What was announced. ``problem`` says in plain words why nothing was."""

    problem: str = ""
    name: str = ""
    _zeroconf: "AsyncZeroconf | None" = None

    async def close(self) -> None:
        """Take it back."""
        if self._zeroconf is None:
            return
        try:
            async with asyncio.timeout(_ENDING_S):
                await self._zeroconf.async_unregister_all_services()
                await self._zeroconf.async_close()
        except (TimeoutError, OSError) as error:
            logger.info("the announcement could not be taken back: %s", error)


async def announce(host: str, *, osc_port: int, http_port: int) -> Announcement:
    """Announce OSC over UDP and, if there is one, the OSCQuery server.

    Args:
        host: the address that is listened on; all of the machine's are announced for 0.0.0.0.
        osc_port: 1 to 65535.
        http_port: 0 when there is no OSCQuery server.

    Returns:
        What was announced, to be closed at the end. It never raises for the network.
    """
    try:
        from zeroconf import Error, InterfaceChoice
        from zeroconf.asyncio import AsyncZeroconf
    except ImportError:
        return Announcement("the package zeroconf is missing: pip install 'sdaudio[discovery]'")
    everywhere = host in ("0.0.0.0", "::")
    zeroconf: AsyncZeroconf | None = None
    try:
        addresses = await asyncio.to_thread(_addresses, host)
        zeroconf = AsyncZeroconf(
            interfaces=InterfaceChoice.Default if everywhere else list(addresses)
        )
        name = f"sdaudio on {socket.gethostname().split('.')[0]}"
        if osc_port != ServerSettings().port:
            # zeroconf finds a name that is taken only when that was announced a while ago
            name = f"{name}, port {osc_port}"
        name = await _register(zeroconf, name, OSC_TYPE, osc_port, addresses)
        if http_port:
            await _register(zeroconf, name, QUERY_TYPE, http_port, addresses)
    except (Error, OSError) as error:
        if zeroconf is not None:
            await zeroconf.async_close()
        return Announcement(f"the network refuses it: {error or type(error).__name__}")
    return Announcement(name=name, _zeroconf=zeroconf)


async def _register(
    zeroconf: "AsyncZeroconf", name: str, kind: str, port: int, addresses: tuple[str, ...]
) -> str:
    from zeroconf import ServiceInfo

    info: ServiceInfo = ServiceInfo(
        kind,
        f"{name}.{kind}",
        port=port,
        properties={"version": sdaudio.__version__},
        server=f"{socket.gethostname().split('.')[0]}.local.",
        parsed_addresses=list(addresses),
    )
    await (await zeroconf.async_register_service(info, allow_name_change=True))
    return info.name.removesuffix(f".{kind}")


def _addresses(host: str) -> tuple[str, ...]:
    """The addresses of this machine that others reach it by."""
    if host not in ("0.0.0.0", "::"):
        found = {info[4][0] for info in socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)}
        return tuple(sorted(str(address) for address in found))
    from ifaddr import get_adapters  # comes with zeroconf

    reachable: set[str] = {
        ip.ip for adapter in get_adapters() for ip in adapter.ips
        if isinstance(ip.ip, str) and not ip.ip.startswith("127.")
    }  # fmt: skip
    return tuple(sorted(reachable)) or ("127.0.0.1",)
