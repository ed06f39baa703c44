"""``sdaudio replay``: send a score again, in time.

Every entry goes out a moment early, in a bundle that carries its time; so the daemon's clock keeps
the rhythm and not this process.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sdaudio.errors import UsageError

from ..client import Client, DaemonAddress, build_bundle
from .score import Entry, read_score
from .terminal import tell

_AHEAD_S = 0.2
"""How early a bundle is sent. Late enough for Ctrl-C, early enough for a machine that stumbles."""
_SYNC_NUMBER = 0x5DB


@dataclass(frozen=True, slots=True)
class Passage:
    """What to play of a score, and how.

    Args:
        start_s: where in the score to begin.
        stop_s: where to end, without what stands there; the whole rest is played without.
        speed: 2 is twice as fast.
        n_times: how often; 0 until Ctrl-C.
    """

    start_s: float = 0.0
    stop_s: float | None = None
    speed: float = 1.0
    n_times: int = 1

    def schedule(self, entries: Sequence[Entry]) -> Iterator[tuple[float, tuple[bytes, ...]]]:
        """Return (seconds from now, messages that belong together) in the order of time.

        Raises:
            UsageError: nothing of the score lies there, or it cannot be repeated.
        """
        inside = [
            entry
            for entry in entries
            if self.start_s <= entry.at_s and (self.stop_s is None or entry.at_s < self.stop_s)
        ]
        if not any(entry.packets for entry in inside):
            raise UsageError(f"The score has nothing to send from {self.start_s:g} s on.")
        end_s = inside[-1].at_s if self.stop_s is None else self.stop_s
        period_s = (end_s - self.start_s) / self.speed
        if self.n_times != 1 and period_s <= 0:
            raise UsageError(
                'The score has no length to repeat. Add a line such as {"at": 4} where it ends.'
            )
        return self._repeated(inside, period_s)

    def _repeated(
        self, entries: Sequence[Entry], period_s: float
    ) -> Iterator[tuple[float, tuple[bytes, ...]]]:
        round_number = 0
        while not self.n_times or round_number < self.n_times:
            for entry in entries:
                since_start_s = (entry.at_s - self.start_s) / self.speed
                yield round_number * period_s + since_start_s, entry.packets
            round_number += 1


def replay(path: Path, passage: Passage, daemon: DaemonAddress) -> int:
    """Send a score to a daemon; returns the exit code.

    Args:
        path: the score.
        passage: what to play of it, and how.
        daemon: where the daemon is.

    Returns:
        0 when all was sent and nothing refused, 1 otherwise.

    Raises:
        FileError: the score cannot be read.
        UsageError: there is nothing to send.
        NoAnswerError: there is no daemon.
    """
    schedule = passage.schedule(read_score(path))
    with daemon.connect() as client:
        client.call("/sda/status")
        player = Player(client, on_trouble=tell)
        player.play(schedule)
        player.finish(daemon.timeout_s)
    refused = f", {player.n_refused} refused" if player.n_refused else ""
    late = f", {player.n_late} late" if player.n_late else ""
    tell(f"{player.n_messages} messages sent{refused}{late}.")
    return 1 if player.n_refused else 0


class Player:
    """Sends messages in time and counts what the daemon has against them.

    Args:
        client: the connection; nobody else uses it meanwhile.
        on_trouble: called with a sentence for each message that was refused.
        clock: unix time in seconds.
    """

    def __init__(
        self,
        client: Client,
        *,
        on_trouble: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.n_messages = self.n_refused = self.n_late = 0
        self._client = client
        self._on_trouble = on_trouble
        self._clock = clock

    def play(self, schedule: Iterator[tuple[float, tuple[bytes, ...]]]) -> None:
        """Send messages at their seconds from now, and return when the last one is due."""
        start_s = self._clock() + _AHEAD_S
        due_s = start_s
        for at_s, packets in schedule:
            due_s = start_s + at_s
            self._listen_until(due_s - _AHEAD_S)
            if packets:
                self._client.send_packet(build_bundle(packets, time_s=due_s))
                self.n_messages += len(packets)
        self._listen_until(due_s)

    def finish(self, timeout_s: float) -> None:
        """Wait until the daemon has done everything, or is silent for ``timeout_s``."""
        self._client.send("/sda/sync", _SYNC_NUMBER)
        while (event := self._client.receive(timeout_s)) is not None:
            if event == ("/sda/synced", (_SYNC_NUMBER,)):
                return
            self._hear(*event)

    def _listen_until(self, time_s: float) -> None:
        while (left_s := time_s - self._clock()) > 0:
            event = self._client.receive(left_s)
            if event is not None:
                self._hear(*event)

    def _hear(self, address: str, values: tuple[object, ...]) -> None:
        if address in ("/sda/fail", "/sda/job/failed"):
            self.n_refused += 1
            # the text stands last in both
            self._on_trouble(str(values[-1]))
        elif address == "/sda/late":
            self.n_late += 1
