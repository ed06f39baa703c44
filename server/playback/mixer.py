"""Adds sounds up: voices that start, stop, loop and change while they play, without clicks.

Pure numpy and pure arithmetic: no clock, no device, no process. Everything here is called on the
thread that feeds the sound card, between or within its blocks; `mix` copies and adds into arrays
that exist already.

Where a sound is cut, it is faded: 1 ms in, so that an attack survives, and 5 ms out. At the first
and the last sample of the sound itself nothing is faded, so that a sound played as a whole comes
out exactly as it is. A loop within a sound crossfades into itself before its end with what lies
before its start: the attack at the start stays whole and nothing after the end is heard.
"""

import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from .grains import GRAIN_S, Scrub
from .interpolation import Interpolator
from .readers import GUARD, Ramp, Reader, Samples, Sound, Start

FADE_IN_S = 0.001
FADE_OUT_S = 0.005
GAIN_RAMP_S = 0.02
"""Seconds that a change of a gain takes."""
GLIDE_S = 0.05
"""Seconds that a change of a voice's speed takes."""

MAX_ONE_SHOTS = 64
"""One-shots at a time; one more ends the oldest."""

_NOBODY = -1
"""Stands for a voice in what is not cancelled with it: grains end by themselves."""

Action = Callable[[], None]


@dataclass(slots=True)
class _Voice:
    sound: Sound
    reader: Reader | None = None
    stop: int | None = None
    gain: float = 1.0
    speed: float = 1.0
    scrub: Scrub | None = None


class Mixer:
    """Voices by number, one-shots, and a master gain.

    Args:
        sample_rate: of the output, in Hz.
        max_block_length: frames in the longest block that `mix` is asked for.
    """

    def __init__(self, sample_rate: int, *, max_block_length: int) -> None:
        self.sample_rate = sample_rate
        self.max_block_length = max_block_length
        self.frame = 0
        """Frames mixed so far: the clock that `at` goes by."""
        self.retired: deque[Sound] = deque()
        """Sounds that nobody reads any more; whoever owns their memory takes them from here."""
        self._fade_in = FADE_IN_S * sample_rate
        self._fade_out = FADE_OUT_S * sample_rate
        self._voices: dict[int, _Voice] = {}
        self._readers: list[Reader] = []
        self._one_shots: deque[Reader] = deque()
        self._scheduled: list[tuple[int, int, int, Action]] = []
        self._order = itertools.count()
        self._gain = Ramp(1.0)
        n = max_block_length
        self._frame = np.arange(n, dtype=np.float64)
        self._interpolator = Interpolator(n)
        self._envelope = np.zeros(n, dtype=np.float32)
        self._work = np.zeros(n, dtype=np.float32)

    @property
    def voices(self) -> tuple[int, ...]:
        """The numbers of all voices that have a sound."""
        return tuple(self._voices)

    def at(self, frame: int, voice: int, action: Action) -> None:
        """Do something for a voice exactly at a frame; a frame that has passed is the next one."""
        heapq.heappush(self._scheduled, (frame, next(self._order), voice, action))

    def cancel(self, voice: int) -> None:
        """Forget what is to be done for a voice."""
        if any(entry[2] == voice for entry in self._scheduled):
            self._scheduled = [entry for entry in self._scheduled if entry[2] != voice]
            heapq.heapify(self._scheduled)

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
                    sound, position=position, start=start, stop=stop, loop=old.loop, like=old
                )
                known.reader.envelope.value = 0.0
                known.reader.envelope.move(1.0, self._fade_out)
        self._retire(replaced)

    def remove_sound(self, voice: int) -> None:
        """Fade a voice out and forget it."""
        self.cancel(voice)
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
        for reader in tuple(self._readers):
            if reader.sound is sound and not reader.cross.slope:
                reach = self._fade_out * reader.fastest + GUARD
                if reader.position + reach > first_sample and reader.position < stop_sample:
                    self._keep_hearing(reader, math.ceil(reach))
        begin = GUARD + first_sample
        sound.samples[begin : GUARD + stop_sample] = audio[: stop_sample - first_sample]

    def play(self, voice: int, how: Start) -> None:
        """Start a voice, or make it jump; a voice without a sound is left alone."""
        known = self._voices.get(voice)
        if known is None:
            return
        known.scrub = None
        old, sound = known.reader, known.sound
        end = sound.length if how.stop is None else min(how.stop, sound.length)
        start = min(how.start, end - 1)
        position = float(start + how.offset)
        if how.in_phase and old is not None and old.loop:
            # what still fades in ahead of its loop lies before the start by as much as is left
            position = start + (old.position - old.start) % (end - start)
        elif how.loop and how.late_frames:
            late = how.late_frames * known.speed * sound.sample_rate / self.sample_rate
            position = start + (how.offset + late) % (end - start)
        if old is not None:
            self._fade(old)
        known.stop = how.stop
        reader = known.reader = self._new_reader(
            sound, position=position, start=start, stop=end, loop=how.loop, like=known
        )
        reader.gain = Ramp(known.gain * how.gain)
        if how.fade_s or position > 0:
            reader.envelope.value = 0.0
            reader.envelope.move(1.0, max(self._fade_in, how.fade_s * self.sample_rate))

    def stop(self, voice: int, fade_s: float = FADE_OUT_S) -> None:
        """Fade a voice out; its sound stays."""
        known = self._voices.get(voice)
        if known is not None:
            if known.reader is not None:
                self._fade(known.reader, fade_s)
            known.reader = known.scrub = None

    def hand_over(self, voice: int, other: int) -> None:
        """Let another voice go on where one is, in its own sound, crossfaded within 5 ms."""
        known, heir = self._voices.get(voice), self._voices.get(other)
        if known is None or heir is None or known.reader is None:
            return
        old, known.reader = known.reader, None
        if heir.reader is not None:
            self._fade(heir.reader)
        self._fade(old)
        heir.stop, heir.gain, heir.speed = known.stop, known.gain, known.speed
        stop = min(old.stop, heir.sound.length)
        if old.position < stop:
            heir.reader = self._new_reader(
                heir.sound,
                position=old.position,
                start=min(old.start, stop - 1),
                stop=stop,
                loop=old.loop,
                like=old,
            )
            heir.reader.envelope.value = 0.0
            heir.reader.envelope.move(1.0, self._fade_out)

    def stop_all(self) -> None:
        """Fade out every voice and one-shot."""
        self._scheduled.clear()
        for known in self._voices.values():
            known.reader = known.scrub = None
        for reader in self._readers:
            self._fade(reader)

    def one_shot(self, sound: Sound, gain: float, delay_frames: int = 0) -> None:
        """Play a sound once, whole, beside the voices; it is retired at its end."""
        sound.is_replaced = True
        if len(self._one_shots) >= MAX_ONE_SHOTS:
            self._fade(self._one_shots.popleft())
        delay = delay_frames * sound.sample_rate / self.sample_rate
        reader = self._new_reader(sound, position=-delay, start=0, stop=sound.length, loop=False)
        reader.gain = Ramp(gain)
        self._one_shots.append(reader)

    def scrub(self, voice: int, position: float, *, hold_s: float, gain: float) -> None:
        """Play grains around a place until ``hold_s`` after the last call; plays nothing else.

        Args:
            voice: one that has a sound; others are ignored.
            position: sample of the sound.
            hold_s: seconds until it falls silent unless it is moved or held again.
            gain: factor.
        """
        known = self._voices.get(voice)
        if known is None:
            return
        hold_frames = round(hold_s * self.sample_rate)
        if known.scrub is not None:
            known.scrub.move(position, hold_frames=hold_frames, gain=gain)
            return
        self.stop(voice)
        known.scrub = Scrub(position, hold_frames=hold_frames, gain=gain)
        self._begin_grain(voice, known.scrub)

    def set_voice(self, voice: int, *, gain: float, speed: float) -> None:
        """Move a voice's gain within 20 ms and its speed within 50 ms."""
        known = self._voices.get(voice)
        if known is None:
            return
        reader = known.reader
        if reader is not None:
            started_with = reader.gain.target / known.gain if known.gain else 1.0
            reader.gain.move(gain * started_with, GAIN_RAMP_S * self.sample_rate)
            self._change_pace(reader, speed)
        known.gain, known.speed = gain, speed

    def set_gain(self, gain: float) -> None:
        """Move the master gain to a factor within 20 ms."""
        self._gain.move(gain, GAIN_RAMP_S * self.sample_rate)

    def position(self, voice: int) -> int:
        """Return the sample of its sound that a voice plays next, or -1 when it is silent."""
        known = self._voices.get(voice)
        if known is None:
            return -1
        if known.scrub is not None:
            return min(max(int(known.scrub.position), 0), known.sound.length - 1)
        if known.reader is None:
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
        done = 0
        while done < len(out):
            until = self.frame + len(out) - done
            while self._scheduled and self._scheduled[0][0] <= self.frame:
                heapq.heappop(self._scheduled)[3]()
            if self._scheduled:
                until = min(until, self._scheduled[0][0])
            part = out[done : done + until - self.frame]
            for reader in tuple(self._readers):
                self._render(reader, part)
            done += len(part)
            self.frame = until
        self._apply_gain(out)

    def _new_reader(
        self,
        sound: Sound,
        *,
        position: float,
        start: int,
        stop: int,
        loop: bool,
        like: Reader | _Voice | None = None,
    ) -> Reader:
        """Add a reader, as loud and as fast as another one or as its voice."""
        ratio = sound.sample_rate / self.sample_rate
        speed = like.speed if isinstance(like, _Voice) else 1.0
        reader = Reader(
            sound, position=position, start=start, stop=stop, loop=loop, gain=1.0,
            step=ratio * speed,
        )  # fmt: skip
        if isinstance(like, Reader):
            reader.gain.follow(like.gain)
            if like.sound.sample_rate == sound.sample_rate:
                reader.pace.follow(like.pace)
            else:
                reader.pace = Ramp(like.pace.target / like.sound.sample_rate * sound.sample_rate)
        self._place_fade(reader)
        sound.n_readers += 1
        self._readers.append(reader)
        return reader

    def _place_fade(self, reader: Reader) -> None:
        """Let the end of a pass begin to fade in time for the speed it goes at."""
        if not reader.wraps and (reader.loop or reader.stop < reader.sound.length):
            length = reader.stop - reader.start
            fade = min(self._fade_out * reader.pace.target, length / 2)
            reader.fade_from = reader.stop - fade

    def _change_pace(self, reader: Reader, speed: float) -> None:
        step = speed * reader.sound.sample_rate / self.sample_rate
        if step != reader.pace.target:
            reader.change_pace(step, round(GLIDE_S * self.sample_rate))
            self._place_fade(reader)

    def _begin_grain(self, voice: int, scrub: Scrub) -> None:
        known = self._voices.get(voice)
        if known is None or known.scrub is not scrub:
            return
        if scrub.hold_frames <= 0:
            known.scrub = None
            return
        sound = known.sound
        half_frames = round(GRAIN_S / 2 * self.sample_rate)
        step = sound.sample_rate / self.sample_rate
        half = half_frames * step
        first = scrub.next_grain(length=sound.length, sample_rate=sound.sample_rate, half=half)
        # On a whole sample, where the rate allows, grains are copied and not interpolated.
        start = int(first)
        grain = self._new_reader(
            sound, position=start, start=start, stop=min(sound.length, math.ceil(start + 2 * half)),
            loop=False,
        )  # fmt: skip
        grain.gain = Ramp(known.gain * scrub.gain)
        grain.fade_from = start + half
        grain.envelope.value = 0.0
        grain.envelope.move(1.0, half_frames)
        scrub.hold_frames -= half_frames
        self.at(self.frame + half_frames, _NOBODY, partial(self._begin_grain, voice, scrub))

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
            like=reader,
        )
        echo.envelope.follow(reader.envelope)
        echo.cross.move(0.0, self._fade_out)
        reader.cross.value = 0.0
        reader.cross.move(1.0, self._fade_out)

    def _fade(self, reader: Reader, fade_s: float = FADE_OUT_S) -> None:
        if not reader.is_fading_out:
            reader.is_fading_out = True
            reader.envelope.move(0.0, max(FADE_OUT_S, fade_s) * self.sample_rate)

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
            if reader.is_over:
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
        n_frames = (reader.stop - reader.position) / reader.pace.value
        reader.is_fading_out = True
        reader.envelope.move(0.0, n_frames)
        if not reader.loop:
            return None
        # What lies before the start fades in meanwhile, so that the start itself comes in full.
        following = self._new_reader(
            reader.sound,
            position=reader.position - (reader.stop - reader.start),
            start=reader.start,
            stop=reader.stop,
            loop=True,
            like=reader,
        )
        following.envelope.value = 0.0
        following.envelope.move(1.0, n_frames)
        for known in self._voices.values():
            if known.reader is reader:
                known.reader = following
        return following

    def _add(self, reader: Reader, out: Samples) -> None:
        n = len(out)
        if reader.pace.value == 1.0 and not reader.pace.slope and reader.position.is_integer():
            begin = GUARD + int(reader.position)
            read = reader.sound.samples[begin : begin + n]
        else:
            read = self._interpolator.read(reader, n)
        steady, work = 1.0, self._work[:n]
        for ramp in reader.ramps:
            if ramp.slope:
                read = np.multiply(read, self._line(ramp, n), out=work)
            else:
                steady *= ramp.value
        if steady != 1.0:
            read = np.multiply(read, np.float32(steady), out=work)
        np.add(out, read, out=out)

    def _line(self, ramp: Ramp, n: int) -> Samples:
        """The next values of a ramp; good until the next call."""
        line = self._envelope[:n]
        np.multiply(self._frame[:n], ramp.slope, out=line, casting="same_kind")
        np.add(line, np.float32(ramp.value), out=line)
        return line

    def _apply_gain(self, out: Samples) -> None:
        gain, n = self._gain, len(out)
        if gain.slope:
            n_ramp = max(0, min(n, math.ceil(gain.frames_left)))
            line = self._line(gain, n)
            line[n_ramp:] = gain.target
            np.multiply(out, line, out=out)
            gain.advance(n_ramp)
            if n_ramp < n:
                gain.value, gain.slope = gain.target, 0.0
        elif gain.value != 1.0:
            np.multiply(out, np.float32(gain.value), out=out)
