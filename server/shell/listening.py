"""``sdaudio listen``: print what a daemon tells its subscribers, also across its restarts."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sdaudio.errors import NoAnswerError

from ..client import Client, DaemonAddress, Event, Value
from ..patterns import matches
from .terminal import interruptible, tell
from .words import show_words

_OWN = ("/sda/hello", "/sda/status", "/sda/subscribe")
_CHECK_S = 2.0
"""How often the daemon is asked whether it is still the same one."""


def listen(
    patterns: tuple[str, ...],
    daemon: DaemonAddress,
    *,
    count: int = 0,
    as_json: bool = False,
    also: tuple[str, ...] = (),
) -> int:
    """Subscribe and print one line for every message until Ctrl-C; returns the exit code.

    Args:
        patterns: addresses or OSC patterns to print; all without.
        daemon: where the daemon is.
        count: how many messages to print before ending; 0 goes on.
        also: commands without arguments that make the daemon tell more.
        as_json: print JSON objects with ``time`` (unix seconds), ``address`` and ``arguments``.

    Raises:
        NoAnswerError: there is no daemon at the start.
        UsageError: a pattern is malformed.
    """
    for pattern in patterns:
        matches(pattern, "/")
    show = _show_json if as_json else _show_line
    n_shown = 0
    with daemon.connect() as client:
        subscription = Subscription(client, on_news=tell, also=also)
        subscription.start()
        with interruptible() as interrupt:
            while not interrupt.came and (not count or n_shown < count):
                event = subscription.receive()
                if event and (not patterns or any(matches(p, event[0]) for p in patterns)):
                    show(time.time(), event)
                    n_shown += 1
        client.send("/sda/unsubscribe")
    return 0


class Subscription:
    """A subscription that comes back by itself when the daemon does.

    Args:
        client: the connection; nobody else uses it meanwhile.
        on_news: called with a sentence when the daemon went away or came back.
        clock: seconds, for the time between two questions.
        also: commands without arguments that are sent with every subscription.
    """

    def __init__(
        self,
        client: Client,
        *,
        on_news: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        also: tuple[str, ...] = (),
    ) -> None:
        self._also = also
        self._client = client
        self._on_news = on_news
        self._clock = clock
        self._checked_at = clock()
        self._uptime_s = 0.0
        self._answered = True
        self._is_gone = False

    def start(self) -> None:
        """Subscribe for the first time.

        Raises:
            NoAnswerError: there is no daemon.
        """
        self._client.call("/sda/subscribe")
        self._ask_for_more()

    def receive(self) -> Event | None:
        """Return the next message, or None when there was none for a moment."""
        event = self._client.events.popleft() if self._client.events else None
        if event is None:
            event = self._client.receive(max(self._checked_at + _CHECK_S - self._clock(), 0.0))
        if self._clock() >= self._checked_at + _CHECK_S:
            self._check()
        match event:
            case "/sda/done", ("/sda/status", float(uptime_s), *_):
                self._hear_uptime(uptime_s)
            case "/sda/done", (str(address), *_) if address in _OWN:
                pass
            case _:
                return event
        return None

    def _ask_for_more(self) -> None:
        for address in self._also:
            self._client.send(address)

    def _check(self) -> None:
        if not self._answered and not self._is_gone:
            self._is_gone = True
            self._on_news("The daemon does not answer; waiting for it to come back.")
        self._checked_at = self._clock()
        self._answered = False
        # Without a network there is no answer either, and the next check tries again. A daemon that
        # was started again wants to see the token again.
        with suppress(NoAnswerError):
            self._client.introduce()
            self._client.send("/sda/status")

    def _hear_uptime(self, uptime_s: float) -> None:
        self._answered = True
        if uptime_s < self._uptime_s or self._is_gone:
            self._on_news("The daemon is back.")
            self._is_gone = False
            with suppress(NoAnswerError):
                self._client.send("/sda/subscribe")
                self._ask_for_more()
        self._uptime_s = uptime_s


def _show_line(now: float, event: Event) -> None:
    address, values = event
    moment = datetime.fromtimestamp(now).strftime("%H:%M:%S.%f")[:-3]
    print(moment, address, show_words(values), flush=True)


def _show_json(now: float, event: Event) -> None:
    address, values = event
    record: dict[str, float | str | list[Value]] = {
        "time": round(now, 6), "address": address, "arguments": list(values)
    }  # fmt: skip
    print(json.dumps(record, ensure_ascii=False), flush=True)
