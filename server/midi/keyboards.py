"""Keyboards: keys, pedals, wheels and pressure, played on the instrument of codes."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from sdaudio.errors import SdaudioError, StateError

from ..instrument import Instrument, Touch
from ..library import Library, LoadedModel
from .expression import MASTERS, Expression
from .maps import Keyboard
from .parsing import Event

logger = logging.getLogger(__name__)

_SUSTAIN, _SOUND_OFF, _NOTES_OFF = 64, 120, 123


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of one input, as one keyboard hears it."""

    port: str
    channel: int
    note: int
    keyboard: Keyboard


@dataclass(frozen=True, slots=True)
class Played:
    """A note that sounds: its code is ``code`` of ``level`` of a model."""

    port: str
    note: int
    velocity: int
    model: str
    level: int
    code: int


def _expressions() -> dict[str, Expression]:
    expressions = {"": Expression()}
    expressions.update({zone: Expression(zone) for zone in MASTERS})
    return expressions


@dataclass(slots=True)
class _Input:
    """What is known of one input."""

    expressions: dict[str, Expression] = field(default_factory=_expressions)
    """What wheels and pressure mean to keyboards by their ``mpe``: that zone, or none."""
    pedals: dict[int, set[_Key]] = field(default_factory=dict)
    """The channels whose pedal is down, with the keys that it alone still holds."""


class Keyboards:
    """Plays the codes of models by the keys of all inputs.

    Args:
        instrument: what sounds.
        library: the models.
        on_note: called when a note sounds.
        on_fail: called with the input and what went wrong with one of its notes.
    """

    def __init__(
        self,
        instrument: Instrument,
        library: Library,
        on_note: Callable[[Played], None],
        on_fail: Callable[[str, SdaudioError], None],
    ) -> None:
        self._instrument, self._library = instrument, library
        self._on_note, self._on_fail = on_note, on_fail
        self._inputs: dict[str, _Input] = {}

    def hear(self, port: str, event: Event) -> None:
        """Take what ends, holds and bends notes."""
        known = self._inputs.setdefault(port, _Input())
        zones = [zone for zone, each in known.expressions.items() if each.hear(event)]
        if zones:
            for key in self._spoken_for(port, event.channel):
                if key.keyboard.mpe in zones:
                    semitones, lift_db = self._shape(key)
                    self._instrument.shape(key, semitones=semitones, lift_db=lift_db)
        if event.kind == "note-off":
            played = (event.channel, event.number)
            for key in [key for key in self._keys(port) if (key.channel, key.note) == played]:
                self._let_go(key)
        elif event.kind == "cc" and event.number in (_SOUND_OFF, _NOTES_OFF):
            known.pedals.pop(event.channel, None)
            self._release(self._spoken_for(port, event.channel))
        elif event.kind == "cc" and event.number == _SUSTAIN:
            if event.value >= 64:
                known.pedals.setdefault(event.channel, set())
            else:
                for key in known.pedals.pop(event.channel, set()):
                    self._let_go(key)

    def press(self, port: str, keyboard: Keyboard, event: Event) -> None:
        """Press a key, if the keyboard has it."""
        channel = self._expression(port, keyboard).voice_of(event.channel)
        if keyboard.channel not in (0, channel):
            return
        if not keyboard.low <= event.number <= keyboard.high:
            return
        key = _Key(port, event.channel, event.number, keyboard)
        for held in self._inputs[port].pedals.values():
            held.discard(key)
        try:
            model = self._model_of(keyboard)
        except SdaudioError as error:
            self._on_fail(port, error)
            return
        level, velocity = keyboard.level, event.value
        touch = Touch(
            model, level, (key.note - keyboard.low) / (keyboard.high - keyboard.low), velocity,
            hold_s=keyboard.hold_s, release_s=keyboard.release_s, gain_db=keyboard.gain_db,
            shape=lambda: self._shape(key),
            on_sound=lambda code: self._on_note(
                Played(port, key.note, velocity, model.name, level, code)
            ),
            on_fail=lambda error: self._on_fail(port, error),
        )  # fmt: skip
        self._instrument.press(key, touch, voices=keyboard.voices)

    def forget(self, port: str) -> None:
        """Let go of what an input held when it was pulled out."""
        self._release(self._keys(port))
        self._inputs.pop(port, None)

    def panic(self) -> None:
        """Let all notes and pedals go; wheels that hang stand in the middle again."""
        self._instrument.panic()
        self._inputs.clear()

    async def prepare(self, keyboard: Keyboard) -> None:
        """Render what a keyboard will play, so that the first key sounds at once."""
        try:
            model = self._model_of(keyboard)
            await self._instrument.prepare(model, keyboard.level, keyboard.hold_s)
        except SdaudioError as error:
            logger.info("a keyboard of level %d is not ready: %s", keyboard.level, error)

    def _let_go(self, key: _Key) -> None:
        """Take it that a finger or a pedal lets a key go; another pedal may still hold it."""
        expression = self._expression(key.port, key.keyboard)
        for speaker, held in self._inputs[key.port].pedals.items():
            if expression.covers(speaker, key.channel):
                held.add(key)
                return
        self._instrument.release(key)

    def _release(self, keys: list[_Key]) -> None:
        for key in keys:
            self._instrument.release(key)

    def _spoken_for(self, port: str, speaker: int) -> list[_Key]:
        """The keys that sound and that a channel speaks for."""
        return [
            key
            for key in self._keys(port)
            if self._expression(port, key.keyboard).covers(speaker, key.channel)
        ]

    def _keys(self, port: str) -> list[_Key]:
        return [
            key for key in self._instrument.held() if isinstance(key, _Key) and key.port == port
        ]

    def _shape(self, key: _Key) -> tuple[float, float]:
        """How far a note is bent, in semitones, and lifted, in dB."""
        keyboard = key.keyboard
        expression = self._expression(key.port, keyboard)
        shape = expression.shape(key.channel, key.note, keyboard.bend_semitones)
        return shape.semitones, shape.pressure * keyboard.pressure_db

    def _expression(self, port: str, keyboard: Keyboard) -> Expression:
        return self._inputs.setdefault(port, _Input()).expressions[keyboard.mpe]

    def _model_of(self, keyboard: Keyboard) -> LoadedModel:
        if keyboard.model:
            return self._library.model(keyboard.model)
        loaded = list(self._library.loaded)
        if not loaded:
            raise StateError("No model is loaded that a keyboard could play; see /sda/model/load.")
        return loaded[-1]
