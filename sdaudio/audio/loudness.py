"""How loud a sound is to a listener, in LUFS: Recommendation ITU-R BS.1770-5 (2023), for mono.

The weighting is linear and short, so it is done with Fourier transforms, block after block; memory
does not grow with the sound. Sounds that are shorter than the 0.4 s of a gating block, for which
the recommendation says nothing, are measured as one block.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

SILENT_LUFS = -70.0
"""What is quieter than this does not count (the absolute gate), and a sound without anything louder
has no loudness."""

_STEP_S = 0.1
_STEPS_PER_BLOCK = 4
_RELATIVE_GATE_LU = -10.0
_OFFSET_LU = -0.691
# The answer of the high-pass at 38 Hz has faded below -120 dB after a tenth of a second.
_RESPONSE_S = 0.15


class LoudnessMeter:
    """Measures the integrated loudness of a mono sound that comes in blocks.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._weighting = _weighting(sample_rate)
        self._step_length = round(_STEP_S * sample_rate)
        self._ringing = np.zeros(0, np.float32)
        self._unfinished = np.zeros(0, np.float32)
        self._steps: list[float] = []
        self._energy = 0.0
        self._n_samples = 0

    def add(self, audio: NDArray[np.float32]) -> None:
        """Hear some more, (sample,)."""
        spectrum, length = self._weighting
        n_fft = 2 * (len(spectrum) - 1)
        for start in range(0, len(audio), length):
            part = audio[start : start + length]
            heard = np.fft.irfft(np.fft.rfft(part, n_fft) * spectrum, n_fft)
            answer = heard.astype(np.float32, copy=False)
            answer[: len(self._ringing)] += self._ringing
            self._ringing = answer[len(part) :]
            self._hear(answer[: len(part)])

    @property
    def loudness(self) -> float:
        """LUFS of what was heard so far; minus infinity when all of it was silent."""
        if len(self._steps) < _STEPS_PER_BLOCK:
            energies = np.array([self._energy / max(1, self._n_samples)])
        else:
            window = np.ones(_STEPS_PER_BLOCK) / (_STEPS_PER_BLOCK * self._step_length)
            energies = np.convolve(self._steps, window, mode="valid")
        heard = energies[energies > _energy(SILENT_LUFS)]
        if len(heard):
            heard = heard[heard > _energy(_lufs(heard.mean()) + _RELATIVE_GATE_LU)]
        return _lufs(heard.mean()) if len(heard) else -math.inf

    def _hear(self, weighted: NDArray[np.float32]) -> None:
        self._energy += float(weighted @ weighted)
        self._n_samples += len(weighted)
        weighted = np.concatenate((self._unfinished, weighted))
        n_steps = len(weighted) // self._step_length
        whole, self._unfinished = np.split(weighted, [n_steps * self._step_length])
        self._steps += np.sum(whole.reshape(n_steps, self._step_length) ** 2, axis=1).tolist()


def measure_loudness(audio: NDArray[np.float32], sample_rate: int) -> float:
    """Return the integrated loudness of a mono sound in LUFS, minus infinity for silence.

    Args:
        audio: (sample,).
        sample_rate: Hz.
    """
    meter = LoudnessMeter(sample_rate)
    meter.add(audio)
    return meter.loudness


@functools.cache
def _weighting(sample_rate: int) -> tuple[NDArray[np.complex64], int]:
    """Return the spectrum of the K-weighting, and how many samples may be weighted at a time."""
    n_taps = 2 ** math.ceil(math.log2(_RESPONSE_S * sample_rate))
    n_fft = 4 * n_taps
    response = np.fft.irfft(_transfer(sample_rate, n_fft), n_fft)
    response[n_taps:] = 0.0
    return np.fft.rfft(response).astype(np.complex64), n_fft - n_taps + 1


def _transfer(sample_rate: int, n_fft: int) -> NDArray[np.complex128]:
    """Return what the two filters of the K-weighting do to every bin.

    The recommendation gives coefficients for 48 kHz only. These are the analogue filters behind
    them (B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 145,
    2018), brought to any rate by the bilinear transform.
    """
    z = np.exp(-2j * np.pi * np.arange(n_fft // 2 + 1) / n_fft)
    # A shelf of +4 dB at 1682 Hz for the head, then a high-pass at 38 Hz.
    k, q = math.tan(math.pi * 1681.974450955533 / sample_rate), 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    middle = high**0.4996667741545416
    shelf = _biquad(z, (high + middle * k / q + k * k, 2 * (k * k - high),
                        high - middle * k / q + k * k), k, q)  # fmt: skip
    k, q = math.tan(math.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    # The recommendation leaves this numerator as it is, whatever the denominator is divided by.
    below = 1.0 + k / q + k * k
    return shelf * _biquad(z, (below, -2 * below, below), k, q)


def _biquad(
    z: NDArray[np.complex128], numerator: tuple[float, float, float], k: float, q: float
) -> NDArray[np.complex128]:
    denominator = (1.0 + k / q + k * k, 2 * (k * k - 1.0), 1.0 - k / q + k * k)
    top, bottom = (a + b * z + c * z * z for a, b, c in (numerator, denominator))
    return top / bottom


def _lufs(energy: float) -> float:
    return _OFFSET_LU + 10.0 * math.log10(energy)


def _energy(lufs: float) -> float:
    return float(10.0 ** ((lufs - _OFFSET_LU) / 10.0))
