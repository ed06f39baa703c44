import numpy as np
import pytest
from sessions_alone import MODEL, K, model_named, new_sessions, random_codes

from sdaudio.edits import swap
from sdaudio.errors import StateError, UsageError
from sdaudio.grid import Region
from sdaudio_server.sessions import render_span


def test_a_follower_of_the_announcements_has_the_samerandom_codes(sessions, told):
    session = sessions.open("a", MODEL, random_codes(300))
    sessions.edit((session, session.grid.change_to(1, 5, np.array([[1, 2, 3]]))))
    sessions.blends.set(session, random_codes(4, seed=9).astype(np.uint16), Region(0, 3, 2, 4), 0.7)
    sessions.blends.commit(session)
    sessions.undo(session)
    np.testing.assert_array_equal(told.mirror("a"), session.grid.codes)
    revisions = [rest[0] for address, _, *rest in told if address == "/sda/grid/codes"]
    assert revisions == sorted(revisions)


def test_no_message_carries_more_than_256random_codes(sessions, told):
    sessions.open("a", MODEL, random_codes(600))
    assert max(len(message) for message in told) <= 256 + 5


def test_a_very_large_change_is_told_by_the_state_alone(told):
    sessions = new_sessions(told)
    session = sessions.open("a", MODEL, random_codes(5000))
    assert [message[0] for message in told] == ["/sda/grid/state"]
    sessions.edit((session, session.grid.change_to(0, 0, random_codes(5000, seed=1))))
    assert [message[0] for message in told] == ["/sda/grid/state"] * 2
    assert told[-1][6] == session.grid.revision == 1


def test_a_swap_is_one_step_in_both_grids(sessions):
    first, second = (
        sessions.open("a", MODEL, random_codes(seed=1)),
        sessions.open("b", MODEL, random_codes()),
    )
    before = first.grid.codes.copy(), second.grid.codes.copy()
    changes = swap(first.grid, second.grid, Region(0, 3, 1, 4), second_column=5)
    sessions.edit((first, changes[0]), (second, changes[1]))
    sessions.undo(second)
    np.testing.assert_array_equal(first.grid.codes, before[0])
    np.testing.assert_array_equal(second.grid.codes, before[1])
    sessions.redo(first)
    np.testing.assert_array_equal(second.grid.codes[:, 5:9], before[0][:, 1:5])


def test_a_shared_step_waits_for_later_edits_of_the_other_grid(sessions):
    first, second = (
        sessions.open("a", MODEL, random_codes(seed=1)),
        sessions.open("b", MODEL, random_codes()),
    )
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


def test_what_a_closed_grid_shared_is_undone_in_each_by_itself(sessions):
    first, second = (
        sessions.open("a", MODEL, random_codes(seed=1)),
        sessions.open("b", MODEL, random_codes()),
    )
    before = first.grid.codes.copy(), second.grid.codes.copy()
    changes = swap(first.grid, second.grid, Region(0, 1, 0, 2), second_column=0)
    sessions.edit((first, changes[0]), (second, changes[1]))
    sessions.close("b")
    sessions.undo(first)
    np.testing.assert_array_equal(first.grid.codes, before[0])
    again = sessions.reopen("b")
    sessions.undo(again)
    np.testing.assert_array_equal(again.grid.codes, before[1])
    assert (first.history.n_redo, again.history.n_redo) == (1, 1)


def test_everything_in_a_batch_is_one_step(sessions):
    session = sessions.open("a", MODEL, random_codes())
    before = session.grid.codes.copy()
    with sessions.batch():
        for column in range(5):
            change = session.grid.change_to(0, column, np.array([[7]]))
            sessions.edit((session, change))
    assert session.history.n_undo == 1
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_an_undo_inside_a_batch_takes_back_what_the_batch_did_so_far(sessions):
    session = sessions.open("a", MODEL, random_codes())
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


def test_opening_an_open_grid_replaces_it_and_can_be_undone(sessions):
    session = sessions.open("a", MODEL, random_codes(5, seed=1))
    before = session.grid.codes.copy()
    assert sessions.open("a", MODEL, random_codes(9)) is session
    assert session.grid.n_columns == 9
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)


def test_growing_a_grid_is_one_step_and_nobody_edits_meanwhile(sessions, told):
    session = sessions.open("a", MODEL, random_codes(5, seed=1))
    before = session.grid.codes.copy()
    parts = [random_codes(3, seed=s).astype(np.uint16) for s in (5, 6)]
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
        sessions.open("a", MODEL, random_codes(601))
    for name in ("", " a", "a/b", "../a", "a*", "x" * 65):
        with pytest.raises(UsageError, match="cannot name a grid"):
            sessions.open(name, MODEL, random_codes())
    for name in "abcd":
        sessions.open(name, MODEL, random_codes())
    with pytest.raises(StateError, match="grids are open"):
        sessions.open("e", MODEL, random_codes())
    with pytest.raises(UsageError, match="Open grids: a, b, c, d"):
        sessions["f"]
    with pytest.raises(StateError, match="belongs to model 'bells'"):
        sessions.open("a", model_named("drums"), random_codes())


def test_muted_and_soloed_levels_decide_what_is_heard(sessions, told):
    session = sessions.open("a", MODEL, random_codes())
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
    session = sessions.open("a", MODEL, random_codes())
    sessions.on_change = lambda _session, change: spans.append(render_span(change))
    code = int(session.grid.codes[1, 4])
    sessions.edit((session, session.grid.change_to(1, 4, np.array([[(code + 1) % K]]))))
    sessions.edit((session, session.grid.change_to(1, 4, np.array([[(code + 1) % K]]))))
    sessions.edit((session, session.grid.replacement(2, 0, random_codes(3))))
    assert spans == [(4, 5), None, (2, 5)]
