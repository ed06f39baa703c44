"""Which codes a code is predicted from, and how a set of earlier codes becomes one number.

A context is a tuple of cells ``(level, lag)``: lag 0 is this column (coarser levels only), lag 1
the column before. Each context of each level is one expert of the mixture in `sdaudio.prior`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Cell = tuple[int, int]
Context = tuple[Cell, ...]

MAX_LAG = 3
N_CONTEXTS = 8
# The copy expert joins the contexts: the same code as in the column before.
COPY = N_CONTEXTS
N_EXPERTS = N_CONTEXTS + 1
# Weights are kept per count of the context in the training codes, seen ones split by whether
# one single code followed: 0, then 1, 2, 3-4, 5-8, ..., 129+ twice.
N_COUNT_BINS = 9
N_BINS = 1 + 2 * N_COUNT_BINS
# The copy expert's weight depends on how long the code has lasted and on whether the coarser
# levels of this column repeat theirs; its bin 0 is the start of a file.
N_RUN_BINS = 6

Ints = NDArray[np.int64]


def contexts(n_levels: int, level: int) -> tuple[Context, ...]:
    """Return the contexts of a level, the empty one first.

    Chosen by held-out perplexity among all sets of up to three cells near by, on percussion and
    textures. The single cells two and three columns back look weak but carry noise-like sounds.
    """
    before = tuple((other, 1) for other in range(n_levels))
    if level == 0:
        return (
            (),
            ((0, 1),),
            ((0, 1), (0, 2)),
            ((0, 1), (1, 1)),
            ((0, 1), (0, 2), (0, 3)),
            before if n_levels > 2 else ((0, 1), (0, 3)),
            (*before, (0, 2)),
            ((0, 2),),
        )
    coarser = tuple((other, 0) for other in range(level))
    return (
        (),
        ((level - 1, 0),),
        ((level, 1),),
        ((level, 2),),
        ((level, 3),),
        ((level - 1, 0), (level, 1)),
        ((0, 0), (0, 1), (level, 1)),
        (*coarser, *before) if n_levels > 2 else (*coarser, *before, (level, 2)),
    )


def context_keys(codes_by_lag: Sequence[NDArray[np.integer]], context: Context, base: int) -> Ints:
    """Return one number per column for what a context sees there.

    Args:
        codes_by_lag: for each lag 0..MAX_LAG the codes (level, column) that many columns ago,
            ``base - 1`` where there is none.
        context: the cells.
        base: codebook_size + 1.
    """
    keys = np.zeros(codes_by_lag[0].shape[1], np.int64)
    for level, lag in context:
        keys = keys * base + codes_by_lag[lag][level]
    return keys


def count_bins(totals: Ints, n_different: Ints) -> Ints:
    """Return the weight bin of contexts seen ``totals`` times with ``n_different`` codes after."""
    logs = np.ceil(np.log2(np.maximum(totals, 1))).astype(np.int64)
    bins = 1 + np.minimum(logs, N_COUNT_BINS - 1) + N_COUNT_BINS * (n_different > 1)
    return np.where(totals > 0, bins, 0)


def copy_bin(run_length: int, *, coarser_repeat: bool) -> int:
    """Return the weight bin of the copy expert after a code that has lasted ``run_length``."""
    if run_length == 0:
        return 0
    return 1 + min((run_length - 1).bit_length(), N_RUN_BINS - 1) + N_RUN_BINS * coarser_repeat
