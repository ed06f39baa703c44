"""How far a sound is from another: spectra, loudness curves, waveforms. Lower is better.

`si_sdr` alone is a ratio, where higher is better.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sdaudio.audio.transforms import mel_filterbank
from sdaudio.errors import UsageError

# Sounds that are shorter are padded with zeros, or the longest window would not fit.
MIN_LENGTH = 2048

_RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
_MEL_SCALES = ((5, 32), (10, 64), (20, 128), (40, 256), (80, 512), (160, 1024), (320, 2048))

Audio = NDArray[np.float32]


def mr_stft(reference: Audio, estimate: Audio) -> float:
    """Return the multi-resolution STFT distance of Yamamoto et al. 2019 (arXiv 1910.11480).

    The mean over three resolutions of spectral convergence plus the mean absolute difference of
    log magnitudes, as ``auraloss.freq.MultiResolutionSTFTLoss()`` computes it by default.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
    """
    total = 0.0
    ours, theirs = pair(reference, estimate)
    for n_fft, hop_length, window_length in _RESOLUTIONS:
        first, second = (
            magnitudes(sound, n_fft, hop_length, window_length).clamp(min=1e-4)
            for sound in (ours, theirs)
        )
        convergence = torch.linalg.norm(first - second) / torch.linalg.norm(first)
        total += float(convergence + (first.log() - second.log()).abs().mean())
    return total / len(_RESOLUTIONS)


def mel_distance(reference: Audio, estimate: Audio, sample_rate: int) -> float:
    """Return the multi-scale log-mel distance of Kumar et al. 2023 (arXiv 2306.06546).

    The sum over seven scales (5 to 320 mels, windows of 32 to 2048 samples) of the mean absolute
    difference of log10 mel magnitudes clamped at 1e-5, as descript-audio-codec sets it up.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
        sample_rate: Hz.
    """
    total = 0.0
    ours, theirs = pair(reference, estimate)
    for n_mels, n_fft in _MEL_SCALES:
        filters = mel_filterbank(n_fft, n_mels, sample_rate)
        first, second = (
            (magnitudes(sound, n_fft, n_fft // 4, n_fft).T @ filters).clamp(min=1e-5).log10()
            for sound in (ours, theirs)
        )
        total += float((first - second).abs().mean())
    return total


def si_sdr(reference: Audio, estimate: Audio) -> float:
    """Return the scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2018).

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
    """
    length = min(len(reference), len(estimate))
    wanted = reference[:length].astype(np.float64)
    given = estimate[:length].astype(np.float64)
    wanted -= wanted.mean()
    given -= given.mean()
    target = wanted * (given @ wanted) / (wanted @ wanted + 1e-12)
    rest = given - target
    return float(10 * np.log10((target @ target + 1e-12) / (rest @ rest + 1e-12)))


def log_spectral_distance(reference: Audio, estimate: Audio) -> float:
    """Return the log-spectral distance in dB (Gray and Markel 1976), "lsd".

    The mean over frames of the root mean square over bins of the difference of levels in dB, in
    windows of 2048 samples. Levels stop 80 dB below the reference's loudest bin, so that what
    nobody hears does not count.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
    """
    first, second = (magnitudes(sound, 2048, 512, 2048) for sound in pair(reference, estimate))
    floor = max(1e-4 * float(first.max()), 1e-7)
    difference = 20 * (first.clamp(min=floor).log10() - second.clamp(min=floor).log10())
    return float(difference.square().mean(dim=0).sqrt().mean())


def envelope_error(reference: Audio, estimate: Audio, sample_rate: int) -> float:
    """Return the mean absolute difference of the two loudness curves in dB, "env".

    Loudness is the RMS of 2 ms, at least 60 dB below the reference's loudest: smeared attacks
    and gates that stay open show here and hardly anywhere else.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
        sample_rate: Hz.
    """
    length = min(len(reference), len(estimate))
    curves = [envelope(sound[:length], sample_rate) for sound in (reference, estimate)]
    floor = max(1e-3 * float(curves[0].max()), 1e-6)
    first, second = (20 * np.log10(np.maximum(curve, floor)) for curve in curves)
    return float(np.abs(first - second).mean())


def envelope(audio: Audio, sample_rate: int, *, window_s: float = 0.002) -> NDArray[np.float64]:
    """Return the RMS of each stretch of 2 ms, (stretch,); what is left over at the end is cut.

    Args:
        audio: (sample,), at least one sample.
        sample_rate: Hz.
        window_s: seconds of a stretch.
    """
    if len(audio) == 0:
        raise UsageError("An envelope needs a sound of at least one sample.")
    length = min(len(audio), max(1, round(window_s * sample_rate)))
    frames = audio[: len(audio) // length * length].astype(np.float64).reshape(-1, length)
    return np.asarray(np.sqrt((frames**2).mean(axis=1)))


def pair(reference: Audio, estimate: Audio) -> tuple[Tensor, Tensor]:
    """Return two sounds as tensors of one length, long enough for every window."""
    length = min(len(reference), len(estimate))
    if length == 0:
        raise UsageError("A distance needs two sounds of at least one sample.")
    padding = max(0, MIN_LENGTH - length)
    first, second = (
        torch.from_numpy(np.pad(sound[:length].astype(np.float32), (0, padding)))
        for sound in (reference, estimate)
    )
    return first, second


def magnitudes(sound: Tensor, n_fft: int, hop_length: int, window_length: int) -> Tensor:
    """Return (bin, frame) magnitudes, centred frames with reflected ends."""
    window = torch.hann_window(window_length)
    return torch.stft(
        sound, n_fft, hop_length, window_length, window, return_complex=True
    ).abs()  # fmt: skip
