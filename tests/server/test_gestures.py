"""A drag is one step to undo, heard and kept while it lasts."""

import numpy as np
from sessions_alone import MODEL, random_codes

from sdaudio_server.sessions.gestures import Gestures

HAND, OTHER = "hand", "other hand"


def _set(sessions, session, column: int, code: int, hand: str = HAND) -> None:
    with sessions.batch(hand):
        sessions.edit((session, session.grid.change_to(0, column, np.array([[code]]))))


def test_what_is_edited_in_a_gesture_is_one_step(sessions, told):
    session = sessions.open("a", MODEL, random_codes(9))
    before = session.grid.codes.copy()
    sessions.gestures.begin(HAND)
    told.clear()
    for column in range(4):
        _set(sessions, session, column, 63 - int(before[0, column]))
        assert told[-1][:2] == ("/sda/grid/codes", "a")
    sessions.gestures.end(HAND)
    assert session.history.n_undo == 1
    _set(sessions, session, 8, 63 - int(before[0, 8]))
    assert session.history.n_undo == 2
    after = session.grid.codes.copy()
    for _ in range(2):
        sessions.undo(session)
    np.testing.assert_array_equal(session.grid.codes, before)
    for _ in range(2):
        sessions.redo(session)
    np.testing.assert_array_equal(session.grid.codes, after)


def test_a_gesture_may_go_over_several_grids(sessions):
    grids = [sessions.open(name, MODEL, random_codes(9, seed=i)) for i, name in enumerate("ab")]
    before = [session.grid.codes.copy() for session in grids]
    sessions.gestures.begin(HAND)
    for column in range(3):
        for session in grids:
            _set(sessions, session, column, column)
    assert [session.history.n_undo for session in grids] == [1, 1]
    sessions.undo(grids[1])
    for session, codes in zip(grids, before, strict=True):
        np.testing.assert_array_equal(session.grid.codes, codes)


def test_another_hand_in_between_begins_a_new_step(sessions):
    session = sessions.open("a", MODEL, random_codes(9))
    codes = [int(code) for code in session.grid.codes[0]]
    sessions.gestures.begin(HAND)
    states = [session.grid.codes.copy()]
    for column, hand in enumerate((HAND, HAND, OTHER, HAND, HAND)):
        _set(sessions, session, column, 63 - codes[column], hand)
        if column in (1, 2, 4):
            states.append(session.grid.codes.copy())
    for state in states[-2::-1]:
        sessions.undo(session)
        np.testing.assert_array_equal(session.grid.codes, state)


def test_an_undo_in_the_middle_of_a_gesture_begins_a_new_step(sessions):
    session = sessions.open("a", MODEL, random_codes(9))
    codes = [int(code) for code in session.grid.codes[0]]
    sessions.gestures.begin(HAND)
    _set(sessions, session, 0, 63 - codes[0])
    sessions.undo(session)
    _set(sessions, session, 1, 63 - codes[1])
    assert (session.history.n_undo, session.history.n_redo) == (1, 0)


def test_a_gesture_that_is_forgotten_ends_by_itself():
    now = [0.0]
    gestures = Gestures(lambda: now[0])
    gestures.begin(HAND)
    now[0] = 9.0
    assert gestures.of(HAND) is not None
    now[0] = 18.0
    assert gestures.of(HAND) is not None
    now[0] = 28.5
    assert gestures.of(HAND) is None
    assert not gestures.end(HAND)
    for number in range(300):
        gestures.begin(number)
    assert gestures.of(0) is None
    assert gestures.of(299) is not None


def test_a_drag_over_osc_is_one_step(client, grid):
    n_undo = client.call("/sda/grid/info", grid)[6]
    before = client.call("/sda/grid/get", grid, 0, 0, 5)[3:]
    client.call("/sda/grid/gesture", 1)
    for column, code in enumerate(before):
        client.call("/sda/grid/set", grid, 0, column, (code + 1) % 64)
    client.call("/sda/grid/gesture", 0)
    assert client.call("/sda/grid/info", grid)[6] == n_undo + 1
    client.call("/sda/grid/undo", grid)
    assert client.call("/sda/grid/get", grid, 0, 0, 5)[3:] == before
