"""What is wrong or odd with a sound before anything is trained on it, and which sounds are alike.

Silence, clipping and direct current are measured; a coarse fingerprint recognises the same sound
at another level, rate or format, or with silence around it. Plain numpy, so that hundreds of
files take seconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError

# 10 ms are silent this far below the loudest 10 ms of the file, or below -80 dB full scale.
SILENCE_BELOW_PEAK_DB = -60.0
SILENCE_RMS = 1e-4
# A rest this short is rhythm, not silence.
MIN_REST_S = 0.25
# 16-bit full scale is 0.99997; a limiter leaves a little room.
CLIP_LEVEL = 0.999
# One or two samples at the top are a loud recording, a flat top is a clipped one.
CLIP_RUN = 3
# Under this mean difference two fingerprints are the same sound. On 57 files (tabla, drums and
# ambient) the nearest two that differ, a hard and a soft snare, are 1.3 dB apart; their copies as
# Vorbis at 32 kHz, 12 dB softer and between silences, are under 1 dB for 54 of the 57.
ALIKE_DB = 1.0
# A sound that changes less than this in time has nothing to be recognised by: one second of white
# noise is 0.8 dB from any other.
PLAIN_DB = 2.0
# A short hit is not centred by itself; a converter's offset stays under 1 %, a fault does not.
OFFSET = 0.05

_FRAME_S = 0.01
_N_SLICES = 16
# Under half of 8 kHz, so that every rate that a recorder offers holds all bands.
_BANDS_HZ = (60, 120, 250, 400, 600, 900, 1300, 1900, 2700, 3800)
_MAX_FRAMES = 8192
_FLOOR_DB = -35.0


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What was measured on a sound, as the mono mix that training hears.

    ``leading_s``, ``trailing_s`` and ``inside_s`` are seconds of silence before, after and within
    the sound (rests of a quarter of a second and more); ``clipped_share`` is the share of samples
    in flat tops at full scale, 0 to 1; ``offset`` the mean, as a share of the peak.
    """

    duration_s: float
    leading_s: float
    trailing_s: float
    inside_s: float
    clipped_share: float
    offset: float

    @property
    def silence_share(self) -> float:
        """The silent share of the sound, 0 to 1."""
        return min(1.0, (self.leading_s + self.trailing_s + self.inside_s) / self.duration_s)

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who made the file would want to hear; empty when all is well."""
        notes = []
        if self.leading_s >= 0.1:
            notes.append(f"{self.leading_s:.1f} s of silence before it starts")
        if self.trailing_s >= 0.5:
            notes.append(f"{self.trailing_s:.1f} s of silence after its end")
        if self.inside_s >= 0.25 * self.duration_s:
            notes.append(f"{self.inside_s:.1f} s of rests inside")
        if self.clipped_share > 0:
            notes.append(f"clipped: {100 * self.clipped_share:.2g} % of it at full scale")
        if abs(self.offset) > OFFSET:
            notes.append(f"off centre by {100 * self.offset:.0f} % of its peak (DC)")
        return tuple(notes)


def inspect(sound: NDArray[np.float32], sample_rate: int) -> SoundFacts:
    """Measure silence, clipping and offset of a sound.

    Args:
        sound: mono (sample,), at least one sample.
        sample_rate: Hz.
    """
    if sound.ndim != 1 or sound.size == 0:
        raise UsageError(f"A sound to inspect must be (sample,), not {sound.shape}.")
    duration_s = sound.size / sample_rate
    silent = _silent_frames(sound, sample_rate)
    frame_s = duration_s / silent.size
    if silent.all():
        leading, trailing, inside = silent.size, 0, 0
    else:
        leading = int(np.argmin(silent))
        trailing = int(np.argmin(silent[::-1]))
        inside = sum(
            length
            for length in _runs(silent[leading : silent.size - trailing])
            if length * frame_s >= MIN_REST_S
        )
    clipped = sum(n for n in _runs(np.abs(sound) >= CLIP_LEVEL) if n >= CLIP_RUN)
    top = max(float(sound.max()), -float(sound.min()), 1e-9)
    return SoundFacts(
        duration_s=duration_s,
        leading_s=leading * frame_s,
        trailing_s=trailing * frame_s,
        inside_s=inside * frame_s,
        clipped_share=clipped / sound.size,
        offset=float(sound.mean(dtype=np.float64)) / top,
    )


def fingerprint(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Return a coarse picture of a sound that its level, rate and surrounding silence leave alone.

    The levels in dB of nine bands from 60 to 3800 Hz in sixteen slices of the sounding part, 0 at
    the loudest and -35 at least, then the logarithm of its duration (see `difference`).

    Args:
        sound: mono (sample,), not silent.
        sample_rate: Hz.

    Returns:
        (145,).
    """
    first, last = _sounding(sound, sample_rate)
    part = sound[first:last]
    length = max(64, round(0.02 * sample_rate))
    hop = max(length // 2, (part.size + length) // _MAX_FRAMES, 1)
    padded = np.pad(part, (length // 2, length // 2 + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    power = np.empty((frames.shape[0], len(_BANDS_HZ) - 1))
    n_fft = 1 << (2 * length - 1).bit_length()
    edges = np.round(np.array(_BANDS_HZ) / sample_rate * n_fft).astype(int)
    window = np.hanning(length).astype(np.float32)
    for start in range(0, frames.shape[0], 512):
        spectrum = np.fft.rfft(frames[start : start + 512] * window, n_fft)[:, : edges[-1]]
        energies = spectrum.real**2 + spectrum.imag**2
        power[start : start + 512] = np.add.reduceat(energies, edges[:-1], axis=1)
    # Every slice has its share of every frame: a start a few samples later changes little.
    total = np.cumsum(np.pad(power, ((1, 0), (0, 0))), axis=0)
    places = np.linspace(0, frames.shape[0], _N_SLICES + 1)
    sums = np.stack(
        [np.interp(places, np.arange(len(total)), column) for column in total.T], axis=1
    )
    slices = np.maximum(np.diff(sums, axis=0), 1e-20)
    levels = np.maximum(10 * np.log10(slices / slices.max()), _FLOOR_DB)
    seconds = np.log(part.size / sample_rate)
    return np.append(levels.ravel(), seconds).astype(np.float32)


def difference(one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far fingerprints are from one, (other,) in dB.

    Infinite where the durations differ, or where the sound is too steady to be recognised.

    Args:
        one: (145,) from `fingerprint`.
        others: (other, 145).
    """
    slices = one[:-1].reshape(_N_SLICES, -1)
    if float(slices.std(axis=0).mean()) < PLAIN_DB:
        return np.full(len(others), np.inf, np.float32)
    apart = np.abs(others[:, :-1] - one[:-1]).mean(axis=1)
    # 3 % or the 20 ms that trimming may be wrong by.
    seconds = np.exp(np.minimum(others[:, -1], one[-1]))
    lengths = np.abs(np.exp(others[:, -1]) - np.exp(one[-1]))
    return np.where(lengths > np.maximum(0.03 * seconds, 0.02), np.float32(np.inf), apart)


def _silent_frames(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.bool_]:
    """Return which stretches of about 10 ms are silent; the last one may be longer."""
    length = min(sound.size, max(1, round(_FRAME_S * sample_rate)))
    n_frames = sound.size // length
    frames = sound[: n_frames * length].reshape(n_frames, length)
    # The offset of a recorder's converter is no sound.
    rms = np.sqrt(np.maximum((frames**2).mean(axis=1) - frames.mean(axis=1) ** 2, 0.0))
    threshold = max(float(rms.max()) * 10 ** (SILENCE_BELOW_PEAK_DB / 20), SILENCE_RMS)
    return np.asarray(rms < threshold)


def _sounding(sound: NDArray[np.float32], sample_rate: int) -> tuple[int, int]:
    """Return where 99.9 % of the energy lies: edges that survive another format."""
    size = max(1, round(0.001 * sample_rate))
    n_frames = -(-sound.size // size)
    frames = np.pad(sound, (0, n_frames * size - sound.size)).reshape(-1, size)
    energy = np.cumsum((frames**2).sum(axis=1), dtype=np.float64)
    first, last = np.searchsorted(energy, energy[-1] * np.array([0.0002, 0.9992]))
    return int(first) * size, min(sound.size, int(last + 1) * size)


def _runs(mask: NDArray[np.bool_]) -> list[int]:
    """Return the lengths of the stretches where a mask is true."""
    if not mask.any():
        return []
    edges = np.flatnonzero(np.diff(np.pad(mask.astype(np.int8), 1)))
    return [int(length) for length in edges[1::2] - edges[::2]]
