"""How near a rendered sound is to what it should be: distances, faults, and edits.

`mr_stft` and `mel_distance` are the two common distances of the field. None of the distances hears
the frame-rate buzz that a deterministic decoder makes of noise, so `hop_periodicity` and
`texture_ratio` stand beside them: read both against the original's own value, on sustained
noise-like sounds (`sustained_periodicity` finds them). `splice_distance` judges edits, which
held-out files do not: it swaps columns between two sounds and compares the render with the same
cut made in audio.

Numbers only; nothing here is differentiated (for training see `sdaudio.losses`).
"""

from sdaudio.metrics.artefacts import (
    SustainedPeriodicity,
    border_level,
    hop_periodicity,
    pre_echo,
    sustained_periodicity,
    texture_ratio,
)
from sdaudio.metrics.distances import (
    envelope,
    envelope_error,
    log_spectral_distance,
    mel_distance,
    mr_stft,
    si_sdr,
)
from sdaudio.metrics.splicing import (
    SpliceDistance,
    SpliceRun,
    choose_runs,
    splice,
    splice_codes,
    splice_distance,
)

__all__ = [
    "SpliceDistance",
    "SpliceRun",
    "SustainedPeriodicity",
    "border_level",
    "choose_runs",
    "envelope",
    "envelope_error",
    "hop_periodicity",
    "log_spectral_distance",
    "mel_distance",
    "mr_stft",
    "pre_echo",
    "si_sdr",
    "splice",
    "splice_codes",
    "splice_distance",
    "sustained_periodicity",
    "texture_ratio",
]
