"""Trying candidates and variations in a grid, and locks, without a daemon and a prior."""

import asyncio

import numpy as np
import pytest
from sessions_alone import MODEL, random_codes

from sdaudio.errors import StateError
from sdaudio.grid import Region
from sdaudio.prior import Copied, Novelty
from sdaudio.tasks.takes import Candidate
from sdaudio_server.takes import Takes

REGION = Region(0, 2, 10, 6)
NEW = Novelty(1.0, 1.0, Copied(), Copied())


@pytest.fixture
def takes(sessions):
    takes = Takes(sessions)
    sessions.on_change = takes.changed
    return takes


@pytest.fixture
def session(sessions):
    return sessions.open("a", MODEL, random_codes(60))


def filling(seed):
    return random_codes(6, seed=seed)


def put_in(takes, session, seed, region=REGION):
    place = takes.place(session, region, tried=True)
    takes.put_in(session, region, place, filling(seed), seed=seed)


def offer(takes, session):
    place = takes.place(session, REGION, tried=True)
    candidates = tuple(Candidate(filling(seed), -1.0, NEW) for seed in (1, 2, 3))
    takes.offer(session, REGION, place, candidates)


def test_tries_of_one_place_are_one_step_back_to_what_was_there(takes, sessions, session):
    before = session.grid.codes.copy()
    for seed in (1, 2, 3):
        put_in(takes, session, seed)
        assert session.history.n_undo == 1
    assert np.array_equal(session.grid.read(REGION), filling(3)[:2])
    assert np.array_equal(session.grid.codes[2], before[2])
    sessions.undo(session)
    assert np.array_equal(session.grid.codes, before)


def test_a_try_of_another_place_is_a_step_of_its_own(takes, session):
    put_in(takes, session, 1)
    put_in(takes, session, 2, Region(0, 2, 30, 6))
    put_in(takes, session, 3)
    assert session.history.n_undo == 3


def test_an_edit_of_others_begins_a_new_trial_from_what_is_there(takes, sessions, session):
    put_in(takes, session, 1)
    sessions.edit((session, session.grid.change_to(0, 12, np.array([[5]]))))
    edited = session.grid.read(REGION)
    put_in(takes, session, 2)
    sessions.undo(session)
    assert np.array_equal(session.grid.read(REGION), edited)
    assert takes.seed_of(session, REGION) is None


def test_a_try_in_a_bundle_leaves_the_edits_before_it_alone(takes, sessions, session):
    offer(takes, session)
    with sessions.batch():
        sessions.edit((session, session.grid.change_to(2, 0, np.array([[5]]))))
        takes.pick(session, 1)
    takes.pick(session, 2)
    assert session.grid.codes[2, 0] == 5
    assert np.array_equal(session.grid.read(REGION), filling(2)[:2])
    assert session.history.n_undo == 2


def test_a_try_that_changes_nothing_is_no_step(takes, session):
    offer(takes, session)
    assert takes.seed_of(session, REGION) is None
    takes.pick(session, 0)
    assert session.history.n_undo == 0
    takes.pick(session, 1)
    takes.pick(session, 0)
    assert session.history.n_undo == 0


def test_a_blend_made_since_ends_a_trial(takes, sessions, session):
    offer(takes, session)
    takes.pick(session, 1)
    goal = session.grid.codes[:, 40:44].copy()
    sessions.blends.set(session, goal, Region(0, 3, 40, 4), 0.0)
    with pytest.raises(StateError, match="was edited since"):
        takes.pick(session, 2)
    assert len(session.blends) == 1


def test_what_was_drawn_for_codes_that_have_changed_is_refused(takes, sessions, session):
    place = takes.place(session, REGION)
    sessions.edit((session, session.grid.change_to(0, 12, np.array([[5]]))))
    for write in (
        lambda: takes.write(session, REGION, place, filling(1)),
        lambda: takes.put_in(session, REGION, place, filling(1), seed=1),
        lambda: takes.offer(session, REGION, place, ()),
    ):
        with pytest.raises(StateError, match="edited at that place meanwhile"):
            write()
    place = takes.place(session, REGION)
    sessions.close("a")
    with pytest.raises(StateError, match="closed meanwhile"):
        takes.write(session, REGION, place, filling(1))


def test_a_place_keeps_other_levels_and_locked_cells(takes, sessions, session):
    takes.lock(session, Region(1, 1, 11, 2), on=True)
    keep = takes.place(session, REGION).keep
    assert keep[2].all()
    assert not keep[0].any()
    assert np.flatnonzero(keep[1]).tolist() == [1, 2]
    takes.lock_level(session, 0, on=True)
    assert takes.place(session, REGION).keep[0].all()
    takes.lock(session, Region(1, 1, 12, 1), on=False)
    assert np.flatnonzero(takes.place(session, REGION).keep[1]).tolist() == [1]


def test_locks_follow_their_columns_through_insertions_and_deletions(takes, sessions, session):
    takes.lock(session, Region(0, 1, 20, 5), on=True)
    empty = session.grid.codes[:, :0]
    sessions.edit((session, session.grid.replacement(22, 0, random_codes(3))))
    assert np.flatnonzero(takes.locked(session)[0]).tolist() == [20, 21, 25, 26, 27]
    sessions.edit((session, session.grid.replacement(0, 21, empty)))
    assert np.flatnonzero(takes.locked(session)[0]).tolist() == [0, 4, 5, 6]
    takes.lock_level(session, 2, on=True)
    sessions.edit((session, session.grid.replacement(40, 0, random_codes(9))))
    assert takes.locked(session)[2].all()


def test_only_the_latest_of_those_who_wait_has_a_turn(takes, session):
    overtaken = []

    async def vary(name):
        async with takes.turn_of(session) as is_overtaken:
            overtaken.append((name, is_overtaken))
            await asyncio.sleep(0)

    async def slide():
        await asyncio.gather(*(vary(name) for name in "abcd"))
        await vary("e")

    asyncio.run(slide())
    assert overtaken == [("a", False), ("b", True), ("c", True), ("d", False), ("e", False)]
