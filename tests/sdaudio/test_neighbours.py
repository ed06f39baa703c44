"""Codes near to a code: which they are, and edits that go there."""

import numpy as np
import pytest

from sdaudio.errors import UsageError
from sdaudio.grid import Grid, Region
from sdaudio.neighbours import nearest, randomise, ranks, step_near

LINE = np.stack([np.arange(8, dtype=np.float32), np.zeros(8, np.float32)], axis=1)
CODEBOOKS = np.stack([LINE, 10 * LINE, LINE[::-1]])
"""Codes on a line, one apart on level 0: the nearest of 0 are 1, 2, 3."""


def _grid() -> Grid:
    return Grid(np.array([[0, 7, 0, 7, 3, 3]] * 3), 8)


def test_the_nearest_codes_come_in_order_with_their_distances():
    codes, distances = nearest(CODEBOOKS[1], 6, 3)
    assert codes.tolist() == [5, 7, 4]
    assert distances.tolist() == [10, 10, 20]


def test_more_neighbours_than_there_are_codes_is_refused():
    with pytest.raises(UsageError, match="a level has 8 codes, so 1 to 7"):
        nearest(LINE, 0, 8)


def test_a_step_goes_to_the_nearest_code_or_the_nth():
    region = Region(0, 1, 1, 3)
    assert step_near(_grid(), region, CODEBOOKS, 1).after.tolist() == [[6, 1, 6]]
    assert step_near(_grid(), region, CODEBOOKS, 3).after.tolist() == [[4, 3, 4]]


def test_random_codes_are_near_ones_and_the_seed_repeats_them():
    region = Region(1, 2, 0, 6)
    first, again, other = (
        randomise(
            _grid(), region, CODEBOOKS, count=2, share=1.0, generator=np.random.default_rng(seed)
        ).after
        for seed in (5, 5, 6)
    )
    assert first.tolist() == again.tolist() != other.tolist()
    assert set(first[:, [0, 2]].ravel()) <= {1, 2}
    assert set(first[:, [1, 3]].ravel()) <= {5, 6}
    assert set(first[:, 4:].ravel()) <= {2, 4}


def test_a_share_of_the_cells_stays():
    grid = Grid(np.zeros((3, 4000), int), 8)
    change = randomise(
        grid, Region(0, 1, 0, 4000), CODEBOOKS, count=7, share=0.25,
        generator=np.random.default_rng(0),
    )  # fmt: skip
    assert 0.22 < (change.after > 0).mean() < 0.28


def test_ranks_count_from_the_lowest():
    assert ranks(np.array([3.0, -1.0, 3.0, 9.0])).tolist() == [1, 0, 2, 3]
