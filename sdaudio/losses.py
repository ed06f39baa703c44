"""Losses between a reconstruction and its target: spectral distances, with and without phase.

`SpectralLoss` compares magnitudes on several time and frequency grids (after Yamamoto et al. 2019,
arXiv 1910.11480, and the multi-scale mel loss of Kumar et al. 2023, arXiv 2306.06546); only two
randomly chosen grids are computed per step, which halves the cost of a step and loses nothing.
`phase_loss` compares complex spectra with compressed magnitudes, which makes a decoder remember
phase; `coherence_loss` makes it tell which phases it does remember. How good a model is, is
measured elsewhere (`sdaudio.metrics`).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from sdaudio import noise
from sdaudio.audio.transforms import mel_filterbank
from sdaudio.codec.spectral import COMPRESSION, compress

# Log distances below these count nothing: -100 dB under a full-scale sine.
_LINEAR_FLOOR = 1e-4
_MEL_FLOOR = 1e-5


@dataclass(frozen=True, slots=True)
class Resolution:
    """One time and frequency grid: frame length in samples, and mel bands."""

    n_fft: int
    n_mels: int


RESOLUTIONS = (
    Resolution(64, 10),
    Resolution(128, 20),
    Resolution(256, 40),
    Resolution(512, 80),
    Resolution(1024, 160),
    Resolution(2048, 320),
)


class SpectralLoss(nn.Module):
    """Magnitude distance on randomly chosen grids.

    Per grid: the mean difference of log-mel bands (log10), of log-magnitudes (natural), and the
    spectral convergence (relative Euclidean distance), added up.

    Args:
        sample_rate: Hz.
        per_call: how many of the grids one call looks at.
    """

    def __init__(self, sample_rate: int, *, per_call: int = 2) -> None:
        super().__init__()
        self.sample_rate = sample_rate
        self.per_call = per_call

    def forward(self, estimate: Tensor, target: Tensor, *, chance: np.random.Generator) -> Tensor:
        """Compare audio (B, sample) with its target; return a scalar."""
        chosen = chance.choice(len(RESOLUTIONS), self.per_call, replace=False)
        total = torch.zeros((), device=estimate.device)
        for index in chosen:
            total = total + self._distance(estimate, target, RESOLUTIONS[index])
        return total / self.per_call

    def _distance(self, estimate: Tensor, target: Tensor, resolution: Resolution) -> Tensor:
        found, wanted = _magnitude(estimate, resolution), _magnitude(target, resolution)
        filters = mel_filterbank(resolution.n_fft, resolution.n_mels, self.sample_rate)
        filters = filters.to(found.device)
        mel = _log_distance(found @ filters, wanted @ filters, _MEL_FLOOR) / np.log(10.0)
        log = _log_distance(found, wanted, _LINEAR_FLOOR)
        scale = wanted.square().sum((-1, -2)).clamp_min(1e-4)
        convergence = ((found - wanted).square().sum((-1, -2)) / scale).clamp_min(1e-8).sqrt()
        # A silent target would make the relative distance explode.
        distance: Tensor = mel + log + convergence.clamp_max(10.0).mean()
        return distance


def phase_loss(estimate: Tensor, target: Tensor, *, weights: Tensor | None = None) -> Tensor:
    """Compare complex spectra with magnitudes to the power 0.3.

    Args:
        estimate: (..., frame, bin) complex.
        target: the same shape.
        weights: (..., frame), how much each frame counts; all alike by default.

    Returns:
        A scalar.
    """
    wanted = compress(target)
    # Squares, so that strong partials come first: with absolute differences the many bins of
    # noise win and nothing is remembered (SI-SDR -9 instead of +6 dB after a minute).
    distance = (compress(estimate) - wanted).square().mean(-1)
    size = wanted.square().mean(-1)
    if weights is not None:
        distance, size = distance * weights, size * weights
    # Relative to the loudness of the batch: quiet sounds are learned as well as loud ones.
    return distance.sum() / size.sum().clamp_min(1e-3)


def coherence_loss(
    coherence: Tensor, learned: Tensor, target: Tensor, *, weights: Tensor | None = None
) -> Tensor:
    """Teach a decoder how far its own phases can be trusted.

    The coherence of a band is the factor by which the learned spectrum explains the target best:
    1 where phases are remembered, 0 where they could as well be drawn. It minimises the energy
    that is left over, relative to both; loud bands count more, as loudness grows.

    Args:
        coherence: (..., frame, band), 0 to 1; only this learns.
        learned: (..., frame, bin) complex, what the decoder makes before phases are scattered.
        target: the same shape.
        weights: (..., frame), how much each frame counts; all alike by default.

    Returns:
        A scalar, 0 to 1.
    """
    with torch.no_grad():
        power, wanted = _by_band(_power(learned)), _by_band(_power(target))
        cross = _by_band(learned.real * target.real + learned.imag * target.imag)
        size = (power + wanted).clamp_min(_LINEAR_FLOOR**2)
        # amplitude to the power 0.3, as everywhere
        weight = size ** (COMPRESSION / 2)
        if weights is not None:
            weight = weight * weights.unsqueeze(-1)
    left = coherence.square() * power - 2 * coherence * cross + wanted
    return (left / size * weight).sum() / weight.sum().clamp_min(1e-8)


def _power(spectrum: Tensor) -> Tensor:
    return spectrum.real.square() + spectrum.imag.square()


def _by_band(values: Tensor) -> Tensor:
    """Add up (..., bin) to (..., band)."""
    bands = torch.from_numpy(noise.band_of_bin(values.shape[-1])).to(values.device)
    sums = values.new_zeros((*values.shape[:-1], int(bands[-1]) + 1))
    return sums.index_add_(-1, bands, values)


def _magnitude(audio: Tensor, resolution: Resolution) -> Tensor:
    """Return magnitudes (B, frame, bin); short sounds are padded to one frame."""
    n_fft = resolution.n_fft
    if audio.shape[-1] < n_fft:
        audio = nn.functional.pad(audio, (0, n_fft - audio.shape[-1]))
    window = torch.hann_window(n_fft, device=audio.device)
    frames = audio.unfold(-1, n_fft, n_fft // 4) * window
    spectrum = torch.fft.rfft(frames)
    magnitude: Tensor = _power(spectrum).clamp_min(_LINEAR_FLOOR**2 / 4).sqrt()
    return magnitude


def _log_distance(found: Tensor, wanted: Tensor, floor: float) -> Tensor:
    distance: Tensor = (found.clamp_min(floor).log() - wanted.clamp_min(floor).log()).abs().mean()
    return distance
