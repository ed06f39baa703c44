"""The count prior itself: what followed what, how much each expert is trusted, and its arrays.

Nothing here fits or samples; see `sdaudio.prior.fitting` and `sdaudio.prior.sampling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdaudio.header import CodecConfig, PriorSummary
from sdaudio.prior.contexts import N_BINS, N_CONTEXTS, N_EXPERTS, contexts
from sdaudio.prior.net import Net

# Counts are smoothed towards every code by this many sightings in all.
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class CountTable:
    """What followed each context: sparse counts, rows in the order of their keys.

    Row r holds ``symbols[offsets[r]:offsets[r + 1]]`` and their ``counts``. A symbol is a code,
    or codebook_size for the end of a file (level 0 only).
    """

    keys: NDArray[np.int64]
    offsets: NDArray[np.int64]
    symbols: NDArray[np.uint16]
    counts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class CountPrior:
    """A mixture of counts over several contexts, with a copy expert, for every level.

    ``tables[level][context]`` are the counts and ``weights`` (level, expert, bin) float32 how
    much each expert is trusted, the copy expert last. ``net`` is what a walk mixes in, if there is
    one and it was found to help.
    """

    n_levels: int
    codebook_size: int
    tables: tuple[tuple[CountTable, ...], ...]
    weights: NDArray[np.float32]
    summary: PriorSummary = field(default_factory=PriorSummary)
    net: Net | None = None

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the prior as plain arrays for a model file."""
        flat = [table for tables in self.tables for table in tables]
        return {
            "prior.shape": np.array([self.n_levels, self.codebook_size], np.int64),
            "prior.weights": self.weights,
            "prior.n_rows": np.array([table.keys.size for table in flat], np.int64),
            "prior.keys": np.concatenate([table.keys for table in flat]),
            "prior.row_lengths": np.concatenate(
                [np.diff(table.offsets).astype(np.uint32) for table in flat]
            ),
            "prior.symbols": np.concatenate([table.symbols for table in flat]),
            "prior.counts": np.concatenate([table.counts for table in flat]),
            **(self.net.tensors() if self.net else {}),
        }

    @classmethod
    def from_tensors(
        cls,
        tensors: Mapping[str, NDArray[Any]],
        codec: CodecConfig,
        *,
        summary: PriorSummary | None = None,
    ) -> "CountPrior":
        """Build the prior from the arrays of a model file, checking every one.

        Args:
            tensors: arrays by name; those that do not start with "prior." are left aside.
            codec: the codec whose codes the prior knows.
            summary: the facts about the prior from the file's header.

        Raises:
            ValueError: an array is missing or contradicts the others or the codec.
        """
        n_levels, size = codec.n_levels, codec.codebook_size
        shape = _array(tensors, "shape", "i8", shape=(2,))
        if shape.tolist() != [n_levels, size]:
            raise ValueError(
                f"prior.shape is for {shape[0]} levels of {shape[1]} codes, the codec has "
                f"{n_levels} of {size}"
            )
        weights = _array(tensors, "weights", "f4", shape=(n_levels, N_EXPERTS, N_BINS))
        if not np.isfinite(weights).all() or weights.min() < 0 or weights[:, 0].min() <= 0:
            raise ValueError(
                "prior.weights must be finite, not negative, and positive for no context"
            )
        n_rows = _array(tensors, "n_rows", "i8", shape=(n_levels * N_CONTEXTS,))
        keys = _array(tensors, "keys", "i8")
        lengths = _array(tensors, "row_lengths", "u4", shape=keys.shape).astype(np.int64)
        symbols = _array(tensors, "symbols", "u2")
        counts = _array(tensors, "counts", "u4", shape=symbols.shape)
        if n_rows.min() < 1 or n_rows.max() > keys.size or n_rows.sum() != keys.size:
            raise ValueError(f"prior.n_rows must be positive and sum to the {keys.size} keys")
        if lengths.min() < 1 or lengths.max() > size + 1 or lengths.sum() != symbols.size:
            raise ValueError(f"prior.row_lengths do not fit the {symbols.size} symbols")
        if counts.min() < 1:
            raise ValueError("prior.counts must be positive")
        tables: list[tuple[CountTable, ...]] = []
        row, entry = 0, 0
        for level in range(n_levels):
            of_level: list[CountTable] = []
            for context in contexts(n_levels, level):
                stop = row + int(n_rows[len(tables) * N_CONTEXTS + len(of_level)])
                offsets = np.concatenate([[0], np.cumsum(lengths[row:stop])])
                last = entry + int(offsets[-1])
                table = CountTable(keys[row:stop], offsets, symbols[entry:last], counts[entry:last])
                _check_table(table, (size + 1) ** len(context), size + (level == 0))
                of_level.append(table)
                row, entry = stop, last
            if of_level[0].symbols[0] >= size:
                raise ValueError(f"prior.symbols name no code at all for level {level}")
            tables.append(tuple(of_level))
        net = Net.from_tensors(tensors, codec)
        return cls(n_levels, size, tuple(tables), weights, summary or PriorSummary(), net)


def _array(
    tensors: Mapping[str, NDArray[Any]], name: str, kind: str, *, shape: tuple[int, ...] = ()
) -> NDArray[Any]:
    array = tensors.get(f"prior.{name}")
    if array is None:
        raise ValueError(f"prior.{name} is missing")
    if array.dtype != np.dtype(kind):
        raise ValueError(f"prior.{name} is {array.dtype}, not {np.dtype(kind)}")
    if (shape and array.shape != shape) or array.ndim < 1 or (not shape and array.ndim != 1):
        raise ValueError(f"prior.{name} has shape {array.shape}, not {shape or '(n,)'}")
    return array


def _check_table(table: CountTable, n_keys: int, n_symbols: int) -> None:
    if table.keys[0] < 0 or table.keys[-1] >= n_keys or (np.diff(table.keys) <= 0).any():
        raise ValueError("prior.keys are not ascending or out of range")
    if table.symbols.max() >= n_symbols:
        raise ValueError(
            f"prior.symbols go up to {table.symbols.max()}, allowed is {n_symbols - 1}"
        )
    steps = np.diff(table.symbols.astype(np.int64))
    steps[table.offsets[1:-1] - 1] = 1
    if (steps <= 0).any():
        raise ValueError("prior.symbols are not ascending within a row")
