"""Another sample rate for a sound that comes in blocks; memory does not grow with its length."""

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import soxr
from numpy.typing import NDArray

from sdaudio.errors import UsageError

MIN_SAMPLE_RATE = 4_000
MAX_SAMPLE_RATE = 384_000

Quality = Literal["HQ", "VHQ"]
"""soxr's grades: HQ is exact to 20 bits, VHQ to 28."""


def check_sample_rate(sample_rate: int) -> None:
    """Check that a sound may have a rate.

    Raises:
        UsageError: it may not.
    """
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise UsageError(
            f"The sample rate {sample_rate} Hz is out of range; allowed are {MIN_SAMPLE_RATE} to "
            f"{MAX_SAMPLE_RATE} Hz."
        )


def convert_rate(
    blocks: Iterable[NDArray[np.float32]],
    sample_rate: int,
    wanted_rate: int,
    *,
    quality: Quality = "HQ",
) -> Iterator[NDArray[np.float32]]:
    """Yield the same sound at another rate; at the same rate, the blocks as they are.

    Args:
        blocks: mono, (sample,) each.
        sample_rate: Hz of the blocks.
        wanted_rate: Hz of what is yielded.
        quality: how exact.
    """
    if sample_rate == wanted_rate:
        yield from blocks
        return
    resampler = soxr.ResampleStream(sample_rate, wanted_rate, 1, dtype="float32", quality=quality)
    for block in blocks:
        yield resampler.resample_chunk(block)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
