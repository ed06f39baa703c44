"""The daemon's side of playback: start it, hand it sounds, tell it what to play.

Every call returns at once: commands go through a pipe, sounds through shared memory, and what
plays is read from a block of memory that the playback process keeps up to date.
"""

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import DeviceError, StateError, UsageError

from . import memory
from .link import Link, share
from .messages import (
    OneShot,
    Patch,
    Play,
    PlaybackInfo,
    RemoveSound,
    SetGain,
    SetSound,
    Stop,
    StopAll,
)
from .readers import Samples

MIN_REGION_LENGTH = 32
"""Samples in the shortest stretch that can be played or looped."""

GAIN_RANGE_DB = (-120.0, 24.0)
MAX_ONE_SHOT_S = 60.0

_Method = TypeVar("_Method", bound=Callable[..., object])


@dataclass(slots=True)
class _Voice:
    slot: int
    block: SharedMemory
    length: int
    number: int = 0
    asked_to_play: bool = False
    start_sample: int = 0


def _locked(method: _Method) -> _Method:
    @functools.wraps(method)
    def with_lock(self: "Playback", *args: object, **kwargs: object) -> object:
        with self._lock:
            return method(self, *args, **kwargs)

    return cast(_Method, with_lock)


class Playback:
    """Voices by name that play sounds, in a process of their own.

    It may be used from any thread. A call that needs the process raises `DeviceError` when it is
    not running; it may then be started again, and wants its sounds again.
    """

    def __init__(self) -> None:
        # The first is held while a process starts or ends, the second never for long.
        self._life = threading.Lock()
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._voices: dict[str, _Voice] = {}
        self._number = 0

    def start(self, *, device: str | None, sample_rate: int, block_length: int) -> PlaybackInfo:
        """Start the process and open a sound card; mostly within half a second.

        Without a card that works playback is silent, positions still advance in time, and the
        result says why.

        Args:
            device: part of a device's name, its number, or None for the system's default.
            sample_rate: in Hz; a device that cannot do it is opened at its own rate.
            block_length: frames in a block, 16 to 8192.

        Raises:
            StateError: it is running already.
            UsageError: an argument is out of its range.
            DeviceError: the process does not start.
        """
        if not 8_000 <= sample_rate <= 192_000:
            raise UsageError(f"sample_rate is {sample_rate}; allowed are 8000 to 192000 Hz.")
        if not 16 <= block_length <= 8192:
            raise UsageError(f"block_length is {block_length}; allowed are 16 to 8192 frames.")
        with self._life:
            if self.is_running:
                raise StateError("Playback is running already; close it first.")
            self._end()
            link = Link.open(device=device, sample_rate=sample_rate, block_length=block_length)
            with self._lock:
                self._link = link
                return link.info

    def close(self) -> None:
        """End the process and free all memory; mostly at once. Closing twice does nothing."""
        with self._life:
            self._end()

    @property
    @_locked
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._link is not None and self._link.is_alive

    @property
    @_locked
    def info(self) -> PlaybackInfo | None:
        """Where playback goes now; it changes when a device is lost. None before `start`."""
        if self._link is None:
            return None
        self._link.listen()
        return self._link.info

    @property
    @_locked
    def pid(self) -> int | None:
        """Process id of the playback process, or None when it does not run."""
        return self._link.process.pid if self._link and self._link.is_alive else None

    def set_sound(self, voice: str, audio: Samples, sample_rate: int) -> None:
        """Give a voice its sound, or another one.

        A voice that plays goes on where it is, in the new sound, crossfaded within 5 ms. A loop
        or region that went to the end of the sound goes to the end of the new one.

        Args:
            voice: any name; it is made if it is new.
            audio: (sample,), float32, finite; it is copied.
            sample_rate: of the audio, in Hz.

        Raises:
            UsageError: the audio is empty, not mono or not finite.
            StateError: there are 256 voices already.
            DeviceError: playback is not running.
        """
        with self._lock:
            self._running_link()
        _check(audio, sample_rate)
        # Outside the lock: a long sound takes milliseconds to copy.
        block = share(audio)
        try:
            self._set_sound(voice, block, len(audio), sample_rate)
        except (StateError, DeviceError):
            block.unlink()
            block.close()
            raise

    @_locked
    def patch(self, voice: str, first_sample: int, audio: Samples) -> None:
        """Overwrite part of a voice's sound in place, so that the next pass plays it.

        If the voice is inside that part just now, it moves over within 5 ms.

        Raises:
            UsageError: the part does not lie within the sound.
            StateError: the voice has no sound.
            DeviceError: playback is not running.
        """
        link = self._running_link()
        known = self._known(voice)
        _check(audio)
        stop_sample = first_sample + len(audio)
        if first_sample < 0 or stop_sample > known.length:
            raise UsageError(
                f"Samples {first_sample} to {stop_sample} do not lie within the sound of "
                f"{voice!r}, which has {known.length}."
            )
        memory.staged(known.block, known.length)[first_sample:stop_sample] = audio
        link.send(Patch(known.slot, first_sample, stop_sample))

    @_locked
    def play(
        self,
        voice: str,
        *,
        start_sample: int = 0,
        stop_sample: int | None = None,
        loop: bool = False,
        gain_db: float = 0.0,
    ) -> None:
        """Start a voice, or make it jump.

        Args:
            voice: one that has a sound.
            start_sample: where to begin.
            stop_sample: where to end, None for the end of the sound.
            loop: whether to go back to ``start_sample`` at the end.
            gain_db: -120 to 24 dB.

        Raises:
            UsageError: the region is not within the sound or shorter than 32 samples.
            StateError: the voice has no sound.
            DeviceError: playback is not running.
        """
        link = self._running_link()
        known = self._known(voice)
        stop = known.length if stop_sample is None else stop_sample
        shortest = min(MIN_REGION_LENGTH, known.length)
        if not 0 <= start_sample <= stop - shortest or stop > known.length:
            raise UsageError(
                f"Samples {start_sample} to {stop} cannot be played: the sound of {voice!r} has "
                f"{known.length}, and at least {shortest} are needed."
            )
        gain = _factor(gain_db)
        known.number = self._next_number()
        known.asked_to_play = True
        known.start_sample = start_sample
        link.send(Play(known.number, known.slot, start_sample, stop_sample, loop, gain))

    @_locked
    def stop(self, voice: str) -> None:
        """Fade a voice out within 5 ms; a voice that does not play stays as it is."""
        link = self._running_link()
        known = self._voices.get(voice)
        if known is not None:
            known.number = self._next_number()
            known.asked_to_play = False
            link.send(Stop(known.number, known.slot))

    @_locked
    def stop_all(self) -> None:
        """Fade out every voice and one-shot within 5 ms."""
        link = self._running_link()
        number = self._next_number()
        for known in self._voices.values():
            known.number = number
            known.asked_to_play = False
        link.send(StopAll(number))

    @_locked
    def remove(self, voice: str) -> None:
        """Fade a voice out and free its sound; an unknown voice is no error."""
        known = self._voices.pop(voice, None)
        if known is not None:
            if self._link is None:
                known.block.close()
                return
            self._link.let_go(known.block)
            if self._link.is_alive:
                self._link.send(RemoveSound(known.slot))

    @_locked
    def one_shot(self, audio: Samples, sample_rate: int, gain_db: float = 0.0) -> None:
        """Play a short sound once, beside the voices. It cannot be told from outside any more.

        Args:
            audio: (sample,), float32, finite, at most 60 s; it is copied.
            sample_rate: of the audio, in Hz.
            gain_db: -120 to 24 dB.

        Raises:
            UsageError: the audio is empty, too long, not mono or not finite.
            DeviceError: playback is not running.
        """
        link = self._running_link()
        _check(audio, sample_rate)
        if len(audio) > MAX_ONE_SHOT_S * sample_rate:
            raise UsageError(
                f"A one-shot has {len(audio) / sample_rate:.1f} s; at most {MAX_ONE_SHOT_S:g} s "
                "are allowed. Give a voice the sound and play that."
            )
        gain = _factor(gain_db)
        block = share(audio)
        number = self._next_number()
        link.lend(block, number, keep=False)
        link.send(OneShot(number, block.name, len(audio), sample_rate, gain))

    @_locked
    def set_gain(self, gain_db: float) -> None:
        """Move the gain of everything, -120 to 24 dB, within 20 ms."""
        link = self._running_link()
        link.send(SetGain(_factor(gain_db)))

    @_locked
    def positions(self) -> dict[str, int]:
        """Return the sample that each playing voice plays next, by voice.

        A voice that was told to play appears at once. Nothing is waited for.
        """
        link = self._link
        if link is None or not link.is_alive:
            return {}
        link.listen()
        state = link.state
        positions = {name: _position(known, state) for name, known in self._voices.items()}
        return {name: position for name, position in positions.items() if position >= 0}

    def is_playing(self, voice: str) -> bool:
        """Whether a voice plays, or was told to and is about to."""
        return voice in self.positions()

    @_locked
    def missed_blocks(self) -> int:
        """Return how many blocks came too late since the start, which can be heard as gaps."""
        return int(self._link.state[memory.MISSED]) if self._link is not None else 0

    @_locked
    def _set_sound(self, voice: str, block: SharedMemory, length: int, sample_rate: int) -> None:
        link = self._running_link()
        known = self._voices.get(voice)
        slot = known.slot if known is not None else self._free_slot()
        number = self._next_number()
        link.send(SetSound(number, slot, block.name, length, sample_rate))
        link.lend(block, number, keep=True)
        if known is None:
            self._voices[voice] = _Voice(slot, block, length)
            return
        link.let_go(known.block)
        known.block = block
        known.length = length

    def _end(self) -> None:
        with self._lock:
            link, self._link = self._link, None
            blocks = [known.block for known in self._voices.values()]
            self._voices.clear()
        if link is not None:
            link.close()
        for block in blocks:
            block.close()

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _free_slot(self) -> int:
        taken = {known.slot for known in self._voices.values()}
        for slot in range(memory.MAX_VOICES):
            if slot not in taken:
                return slot
        raise StateError(f"There are {memory.MAX_VOICES} voices already; close a grid to free one.")

    def _known(self, voice: str) -> _Voice:
        known = self._voices.get(voice)
        if known is None:
            raise StateError(f"{voice!r} has no sound yet; nothing can be played.")
        return known

    def _running_link(self) -> Link:
        link = self._link
        if link is None or not link.is_alive:
            raise DeviceError("Playback is not running; it ended or was never started.")
        link.listen()
        return link


def _position(known: _Voice, state: NDArray[np.int64]) -> int:
    if known.number == 0:
        return -1
    place = memory.HEADER + 2 * known.slot
    # The number first: whoever wrote it wrote the position before.
    if int(state[place + 1]) >= known.number:
        return int(state[place])
    return min(known.start_sample, known.length - 1) if known.asked_to_play else -1


def _check(audio: Samples, sample_rate: int = 48_000) -> None:
    if not 1_000 <= sample_rate <= 192_000:
        raise UsageError(f"sample_rate is {sample_rate}; allowed are 1000 to 192000 Hz.")
    if audio.ndim != 1 or len(audio) == 0:
        raise UsageError(f"The audio has shape {audio.shape}; it must be (sample,) and not empty.")
    if audio.dtype != np.float32:
        raise UsageError(f"The audio is {audio.dtype}; it must be float32.")
    if not np.isfinite(audio).all():
        raise UsageError("The audio holds samples that are no finite numbers.")


def _factor(gain_db: float) -> float:
    low, high = GAIN_RANGE_DB
    # Written so that a NaN is refused too.
    if not low <= gain_db <= high:
        raise UsageError(f"The gain is {gain_db} dB; allowed are {low:g} to {high:g} dB.")
    return float(10.0 ** (gain_db / 20.0))
