"""``sdaudio record``: stand between players and the daemon and write down what is sent.

Players send to a port of the recorder instead of the daemon's. Every packet goes on to the daemon
byte for byte, and what it answers comes back, so nobody notices a difference. Questions about the
daemon and subscriptions are no part of a performance and are not written down. Where the daemon
wants a token, each player shows its own, and that is not written down either. A player that talks
TCP is not heard.
"""

import contextlib
import logging
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from sdaudio.errors import FileError, StateError, UsageError

from ..client import DaemonAddress, connected_socket
from ..scheduling import ntp_to_unix
from ..wire import IMMEDIATELY, Bundle, MalformedPacket, Message, decode
from .score import HEADER, answer_line, rest_line, sent_line
from .terminal import tell

logger = logging.getLogger(__name__)

_MAX_PLAYERS = 64
"""Sockets towards the daemon; oscsend takes a new port for every message."""
_WAKE_S = 0.5
"""Windows delivers Ctrl-C only when waiting ends."""
_NOT_PLAYED = frozenset(
    f"/sda/{name}"
    for name in ("hello", "help", "status", "sync", "subscribe", "unsubscribe", "job/list")
)


def record(
    path: Path,
    daemon: DaemonAddress,
    *,
    through: int,
    with_answers: bool = False,
    replace: bool = False,
) -> int:
    """Record until Ctrl-C or a polite kill what is sent through a port; returns the exit code.

    Args:
        path: the score to write.
        daemon: where the daemon is.
        through: the UDP port to listen on, on this machine only; 0 takes a free one.
        with_answers: write down what the daemon answers, too.
        replace: write over a file that is there.

    Raises:
        NoAnswerError: there is no daemon.
        FileError: the file cannot be written.
        StateError: the port is taken.
    """
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(daemon.connect())
        client.call("/sda/status")
        front = stack.enter_context(_listening_socket(through))
        try:
            score = stack.enter_context(path.open("w" if replace else "x", encoding="utf-8"))
        except FileExistsError as error:
            raise FileError(f"'{path}' is there already; --replace writes over it.") from error
        except OSError as error:
            raise FileError(f"Cannot write '{path}': {error.strerror}.") from error
        recorder = Recorder(
            front,
            lambda: connected_socket(daemon.host, daemon.port),
            score,
            with_answers=with_answers,
        )
        stack.callback(recorder.close)
        wake = stack.enter_context(_ended_by_signal())
        tell(
            f"Recording what comes to port {front.getsockname()[1]} and goes on to {client.peer}. "
            "Ctrl-C ends."
        )
        recorder.run(wake)
        recorder.finish()
    tell(f"{recorder.n_messages} messages in {recorder.duration_s:.1f} s are in {path}.")
    return 0


class Recorder:
    """Passes packets on in both directions and writes a score.

    Args:
        front: the socket that players send to.
        connect: opens a socket to the daemon.
        score: where the lines go; each is written at once, so that a crash loses none.
        with_answers: write what the daemon answers, too.
        clock: unix time in seconds.
    """

    def __init__(
        self,
        front: socket.socket,
        connect: Callable[[], socket.socket],
        score: TextIO,
        *,
        with_answers: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.n_messages = 0
        """Messages that were written down."""
        self._front = front
        self._connect = connect
        self._score = score
        self._with_answers = with_answers
        self._clock = clock
        self._first_s: float | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(front, selectors.EVENT_READ)
        # the one that was quiet longest comes first
        self._players: dict[Any, socket.socket] = {}
        self._write(HEADER)

    @property
    def duration_s(self) -> float:
        """Seconds since the first message."""
        return 0.0 if self._first_s is None else self._clock() - self._first_s

    def run(self, wake: socket.socket) -> None:
        """Pass packets on until something can be read from ``wake``."""
        self._selector.register(wake, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select(_WAKE_S):
                if key.fileobj is wake:
                    return
                self.pass_on(key.fileobj)

    def pass_on(self, ready: Any) -> None:  # noqa: ANN401 (a selector's file object)
        """Pass on what has come to one of the sockets."""
        if ready is self._front:
            packet, player = self._front.recvfrom(65536)
            daemon = self._daemon_for(player)
            with contextlib.suppress(ConnectionRefusedError):
                daemon.send(packet)
            self._write_sent(packet)
            return
        player = next((p for p, upstream in self._players.items() if upstream is ready), None)
        if player is None:
            # closed a moment ago to make room
            return
        try:
            packet = ready.recv(65536)
        except ConnectionRefusedError:
            tell("The daemon does not answer.")
            return
        self._front.sendto(packet, player)
        if self._with_answers:
            self._write_answer(packet)

    def finish(self) -> None:
        """Write how long the score lasts."""
        if self._first_s is not None:
            self._write(rest_line(self.duration_s))

    def close(self) -> None:
        """Close the sockets to the daemon."""
        for upstream in self._players.values():
            upstream.close()
        self._selector.close()

    def _daemon_for(self, player: object) -> socket.socket:
        upstream = self._players.pop(player, None)
        if upstream is None:
            if len(self._players) >= _MAX_PLAYERS:
                oldest = self._players.pop(next(iter(self._players)))
                self._selector.unregister(oldest)
                oldest.close()
            upstream = self._connect()
            self._selector.register(upstream, selectors.EVENT_READ)
        self._players[player] = upstream
        return upstream

    def _write_sent(self, packet: bytes) -> None:
        now = self._clock()
        try:
            sent = decode(packet)
        except MalformedPacket as error:
            # the daemon has it and says so itself
            logger.warning("%s", error)
            return
        is_bundle = isinstance(sent, Bundle)
        for time_s, together in _groups(sent, now):
            messages = [each for each in together if each.address not in _NOT_PLAYED]
            if not messages:
                continue
            try:
                self._write(sent_line(self._since_first(time_s), messages, is_bundle=is_bundle))
            except UsageError as error:
                tell(f"Not recorded: {error}")
            else:
                self.n_messages += len(messages)

    def _write_answer(self, packet: bytes) -> None:
        with contextlib.suppress(MalformedPacket, UsageError):
            answer = decode(packet)
            if isinstance(answer, Message) and self._first_s is not None:
                self._write(answer_line(self._since_first(self._clock()), answer))

    def _since_first(self, time_s: float) -> float:
        if self._first_s is None:
            self._first_s = time_s
        return max(time_s - self._first_s, 0.0)

    def _write(self, line: str) -> None:
        self._score.write(f"{line}\n")
        self._score.flush()


def _groups(packet: Message | Bundle, now: float) -> list[tuple[float, list[Message]]]:
    """The messages that run together and when: as the daemon's scheduler sees it."""
    groups: dict[float, list[Message]] = {}
    _collect(packet, now, groups)
    return sorted(groups.items())


def _collect(packet: Message | Bundle, time_s: float, groups: dict[float, list[Message]]) -> None:
    if isinstance(packet, Message):
        groups.setdefault(time_s, []).append(packet)
        return
    if packet.timetag > IMMEDIATELY:
        time_s = max(time_s, ntp_to_unix(packet.timetag, near=time_s))
    for element in packet.elements:
        _collect(element, time_s, groups)


def _listening_socket(port: int) -> socket.socket:
    front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    front.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    try:
        front.bind(("127.0.0.1", port))
    except OSError as error:
        front.close()
        raise StateError(
            f"Port {port} cannot be used: {error.strerror}. Name another: --through PORT."
        ) from error
    return front


@contextlib.contextmanager
def _ended_by_signal() -> Iterator[socket.socket]:
    """Give a socket that can be read once Ctrl-C or a polite kill has come."""
    wake, signalled = socket.socketpair()
    with wake, signalled:
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(each, lambda *_: signalled.send(b"!")) for each in numbers]
        try:
            yield wake
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)
