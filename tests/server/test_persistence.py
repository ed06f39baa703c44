"""A daemon that is killed without warning and started again, as its clients see it."""

import contextlib
import threading
import time

import numpy as np
import pytest

from sdaudio.errors import NoAnswerError
from sdaudio_server.client import Client

GRID = "starter"


def _kill(running) -> None:
    running.process.kill()
    running.process.wait()


def _codes(client: Client, grid: str) -> list[tuple[int, ...]]:
    _, _, levels, columns, *_ = client.call("/sda/grid/info", grid)
    rows = []
    for level in range(int(levels)):
        row: list[int] = []
        while len(row) < int(columns):
            row += client.call("/sda/grid/get", grid, level, len(row))[3:]
        rows.append(tuple(row))
    return rows


def _told(client: Client, address: str, *arguments) -> list[tuple]:
    """What a command lists, without its last answer."""
    client.events.clear()
    client.call(address, *arguments)
    return [event for event in client.events if event[0] != "/sda/done"]


def test_a_killed_daemon_comes_back_as_it_was(new_daemon, tone):
    first = new_daemon()
    with first.client() as client:
        client.job("/sda/grid/encode", "one", "starter", str(tone))
        client.call("/sda/grid/new", "two", "starter", 40, "code", 0)
        client.call("/sda/grid/new", "gone", "starter", 4)
        for code in (5, 6, 7):
            client.call("/sda/grid/set", "one", 0, 3, code)
        client.call("/sda/grid/undo", "one")
        client.call("/sda/grid/copy", "one", 0, 3, 0, 4)
        client.call("/sda/grid/redo", "one")
        client.call("/sda/grid/swap", "one", "two", 0, 3, 2, 10, 8)
        client.call("/sda/blend/set", "two", "one", 0, 3, 20, 6, 0.6)
        client.call("/sda/blend/set", "two", "one", 1, 2, 30, 4, 0.3)
        client.call("/sda/grid/insert", "two", 38, 5)
        client.call("/sda/grid/undo", "two", 1)
        client.call("/sda/grid/label", "one", 1, "Colour")
        client.call("/sda/grid/mute", "two", 2, 1)
        client.call("/sda/grid/close", "gone")
        grids = sorted(_told(client, "/sda/grid/list"))
        held = {name: _codes(client, name) for name in ("one", "two", GRID)}
        infos = [client.call("/sda/grid/info", name) for name in ("one", "two")]
        blends = _told(client, "/sda/blend/list", "two")
    _kill(first)
    with new_daemon().client() as client:
        assert sorted(_told(client, "/sda/grid/list")) == grids
        assert {name: _codes(client, name) for name in held} == held
        assert [client.call("/sda/grid/info", name) for name in ("one", "two")] == infos
        assert _told(client, "/sda/blend/list", "two") == blends
        assert client.call("/sda/state/get", "/sda/state/grid/two/mute/2") == (1,)
        client.call("/sda/blend/cancel", "two")
        client.call("/sda/grid/redo", "two")
        assert client.call("/sda/grid/info", "two")[3] == 45
        client.call("/sda/grid/undo", "two", 2)
        client.call("/sda/grid/undo", "one", 1)
        assert client.call("/sda/grid/get", "one", 0, 3, 1)[3] == 6
        assert set(_codes(client, "two")[0]) == {0}
        client.call("/sda/grid/paste", "two", 0, 0)
        assert [row[:4] for row in _codes(client, "two")] == [
            row[:4] for row in _codes(client, "one")
        ]
        client.call("/sda/grid/reopen", "gone")
        assert client.call("/sda/grid/info", "gone")[:4] == ("gone", "starter", 3, 4)
        # and it sounds, which is rendered when it is asked for
        client.call("/sda/subscribe")
        client.call("/sda/play/loop", "one")
        client.wait_for("/sda/grid/sound", lambda values: values[0] == "one")
        client.wait_for("/sda/play/head", lambda values: values[0] == "one")


class _Editor(threading.Thread):
    """Edits as fast as it is answered, and knows what was acknowledged."""

    def __init__(self, port: int, seed: int) -> None:
        super().__init__()
        self.port, self.chance = port, np.random.default_rng(seed)
        self.acknowledged: dict[tuple[int, int], int] = {}
        self.in_flight: tuple[int, int, int] | None = None
        self.n_steps = 0

    def run(self) -> None:
        with contextlib.suppress(NoAnswerError), Client(self.port, timeout_s=0.5) as client:
            while True:
                level, column, code = (int(self.chance.integers(n)) for n in (3, 40, 64))
                self.in_flight = (level, column, code)
                client.call("/sda/grid/set", "edited", level, column, code)
                self.n_steps += self.acknowledged.get((level, column), 0) != code
                self.acknowledged[level, column] = code
                self.in_flight = None


@pytest.mark.parametrize("seed", range(3))
def test_no_acknowledged_edit_is_lost_whenever_the_daemon_is_killed(new_daemon, seed: int):
    first = new_daemon()
    with first.client() as client:
        client.call("/sda/grid/new", "edited", "starter", 40, "code", 0)
    editor = _Editor(first.port, seed)
    editor.start()
    time.sleep(np.random.default_rng(seed).uniform(0.05, 0.6))
    _kill(first)
    editor.join()
    assert editor.n_steps > 10
    with new_daemon().client() as client:
        codes = np.array(_codes(client, "edited"))
        if editor.in_flight:
            level, column, code = editor.in_flight
            assert codes[level, column] in (code, editor.acknowledged.get((level, column), 0))
            editor.acknowledged[level, column] = int(codes[level, column])
        expected = np.zeros((3, 40), int)
        for (level, column), code in editor.acknowledged.items():
            expected[level, column] = code
        np.testing.assert_array_equal(codes, expected)
        n_undo = client.call("/sda/grid/info", "edited")[6]
        assert n_undo - editor.n_steps in (0, 1)
        client.call("/sda/grid/undo", "edited", n_undo)
        assert not np.any(_codes(client, "edited"))
