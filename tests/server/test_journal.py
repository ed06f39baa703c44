"""Grids and their history on disk: after a killed process everything is as it was."""

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions_alone import MODEL, Announcements, K, model_named, new_sessions, random_codes

from sdaudio.edits import copy, swap
from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.grid import Region
from sdaudio_server.journal import Journal
from sdaudio_server.sessions import Sessions


class Disk:
    """A folder for a journal, and what a process that was killed now would leave in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._n_deaths = folder, 0
        self.opened: list[Journal] = []

    def start(self, folder: Path | None = None, **options) -> Sessions:
        self.opened.append(Journal(folder or self.folder))
        return new_sessions(Announcements(), journal=self.opened[-1], **options)

    def after_a_kill(self, **options) -> Sessions:
        """The sessions that a new process would have if the last one were killed here."""
        self._n_deaths += 1
        left = self.folder.with_name(f"{self.folder.name}-{self._n_deaths}")
        left.mkdir()
        for path in self.folder.glob("grids.sqlite3*"):
            shutil.copy(path, left)
        sessions = self.start(left, **options)
        sessions.restore()
        return sessions


@pytest.fixture
def disk(tmp_path: Path):
    made = Disk(tmp_path / "grids")
    yield made
    for journal in made.opened:
        journal.close()


def everything(sessions: Sessions) -> dict[str, object]:
    """All that a user could miss, undone and done again to see the history too."""
    return {session.name: _look(sessions, session.name) for session in sessions}


def _look(sessions: Sessions, name: str) -> tuple[object, ...]:
    session = sessions[name]
    return (
        session.grid.codes.tolist(), session.grid.revision, session.history.n_undo,
        session.history.n_redo, session.labels, session.muted, session.soloed, session.sound,
        [(b.region, b.amount, b.base.tolist()) for b in session.blends],
    )  # fmt: skip


def histories(sessions: Sessions) -> list[dict[str, object]]:
    """How all grids look after each undo of whatever can be undone, and each redo after that."""
    seen = []
    for travel in (sessions.undo, sessions.redo):
        moved = True
        while moved:
            moved = False
            for session in sorted(sessions, key=lambda each: each.name):
                try:
                    travel(session)
                except StateError:
                    continue
                moved = True
                seen.append({s.name: s.grid.codes.tolist() for s in sessions})
    return seen


class Player:
    """Somebody who does anything that can be done, by chance."""

    def __init__(self, sessions: Sessions, seed: int) -> None:
        self.sessions, self.chance = sessions, np.random.default_rng(seed)

    def act(self) -> None:
        names = [session.name for session in self.sessions] or [self._open()]
        session = self.sessions[str(self.chance.choice(names))]
        actions = [
            self._open, self._close, self._reopen, self._label, self._undo, self._undo, self._redo,
            self._set, self._set, self._set, self._insert, self._delete, self._swap, self._blend,
            self._blend, self._commit, self._cancel, self._bundle, self._grow, self._copy,
            self._drag,
        ]  # fmt: skip
        action = actions[self.chance.integers(len(actions))]
        hand = self if self._n(2) else None
        with contextlib.suppress(StateError, UsageError), self.sessions.batch(hand):
            action() if action in (self._open, self._reopen) else action(session)

    def _n(self, stop: int) -> int:
        return int(self.chance.integers(stop))

    def _open(self) -> str:
        name = "abcd"[self._n(4)]
        codes = random_codes(1 + self._n(200), seed=self._n(1000))
        return self.sessions.open(name, MODEL, codes, sound=f"/{name}.wav").name

    def _close(self, session) -> None:
        self.sessions.close(session.name)

    def _reopen(self) -> None:
        self.sessions.reopen("abcd"[self._n(4)])

    def _label(self, session) -> None:
        self.sessions.relabel(session, self._n(3), f"level {self._n(9)}")
        self.sessions.set_levels(session, self._n(3), mute=bool(self._n(2)), solo=None)

    def _undo(self, session) -> None:
        self.sessions.undo(session)

    def _redo(self, session) -> None:
        self.sessions.redo(session)

    def _set(self, session) -> None:
        width = 1 + self._n(session.grid.n_columns)
        codes = self.chance.integers(0, K, (1, width))
        column = self._n(session.grid.n_columns - width + 1)
        self.sessions.edit((session, session.grid.change_to(self._n(3), column, codes)))

    def _insert(self, session) -> None:
        column = self._n(session.grid.n_columns + 1)
        more = random_codes(1 + self._n(90), seed=self._n(99))
        self.sessions.edit((session, session.grid.replacement(column, 0, more)))

    def _delete(self, session) -> None:
        if (n := session.grid.n_columns) > 1:
            column, none = self._n(n - 1), np.zeros((3, 0), np.uint16)
            change = session.grid.replacement(column, 1 + self._n(n - 1 - column), none)
            self.sessions.edit((session, change))

    def _swap(self, session) -> None:
        other = next(iter(self.sessions))
        region = Region(self._n(3), 1, 0, 1 + self._n(4))
        changes = swap(session.grid, other.grid, region, second_column=self._n(5))
        self.sessions.edit((session, changes[0]), (other, changes[1]))

    def _blend(self, session) -> None:
        region = Region(self._n(2), 1 + self._n(2), self._n(6), 1 + self._n(3))
        goal = random_codes(region.columns, seed=self._n(99)).astype(np.uint16)
        self.sessions.blends.set(session, goal, region, self._n(5) / 4)

    def _commit(self, session) -> None:
        self.sessions.blends.commit(session)

    def _cancel(self, session) -> None:
        self.sessions.blends.cancel(session, session.blends[:1])

    def _bundle(self, session) -> None:
        with self.sessions.batch():
            for _ in range(3):
                self.act()

    def _grow(self, session) -> None:
        grown = self.sessions.begin_growth(session.name, MODEL, random_codes(3).astype(np.uint16))
        self.sessions.grow(grown, random_codes(40).astype(np.uint16))
        self.sessions.end_growth(grown)

    def _drag(self, session) -> None:
        if not self.sessions.gestures.end(self):
            self.sessions.gestures.begin(self)

    def _copy(self, session) -> None:
        region = Region(0, 2, 0, 1)
        self.sessions.clipboard = copy(session.grid, region, model=MODEL.name, identity="")


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_done_is_there_after_a_kill(disk: Disk, seed: int):
    sessions = disk.start()
    player = Player(sessions, seed)
    for action in range(60):
        player.act()
        if action % 15 == 14:
            after = disk.after_a_kill()
            assert everything(after) == everything(sessions)
            assert _copied(after) == _copied(sessions)
    after = disk.after_a_kill()
    assert histories(after) == histories(sessions)
    assert everything(disk.after_a_kill()) == everything(sessions)


def _copied(sessions: Sessions) -> str:
    return sessions.clipboard.record if sessions.clipboard else ""


def test_a_bounded_history_forgets_its_oldest_steps_on_disk_too(disk: Disk):
    limits = {"undo_steps": 5, "undo_megabytes": 0.1}
    sessions = disk.start(**limits)
    session = sessions.open("a", MODEL, random_codes(4))
    for code in range(9):
        sessions.edit((session, session.grid.change_to(0, 0, np.array([[code]]))))
    again = disk.after_a_kill(**limits)["a"]
    assert (session.history.n_undo, again.history.n_undo) == (5, 5)
    large = session.grid.replacement(0, 4, random_codes(8000))
    sessions.edit((session, large))
    sessions.edit((session, large.inverted()))
    assert session.history.n_undo == 5
    sessions.edit((session, large))
    assert session.history.n_undo == 2
    sessions.edit((session, session.grid.replacement(0, 4, random_codes(20_000))))
    assert session.history.n_undo == disk.after_a_kill(**limits)["a"].history.n_undo == 1


def test_a_job_that_died_with_the_daemon_can_be_undone(disk: Disk):
    sessions = disk.start()
    session = sessions.open("a", MODEL, random_codes(9))
    before = session.grid.codes.copy()
    sessions.begin_growth("a", MODEL, random_codes(3, seed=4).astype(np.uint16))
    after = disk.after_a_kill()
    assert not after["a"].growing
    np.testing.assert_array_equal(after["a"].grid.codes, session.grid.codes)
    after.undo(after["a"])
    np.testing.assert_array_equal(after["a"].grid.codes, before)


def test_what_a_document_can_do_again_is_in_order_after_a_kill(disk: Disk):
    sessions = disk.start()
    session = sessions.open("a", MODEL, random_codes(9))
    for code in (1, 2, 3):
        sessions.edit((session, session.grid.change_to(0, 0, np.array([[code]]))))
    for _ in range(3):
        sessions.undo(session)
    sessions.open_document("b", MODEL, sessions.document(session))
    for each in (disk.after_a_kill(), sessions):
        copy = each["b"]
        for code in (1, 2, 3):
            each.redo(copy)
            assert copy.grid.codes[0, 0] == code


def _fill_the_disk(journal: Journal) -> None:
    connection = journal._database._connection
    [(n_pages,)] = connection.execute("PRAGMA page_count")
    connection.execute(f"PRAGMA max_page_count = {n_pages}")


def test_an_edit_that_cannot_be_kept_is_refused_and_changes_nothing(disk: Disk):
    sessions = disk.start()
    first = sessions.open("a", MODEL, random_codes(9, seed=1))
    sessions.open("b", MODEL, random_codes(9, seed=2))
    sessions.edit((first, first.grid.change_to(0, 0, np.array([[3]]))))
    told, rendered = sessions._announcer, []
    sessions.on_change = lambda session, change: rendered.append(session.name)
    before = everything(sessions)
    _fill_the_disk(disk.opened[0])
    told.clear()
    large = random_codes(9000)
    with pytest.raises(FileError, match=r"cannot be kept .* nothing was changed"):
        sessions.edit((first, first.grid.replacement(0, 9, large)))
    assert everything(sessions) == before
    np.testing.assert_array_equal(told.mirror("a"), first.grid.codes)
    assert rendered[-2:] == ["a", "b"]

    def do_much() -> None:
        with sessions.batch():
            sessions.close("b")
            sessions.relabel(first, 0, "other")
            sessions.rename(first, "renamed")
            sessions.open("c", MODEL, large)

    with pytest.raises(FileError):
        do_much()
    assert everything(sessions) == before
    disk.opened[0]._database._connection.execute("PRAGMA max_page_count = 100000")
    sessions.edit((first, first.grid.replacement(0, 9, large)))
    assert everything(disk.after_a_kill()) == everything(sessions)


def test_only_one_daemon_has_the_folder(disk: Disk, monkeypatch):
    monkeypatch.setattr("sdaudio_server.journal.database._LOCK_WAIT_S", 0.05)
    disk.start()
    with pytest.raises(StateError, match="Another daemon is running and keeps its grids in"):
        Journal(disk.folder)
    disk.opened.pop().close()
    disk.start()


@pytest.mark.parametrize("damage", [b"no database at all " * 300, b""])
def test_a_damaged_file_is_set_aside_and_said(disk: Disk, damage: bytes):
    sessions = disk.start()
    sessions.open("a", MODEL, random_codes(9))
    disk.opened.pop().close()
    path = disk.folder / "grids.sqlite3"
    path.write_bytes(damage)
    sessions = disk.start()
    sessions.restore()
    assert len(sessions) == 0
    aside = list(disk.folder.glob("grids.sqlite3.damaged-*"))
    assert [one.read_bytes() for one in aside] == ([damage] if damage else [])
    assert ("is damaged" in disk.opened[0].problem) == bool(damage)


def test_a_database_of_a_newer_sdaudio_is_left_alone(disk: Disk):
    disk.start()
    disk.opened[0]._database._connection.execute("PRAGMA user_version = 99")
    disk.opened.pop().close()
    with pytest.raises(StateError, match="newer sdaudio"):
        Journal(disk.folder)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be made"):
        Journal(tmp_path / "file" / "grids")


def test_a_grid_without_its_model_waits_for_it(disk: Disk):
    sessions = disk.start()
    bells = sessions.open("a", MODEL, random_codes(9))
    drums = model_named("drums")
    other = sessions.open("b", drums, random_codes(9, seed=1))
    changes = swap(bells.grid, other.grid, Region(0, 1, 0, 2), second_column=0)
    sessions.edit((bells, changes[0]), (other, changes[1]))
    held = everything(sessions)
    after = disk.after_a_kill()
    assert [session.name for session in after] == ["a"]
    assert [(d.facts.name, d.reason) for d in after.dormant] == [
        ("b", "There is no model 'drums'."),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="Grid 'b' is kept, but not open"):
        after.open("b", MODEL, random_codes(3))
    after.undo(after["a"])
    after.redo(after["a"])
    after.wake(drums)
    assert after.dormant == []
    assert _look(after, "b") == held["b"]
    after.undo(after["b"])


def test_a_grid_whose_model_is_another_one_now_is_not_opened(disk: Disk):
    before = model_named("bells")
    before = replace(before, header=replace(before.header, identity="one"))
    sessions = disk.start()
    sessions.open("a", before, random_codes(9))
    after = disk.after_a_kill()
    assert len(after) == 1, "a model of old that does not say who it is"
    other = replace(MODEL, header=replace(MODEL.header, identity="two"))
    after.wake(other)
    sessions = disk.start(disk.folder.with_name("grids-2"))
    sessions.open("a", other, random_codes(9))
    sessions.close("a")
    sessions._shelf._find_model = lambda name: before
    with pytest.raises(UsageError, match="those of another model that was called 'bells'"):
        sessions.reopen("a")


def test_closed_grids_can_be_opened_again_one_of_each_name(sessions: Sessions):
    for seed in (1, 2):
        session = sessions.open("a", MODEL, random_codes(9, seed=seed))
        sessions.edit((session, session.grid.change_to(0, 0, np.array([[seed]]))))
        held = session.grid.codes.copy()
        sessions.close("a")
    assert [facts.name for facts in sessions.closed] == ["a"]
    with pytest.raises(UsageError, match=r"No grid 'b' was closed\. Closed grids: a"):
        sessions.reopen("b")
    again = sessions.reopen("a")
    np.testing.assert_array_equal(again.grid.codes, held)
    assert again.history.n_undo == 1
    assert sessions.closed == []
    with pytest.raises(UsageError, match="open already"):
        sessions.reopen("a")


def test_only_the_last_closed_grids_are_kept(monkeypatch, sessions: Sessions):
    monkeypatch.setattr("sdaudio_server.sessions.shelf.KEPT_CLOSED", 2)
    for name in "abc":
        sessions.open(name, MODEL, random_codes(9))
        sessions.close(name)
    assert [facts.name for facts in sessions.closed] == ["b", "c"]
