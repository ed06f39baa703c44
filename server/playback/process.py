"""The playback process: it mixes, so that the daemon may be busy without a dropout.

The main thread reads commands, opens shared memory and watches the device; the thread of the
output carries prepared commands out between two blocks and mixes. The two share a deque and
nothing that needs a lock. The process ends when the daemon's end of the pipe closes.
"""

import gc
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import DeviceError

from . import memory
from .clock import OutputClock
from .messages import (
    Attached,
    Card,
    Command,
    DeviceFound,
    End,
    Failure,
    HandOver,
    OneShot,
    Patch,
    Play,
    PlaybackInfo,
    RemoveSound,
    Scrub,
    SetGain,
    SetSound,
    SetVoice,
    Stop,
    StopAll,
)
from .mixer import Mixer
from .outputs import MAX_BLOCK_LENGTH, Fill, Output, SilentClock, SoundCard, is_there
from .readers import Sound, Start

logger = logging.getLogger(__name__)

_SWITCH_S = 0.0002
_PRIORITY = 5
"""Among what runs in real time; sound servers are above it."""
_NICENESS = -10
_WATCH_S = 0.05
_STALL_LOOKS = 20
"""Looks in a row at a heart that does not beat (a second) until a device counts as lost."""

_OPEN_S = 4.0
_STOP_S = 1.0


def main(
    connection: Connection,
    *,
    state_name: str,
    card: Card,
) -> None:
    """Run until told to end or until the other end of the pipe is closed."""
    # Ctrl-C in a terminal reaches every process there; the daemon ends this one in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A collection in the middle of a block would be a dropout. Nothing here makes cycles.
    gc.disable()
    # The output's thread must not wait for this one longer than a small part of a block.
    sys.setswitchinterval(_SWITCH_S)
    _go_first()
    state = memory.attach(state_name)
    output, reason = _open_output(card)
    engine = Engine(memory.state(state), sample_rate=output.sample_rate)
    player = _Player(connection, engine, output)
    if isinstance(output, SilentClock) and card.search_s:
        player.search(card)
    try:
        player.begin(reason)
        player.serve()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        logger.debug("the daemon is gone, playback ends")
    finally:
        stopped = player.end()
        connection.close()
        if not stopped:
            # The driver holds its thread for ever and would hold the end of the interpreter too.
            sys.stderr.flush()
            os._exit(0)
        engine.release()
        state.close()


def _go_first() -> None:
    """Play before everything else does anything, where the system allows it.

    It allows it to few (root, the group ``audio``), and is good for those. The output's thread
    inherits it from this one.
    """
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
            return
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(_NICENESS)


class Engine:
    """The mixer with its inbox and its state block: everything the output's thread touches.

    Args:
        state: the state block, see `memory.state`.
        sample_rate: of the output, in Hz.
    """

    def __init__(self, state: NDArray[np.int64], *, sample_rate: int) -> None:
        self.mixer = Mixer(sample_rate, max_block_length=MAX_BLOCK_LENGTH)
        self.commands: deque[Callable[[], None]] = deque()
        self.failures: deque[str] = deque(maxlen=16)
        self._state = state
        self._clock = OutputClock(sample_rate)
        places = state[memory.HEADER :].reshape(-1, memory.VOICE)
        self._positions = places[:, memory.POSITION]
        self._numbers = places[:, memory.REACHED]
        self._patches = places[:, memory.PATCHED]
        self._positions.fill(-1)
        # Voices that play, or have something to tell, with the number of their last command.
        self._reached: dict[int, int] = {}
        self._output = 0

    @property
    def n_blocks(self) -> int:
        """Blocks mixed so far."""
        return int(self._state[memory.BLOCKS])

    def new_fill(self) -> Fill:
        """Return the function for an output; the one for the output before falls silent."""
        self._output += 1
        return partial(self._fill, self._output)

    def report_missed(self, n_missed: int) -> None:
        """Put the number of late blocks into the state block."""
        self._state[memory.MISSED] = n_missed

    def frame_at(self, time_s: float) -> int:
        """Return the frame that is due at a monotonic time; see `clock`."""
        return self._clock.frame_at(time_s)

    def play(self, command: Play, frame: int | None) -> None:
        """Start a voice, on the output's thread, at once or at a frame."""
        if frame is None:
            self.mixer.cancel(command.voice)
            self._play(command, self.mixer.frame)
        else:
            self.mixer.at(frame, command.voice, partial(self._play, command, frame))

    def hand_over(self, command: HandOver) -> None:
        """Let another voice go on, on the output's thread."""
        self.mixer.cancel(command.voice)
        self.mixer.hand_over(command.voice, command.other)
        self._reach(command.voice, command.number)
        self._reach(command.other, command.number)

    def scrub(self, command: Scrub) -> None:
        """Scrub a voice, on the output's thread."""
        self.mixer.cancel(command.voice)
        self._reach(command.voice, command.number)
        self.mixer.scrub(command.voice, command.position, hold_s=command.hold_s, gain=command.gain)

    def one_shot(self, sound: Sound, gain: float, frame: int | None) -> None:
        """Play a sound once, on the output's thread, at once or at a frame."""
        delay = 0 if frame is None else max(0, frame - self.mixer.frame)
        self.mixer.one_shot(sound, gain, delay)

    def stop(self, command: Stop, frame: int | None) -> None:
        """Stop a voice, on the output's thread, at once or at a frame."""
        if frame is None:
            self.mixer.cancel(command.voice)
            self._stop(command)
        else:
            self.mixer.at(frame, command.voice, partial(self._stop, command))

    def patch(self, command: Patch) -> None:
        """Overwrite a part of a voice's sound, on the output's thread."""
        self.mixer.patch(command.voice, command.first_sample, command.audio)
        self._patches[command.voice] = command.number

    def stop_all(self, command: StopAll) -> None:
        """Stop everything, on the output's thread."""
        for voice in self.mixer.voices:
            self._reach(voice, command.number)
        self.mixer.stop_all()

    def release(self) -> None:
        """Let go of the state block; nothing may be mixed after this."""
        nothing = np.zeros(0, dtype=np.int64)
        self._state = self._positions = self._numbers = self._patches = nothing

    def _play(self, command: Play, due: int) -> None:
        self._reach(command.voice, command.number)
        self.mixer.play(
            command.voice,
            Start(
                command.start_sample,
                command.stop_sample,
                loop=command.loop,
                gain=command.gain,
                fade_s=command.fade_s,
                in_phase=command.in_phase,
                offset=command.offset,
                late_frames=max(0, self.mixer.frame - due),
            ),
        )

    def _stop(self, command: Stop) -> None:
        self._reach(command.voice, command.number)
        self.mixer.stop(command.voice, command.fade_s)

    def _reach(self, voice: int, number: int) -> None:
        # what was put off may come after what was said later
        self._reached[voice] = max(number, int(self._numbers[voice]), self._reached.get(voice, 0))

    def _fill(self, output: int, out: NDArray[np.float32]) -> None:
        if output != self._output:
            out.fill(0.0)
            return
        mixer = self.mixer
        self._clock.note(mixer.frame, time.monotonic())
        try:
            while self.commands:
                self.commands.popleft()()
            mixer.mix(out)
        except Exception:  # noqa: BLE001 - a callback that raises would end the stream
            # The main thread reports it.
            self.failures.append(traceback.format_exc())
            out.fill(0.0)
        for voice, number in tuple(self._reached.items()):
            position = mixer.position(voice)
            self._positions[voice] = position
            # After the position, so that whoever sees the number sees what it led to.
            self._numbers[voice] = number
            if position < 0:
                del self._reached[voice]
        self._state[memory.TIME_NS] = int(self._clock.time_of(mixer.frame) * 1e9)
        self._state[memory.BLOCKS] += 1


class _Player:
    """The main thread's side: commands, memory, and the health of the output."""

    def __init__(self, connection: Connection, engine: Engine, output: Output) -> None:
        self._connection = connection
        self._engine = engine
        self._output = output
        self._blocks: dict[Sound, SharedMemory] = {}
        self._closing: list[SharedMemory] = []
        self._abandoned: list[threading.Thread] = []
        self._missed_before = 0
        self._last_beat = -1
        self._still = 0
        self._ended = threading.Event()
        self._found = False

    def begin(self, reason: str) -> None:
        """Start the output and tell the daemon what it is."""
        try:
            self._output.start(self._engine.new_fill())
        except DeviceError as error:
            self._fall_back(str(error))
        else:
            self._tell(reason)

    def search(self, card: Card) -> None:
        """Look for a device that is missing, on a thread that may be left behind."""

        def look() -> None:
            try:
                while not self._ended.wait(card.search_s):
                    if is_there(card.device):
                        self._found = True
            except DeviceError as error:
                logger.info("no device is looked for: %s", error)

        thread = threading.Thread(target=look, name="search device", daemon=True)
        thread.start()
        self._abandoned.append(thread)

    def serve(self) -> None:
        """Carry out commands until the last one."""
        next_look_s = time.monotonic() + _WATCH_S
        while True:
            if self._connection.poll(_WATCH_S):
                command: Command = self._connection.recv()
                if isinstance(command, End):
                    return
                try:
                    self._prepare(command)
                except (OSError, KeyError):
                    self._engine.failures.append(traceback.format_exc())
            if time.monotonic() >= next_look_s:
                next_look_s = time.monotonic() + _WATCH_S
                self._watch()
            self._tidy()

    def end(self) -> bool:
        """Stop the output and let go of all memory; False if a driver does not come back."""
        self._ended.set()
        until_s = time.monotonic() + _STOP_S
        for thread in (_stop(self._output), *self._abandoned):
            thread.join(max(0.0, until_s - time.monotonic()))
            if thread.is_alive():
                return False
        self._engine.commands.clear()
        for sound in self._blocks:
            sound.samples = np.zeros(0, dtype=np.float32)
        self._closing += self._blocks.values()
        self._blocks.clear()
        self._close_blocks()
        return True

    def _prepare(self, command: Command) -> None:
        engine, mixer = self._engine, self._engine.mixer
        match command:
            case SetSound(number, voice, name, length, sample_rate):
                sound = self._open(name, number, length=length, sample_rate=sample_rate)
                engine.commands.append(partial(mixer.set_sound, voice, sound))
            case OneShot(number, name, length, sample_rate, gain, at_s):
                sound = self._open(name, number, length=length, sample_rate=sample_rate)
                frame = self._frame_at(at_s)
                engine.commands.append(partial(engine.one_shot, sound, gain, frame))
            case RemoveSound(voice):
                engine.commands.append(partial(mixer.remove_sound, voice))
            case Patch():
                engine.commands.append(partial(engine.patch, command))
            case Play(at_s=at_s):
                engine.commands.append(partial(engine.play, command, self._frame_at(at_s)))
            case HandOver():
                engine.commands.append(partial(engine.hand_over, command))
            case Scrub():
                engine.commands.append(partial(engine.scrub, command))
            case SetVoice(voice, gain, speed):
                engine.commands.append(partial(mixer.set_voice, voice, gain=gain, speed=speed))
            case Stop(at_s=at_s):
                engine.commands.append(partial(engine.stop, command, self._frame_at(at_s)))
            case StopAll():
                engine.commands.append(partial(engine.stop_all, command))
            case SetGain(gain):
                engine.commands.append(partial(mixer.set_gain, gain))

    def _frame_at(self, time_s: float | None) -> int | None:
        return None if time_s is None else self._engine.frame_at(time_s)

    def _open(self, name: str, number: int, *, length: int, sample_rate: int) -> Sound:
        block = memory.attach(name)
        samples = memory.guarded_samples(block, length)
        # Touch every page here, so that the output's thread waits for none.
        samples[::1024].sum()
        sound = Sound(samples, sample_rate)
        self._blocks[sound] = block
        self._connection.send(Attached(number))
        return sound

    def _watch(self) -> None:
        self._engine.report_missed(self._missed_before + self._output.n_missed)
        if self._found:
            self._found = False
            self._connection.send(DeviceFound())
        beat = self._engine.n_blocks
        self._still = self._still + 1 if beat == self._last_beat else 0
        self._last_beat = beat
        if self._still >= _STALL_LOOKS and not isinstance(self._output, SilentClock):
            self._fall_back(f"{self._output.name} stopped asking for sound")

    def _fall_back(self, reason: str) -> None:
        lost = self._output
        self._missed_before += lost.n_missed
        self._output = SilentClock(lost.sample_rate)
        self._output.start(self._engine.new_fill())
        self._still = 0
        self._tell(reason)
        self._abandoned.append(_stop(lost))

    def _tell(self, reason: str) -> None:
        self._connection.send(
            PlaybackInfo(
                device=self._output.name,
                sample_rate=self._output.sample_rate,
                silent=isinstance(self._output, SilentClock),
                reason=reason,
            )
        )

    def _tidy(self) -> None:
        retired = self._engine.mixer.retired
        while retired:
            sound = retired.popleft()
            sound.samples = np.zeros(0, dtype=np.float32)
            block = self._blocks.pop(sound, None)
            if block is not None:
                self._closing.append(block)
        self._close_blocks()
        while self._engine.failures:
            self._connection.send(Failure(self._engine.failures.popleft()))

    def _close_blocks(self) -> None:
        still_open = []
        for block in self._closing:
            try:
                block.close()
            except BufferError:
                # The output's thread still points into it.
                still_open.append(block)
        self._closing = still_open


def _open_output(wanted: Card) -> tuple[Output, str]:
    """Return the sound card, or a silent clock and why it is one."""
    opened: list[Output | DeviceError] = []

    def attempt() -> None:
        try:
            card = SoundCard(wanted)
        except DeviceError as error:
            opened.append(error)
        else:
            opened.append(card)

    # A sound server that hangs must not hang the daemon.
    thread = threading.Thread(target=attempt, name="open sound card", daemon=True)
    thread.start()
    thread.join(_OPEN_S)
    outcome = opened[0] if opened else DeviceError(f"no sound card answered within {_OPEN_S:g} s")
    if isinstance(outcome, DeviceError):
        return SilentClock(wanted.sample_rate), str(outcome)
    return outcome, ""


def _stop(output: Output) -> threading.Thread:
    """Stop an output on a thread that may be left behind, and return the thread."""
    thread = threading.Thread(target=output.stop, name="stop output", daemon=True)
    thread.start()
    return thread
