"""From a packet to an answer: decode, schedule, match, bind, handle, answer.

Every mistake a packet can make is caught here and answered; nothing a client sends ends the
daemon.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from sdaudio.errors import SdaudioError, UsageError

from .context import Context
from .jobs import Job
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
        try:
            addresses = [message.address]
            if is_pattern(message.address):
                addresses = expand(message.address, self._context.registry.addresses)
                if not addresses:
                    raise UsageError(
                        f"No command matches '{message.address}'. /sda/help lists all."
                    )
            commands = [self._context.registry[address] for address in addresses]
        except SdaudioError as error:
            self._fail(peer, message.address, error)
            return
        for command in commands:
            self._call(command, message, peer)

    def _call(self, command: Command, message: Message, peer: Peer) -> None:
        address = command.address
        try:
            positional, named = command.bind(message.arguments)
            if command.is_job:
                self._start_job(command, positional, named, peer)
                return
            given = self._injected(command, peer, None)
            outcome = command.handler(*self._ordered(command, given, positional), **named)
            if asyncio.iscoroutine(outcome):
                self._context.jobs.follow(peer, self._answer_later(address, outcome, peer))
                return
            self._done(peer, address, outcome)  # type: ignore[arg-type]
        except SdaudioError as error:
            self._fail(peer, address, error)
        except Exception as error:
            logger.exception("%s failed unexpectedly", address)
            self._fail(peer, address, SdaudioError(f"{type(error).__name__}: {error}"))

    def _start_job(
        self, command: Command, positional: list[Any], named: dict[str, Any], peer: Peer
    ) -> None:
        async def work(job: Job) -> Results:
            given = self._injected(command, peer, job)
            outcome = command.handler(*self._ordered(command, given, positional), **named)
            results: Results = await outcome  # type: ignore[misc]
            return results

        job = self._context.jobs.start(command.address, peer, work)
        self._done(peer, command.address, (job.number,))

    def _injected(self, command: Command, peer: Peer, job: Job | None) -> dict[str, Any]:
        available = {"context": self._context, "peer": peer, "job": job}
        return {name: available[name] for name in command.injected}

    def _ordered(self, command: Command, given: dict[str, Any], positional: list[Any]) -> list[Any]:
        # injected parameters come first in every handler, see registry.command
        return [*(given[name] for name in command.injected), *positional]

    async def _answer_later(
        self, address: str, outcome: Coroutine[Any, Any, Results | None], peer: Peer
    ) -> None:
        try:
            self._done(peer, address, await outcome)
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
