"""Fits the count prior: counts every context, then learns by held-out folds whom to trust.

The mixture is P(code) = sum_i w_i p_i(code) / sum_i w_i, where expert i is the smoothed counts of
one context and w_i depends on how often that context was seen. Weights are learned as in deleted
interpolation (Jelinek and Mercer 1980): counts come from three quarters of the material, weights
from the rest, in turn. Because the weights are shared between normalised mixtures, the plain EM
step is replaced by its minorisation, which never lowers the likelihood either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdaudio.errors import UsageError
from sdaudio.header import PriorSummary
from sdaudio.prior.contexts import (
    COPY,
    MAX_LAG,
    N_BINS,
    N_EXPERTS,
    N_RUN_BINS,
    Ints,
    context_keys,
    contexts,
    count_bins,
)
from sdaudio.prior.counts import SMOOTHING, CountPrior, CountTable
from sdaudio.prior.holding import (
    HELD_OUT_SHARE,
    MIN_COLUMNS_TO_HOLD_OUT,
    MIN_FILES_TO_HOLD_OUT,
    held_out_files,
)

N_FOLDS = 4
N_STEPS = 30
# In units of one over the sum of weights, so about two columns.
LEANING = 0.2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Material:
    """All files side by side: codes by lag, which file and which share of it a column is."""

    codes_by_lag: tuple[Ints, ...]
    run_lengths: Ints
    files: Ints
    positions: Floats
    is_end: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What every expert says of every code of one level, as if its own fold were unknown."""

    probabilities: Floats
    bins: Ints
    folds: Ints
    is_end: NDArray[np.bool_]
    unigram: Floats  # how common the code is, the yardstick


def fit(
    codes_by_file: Sequence[NDArray[np.integer]],
    codebook_size: int,
    *,
    on_progress: Callable[[float], None] | None = None,
    date: str = "",
) -> CountPrior:
    """Fit the count prior to the codes of a training set.

    With 8 files or more the perplexity in the summary is measured on files that were held out of
    a first fit (every seventh or so); with fewer, on the last part of each file, which flatters.
    The prior itself always uses everything.

    Args:
        codes_by_file: (level, column) of each file, at least one column in all.
        codebook_size: codes run from 0 to codebook_size - 1.
        on_progress: called with the share done, 0 to 1; it may raise to stop.
        date: goes into the summary as it is.

    Raises:
        UsageError: there are no codes, or they do not fit together.
    """
    material = _lay_out(codes_by_file, codebook_size)
    n_levels = material.codes_by_lag[0].shape[0]
    by_file = len(codes_by_file) >= MIN_FILES_TO_HOLD_OUT
    held_out = _held_out(material, by_file=by_file)
    folds = _folds(material, by_file=by_file)
    weights = np.zeros((n_levels, N_EXPERTS, N_BINS), np.float32)
    surprise = np.zeros((3, n_levels))
    for level in range(n_levels):
        if on_progress is not None:
            on_progress(level / n_levels)
        if held_out.any():
            evidence = _weigh(material, level, codebook_size, np.where(held_out, N_FOLDS, folds))
            learned = _learn(evidence)
            surprise[1, level] = _surprise(evidence, learned, held_out=True)
            surprise[2, level] = _unigram_surprise(evidence)
        evidence = _weigh(material, level, codebook_size, folds)
        learned = _learn(evidence)
        surprise[0, level] = _surprise(evidence, learned, held_out=False)
        weights[level] = learned
    if on_progress is not None:
        on_progress(1.0)
    perplexity = np.exp(surprise.mean(axis=1))
    summary = PriorSummary(
        columns=int((~material.is_end).sum()),
        epochs=N_STEPS,
        perplexity=float(perplexity[0]),
        held_out_perplexity=float(perplexity[1]) if held_out.any() else 0.0,
        unigram_perplexity=float(perplexity[2]) if held_out.any() else 0.0,
        held_out_by="none" if not held_out.any() else "file" if by_file else "time",
        date=date,
        counts_levels=tuple(np.exp(surprise[1]).tolist()) if held_out.any() else (),
    )
    tables = tuple(_count(material, level, codebook_size) for level in range(n_levels))
    return CountPrior(n_levels, codebook_size, tables, weights, summary)


def _lay_out(codes_by_file: Sequence[NDArray[np.integer]], codebook_size: int) -> _Material:
    files = [np.asarray(codes) for codes in codes_by_file if np.size(codes)]
    if not files:
        raise UsageError("A prior needs the codes of at least one sound; there are none.")
    n_levels = files[0].shape[0]
    for codes in files:
        if codes.ndim != 2 or codes.shape[0] != n_levels:
            raise UsageError(
                f"Codes of shape {codes.shape} stand beside codes of {n_levels} levels."
            )
        if codes.min() < 0 or codes.max() >= codebook_size:
            raise UsageError(
                f"Codes run from {codes.min()} to {codes.max()}; with a codebook of "
                f"{codebook_size} they must lie in 0 to {codebook_size - 1}."
            )
    # Before the start of a file there is "no code", and one more stands after its end.
    nothing = np.full((n_levels, MAX_LAG), codebook_size, np.int64)
    laid = np.concatenate([part for codes in files for part in (nothing, codes)] + [nothing], 1)
    lengths = np.array([codes.shape[1] for codes in files])
    starts = np.cumsum(lengths + MAX_LAG) - lengths
    columns = np.concatenate(
        [
            np.arange(start, start + length + 1)
            for start, length in zip(starts, lengths, strict=True)
        ]
    )
    runs = np.zeros_like(laid)
    for column in range(1, laid.shape[1]):
        runs[:, column] = (
            np.where(laid[:, column] == laid[:, column - 1], runs[:, column - 1], 0) + 1
        )
    runs[laid == codebook_size] = 0
    return _Material(
        codes_by_lag=tuple(laid[:, columns - lag] for lag in range(MAX_LAG + 1)),
        run_lengths=runs[:, columns - 1],
        files=np.repeat(np.arange(len(files)), lengths + 1),
        positions=np.concatenate([np.arange(length + 1) / (length + 1) for length in lengths]),
        is_end=laid[0, columns] == codebook_size,
    )


def _held_out(material: _Material, *, by_file: bool) -> NDArray[np.bool_]:
    n_files = int(material.files[-1]) + 1
    if not by_file:
        if (~material.is_end).sum() < MIN_COLUMNS_TO_HOLD_OUT:
            return np.zeros(material.files.size, bool)
        return material.positions >= 1 - HELD_OUT_SHARE
    return np.isin(material.files, held_out_files(n_files))


def _folds(material: _Material, *, by_file: bool) -> Ints:
    if by_file:
        n_files = int(material.files[-1]) + 1
        return (np.random.default_rng(1).permutation(n_files) % N_FOLDS)[material.files]
    return (material.positions * N_FOLDS).astype(np.int64)


def _weigh(material: _Material, level: int, codebook_size: int, folds: Ints) -> _Evidence:
    """Ask every expert about every code of a level, its own fold left out of the counts.

    Fold N_FOLDS is held out of everything.
    """
    present = slice(None) if level == 0 else ~material.is_end
    lags = tuple(codes[:, present] for codes in material.codes_by_lag)
    symbols, folds = lags[0][level], folds[present]
    base = codebook_size + 1
    n_symbols = codebook_size + (level == 0)
    n = symbols.size
    probabilities = np.empty((n, N_EXPERTS))
    bins = np.empty((n, N_EXPERTS), np.int64)
    for index, context in enumerate(contexts(lags[0].shape[0], level)):
        keys = context_keys(lags, context, base)
        seen, totals, n_different = _count_others(keys, symbols, folds, base)
        probabilities[:, index] = (seen + SMOOTHING / n_symbols) / (totals + SMOOTHING)
        bins[:, index] = count_bins(totals, n_different)
        if not context:
            unigram = (seen + 0.5) / (totals + 0.5 * n_symbols)
    probabilities[:, COPY] = symbols == lags[1][level]
    bins[:, COPY] = _copy_bins(material.run_lengths[level][present], lags, level)
    # At the start of a file there is nothing to copy, and an end is no copy of "no code".
    probabilities[bins[:, COPY] == 0, COPY] = 0.0
    return _Evidence(probabilities, bins, folds, material.is_end[present], unigram)


def _count_others(keys: Ints, symbols: Ints, folds: Ints, base: int) -> tuple[Ints, Ints, Ints]:
    """Count in the other folds: this symbol after this key, the key, and what differs after it."""
    n_folds = N_FOLDS + 1
    _, rows = np.unique(keys, return_inverse=True)
    pairs, entries = np.unique(rows * base + symbols, return_inverse=True)
    by_fold = np.bincount(entries * n_folds + folds, minlength=pairs.size * n_folds)
    by_fold = by_fold.reshape(-1, n_folds)
    # What other folds know: all trained-on folds but one's own. Held-out ones know nothing.
    elsewhere = by_fold[:, :N_FOLDS].sum(1, keepdims=True) - by_fold
    elsewhere[:, N_FOLDS] += by_fold[:, N_FOLDS]
    entry_rows = pairs // base
    n_rows = int(rows.max()) + 1
    totals = np.zeros((n_rows, n_folds), np.int64)
    n_different = np.zeros((n_rows, n_folds), np.int64)
    np.add.at(totals, entry_rows, elsewhere)
    np.add.at(n_different, entry_rows, elsewhere > 0)
    return elsewhere[entries, folds], totals[rows, folds], n_different[rows, folds]


def _copy_bins(run_lengths: Ints, lags: Sequence[Ints], level: int) -> Ints:
    logs = np.ceil(np.log2(np.maximum(run_lengths, 1))).astype(np.int64)
    repeat = (
        (lags[0][:level] == lags[1][:level]).all(axis=0) if level else np.zeros(logs.size, bool)
    )
    bins = 1 + np.minimum(logs, N_RUN_BINS - 1) + N_RUN_BINS * repeat
    return np.where(run_lengths > 0, bins, 0)


def _learn(evidence: _Evidence) -> NDArray[np.float32]:
    """Learn the weights (expert, bin) on every fold that is not held out."""
    known = evidence.folds < N_FOLDS
    probabilities, bins = evidence.probabilities[known], evidence.bins[known]
    cells = (bins + np.arange(N_EXPERTS) * N_BINS).ravel()
    n_cells = N_EXPERTS * N_BINS
    weights = np.ones(n_cells)
    for _ in range(N_STEPS):
        trust = weights[cells].reshape(probabilities.shape)
        shares = trust * probabilities
        shares /= np.maximum(shares.sum(1, keepdims=True), 1e-300)
        scale = np.repeat(1 / trust.sum(1), N_EXPERTS)
        gained = np.bincount(cells, shares.ravel(), n_cells)
        spent = np.bincount(cells, scale, n_cells)
        # A bin that is seldom met leans on the mean of its expert, one never met is that mean.
        by_expert = (
            gained.reshape(N_EXPERTS, N_BINS).sum(1),
            spent.reshape(N_EXPERTS, N_BINS).sum(1),
        )
        means = np.repeat(by_expert[0] / by_expert[1], N_BINS)
        weights = (gained + LEANING * means) / (spent + LEANING)
    table = weights.reshape(N_EXPERTS, N_BINS)
    table[COPY, 0] = 0.0
    # The context that sees nothing always says something, so that the mixture never is empty.
    table[0] = np.maximum(table[0], 1e-6)
    return table.astype(np.float32)


def _mixed(evidence: _Evidence, weights: NDArray[np.float32]) -> Floats:
    trust = weights.astype(np.float64)[np.arange(N_EXPERTS), evidence.bins]
    mixed: Floats = (trust * evidence.probabilities).sum(1) / trust.sum(1)
    return mixed


def _surprise(evidence: _Evidence, weights: NDArray[np.float32], *, held_out: bool) -> float:
    """Return the mean negative log probability of the real codes, in nats."""
    chosen = ~evidence.is_end & ((evidence.folds == N_FOLDS) == held_out)
    return float(-np.log(_mixed(evidence, weights)[chosen]).mean())


def _unigram_surprise(evidence: _Evidence) -> float:
    chosen = ~evidence.is_end & (evidence.folds == N_FOLDS)
    return float(-np.log(evidence.unigram[chosen]).mean())


def _count(material: _Material, level: int, codebook_size: int) -> tuple[CountTable, ...]:
    present = slice(None) if level == 0 else ~material.is_end
    lags = tuple(codes[:, present] for codes in material.codes_by_lag)
    base = codebook_size + 1
    tables = []
    for context in contexts(lags[0].shape[0], level):
        keys, rows = np.unique(context_keys(lags, context, base), return_inverse=True)
        pairs, counts = np.unique(rows * base + lags[0][level], return_counts=True)
        tables.append(
            CountTable(
                keys,
                np.searchsorted(pairs, np.arange(keys.size + 1) * base),
                (pairs % base).astype(np.uint16),
                counts.astype(np.uint32),
            )
        )
    return tuple(tables)
