"""From a packet to an answer: decode, schedule, match, bind, handle, answer.

Every mistake a packet can make is caught here and answered; nothing a client sends ends the
daemon.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from sdaudio.errors import SdaudioError, UsageError

from .context import Context
from .jobs import Job, Work
from .patterns import expand, is_pattern
from .registry import Command, Results
from .scheduling import Scheduler
from .wire import MalformedPacket, Message, Peer, decode

logger = logging.getLogger(__name__)

_MALFORMED_ANSWERS_PER_S = 10


class Dispatcher:
    """Runs what clients send.

    Args:
        context: what handlers are given.
        clock: unix time in seconds, for timetags.
    """

    def __init__(self, context: Context, clock: Callable[[], float] = time.time) -> None:
        self._context = context
        loop = asyncio.get_running_loop()
        self._scheduler = Scheduler(
            clock,
            loop.call_later,
            run=self.run,
            on_late=self._late,
            horizon_s=context.settings.server.far_future_s,
            max_waiting=context.settings.server.waiting_bundles,
        )
        self._answered_since = 0.0
        self._answered = 0

    def on_packet(self, data: bytes, peer: Peer) -> None:
        """Take one packet from a transport.

        Raises:
            MalformedPacket: it is no OSC; answered already, raised for the transport to count.
        """
        try:
            self._scheduler.submit(decode(data), peer)
        except MalformedPacket as error:
            if self._may_answer_malformed():
                self._fail(peer, "", error)
            raise
        except SdaudioError as error:
            self._fail(peer, "", error)

    def run(self, messages: Sequence[Message], peer: Peer) -> None:
        """Run messages that belong together; what they edit is one step to undo."""
        with self._context.sessions.batch():
            for message in messages:
                self._run_one(message, peer)

    def close(self) -> None:
        """Forget the bundles that wait."""
        self._scheduler.clear()

    def _run_one(self, message: Message, peer: Peer) -> None:
        commands: list[Command] = []
        with self._failures_answered(message.address, peer):
            commands = self._commands(message.address)
        for command in commands:
            self._call(command, message, peer)

    def _commands(self, address: str) -> list[Command]:
        registry = self._context.registry
        if not is_pattern(address):
            return [registry[address]]
        matching = [registry[known] for known in expand(address, registry.addresses)]
        if not matching:
            raise UsageError(f"No command matches '{address}'. /sda/help lists all.")
        return matching

    def _call(self, command: Command, message: Message, peer: Peer) -> None:
        with self._failures_answered(command.address, peer):
            positional, named = command.bind(message.arguments)
            if command.is_job:
                job = self._context.jobs.start(
                    command.address, peer, self._work(command, positional, named, peer)
                )
                self._done(peer, command.address, (job.number,))
                return
            outcome = command.handler(*self._injected(command, peer, None), *positional, **named)
            if isinstance(outcome, Awaitable):
                self._context.jobs.follow(peer, self._answer_later(command.address, outcome, peer))
            else:
                self._done(peer, command.address, outcome)

    def _work(
        self, command: Command, positional: list[Any], named: dict[str, Any], peer: Peer
    ) -> Work:
        async def work(job: Job) -> Results:
            outcome = command.handler(*self._injected(command, peer, job), *positional, **named)
            results: Results = await outcome  # type: ignore[misc]
            return results

        return work

    def _injected(self, command: Command, peer: Peer, job: Job | None) -> list[Any]:
        # they come first in every handler, see registry.command
        available = {"context": self._context, "peer": peer, "job": job}
        return [available[name] for name in command.injected]

    async def _answer_later(
        self, address: str, outcome: Awaitable[Results | None], peer: Peer
    ) -> None:
        with self._failures_answered(address, peer):
            self._done(peer, address, await outcome)

    @contextlib.contextmanager
    def _failures_answered(self, address: str, peer: Peer) -> Iterator[None]:
        try:
            yield
        except SdaudioError as error:
            self._fail(peer, address, error)
        except Exception as error:
            logger.exception("%s failed unexpectedly", address)
            self._fail(peer, address, SdaudioError(f"{type(error).__name__}: {error}"))

    def _done(self, peer: Peer, address: str, results: Results | None) -> None:
        if results is not None:
            self._context.clients.tell(peer, "/sda/done", address, *results)

    def _fail(self, peer: Peer, address: str, error: SdaudioError) -> None:
        self._context.clients.tell(peer, "/sda/fail", address[:256], error.code, str(error))

    def _late(self, late_s: float, _messages: Sequence[Message], peer: Peer) -> None:
        self._context.clients.tell(peer, "/sda/late", late_s)

    def _may_answer_malformed(self) -> bool:
        now = time.monotonic()
        if now - self._answered_since > 1.0:
            self._answered_since, self._answered = now, 0
        self._answered += 1
        return self._answered <= _MALFORMED_ANSWERS_PER_S
