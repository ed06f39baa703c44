"""Many hands on the same grids: everybody ends with the same codes, and undo goes all the way."""

import contextlib
import socket
import threading

import numpy as np
import pytest

from sdaudio.errors import SdaudioError, StateError
from sdaudio_server.client import Client

N_CLIENTS = 32
N_EDITS = 25
GRIDS = ("many-a", "many-b")
COLUMNS = 24
SO_RCVBUFFORCE = 33
"""Linux, for root: more than the system grants others."""


class Hand(threading.Thread):
    """A client that edits by chance and follows what it is told, as a patch does."""

    def __init__(self, port: int, number: int, begin: threading.Barrier) -> None:
        super().__init__()
        self.begin = begin
        self.chance = np.random.default_rng(number)
        self.client = Client(port, timeout_s=30.0)
        # A thread may wait long for its turn here, and what 31 others caused must not be lost.
        with contextlib.suppress(OSError):
            self.client._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.mirrors = {name: np.zeros((3, COLUMNS), int) for name in GRIDS}
        self.revisions = dict.fromkeys(GRIDS, 0)
        self.problems: list[str] = []

    def run(self) -> None:
        self.client.call("/sda/subscribe")
        self.begin.wait()
        for _ in range(N_EDITS):
            try:
                self._edit()
            except StateError:
                pass  # nothing to undo, or the other grid of a swap was edited since
            except SdaudioError as error:
                self.problems.append(str(error))
        self.begin.wait()
        self.client.call("/sda/hello")
        while (event := self.client.receive(0.3)) is not None:
            self.client.events.append(event)
        for address, values in self.client.events:
            if address == "/sda/grid/codes" and values[0] in GRIDS:
                self._follow(*values)

    def _edit(self) -> None:
        one, other = self.chance.permutation(GRIDS)
        level, column, code = (int(self.chance.integers(n)) for n in (3, COLUMNS - 4, 64))
        match self.chance.integers(6):
            case 0:
                self.client.call("/sda/grid/undo", str(one))
            case 1:
                self.client.call("/sda/grid/redo", str(one))
            case 2:
                self.client.call("/sda/grid/swap", str(one), str(other), 0, 3, column, column, 4)
            case 3:
                amount = float(self.chance.random())
                self.client.call("/sda/blend/set", str(one), str(other), 0, 3, column, 4, amount)
            case _:
                self.client.call("/sda/grid/set", str(one), level, column, code, code)

    def _follow(self, grid: str, revision: int, level: int, column: int, *codes: int) -> None:
        if revision < self.revisions[grid]:
            self.problems.append(f"{grid} went back to {revision}")
        self.revisions[grid] = revision
        self.mirrors[grid][level, column : column + len(codes)] = codes


@pytest.fixture
def hands(new_daemon):
    running = new_daemon()
    with running.client() as client:
        for name in GRIDS:
            client.call("/sda/grid/new", name, "starter", COLUMNS, "code", 0)
        begin = threading.Barrier(N_CLIENTS)
        made = [Hand(running.port, number, begin) for number in range(N_CLIENTS)]
        for hand in made:
            hand.start()
        for hand in made:
            hand.join()
        yield client, made
    for hand in made:
        hand.client.close()


def test_many_clients_end_with_identical_grids_and_one_history(hands):
    client, made = hands
    assert [problem for hand in made for problem in hand.problems] == []
    for name in GRIDS:
        codes = [client.call("/sda/grid/get", name, level)[3:] for level in range(3)]
        for hand in made:
            np.testing.assert_array_equal(hand.mirrors[name], codes)
        assert len({hand.revisions[name] for hand in made}) == 1
    undone = True
    while undone:
        undone = False
        for name in GRIDS:
            with contextlib.suppress(StateError):
                client.call("/sda/grid/undo", name)
                undone = True
    for name in GRIDS:
        assert client.call("/sda/grid/info", name)[6] == 0
        assert not any(any(client.call("/sda/grid/get", name, n)[3:]) for n in range(3))
