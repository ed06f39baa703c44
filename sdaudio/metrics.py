"""How near a rendered sound is to what it should be: distances, and two looks at noise.

`mr_stft` and `mel_distance` are the two common distances of the field and lower is better.
Neither of them hears the frame-rate buzz that a deterministic decoder makes of noise, so
`hop_periodicity` and `texture_ratio` stand beside them: read both against the original's own
value, on sustained noise-like sounds. `splice_distance` judges edits, which held-out files do
not: it swaps columns between two sounds and compares the render with the same cut made in audio.

Numbers only; nothing here is differentiated (for training see `sdaudio.losses`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sdaudio.audio.transforms import mel_filterbank
from sdaudio.errors import UsageError

COLUMN_LENGTH = 1024
FADE_LENGTH = 256
# Sounds that are shorter are padded with zeros, or the longest window would not fit.
MIN_LENGTH = 2048

_RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
_MEL_SCALES = ((5, 32), (10, 64), (20, 128), (40, 256), (80, 512), (160, 1024), (320, 2048))

Audio = NDArray[np.float32]
Codes = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class SpliceRun:
    """A run of columns that is taken from another sound: where it goes and where it comes from."""

    column: int
    source_column: int
    n_columns: int


@dataclass(frozen=True, slots=True)
class SpliceDistance:
    """How far edited renders are from the same edits made in audio, mean over sounds."""

    mel: float
    mr_stft: float


def mr_stft(reference: Audio, estimate: Audio) -> float:
    """Return the multi-resolution STFT distance of Yamamoto et al. 2019 (arXiv 1910.11480).

    The mean over three resolutions of spectral convergence plus the mean absolute difference of
    log magnitudes, as ``auraloss.freq.MultiResolutionSTFTLoss()`` computes it by default.

    Args:
        reference: (sample,) the sound as it should be.
        estimate: (sample,) the sound as it is; the longer of the two is cut.
    """
    total = 0.0
    ours, theirs = _pair(reference, estimate)
    for n_fft, hop_length, window_length in _RESOLUTIONS:
        first, second = (
            _magnitudes(sound, n_fft, hop_length, window_length).clamp(min=1e-4)
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
    ours, theirs = _pair(reference, estimate)
    for n_mels, n_fft in _MEL_SCALES:
        filters = mel_filterbank(n_fft, n_mels, sample_rate)
        first, second = (
            (_magnitudes(sound, n_fft, n_fft // 4, n_fft).T @ filters).clamp(min=1e-5).log10()
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
    magnitudes = [_magnitudes(sound, 1024, 256, 1024) for sound in _pair(reference, estimate)]
    floor = max(1e-4 * float(magnitudes[0].max()), 1e-6)
    heard = magnitudes[0] > floor
    levels = [20 * magnitude.clamp(min=floor).log10() for magnitude in magnitudes]
    spreads = []
    for level in levels:
        mean = torch.nn.functional.avg_pool2d(
            level[None, None], (1, 9), stride=1, padding=(0, 4), count_include_pad=False
        )
        spreads.append(float((level - mean[0, 0])[heard].square().mean().sqrt()))
    return spreads[1] / spreads[0] if heard.any() and spreads[0] > 0 else 1.0


def choose_runs(
    n_columns: int, n_source_columns: int, generator: np.random.Generator, *, share: float = 0.1
) -> tuple[SpliceRun, ...]:
    """Choose runs of 1 to 6 columns, apart from each other, that cover a share of a sound.

    Args:
        n_columns: columns of the sound that is edited.
        n_source_columns: columns of the sound that the runs come from.
        generator: where chance comes from.
        share: how much of the sound is replaced, 0 to 0.5; at least one column.
    """
    wanted = max(1, round(share * n_columns))
    taken = np.zeros(n_columns, bool)
    runs: list[SpliceRun] = []
    for _ in range(100 * wanted):
        length = min(int(generator.integers(1, 7)), wanted, n_columns, n_source_columns)
        column = int(generator.integers(n_columns - length + 1))
        source = int(generator.integers(n_source_columns - length + 1))
        # One column between runs, so that their crossfades do not meet.
        if not taken[max(0, column - 1) : column + length + 1].any():
            taken[column : column + length] = True
            runs.append(SpliceRun(column, source, length))
            wanted -= length
        if wanted <= 0:
            break
    return tuple(sorted(runs, key=lambda run: run.column))


def splice_codes(codes: Codes, source: Codes, runs: Sequence[SpliceRun]) -> Codes:
    """Return a copy of ``codes`` (level, column) with runs of columns taken from ``source``."""
    result = codes.copy()
    for run in runs:
        result[:, run.column : run.column + run.n_columns] = source[
            :, run.source_column : run.source_column + run.n_columns
        ]
    return result


def splice(
    audio: Audio,
    source: Audio,
    runs: Sequence[SpliceRun],
    *,
    column_length: int = COLUMN_LENGTH,
    fade_length: int = FADE_LENGTH,
) -> Audio:
    """Return a copy of ``audio`` with runs of columns taken from ``source``, crossfaded.

    This is what a perfect decoder would make of `splice_codes` with the same runs. A crossfade
    (raised cosine, equal gain) lies half before and half after each border.

    Args:
        audio: (sample,), padded with zeros to whole columns.
        source: (sample,), padded likewise.
        runs: which columns; each inside both sounds.
        column_length: samples in a column.
        fade_length: samples of a crossfade, even, at most a column.

    Returns:
        (sample,) float32, whole columns.
    """
    half = fade_length // 2
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / (2 * half))).astype(np.float32)
    # Half a fade of silence at the ends: there the source may have nothing to fade with.
    result, other = (
        np.pad(sound.astype(np.float32), (half, half - len(sound) % -column_length))
        for sound in (audio, source)
    )
    for run in runs:
        start, source_start = run.column * column_length, run.source_column * column_length
        length = run.n_columns * column_length
        left = len(result) - 2 * half - start - length
        source_left = len(other) - 2 * half - source_start - length
        if length < column_length or min(start, source_start, left, source_left) < 0:
            raise UsageError(f"{run} does not lie inside both sounds.")
        gain = np.ones(length + 2 * half, np.float32)
        if start > 0:
            gain[: 2 * half] = rise
        if left > 0:
            gain[length:] = rise[::-1]
        place = slice(start, start + len(gain))
        result[place] *= 1 - gain
        result[place] += gain * other[source_start : source_start + len(gain)]
    return result[half : len(result) - half]


def splice_distance(
    decode: Callable[[Codes], Audio],
    sounds: Sequence[Audio],
    codes: Sequence[Codes],
    sample_rate: int,
    *,
    share: float = 0.1,
    seed: int = 0,
) -> SpliceDistance:
    """Judge edits: swap columns between sounds in codes and in audio, and compare the two.

    Each sound takes a share of its columns, in runs of 1 to 6, from the next sound.

    Args:
        decode: the whole decoder, codes (level, column) to audio (sample,).
        sounds: (sample,) each, what the codes stand for; two or more.
        codes: (level, column) of every sound.
        sample_rate: Hz.
        share: how much of each sound is replaced.
        seed: where the runs go.
    """
    if len(sounds) != len(codes) or len(sounds) < 2:
        raise UsageError(
            f"Edits are judged between two sounds or more, with codes for each; got "
            f"{len(sounds)} sounds and {len(codes)} codes."
        )
    generator = np.random.default_rng(seed)
    mel, mr = [], []
    for index, grid in enumerate(codes):
        other = (index + 1) % len(codes)
        runs = choose_runs(grid.shape[1], codes[other].shape[1], generator, share=share)
        wanted = splice(sounds[index], sounds[other], runs)
        heard = decode(splice_codes(grid, codes[other], runs))
        mel.append(mel_distance(wanted, heard, sample_rate))
        mr.append(mr_stft(wanted, heard))
    return SpliceDistance(float(np.mean(mel)), float(np.mean(mr)))


def _pair(reference: Audio, estimate: Audio) -> tuple[Tensor, Tensor]:
    length = min(len(reference), len(estimate))
    if length == 0:
        raise UsageError("A distance needs two sounds of at least one sample.")
    padding = max(0, MIN_LENGTH - length)
    first, second = (
        torch.from_numpy(np.pad(sound[:length].astype(np.float32), (0, padding)))
        for sound in (reference, estimate)
    )
    return first, second


def _magnitudes(sound: Tensor, n_fft: int, hop_length: int, window_length: int) -> Tensor:
    """Return (bin, frame) magnitudes, centred frames with reflected ends."""
    window = torch.hann_window(window_length)
    return torch.stft(
        sound, n_fft, hop_length, window_length, window, return_complex=True
    ).abs()  # fmt: skip
