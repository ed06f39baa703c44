"""Everything about MIDI that the daemon has: inputs, maps, learning, keyboards, the clock."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field

from sdaudio.errors import SdaudioError, StateError, UsageError
from sdaudio.settings import MidiSettings

from ..clients import Clients
from ..instrument import Instrument
from ..library import Library, LoadedModel
from ..registry import Registry
from ..sessions import Sessions
from ..transport import Transport
from ..wire import Message, Peer
from .clock import ClockFollower
from .connections import Connections
from .hands import Hands
from .learning import LEARNED, Learning
from .maps import (
    Keyboard,
    Map,
    map_path,
    read_map,
)
from .parsing import Event
from .ports import Backend
from .surfaces import Surfaces

logger = logging.getLogger(__name__)

GESTURE_S = 0.5
"""Movements of one hand with less between them are one step to undo."""
MAX_MONITORS = 16
"""For one more, the one that asked first must make room: nobody tells when a UDP client goes."""
_SUSTAIN, _SOUND_OFF, _NOTES_OFF = 64, 120, 123
_TEMPO_EVERY_S = 0.25
_TEMPO_CHANGE = 0.0005

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
        self.connections = Connections(backend, self._heard, self._gone, self._changed)
        self.run: Run = lambda _messages, _peer: None
        """Runs messages as if a client had sent them; the dispatcher's."""
        self.maps: dict[str, Map] = {}
        """The maps in use, the latest last."""
        self.learning = Learning(self.maps, registry, clients)
        self.follows_clock = False
        self._registry, self._clients, self._library = registry, clients, library
        self._gestures, self._instrument = sessions.gestures, instrument
        self._stage = transport.stage
        self._surfaces = Surfaces(backend, sessions, instrument, transport.head, self._do_by_hand)
        self._hands = Hands(current, library.names)
        self._clocks: dict[str, ClockFollower] = {}
        self._clock_port = ""
        self._tempo_told_s = 0.0
        self._gesture_ends: dict[Peer, asyncio.TimerHandle] = {}
        self._sustained: dict[tuple[str, int], set[Hashable]] = {}
        self._monitors: dict[Peer, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, settings: MidiSettings) -> None:
        """Use the maps of the settings and open the inputs that are there."""
        self.follows_clock = settings.clock
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
        self._instrument.panic()
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
        self._sustained.clear()
        self._instrument.panic()

    def held(self) -> int:
        """How many notes sound."""
        return len(self._instrument.held())

    def _heard(self, port: str, event: Event, time_s: float) -> None:
        for peer in [peer for peer in self._monitors if peer.is_open]:
            self._clients.tell(
                peer, "/sda/midi/event", port, event.kind, event.channel, event.number, event.value
            )
        if event.kind in ("clock", "start", "continue", "stop", "position"):
            self._hear_clock(port, event, time_s)
            if event.kind in ("clock", "position"):
                return
        if self.learning.take(event):
            return
        if event.kind == "cc" and event.number in (_SOUND_OFF, _NOTES_OFF):
            self._let_go(lambda key: key[:2] == (port, event.channel))
        if event.kind == "cc" and event.number == _SUSTAIN:
            self._sustain(port, event)
        if self._surfaces.handle(port, event):
            return
        messages: list[Message] = []
        for each in self.maps.values():
            if not each.is_for(port):
                continue
            for control in each.controls:
                if control.hears(event):
                    message = self._hands.message(port, control, event)
                    messages += [message] if message else []
            if event.kind in ("note-on", "note-off"):
                for keyboard in each.keyboards:
                    self._play(port, keyboard, event)
        if messages:
            self._do_by_hand(port, messages)

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

    def _play(self, port: str, keyboard: Keyboard, event: Event) -> None:
        if keyboard.channel not in (0, event.channel):
            return
        key = (port, event.channel, event.number, keyboard.level, keyboard.model)
        if event.kind == "note-off":
            held = self._sustained.get((port, event.channel))
            if held is not None:
                held.add(key)
            else:
                self._instrument.release(key)
            return
        if not keyboard.low <= event.number <= keyboard.high:
            return
        if held := self._sustained.get((port, event.channel)):
            held.discard(key)
        self._do(self._press(port, keyboard, key, event))

    async def _press(self, port: str, keyboard: Keyboard, key: Hashable, event: Event) -> None:
        try:
            model = self._model_of(keyboard)
            code = await self._instrument.press(
                key, model, keyboard.level,
                (event.number - keyboard.low) / (keyboard.high - keyboard.low), event.value,
                hold_s=keyboard.hold_s, release_s=keyboard.release_s, gain_db=keyboard.gain_db,
                voices=keyboard.voices,
            )  # fmt: skip
        except SdaudioError as error:
            self._failed(port, Message("/sda/fail", ("keyboard", error.code, str(error))))
            return
        self._clients.announce(
            "/sda/midi/note", port, event.number, event.value, model.name, keyboard.level, code
        )

    def _model_of(self, keyboard: Keyboard) -> LoadedModel:
        if keyboard.model:
            return self._library.model(keyboard.model)
        loaded = list(self._library.loaded)
        if not loaded:
            raise StateError("No model is loaded that a keyboard could play; see /sda/model/load.")
        return loaded[-1]

    def _prepare(self, found: Map) -> None:
        """Render what keyboards will play, so that the first key sounds at once."""

        async def prepare(keyboard: Keyboard) -> None:
            try:
                model = self._model_of(keyboard)
                await self._instrument.prepare(model, keyboard.level, keyboard.hold_s)
            except SdaudioError as error:
                logger.info("a keyboard of map '%s' is not ready: %s", found.name, error)

        for keyboard in found.keyboards:
            self._do(prepare(keyboard))

    def _sustain(self, port: str, event: Event) -> None:
        if event.value >= 64:
            self._sustained.setdefault((port, event.channel), set())
        else:
            for key in self._sustained.pop((port, event.channel), set()):
                self._instrument.release(key)

    def _let_go(self, is_meant: Callable[[tuple[object, ...]], bool]) -> None:
        for key in self._instrument.held():
            if isinstance(key, tuple) and is_meant(key):
                self._instrument.release(key)

    # -- the clock -----------------------------------------------------------------------------

    def _hear_clock(self, port: str, event: Event, time_s: float) -> None:
        if not self.follows_clock:
            return
        clock = self._clocks.setdefault(port, ClockFollower())
        match event.kind:
            case "start":
                clock.start()
            case "position":
                clock.start(event.value)
            case "clock":
                clock.tick(time_s)
                self._follow(port, clock)

    def _follow(self, port: str, clock: ClockFollower) -> None:
        now = time.monotonic()
        if self._clock_port not in ("", port) or now < self._tempo_told_s + _TEMPO_EVERY_S:
            return
        anchor = clock.anchor()
        if anchor is None:
            return
        self._clock_port, self._tempo_told_s = port, now
        tempo, bpm = self._stage.tempo, clock.bpm
        if abs(bpm - tempo.bpm) > _TEMPO_CHANGE * bpm:
            self.run([Message("/sda/play/tempo", (bpm,))], MidiPeer(port, self._failed))
        if tempo.is_on:
            tempo.align(*anchor)

    # -- ports ---------------------------------------------------------------------------------

    def _changed(self, port: str, is_open: bool) -> None:
        self._clients.announce("/sda/midi/input", port, int(is_open))
        self._do(self._keep_surfaces())
        if is_open:
            for each in self.maps.values():
                if each.is_for(port):
                    self._prepare(each)

    async def _keep_surfaces(self) -> None:
        inputs, outputs = self.connections.names, self.connections.known.outputs
        await self._surfaces.keep_up(list(self.maps.values()), inputs, outputs)

    def _gone(self, port: str) -> None:
        """Let go of what an input held when it was pulled out."""
        self._let_go(lambda key: key[0] == port)
        self._sustained = {key: held for key, held in self._sustained.items() if key[0] != port}
        self._hands.forget(port)
        self._clocks.pop(port, None)
        if self._clock_port == port:
            self._clock_port = ""

    def _failed(self, port: str, message: Message) -> None:
        logger.info("MIDI of '%s': %s", port, message.arguments)
        self._clients.announce("/sda/midi/failed", port, *message.arguments)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
