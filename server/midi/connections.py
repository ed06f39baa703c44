"""Inputs that are open: opened by a part of their name, opened again when they come back.

What arrives comes on threads of the backend. It waits in one queue and is taken from there in the
daemon's loop, a few events at a time, so that a flood of MIDI holds up nobody. While many wait, of
one knob only its latest position is taken.
"""

import asyncio
import logging
import threading
import time
import typing
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from sdaudio.errors import DeviceError, StateError

from .maps import fits
from .parsing import Event, Parser
from .ports import UNAVAILABLE, VIRTUAL, Backend, MidiPorts, OpenPort

logger = logging.getLogger(__name__)

LOOK_S = 2.0
"""Between two looks for inputs that came or went."""
MAX_WAITING = 8192
"""Pieces of bytes; of more the oldest are dropped and counted."""
MAX_INPUTS = 32
PATIENCE_S = 3.0
"""How long the MIDI system may take to answer."""
_AT_ONCE_S = 0.001
_MANY, _TOO_MANY = 64, 1024
"""Pieces that wait, from which on of a knob, and of a key, only the latest counts."""
_T = TypeVar("_T")
Piece = tuple[str, bytes, float]
"""Bytes of an input and when they came."""
_KEYED, _WHOLE = (0xA0, 0xB0), (0xD0, 0xE0)
"""Messages of which only the latest counts: by their number, and by their channel alone."""
_ORDERED = frozenset((6, 38, 64, 66, *range(96, 102), *range(120, 128)))
"""Controllers that mean something by their order: parameters, pedals, channel modes."""


@dataclass(slots=True)
class _Input:
    port: OpenPort
    parser: Parser


async def patiently(function: Callable[..., _T], *arguments: object) -> _T:
    """Call something on a thread that is left to itself when it hangs.

    A sound system that died under an open port can keep whoever closes it for ever.

    Raises:
        DeviceError: it did not come back in time.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_T] = loop.create_future()

    def tell(value: _T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(typing.cast(_T, value))

    def call() -> None:
        value, error = None, None
        try:
            value = function(*arguments)
        except BaseException as caught:  # noqa: BLE001 - it is raised where it is waited for
            error = caught
        # the loop may have ended meanwhile
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, value, error)

    threading.Thread(target=call, daemon=True, name="midi").start()
    try:
        # not wait_for, which can lose a cancellation in Python 3.11
        async with asyncio.timeout(PATIENCE_S):
            return await outcome
    except TimeoutError as error:
        raise DeviceError("The MIDI system does not answer.") from error


class Connections:
    """The inputs of the daemon.

    Args:
        backend: where ports come from.
        on_event: called in the loop with (port, event, when it arrived in monotonic seconds).
        on_gone: called with the name of an input that is no longer there.
        on_change: called when an input was opened or is gone, with its name and which of them.
        on_outputs: called when outputs came or went.
    """

    def __init__(
        self,
        backend: Backend,
        on_event: Callable[[str, Event, float], None],
        on_gone: Callable[[str], None],
        on_change: Callable[[str, bool], None],
        on_outputs: Callable[[], None],
    ) -> None:
        self._backend = backend
        self._on_event, self._on_gone, self._on_change = on_event, on_gone, on_change
        self._on_outputs = on_outputs
        self.known = MidiPorts(problem="MIDI was not looked at yet")
        self.wanted: list[str] = []
        """Names of inputs, or parts of them; * is all."""
        self.own: tuple[str, ...] = ()
        """Names of outputs that we made ourselves: other programs' inputs, and none of ours."""
        self.n_events = self.n_dropped = 0
        self._inputs: dict[str, _Input] = {}
        self._failed: set[str] = set()
        self._waiting: deque[Piece] = deque()
        self._taken: deque[Piece] = deque()
        self._is_draining = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        """The inputs that are open."""
        return list(self._inputs)

    @property
    def n_lost(self) -> int:
        """Bytes that belonged to no message."""
        return sum(each.parser.n_lost for each in self._inputs.values())

    async def start(self, wanted: Iterable[str]) -> None:
        """Open what is there now, and look for what comes later."""
        self._loop = asyncio.get_running_loop()
        self.wanted = list(wanted)
        await self.look()
        self._looking = self._loop.create_task(self._keep_looking())

    async def look(self) -> MidiPorts:
        """Open inputs that came, let go of those that went; returns what there is."""
        async with self._busy:
            before = self.known.outputs
            try:
                self.known = await patiently(self._backend.ports)
            except DeviceError as error:
                self.known = MidiPorts(problem=f"{UNAVAILABLE} ({error})")
            for name in [name for name in self._inputs if not name.startswith(VIRTUAL)]:
                if name not in self.known.inputs:
                    await self._let_go(name)
            if self.known.outputs != before:
                self._on_outputs()
            self._failed &= set(self.known.inputs)
            for name in self.known.inputs:
                is_own = any(own in name for own in self.own)
                if not is_own and any(fits(name, wanted) for wanted in self.wanted):
                    await self._open(name)
        return self.known

    async def open(self, wanted: str) -> list[str]:
        """Listen to inputs by name from now on; returns those that are there.

        Raises:
            StateError: there is none of this name now; it is opened when it comes.
        """
        if wanted not in self.wanted:
            self.wanted.append(wanted)
        self._failed.clear()
        if wanted.startswith(VIRTUAL):
            async with self._busy:
                await self._open(wanted)
        else:
            await self.look()
        found = [name for name in self._inputs if fits(name, wanted)]
        if not found:
            there = ", ".join(self.known.inputs) or self.known.problem or "none"
            raise StateError(
                f"There is no MIDI input '{wanted[:80]}' now ({there}). It is opened when it comes."
            )
        return found

    async def close_input(self, wanted: str) -> list[str]:
        """Listen to inputs no more; returns those that were open."""
        self.wanted = [each for each in self.wanted if each != wanted]
        async with self._busy:
            closed = [name for name in self._inputs if fits(name, wanted)]
            for name in closed:
                await self._let_go(name)
                # an input that * would open again stays closed until it is asked for
                self._failed.add(name)
        return closed

    async def close(self) -> None:
        """Close all inputs."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        async with self._busy:
            for name in self.names:
                await self._let_go(name)

    def receive(self, name: str, data: bytes) -> None:
        """Take bytes of an input, on any thread."""
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.n_dropped += 1
        self._waiting.append((name, data, time.monotonic()))
        if not self._is_draining and self._loop is not None:
            self._is_draining = True
            # the daemon may have ended while a port still delivers
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        until = time.monotonic() + _AT_ONCE_S
        while time.monotonic() < until:
            if not self._taken and not self._take_waiting():
                self._is_draining = False
                # what came between the two lines above must not lie there
                if self._waiting:
                    self._is_draining = True
                    break
                return
            name, data, time_s = self._taken.popleft()
            if name in self._inputs:
                for event in self._inputs[name].parser.feed(data):
                    self._hear(name, event, time_s)
        assert self._loop is not None
        self._loop.call_soon(self._drain)

    def _hear(self, name: str, event: Event, time_s: float) -> None:
        self.n_events += 1
        try:
            self._on_event(name, event, time_s)
        except Exception:
            # one event that goes wrong must not end all that follow
            logger.exception("%s of '%s' failed unexpectedly", event, name)

    def _take_waiting(self) -> bool:
        """Take all that waits, of a flood only what counts; whether there was anything."""
        count = len(self._waiting)
        self._taken.extend(self._waiting.popleft() for _ in range(count))
        if count > _MANY:
            self._taken = latest(self._taken, keys_too=len(self._taken) > _TOO_MANY)
        return bool(self._taken)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self.known.problem.startswith(UNAVAILABLE):
                # no use, and some systems write about it on the console each time
                continue
            try:
                await self.look()
            except Exception:
                logger.exception("cannot look for MIDI inputs")

    async def _open(self, name: str) -> None:
        if name in self._inputs or name in self._failed or len(self._inputs) >= MAX_INPUTS:
            return
        try:
            port = await patiently(
                self._backend.open_input, name, lambda data: self.receive(name, data)
            )
        except DeviceError as error:
            # said once, not at every look
            self._failed.add(name)
            logger.warning("%s", error)
            return
        self._inputs[name] = _Input(port, Parser())
        self._on_change(name, True)

    async def _let_go(self, name: str) -> None:
        gone = self._inputs.pop(name)
        self._on_gone(name)
        self._on_change(name, False)
        try:
            await patiently(gone.port.close)
        except DeviceError as error:
            logger.warning("The MIDI input '%s' cannot be closed: %s", name, error)


def latest(pieces: deque[Piece], *, keys_too: bool = False) -> deque[Piece]:
    """Keep of each knob, wheel and pressure only the latest position; all else in its order.

    All of an input that sends pieces of messages is kept, such as running status.

    Args:
        pieces: of all inputs.
        keys_too: whether of each key, too, only whether it is down in the end counts.
    """
    in_pieces = {name for name, data, _ in pieces if not data or data[0] < 0x80}
    kept: deque[Piece] = deque()
    seen: set[tuple[str, bytes]] = set()
    for piece in reversed(pieces):
        name, data, _ = piece
        knob = _knob(data, keys_too=keys_too)
        if knob and name not in in_pieces:
            if (name, knob) in seen:
                continue
            seen.add((name, knob))
        kept.appendleft(piece)
    return kept


def _knob(data: bytes, *, keys_too: bool) -> bytes:
    """What tells one knob from another; nothing when it is no single message of a knob."""
    kind = data[0] & 0xF0 if data else 0
    if kind in _WHOLE and len(data) == (2 if kind == 0xD0 else 3):
        return data[:1]
    if len(data) != 3 or (kind == 0xB0 and data[1] in _ORDERED):
        return b""
    if kind in (0x80, 0x90):
        return bytes((0x80 | data[0] & 0xF, data[1])) if keys_too else b""
    return data[:2] if kind in _KEYED else b""
