"""Adds sounds up: voices that start, stop, loop and change while they play, without clicks.

Pure numpy and pure arithmetic: no clock, no device, no process. Everything here is called on the
thread that feeds the sound card, between or within its blocks; `mix` copies and adds into arrays
that exist already.

Where a sound is cut, it is faded: 1 ms in, so that an attack survives, and 5 ms out. At the first
and the last sample of the sound itself nothing is faded, so that a sound played as a whole comes
out exactly as it is. A loop within a sound crossfades into itself before its end with what lies
before its start: the attack at the start stays whole and nothing after the end is heard.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from .interpolation import Interpolator
from .readers import GUARD, Reader, Samples, Sound

FADE_IN_S = 0.001
FADE_OUT_S = 0.005
GAIN_RAMP_S = 0.02
"""Seconds that a change of the master gain takes."""

MAX_ONE_SHOTS = 64
"""One-shots at a time; one more ends the oldest."""


@dataclass(slots=True)
class _Voice:
    sound: Sound
    reader: Reader | None = None
    stop: int | None = None


class Mixer:
    """Voices by number, one-shots, and a master gain.

    Args:
        sample_rate: of the output, in Hz.
        max_block_length: frames in the longest block that `mix` is asked for.
    """

    def __init__(self, sample_rate: int, *, max_block_length: int) -> None:
        self.sample_rate = sample_rate
        self.max_block_length = max_block_length
        self.retired: deque[Sound] = deque()
        """Sounds that nobody reads any more; whoever owns their memory takes them from here."""
        self._fade_in = FADE_IN_S * sample_rate
        self._fade_out = FADE_OUT_S * sample_rate
        self._voices: dict[int, _Voice] = {}
        self._readers: list[Reader] = []
        self._one_shots: deque[Reader] = deque()
        self._gain = 1.0
        self._gain_target = 1.0
        self._gain_slope = 0.0
        n = max_block_length
        self._frame = np.arange(n, dtype=np.float64)
        self._interpolator = Interpolator(n)
        self._envelope = np.zeros(n, dtype=np.float32)
        self._work = np.zeros(n, dtype=np.float32)

    def set_sound(self, voice: int, sound: Sound) -> None:
        """Give a voice its sound; one that plays goes on at its position, crossfaded."""
        known = self._voices.get(voice)
        if known is None:
            self._voices[voice] = _Voice(sound)
            return
        replaced, known.sound = known.sound, sound
        old = known.reader
        if old is not None:
            known.reader = None
            self._fade(old)
            stop = sound.length if known.stop is None else min(known.stop, sound.length)
            start = old.start if old.start < stop else 0
            position = old.position
            if position >= stop:
                position = start if old.loop else stop
            if position < stop:
                known.reader = self._new_reader(
                    sound, position=position, start=start, stop=stop, loop=old.loop, gain=old.gain
                )
                known.reader.level = 0.0
                known.reader.ramp(1.0, self._fade_out)
        self._retire(replaced)

    def remove_sound(self, voice: int) -> None:
        """Fade a voice out and forget it."""
        known = self._voices.pop(voice, None)
        if known is not None:
            if known.reader is not None:
                self._fade(known.reader)
            self._retire(known.sound)

    def patch(self, voice: int, first_sample: int, audio: Samples) -> None:
        """Overwrite part of a voice's sound in place.

        A reader that is inside the part hears the change through a crossfade of 5 ms.
        """
        known = self._voices.get(voice)
        if known is None:
            return
        sound = known.sound
        stop_sample = min(first_sample + len(audio), sound.length)
        reader = known.reader
        if reader is not None and not reader.is_fading_out and reader.slope == 0.0:
            reach = self._fade_out * reader.step + GUARD
            if reader.position + reach > first_sample and reader.position < stop_sample:
                self._keep_hearing(reader, math.ceil(reach))
        begin = GUARD + first_sample
        sound.samples[begin : GUARD + stop_sample] = audio[: stop_sample - first_sample]

    def play(self, voice: int, *, start: int, stop: int | None, loop: bool, gain: float) -> None:
        """Start a voice at ``start``, or make it jump there.

        Args:
            voice: one that has a sound; others are ignored.
            start: sample of the sound to begin with; a loop comes back to it.
            stop: sample to stop before, None for the end of the sound.
            loop: whether to begin again at ``start`` after ``stop``.
            gain: factor.
        """
        known = self._voices.get(voice)
        if known is None:
            return
        if known.reader is not None:
            self._fade(known.reader)
        sound = known.sound
        end = sound.length if stop is None else min(stop, sound.length)
        start = min(start, end - 1)
        known.stop = stop
        known.reader = self._new_reader(
            sound, position=start, start=start, stop=end, loop=loop, gain=gain
        )
        if start > 0:
            known.reader.level = 0.0
            known.reader.ramp(1.0, self._fade_in)

    def stop(self, voice: int) -> None:
        """Fade a voice out; its sound stays."""
        known = self._voices.get(voice)
        if known is not None and known.reader is not None:
            self._fade(known.reader)
            known.reader = None

    def stop_all(self) -> None:
        """Fade out every voice and one-shot."""
        for known in self._voices.values():
            known.reader = None
        for reader in self._readers:
            self._fade(reader)

    def one_shot(self, sound: Sound, gain: float) -> None:
        """Play a sound once, whole, beside the voices; it is retired at its end."""
        sound.is_replaced = True
        if len(self._one_shots) >= MAX_ONE_SHOTS:
            self._fade(self._one_shots.popleft())
        reader = self._new_reader(
            sound, position=0.0, start=0, stop=sound.length, loop=False, gain=gain
        )
        self._one_shots.append(reader)

    def set_gain(self, gain: float) -> None:
        """Move the master gain to a factor within 20 ms."""
        self._gain_target = gain
        self._gain_slope = (gain - self._gain) / (GAIN_RAMP_S * self.sample_rate)

    def position(self, voice: int) -> int:
        """Return the sample of its sound that a voice plays next, or -1 when it is silent."""
        known = self._voices.get(voice)
        if known is None or known.reader is None:
            return -1
        reader = known.reader
        position = reader.position
        if position < reader.start:
            # It still fades in ahead of its loop, while the pass before is heard.
            position += reader.stop - reader.start
        return min(max(int(position), 0), reader.sound.length - 1)

    def mix(self, out: Samples) -> None:
        """Write the next ``len(out)`` frames of the sum of everything, replacing what is there."""
        out.fill(0.0)
        for reader in tuple(self._readers):
            self._render(reader, out)
        self._apply_gain(out)

    def _new_reader(
        self, sound: Sound, *, position: float, start: int, stop: int, loop: bool, gain: float
    ) -> Reader:
        reader = Reader(
            sound,
            position=position,
            start=start,
            stop=stop,
            loop=loop,
            gain=gain,
            sample_rate=self.sample_rate,
        )
        if not reader.wraps and (loop or stop < sound.length):
            length = stop - start
            reader.fade_from = stop - min(self._fade_out * reader.step, length / 2)
        sound.n_readers += 1
        self._readers.append(reader)
        return reader

    def _keep_hearing(self, reader: Reader, n_samples: int) -> None:
        """Let a copy of what comes next fade out while the reader fades in again."""
        sound = reader.sound
        first = int(reader.position) - GUARD
        index = np.arange(first, first + n_samples + 3 * GUARD)
        if reader.wraps:
            index %= sound.length
        heard = sound.samples.take(index + GUARD, mode="clip")
        ahead = Sound(heard, sound.sample_rate)
        ahead.is_replaced = True
        echo = self._new_reader(
            ahead,
            position=reader.position - first - GUARD,
            start=0,
            stop=ahead.length,
            loop=False,
            gain=reader.gain,
        )
        self._fade(echo)
        reader.level = 0.0
        reader.ramp(1.0, self._fade_out)

    def _fade(self, reader: Reader) -> None:
        if not reader.is_fading_out:
            reader.is_fading_out = True
            reader.ramp(0.0, self._fade_out)

    def _retire(self, sound: Sound) -> None:
        sound.is_replaced = True
        if sound.n_readers == 0:
            self.retired.append(sound)

    def _finish(self, reader: Reader) -> None:
        self._readers.remove(reader)
        if reader in self._one_shots:
            self._one_shots.remove(reader)
        for known in self._voices.values():
            if known.reader is reader:
                known.reader = None
        reader.sound.n_readers -= 1
        if reader.sound.is_replaced and reader.sound.n_readers == 0:
            self.retired.append(reader.sound)

    def _render(self, reader: Reader, out: Samples) -> None:
        done = 0
        while True:
            if reader.level == 0.0 and reader.slope == 0.0:
                self._finish(reader)
                return
            if reader.has_reached(reader.end):
                if not reader.wraps:
                    self._finish(reader)
                    return
                reader.position -= reader.sound.length
            if reader.has_reached(reader.fade_from) and not reader.is_fading_out:
                following = self._fade_at_stop(reader)
                if following is not None:
                    self._render(following, out[done:])
            if done == len(out):
                return
            n_frames = reader.frames_to_event(len(out) - done)
            if reader.has_reached(0.0):
                self._add(reader, out[done : done + n_frames])
            reader.advance(n_frames)
            done += n_frames

    def _fade_at_stop(self, reader: Reader) -> Reader | None:
        n_frames = (reader.stop - reader.position) / reader.step
        reader.is_fading_out = True
        reader.ramp(0.0, n_frames)
        if not reader.loop:
            return None
        # What lies before the start fades in meanwhile, so that the start itself comes in full.
        following = self._new_reader(
            reader.sound,
            position=reader.position - (reader.stop - reader.start),
            start=reader.start,
            stop=reader.stop,
            loop=True,
            gain=reader.gain,
        )
        following.level = 0.0
        following.ramp(1.0, n_frames)
        for known in self._voices.values():
            if known.reader is reader:
                known.reader = following
        return following

    def _add(self, reader: Reader, out: Samples) -> None:
        n = len(out)
        if reader.step == 1.0:
            begin = GUARD + int(reader.position)
            read = reader.sound.samples[begin : begin + n]
        else:
            read = self._interpolator.read(reader, n)
        gain = reader.gain
        if reader.slope:
            envelope = self._envelope[:n]
            np.multiply(self._frame[:n], reader.slope * gain, out=envelope, casting="same_kind")
            np.add(envelope, np.float32(reader.level * gain), out=envelope)
            np.multiply(read, envelope, out=self._work[:n])
            np.add(out, self._work[:n], out=out)
        elif reader.level * gain == 1.0:
            np.add(out, read, out=out)
        else:
            np.multiply(read, np.float32(reader.level * gain), out=self._work[:n])
            np.add(out, self._work[:n], out=out)

    def _apply_gain(self, out: Samples) -> None:
        if self._gain_slope:
            n = len(out)
            n_ramp = max(0, min(n, math.ceil((self._gain_target - self._gain) / self._gain_slope)))
            envelope = self._envelope[:n]
            np.multiply(self._frame[:n], self._gain_slope, out=envelope, casting="same_kind")
            np.add(envelope, np.float32(self._gain), out=envelope)
            envelope[n_ramp:] = self._gain_target
            np.multiply(out, envelope, out=out)
            self._gain += n_ramp * self._gain_slope
            if n_ramp < n:
                self._gain = self._gain_target
                self._gain_slope = 0.0
        elif self._gain != 1.0:
            np.multiply(out, np.float32(self._gain), out=out)
