"""Samples columns of codes from a prior, as they come: new material, or what goes on from some.

A longer take begins like a shorter one of the same seed, and going on from a part of a take gives
the rest of it.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.prior.counts import CountPrior
from sdaudio.prior.drawing import RECENT_COLUMNS, Hand, Weigh
from sdaudio.prior.novelty import CopyIndex
from sdaudio.prior.options import SamplingOptions
from sdaudio.prior.walker import walk

FIRST_CHUNKS = (8, 8)
"""How many columns come at first, to be heard at once."""
NEXT_CHUNKS = 128
"""Then so many at a time: sooner ones would take the time to render the first."""
MAX_COLUMNS = 100_000
PAST_COLUMNS = 512
"""How many columns before a take can matter to it, at the most."""

Codes = NDArray[np.uint16]


def sample(
    prior: CountPrior,
    *,
    n_columns: int,
    options: SamplingOptions,
    prompt: NDArray[np.integer] | None = None,
    first_column: int = 0,
    weigh: Weigh | None = None,
    copies: CopyIndex | None = None,
    chunk_columns: int = 0,
    on_columns: Callable[[int, Codes], None] = lambda _start, _codes: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Codes:
    """Sample new columns, from nothing or after a prompt.

    Going on with the same seed after the first half of a take gives its second half, unless phrases
    are kept from coming back or a novelty is asked for: those look at new columns only.

    Args:
        prior: what to sample from.
        n_columns: how many new columns, 1 to 100 000.
        options: how to draw.
        prompt: (level, column) codes to continue; they are not part of the result.
        first_column: where the prompt begins, by which the random numbers go.
        weigh: what the likelihood of each code is multiplied by, given (column, level); columns
            count on from the prompt's.
        copies: where copies are looked for; needed for a novelty.
        chunk_columns: how many columns come at once; 0 is a few at first and then many.
        on_columns: called with (first new column, codes (level, column)) for every chunk.
        should_stop: asked before every column but the first; what is there by then still comes.

    Returns:
        (level, column) uint16: ``n_columns`` columns, or those made before the stop.

    Raises:
        UsageError: an argument is out of range.
    """
    if not 1 <= n_columns <= MAX_COLUMNS:
        raise UsageError(f"n_columns is {n_columns}; allowed are 1 to {MAX_COLUMNS}.")
    past = checked(prior, prompt, "The prompt")
    hand = Hand(walk(prior, past), options, weigh=weigh, copies=copies)
    begin = first_column + past.shape[1]
    recent = past[:, -RECENT_COLUMNS:].T.tolist()
    for column, codes in enumerate(recent, begin - len(recent)):
        hand.hear(column, codes)
    result = np.empty((prior.n_levels, n_columns), np.uint16)
    sizes: Iterator[int] = itertools.repeat(chunk_columns)
    if not chunk_columns:
        sizes = itertools.chain(FIRST_CHUNKS, itertools.repeat(NEXT_CHUNKS))
    start, stop = 0, next(sizes)
    for column in range(n_columns):
        if column and should_stop():
            result = result[:, :column]
            break
        result[:, column] = hand.draw(begin + column)
        if column + 1 == stop:
            on_columns(start, result[:, start:stop].copy())
            start, stop = stop, stop + next(sizes)
    if start < result.shape[1]:
        on_columns(start, result[:, start:].copy())
    return result


def checked(prior: CountPrior, codes: NDArray[np.integer] | None, name: str) -> Codes:
    """Check codes from outside, (level, column); none at all is no column.

    Raises:
        UsageError: they are not of this prior.
    """
    if codes is None:
        return np.empty((prior.n_levels, 0), np.uint16)
    if codes.ndim != 2 or codes.shape[0] != prior.n_levels:
        raise UsageError(
            f"{name} has shape {codes.shape}; this prior knows ({prior.n_levels}, column)."
        )
    if codes.size and not 0 <= codes.min() <= codes.max() < prior.codebook_size:
        raise UsageError(
            f"{name} holds codes {codes.min()} to {codes.max()}; allowed are 0 to "
            f"{prior.codebook_size - 1}."
        )
    return codes.astype(np.uint16)


def weights_of_files(
    codes_by_file: list[NDArray[np.uint16]], files: tuple[int, ...], codebook_size: int
) -> Weigh:
    """Return weights that allow the codes of some training files only.

    Args:
        codes_by_file: (level, column) of each training file.
        files: the numbers of those that are allowed, one or more.
        codebook_size: codes per level.
    """
    allowed = np.zeros((codes_by_file[0].shape[0], codebook_size))
    for file in files:
        for level, codes in enumerate(codes_by_file[file]):
            allowed[level, codes] = 1.0
    return lambda _column, level: allowed[level]
