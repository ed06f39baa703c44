"""Faults that distances do not hear: buzz, frozen noise, pre-echo, clicks where edits meet.

Most are read against the original's own value: a real sound may repeat at the hop or be steady.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sdaudio.metrics.distances import envelope, magnitudes, pair

Audio = NDArray[np.float32]

_SEGMENT_S = 0.5
# A segment is steady when its eighths differ by less than this.
_STEADY_DB = 6.0
# ... and noise-like when its own upper band does not repeat. Spectral flatness is no gate for
# that: choirs and hums look tonal, and buzz.
_NOISE_LIKE = 0.3
_AUDIBLE_DB = -50.0
_ONSET_DB = 15.0


@dataclass(frozen=True, slots=True)
class SustainedPeriodicity:
    """`hop_periodicity` on sustained noise-like segments, mean over ``n_segments`` of them.

    Both values are NaN when there is no such segment.
    """

    original: float
    estimate: float
    n_segments: int


def hop_periodicity(
    audio: Audio, sample_rate: int, *, hop_length: int = 256, cutoff_hz: float = 2000.0
) -> float:
    """Return how strongly the band above 2 kHz repeats at multiples of the hop ("per").

    The peak of the normalised autocorrelation at 1 to 16 hops: near 0 for noise, near 1 for a
    buzz at the frame rate. Tonal sounds repeat too, so compare with the original's own value, on
    sustained noise-like stretches (in a decaying hit the attack decides alone).

    Args:
        audio: (sample,).
        sample_rate: Hz.
        hop_length: samples between frames of the codec.
        cutoff_hz: lower edge of the band.
    """
    n_fft = 1 << (2 * len(audio) - 1).bit_length()
    spectrum = np.fft.rfft(audio.astype(np.float64), n_fft)
    power = np.abs(spectrum) ** 2
    power[: int(cutoff_hz / sample_rate * n_fft)] = 0.0
    correlation = np.fft.irfft(power, n_fft)
    lags = hop_length * np.arange(1, 17)
    lags = lags[lags < len(audio)]
    if correlation[0] <= 1e-12 or lags.size == 0:
        return 0.0
    # Fewer samples overlap at longer lags.
    overlap = 1 - lags / len(audio)
    return float(np.max(correlation[lags] / (correlation[0] * overlap)).clip(-1.0, 1.0))


def texture_ratio(reference: Audio, estimate: Audio) -> float:
    """Return how lively a sound's spectrogram is compared with the original's ("tex").

    The spread of the magnitudes in dB around their mean over 9 frames of the same bin, estimate
    over reference, where the reference is within 80 dB of its loudest bin. 1 is as lively as the
    original; a decoder that turns noise into a steady buzz is far below.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
    """
    spectra = [magnitudes(sound, 1024, 256, 1024) for sound in pair(reference, estimate)]
    floor = max(1e-4 * float(spectra[0].max()), 1e-6)
    heard = spectra[0] > floor
    levels = [20 * spectrum.clamp(min=floor).log10() for spectrum in spectra]
    spreads = []
    for level in levels:
        mean = torch.nn.functional.avg_pool2d(
            level[None, None], (1, 9), stride=1, padding=(0, 4), count_include_pad=False
        )
        spreads.append(float((level - mean[0, 0])[heard].square().mean().sqrt()))
    return spreads[1] / spreads[0] if heard.any() and spreads[0] > 0 else 1.0


def sustained_periodicity(
    reference: Audio, estimate: Audio, sample_rate: int, *, hop_length: int = 256
) -> SustainedPeriodicity:
    """Measure `hop_periodicity` where it means something: on steady, noise-like half seconds.

    A segment counts when the reference is within 50 dB of its loudest, its eighths differ by
    less than 6 dB above 2 kHz, and its own periodicity is below 0.3.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
        sample_rate: Hz.
        hop_length: samples between frames of the codec.
    """
    length = int(_SEGMENT_S * sample_rate)
    n_segments = min(len(reference), len(estimate)) // length
    upper = _above(reference, 2000.0, sample_rate)
    loudest = float(envelope(upper, sample_rate, window_s=_SEGMENT_S / 8).max(initial=0.0))
    found = []
    for index in range(n_segments):
        place = slice(index * length, (index + 1) * length)
        levels = envelope(upper[place], sample_rate, window_s=_SEGMENT_S / 8)
        if levels.min() <= loudest * 10 ** (_AUDIBLE_DB / 20) or levels.min() <= 1e-7:
            continue
        if 20 * np.log10(levels.max() / levels.min()) > _STEADY_DB:
            continue
        own = hop_periodicity(reference[place], sample_rate, hop_length=hop_length)
        if own < _NOISE_LIKE:
            heard = hop_periodicity(estimate[place], sample_rate, hop_length=hop_length)
            found.append((own, heard))
    if not found:
        return SustainedPeriodicity(float("nan"), float("nan"), 0)
    original, given = np.mean(found, axis=0)
    return SustainedPeriodicity(float(original), float(given), len(found))


def pre_echo(reference: Audio, estimate: Audio, sample_rate: int) -> float:
    """Return how much louder it is before attacks than it should be, in dB.

    An attack is where the level of 2 ms rises 15 dB above all of the 20 ms before. The energy of
    these 20 ms, but the last two, is compared with the original's; both count from 60 dB below
    the attack. Near 0 is right, far above is a smear that a window or a decoder put there.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
        sample_rate: Hz.

    Returns:
        The mean over attacks; NaN when there is none.
    """
    length = min(len(reference), len(estimate))
    wanted, given = (envelope(sound[:length], sample_rate) for sound in (reference, estimate))
    before = 10
    differences = []
    silence = max(1e-3 * float(wanted.max()), 1e-6)
    index = before
    while index < wanted.size:
        loudest = max(float(wanted[index - before : index].max()), silence)
        if wanted[index] < loudest * 10 ** (_ONSET_DB / 20):
            index += 1
            continue
        peak = float(wanted[index : index + 5].max())
        first, second = (
            float((curve[index - before : index - 1] ** 2).mean()) + (1e-3 * peak) ** 2
            for curve in (wanted, given)
        )
        differences.append(10 * np.log10(second / first))
        index += before
    return float(np.mean(differences)) if differences else float("nan")


def border_level(audio: Audio, borders: Sequence[int], sample_rate: int) -> float:
    """Return how much stands out where edits meet, in dB: about 0 is nothing, a click is far above.

    The energy above 8 kHz within 64 samples of a border against that of the 1024 samples to each
    side of these.

    Args:
        audio: (sample,) the edited sound.
        borders: samples where something begins or ends.
        sample_rate: Hz, above 16 000.

    Returns:
        The mean over borders that have 1024 samples on both sides; NaN when there is none.
    """
    energy = np.cumsum(np.pad(_above(audio, 8000.0, sample_rate).astype(np.float64) ** 2, (1, 0)))
    near, far = 64, 64 + 1024
    found = []
    for border in borders:
        if far <= border <= len(audio) - far:
            inner = energy[border + near] - energy[border - near]
            outer = energy[border + far] - energy[border - far] - inner
            ratio = (inner / (2 * near) + 1e-12) / (outer / (2 * 1024) + 1e-12)
            found.append(10 * np.log10(ratio))
    return float(np.mean(found)) if found else float("nan")


def _above(audio: Audio, cutoff_hz: float, sample_rate: int) -> Audio:
    n_fft = 1 << (len(audio) + 1024).bit_length()
    spectrum = np.fft.rfft(audio, n_fft)
    spectrum[: int(cutoff_hz / sample_rate * n_fft)] = 0.0
    return np.asarray(np.fft.irfft(spectrum, n_fft)[: len(audio)], np.float32)
