"""The daemon's side of playback: start it, hand it sounds, tell it what to play.

Every call returns at once: commands go through a pipe, sounds through shared memory, and what
plays is read from a block of memory that the playback process keeps up to date.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sdaudio.errors import DeviceError, StateError, UsageError

from . import memory
from .ensemble import Ensemble
from .link import Link
from .locking import locked
from .messages import (
    Card,
    HandOver,
    OneShot,
    Patch,
    Play,
    PlaybackInfo,
    RemoveSound,
    Scrub,
    SetGain,
    SetVoice,
    Stop,
    StopAll,
)
from .readers import Samples
from .voices import check_audio, gain_factor, split

MIN_REGION_LENGTH = 32
"""Samples in the shortest stretch that can be played or looped."""

SPEED_RANGE = (0.25, 4.0)
MAX_ONE_SHOT_S = 60.0

_LOOKS = 3  # in a row, that may all meet the moment in which a block is mixed


class Playback:
    """Voices by name that play sounds, in a process of their own.

    It may be used from any thread. A call that needs the process raises `DeviceError` when that is
    not running. Started again, voices keep their sounds, and what played goes on where it would be.
    """

    def __init__(self) -> None:
        # Held while a process starts or ends; what the ensemble locks is never locked for long.
        self._life = threading.Lock()
        self._ensemble = Ensemble()
        self._lock = self._ensemble.lock

    def start(
        self,
        *,
        device: str | None,
        sample_rate: int,
        block_length: int,
        all_channels: bool = False,
        search_s: float = 0.0,
    ) -> PlaybackInfo:
        """Start the process and open a sound card; mostly within half a second.

        Without a card that works playback is silent, positions still advance in time, and the
        result says why.

        Args:
            device: part of a device's name, its number, or None for the system's default.
            sample_rate: in Hz; a device that cannot do it is opened at its own rate.
            block_length: frames in a block, 16 to 8192.
            all_channels: whether all channels of the device sound, or the first two.
            search_s: between two looks for a missing device, 0 for none; see `takes_device_found`.

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
            card = Card(device or "", sample_rate, block_length, all_channels, search_s)
            return self._move_to(Link.open(card), card)

    def change_device(self, device: str | None) -> PlaybackInfo:
        """Go over to another device; what plays goes on there. Mostly within half a second.

        Args:
            device: part of a device's name, its number, or None for the system's default.

        Raises:
            DeviceError: it cannot be opened, and everything stays as it was; or nothing is started.
        """
        with self._life:
            card = replace(self._started_card, device=device or "")
            link = Link.open(card)
            if link.info.silent:
                link.close()
                raise DeviceError(link.info.reason)
            return self._move_to(link, card)

    def reopen(self) -> PlaybackInfo:
        """Look for the device once more, in a process that has not seen it die.

        Raises:
            DeviceError: playback was never started, or no process starts.
        """
        with self._life:
            card = self._started_card
            return self._move_to(Link.open(card), card)

    @locked
    def takes_device_found(self) -> bool:
        """Whether a device that was missing has been found since this was asked last."""
        link = self._ensemble.running
        if link is None:
            return False
        link.listen()
        found, link.device_found = link.device_found, False
        return found

    def close(self) -> None:
        """End the process and free all memory; mostly at once. Closing twice does nothing."""
        with self._life:
            self._ensemble.close()

    @property
    @locked
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._ensemble.running is not None

    @property
    @locked
    def n_blocks(self) -> int:
        """Blocks mixed so far by the process that runs: its heartbeat; -1 when none does."""
        return int(link.state[memory.BLOCKS]) if (link := self._ensemble.running) else -1

    @locked
    def kill(self) -> None:
        """End a process that gives no sign of life; started again, everything goes on."""
        if link := self._ensemble.running:
            link.kill()

    @property
    @locked
    def info(self) -> PlaybackInfo | None:
        """Where playback goes now; it changes when a device is lost. None before `start`."""
        link = self._ensemble.link
        if link is None:
            return None
        link.listen()
        return link.info

    @property
    def device(self) -> str | None:
        """The device that was asked for last, None before `start`."""
        card = self._ensemble.card
        return card.device if card.sample_rate else None

    @property
    @locked
    def pid(self) -> int | None:
        """Process id of the playback process, or None when it does not run."""
        link = self._ensemble.running
        return link.process.pid if link else None

    def set_sound(self, voice: str, audio: Samples, sample_rate: int) -> None:
        """Give a voice its sound, or another one.

        A voice that plays goes on where it is, in the new sound, crossfaded within 5 ms. What went
        to the end of the sound goes to the end of the new one.

        Args:
            voice: any name; it is made if it is new.
            audio: (sample,), float32, finite; it is copied.
            sample_rate: of the audio, in Hz.

        Raises:
            UsageError: the audio is empty, not mono or not finite.
            StateError: there are 256 voices already.
            DeviceError: the voice is new and playback is not running.
        """
        with self._lock:
            if voice not in self._ensemble.voices:
                self._ensemble.running_link()
        check_audio(audio, sample_rate)

        self.compose_sound(voice, len(audio), sample_rate, partial(_copy, audio))

    def compose_sound(
        self, voice: str, length: int, sample_rate: int, fill: Callable[[Samples], None]
    ) -> None:
        """`set_sound` without a copy: ``fill`` writes the sound where it will be played from.

        Args:
            voice: any name; it is made if it is new.
            length: of the sound, in samples, 1 or more.
            sample_rate: of the sound, in Hz.
            fill: called with zeros, (sample,) float32, before the voice gets the sound.

        Raises:
            StateError: there are 256 voices already.
            DeviceError: the voice is new and playback is not running.
        """
        # Outside the lock: a long sound takes milliseconds to write.
        self._ensemble.settle(voice)
        block = memory.create(memory.sound_bytes(length))
        try:
            fill(memory.samples(block, length))
            with self._lock:
                self._ensemble.set_sound(voice, block, length, sample_rate)
        except BaseException:
            block.unlink()
            with self._lock:
                self._ensemble.let_go(block)
            raise

    @locked
    def samples(self, voice: str) -> Samples:
        """Return a voice's sound as it is in memory, (sample,) float32. Do not keep it.

        Raises:
            StateError: the voice has no sound.
        """
        return self._ensemble.known(voice).samples

    @locked
    def patch(self, voice: str, first_sample: int, audio: Samples) -> None:
        """Overwrite part of a voice's sound in place, so that the next pass plays it.

        What is heard just now moves over within 5 ms. The process need not run.

        Raises:
            UsageError: the part does not lie within the sound.
            StateError: the voice has no sound.
        """
        known = self._ensemble.known(voice)
        check_audio(audio)
        stop_sample = first_sample + len(audio)
        if first_sample < 0 or stop_sample > known.length:
            raise UsageError(
                f"Samples {first_sample} to {stop_sample} do not lie within the sound of "
                f"{voice!r}, which has {known.length}."
            )
        link = self._ensemble.link_of(known)
        known.settle(link.state if link else None)
        now_s = time.monotonic()
        spans = known.heard_soon(link.state, self._ensemble.ahead_s, now_s) if link else []
        for first, stop, is_heard in split(first_sample, stop_sample, spans):
            part = audio[first - first_sample : stop - first_sample]
            if link is None or not is_heard:
                known.write(first, part)
                continue
            patch = Patch(self._ensemble.next_number(), known.slot, first, part.copy())
            known.pending.append(patch)
            link.try_to_send(patch)

    @locked
    def play(
        self,
        voice: str,
        *,
        start_sample: int = 0,
        stop_sample: int | None = None,
        loop: bool = False,
        gain_db: float = 0.0,
        fade_s: float = 0.0,
        in_phase: bool = False,
        offset: int = 0,
        at_s: float | None = None,
    ) -> None:
        """Start a voice, or make it jump.

        Args:
            voice: one that has a sound.
            start_sample: where to begin.
            stop_sample: where to end, None for the end of the sound.
            loop: whether to go back to ``start_sample`` at the end.
            gain_db: -120 to 24 dB, on top of the voice's own.
            fade_s: to fade in.
            in_phase: whether a loop that plays goes on as far behind the start as it is now.
            offset: samples behind ``start_sample`` to begin at, within the region.
            at_s: when, in monotonic time, to the sample; None is at once. A loop that is late
                begins where it would be.

        Raises:
            UsageError: the region is not within the sound or shorter than 32 samples.
            StateError: the voice has no sound.
            DeviceError: playback is not running.
        """
        link = self._ensemble.running_link()
        known = self._ensemble.known(voice)
        stop = known.length if stop_sample is None else stop_sample
        shortest = min(MIN_REGION_LENGTH, known.length)
        if not 0 <= start_sample <= stop - shortest or stop > known.length:
            raise UsageError(
                f"Samples {start_sample} to {stop} cannot be played: the sound of {voice!r} has "
                f"{known.length}, and at least {shortest} are needed."
            )
        gain = gain_factor(gain_db)
        known.number = self._ensemble.next_command(known)
        known.asked = Play(
            known.number, known.slot, start_sample, stop_sample, loop=loop, gain=gain,
            fade_s=fade_s, in_phase=in_phase, offset=offset, at_s=at_s,
        )  # fmt: skip
        link.send(known.asked)

    @locked
    def hand_over(self, voice: str, other: str) -> None:
        """Let another voice go on where one is, in its own sound, crossfaded within 5 ms.

        Raises:
            StateError: one of them has no sound.
            DeviceError: playback is not running.
        """
        link = self._ensemble.running_link()
        known, heir = self._ensemble.known(voice), self._ensemble.known(other)
        known.number = heir.number = self._ensemble.next_number()
        heir.gain, heir.speed = known.gain, known.speed
        if known.asked is not None:
            heir.asked = replace(known.asked, voice=heir.slot, number=heir.number)
        known.asked = None
        link.send(HandOver(known.number, known.slot, heir.slot))

    @locked
    def scrub(self, voice: str, sample: int, *, hold_s: float, gain_db: float = 0.0) -> None:
        """Play grains of sound around a place until ``hold_s`` after the last call.

        Whatever else the voice plays fades out.

        Raises:
            UsageError: the place is not within the sound, or the gain out of its range.
            StateError: the voice has no sound.
            DeviceError: playback is not running.
        """
        link = self._ensemble.running_link()
        known = self._ensemble.known(voice)
        if not 0 <= sample < known.length:
            raise UsageError(f"Sample {sample} is not within the {known.length} of {voice!r}.")
        gain = gain_factor(gain_db)
        known.number = self._ensemble.next_command(known)
        known.asked = None
        link.send(Scrub(known.number, known.slot, sample, hold_s, gain))

    @locked
    def set_voice(self, voice: str, *, gain_db: float, speed: float) -> None:
        """Move a voice's own gain within 20 ms and its speed within 50 ms.

        Args:
            voice: one that has a sound.
            gain_db: -120 to 24 dB.
            speed: 0.25 to 4; the pitch moves with it.

        Raises:
            UsageError: a value is out of its range.
            StateError: the voice has no sound.
        """
        known = self._ensemble.known(voice)
        low, high = SPEED_RANGE
        if not low <= speed <= high:
            raise UsageError(f"The speed is {speed}; allowed are {low:g} to {high:g}.")
        known.gain, known.speed = gain_factor(gain_db), speed
        link = self._ensemble.link_of(known)
        if link is not None:
            link.try_to_send(SetVoice(known.slot, known.gain, speed))

    @locked
    def stop(self, voice: str, *, fade_s: float = 0.0, at_s: float | None = None) -> None:
        """Fade a voice out, within 5 ms or slower; a voice that does not play stays as it is.

        Args:
            voice: any name.
            fade_s: how long it fades out.
            at_s: when to begin, in monotonic time; None is at once.
        """
        link = self._ensemble.running_link()
        known = self._ensemble.voices.get(voice)
        if known is not None:
            number = self._ensemble.next_command(known, fade_s=fade_s)
            if at_s is None:
                known.number = number
                known.asked = None
            link.send(Stop(number, known.slot, fade_s, at_s))

    @locked
    def stop_all(self) -> None:
        """Fade out every voice and one-shot within 5 ms."""
        link = self._ensemble.running_link()
        number = self._ensemble.next_number()
        for known in self._ensemble.voices.values():
            known.number = number
            known.asked = None
        link.send(StopAll(number))

    @locked
    def remove(self, voice: str) -> None:
        """Fade a voice out and free its sound; an unknown voice is no error."""
        known = self._ensemble.remove(voice)
        if known is not None and self._ensemble.running:
            self._ensemble.running.try_to_send(RemoveSound(known.slot))

    @locked
    def one_shot(
        self,
        audio: Samples,
        sample_rate: int,
        *,
        gain_db: float = 0.0,
        at_s: float | None = None,
    ) -> None:
        """Play a short sound once, beside the voices. It cannot be told from outside any more.

        Args:
            audio: (sample,), float32, finite, at most 60 s; it is copied.
            sample_rate: of the audio, in Hz.
            gain_db: -120 to 24 dB.
            at_s: when, in monotonic time, to the sample; None is at once.

        Raises:
            UsageError: the audio is empty, too long, not mono or not finite.
            DeviceError: playback is not running.
        """
        link = self._ensemble.running_link()
        check_audio(audio, sample_rate)
        if len(audio) > MAX_ONE_SHOT_S * sample_rate:
            raise UsageError(
                f"A one-shot has {len(audio) / sample_rate:.1f} s; at most {MAX_ONE_SHOT_S:g} s "
                "are allowed. Give a voice the sound and play that."
            )
        gain = gain_factor(gain_db)
        block = memory.create(memory.sound_bytes(len(audio)))
        memory.samples(block, len(audio))[:] = audio
        number = self._ensemble.next_number()
        link.lend(block, number, keep=False)
        link.send(OneShot(number, block.name, len(audio), sample_rate, gain, at_s))

    @locked
    def set_gain(self, gain_db: float) -> None:
        """Move the gain of everything, -120 to 24 dB, within 20 ms."""
        self._ensemble.gain = gain_factor(gain_db)
        if self._ensemble.running:
            self._ensemble.running.try_to_send(SetGain(self._ensemble.gain))

    @locked
    def positions(self) -> dict[str, int]:
        """Return the sample that each playing voice plays next, by voice.

        A voice that was told to play appears at once. Nothing is waited for.
        """
        link = self._ensemble.running
        if link is None:
            return {}
        link.listen()
        state = link.state
        positions = {name: known.position(state) for name, known in self._ensemble.voices.items()}
        return {name: position for name, position in positions.items() if position >= 0}

    @locked
    def moment(self) -> tuple[dict[str, int], float]:
        """Return `positions` and the monotonic time at which they are true."""
        for _ in range(_LOOKS):
            before = self._time_ns()
            positions = self.positions()
            if self._time_ns() == before:
                break
        return positions, before / 1e9

    @locked
    def missed_blocks(self) -> int:
        """Return how many blocks came too late since the start, which can be heard as gaps."""
        link = self._ensemble.link
        return int(link.state[memory.MISSED]) if link is not None else 0

    def _move_to(self, link: Link, card: Card) -> PlaybackInfo:
        self._ensemble.move_to(link, card)
        return link.info

    def _time_ns(self) -> int:
        link = self._ensemble.link
        return int(link.state[memory.TIME_NS]) if link is not None else 0

    @property
    def _started_card(self) -> Card:
        if self.device is None:
            raise DeviceError("Playback was never started.")
        return self._ensemble.card


def _copy(audio: Samples, samples: Samples) -> None:
    samples[:] = audio
