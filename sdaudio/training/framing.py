"""Which frames suit a set of sounds: short ones for attacks, long ones for tones.

Twice as long frames tell partials apart that lie half as far from each other, and blur every
attack twice as far. A set takes the length in which its sounds occupy fewer cells of the plane of
time and frequency, which is the sparser and so the easier one to learn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONG_FRAMES: Mapping[str, Any] = {"n_fft": 2048, "hop_length": 512, "frames_per_column": 2}
"""What long frames change about a codec's shape; a column stays as long as it is."""

# At low sample rates 1024 samples are long already.
_LEAST_SAMPLE_RATE = 32_000
# Long frames must win clearly. The mean of log(cells in long / cells in short frames) is -0.06 on
# 26 tabla strokes, -0.12 on 20 drums, -0.29 on eleven ambient sounds and -0.69 on a steady tone.
# On the ambient sounds long frames lower mel by 6 % after 800 steps and raise SI-SDR by 5 dB.
_CLEARLY = -0.2
_MAX_SOUNDS = 100
# From longer sounds the beginning, which has the attack, says enough.
_MAX_SAMPLES = 1 << 18


def suits_long_frames(sounds: Sequence[NDArray[np.float32]], sample_rate: int) -> bool:
    """Return whether frames of 2048 samples suit a set of sounds clearly better than 1024.

    Args:
        sounds: mono (sample,) each; silent ones are left aside.
        sample_rate: Hz.
    """
    if sample_rate < _LEAST_SAMPLE_RATE:
        return False
    step = -(-len(sounds) // _MAX_SOUNDS)
    heard = [sound[:_MAX_SAMPLES] for sound in sounds[::step] if sound[:_MAX_SAMPLES].any()]
    gains = [_log_cells(sound, 2048) - _log_cells(sound, 1024) for sound in heard]
    return bool(gains) and float(np.mean(gains)) < _CLEARLY


def _log_cells(sound: NDArray[np.float32], n_fft: int) -> float:
    """Return the logarithm of how many cells a sound occupies.

    The Renyi entropy of order 1/2 of its spectrogram (Baraniuk et al. 2001), which is the squared
    sum of its magnitudes over the sum of their squares.
    """
    window = np.hanning(n_fft + 1)[:-1].astype(np.float32)
    padded = np.pad(sound, n_fft)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[:: n_fft // 4]
    magnitudes = np.abs(np.fft.rfft(frames * window))
    total, energy = float(magnitudes.sum()), float(np.square(magnitudes).sum())
    return float(2.0 * np.log(total) - np.log(energy))
