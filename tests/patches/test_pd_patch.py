"""sdaudio.pd in a real Pd: what it shows of the daemon and what a hand does through it."""

import itertools
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from pd_process import CELL_HEIGHT, WINDOW_COLUMNS, PdProcess, centre_of, fudi
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from sdaudio_server.client import Client

N_COLUMNS = 80
SCRIPTED_CODES = [11, 12, 13]
_numbers = itertools.count()


@dataclass
class OpenGrid:
    """A grid of random codes in the daemon, and the client that made it."""

    name: str
    client: Client
    n_levels: int
    codebook_size: int

    def row(self, level: int, start: int = 0, count: int = N_COLUMNS) -> list[int]:
        answer = self.client.call("/sda/grid/get", self.name, level, start, count)
        return [int(code) for code in answer[3:]]

    def code(self, level: int, column: int) -> int:
        return self.row(level, column, 1)[0]

    def window(self, start: int) -> list[int]:
        return [
            code
            for level in range(self.n_levels)
            for code in self.row(level, start, min(WINDOW_COLUMNS, N_COLUMNS - start))
        ]


@pytest.fixture
def grid(daemon) -> Iterator[OpenGrid]:
    chance = random.Random(7)
    with Client(daemon.port) as client:
        name = f"pd patch {next(_numbers)}"
        client.call("/sda/grid/new", name, "starter", N_COLUMNS)
        info = client.call("/sda/grid/info", name)
        opened = OpenGrid(name, client, int(info[2]), int(info[4]))
        for level in range(opened.n_levels):
            codes = [chance.randrange(10, opened.codebook_size - 10) for _ in range(N_COLUMNS)]
            client.call("/sda/grid/set", name, level, 0, *codes)
        yield opened
        client.call("/sda/play/stop")
        client.call("/sda/grid/close", name)


@contextmanager
def pd_at(port: int) -> Iterator[PdProcess]:
    """Run Pd, and hold it to a clean console at the end."""
    with PdProcess(port) as process:
        yield process
    assert process.problems == ""


@pytest.fixture
def pd(daemon, grid: OpenGrid) -> Iterator[PdProcess]:
    """Pd that shows the test's own grid."""
    with pd_at(daemon.port) as process:
        process.until(lambda: "connected to" in process.labels.get("connection", ""), "connects")
        process.send(f"sda-want-grid symbol {fudi(grid.name)}")
        process.until(lambda: process.labels.get("grid") == grid.name, "shows the grid")
        _until_shown(process, grid, 0)
        yield process


def _shown(pd: PdProcess, grid: OpenGrid) -> list[int]:
    return [cell.code for cell in pd.cells(grid.n_levels) if cell.shown]


def _until_shown(pd: PdProcess, grid: OpenGrid, start: int) -> None:
    pd.until(lambda: _shown(pd, grid) == grid.window(start), f"shows the codes from {start}")


def test_every_visible_cell_shows_its_code(pd: PdProcess, grid: OpenGrid):
    names = [str(name) for name in grid.client.call("/sda/grid/info", grid.name)[8:]]

    assert _shown(pd, grid) == grid.window(0)
    assert pd.columns(grid.n_levels) == list(range(WINDOW_COLUMNS))
    assert [pd.labels[f"level-{level}"] for level in range(grid.n_levels)] == names
    assert pd.labels["model"] == "starter"
    assert pd.labels["columns"] == f"columns 0 to 31 of {N_COLUMNS}"


def test_higher_codes_have_other_colours_than_lower_ones(pd: PdProcess, grid: OpenGrid):
    grid.client.call("/sda/grid/set", grid.name, 0, 0, 0, grid.codebook_size - 1)
    _until_shown(pd, grid, 0)

    lowest, highest = pd.cells(1)[:2]

    assert lowest.colour != highest.colour


def test_a_drag_edits_the_cell_as_one_step(pd: PdProcess, grid: OpenGrid):
    before = grid.code(1, 5)

    pd.drag(*centre_of(1, 5), up=7)
    pd.until(lambda: grid.code(1, 5) == before + 7, "the daemon has the edit")
    grid.client.call("/sda/grid/undo", grid.name)

    assert grid.code(1, 5) == before


def test_a_drag_stops_at_the_last_code(pd: PdProcess, grid: OpenGrid):
    last = grid.codebook_size - 1

    pd.drag(*centre_of(0, 3), up=grid.codebook_size + 20)
    pd.until(lambda: grid.code(0, 3) == last, "the daemon has the last code")

    assert pd.cells(1)[3].code == last


def test_typing_a_number_and_enter_edits_the_cell(pd: PdProcess, grid: OpenGrid):
    wanted = (grid.code(2, 31) + 12) % 50 + 10

    pd.click(*centre_of(2, 31))
    pd.type(f"{wanted}\n")

    pd.until(lambda: grid.code(2, 31) == wanted, "the daemon has the number")


@pytest.mark.parametrize("key", ["\n", "x", " "])
def test_a_first_key_that_is_no_digit_changes_nothing(pd: PdProcess, grid: OpenGrid, key: str):
    before = grid.window(0)

    pd.click(*centre_of(1, 1))
    pd.type(key)
    _until_shown(pd, grid, 0)
    pd.type("\n22\n")
    pd.until(lambda: grid.code(1, 1) == 22, "then a number is taken")

    assert grid.window(0)[: WINDOW_COLUMNS + 1] == before[: WINDOW_COLUMNS + 1]
    grid.client.call("/sda/grid/undo", grid.name)
    assert grid.window(0) == before


def test_an_edit_by_another_client_appears(pd: PdProcess, grid: OpenGrid):
    wanted = [code + 3 for code in grid.row(1, 8, 4)]

    grid.client.call("/sda/grid/set", grid.name, 1, 8, *wanted)

    _until_shown(pd, grid, 0)
    assert _shown(pd, grid)[WINDOW_COLUMNS + 8 : WINDOW_COLUMNS + 12] == wanted


def test_a_very_large_edit_by_another_client_appears(pd: PdProcess, grid: OpenGrid):
    grid.client.call("/sda/grid/insert", grid.name, 0, 1500)
    _until_shown(pd, grid, 0)
    grid.client.call("/sda/grid/fill", grid.name, 0, grid.n_levels, 0, 1500, 77)
    _until_shown(pd, grid, 0)
    assert set(_shown(pd, grid)) == {77}


def test_a_refused_command_is_explained(pd: PdProcess, grid: OpenGrid):
    pd.send(f"sda-send /sda/grid/set {fudi(grid.name)} 0 0 9999")

    pd.until(lambda: "9999" in pd.labels.get("message", ""), "the error is shown")


def test_the_undo_and_redo_buttons_work(pd: PdProcess, grid: OpenGrid):
    before = grid.code(0, 0)
    grid.client.call("/sda/grid/set", grid.name, 0, 0, before + 5)

    pd.press("sda-undo")
    pd.until(lambda: grid.code(0, 0) == before, "undone")
    _until_shown(pd, grid, 0)

    pd.press("sda-redo")
    pd.until(lambda: grid.code(0, 0) == before + 5, "done again")
    _until_shown(pd, grid, 0)


def test_paging_shows_other_columns(pd: PdProcess, grid: OpenGrid):
    pd.press("sda-page-right")
    _until_shown(pd, grid, 32)
    assert pd.columns(grid.n_levels) == list(range(32, 64))

    # The last page is a full window that ends with the sound.
    pd.press("sda-page-right")
    _until_shown(pd, grid, N_COLUMNS - WINDOW_COLUMNS)

    pd.press("sda-left")
    _until_shown(pd, grid, N_COLUMNS - WINDOW_COLUMNS - 1)


def test_an_edit_on_another_page_hits_the_column_that_is_shown(pd: PdProcess, grid: OpenGrid):
    pd.press("sda-page-right")
    _until_shown(pd, grid, 32)
    before = grid.code(0, 36)

    pd.drag(*centre_of(0, 4), up=-4)

    pd.until(lambda: grid.code(0, 36) == before - 4, "column 36 is edited")


def test_columns_after_the_end_are_hidden(pd: PdProcess, grid: OpenGrid):
    grid.client.call("/sda/grid/delete", grid.name, 10, N_COLUMNS - 10)

    pd.until(lambda: pd.columns(grid.n_levels) == list(range(10)), "ten columns are left")
    assert len(_shown(pd, grid)) == 10 * grid.n_levels


def test_the_playhead_runs_while_the_loop_plays(pd: PdProcess, grid: OpenGrid):
    assert pd.playhead()[1] is False

    pd.press("sda-play-page")
    pd.until(lambda: pd.playhead()[1], "the playhead is shown")
    first = pd.playhead()[0]
    pd.until(lambda: pd.playhead()[0] != first, "the playhead moves")
    assert pd.labels["playing"] == "playing"

    pd.press("sda-stop")
    pd.until(lambda: not pd.playhead()[1], "the playhead is hidden")


def test_the_next_button_shows_another_grid(pd: PdProcess, grid: OpenGrid):
    pd.press("sda-previous-grid")
    pd.until(lambda: pd.labels["grid"] != grid.name, "another grid")

    pd.press("sda-next-grid")
    pd.until(lambda: pd.labels["grid"] == grid.name, "back again")
    _until_shown(pd, grid, 0)


def test_a_grid_that_is_closed_makes_room_for_another(pd: PdProcess, grid: OpenGrid):
    other = f"{grid.name} too"
    grid.client.call("/sda/grid/new", other, "starter", 4)
    pd.send(f"sda-want-grid symbol {fudi(other)}")
    pd.until(lambda: pd.labels["grid"] == other, "shows the new one")

    grid.client.call("/sda/grid/close", other)

    pd.until(lambda: pd.labels["grid"] != other, "shows another one")


def test_render_shows_where_the_file_is(pd: PdProcess, grid: OpenGrid):
    pd.press("sda-render")

    pd.until(lambda: "rendered: " in pd.labels.get("message", ""), "rendered", timeout_s=30)
    assert pd.labels["message"].endswith(".wav")


class ScriptedDaemon:
    """A UDP peer that answers only what a test needs, to see what Pd asks and to fall silent."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.asked: list[tuple[str, list]] = []

    def serve(self) -> None:
        """Answer what has arrived."""
        while True:
            try:
                packet, peer = self.socket.recvfrom(65536)
            except BlockingIOError:
                return
            message = OscMessage(packet)
            self.asked.append((message.address, list(message.params)))
            match message.address:
                case "/sda/hello":
                    self._send(peer, "/sda/done", "/sda/hello", "sdaudio", "0", 1, self.port)
                case "/sda/subscribe":
                    names = ("Structure", "fine Detail")
                    self._send(peer, "/sda/grid/state", "g", "m", 2, 3, 64, 1, *names)
                case "/sda/grid/get":
                    _, level, start, _ = message.params
                    place = ("g", int(level), int(start))
                    self._send(peer, "/sda/done", "/sda/grid/get", *place, *SCRIPTED_CODES)
                case "/sda/grid/set":
                    self._send(peer, "/sda/fail", "/sda/grid/set", "state", "the grid grows")

    def _send(self, peer: tuple[str, int], address: str, *arguments: str | int) -> None:
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.socket.sendto(builder.build().dgram, peer)


@pytest.fixture
def scripted() -> Iterator[ScriptedDaemon]:
    daemon = ScriptedDaemon()
    yield daemon
    daemon.socket.close()


@pytest.fixture
def scripted_pd(scripted: ScriptedDaemon) -> Iterator[PdProcess]:
    """Pd that shows the grid of the scripted daemon."""
    with pd_at(scripted.port) as pd:
        pd.until(lambda: scripted.serve() or _scripted_codes(pd) == SCRIPTED_CODES * 2, "the grid")
        yield pd


def _scripted_codes(pd: PdProcess) -> list[int]:
    if pd.labels.get("grid") != "g":
        return []
    return [cell.code for cell in pd.cells(2) if cell.shown]


def test_a_click_plays_the_code(scripted: ScriptedDaemon, scripted_pd: PdProcess):
    scripted_pd.click(*centre_of(1, 2))

    played = ("/sda/play/code", ["m", 1, 13])
    scripted_pd.until(lambda: scripted.serve() or played in scripted.asked, "it is played")


def test_a_drag_plays_the_code_it_ends_on(scripted: ScriptedDaemon, scripted_pd: PdProcess):
    scripted_pd.drag(*centre_of(0, 1), up=6)

    played = ("/sda/play/code", ["m", 0, 18])
    scripted_pd.until(lambda: scripted.serve() or played in scripted.asked, "it is played")


def test_a_click_on_a_column_number_plays_the_column(
    scripted: ScriptedDaemon, scripted_pd: PdProcess
):
    x, y = centre_of(0, 1)

    scripted_pd.click(x - 9, y - CELL_HEIGHT // 2 - 12)

    played = ("/sda/play/column", ["g", 1])
    scripted_pd.until(lambda: scripted.serve() or played in scripted.asked, "it is played")


def test_an_edit_that_is_refused_is_taken_back(scripted: ScriptedDaemon, scripted_pd: PdProcess):
    scripted_pd.drag(*centre_of(1, 0), up=5)

    scripted_pd.until(
        lambda: scripted.serve() or "the grid grows" in scripted_pd.labels.get("message", ""),
        "the reason is shown",
    )
    scripted_pd.until(
        lambda: scripted.serve() or _scripted_codes(scripted_pd) == SCRIPTED_CODES * 2,
        "the old code is shown",
    )


def test_level_names_keep_their_spaces(scripted_pd: PdProcess):
    assert scripted_pd.labels["level-1"] == "fine Detail"


def test_a_daemon_that_falls_silent_is_shown_as_lost(scripted: ScriptedDaemon):
    with pd_at(scripted.port) as pd:
        pd.until(
            lambda: scripted.serve() or "connected to" in pd.labels.get("connection", ""),
            "connects",
        )

        pd.until(lambda: "no answer" in pd.labels["connection"], "shows that it is lost")
        pd.until(
            lambda: scripted.serve() or "connected to" in pd.labels["connection"],
            "connects again by itself",
        )


def test_nobody_at_the_port_is_shown_with_what_to_do():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pd_at(port) as pd:
        pd.until(lambda: "no answer" in pd.labels.get("connection", ""), "nobody answers")
        pd.until(lambda: "sdaudio serve" in pd.labels.get("hint", ""), "what to do")
        assert pd.labels["connection"] == f"no answer from 127.0.0.1 {port}"


def test_undoing_nothing_is_explained(pd: PdProcess, grid: OpenGrid):
    steps = int(grid.client.call("/sda/grid/info", grid.name)[6])
    grid.client.call("/sda/grid/undo", grid.name, steps)

    pd.press("sda-undo")

    pd.until(lambda: "/sda/grid/undo" in pd.labels.get("message", ""), "the reason is shown")
