import numpy as np
import pytest

from sdaudio.edits import Clip
from sdaudio.errors import FileError, UsageError
from sdaudio.grid import Grid
from sdaudio.templates import Template, euclidean, every_nth, read_template, stamp

HIT = Template("hit", Clip("bells", "", 64, 0, np.array([[40, 41], [50, 51]], np.uint16)))


def _stamped(columns: list[int] | range, *, level: int = 0, n_columns: int = 12):
    grid = Grid(np.zeros((3, n_columns), int), 64)
    stamped = stamp(grid, HIT, level=level, columns=columns)
    for change in stamped.placed.changes:
        grid.apply(change)
    return grid.codes.tolist(), stamped


def test_a_template_is_written_at_each_column():
    codes, stamped = _stamped([1, 6])
    assert codes[0] == [0, 40, 41, 0, 0, 0, 40, 41, 0, 0, 0, 0]
    assert codes[1] == [0, 50, 51, 0, 0, 0, 50, 51, 0, 0, 0, 0]
    assert codes[2] == [0] * 12
    assert (stamped.stamps, stamped.stamps_left_out) == (2, 0)


def test_what_is_behind_the_grid_or_below_its_levels_is_told():
    codes, stamped = _stamped([4, 11, 14, 20], level=2)
    assert codes[2] == [0, 0, 0, 0, 40, 41, 0, 0, 0, 0, 0, 40]
    assert (stamped.stamps, stamped.stamps_left_out) == (2, 2)
    assert (stamped.placed.levels_left_out, stamped.placed.columns_left_out) == (1, 1)
    with pytest.raises(UsageError, match="column is 12; the grid has 12, so 0 to 11"):
        _stamped([12, 20])
    with pytest.raises(UsageError, match="level is 3"):
        _stamped([0], level=3)


def test_a_template_is_read_back_from_its_record():
    again = read_template(HIT.record)
    assert (again.name, again.clip.codes.tolist()) == ("hit", HIT.clip.codes.tolist())
    with pytest.raises(FileError, match="cannot be read again"):
        read_template("{}")


def test_every_nth_column_ends_before_until():
    assert list(every_nth(2, 14, 4)) == [2, 6, 10]
    with pytest.raises(UsageError, match="until is 2; it must be more than column, which is 2"):
        every_nth(2, 2, 4)


def test_a_euclidean_rhythm_falls_on_its_hits_bar_after_bar():
    columns = euclidean(10, hits=3, steps=8, width=4, rotation=0, repeats=2)
    assert columns == [10, 22, 34, 42, 54, 66]
    columns = euclidean(0, hits=3, steps=8, width=1, rotation=1, repeats=1)
    assert columns == [2, 5, 7]
    with pytest.raises(UsageError, match="hits is 9; allowed are 1 to 8"):
        euclidean(0, hits=9, steps=8, width=1, rotation=0, repeats=1)
