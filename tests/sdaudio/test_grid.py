import numpy as np
import pytest

from sdaudio.codebooks import embed, quantise
from sdaudio.errors import UsageError
from sdaudio.grid import (
    MAX_PLACES,
    Change,
    Grid,
    Region,
    blend,
    changed_columns,
    changed_runs,
    differences,
)

K = 64


def _grid(columns: int = 12, seed: int = 0) -> Grid:
    return Grid(np.random.default_rng(seed).integers(0, K, (3, columns)), K)


def _codebooks(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scale = np.array([4.0, 2.0, 1.0])[:, None, None]
    return (rng.standard_normal((3, K, 8)) * scale).astype(np.float32)


def test_every_change_counts_the_revision_up():
    grid = _grid()
    grid.apply(grid.change_to(0, 0, np.array([[1, 2]])))
    grid.apply(grid.replacement(2, 1, np.zeros((3, 0), int)))
    assert grid.revision == 2


def test_codes_that_are_handed_out_cannot_be_written():
    with pytest.raises(ValueError):
        _grid().codes[0, 0] = 1


@pytest.mark.parametrize(
    ("level", "column", "codes", "words"),
    [
        (3, 0, [[1]], "level is 3; allowed are 0 to 2"),
        (0, 12, [[1]], "column is 12; allowed are 0 to 11"),
        (0, -1, [[1]], "column is -1"),
        (0, 10, [[1, 2, 3]], "columns is 3 from column 10; allowed are 1 to 2"),
        (0, 0, [[64]], "code is 64; allowed are 0 to 63"),
        (0, 0, [[-1]], "code is -1"),
    ],
)
def test_an_edit_outside_the_grid_says_what_is_allowed(level, column, codes, words):
    with pytest.raises(UsageError) as raised:
        _grid().change_to(level, column, np.array(codes))
    assert words in str(raised.value)


def test_blend_ends_are_the_two_sounds_and_the_middle_lies_between():
    codebooks = _codebooks()
    target, other = _grid(seed=3), _grid(seed=4)
    base, goal = target.codes.copy(), other.codes.copy()
    whole = Region(0, 3, 0, 12)
    start, end = (
        blend(target, base, goal, whole, 0.0, codebooks),
        blend(target, base, goal, whole, 1.0, codebooks),
    )
    np.testing.assert_array_equal(start[0].after, base)
    np.testing.assert_array_equal(end[0].after, goal)
    change, distance = blend(target, base, goal, whole, 0.5, codebooks)
    middle = 0.5 * (embed(base, codebooks) + embed(goal, codebooks))
    expected, left = quantise(middle, codebooks)
    np.testing.assert_array_equal(change.after, expected)
    span = np.linalg.norm(embed(goal, codebooks) - embed(base, codebooks), axis=1)
    np.testing.assert_allclose(distance, left / span, rtol=1e-5)


def test_blend_of_some_levels_leaves_the_others():
    target, other = _grid(seed=3), _grid(seed=4)
    change, _ = blend(
        target, target.codes.copy(), other.codes.copy(), Region(1, 1, 0, 12), 1.0, _codebooks()
    )
    assert (change.level, change.after.shape) == (1, (1, 12))
    np.testing.assert_array_equal(change.after[0], other.codes[1])


@pytest.mark.parametrize(("level", "levels"), [(0, 3), (0, 1), (1, 2)])
def test_blend_of_factors_chooses_structure_as_encoding_does(level, levels):
    codebooks, target, other = _codebooks(), _grid(seed=3), _grid(seed=4)
    base, goal = target.codes.copy(), other.codes.copy()

    change, _ = blend(
        target, base, goal, Region(level, levels, 0, 12), 0.5, codebooks, structure_dims=3
    )

    inside = tuple(range(level, level + levels))
    start, end = (embed(codes, codebooks, active=inside) for codes in (base, goal))
    middle = start + np.float32(0.5) * (end - start)
    dims = 3 if level == 0 else 0
    expected, _ = quantise(middle, codebooks[level : level + levels], structure_dims=dims)
    np.testing.assert_array_equal(change.after, expected)


def test_quantise_finds_codes_again_and_absent_levels_add_nothing():
    codebooks = _codebooks()
    codes = np.array([[5, 9], [0, 63], [7, 7]])
    only = embed(codes, codebooks, active=(1,))
    np.testing.assert_allclose(only, codebooks[1, codes[1]])
    found, distance = quantise(codebooks[0, [5, 9]], codebooks[:1])
    np.testing.assert_array_equal(found[0], [5, 9])
    np.testing.assert_allclose(distance, 0, atol=1e-5)


def test_changed_runs_cover_exactly_what_differs():
    grid = _grid()
    after = grid.codes.copy()
    after[1, 4] = (after[1, 4] + 1) % K
    after[1, 6] = (after[1, 6] + 1) % K
    change = grid.change_to(0, 0, after)
    [(level, column, codes)] = changed_runs(change)
    assert (level, column, len(codes)) == (1, 4, 3)
    assert changed_columns([change]) == (4, 7)
    assert changed_columns([grid.change_to(0, 0, grid.codes)]) is None


def test_differences_are_the_places_that_differ_and_lead_to_the_other_codes():
    grid = _grid(100)
    after = grid.codes.copy()
    for level, column in ((1, 4), (2, 6), (0, 60)):
        after[level, column] = (after[level, column] + 1) % K
    changes = differences(grid, after)
    places = [(c.level, c.column, c.after.shape) for c in changes]
    assert places == [(1, 4, (2, 3)), (0, 60, (1, 1))]
    for change in changes:
        grid.apply(change)
    np.testing.assert_array_equal(grid.codes, after)


def test_differences_in_very_many_places_are_one_change_and_none_is_one_too():
    grid = _grid(20 * MAX_PLACES + 20)
    after = grid.codes.copy()
    after[0, ::20] = (after[0, ::20] + 1) % K
    [change] = differences(grid, after)
    assert (change.column, change.after.shape) == (0, (1, 20 * MAX_PLACES + 1))
    [nothing] = differences(grid, grid.codes)
    np.testing.assert_array_equal(nothing.before, nothing.after)


def test_an_inverted_change_of_width_has_its_widths_exchanged():
    change = Change(0, 2, np.zeros((3, 1), np.uint16), np.zeros((3, 4), np.uint16))
    assert change.resizes
    assert change.inverted().before.shape == (3, 4)
