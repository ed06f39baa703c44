"""Which part of the training sounds a prior is tested on, and so never learns from while tested."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# With fewer files, files that are left out say more about chance than about the prior.
MIN_FILES_TO_HOLD_OUT = 8
HELD_OUT_SHARE = 0.15
# With fewer columns in all, nothing can be told.
MIN_COLUMNS_TO_HOLD_OUT = 100
# More than this (85 s) is not tested on; it takes longer and says hardly more.
MAX_TESTED_COLUMNS = 4000

Codes = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Codes (level, column) of one sound, of which only those from column ``start`` on count."""

    codes: Codes
    start: int = 0

    @property
    def n_columns(self) -> int:
        """How many columns count."""
        return int(self.codes.shape[1]) - self.start


@dataclass(frozen=True, slots=True)
class Parts:
    """What is learned from and what is tested on; ``held_out`` is empty where by is none."""

    learned: tuple[Codes, ...]
    held_out: tuple[Excerpt, ...]
    by: Literal["file", "time", "none"]


def held_out_files(n_files: int) -> NDArray[np.intp]:
    """Return the numbers of the files that are held out, always the same of so many."""
    order = np.random.default_rng(0).permutation(n_files)
    return order[: max(1, round(HELD_OUT_SHARE * n_files))]


def hold_out(
    codes_by_file: Sequence[Codes], *, by: Literal["file", "time", "best"] = "best"
) -> Parts:
    """Part the codes of a training set.

    Args:
        codes_by_file: (level, column) of each file; empty ones are left aside.
        by: whole files, or the last part of each; best takes files where there are at least 8.
    """
    files = [codes for codes in codes_by_file if codes.size]
    if by == "file" or (by == "best" and len(files) >= MIN_FILES_TO_HOLD_OUT):
        chosen = set(held_out_files(len(files)).tolist())
        return Parts(
            tuple(codes for n, codes in enumerate(files) if n not in chosen),
            tuple(Excerpt(codes) for n, codes in enumerate(files) if n in chosen),
            "file",
        )
    if sum(codes.shape[1] for codes in files) < MIN_COLUMNS_TO_HOLD_OUT:
        return Parts(tuple(files), (), "none")
    stops = [max(1, int(codes.shape[1] * (1 - HELD_OUT_SHARE))) for codes in files]
    return Parts(
        tuple(codes[:, :stop] for codes, stop in zip(files, stops, strict=True)),
        tuple(
            Excerpt(codes, stop)
            for codes, stop in zip(files, stops, strict=True)
            if stop < codes.shape[1]
        ),
        "time",
    )


def shortened(excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """Return as many excerpts as are tested on, the last one cut where that is enough."""
    left, chosen = MAX_TESTED_COLUMNS, []
    for excerpt in excerpts:
        if left <= 0:
            break
        chosen.append(Excerpt(excerpt.codes[:, : excerpt.start + left], excerpt.start))
        left -= chosen[-1].n_columns
    return chosen
