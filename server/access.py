"""Who may speak to the daemon: whoever reaches it, or only who has shown the token.

A daemon that listens on a loopback address serves everybody on its machine, unless a token is
configured. One that listens to others serves nobody who has not sent ``/sda/hello TOKEN``, not even
on its own machine: behind a forwarded port, a proxy or a container, strangers look local. Until
then nothing is answered with more bytes than were asked with, so that the daemon cannot be used to
flood somebody else.
"""

import hmac
import logging
import os
import secrets
import string
from collections.abc import Callable
from pathlib import Path

from sdaudio.errors import AccessError, FileError

from .allowance import Allowances
from .wire import Message, Peer, encode

logger = logging.getLogger(__name__)

HELLO = "/sda/hello"

MAX_STRANGE = 1024
"""Bytes in the largest packet of a stranger that is looked at; a greeting needs fewer."""

SILENCE_S = 3600.0
"""A UDP client that was silent for so long must show the token again; a TCP client never must."""

MAX_ADMITTED = 1024
"""Clients that are remembered; for one more the one that was silent longest is forgotten."""

_TOKEN_LENGTH = 24
_SHORT_TOKEN = 16


class Access:
    """The door.

    Args:
        token: what must be shown; empty where everybody may speak.
        clock: monotonic time in seconds.
        on_forgotten: called with a client that was forgotten and must show the token again.
    """

    def __init__(
        self, token: str, clock: Callable[[], float], on_forgotten: Callable[[Peer], None]
    ) -> None:
        self._token = token.encode()
        self._clock = clock
        self._on_forgotten = on_forgotten
        self._admitted: dict[Peer, float] = {}
        self._tries = Allowances(clock, burst=10, rate=1, for_all=1000)
        self._answers = Allowances(clock, burst=10, rate=1)
        if 0 < len(token) < _SHORT_TOKEN:
            logger.warning(
                "the token has %d characters; %d or more cannot be guessed",
                len(token), _SHORT_TOKEN,
            )  # fmt: skip

    @property
    def needs_token(self) -> bool:
        """Whether a token must be shown."""
        return bool(self._token)

    def admits(self, peer: Peer) -> bool:
        """Whether somebody may speak."""
        if not self._token:
            return True
        if peer not in self._admitted:
            return False
        if self._is_silent(peer):
            self.forget(peer)
            return False
        # behind all others: the first is the one that was silent longest
        del self._admitted[peer]
        self._admitted[peer] = self._clock()
        return True

    def try_token(self, message: Message, peer: Peer) -> None:
        """Admit somebody whose first message is ``/sda/hello`` with the token.

        Raises:
            AccessError: it is another message or another token, or too many were tried.
        """
        if message.address != HELLO or len(message.arguments) != 1:
            raise AccessError(f"Send {HELLO} with the token first.")
        # a token of digits may come as a number
        self.check_token(str(message.arguments[0]), peer.host)
        self.admit(peer)

    def check_token(self, token: str, host: str) -> None:
        """Compare a token that somebody on a machine shows.

        Raises:
            AccessError: it is another one, or too many were tried from there.
        """
        if not self._tries.take(host):
            raise AccessError("Too many tokens were tried. Wait a second.")
        if not hmac.compare_digest(token.encode(), self._token):
            logger.warning("%s showed a wrong token", host)
            raise AccessError("The token is wrong.")

    def admit(self, peer: Peer) -> None:
        """Let somebody speak who has shown the token."""
        if len(self._admitted) >= MAX_ADMITTED:
            self.forget(next(iter(self._admitted)))
        self._admitted[peer] = self._clock()
        logger.info("%s showed the token", peer.description)

    def turn_away(self, peer: Peer, address: str, error: AccessError, n_bytes: int) -> None:
        """Answer a stranger, with as many words as fit into the bytes that were sent, or none."""
        if not self._answers.take(peer.host):
            return
        for text in (str(error), ""):
            packet = encode(Message("/sda/fail", (address, error.code, text)))
            if len(packet) <= n_bytes:
                peer.send_packet(packet)
                return

    def forget(self, peer: Peer) -> None:
        """Forget a client; it must show the token again."""
        if self._admitted.pop(peer, None) is not None:
            self._on_forgotten(peer)

    def forget_silent(self) -> None:
        """Forget the clients that were silent for too long, and what they subscribed to."""
        for peer in [peer for peer in self._admitted if self._is_silent(peer)]:
            self.forget(peer)

    def _is_silent(self, peer: Peer) -> bool:
        return not peer.is_connection and self._clock() - self._admitted[peer] > SILENCE_S


def keep_token(path: Path) -> str:
    """Return the token that is kept in a file only its owner can read; make one where none is.

    Raises:
        FileError: the file cannot be read or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            # it may have been copied from elsewhere
            path.chmod(0o600)
            token = path.read_text("utf-8").strip()
        else:
            # Letters only: hosts turn what looks like a number into one.
            token = "".join(secrets.choice(string.ascii_lowercase) for _ in range(_TOKEN_LENGTH))
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{token}\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The token in '{path}' cannot be read or made: {error}. "
            "Remove the file, or name a token of your own in server.token."
        ) from error
    if not token:
        raise FileError(f"The file '{path}' holds no token. Remove it, and one is made.")
    return token
