"""Where blocks of sound go: a sound card, or a clock that only lets time pass.

Both call ``fill(out)`` on a thread of their own, once a block, with a float32 (frame,) array to
write to. This is the only home of sounddevice, which is imported when a card is opened: without
libportaudio, or without a card, the daemon still runs, and says why it is silent.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import DeviceError

from .messages import Card

Fill = Callable[[NDArray[np.float32]], None]

MAX_BLOCK_LENGTH = 8192
"""Frames in the longest block that is asked for; a longer one is filled in pieces."""

_SILENT_BLOCK_S = 0.01
_GIVE_UP_S = 0.5


class Output(Protocol):
    """Something that asks for blocks of sound at the speed of time."""

    name: str
    sample_rate: int
    n_missed: int
    """Blocks that came too late so far."""

    def start(self, fill: Fill) -> None:
        """Begin to ask for blocks."""
        ...

    def stop(self) -> None:
        """Ask for no more. May never return when the device's driver has died."""
        ...


class _Flags(Protocol):
    output_underflow: bool


class SilentClock:
    """An output that nobody hears: it asks for blocks as time passes.

    Args:
        sample_rate: frames per second.
        clock: seconds that never go back; a test passes its own.
    """

    def __init__(self, sample_rate: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = "none"
        self.sample_rate = sample_rate
        self.n_missed = 0
        self._clock = clock
        self._block = np.zeros(max(1, round(_SILENT_BLOCK_S * sample_rate)), dtype=np.float32)
        self._n_blocks = 0
        self._began_s = 0.0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, fill: Fill) -> None:
        """Begin to ask for blocks, on a thread."""
        self.begin()

        def run() -> None:
            while not self._ended.wait(self.advance(fill)):
                pass

        self._thread = threading.Thread(target=run, name="silent clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def begin(self) -> None:
        """Count time from now on."""
        self._began_s = self._clock()
        self._n_blocks = 0

    def advance(self, fill: Fill) -> float:
        """Ask for the blocks that are due and return the seconds until the next one is.

        After a gap of more than half a second (a machine that slept) time is counted anew.
        """
        block_s = len(self._block) / self.sample_rate
        now = self._clock()
        late_s = now - self._began_s - self._n_blocks * block_s
        if late_s > _GIVE_UP_S:
            self.n_missed += int(late_s / block_s)
            self.begin()
        while self._began_s + self._n_blocks * block_s <= now:
            fill(self._block)
            self._n_blocks += 1
        return max(0.0, self._began_s + self._n_blocks * block_s - self._clock())


def output_devices() -> list[tuple[int, str]]:
    """Return the numbers and names of all devices that sound can go to.

    Raises:
        DeviceError: there is no PortAudio.
    """
    with _quiet_stderr():
        sounddevice = _portaudio()
        return [
            (number, str(found["name"]))
            for number, found in enumerate(sounddevice.query_devices())
            if found["max_output_channels"] > 0
        ]


def is_there(device: str) -> bool:
    """Whether a device can be found now; PortAudio must play nothing in this process.

    Raises:
        DeviceError: there is no PortAudio.
    """
    with _quiet_stderr():
        sounddevice = _portaudio()
        # It looks for devices when it starts and never again.
        sounddevice._terminate()
        sounddevice._initialize()
        try:
            sounddevice.query_devices(_chosen(device), "output")
        except (sounddevice.PortAudioError, ValueError):
            return False
        return True


class SoundCard:
    """A device of PortAudio: ALSA, JACK, Core Audio, WASAPI and so on.

    Args:
        wanted: which; one that cannot do the rate is opened at its own.

    Raises:
        DeviceError: there is no PortAudio, no such device, or it cannot be opened.
    """

    def __init__(self, wanted: Card) -> None:
        self.n_missed = 0
        self._fill: Fill = lambda out: out.fill(0.0)
        self._mono = np.zeros(MAX_BLOCK_LENGTH, dtype=np.float32)
        with _quiet_stderr():
            sounddevice = _portaudio()
            try:
                found = sounddevice.query_devices(_chosen(wanted.device), "output")
                n_channels = int(found["max_output_channels"])
                if not wanted.all_channels:
                    n_channels = min(2, n_channels)
                rates = dict.fromkeys((wanted.sample_rate, round(found["default_samplerate"])))
                for rate in rates:
                    try:
                        self._stream = sounddevice.OutputStream(
                            samplerate=rate,
                            blocksize=wanted.block_length,
                            device=found["index"],
                            channels=n_channels,
                            dtype="float32",
                            latency="low",
                            callback=self._on_block,
                        )
                        break
                    except sounddevice.PortAudioError:
                        if rate == list(rates)[-1]:
                            raise
            except (sounddevice.PortAudioError, ValueError) as error:
                meant = (
                    f"the device {wanted.device!r}" if wanted.device else "the default sound card"
                )
                raise DeviceError(f"{meant} cannot be opened: {error}") from error
        self.name = str(found["name"])
        self.sample_rate = round(self._stream.samplerate)

    def start(self, fill: Fill) -> None:
        """Begin to ask for blocks, on PortAudio's thread."""
        self._fill = fill
        import sounddevice

        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"{self.name} cannot be started: {error}") from error

    def stop(self) -> None:
        """Close the stream. Hangs for ever when the sound server died under it."""
        self._stream.abort()
        self._stream.close()

    def _on_block(
        self, out: NDArray[np.float32], n_frames: int, _time: object, status: _Flags
    ) -> None:
        if status.output_underflow:
            self.n_missed += 1
        for begin in range(0, n_frames, MAX_BLOCK_LENGTH):
            mono = self._mono[: min(MAX_BLOCK_LENGTH, n_frames - begin)]
            self._fill(mono)
            out[begin : begin + len(mono)] = mono[:, None]


def _portaudio() -> Any:  # noqa: ANN401 (a module without types)
    try:
        # Imported here because it raises OSError where PortAudio is not installed.
        import sounddevice
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"PortAudio cannot be loaded ({error}). Install libportaudio2 for sound."
        ) from error
    return sounddevice


def _chosen(device: str) -> int | str | None:
    """What PortAudio understands: a number, a part of a name, or None for its default."""
    return int(device) if device.isdigit() else device or None


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    # ALSA and JACK write a page of complaints to the terminal about every device that is not
    # there; what matters comes back as an error. Only the playback process does this.
    sys.stderr.flush()
    saved = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(silence)
