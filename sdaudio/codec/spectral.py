"""Short-time Fourier analysis and synthesis of the codec in torch.

Frame t covers the samples ``hop * t - margin`` to ``hop * t - margin + n_fft`` ("same" padding, so
that a column of 1024 samples has exactly four frames), with a periodic Hann window. The numpy
twin, `sdaudio.render.spectral`, must agree; a test holds them together.
"""

import torch
from torch import Tensor, nn

from sdaudio.header import CodecConfig

# -100 dB below a full-scale sine (which reaches n_fft / 4): deeper is dither, not sound.
MAGNITUDE_FLOOR = 1e-5
# |X| ** 0.3 is about how loudness grows; quiet partials weigh as much as for the ear.
COMPRESSION = 0.3


class Spectral(nn.Module):
    """Frames, features and overlap-add for one codec configuration."""

    window: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.n_fft = config.n_fft
        self.hop_length = config.hop_length
        self.column_length = config.column_length
        self.margin = (config.n_fft - config.hop_length) // 2
        self.overlap = config.n_fft // config.hop_length
        window = torch.hann_window(config.n_fft, periodic=True, dtype=torch.float64)
        self.register_buffer("window", window.float(), persistent=False)

    def columns(self, audio: Tensor) -> Tensor:
        """Cut audio (B, sample) into columns with their margins, (B, column, sample)."""
        missing = -audio.shape[-1] % self.column_length
        padded = nn.functional.pad(audio, (self.margin, self.margin + missing))
        return padded.unfold(-1, self.column_length + 2 * self.margin, self.column_length)

    def spectrum(self, columns: Tensor) -> Tensor:
        """Transform columns with margins, (..., column, sample), to (..., frame, bin) complex."""
        frames = columns.unfold(-1, self.n_fft, self.hop_length).flatten(-3, -2)
        spectrum: Tensor = torch.fft.rfft(frames * self.window)
        return spectrum

    def synthesise(self, spectrum: Tensor) -> Tensor:
        """Overlap-add frames (B, frame, bin) complex to audio (B, sample)."""
        frames = torch.fft.irfft(spectrum, self.n_fft) * self.window
        return self._overlap_add(frames) / self._envelope(frames.shape[1])

    def _overlap_add(self, frames: Tensor) -> Tensor:
        parts = frames.reshape(*frames.shape[:2], self.overlap, self.hop_length)
        blocks = torch.zeros((), device=frames.device)
        for part in range(self.overlap):
            shifted = nn.functional.pad(parts[:, :, part], (0, 0, part, self.overlap - 1 - part))
            blocks = shifted if part == 0 else blocks + shifted
        return blocks.flatten(1)[:, self.margin : -self.margin]

    def _envelope(self, n_frames: int) -> Tensor:
        return self._overlap_add((self.window**2).expand(1, n_frames, -1))


def log_magnitude(spectrum: Tensor) -> Tensor:
    """Return the natural logarithm of the magnitudes, floored."""
    return spectrum.abs().clamp_min(MAGNITUDE_FLOOR).log()


def compress(spectrum: Tensor) -> Tensor:
    """Return |X| ** 0.3 with the phase of X, real parts beside imaginary parts, (..., 2 * bin)."""
    power = spectrum.real.square() + spectrum.imag.square()
    # exp(log) is twice as quick as a power here
    scale = (power.clamp_min(MAGNITUDE_FLOOR**2).log() * ((COMPRESSION - 1) / 2)).exp()
    return torch.cat((spectrum.real * scale, spectrum.imag * scale), dim=-1)
