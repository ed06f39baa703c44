"""Edits of grids over real UDP: what they answer and leave, and that one undo takes each back."""

from pathlib import Path

import numpy as np
import pytest

from sdaudio.audio import read_sound
from sdaudio.errors import SdaudioError, StateError, UsageError
from sdaudio.resources import starter_model
from sdaudio.rests import read_rests
from sdaudio_server.client import Client

SILENT = read_rests(starter_model()).silent.tolist()


def _codes(client: Client, grid: str) -> np.ndarray:
    levels, columns = client.call("/sda/grid/info", grid)[2:4]
    rows = [
        [code for start in range(0, columns, 256) for code in _row(client, grid, level, start)]
        for level in range(levels)
    ]
    return np.array(rows)


def _row(client: Client, grid: str, level: int, start: int) -> tuple:
    return client.call("/sda/grid/get", grid, level, start)[3:]


def test_copy_and_paste_tell_what_fitted(client: Client, grid: str):
    before = _codes(client, grid)
    assert client.call("/sda/grid/copy", grid, 0, 3, 2, 6) == (3, 6)
    assert client.call("/sda/grid/paste", grid, 1, 44) == (1, 2, 3, 1, 3)
    assert _codes(client, grid)[1:, 44:].tolist() == before[:2, 2:5].tolist()
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()


def test_what_was_copied_goes_into_another_grid_another_level_and_is_repeated(client: Client, grid):
    client.call("/sda/grid/new", "pasted", "starter", 10)
    before = _codes(client, grid)
    client.call("/sda/grid/copy", grid, 0, 1, 2, 3)
    assert client.call("/sda/grid/paste", "pasted", 2, 1, "columns", 8)[1:] == (1, 8, 0, 0)
    assert _codes(client, "pasted")[2, 1:9].tolist() == np.resize(before[0, 2:5], 8).tolist()
    assert client.call("/sda/grid/paste", "pasted", 0, 10, "mode", "insert")[1:] == (1, 3, 0, 0)
    assert _codes(client, "pasted")[0, 10:].tolist() == before[0, 2:5].tolist()
    client.call("/sda/grid/close", "pasted")


def test_cut_leaves_a_gap_or_closes_it_and_can_be_pasted(client: Client, grid: str):
    before = _codes(client, grid)
    assert client.call("/sda/grid/cut", grid, 0, 3, 10, 4)[1:] == (3, 4)
    assert _codes(client, grid)[:, 10:14].T.tolist() == [SILENT] * 4
    client.call("/sda/grid/undo", grid)
    client.call("/sda/grid/cut", grid, 0, 3, 10, 4, "leave", "close")
    assert _codes(client, grid).tolist() == np.delete(before, slice(10, 14), axis=1).tolist()
    client.call("/sda/grid/paste", grid, 0, 10, "mode", "insert")
    assert _codes(client, grid).tolist() == before.tolist()
    client.call("/sda/grid/undo", grid, 2)
    with pytest.raises(UsageError, match=r"whole columns.*level 0 and levels 3"):
        client.call("/sda/grid/cut", grid, 1, 1, 10, 4, "leave", "close")
    assert _codes(client, grid).tolist() == before.tolist()


def test_move_and_clear_leave_what_is_asked_for(client: Client, grid: str):
    before = _codes(client, grid)
    moved = client.call("/sda/grid/move", grid, 0, 3, 2, 4, 0, 45)
    assert moved[1:] == (3, 2, 0, 2)
    after = _codes(client, grid)
    assert after[:, 45:].tolist() == before[:, 2:4].tolist()
    assert after[:, 2:6].T.tolist() == [SILENT] * 4
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()
    client.call("/sda/grid/clear", grid, 0, 2, 20, 3, "hold")
    assert _codes(client, grid)[:2, 20:23].tolist() == np.repeat(before[:2, 19:20], 3, 1).tolist()
    client.call("/sda/grid/undo", grid)


def test_a_new_grid_is_silent_or_holds_one_code(client: Client):
    client.call("/sda/grid/new", "silent", "starter", 6)
    assert _codes(client, "silent").T.tolist() == [SILENT] * 6
    path = client.job("/sda/grid/render", "silent")[0]
    assert np.abs(read_sound(Path(path), 48_000)).max() < 1e-4
    client.call("/sda/grid/close", "silent")
    client.call("/sda/grid/new", "even", "starter", 6, "code", 9)
    assert set(_codes(client, "even").ravel()) == {9}
    client.call("/sda/grid/close", "even")
    with pytest.raises(UsageError, match="code is 128; allowed are 0 to 127"):
        client.call("/sda/grid/new", "odd", "starter", 6, "code", 128)


def test_insert_is_silent_unless_it_is_to_copy_a_neighbour(client: Client, grid: str):
    before = _codes(client, grid)
    client.call("/sda/grid/insert", grid, 5, 2)
    assert _codes(client, grid)[:, 5:7].T.tolist() == [SILENT] * 2
    client.call("/sda/grid/insert", grid, 5, 2, "of", "before")
    assert _codes(client, grid)[:, 5:7].tolist() == np.repeat(before[:, 4:5], 2, 1).tolist()
    client.call("/sda/grid/undo", grid, 2)
    assert _codes(client, grid).tolist() == before.tolist()


def test_stretch_stays_in_its_width_or_resizes_the_grid(client: Client, grid: str):
    before = _codes(client, grid)
    assert client.call("/sda/grid/stretch", grid, 0, 2, 4, 8, 4, "leave", "wrap")[1:] == (4,)
    halved = before[:2, [5, 7, 9, 11]]
    assert _codes(client, grid)[:2, 4:12].tolist() == np.tile(halved, 2).tolist()
    client.call("/sda/grid/undo", grid)
    assert client.call("/sda/grid/stretch", grid, 0, 3, 4, 8, 16, "resize", 1)[1:] == (16,)
    after = _codes(client, grid)
    assert after[:, 4:20].tolist() == np.repeat(before[:, 4:12], 2, 1).tolist()
    assert after[:, 20:].tolist() == before[:, 12:].tolist()
    client.call("/sda/grid/undo", grid)


def test_shuffle_answers_its_seed_and_repeats_with_it(client: Client, grid: str):
    before = _codes(client, grid)
    _, seed = client.call("/sda/grid/shuffle", grid, 0, 3, 0, 40, "size", 8)
    shuffled = _codes(client, grid)
    assert sorted(shuffled[0].tolist()) == sorted(before[0].tolist())
    client.call("/sda/grid/undo", grid)
    assert client.call("/sda/grid/shuffle", grid, 0, 3, 0, 40, "size", 8, "seed", seed)[1] == seed
    assert _codes(client, grid).tolist() == shuffled.tolist()
    client.call("/sda/grid/undo", grid)


REGION = (0, 3, 4, 12)
EDITS = [
    ("/sda/grid/set", 0, 3, 1.0, 2, 3),
    ("/sda/grid/fill", 0, 2, 0, 5, 3),
    ("/sda/grid/clear", 0, 3, 0, 4),
    ("/sda/grid/cut", *REGION, "leave", "close"),
    ("/sda/grid/paste", 1, 8, "mode", "insert", "columns", 30),
    ("/sda/grid/paste", 0, 7),
    ("/sda/grid/shift", *REGION, 3),
    ("/sda/grid/shift", *REGION, -3, "silence"),
    ("/sda/grid/rotate", *REGION, 2, 1),
    ("/sda/grid/reverse", *REGION),
    ("/sda/grid/shuffle", *REGION, "seed", 3),
    ("/sda/grid/stretch", *REGION, 5),
    ("/sda/grid/stretch", *REGION, 5, "resize", 1),
    ("/sda/grid/insert", 5, 4, "after"),
    ("/sda/grid/move", *REGION, 1, 20, "leave", "hold"),
    ("/sda/grid/delete", 0, 20),
]


def test_every_edit_changes_the_grid_and_is_one_step_to_undo_and_to_redo(client: Client, grid: str):
    client.call("/sda/grid/copy", "starter", 0, 3, 0, 4)
    for level in range(3):
        client.call("/sda/grid/set", grid, level, 0, *((7 * c + level) % 128 for c in range(47)))
    states = [_codes(client, grid)]
    for address, *arguments in EDITS:
        revision = client.call(address, grid, *arguments)[0]
        assert revision == client.call("/sda/grid/info", grid)[5]
        states.append(_codes(client, grid))
        assert not np.array_equal(states[-1], states[-2]), address
    for state in reversed(states[:-1]):
        client.call("/sda/grid/undo", grid)
        assert _codes(client, grid).tolist() == state.tolist()
    for state in states[1:]:
        client.call("/sda/grid/redo", grid)
        assert _codes(client, grid).tolist() == state.tolist()


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/sda/grid/cut", (0, 3, 0, 4, "leave", "clse"), "leave is 'clse'; allowed are silence, "),
        ("/sda/grid/shift", (0, 3, 0, 4, 1, "leave", "hodl"), "Did you mean 'hold'"),
        ("/sda/grid/move", (0, 3, 0, 4, 0, 47), "column is 47; allowed are 0 to 46"),
        ("/sda/grid/insert", (48, 1), "column is 48; allowed are 0 to 47, which adds at the end"),
        ("/sda/grid/insert", (0, 1_000_000), "more than a grid may hold"),
        ("/sda/grid/stretch", (0, 3, 0, 4, 1_000_000, "resize", 1), "more than a grid may hold"),
        ("/sda/grid/stretch", (0, 1, 0, 4, 9, "resize", 1), "'resize 1' moves whole columns"),
        ("/sda/grid/delete", (0, 47), "must keep one"),
        ("/sda/grid/paste", (0, 0, "mode", "over"), "allowed are replace, insert"),
        ("/sda/grid/paste", (0, 47), "column is 47"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    client: Client, grid: str, address, arguments, words
):
    client.call("/sda/grid/copy", grid, 0, 3, 2, 6)
    before, revision = _codes(client, grid), client.call("/sda/grid/info", grid)[5]
    with pytest.raises(SdaudioError, match=words):
        client.call(address, grid, *arguments)
    assert client.call("/sda/grid/info", grid)[5] == revision
    assert _codes(client, grid).tolist() == before.tolist()


def test_what_was_copied_from_another_model_is_refused(new_daemon, foreign_model):
    with new_daemon().client() as client:
        with pytest.raises(StateError, match="Nothing was copied yet"):
            client.call("/sda/grid/paste", "starter", 0, 0)
        client.call("/sda/grid/new", "foreign", foreign_model, 10)
        client.call("/sda/grid/copy", "foreign", 0, 1, 0, 4)
        with pytest.raises(StateError, match=r"come from model 'other'.*belongs to 'starter'"):
            client.call("/sda/grid/paste", "starter", 0, 0)
