"""Mel filterbanks for losses, metrics and pictures; the one home of torchaudio.

It needs torch, so the package root does not import it: a process that only plays never pays for
it. It reads no files (see `sdaudio.audio`).
"""

import functools
import importlib
import logging
import sys
import types
import warnings
from typing import Any

import torch
from torch import Tensor

from sdaudio.errors import UsageError

_LOGGER = logging.getLogger(__name__)
_EXTENSION = "torchaudio._extension"


@functools.cache
def mel_filterbank(
    n_fft: int, n_mels: int, sample_rate: int, *, f_min: float = 0.0, f_max: float | None = None
) -> Tensor:
    """Return triangular mel filters (Slaney scale, unit area) as librosa makes them by default.

    The tensor is cached and shared: read it, never write into it. With a small ``n_fft`` some
    filters fall between two bins and are empty; that is accepted silently, because multi-scale
    losses ask for it on purpose.

    Args:
        n_fft: length of the Fourier transform in samples, 2 or more.
        n_mels: number of filters, 1 or more.
        sample_rate: Hz.
        f_min: lower edge of the first filter, Hz.
        f_max: upper edge of the last filter, Hz; half the sample rate by default.

    Returns:
        (n_bins, n_mels) float32, n_bins = n_fft // 2 + 1. A magnitude spectrum (..., n_bins) times
        this matrix is a mel spectrum (..., n_mels).

    Raises:
        UsageError: a number is out of range.
    """
    top = sample_rate / 2 if f_max is None else f_max
    if n_fft < 2 or n_mels < 1 or not 0.0 <= f_min < top <= sample_rate / 2:
        raise UsageError(
            f"A mel filterbank cannot have n_fft {n_fft}, n_mels {n_mels}, {f_min:g} to {top:g} Hz "
            f"at {sample_rate} Hz: n_fft starts at 2, n_mels at 1, and "
            f"0 <= f_min < f_max <= sample_rate / 2."
        )
    functional = _import_torchaudio().functional
    # A tensor born in inference mode could never take part in training later.
    with warnings.catch_warnings(), torch.inference_mode(mode=False):
        warnings.filterwarnings("ignore", message="At least one mel filterbank has all zero")
        filters: Tensor = functional.melscale_fbanks(
            n_fft // 2 + 1, f_min, top, n_mels, sample_rate, norm="slaney", mel_scale="slaney"
        )
    return filters.to(torch.float32)


@functools.cache
def _import_torchaudio() -> Any:  # noqa: ANN401 (torchaudio ships no types)
    """Import torchaudio, without its compiled part where that cannot be loaded.

    The Linux wheel of torchaudio wants CUDA libraries that a CPU build of torch does not have, so
    its import ends in an OSError. What is used here is plain Python on torch, so after a real
    failure (and only then) the compiled part is replaced by an empty module.
    """
    try:
        return importlib.import_module("torchaudio")
    except OSError as error:
        _LOGGER.debug("torchaudio's compiled part cannot be loaded, going on without: %s", error)
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
        del sys.modules[name]
    sys.modules[_EXTENSION] = _stand_in()
    return importlib.import_module("torchaudio")


def _stand_in() -> types.ModuleType:
    module = types.ModuleType(_EXTENSION, "Stands for torchaudio's compiled part.")

    def fail_if_no_align(_function: object) -> object:
        def fail(*_arguments: object, **_options: object) -> None:
            raise RuntimeError("forced_align needs the compiled part of torchaudio.")

        return fail

    module.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        fail_if_no_align=fail_if_no_align,
    )
    return module
