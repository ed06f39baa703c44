"""Everything about MIDI that the daemon has: inputs, maps, learning, keyboards, the clock."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from sdaudio.errors import SdaudioError, StateError, UsageError
from sdaudio.settings import MidiSettings

from ..clients import Clients
from ..instrument import Instrument
from ..library import Library
from ..registry import Registry
from ..sessions import Sessions
from ..transport import Transport
from ..wire import Message, Peer
from .conductor import KINDS as CLOCK_KINDS
from .conductor import Conductor
from .connections import Connections
from .hands import Hands
from .keyboards import Keyboards, Played
from .learning import LEARNED, Learning
from .maps import Control, Map, fits, map_path, read_map
from .parsing import Event
from .ports import Backend
from .sending import ClockSender
from .surfaces import Surfaces
from .surroundings import Surroundings

logger = logging.getLogger(__name__)

GESTURE_S = 0.5
"""Movements of one hand with less between them are one step to undo."""
MAX_MONITORS = 16
"""For one more, the one that asked first must make room: nobody tells when a UDP client goes."""

Run = Callable[[Sequence[Message], Peer], None]


@dataclass(frozen=True, slots=True)
class MidiPeer:
    """A MIDI input in the place of an OSC client: what goes wrong is told to all subscribers."""

    port: str
    fail: Callable[[str, Message], None] = field(compare=False)

    @property
    def description(self) -> str:
        """See `Peer`."""
        return f"midi {self.port}"

    @property
    def host(self) -> str:
        """See `Peer`."""
        return "127.0.0.1"

    @property
    def is_connection(self) -> bool:
        """See `Peer`."""
        return True

    @property
    def is_open(self) -> bool:
        """See `Peer`."""
        return True

    def send(self, message: Message) -> None:
        """Pass on refusals; a knob cannot read answers."""
        if message.address == "/sda/fail":
            self.fail(self.port, message)

    def send_packet(self, packet: bytes) -> None:
        """See `Peer`; events are for those who can read them."""

    def to(self, port: int) -> Peer:
        """See `Peer`."""
        raise UsageError("A MIDI port listens on no other port.")


class MidiDesk:
    """The MIDI of the daemon.

    Args:
        backend: where ports come from.
        registry: what controls can do.
        clients: who hears what hands do.
        library: the models that keyboards play.
        sessions: for gestures.
        instrument: what plays notes.
        transport: what plays, and follows the clock.
        current: the value that a message would change, None when it is not known.
    """

    def __init__(
        self,
        backend: Backend,
        registry: Registry,
        clients: Clients,
        library: Library,
        sessions: Sessions,
        instrument: Instrument,
        transport: Transport,
        current: Callable[[Message], float | None],
    ) -> None:
        self.connections = Connections(
            backend, self._heard, self._gone, self._changed, self._looked
        )
        self.run: Run = lambda _messages, _peer: None
        """Runs messages as if a client had sent them; the dispatcher's."""
        self.maps: dict[str, Map] = {}
        """The maps in use, the latest last."""
        self.learning = Learning(self.maps, registry, clients)
        self.conductor = Conductor(transport, self._set_tempo, self._do)
        self.clock = ClockSender(backend, transport.stage.tempo)
        self._registry, self._clients = registry, clients
        self._gestures, self._instrument = sessions.gestures, instrument
        self._keyboards = Keyboards(instrument, library, self._sounded, self._note_failed)
        self._surfaces = Surfaces(backend, sessions, instrument, transport.head, self._do_by_hand)
        self.around = Surroundings(sessions, library, transport.head, current)
        self._hands = Hands(self.around.current, self.around)
        self._gesture_ends: dict[Peer, asyncio.TimerHandle] = {}
        self._monitors: dict[Peer, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, settings: MidiSettings) -> None:
        """Use the maps of the settings and open the inputs that are there."""
        self.conductor.follow(on=settings.clock)
        self.clock.wanted = list(settings.clock_outputs)
        self.connections.own = self.clock.own
        for name in (*settings.maps, LEARNED):
            if name == LEARNED and not self.learning.path.is_file():
                continue
            try:
                self.use(name)
            except SdaudioError as error:
                logger.warning("%s", error)
        await self.connections.start(settings.inputs)

    async def close(self) -> None:
        """Close all inputs."""
        await self._surfaces.close()
        await self.clock.close()
        await self.connections.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- maps ----------------------------------------------------------------------------------

    def use(self, name: str) -> Map:
        """Use a map from now on, or read it again.

        Raises:
            FileError: there is none, or it cannot be read.
            UsageError: something in it is not allowed.
        """
        found = read_map(map_path(name), self._registry)
        self.maps.pop(found.name, None)
        self.maps[found.name] = found
        self.around.use(found)
        if self.connections.names:
            self._prepare(found)
            self._do(self._keep_surfaces())
        return found

    def drop(self, name: str) -> None:
        """Use a map no more.

        Raises:
            StateError: it is not in use.
        """
        if name not in self.maps:
            used = ", ".join(self.maps) or "none"
            raise StateError(f"The MIDI map '{name[:80]}' is not in use; these are: {used}.")
        del self.maps[name]
        self._keyboards.panic()
        self._do(self._keep_surfaces())

    # -- what is played ------------------------------------------------------------------------

    def monitor(self, peer: Peer, *, on: bool) -> None:
        """Tell a client every event, or no more."""
        self._monitors.pop(peer, None)
        if len(self._monitors) >= MAX_MONITORS:
            del self._monitors[next(iter(self._monitors))]
        if on:
            self._monitors[peer] = None

    def panic(self) -> None:
        """Let all notes go."""
        self._keyboards.panic()

    def held(self) -> int:
        """How many notes sound."""
        return len(self._instrument.held())

    def _heard(self, port: str, event: Event, time_s: float) -> None:
        for peer in [peer for peer in self._monitors if peer.is_open]:
            self._clients.tell(
                peer, "/sda/midi/event", port, event.kind, event.channel, event.number, event.value
            )
        if event.kind in CLOCK_KINDS:
            self.conductor.hear(port, event, time_s)
            if event.kind in ("clock", "position"):
                return
        self._keyboards.hear(port, event)
        if self.learning.take(event):
            return
        if self._surfaces.handle(port, event):
            return
        messages: list[Message] = []
        for each in self.maps.values():
            if not each.is_for(port):
                continue
            for control in each.controls:
                if control.hears(event):
                    messages += self._meant(port, control, event)
            if event.kind == "note-on":
                for keyboard in each.keyboards:
                    self._keyboards.press(port, keyboard, event)
        if messages:
            self._do_by_hand(port, messages)

    def _meant(self, port: str, control: Control, event: Event) -> list[Message]:
        try:
            message = self._hands.message(port, control, event)
        except SdaudioError as error:
            self._failed(port, Message("/sda/fail", (control.address, error.code, str(error))))
            return []
        return [message] if message else []

    def _do_by_hand(self, port: str, messages: list[Message]) -> None:
        """Run what the hand on an input does; what follows at once is the same step to undo."""
        peer = MidiPeer(port, self._failed)
        self._keep_gesture(peer)
        self.run(messages, peer)

    def _keep_gesture(self, peer: Peer) -> None:
        """Let what follows at once belong to the same step."""
        if handle := self._gesture_ends.pop(peer, None):
            handle.cancel()
        else:
            self._gestures.begin(peer)
        loop = asyncio.get_running_loop()
        self._gesture_ends[peer] = loop.call_later(GESTURE_S, self._end_gesture, peer)

    def _end_gesture(self, peer: Peer) -> None:
        self._gesture_ends.pop(peer, None)
        self._gestures.end(peer)

    def _prepare(self, found: Map) -> None:
        for keyboard in found.keyboards:
            self._do(self._keyboards.prepare(keyboard))

    # -- ports ---------------------------------------------------------------------------------

    def _changed(self, port: str, is_open: bool) -> None:
        self._clients.announce("/sda/midi/input", port, int(is_open))
        self._do(self._keep_surfaces())
        if is_open:
            for each in self.maps.values():
                if each.is_for(port):
                    self._prepare(each)

    async def send_clock(self, wanted: str, *, on: bool) -> list[str]:
        """Send a clock to outputs by name from now on, or no more; returns those that get one.

        Raises:
            StateError: there is no output of this name now; it gets one when it comes.
        """
        self.clock.wanted = [each for each in self.clock.wanted if each != wanted]
        if on:
            self.clock.wanted.append(wanted)
        self.connections.own = self.clock.own
        known = await self.connections.look()
        await self._keep_outputs()
        if on and not any(fits(name, wanted) for name in self.clock.names):
            there = ", ".join(known.outputs) or known.problem or "none"
            raise StateError(
                f"There is no MIDI output '{wanted[:80]}' now ({there}). The clock goes to it when "
                "it comes."
            )
        return self.clock.names

    async def _keep_outputs(self) -> None:
        before = self.clock.names
        await self.clock.keep_up(self.connections.known.outputs)
        for name in {*before} ^ {*self.clock.names}:
            self._clients.announce("/sda/midi/clock/output", name, int(name not in before))
        await self._keep_surfaces()

    async def _keep_surfaces(self) -> None:
        inputs, outputs = self.connections.names, self.connections.known.outputs
        await self._surfaces.keep_up(list(self.maps.values()), inputs, outputs)

    def _gone(self, port: str) -> None:
        """Let go of what an input held when it was pulled out."""
        self._keyboards.forget(port)
        self._hands.forget(port)
        self.conductor.forget(port)

    def _looked(self) -> None:
        self._do(self._keep_outputs())

    def _sounded(self, note: Played) -> None:
        self._clients.announce(
            "/sda/midi/note", note.port, note.note, note.velocity, note.model, note.level, note.code
        )

    def _note_failed(self, port: str, error: SdaudioError) -> None:
        self._failed(port, Message("/sda/fail", ("keyboard", error.code, str(error))))

    def _set_tempo(self, port: str, bpm: float) -> None:
        self.run([Message("/sda/play/tempo", (bpm,))], MidiPeer(port, self._failed))

    def _failed(self, port: str, message: Message) -> None:
        logger.info("MIDI of '%s': %s", port, message.arguments)
        self._clients.announce("/sda/midi/failed", port, *message.arguments)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
