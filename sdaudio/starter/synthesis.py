"""Twenty-nine small sounds made from nothing: strings, bells, wood, drums, textures, bass, pads.

They are what the starter model is trained on and what the tests listen to. All pitches belong to
A minor pentatonic (A C D E G, with an F under one pad), so that any cut and any swap between two
of them stays in tune. Everything is computed by numpy; the same seed gives the same samples.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.audio import write_sound

COLUMN_LENGTH = 1024
PEAK = 0.8

A1, E2, F2, A2 = 55.0, 82.407, 87.307, 110.0
C3, E3, G3, A3 = 130.813, 164.814, 195.998, 220.0
C4, D4, E4, G4 = 261.626, 293.665, 329.628, 391.995
A4, C5, E5, G5 = 440.0, 523.251, 659.255, 783.991

_Signal = NDArray[np.float64]
_Chance = np.random.Generator
_Render = Callable[[_Signal, int, _Chance], _Signal]


def render_sounds(sample_rate: int = 48_000, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Render every sound.

    Args:
        sample_rate: Hz.
        seed: where the noise in the sounds comes from.

    Returns:
        name -> (sample,) float32, mono, peak 0.8, whole columns of 1024 samples, silent at both
        ends; some 37 s in all.
    """
    sounds = {}
    for index, (name, (duration_s, fade_in_s, render)) in enumerate(_SOUNDS.items()):
        n_columns = round(duration_s * sample_rate / COLUMN_LENGTH)
        time = np.arange(n_columns * COLUMN_LENGTH) / sample_rate
        signal = render(time, sample_rate, np.random.default_rng((seed, index)))
        sounds[name] = _finish(signal, sample_rate, fade_in_s)
    return sounds


def write_sounds(folder: Path, *, sample_rate: int = 48_000, seed: int = 0) -> list[Path]:
    """Render every sound into a folder as 24-bit WAV; return the paths, sorted.

    Raises:
        FileError: the folder cannot be written.
    """
    paths = []
    for name, sound in sorted(render_sounds(sample_rate, seed).items()):
        paths.append(folder / f"{name}.wav")
        write_sound(paths[-1], sound, sample_rate)
    return paths


def _finish(signal: _Signal, sample_rate: int, fade_in_s: float) -> NDArray[np.float32]:
    """Take away what lies below hearing, fade both ends to silence and set the peak."""
    signal = _filter(signal, sample_rate, low_hz=25.0)
    rise = _ramp(int(fade_in_s * sample_rate))
    fall = _ramp(min(int(0.3 * sample_rate), signal.size // 3))
    signal[: rise.size] *= rise
    signal[-fall.size :] *= fall[::-1]
    signal *= PEAK / float(np.abs(signal).max())
    return signal.astype(np.float32)


def _ramp(n_samples: int) -> _Signal:
    """Return a raised cosine from 0 to 1."""
    return 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, max(n_samples, 2)))


def _filter(
    signal: _Signal, sample_rate: int, *, low_hz: float = 0.0, high_hz: float = 0.0
) -> _Signal:
    """Band-pass by spectrum, second order and without phase, in a period that does not wrap."""
    n_fft = 1 << (signal.size + sample_rate // 10).bit_length()
    frequencies = np.maximum(np.fft.rfftfreq(n_fft, 1 / sample_rate), 1e-3)
    gain = np.ones(frequencies.size)
    if low_hz:
        gain /= 1 + (low_hz / frequencies) ** 4
    if high_hz:
        gain /= 1 + (frequencies / high_hz) ** 4
    result: _Signal = np.fft.irfft(np.fft.rfft(signal, n_fft) * gain, n_fft)[: signal.size]
    return result


def _partials(time: _Signal, hz: _Signal, gains: _Signal, decays_s: _Signal) -> _Signal:
    """Add up decaying sines, (partial,) each, leaving out what lies above the sample rate."""
    heard = hz < 0.45 / (time[1] - time[0])
    total = np.zeros(time.size)
    for frequency, gain, decay_s in zip(hz[heard], gains[heard], decays_s[heard], strict=True):
        # Nothing of a partial is left to hear after seven time constants.
        stop = np.searchsorted(time, 7 * decay_s)
        part = time[:stop]
        total[:stop] += gain * np.exp(-part / decay_s) * np.sin(2 * np.pi * frequency * part)
    return total


def _wave(phase: _Signal, brightness: float) -> _Signal:
    """Read a table of sixteen harmonics, ``brightness`` 0..1 from near sine to near saw."""
    numbers = np.arange(1, 17)
    places = np.arange(2049) / 2048
    gains = numbers ** -(3.0 - 1.8 * brightness)
    table = gains @ np.sin(2 * np.pi * np.outer(numbers, places))
    result: _Signal = np.interp(phase % 1.0, places, table)
    return result


def _pluck(frequency: float) -> _Render:
    """A stiff string, plucked near its end: harmonics a little sharp, the high ones short."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        numbers = np.arange(1, 41)
        hz = frequency * numbers * np.sqrt(1 + 6e-5 * numbers**2)
        gains = np.sin(np.pi * 0.17 * numbers) / numbers**0.9
        decays_s = 0.62 * (220 / frequency) ** 0.5 / (1 + 0.16 * numbers + (hz / 7000) ** 2)
        finger = chance.standard_normal(time.size) * np.exp(-time / 0.004)
        pick = 0.25 * _filter(finger, sample_rate, low_hz=700, high_hz=5000)
        return _partials(time, hz, gains, decays_s) + pick

    return render


def _bell(frequency: float) -> _Render:
    """A cast bell: hum, prime, minor third, fifth, nominal and above, in beating pairs."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        ratios = np.array([0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 2.66, 3.01, 4.17, 5.43, 6.8])
        gains = np.array([0.5, 1.0, 0.55, 0.3, 0.9, 0.3, 0.25, 0.35, 0.3, 0.2, 0.12])
        decays_s = 0.62 / np.sqrt(ratios)
        beating = 1 + chance.uniform(0.0006, 0.0018, ratios.size)
        strike = 0.3 * chance.standard_normal(time.size) * np.exp(-time / 0.002)
        return (
            _partials(time, frequency * ratios, gains, decays_s)
            + _partials(time, frequency * ratios * beating, 0.6 * gains, decays_s)
            + _filter(strike, sample_rate, low_hz=2500, high_hz=9000)
        )

    return render


def _wood(frequency: float) -> _Render:
    """A marimba bar: three partials at 1, 4 and 10, and the knock of the mallet."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        hz = frequency * np.array([1.0, 3.98, 9.9])
        tone = _partials(time, hz, np.array([1.0, 0.35, 0.12]), np.array([0.13, 0.05, 0.02]))
        knock = 0.5 * chance.standard_normal(time.size) * np.exp(-time / 0.003)
        return tone + _filter(knock, sample_rate, low_hz=300, high_hz=2500)

    return render


def _drum(
    start_hz: float, end_hz: float, *, sweep_s: float, decay_s: float, click: float
) -> _Render:
    """A skin: a sine that falls in pitch, with a click in front."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        # The integral of end + (start - end) exp(-t / sweep), from a quarter turn before zero.
        falling = (start_hz - end_hz) * sweep_s * (1 - np.exp(-time / sweep_s))
        body = np.sin(2 * np.pi * (end_hz * time + falling)) * np.exp(-time / decay_s)
        stick = chance.standard_normal(time.size) * np.exp(-time / 0.004)
        return body + click * _filter(stick, sample_rate, low_hz=800, high_hz=6000)

    return render


def _snare(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
    hz, gains = np.array([186.0, 331.0, 448.0]), np.array([0.7, 0.45, 0.2])
    skin = _partials(time, hz, gains, np.array([0.07, 0.05, 0.03]))
    wires = chance.standard_normal(time.size) * (
        0.7 * np.exp(-time / 0.025) + 0.4 * np.exp(-time / 0.085)
    )
    return skin + _filter(wires, sample_rate, low_hz=1200, high_hz=9000)


def _clap(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
    hands = sum(
        np.where(time >= delay_s, np.exp(-(time - delay_s).clip(0) / 0.006), 0.0)
        for delay_s in (0.0, 0.011, 0.021)
    )
    room = np.where(time >= 0.03, 0.8 * np.exp(-(time - 0.03).clip(0) / 0.06), 0.0)
    noise = chance.standard_normal(time.size) * (hands + room)
    return _filter(noise, sample_rate, low_hz=900, high_hz=3200)


def _hat(decay_s: float) -> _Render:
    """Two cymbals: six clashing square tones and noise, far up."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        tones = np.array([2051.0, 3042.0, 3683.0, 5207.0, 6121.0, 8233.0])
        metal = np.sign(np.sin(2 * np.pi * tones[:, None] * time)).sum(0) / 6
        noise = 0.6 * chance.standard_normal(time.size)
        shape = 0.75 * np.exp(-time / decay_s) + 0.25 * np.exp(-time / (0.2 * decay_s))
        return _filter((metal + noise) * shape, sample_rate, low_hz=6500, high_hz=15000)

    return render


def _shaker(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
    shape = (time / 0.035) * np.exp(1 - time / 0.035)
    noise = _filter(chance.standard_normal(time.size), sample_rate, low_hz=4000, high_hz=9000)
    return noise * shape**2


def _swell(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
    """Noise that opens from dark to bright and closes again."""
    total = np.zeros(time.size)
    middle = time[-1] * 0.6
    for index, centre_hz in enumerate((160, 320, 640, 1280, 2560, 5120)):
        band = _filter(
            chance.standard_normal(time.size), sample_rate,
            low_hz=centre_hz / 1.3, high_hz=centre_hz * 1.3,
        )  # fmt: skip
        width = middle * (0.62 - 0.075 * index)
        shape = np.exp(-0.5 * ((time - middle) / np.where(time < middle, width, 0.55 * width)) ** 2)
        total += band / band.std() * shape * 0.72**index
    return total


def _wind(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
    """Noise through four whistling gaps, each on a note and each with its own slow breath."""
    total = 0.25 * _filter(
        chance.standard_normal(time.size), sample_rate, low_hz=150, high_hz=2500
    )  # fmt: skip
    for centre_hz, turns, start in (
        (A3, 1.5, 0.1),
        (E4, 2.5, 0.5),
        (A4, 2.0, 0.8),
        (2 * E5, 3.5, 0.3),
    ):
        breath = 0.55 - 0.45 * np.cos(2 * np.pi * (turns * time / time[-1] + start))
        # Narrow noise is a tone whose complex amplitude wanders slowly.
        drift = chance.standard_normal(time.size) + 1j * chance.standard_normal(time.size)
        slow = _filter(drift.real, sample_rate, high_hz=16) + 1j * _filter(
            drift.imag, sample_rate, high_hz=16
        )
        tone = (slow * np.exp(2j * np.pi * centre_hz * time)).real
        total += 0.5 * tone / tone.std() * breath * (A3 / centre_hz) ** 0.5
    total *= np.sin(np.pi * time / time[-1]) ** 0.5
    return total


def _shimmer(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
    """A cloud of 160 short grains on high notes of the scale."""
    notes = np.outer([1, 2, 4, 8], [A4, C5, 2 * D4, E5, G5]).ravel()[:18]
    total = np.zeros(time.size)
    for _ in range(160):
        length = int(chance.uniform(0.05, 0.2) * sample_rate)
        start = int(chance.beta(1.6, 1.6) * (time.size - length))
        frequency = chance.choice(notes) * (1 + chance.normal(0, 0.001))
        grain = np.hanning(length) * np.sin(2 * np.pi * frequency * time[:length])
        total[start : start + length] += grain * chance.uniform(0.3, 1.0) * (A4 / frequency) ** 0.5
    return total


def _bass(frequency: float) -> _Render:
    """A fingered bass: a bright wave that darkens at once over a sine an octave below the ear."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        phase = frequency * time
        bright = np.exp(-time / 0.08)
        tone = bright * _wave(phase, 0.8) + (1 - bright) * _wave(phase, 0.25)
        thumb = chance.standard_normal(time.size) * np.exp(-time / 0.005)
        shape = np.exp(-time / 0.38)
        return tone * shape + 0.3 * _filter(thumb, sample_rate, low_hz=200, high_hz=2000)

    return render


def _pad(*chord: float) -> _Render:
    """A held chord: three detuned voices a note, brightening and fading slowly."""

    def render(time: _Signal, sample_rate: int, chance: _Chance) -> _Signal:
        total = np.zeros(time.size)
        bright = np.sin(np.pi * time / time[-1]) ** 2
        for frequency in chord:
            for detune in (-0.0028, 0.0, 0.0031):
                phase = frequency * (1 + detune) * time + chance.uniform()
                total += (1 - bright) * _wave(phase, 0.1) + bright * _wave(phase, 0.65)
        rise = 1 - np.exp(-time / 0.35)
        total *= rise * np.cos(0.5 * np.pi * time / time[-1]) ** 0.7
        return total

    return render


# name -> duration in seconds, fade-in in seconds, how it is made
_SOUNDS: dict[str, tuple[float, float, _Render]] = {
    "pluck_a2": (1.4, 0.001, _pluck(A2)),
    "pluck_e3": (1.3, 0.001, _pluck(E3)),
    "pluck_a3": (1.2, 0.001, _pluck(A3)),
    "pluck_c4": (1.1, 0.001, _pluck(C4)),
    "pluck_e4": (1.0, 0.001, _pluck(E4)),
    "pluck_g4": (0.9, 0.001, _pluck(G4)),
    "bell_a4": (2.0, 0.001, _bell(A4)),
    "bell_c5": (1.8, 0.001, _bell(C5)),
    "bell_e5": (1.6, 0.001, _bell(E5)),
    "bell_g5": (1.5, 0.001, _bell(G5)),
    "wood_a3": (0.6, 0.001, _wood(A3)),
    "wood_d4": (0.55, 0.001, _wood(D4)),
    "wood_e4": (0.5, 0.001, _wood(E4)),
    "kick": (0.5, 0.001, _drum(190, 47, sweep_s=0.035, decay_s=0.14, click=0.35)),
    "kick_soft": (0.4, 0.002, _drum(120, 52, sweep_s=0.03, decay_s=0.1, click=0.08)),
    "tom_low": (0.7, 0.001, _drum(135, A2 * 0.75, sweep_s=0.09, decay_s=0.18, click=0.15)),
    "tom_high": (0.55, 0.001, _drum(235, E3, sweep_s=0.07, decay_s=0.13, click=0.15)),
    "snare": (0.4, 0.001, _snare),
    "clap": (0.35, 0.001, _clap),
    "hat_closed": (0.15, 0.0005, _hat(0.025)),
    "hat_open": (0.7, 0.0005, _hat(0.19)),
    "shaker": (0.2, 0.002, _shaker),
    "swell": (3.5, 0.05, _swell),
    "wind": (3.2, 0.05, _wind),
    "shimmer": (3.4, 0.05, _shimmer),
    "bass_a1": (1.0, 0.002, _bass(A1)),
    "bass_e2": (0.9, 0.002, _bass(E2)),
    "pad_a_minor": (3.2, 0.02, _pad(A2, E3, G3, C4)),
    "pad_f_major": (3.2, 0.02, _pad(F2, C3, E3, A3)),
}
