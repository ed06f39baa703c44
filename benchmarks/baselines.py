"""What the codec is compared with: mel spectra with Griffin-Lim, and Opus.

Each takes a sound and gives it back as the other system would play it.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sdaudio.audio import read_sound, write_sound
from sdaudio.audio.transforms import mel_filterbank

Audio = NDArray[np.float32]

N_FFT, HOP_LENGTH, N_MELS = 1024, 256, 128


def mel_griffin_lim(sound: Audio, sample_rate: int, *, n_iterations: int = 32) -> Audio:
    """Return a sound from its unquantised 128-band mel magnitudes: an oracle for mel codecs.

    Magnitudes by the pseudo-inverse of the filters, phases by the fast Griffin-Lim algorithm
    (Perraudin et al. 2013) with momentum 0.99 from a seeded random start.
    """
    window = torch.hann_window(N_FFT)
    padded = torch.from_numpy(np.pad(sound, (0, max(0, 2 * N_FFT - sound.size))))
    filters = mel_filterbank(N_FFT, N_MELS, sample_rate)
    spectrum = torch.stft(padded, N_FFT, HOP_LENGTH, window=window, return_complex=True)
    mel = spectrum.abs().T @ filters
    magnitudes = (mel @ torch.linalg.pinv(filters)).clamp(min=0).T
    generator = torch.Generator().manual_seed(0)
    phases = torch.polar(
        torch.ones_like(magnitudes),
        2 * torch.pi * torch.rand(magnitudes.shape, generator=generator),
    )
    before = torch.zeros_like(phases)
    for _ in range(n_iterations):
        audio = torch.istft(magnitudes * phases, N_FFT, HOP_LENGTH, window=window)
        rebuilt = torch.stft(audio, N_FFT, HOP_LENGTH, window=window, return_complex=True)
        rebuilt = torch.nn.functional.pad(rebuilt, (0, phases.shape[1] - rebuilt.shape[1]))
        phases = rebuilt - 0.99 / 1.99 * before
        phases = phases / phases.abs().clamp(min=1e-16)
        before = rebuilt
    audio = torch.istft(magnitudes * phases, N_FFT, HOP_LENGTH, window=window).numpy()
    return np.pad(audio, (0, max(0, sound.size - audio.size)))[: sound.size]


def has_opus() -> bool:
    """Tell whether ffmpeg is installed."""
    return shutil.which("ffmpeg") is not None


def opus(sound: Audio, sample_rate: int, *, kilobits: int) -> tuple[Audio, float]:
    """Return a sound after Opus by ffmpeg, and the kbit/s that it really took."""
    with tempfile.TemporaryDirectory() as folder:
        source, coded, target = (Path(folder) / name for name in ("in.wav", "a.opus", "out.wav"))
        write_sound(source, sound, sample_rate, subtype="FLOAT")
        quiet = ["ffmpeg", "-y", "-loglevel", "error", "-i"]
        encoder = ["-c:a", "libopus", "-b:a", f"{kilobits}k", str(coded)]
        subprocess.run([*quiet, str(source), *encoder], check=True)
        rate = 8e-3 * coded.stat().st_size * sample_rate / sound.size
        subprocess.run([*quiet, str(coded), "-c:a", "pcm_f32le", str(target)], check=True)
        result = read_sound(target, sample_rate)
    return np.pad(result, (0, max(0, sound.size - result.size)))[: sound.size], rate
