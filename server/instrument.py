"""Codes as notes: keys sound the codes of a level, from dark to bright, while they are held."""

import asyncio
import itertools
import logging
import math
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import SdaudioError
from sdaudio.neighbours import ranks

from .descriptors import Descriptors
from .library import LoadedModel
from .playback import SPEED_RANGE
from .transport import Transport

logger = logging.getLogger(__name__)

_STEAL_S = 0.01
_ATTACK_S = 0.002
_ROOM_S = 0.2
"""After its end a note's sound is kept for so long, until its fade is over for sure."""
_LEAST_DB = -60.0


@dataclass(frozen=True, slots=True)
class Touch:
    """How a key is played.

    Args:
        model: whose codes.
        level: which level's.
        position: from the darkest (0) to the brightest (1).
        velocity: 1 to 127.
        hold_s: how long it sounds at the most.
        release_s: how long it fades when the key is let go.
        gain_db: level at velocity 127.
        shape: asked when it begins to sound how it is bent and lifted, see `Instrument.shape`.
        on_sound: called with its code when it sounds.
        on_fail: called when it cannot be rendered or played.
    """

    model: LoadedModel
    level: int
    position: float
    velocity: int
    hold_s: float
    release_s: float
    gain_db: float
    shape: Callable[[], tuple[float, float]]
    on_sound: Callable[[int], None]
    on_fail: Callable[[SdaudioError], None]


@dataclass(eq=False, slots=True)
class _Note:
    voice: str
    touch: Touch
    is_held: bool = True
    is_sounding: bool = False
    left_s: float = 0.0
    """What is left of its sound at ``since_s``, at its own speed."""
    since_s: float = 0.0
    speed: float = 1.0
    ended: asyncio.TimerHandle | None = None


@dataclass(frozen=True, slots=True)
class _Order:
    """The codes of a level from dark to bright; ``places`` are the other way, 0 to 1 by code."""

    model: LoadedModel
    codes: NDArray[np.int64]
    places: NDArray[np.float64]


@dataclass(slots=True)
class Instrument:
    """Plays codes by key. A key is anything that tells one from another, such as (port, 1, 60).

    Args:
        transport: what plays.
        descriptors: which codes are dark and which are bright.
    """

    transport: Transport
    descriptors: Descriptors
    _notes: dict[Hashable, _Note] = field(default_factory=dict)
    _orders: dict[tuple[Path, int], _Order] = field(default_factory=dict)
    _finding: dict[tuple[Path, int], asyncio.Task[None]] = field(default_factory=dict)
    _names: Iterator[int] = field(default_factory=itertools.count)
    _sounding: asyncio.Task[None] | None = None

    async def prepare(self, model: LoadedModel, level: int, hold_s: float) -> None:
        """Measure which codes are dark and render their sounds ahead, so that keys sound at once.

        Raises:
            SdaudioError: the model has no such level, or cannot be read.
        """
        order = await self._order(model, level)
        darkest = int(order.codes[0])
        await self.transport.sound_of_code(model, level, darkest, _columns(model, hold_s))

    def places(self, model: LoadedModel, level: int) -> NDArray[np.float64] | None:
        """Where each code of a level is between the darkest (0) and the brightest (1).

        None when that is not known yet; then it is found out.
        """
        if order := self._known(model, level):
            return order.places
        if (model.path, level) not in self._finding:
            self._finding[model.path, level] = asyncio.get_running_loop().create_task(
                self._find(model, level)
            )
        return None

    async def code_at(self, model: LoadedModel, level: int, position: float) -> int:
        """The code at a place between the darkest (0) and the brightest (1) of a level.

        Raises:
            SdaudioError: the model has no such level, or cannot be read.
        """
        codes = (await self._order(model, level)).codes
        return int(codes[round(min(max(position, 0.0), 1.0) * (len(codes) - 1))])

    def press(self, key: Hashable, touch: Touch, *, voices: int) -> None:
        """Hold a key, from now on, and sound it as soon as its sound is there.

        Args:
            key: that was pressed; one that sounds already ends first.
            touch: how.
            voices: how many sound at once. One more ends the first; where that did not sound yet it
                never does, so that a flood of keys costs no more than a handful.
        """
        if before := self._notes.pop(key, None):
            self._end(before, _STEAL_S)
        while len(self._notes) >= voices:
            self._end(self._notes.pop(next(iter(self._notes))), _STEAL_S)
        self._notes[key] = _Note(f"note {next(self._names)}", touch)
        if self._sounding is None or self._sounding.done():
            self._sounding = asyncio.get_running_loop().create_task(self._sound_all())

    def shape(self, key: Hashable, *, semitones: float, lift_db: float) -> None:
        """Bend and lift what a key sounds; one that does not sound yet asks itself.

        Args:
            key: that is held.
            semitones: how far its pitch is moved, and with it its speed, at most two octaves.
            lift_db: how much louder it is than it was struck.
        """
        note = self._notes.get(key)
        if note is None or not note.is_sounding:
            return
        now = time.monotonic()
        note.left_s -= (now - note.since_s) * note.speed
        note.since_s, note.speed = now, _speed(semitones)
        try:
            self.transport.notes.shape(note.voice, gain_db=lift_db, speed=note.speed)
        except SdaudioError as error:
            logger.info("a note cannot be bent: %s", error)
        self._expect_end(key, note)

    def release(self, key: Hashable) -> None:
        """Let a key go; one that does not sound is no mistake."""
        note = self._notes.get(key)
        if note is None:
            return
        note.is_held = False
        if note.is_sounding:
            del self._notes[key]
            self._end(note, note.touch.release_s)

    def held(self) -> list[Hashable]:
        """The keys that sound."""
        return list(self._notes)

    def panic(self) -> None:
        """Let all keys go at once."""
        for note in self._notes.values():
            self._end(note, _STEAL_S)
        self._notes.clear()

    async def _find(self, model: LoadedModel, level: int) -> None:
        try:
            await self._order(model, level)
        except SdaudioError as error:
            logger.info("codes of '%s' are not in order: %s", model.name, error)
        finally:
            self._finding.pop((model.path, level), None)

    def _known(self, model: LoadedModel, level: int) -> _Order | None:
        order = self._orders.get((model.path, level))
        return order if order and order.model is model else None

    async def _order(self, model: LoadedModel, level: int) -> _Order:
        model.check_level(level)
        order = self._known(model, level)
        if order is None:
            sounds = await self.descriptors.sounds(model)
            places = ranks(sounds.brightness_hz[level])
            order = _Order(model, np.argsort(places), places / (len(places) - 1))
            if len(self._orders) >= 64:
                self._orders.clear()
            self._orders[model.path, level] = order
        return order

    async def _sound_all(self) -> None:
        """Sound what is held and silent, the first first, with room for others in between."""
        while waiting := [each for each in self._notes.items() if not each[1].is_sounding]:
            key, note = waiting[0]
            try:
                await self._sound(key, note)
            except SdaudioError as error:
                if self._notes.get(key) is note:
                    del self._notes[key]
                note.touch.on_fail(error)
            await asyncio.sleep(0)

    async def _sound(self, key: Hashable, note: _Note) -> None:
        touch, model = note.touch, note.touch.model
        await self.transport.start()
        code = await self.code_at(model, touch.level, touch.position)
        columns = _columns(model, touch.hold_s)
        audio = await self.transport.sound_of_code(model, touch.level, code, columns)
        if self._notes.get(key) is not note:
            # let go by another note, or by a panic, before it was rendered
            return
        semitones, lift_db = touch.shape()
        note.speed, note.since_s = _speed(semitones), time.monotonic()
        loudness_db = touch.gain_db + 40.0 * math.log10(max(touch.velocity, 1) / 127.0)
        self.transport.notes.sound(
            note.voice, audio, model.sample_rate, gain_db=max(loudness_db, _LEAST_DB),
            attack_s=_ATTACK_S, lift_db=lift_db, speed=note.speed,
        )  # fmt: skip
        note.is_sounding = True
        note.left_s = len(audio) / model.sample_rate
        if note.is_held:
            self._expect_end(key, note)
        else:
            # a touch so short that it was over before the sound was there
            self._notes.pop(key)
            self._end(note, touch.release_s)
        touch.on_sound(code)

    def _expect_end(self, key: Hashable, note: _Note) -> None:
        """Free a note when its sound has ended by itself."""
        if note.ended:
            note.ended.cancel()
        after_s = max(note.left_s / note.speed, 0.0)
        note.ended = asyncio.get_running_loop().call_later(after_s, self._over, key, note)

    def _over(self, key: Hashable, note: _Note) -> None:
        """The sound has ended by itself."""
        if self._notes.get(key) is note:
            del self._notes[key]
        self._remove_later(note, _ROOM_S)

    def _end(self, note: _Note, fade_s: float) -> None:
        if note.ended:
            note.ended.cancel()
        if note.is_sounding:
            try:
                self.transport.notes.end(note.voice, fade_s=fade_s)
            except SdaudioError as error:
                logger.info("a note ends by itself: %s", error)
            self._remove_later(note, fade_s + _ROOM_S)

    def _remove_later(self, note: _Note, after_s: float) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(after_s, self.transport.notes.forget, note.voice)


def _speed(semitones: float) -> float:
    low, high = SPEED_RANGE
    return float(min(max(2.0 ** (semitones / 12.0), low), high))


def _columns(model: LoadedModel, seconds: float) -> int:
    return max(1, round(seconds * model.sample_rate / model.column_length))
