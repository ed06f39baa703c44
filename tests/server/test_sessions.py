from pathlib import Path

import numpy as np
import pytest

from sdaudio.errors import StateError, UsageError
from sdaudio.grid import Region, swap
from sdaudio.header import LEVEL_NAMES, CodecConfig, ModelHeader
from sdaudio.settings import GridSettings
from sdaudio_server.library import LoadedModel
from sdaudio_server.sessions import Sessions, render_span

K = 64


def _model(name: str = "bells") -> LoadedModel:
    config = CodecConfig(codebook_size=K)
    codebooks = np.random.default_rng(0).standard_normal((3, K, 32)).astype(np.float32)
    header = ModelHeader(name, config, LEVEL_NAMES[3])
    return LoadedModel(name, Path(f"{name}.sda"), header, codebooks)


MODEL = _model()


class Announcements(list):
    """What subscribers are told."""

    def announce(self, address, *arguments):
        self.append((address, *arguments))

    def mirror(self, grid: str) -> np.ndarray:
        """The codes a client has that only follows the announcements."""
        codes = np.zeros((3, 0), int)
        for address, name, *rest in self:
            if name != grid:
                continue
            if address == "/sda/grid/state":
                n_columns = rest[2]
                kept = codes[:, :n_columns]
                codes = np.pad(kept, ((0, 0), (0, n_columns - kept.shape[1])))
            elif address == "/sda/grid/codes":
                _, level, start, *values = rest
                codes[level, start : start + len(values)] = values
        return codes


@pytest.fixture
def told() -> Announcements:
    return Announcements()


@pytest.fixture
def sessions(told: Announcements) -> Sessions:
    return Sessions(GridSettings(max_columns=600, max_grids=4), told)


def _codes(columns: int = 10, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, K, (3, columns))


def test_a_follower_of_the_announcements_has_the_same_codes(sessions, told):
    session = sessions.open("a", MODEL, _codes(300))
    sessions.edit((session, session.grid.change_to(1, 5, np.array([[1, 2, 3]]))))
    sessions.set_blend(session, _codes(4, seed=9).astype(np.uint16), Region(0, 3, 2, 4), 0.7)
    sessions.commit_blend(session)
    sessions.undo(session)
    np.testing.assert_array_equal(told.mirror("a"), session.grid.codes)
    revisions = [rest[0] for address, _, *rest in told if address == "/sda/grid/codes"]
    assert revisions == sorted(revisions)


def test_no_message_carries_more_than_256_codes(sessions, told):
    sessions.open("a", MODEL, _codes(600))
    assert max(len(message) for message in told) <= 256 + 5


def test_a_very_large_change_is_told_by_the_state_alone(told):
    sessions = Sessions(GridSettings(), told)
    session = sessions.open("a", MODEL, _codes(5000))
    assert [message[0] for message in told] == ["/sda/grid/state"]
    sessions.edit((session, session.grid.change_to(0, 0, _codes(5000, seed=1))))
    assert [message[0] for message in told] == ["/sda/grid/state"] * 2
    assert told[-1][6] == session.grid.revision == 1


def test_a_swap_is_one_step_in_both_grids(sessions):
    first, second = sessions.open("a", MODEL, _codes(seed=1)), sessions.open("b", MODEL, _codes())
    before = first.grid.codes.copy(), second.grid.codes.copy()
    changes = swap(first.grid, second.grid, Region(0, 3, 1, 4), second_column=5)
    sessions.edit((first, changes[0]), (second, changes[1]))
    sessions.undo(second)
    np.testing.assert_array_equal(first.grid.codes, before[0])
    np.testing.assert_array_equal(second.grid.codes, before[1])
    sessions.redo(first)
    np.testing.assert_array_equal(second.grid.codes[:, 5:9], before[0][:, 1:5])


def test_a_shared_step_waits_for_later_edits_of_the_other_grid(sessions):
    first, second = sessions.open("a", MODEL, _codes(seed=1)), sessions.open("b", MODEL, _codes())
    changes = swap(first.grid, second.grid, Region(0, 1, 0, 2), second_column=0)
    sessions.edit((first, changes[0]), (second, changes[1]))
    later = second.grid.change_to(0, 9, np.array([[3]]))
    sessions.edit((second, later))
    held = first.grid.codes.copy(), second.grid.codes.copy()
    with pytest.raises(StateError, match="grid 'b'"):
        sessions.undo(first)
    np.testing.assert_array_equal(first.grid.codes, held[0])
    np.testing.assert_array_equal(second.grid.codes, held[1])
    sessions.undo(second)
    sessions.undo(first)


def test_closing_a_grid_frees_the_other_of_the_shared_step(sessions):
    first, second = sessions.open("a", MODEL, _codes(seed=1)), sessions.open("b", MODEL, _codes())
    changes = swap(first.grid, second.grid, Region(0, 1, 0, 2), second_column=0)
    sessions.edit((first, changes[0]), (second, changes[1]))
    sessions.close("b")
    with pytest.raises(StateError, match="nothing to undo"):
        sessions.undo(first)


def test_everything_in_a_batch_is_one_step(sessions):
    session = sessions.open("a", MODEL, _codes())
    before = session.grid.codes.copy()
    with sessions.batch():
        for column in range(5):
            change = session.grid.change_to(0, column, np.array([[7]]))
            sessions.edit((session, change))
    assert session.history.n_undo == 1
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_an_undo_inside_a_batch_takes_back_what_the_batch_did_so_far(sessions):
    session = sessions.open("a", MODEL, _codes())
    sessions.edit((session, session.grid.change_to(0, 0, np.array([[5]]))))
    before = session.grid.codes.copy()
    with sessions.batch():
        sessions.edit((session, session.grid.change_to(0, 0, np.array([[6, 7]]))))
        sessions.undo(session)
        np.testing.assert_array_equal(session.grid.codes, before)
        sessions.edit((session, session.grid.change_to(1, 0, np.array([[8]]))))
    assert session.history.n_undo == 2
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_a_blend_follows_live_and_is_one_step_when_committed(sessions):
    session = sessions.open("a", MODEL, _codes(seed=1))
    base, goal = session.grid.codes.copy(), _codes(4, seed=2).astype(np.uint16)
    region = Region(0, 3, 3, 4)
    for amount in (0.2, 0.6, 1.0):
        distance = sessions.set_blend(session, goal, region, amount)
        assert distance.shape == (4,)
    np.testing.assert_array_equal(session.grid.codes[:, 3:7], goal)
    assert session.history.n_undo == 0
    sessions.set_blend(session, goal, region, 0.0)
    np.testing.assert_array_equal(session.grid.codes, base)
    sessions.set_blend(session, goal, region, 1.0)
    sessions.commit_blend(session)
    assert session.history.n_undo == 1
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_a_cancelled_blend_leaves_no_trace(sessions):
    session = sessions.open("a", MODEL, _codes(seed=1))
    base = session.grid.codes.copy()
    sessions.set_blend(session, _codes(4).astype(np.uint16), Region(1, 2, 0, 4), 0.8)
    sessions.cancel_blend(session)
    np.testing.assert_array_equal(session.grid.codes, base)
    assert session.history.n_undo == 0
    with pytest.raises(StateError, match="Nothing is being blended"):
        sessions.cancel_blend(session)


def test_an_edit_commits_the_blend_before_it(sessions):
    session = sessions.open("a", MODEL, _codes(seed=1))
    base = session.grid.codes.copy()
    sessions.set_blend(session, _codes(4, seed=2).astype(np.uint16), Region(0, 3, 0, 4), 1.0)
    sessions.edit((session, session.grid.change_to(0, 9, np.array([[1]]))))
    assert session.history.n_undo == 2
    sessions.undo(session)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_opening_an_open_grid_replaces_it_and_can_be_undone(sessions):
    session = sessions.open("a", MODEL, _codes(5, seed=1))
    before = session.grid.codes.copy()
    assert sessions.open("a", MODEL, _codes(9)) is session
    assert session.grid.n_columns == 9
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_growing_a_grid_is_one_step_and_nobody_edits_meanwhile(sessions, told):
    session = sessions.open("a", MODEL, _codes(5, seed=1))
    before = session.grid.codes.copy()
    parts = [_codes(3, seed=s).astype(np.uint16) for s in (5, 6)]
    assert sessions.begin_growth("a", MODEL, parts[0]) is session
    with pytest.raises(StateError, match="A job is writing"):
        sessions.edit((session, session.grid.change_to(0, 0, np.array([[1]]))))
    with pytest.raises(StateError, match="A job is writing"):
        sessions.undo(session)
    sessions.grow(session, parts[1])
    sessions.end_growth(session)
    np.testing.assert_array_equal(session.grid.codes, np.hstack(parts))
    np.testing.assert_array_equal(told.mirror("a"), session.grid.codes)
    assert session.history.n_undo == 1
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_limits_and_names_are_checked(sessions):
    with pytest.raises(UsageError, match="601 columns are more"):
        sessions.open("a", MODEL, _codes(601))
    for name in ("", " a", "a/b", "../a", "a*", "x" * 65):
        with pytest.raises(UsageError, match="cannot name a grid"):
            sessions.open(name, MODEL, _codes())
    for name in "abcd":
        sessions.open(name, MODEL, _codes())
    with pytest.raises(StateError, match="grids are open"):
        sessions.open("e", MODEL, _codes())
    with pytest.raises(UsageError, match="Open grids: a, b, c, d"):
        sessions["f"]
    with pytest.raises(StateError, match="belongs to model 'bells'"):
        sessions.open("a", _model("drums"), _codes())


def test_muted_and_soloed_levels_decide_what_is_heard(sessions, told):
    session = sessions.open("a", MODEL, _codes())
    assert session.active_levels == (0, 1, 2)
    sessions.set_levels(session, 0, mute=True, solo=None)
    assert session.active_levels == (1, 2)
    sessions.set_levels(session, 2, mute=None, solo=True)
    assert session.active_levels == (2,)
    sessions.set_levels(session, 2, mute=True, solo=None)
    assert session.active_levels == ()
    assert told[-1] == ("/sda/grid/levels", "a", 2, 1, 1)


def test_a_listener_hears_which_columns_to_render(sessions):
    spans = []
    session = sessions.open("a", MODEL, _codes())
    sessions.on_change = lambda _session, change: spans.append(render_span(change))
    code = int(session.grid.codes[1, 4])
    sessions.edit((session, session.grid.change_to(1, 4, np.array([[(code + 1) % K]]))))
    sessions.edit((session, session.grid.change_to(1, 4, np.array([[(code + 1) % K]]))))
    sessions.edit((session, session.grid.replacement(2, 0, _codes(3))))
    assert spans == [(4, 5), None, (2, 5)]
