"""Trainings that take a second: short sounds, a codec of a few thousand weights."""

import numpy as np

from sdaudio.dataset import Dataset
from sdaudio.header import CodecConfig, SourceFile
from sdaudio.training import TrainingOptions, train

RATE = 16_000
TINY = CodecConfig(
    sample_rate=RATE,
    n_fft=256,
    hop_length=64,
    latent_dim=8,
    encoder_channels=16,
    column_channels=24,
    frame_channels=16,
    encoder_frame_blocks=1,
    encoder_column_blocks=1,
    decoder_column_blocks=1,
    decoder_frame_blocks=1,
)


def hits(n=5, length=6000, seed=0):
    chance = np.random.default_rng(seed)
    time = np.arange(length) / RATE
    return [
        (
            0.6 * np.sin(2 * np.pi * chance.uniform(150, 3000) * time) * np.exp(-9 * time)
            + 0.02 * chance.normal(size=length)
        ).astype(np.float32)
        for _ in range(n)
    ]


def dataset_of(sounds):
    files = tuple(SourceFile(f"{i}.wav", s.size / RATE) for i, s in enumerate(sounds))
    return Dataset(tuple(sounds), files, "f" * 64, RATE)


class Clock:
    """Stands in for the module `time` of a training; every look at it moves it on."""

    def __init__(self, tick_s):
        self.now = 0.0
        self._tick_s = tick_s

    def monotonic(self):
        self.now += self._tick_s
        return self.now


class Run:
    """One training with everything it reported."""

    def __init__(self, sounds, *, stop_after=None, checkpoint=None, **options):
        self.events, self.snapshots = [], []
        self.asked = 0
        self.stop_after = stop_after
        options = {"steps": 10, "codebook_size": 64, **options}
        self.model = train(
            dataset_of(sounds),
            TrainingOptions("m", sample_rate=RATE, **options),
            on_event=self.events.append,
            on_snapshot=self.snapshots.append,
            should_stop=self._should_stop,
            config=TINY,
            checkpoint=checkpoint,
        )

    def _should_stop(self):
        self.asked += 1
        return self.stop_after is not None and self.asked >= self.stop_after
