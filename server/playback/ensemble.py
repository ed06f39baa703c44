"""All voices, their memory, and the process that plays them now.

A process can die, or give way to one that has another device; the voices stay. Each process is
given sounds in blocks of its own, because the names of the blocks before are gone (see `memory`),
and is told to go on where the one before was. `handle` is what the rest of the daemon sees.
"""

import threading
import time
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory

from sdaudio.errors import DeviceError, StateError

from . import memory
from .link import Link
from .messages import Card, SetGain, SetSound, SetVoice, StopAll
from .voices import Voice

_AHEAD_S = 0.1
_AHEAD_BLOCKS = 3
"""How far ahead of what is heard only the mixer writes: seconds, or blocks if those are more."""
_FADE_S = 0.02
_SETTLE_S = 0.3
_POLL_S = 0.002
_CHUNK = 1 << 20
"""Samples copied at a time while others may write."""


class Ensemble:
    """Voices by name. Hold ``lock`` for everything but `move_to` and `close`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Never held for long."""
        self.link: Link | None = None
        """The process, dead or alive."""
        self.card = Card("", 0, 0)
        """What the process was asked to play on; its rate is 0 before the first."""
        self.voices: dict[str, Voice] = {}
        self.gain = 1.0
        # The process before, while voices move.
        self._before: Link | None = None
        # Voices whose sound the process has.
        self._housed: set[Voice] = set()
        self._closing: list[SharedMemory] = []
        self._number = 0

    @property
    def running(self) -> Link | None:
        """The process if it is alive."""
        return self.link if self.link is not None and self.link.is_alive else None

    @property
    def ahead_s(self) -> float:
        """How far ahead of what is heard only the mixer may write."""
        rate = (self.link.info.sample_rate if self.link else 0) or self.card.sample_rate
        return max(_AHEAD_S, _AHEAD_BLOCKS * self.card.block_length / max(1, rate))

    def running_link(self) -> Link:
        """Return the process.

        Raises:
            DeviceError: it is not running.
        """
        link = self.running
        if link is None:
            raise DeviceError("Playback is not running; it ended or was never started.")
        link.listen()
        return link

    def link_of(self, known: Voice) -> Link | None:
        """Return the process if it is alive and has a voice's sound."""
        return self.running if known in self._housed else None

    def known(self, name: str) -> Voice:
        """Return a voice.

        Raises:
            StateError: there is none of this name.
        """
        if name not in self.voices:
            raise StateError(f"{name!r} has no sound yet; nothing can be played.")
        return self.voices[name]

    def next_number(self) -> int:
        """Return the number of the next command."""
        self._number += 1
        return self._number

    def next_command(self, known: Voice, *, fade_s: float = 0.0) -> int:
        """Return the number of the next command, which lets a voice stop or jump."""
        if self.running:
            known.leave(self.running.state, time.monotonic(), fade_s)
        return self.next_number()

    def set_sound(self, name: str, block: SharedMemory, length: int, sample_rate: int) -> None:
        """Give a voice its sound, in a block that nobody else closes.

        Raises:
            StateError: there are 256 voices already.
            DeviceError: the voice is new and playback is not running.
        """
        known = self.voices.get(name)
        if known is None:
            self.running_link()
            known = self.voices[name] = Voice(self._free_slot(), block, length, sample_rate)
        else:
            known.pending.clear()
            self.let_go(known.block)
            known.block, known.length, known.sample_rate = block, length, sample_rate
            if known.asked is not None and (known.asked.stop_sample or 0) > length:
                known.asked = replace(known.asked, stop_sample=None)
        if self.running:
            self._house(known, self.running)
        else:
            # The next process is given a block of its own.
            block.unlink()

    def settle(self, name: str) -> None:
        """Wait until the mixer has carried out all patches of a voice; a block or two, unlocked."""
        until_s = time.monotonic() + _SETTLE_S
        while True:
            with self.lock:
                known = self.voices.get(name)
                link = self.link_of(known) if known else None
                if known is None:
                    return
                # an output that stands still would never do it
                is_patient = link is not None and time.monotonic() < until_s
                known.settle(link.state if link and is_patient else None)
                if not known.pending:
                    return
            time.sleep(_POLL_S)

    def remove(self, name: str) -> Voice | None:
        """Forget a voice and return it if there is one; its memory is freed."""
        known = self.voices.pop(name, None)
        if known is not None:
            self._housed.discard(known)
            self.let_go(known.block)
        return known

    def let_go(self, block: SharedMemory) -> None:
        """Close a block as soon as nobody reads or opens it."""
        if self.link is None or not self.link.let_go(block):
            self._closing.append(block)
        self._closing = [waiting for waiting in self._closing if not memory.close(waiting)]

    def move_to(self, link: Link, card: Card) -> None:
        """Let another process play, and end the one before; takes as long as copying all sounds."""
        with self.lock:
            before, self._before = self.link, self.link
            self.link, self.card = link, card
            self._housed.clear()
            voices = list(self.voices.values())
            for known in voices:
                known.settle(before.state if before else None)
                known.settle(None)
            link.try_to_send(SetGain(self.gain))
        for known in voices:
            self._copy_and_house(known, link)
        with self.lock:
            self._before = None
        if before is not None:
            if before.is_alive:
                before.try_to_send(StopAll(0))
                time.sleep(_FADE_S)
            before.close()

    def close(self) -> None:
        """End the process and free all memory."""
        with self.lock:
            link, self.link = self.link, None
            names = list(self.voices)
        if link is not None:
            link.close()
        with self.lock:
            for name in names:
                self.remove(name)

    def _house(self, known: Voice, link: Link) -> None:
        """Give a process a voice's sound, and all there is to a voice that is new to it."""
        number = self.next_number()
        link.lend(known.block, number, keep=True)
        link.try_to_send(
            SetSound(number, known.slot, known.block.name, known.length, known.sample_rate)
        )
        if known in self._housed:
            return
        self._housed.add(known)
        link.try_to_send(SetVoice(known.slot, known.gain, known.speed))
        if self._before is not None:
            known.asked = known.resumed(self._before.state, time.monotonic())
            if known.asked is not None:
                link.try_to_send(known.asked)

    def _copy_and_house(self, known: Voice, link: Link) -> None:
        length = known.length
        block = memory.create(memory.sound_bytes(length))
        with self.lock:
            source = known.block
            known.successor = block
        for first in range(0, length, _CHUNK):
            with self.lock:
                if known.block is not source:
                    break
                part = known.samples[first : first + _CHUNK]
                memory.samples(block, length)[first : first + _CHUNK] = part
                del part
        with self.lock:
            known.successor = None
            if known.block is source and known in self.voices.values():
                known.block = block
                self.let_go(source)
                self._house(known, link)
            else:
                # It was given another sound meanwhile, or removed.
                block.unlink()
                self.let_go(block)

    def _free_slot(self) -> int:
        taken = {known.slot for known in self.voices.values()}
        for slot in range(memory.MAX_VOICES):
            if slot not in taken:
                return slot
        raise StateError(f"There are {memory.MAX_VOICES} voices already; close a grid to free one.")
