"""A mixer without a device, and sounds to put through it."""

import numpy as np

from sdaudio_server.playback.mixer import Mixer
from sdaudio_server.playback.readers import Start, guarded

RATE = 48_000


def noise(length, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, length).astype(np.float32)


def sine(length, frequency=100.0, rate=RATE, phase=0.0):
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(length) / rate + phase)).astype(
        np.float32
    )


class Desk:
    """A mixer and what has come out of it."""

    def __init__(self, rate=RATE):
        self.mixer = Mixer(rate, max_block_length=1024)
        self.out = np.zeros(0, dtype=np.float32)

    def sound(self, audio, rate=RATE, voice=0):
        sound = guarded(audio, rate)
        self.mixer.set_sound(voice, sound)
        return sound

    def play(self, voice=0, **how):
        self.mixer.play(voice, Start(**{"start": 0, **how}))

    def run(self, n_frames, block_length=256):
        first = len(self.out)
        blocks = [self.out]
        while n_frames > 0:
            block = np.full(min(block_length, n_frames), np.nan, dtype=np.float32)
            self.mixer.mix(block)
            blocks.append(block)
            n_frames -= len(block)
        self.out = np.concatenate(blocks)
        return self.out[first:]

    @property
    def largest_step(self):
        return float(np.abs(np.diff(self.out)).max())
