import numpy as np
import pytest
from sessions_alone import MODEL, random_codes

from sdaudio.errors import StateError
from sdaudio.grid import Region


def test_a_blend_follows_live_and_is_one_step_when_committed(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base, goal = session.grid.codes.copy(), _goal(4)
    region = Region(0, 3, 3, 4)
    for amount in (0.2, 0.6, 1.0):
        distance = sessions.blends.set(session, goal, region, amount)
        assert distance.shape == (4,)
    np.testing.assert_array_equal(session.grid.codes[:, 3:7], goal)
    assert session.history.n_undo == 0
    sessions.blends.set(session, goal, region, 0.0)
    np.testing.assert_array_equal(session.grid.codes, base)
    sessions.blends.set(session, goal, region, 1.0)
    sessions.blends.commit(session)
    assert session.history.n_undo == 1
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_a_cancelled_blend_leaves_no_trace(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base = session.grid.codes.copy()
    sessions.blends.set(session, _goal(4), Region(1, 2, 0, 4), 0.8)
    sessions.blends.cancel(session, session.blends)
    np.testing.assert_array_equal(session.grid.codes, base)
    assert session.history.n_undo == 0
    with pytest.raises(StateError, match="Nothing is being blended"):
        sessions.blends.cancel(session, session.blends)


def test_an_edit_inside_a_blend_commits_it(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base = session.grid.codes.copy()
    sessions.blends.set(session, _goal(4), Region(0, 3, 0, 4), 1.0)
    sessions.edit((session, session.grid.change_to(2, 3, np.array([[1]]))))
    assert session.blends == []
    assert session.history.n_undo == 2
    sessions.undo(session)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_an_edit_elsewhere_leaves_a_blend_to_be_moved(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base, region = session.grid.codes.copy(), Region(0, 3, 0, 4)
    sessions.blends.set(session, _goal(4), region, 1.0)
    sessions.edit((session, session.grid.change_to(0, 9, np.array([[1]]))))
    sessions.edit((session, session.grid.replacement(6, 0, random_codes(2))))
    sessions.blends.set(session, _goal(4), region, 0.0)
    np.testing.assert_array_equal(session.grid.codes[:, :6], base[:, :6])
    assert [blend.amount for blend in session.blends] == [0.0]


def test_columns_inserted_before_a_blend_commit_it(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    sessions.blends.set(session, _goal(4), Region(0, 3, 3, 4), 1.0)
    sessions.edit((session, session.grid.replacement(0, 0, random_codes(2))))
    assert session.blends == []
    assert session.history.n_undo == 2


def test_several_blends_stand_side_by_side_with_amounts_of_their_own(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base = session.grid.codes.copy()
    left, right, above = Region(0, 3, 0, 3), Region(1, 2, 5, 3), Region(0, 1, 5, 3)
    for region, amount in ((left, 1.0), (right, 1.0), (above, 1.0), (left, 0.0)):
        sessions.blends.set(session, _goal(3), region, amount)
    assert [(b.region, b.amount) for b in session.blends] == [
        (right, 1.0), (above, 1.0), (left, 0.0),
    ]  # fmt: skip
    np.testing.assert_array_equal(session.grid.codes[:, :3], base[:, :3])
    np.testing.assert_array_equal(session.grid.codes[:, 5:8], _goal(3))
    sessions.blends.cancel(session, [b for b in session.blends if b.region == right])
    np.testing.assert_array_equal(session.grid.codes[1:, 5:8], base[1:, 5:8])
    np.testing.assert_array_equal(session.grid.codes[0, 5:8], _goal(3)[0])


def test_a_blend_that_overlaps_another_commits_that(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base = session.grid.codes.copy()
    sessions.blends.set(session, _goal(4), Region(0, 3, 0, 4), 1.0)
    sessions.blends.set(session, _goal(4), Region(2, 1, 3, 4), 1.0)
    assert [blend.region for blend in session.blends] == [Region(2, 1, 3, 4)]
    assert session.history.n_undo == 1
    sessions.undo(session)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_a_blend_over_another_is_undone_first_also_inside_a_batch(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base = session.grid.codes.copy()
    for column in (0, 2):
        with sessions.batch("hand"):
            sessions.blends.set(session, _goal(4), Region(0, 3, column, 4), 1.0)
    sessions.undo(session)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_a_blend_over_an_edit_of_the_same_batch_is_undone_first(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    base = session.grid.codes.copy()
    with sessions.batch():
        sessions.edit((session, session.grid.change_to(0, 1, np.array([[63 - base[0, 1]]]))))
        edited = session.grid.codes.copy()
        sessions.blends.set(session, _goal(4), Region(0, 3, 0, 4), 1.0)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, edited)
    sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, base)


def test_undo_takes_back_what_was_done_last_blend_or_edit(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    states = [session.grid.codes.copy()]
    sessions.blends.set(session, _goal(3), Region(0, 3, 0, 3), 1.0)
    states.append(session.grid.codes.copy())
    sessions.edit((session, session.grid.change_to(0, 9, np.array([[1]]))))
    states.append(session.grid.codes.copy())
    sessions.blends.set(session, _goal(3), Region(0, 3, 4, 3), 1.0)
    states.append(session.grid.codes.copy())
    for state in states[-2::-1]:
        sessions.undo(session)
        np.testing.assert_array_equal(session.grid.codes, state)
    with pytest.raises(StateError, match="nothing to undo"):
        sessions.undo(session)
    for state in states[1:]:
        sessions.redo(session)
        np.testing.assert_array_equal(session.grid.codes, state)
    assert session.blends == []


def test_a_new_blend_ends_what_could_be_done_again(sessions):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    sessions.edit((session, session.grid.change_to(0, 9, np.array([[1]]))))
    sessions.undo(session)
    sessions.blends.set(session, _goal(3), Region(0, 3, 0, 3), 0.5)
    with pytest.raises(StateError, match="nothing to redo"):
        sessions.redo(session)


def test_subscribers_follow_where_blends_stand(sessions, told):
    session = sessions.open("a", MODEL, random_codes(seed=1))
    for amount in (0.5, 0.75):
        sessions.blends.set(session, _goal(3), Region(1, 2, 4, 3), amount)
    sessions.blends.commit(session)
    assert [message for message in told if message[0].startswith("/sda/blend")] == [
        ("/sda/blend/state", "a", 1, 2, 4, 3, 0.5),
        ("/sda/blend/state", "a", 1, 2, 4, 3, 0.75),
        ("/sda/blend/ended", "a", 1, 2, 4, 3),
    ]


def _goal(columns: int) -> np.ndarray:
    return random_codes(columns, seed=2).astype(np.uint16)
