"""From a packet to an answer: decode, schedule, match, bind, handle, answer.

Every mistake a packet can make is caught here and answered; nothing a client sends ends the
daemon, and nothing makes it talk to itself or to another daemon without end.
"""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from sdaudio.errors import AccessError, SdaudioError, UsageError

from .access import HELLO, MAX_STRANGE, Access
from .allowance import Allowances
from .context import Context
from .jobs import Job, Work
from .patterns import expand, is_pattern
from .registry import Command, Results
from .scheduling import Scheduler
from .wire import Bundle, MalformedPacket, Message, Peer, decode

logger = logging.getLogger(__name__)

MAX_COMMANDS = 1024
"""Commands that the messages of one bundle may reach, through address patterns."""

MAX_PATTERN_LENGTH = 512
"""Characters of all address patterns in one bundle."""

_ANSWERS = frozenset(("/sda/done", "/sda/fail", "/sda/late", "/sda/synced"))
_SPELT_OUT = frozenset(("/sda/quit",))
_MAX_TEXT = 1000
_HINTS = 4


class Dispatcher:
    """Runs what clients send.

    Args:
        context: what handlers are given.
        access: who may speak.
        clock: unix time in seconds, for timetags.
        monotonic: time in seconds, for how often a malformed packet is answered, and for handlers
            that are to do something at the moment a bundle is dated.
    """

    def __init__(
        self,
        context: Context,
        access: Access,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._access = access
        loop = asyncio.get_running_loop()
        self._scheduler = Scheduler(
            clock,
            loop.call_later,
            run=self.run,
            on_late=self._late,
            horizon_s=context.settings.server.far_future_s,
            max_waiting=context.settings.server.waiting_bundles,
        )
        self._malformed_answers = Allowances(monotonic, burst=200, rate=100)
        self._matching = functools.lru_cache(maxsize=256)(self._expand)
        self._hints_left = _HINTS
        self._clock, self._monotonic = clock, monotonic
        self._moment: float | None = None

    @property
    def n_waiting(self) -> int:
        """Bundles that wait for their time."""
        return self._scheduler.n_waiting

    def on_packet(self, data: bytes, peer: Peer) -> None:
        """Take one packet from a transport.

        Raises:
            SdaudioError: it is refused as a whole (`MalformedPacket` when it is no OSC); answered
                already, raised for the transport to count and to hold its sender back.
        """
        is_known = self._access.admits(peer)
        address = ""
        try:
            if not is_known and len(data) > MAX_STRANGE:
                raise AccessError(f"Send {HELLO} with the token first.")
            packet = decode(data)
            if not is_known:
                single = _single(packet)
                address = single.address
                self._access.try_token(single, peer)
            if isinstance(packet, Bundle):
                self._check_size(packet)
            self._scheduler.submit(packet, peer)
        except MalformedPacket as error:
            if is_known and self._malformed_answers.take(peer):
                self._fail(peer, "", error)
            raise
        except AccessError as error:
            self._access.turn_away(peer, address, error, len(data))
            raise
        except SdaudioError as error:
            self._fail(peer, "", error)
            raise

    def run(self, messages: Sequence[Message], peer: Peer) -> None:
        """Run messages that belong together; what they edit is one step to undo."""
        self._hints_left = _HINTS
        dated_s = self._scheduler.dated_s
        self._moment = None
        if dated_s is not None:
            # once for all of them, so that what starts together starts on the same sample
            self._moment = self._monotonic() + dated_s - self._clock()
        with self._context.sessions.batch(peer):
            for message in messages:
                self._run_one(message, peer)

    def close(self) -> None:
        """Forget the bundles that wait."""
        self._scheduler.clear()

    def _check_size(self, bundle: Bundle) -> None:
        n_commands, pattern_length = 0, 0
        for message in _messages(bundle):
            if not is_pattern(message.address):
                n_commands += 1
                continue
            pattern_length += len(message.address)
            if pattern_length > MAX_PATTERN_LENGTH:
                raise UsageError(
                    f"The address patterns of the bundle have more than {MAX_PATTERN_LENGTH} "
                    "characters. Send several bundles, or spell addresses out."
                )
            try:
                n_commands += len(self._matching(message.address))
                n_commands += self._context.state.n_meant_by(message.address)
            except UsageError:
                # answered when the message is run
                n_commands += 1
        if n_commands > MAX_COMMANDS:
            raise UsageError(
                f"The bundle reaches {n_commands} commands; at most {MAX_COMMANDS} are run in "
                "one go. Send several bundles."
            )

    def _run_one(self, message: Message, peer: Peer) -> None:
        calls: list[tuple[Command, Message]] = []
        try:
            for meant in self._context.state.meant_by(message):
                calls += [(command, meant) for command in self._commands(meant.address)]
        except Exception as error:  # noqa: BLE001 - see _failed
            self._failed(peer, message.address, error)
            return
        for command, meant in calls:
            self._call(command, meant, peer)

    def _commands(self, address: str) -> Sequence[Command]:
        registry = self._context.registry
        if address in registry:
            return (registry[address],)
        if is_pattern(address):
            commands = self._matching(address)
            if not commands:
                raise UsageError(f"No command matches '{address}'. /sda/help lists all.")
            return commands
        if address in _ANSWERS:
            # Answered, two daemons that were pointed at each other would never end.
            logger.debug("%s is an answer; it is left alone", address)
            return ()
        if self._hints_left:
            self._hints_left -= 1
            return (registry[address],)
        raise UsageError(f"There is no command '{address[:128]}'. /sda/help lists all.")

    def _expand(self, pattern: str) -> tuple[Command, ...]:
        registry = self._context.registry
        matching = expand(pattern, registry.addresses)
        return tuple(registry[known] for known in matching if known not in _SPELT_OUT)

    def _call(self, command: Command, message: Message, peer: Peer) -> None:
        try:
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
        except Exception as error:  # noqa: BLE001 - see _failed
            self._failed(peer, command.address, error)

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
        available = {"context": self._context, "peer": peer, "job": job, "moment": self._moment}
        return [available[name] for name in command.injected]

    async def _answer_later(
        self, address: str, outcome: Awaitable[Results | None], peer: Peer
    ) -> None:
        try:
            self._done(peer, address, await outcome)
        except Exception as error:  # noqa: BLE001 - see _failed
            self._failed(peer, address, error)

    def _failed(self, peer: Peer, address: str, error: Exception) -> None:
        """Answer whatever a command raised; what was not raised on purpose is logged, too."""
        if not isinstance(error, SdaudioError):
            logger.error("%s failed unexpectedly", address, exc_info=error)
            error = SdaudioError(f"{type(error).__name__}: {error}")
        self._fail(peer, address, error)

    def _done(self, peer: Peer, address: str, results: Results | None) -> None:
        if results is not None:
            self._context.clients.tell(peer, "/sda/done", address, *results)

    def _fail(self, peer: Peer, address: str, error: SdaudioError) -> None:
        text = str(error)
        if len(text) > _MAX_TEXT:
            # what was given may be in it, and a datagram must hold it
            text = f"{text[: _MAX_TEXT // 2]} ... {text[-_MAX_TEXT // 2 :]}"
        self._context.clients.tell(peer, "/sda/fail", address[:256], error.code, text)

    def _late(self, late_s: float, _messages: Sequence[Message], peer: Peer) -> None:
        self._context.clients.tell(peer, "/sda/late", late_s)


def _messages(bundle: Bundle) -> Iterator[Message]:
    for element in bundle.elements:
        if isinstance(element, Message):
            yield element
        else:
            yield from _messages(element)


def _single(packet: Message | Bundle) -> Message:
    """The message of a packet that holds one, also where a host wraps it into a bundle."""
    while isinstance(packet, Bundle):
        if len(packet.elements) != 1:
            return Message("")
        packet = packet.elements[0]
    return packet
