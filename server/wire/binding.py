"""Binding a port: buffers for bursts, and errors that say what to do."""

import errno
import logging
import socket

from sdaudio.errors import StateError

logger = logging.getLogger(__name__)

RECEIVE_BUFFER = 4 << 20
"""Bytes asked of the kernel. With its default of 208 KiB a burst of 1000 messages loses most."""


def bind_udp(host: str, port: int) -> socket.socket:
    """Bind a socket with buffers as large as the system allows; says so when they are small.

    Raises:
        StateError: the port is taken, or the host is not an address of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError as error:
        raise StateError(f"The host {host!r} to listen on is not known: {error}.") from error
    endpoint = socket.socket(family, socket.SOCK_DGRAM)
    try:
        # Never SO_REUSEADDR: with it a second daemon would silently take over the traffic.
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            try:
                endpoint.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
            except OSError as error:
                logger.debug("udp: the system keeps its own buffer size: %s", error)
        endpoint.setblocking(False)
        endpoint.bind(address)
    except OSError as error:
        endpoint.close()
        raise bind_error("UDP", host, port, error) from error
    granted = endpoint.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if granted < RECEIVE_BUFFER:
        logger.warning(
            "udp: the system gives %d of %d bytes for what waits to be received, so that long "
            "bursts may be lost; on Linux, 'sysctl -w net.core.rmem_max=%d' allows more",
            granted, RECEIVE_BUFFER, RECEIVE_BUFFER,
        )  # fmt: skip
    return endpoint


def bind_error(kind: str, host: str, port: int, error: OSError) -> StateError:
    """Return the error for a port that cannot be had, with what to do about it."""
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
        return StateError(
            f"{kind} port {port} on {host} is taken, probably by another sdaudio daemon. "
            "End that one (/sda/quit) or choose another port."
        )
    return StateError(
        f"{kind} port {port} on {host} cannot be opened: {error.strerror or error}. "
        "Choose an address of this machine and a port above 1023."
    )
