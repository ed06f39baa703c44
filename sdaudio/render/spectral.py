"""Frames and overlap-add of the codec in numpy; the twin of `sdaudio.codec.spectral`.

Every frame is computed by itself and overlap-added in a fixed order, so that a stretch of a sound
comes out bit for bit as in the whole. Arithmetic is real: numpy's complex products and magnitudes
may round otherwise at the end of an array than in its middle.
"""

import numpy as np
from numpy.typing import NDArray

from sdaudio.header import CodecConfig

MAGNITUDE_FLOOR = np.float32(1e-5)
COMPRESSION = 0.3


class Spectral:
    """Analysis and synthesis for one codec configuration."""

    def __init__(self, config: CodecConfig) -> None:
        self.n_fft = config.n_fft
        self.hop_length = config.hop_length
        self.margin = (config.n_fft - config.hop_length) // 2
        self.overlap = config.n_fft // config.hop_length
        phase = 2 * np.pi * np.arange(config.n_fft) / config.n_fft
        self.window = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
        self._scaled_window = self.window * np.float32(config.n_fft)
        # as many frames as it takes to have every sum of both ends and one of the middle
        self._envelope = self._sum_of_squares(self.overlap)

    def analyse(self, audio: NDArray[np.float32]) -> NDArray[np.complex64]:
        """Transform audio that has ``margin`` samples on both sides to (frame, bin)."""
        frames = np.lib.stride_tricks.sliding_window_view(audio, self.n_fft)[:: self.hop_length]
        # numpy transforms many times faster where it has a factor to multiply with
        spectrum = np.fft.rfft(frames * self._scaled_window, norm="forward")
        return spectrum.astype(np.complex64, copy=False)

    def synthesise(self, spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
        """Overlap-add (frame, bin) to audio of ``hop_length`` samples per frame."""
        frames = np.fft.irfft(spectrum, self.n_fft).astype(np.float32, copy=False)
        frames *= self.window
        hops = self._overlap_add(frames)
        ends = self.overlap - 1
        if len(frames) < self.overlap:
            hops /= self._sum_of_squares(len(frames))
        else:
            hops[:ends] /= self._envelope[:ends]
            hops[ends:-ends] /= self._envelope[ends]
            hops[-ends:] /= self._envelope[-ends:]
        return hops.reshape(-1)[self.margin : -self.margin]

    def _sum_of_squares(self, n_frames: int) -> NDArray[np.float32]:
        squares = np.broadcast_to(self.window * self.window, (n_frames, self.n_fft))
        # only what is cut off with the margins comes near zero
        return np.maximum(self._overlap_add(squares), np.float32(1e-3))

    def _overlap_add(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        n_frames = len(frames)
        parts = frames.reshape(n_frames, self.overlap, self.hop_length)
        hops = np.zeros((n_frames + self.overlap - 1, self.hop_length), np.float32)
        for part in range(self.overlap):
            hops[part : part + n_frames] += parts[:, part]
        return hops


def log_magnitude(spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return the natural logarithm of the magnitudes, floored."""
    power = spectrum.real * spectrum.real
    power += spectrum.imag * spectrum.imag
    np.maximum(power, MAGNITUDE_FLOOR * MAGNITUDE_FLOOR, out=power)
    logarithm: NDArray[np.float32] = np.log(power, out=power)
    logarithm *= np.float32(0.5)
    return logarithm


def compress(
    spectrum: NDArray[np.complex64],
    log_magnitudes: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write |X| ** 0.3 with the phase of X, real parts beside imaginary parts.

    Args:
        spectrum: (frame, bin).
        log_magnitudes: of the spectrum, as `log_magnitude` gives them.
        out: (frame, 2 * bin).
    """
    n_bins = spectrum.shape[1]
    scale = np.exp(log_magnitudes * np.float32(COMPRESSION - 1))
    np.multiply(spectrum.real, scale, out=out[:, :n_bins])
    np.multiply(spectrum.imag, scale, out=out[:, n_bins:])
