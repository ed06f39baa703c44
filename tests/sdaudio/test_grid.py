import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdaudio.codebooks import embed, quantise
from sdaudio.errors import StateError, UsageError
from sdaudio.grid import (
    Change,
    Grid,
    History,
    Region,
    blend,
    changed_columns,
    changed_runs,
    fill,
    reverse,
    rotate,
    swap,
)

K = 64


def _grid(columns: int = 12, seed: int = 0) -> Grid:
    return Grid(np.random.default_rng(seed).integers(0, K, (3, columns)), K)


def _codebooks(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scale = np.array([4.0, 2.0, 1.0])[:, None, None]
    return (rng.standard_normal((3, K, 8)) * scale).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**31)), max_size=30))
def test_random_edits_are_undone_to_the_first_state(edits: list[tuple[int, int]]):
    grid = _grid()
    first = grid.codes.copy()
    history = History(1000)
    for kind, seed in edits:
        rng = np.random.default_rng(seed)
        level, column = int(rng.integers(3)), int(rng.integers(grid.n_columns))
        region = Region(
            level,
            int(rng.integers(1, 4 - level)),
            column,
            int(rng.integers(1, grid.n_columns - column + 1)),
        )
        if kind == 0:
            change = grid.change_to(level, column, np.array([[int(rng.integers(K))]]))
        elif kind == 1:
            change = fill(grid, region, int(rng.integers(K)))
        elif kind == 2:
            change = rotate(grid, region, int(rng.integers(-9, 9)))
        elif kind == 3:
            change = reverse(grid, region)
        elif kind == 4:
            change = grid.replacement(column, 0, rng.integers(0, K, (3, 4)))
        else:
            keep = min(region.columns, grid.n_columns - 1)
            change = grid.replacement(column, keep, np.zeros((3, 0), int))
            if grid.n_columns <= 1:
                continue
        grid.apply(change)
        history.add(change)
    last = grid.codes.copy()
    while history.n_undo:
        grid.apply(history.undo().inverted())
    np.testing.assert_array_equal(grid.codes, first)
    while history.n_redo:
        grid.apply(history.redo())
    np.testing.assert_array_equal(grid.codes, last)


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


def test_swap_exchanges_and_swapping_again_restores():
    first, second = _grid(seed=1), _grid(20, seed=2)
    before = first.codes.copy(), second.codes.copy()
    region = Region(1, 2, 3, 4)
    for _ in range(2):
        change_a, change_b = swap(first, second, region, second_column=10)
        first.apply(change_a)
        second.apply(change_b)
        if _ == 0:
            np.testing.assert_array_equal(first.codes[1:, 3:7], before[1][1:, 10:14])
            np.testing.assert_array_equal(second.codes[1:, 10:14], before[0][1:, 3:7])
            np.testing.assert_array_equal(first.codes[0], before[0][0])
    np.testing.assert_array_equal(first.codes, before[0])
    np.testing.assert_array_equal(second.codes, before[1])


def test_swap_refuses_overlap_and_other_codebooks():
    grid = _grid()
    with pytest.raises(UsageError, match="overlap"):
        swap(grid, grid, Region(0, 1, 0, 4), second_column=3)
    with pytest.raises(UsageError, match="different models"):
        swap(grid, Grid(np.zeros((3, 9), int), 128), Region(0, 1, 0, 4), second_column=0)


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


def test_history_forgets_the_oldest_and_redo_after_an_edit_is_gone():
    history = History(2)
    for step in "abc":
        history.add(step)
    assert history.n_undo == 2
    assert history.undo() == "c"
    history.add("d")
    assert history.n_redo == 0
    assert [history.undo(), history.undo()] == ["d", "b"]
    with pytest.raises(StateError, match="nothing to undo"):
        history.undo()


def test_an_inverted_change_of_width_has_its_widths_exchanged():
    change = Change(0, 2, np.zeros((3, 1), np.uint16), np.zeros((3, 4), np.uint16))
    assert change.resizes
    assert change.inverted().before.shape == (3, 4)
