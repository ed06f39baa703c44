"""Runs bundles at their time: whole, in order, and without blocking anybody.

The scheduler holds no thread and no clock of its own; it is given a clock and a way to be called
later (`asyncio.loop.call_later` in the daemon, a fake in tests).
"""

import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sdaudio.errors import StateError, UsageError

from .wire.messages import IMMEDIATELY, Bundle, Message
from .wire.peers import Peer

logger = logging.getLogger(__name__)

NTP_UNIX_OFFSET_S = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970, where unix time begins."""

_ERA_S = 1 << 32
_FRACTION = 1 << 32

_GO = 64
"""Messages that came due and run in one go, unless one bundle holds more; others get their turn
in between."""

Run = Callable[[tuple[Message, ...], Peer], None]


class Timer(Protocol):
    """What ``call_later`` returns."""

    def cancel(self) -> None:
        """Forget the call."""
        ...


def ntp_to_unix(timetag: int, *, near: float) -> float:
    """Return the unix time in seconds that a 64-bit NTP timetag means.

    NTP counts seconds in 32 bits and begins again on 7 February 2036; of all the times that a
    timetag can mean, the one nearest to ``near`` (unix time, usually now) is taken.
    """
    seconds, fraction = divmod(timetag, _FRACTION)
    unix = seconds - NTP_UNIX_OFFSET_S
    unix += round((near - unix) / _ERA_S) * _ERA_S
    return unix + fraction / _FRACTION


def unix_to_ntp(time_s: float) -> int:
    """Return the 64-bit NTP timetag of a unix time; 2036 and later wrap around."""
    seconds = int(time_s // 1)
    fraction = int((time_s - seconds) * _FRACTION)
    return (seconds + NTP_UNIX_OFFSET_S) % _ERA_S << 32 | fraction


@dataclass(frozen=True, slots=True, order=True)
class _Waiting:
    """Messages that wait; those of the same time keep the order they came in."""

    time_s: float
    number: int
    messages: tuple[Message, ...]
    peer: Peer


class Scheduler:
    """Takes messages and bundles and runs their messages at their time.

    Args:
        clock: returns unix time in seconds.
        call_later: ``call_later(delay_s, callback)`` calls back once and returns a `Timer`.
        run: called with the messages that belong together and their sender. Whatever it raises
            is logged, and what waits behind it is still run.
        on_late: called with (late_s, messages, peer) before messages that are run more than
            ``late_s`` after their time.
        horizon_s: a bundle further in the future than this is refused.
        max_waiting: how many bundles may wait; each nested bundle with a time of its own counts.
        max_waiting_messages: how many messages may wait in all of them together.
        late_s: how late is late. Hosts that stamp a bundle with "now" are always late by its way.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], Timer],
        *,
        run: Run,
        on_late: Callable[[float, tuple[Message, ...], Peer], None] | None = None,
        horizon_s: float = 60.0,
        max_waiting: int = 1000,
        max_waiting_messages: int = 20_000,
        late_s: float = 0.01,
    ) -> None:
        self._clock = clock
        self._call_later = call_later
        self._run = run
        self._on_late = on_late
        self._horizon_s = horizon_s
        self._max_waiting = max_waiting
        self._max_waiting_messages = max_waiting_messages
        self._late_s = late_s
        self._waiting: list[_Waiting] = []
        self._n_messages = 0
        self._number = 0
        self._timer: Timer | None = None
        self._timer_time_s = 0.0
        self.dated_s: float | None = None
        """While messages run: the time they were dated, None when they came without."""

    @property
    def n_waiting(self) -> int:
        """How many bundles wait for their time."""
        return len(self._waiting)

    def submit(self, packet: Message | Bundle, peer: Peer) -> None:
        """Run a message or bundle now, or keep it until its time.

        A bundle with the timetag 1 (or 0, which some hosts send for the same) runs now. The
        messages of one bundle run together, those of a nested bundle at its own time if that is
        later than the time around it and together with it otherwise. A bundle is accepted as a
        whole or not at all. What is due already runs before, some 64 messages of it.

        Raises:
            UsageError: a timetag is further in the future than the horizon.
            StateError: too much waits already.
        """
        now = self._clock()
        if isinstance(packet, Message):
            self._run_due(now)
            self._run_together((packet,), peer)
            return
        groups: dict[float, list[Message]] = {}
        self._collect(packet, self._time(packet, now, otherwise=now), now, groups)
        # A nested bundle is never earlier than the one around it, but it may be than its sibling.
        in_order = [(time_s, tuple(groups[time_s])) for time_s in sorted(groups)]
        later = [(time_s, messages) for time_s, messages in in_order if time_s > now]
        self._check_room(later)
        self._run_due(now)
        for time_s, messages in in_order[: len(in_order) - len(later)]:
            dated_s = time_s if time_s < now else None
            self._run_together(messages, peer, late_s=now - time_s, dated_s=dated_s)
        for time_s, messages in later:
            self._number += 1
            self._n_messages += len(messages)
            heapq.heappush(self._waiting, _Waiting(time_s, self._number, messages, peer))
        self._set_timer()

    def clear(self) -> int:
        """Forget everything that waits and return how many bundles that were."""
        n_forgotten = len(self._waiting)
        self._waiting.clear()
        self._n_messages = 0
        self._set_timer()
        return n_forgotten

    def _time(self, bundle: Bundle, now: float, *, otherwise: float) -> float:
        if bundle.timetag <= IMMEDIATELY:
            return otherwise
        time_s = ntp_to_unix(bundle.timetag, near=now)
        if time_s - now > self._horizon_s:
            raise UsageError(
                f"The bundle is dated {time_s - now:.1f} s into the future; at most "
                f"{self._horizon_s:g} s are allowed. Check the clocks of both machines."
            )
        return time_s

    def _collect(
        self, bundle: Bundle, time_s: float, now: float, groups: dict[float, list[Message]]
    ) -> None:
        for element in bundle.elements:
            if isinstance(element, Message):
                groups.setdefault(time_s, []).append(element)
            else:
                own_s = self._time(element, now, otherwise=time_s)
                self._collect(element, max(own_s, time_s), now, groups)

    def _check_room(self, later: list[tuple[float, tuple[Message, ...]]]) -> None:
        if not later:
            return
        n_bundles = len(self._waiting) + len(later)
        n_messages = self._n_messages + sum(len(messages) for _, messages in later)
        if n_bundles > self._max_waiting or n_messages > self._max_waiting_messages:
            raise StateError(
                f"{len(self._waiting)} bundles with {self._n_messages} messages wait already; at "
                f"most {self._max_waiting} with {self._max_waiting_messages} may. "
                "Send bundles closer to their time."
            )

    def _on_timer(self) -> None:
        self._timer = None
        self._run_due(self._clock())
        self._set_timer()

    def _run_due(self, now: float) -> None:
        n_run = 0
        while self._waiting and self._waiting[0].time_s <= now and n_run < _GO:
            due = heapq.heappop(self._waiting)
            self._n_messages -= len(due.messages)
            n_run += len(due.messages)
            self._run_together(due.messages, due.peer, late_s=now - due.time_s, dated_s=due.time_s)

    def _run_together(
        self,
        messages: tuple[Message, ...],
        peer: Peer,
        *,
        late_s: float = 0.0,
        dated_s: float | None = None,
    ) -> None:
        self.dated_s = dated_s
        try:
            if late_s > self._late_s and self._on_late is not None:
                self._on_late(late_s, messages, peer)
            self._run(messages, peer)
        except Exception:
            logger.exception("running %d messages of %s failed", len(messages), peer.description)
        finally:
            self.dated_s = None

    def _set_timer(self) -> None:
        if not self._waiting:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            return
        time_s = self._waiting[0].time_s
        if self._timer is not None:
            if self._timer_time_s == time_s:
                return
            self._timer.cancel()
        self._timer_time_s = time_s
        self._timer = self._call_later(max(0.0, time_s - self._clock()), self._on_timer)
