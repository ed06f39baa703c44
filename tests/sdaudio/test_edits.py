"""What every edit makes of known codes, and that any sequence of them can be undone."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdaudio import edits
from sdaudio.edits import Clip, Placed, read_clip
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.grid import Change, Grid, Region
from sdaudio.rests import Rests

K = 64
RESTS = Rests(np.array([60, 61, 62], np.uint16), np.array([50, 51, 52], np.uint16))
HALF = Region(1, 2, 2, 4)
"""Levels 1 and 2, columns 2 to 5."""


def _grid(columns: int = 8) -> Grid:
    """Code 10 * level + column in every cell."""
    return Grid(10 * np.arange(3)[:, None] + np.arange(columns), K)


def _after(change: Change, grid: Grid | None = None) -> list[list[int]]:
    grid = grid or _grid()
    grid.apply(change)
    return grid.codes.tolist()


def _clip(levels: int = 2, columns: int = 3) -> Clip:
    return Clip(
        "bells", "b1", K, 0, 40 + np.arange(levels * columns, dtype=np.uint16).reshape(levels, -1)
    )


def _placed(placed: Placed, grid: Grid) -> tuple[list[list[int]], tuple[int, ...]]:
    for change in placed.changes:
        grid.apply(change)
    facts = placed.levels, placed.columns, placed.levels_left_out, placed.columns_left_out
    return grid.codes.tolist(), facts


def test_clear_leaves_silence_or_lets_the_column_before_go_on():
    whole = Region(0, 3, 2, 2)
    assert [row[2:4] for row in _after(edits.clear(_grid(), whole, RESTS))] == [
        [60, 60], [61, 61], [62, 62],
    ]  # fmt: skip
    assert [row[2:4] for row in _after(edits.clear(_grid(), whole, "hold"))] == [
        [1, 1], [11, 11], [21, 21],
    ]  # fmt: skip


def test_a_gap_below_a_first_level_that_goes_on_adds_nothing():
    codes = _after(edits.clear(_grid(), HALF, RESTS))
    assert codes[0] == list(range(8))
    assert (codes[1][2:6], codes[2][2:6]) == ([51] * 4, [52] * 4)


def test_a_gap_at_the_start_of_the_grid_holds_what_comes_after():
    assert _after(edits.clear(_grid(), Region(0, 1, 0, 3), "hold"))[0] == [3, 3, 3, *range(3, 8)]


@pytest.mark.parametrize(
    ("columns", "room", "expected"),
    [
        (1, "wrap", [15, 12, 13, 14]),
        (-1, "wrap", [13, 14, 15, 12]),
        (5, "wrap", [15, 12, 13, 14]),
        (2, "hold", [11, 11, 12, 13]),
        (-2, "hold", [14, 15, 15, 15]),
        (1, RESTS, [51, 12, 13, 14]),
        (-3, RESTS, [15, 51, 51, 51]),
        (9, RESTS, [51, 51, 51, 51]),
        (-9, "hold", [15, 15, 15, 15]),
        (0, "hold", [12, 13, 14, 15]),
    ],
)
def test_shift_moves_inside_the_region_and_fills_the_room(columns, room, expected):
    codes = _after(edits.shift(_grid(), HALF, columns, room))
    assert codes[1][2:6] == expected
    assert (codes[0], codes[1][:2], codes[1][6:]) == (list(range(8)), [10, 11], [16, 17])


def test_rotate_turns_across_levels_too():
    codes = _after(edits.rotate(_grid(), HALF, 1, levels=1))
    assert (codes[1][2:6], codes[2][2:6]) == ([25, 22, 23, 24], [15, 12, 13, 14])


def test_reverse_turns_the_region_round():
    codes = _after(edits.reverse(_grid(), HALF))
    assert (codes[1][2:6], codes[2][2:6]) == ([15, 14, 13, 12], [25, 24, 23, 22])


def test_shuffle_keeps_pieces_together_and_repeats_with_its_seed():
    grid, whole = _grid(16), Region(0, 3, 0, 16)
    first, again = (
        edits.shuffle(grid, whole, size=4, generator=np.random.default_rng(3)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.after, again.after)
    assert not np.array_equal(first.after, grid.codes)
    pieces = first.after[0].reshape(4, 4)
    assert sorted(pieces[:, 0]) == [0, 4, 8, 12]
    assert (np.diff(pieces) == 1).all()
    np.testing.assert_array_equal(first.after[2], first.after[0] + 20)


@pytest.mark.parametrize(
    ("columns", "room", "expected"),
    [
        (8, "hold", [12, 12, 13, 13]),
        (2, "hold", [13, 15, 15, 15]),
        (2, "wrap", [13, 15, 13, 15]),
        (2, RESTS, [13, 15, 51, 51]),
        (4, "hold", [12, 13, 14, 15]),
        (1, "wrap", [14, 14, 14, 14]),
    ],
)
def test_stretch_takes_the_nearest_columns_and_stays_in_its_width(columns, room, expected):
    codes = _after(edits.stretch(_grid(), HALF, columns, room))
    assert codes[1][2:6] == expected
    assert codes[1][6:] == [16, 17]


def test_resize_moves_what_comes_later():
    assert _after(edits.resize(_grid(), 2, 2, 5))[0] == [0, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7]
    assert _after(edits.resize(_grid(), 2, 4, 2))[0] == [0, 1, 3, 5, 6, 7]


@pytest.mark.parametrize(
    ("column", "content", "expected"),
    [
        (3, RESTS, [0, 1, 2, 60, 60, 3, 4, 5, 6, 7]),
        (3, "before", [0, 1, 2, 2, 2, 3, 4, 5, 6, 7]),
        (3, "after", [0, 1, 2, 3, 3, 3, 4, 5, 6, 7]),
        (0, "before", [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]),
        (8, "after", [0, 1, 2, 3, 4, 5, 6, 7, 7, 7]),
    ],
)
def test_insert_moves_later_columns_on(column, content, expected):
    assert _after(edits.insert(_grid(), column, 2, content=content))[0] == expected


def test_delete_moves_later_columns_up_and_keeps_one():
    assert _after(edits.delete(_grid(), 2, 5))[1] == [10, 11, 17]
    with pytest.raises(UsageError, match="must keep one"):
        edits.delete(_grid(), 0, 8)


@pytest.mark.parametrize(
    ("place", "facts", "row"),
    [
        ({"level": 1, "column": 2}, (2, 3, 0, 0), [10, 11, 40, 41, 42, 15, 16, 17]),
        ({"level": 1, "column": 6}, (2, 2, 0, 1), [10, 11, 12, 13, 14, 15, 40, 41]),
        ({"level": 1, "column": 1, "columns": 7}, (2, 7, 0, 0), [10, *(40, 41, 42) * 2, 40]),
        ({"level": 1, "column": 5, "columns": 7}, (2, 3, 0, 4), [*range(10, 15), 40, 41, 42]),
        ({"level": 1, "column": 0, "columns": 2}, (2, 2, 0, 0), [40, 41, *range(12, 18)]),
    ],
)
def test_paste_repeats_to_a_width_and_tells_what_is_left_out(place, facts, row):
    codes, told = _placed(edits.paste(grid := _grid(), _clip(), **place), grid)
    assert told == facts
    assert codes[1] == row
    assert codes[0] == list(range(8))


def test_levels_that_do_not_fit_are_left_out_too():
    codes, told = _placed(edits.paste(grid := _grid(), _clip(), level=2, column=0), grid)
    assert told == (1, 3, 1, 0)
    assert codes[2][:4] == [40, 41, 42, 23]


def test_a_clip_pasted_between_moves_the_rest_and_holds_levels_that_it_lacks():
    codes, told = _placed(edits.paste_between(grid := _grid(), _clip(), level=1, column=2), grid)
    assert told == (2, 3, 0, 0)
    assert codes[0] == [0, 1, 1, 1, 1, *range(2, 8)]
    assert codes[1] == [10, 11, 40, 41, 42, *range(12, 18)]
    codes, _ = _placed(edits.paste_between(grid := _grid(), _clip(), level=0, column=8), grid)
    assert codes[0][7:] == [7, 40, 41, 42]


def test_codes_of_another_model_or_size_are_refused():
    with pytest.raises(StateError, match=r"'bells' \(64 codes.*belongs to 'kitchen'"):
        _clip().check_model("kitchen", "", _grid())
    with pytest.raises(StateError, match=r"\(128\)"):
        _clip().check_model("bells", "b1", Grid(np.zeros((3, 4), int), 128))


def test_a_model_is_known_by_its_identity_and_without_one_by_its_name():
    _clip().check_model("bells renamed", "b1", _grid())
    _clip().check_model("bells", "", _grid())
    with pytest.raises(StateError):
        _clip().check_model("bells", "trained anew", _grid())


def test_a_clip_is_read_back_from_its_record():
    clip = Clip("küche", "k1", 256, 2, np.array([[255, 256, 7]], np.uint16))
    again = read_clip(clip.record)
    assert (again.model, again.identity, again.codebook_size, again.level) == (
        "küche",
        "k1",
        256,
        2,
    )
    np.testing.assert_array_equal(again.codes, clip.codes)
    with pytest.raises(FileError, match="cannot be read again"):
        read_clip(clip.record[:-9])


@pytest.mark.parametrize(
    ("gap", "left"), [(RESTS, [51, 51]), ("hold", [11, 11]), ("keep", [12, 13])]
)
def test_move_takes_a_region_elsewhere(gap, left):
    region = Region(1, 1, 2, 2)
    moved = edits.move(grid := _grid(), region, level=2, column=5, gap=gap)
    codes, told = _placed(moved, grid)
    assert told == (1, 2, 0, 0)
    assert codes[1] == [10, 11, *left, 14, 15, 16, 17]
    assert codes[2] == [20, 21, 22, 23, 24, 12, 13, 27]


def test_move_over_itself_and_over_the_end_of_the_grid():
    region = Region(0, 3, 2, 4)
    codes, told = _placed(edits.move(g := _grid(), region, level=0, column=3, gap="hold"), g)
    assert (codes[0], told) == ([0, 1, 1, 2, 3, 4, 5, 7], (3, 4, 0, 0))
    codes, told = _placed(edits.move(g := _grid(), region, level=1, column=6, gap="keep"), g)
    assert told == (2, 2, 1, 2)
    assert (codes[1][6:], codes[2][6:]) == ([2, 3], [12, 13])


def test_placing_in_several_columns_lets_later_ones_lie_over_earlier_ones():
    codes = np.array([[40, 41, 42]], np.uint16)
    placed = edits.place(g := _grid(), codes, level=0, columns=[0, 2, 6])
    after, told = _placed(placed, g)
    assert after[0] == [40, 41, 40, 41, 42, 5, 40, 41]
    assert told == (1, 8, 0, 1)


def test_swap_exchanges_and_swapping_again_restores():
    first, second = _grid(), Grid(63 - _grid(20).codes, K)
    before = first.codes.copy(), second.codes.copy()
    for turn in range(2):
        change_a, change_b = edits.swap(first, second, HALF, second_column=10)
        first.apply(change_a)
        second.apply(change_b)
        if turn == 0:
            np.testing.assert_array_equal(first.codes[1:, 2:6], before[1][1:, 10:14])
            np.testing.assert_array_equal(second.codes[1:, 10:14], before[0][1:, 2:6])
            np.testing.assert_array_equal(first.codes[0], before[0][0])
    np.testing.assert_array_equal(first.codes, before[0])
    np.testing.assert_array_equal(second.codes, before[1])


def test_swap_refuses_overlap_and_other_codebooks():
    grid = _grid()
    with pytest.raises(UsageError, match="overlap"):
        edits.swap(grid, grid, Region(0, 1, 0, 4), second_column=3)
    with pytest.raises(UsageError, match="different models"):
        edits.swap(grid, Grid(np.zeros((3, 9), int), 128), Region(0, 1, 0, 4), second_column=0)


OUTSIDE: list[Callable[[Grid, Region], object]] = [
    lambda grid, region: edits.fill(grid, region, 3),
    lambda grid, region: edits.clear(grid, region, RESTS),
    lambda grid, region: edits.copy(grid, region, model="bells", identity=""),
    lambda grid, region: edits.shift(grid, region, 1, "hold"),
    lambda grid, region: edits.rotate(grid, region, 1),
    lambda grid, region: edits.reverse(grid, region),
    lambda grid, region: edits.stretch(grid, region, 9, "wrap"),
    lambda grid, region: edits.resize(grid, region.column, region.columns, 9),
    lambda grid, region: edits.delete(grid, region.column, region.columns),
    lambda grid, region: edits.move(grid, region, level=0, column=0, gap="hold"),
    lambda grid, region: edits.shuffle(grid, region, size=1, generator=np.random.default_rng(0)),
]


@pytest.mark.parametrize("edit", OUTSIDE)
@pytest.mark.parametrize("region", [Region(0, 3, 8, 1), Region(0, 3, 5, 4)])
def test_a_region_outside_the_grid_is_refused_by_every_edit(edit, region):
    grid = _grid()
    with pytest.raises(UsageError, match="allowed are"):
        edit(grid, region)
    np.testing.assert_array_equal(grid.codes, _grid().codes)


def _random_edit(grid: Grid, kind: int, rng: np.random.Generator) -> tuple[Change, ...]:
    level, column = int(rng.integers(3)), int(rng.integers(grid.n_columns))
    rest = grid.n_columns - column
    region = Region(level, int(rng.integers(1, 4 - level)), column, int(rng.integers(1, rest + 1)))
    to = {"level": int(rng.integers(3)), "column": int(rng.integers(grid.n_columns))}
    by, width = int(rng.integers(-9, 9)), int(rng.integers(1, 12))
    room = (RESTS, "hold", "wrap")[rng.integers(3)]
    gap = (RESTS, "hold")[rng.integers(2)]
    other = Region(0, 3, column, region.columns)
    match kind:
        case 0:
            return (edits.fill(grid, region, int(rng.integers(K))),)
        case 1:
            return (edits.clear(grid, region, gap),)
        case 2:
            return (edits.shift(grid, region, by, room),)
        case 3:
            return (edits.rotate(grid, region, by, levels=by),)
        case 4:
            return (edits.reverse(grid, region),)
        case 5:
            return (edits.shuffle(grid, region, size=width, generator=rng),)
        case 6:
            return (edits.stretch(grid, region, width, room),)
        case 7:
            return (edits.resize(grid, column, region.columns, width),)
        case 8:
            return (edits.insert(grid, column, width, content=gap if gap is RESTS else "after"),)
        case 9:
            kept = min(region.columns, grid.n_columns - 1)
            return (edits.delete(grid, column % (grid.n_columns - kept + 1), kept),)
        case 10:
            return edits.move(
                grid, region, gap=("keep", *(RESTS, "hold"))[rng.integers(3)], **to
            ).changes
        case 11:
            clip = edits.copy(grid, region, model="bells", identity="")
            return edits.paste(grid, clip, columns=width, **to).changes
        case 12:
            clip = edits.copy(grid, other, model="bells", identity="")
            return edits.paste_between(grid, clip, columns=width, **to).changes
        case 13:
            columns = sorted(rng.integers(0, grid.n_columns, 5).tolist())
            return edits.place(grid, grid.read(region), level=to["level"], columns=columns).changes
        case _:
            half = grid.n_columns // 2
            whole = Region(level, 1, 0, half)
            return edits.swap(grid, grid, whole, second_column=half)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 2**31)), max_size=25))
def test_random_edits_undo_and_redo_through_the_same_states(kinds: list[tuple[int, int]]):
    grid = Grid(np.random.default_rng(0).integers(0, K, (3, 12)), K)
    steps, states = [], [grid.codes.copy()]
    for kind, seed in kinds:
        if grid.n_columns < 2 or grid.n_columns > 200:
            break
        changes = _random_edit(grid, kind, np.random.default_rng(seed))
        for change in changes:
            grid.apply(change)
        steps.append(changes)
        states.append(grid.codes.copy())
    for changes, state in zip(reversed(steps), reversed(states[:-1]), strict=True):
        for change in reversed(changes):
            grid.apply(change.inverted())
        np.testing.assert_array_equal(grid.codes, state)
    for changes, state in zip(steps, states[1:], strict=True):
        for change in changes:
            grid.apply(change)
        np.testing.assert_array_equal(grid.codes, state)
