"""sdaudio.pd in a real Pd: what it shows of the daemon and what a hand does through it."""

import itertools
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from pd_display import PATCHES, PdDisplay, Window

from sdaudio_server.client import Client

N_COLUMNS = 80
N_SLOTS, SLOT_WIDTH, ROW_HEIGHT = 64, 16, 24
# Where the first cells of the tracks are in the window, in pixels.
GRID_X, UPPER_Y, LOWER_Y = 182, 107, 315
BLANK = "#202020"
_numbers = itertools.count()


@dataclass
class OpenGrid:
    """A grid of random codes in the daemon, and the client that made it."""

    name: str
    client: Client
    n_levels: int
    size: int

    def row(self, level: int, start: int = 0, count: int = N_COLUMNS) -> list[int]:
        return [
            int(c) for c in self.client.call("/sda/grid/get", self.name, level, start, count)[3:]
        ]

    def code(self, level: int, column: int) -> int:
        return self.row(level, column, 1)[0]


@dataclass
class Shown:
    """The main window, and Pd."""

    pd: PdDisplay
    window: Window

    def cell(self, level: int, column: int, *, top: int = UPPER_Y) -> tuple[int, int]:
        return (
            GRID_X + column * SLOT_WIDTH + SLOT_WIDTH // 2,
            top + level * ROW_HEIGHT + ROW_HEIGHT // 2,
        )

    def colours(self, level: int, *, top: int = UPPER_Y) -> list[str]:
        return [self.window.colour_at(*self.cell(level, c, top=top)) for c in range(N_SLOTS)]


NAME = (65, 76)


@contextmanager
def opened(port: int) -> Iterator[Shown]:
    """Run Pd with the main patch, and hold it to a clean console at the end."""
    with PdDisplay([PATCHES / "sdaudio.pd"], sends=[f"sda-connect 127.0.0.1 {port}"]) as pd:
        yield Shown(pd, pd.window("sdaudio.pd"))
    assert pd.problems == ""


@pytest.fixture
def grid(new_daemon) -> Iterator[OpenGrid]:
    chance = random.Random(7)
    daemon = new_daemon()
    with Client(daemon.port) as client:
        name = f"a grid {next(_numbers)}"
        client.call("/sda/grid/close", "starter")
        client.call("/sda/grid/new", name, "starter", N_COLUMNS)
        info = client.call("/sda/grid/info", name)
        made = OpenGrid(name, client, int(info[2]), int(info[4]))
        for level in range(made.n_levels):
            codes = [chance.randrange(10, made.size - 10) for _ in range(N_COLUMNS)]
            client.call("/sda/grid/set", name, level, 0, *codes)
        yield made


@pytest.fixture
def shown(grid: OpenGrid) -> Iterator[Shown]:
    """Pd that shows the test's grid, with all its colours."""
    with opened(int(grid.client.peer.rsplit(" ", 1)[1])) as shown:
        shown.pd.until(lambda: shown.window.has("render to a file"), "draws all its parts")
        shown.pd.until(lambda: shown.window.has(grid.name), "shows the grid")
        shown.pd.until(
            lambda: not {BLANK, ""} & set(shown.colours(grid.n_levels - 1)), "shows its codes"
        )
        yield shown


def test_equal_codes_have_equal_colours_and_others_do_not(shown: Shown, grid: OpenGrid):
    grid.client.call("/sda/grid/set", grid.name, 0, 0, 3, 120, 3, 120)

    shown.pd.until(
        lambda: (c := shown.colours(0))[0] == c[2] != c[1] == c[3], "colours follow the codes"
    )
    assert shown.window.has(f"starter: {grid.n_levels} levels x {N_COLUMNS} columns x 128 codes")
    assert shown.window.has("Structure")


def test_a_drag_up_edits_the_cell_as_one_step(shown: Shown, grid: OpenGrid):
    before = grid.code(1, 5)
    x, y = shown.cell(1, 5)

    shown.pd.drag(shown.window, (x, y), (x, y - 9))
    shown.pd.until(lambda: grid.code(1, 5) == before + 9, "the daemon has the edit")
    grid.client.call("/sda/grid/undo", grid.name)

    assert grid.code(1, 5) == before


def test_digits_set_the_code_under_the_cursor(shown: Shown, grid: OpenGrid):
    shown.pd.click(shown.window, *shown.cell(2, 31))
    shown.pd.type(shown.window, "99\n")
    shown.pd.until(lambda: grid.code(2, 31) == 99, "the daemon has the number")


def test_undo_and_redo_by_keys_and_by_buttons(shown: Shown, grid: OpenGrid):
    before = grid.code(0, 0)
    grid.client.call("/sda/grid/set", grid.name, 0, 0, before + 5)

    shown.pd.type(shown.window, "z")
    shown.pd.until(lambda: grid.code(0, 0) == before, "undone by the key")
    shown.pd.click_text(shown.window, "redo")
    shown.pd.until(lambda: grid.code(0, 0) == before + 5, "done again by the button")
    shown.pd.click_text(shown.window, "undo")
    shown.pd.until(lambda: grid.code(0, 0) == before, "undone by the button")


def test_a_region_is_selected_copied_and_pasted(shown: Shown, grid: OpenGrid):
    copied = [grid.row(level, 2, 6) for level in (0, 1)]

    shown.pd.drag(shown.window, shown.cell(0, 2), shown.cell(1, 7))
    shown.pd.type(shown.window, "c")
    shown.pd.click(shown.window, *shown.cell(0, 20))
    shown.pd.type(shown.window, "v")

    shown.pd.until(
        lambda: [grid.row(level, 20, 6) for level in (0, 1)] == copied, "pasted at the cursor"
    )


def test_zoom_writes_the_codes_into_the_cells(shown: Shown, grid: OpenGrid):
    shown.pd.click_text(shown.window, "+")
    shown.pd.until(lambda: shown.window.has("32 col"), "half as many columns")
    code = grid.code(0, 3)
    x, y = shown.cell(0, 6)
    shown.pd.until(
        lambda: any(
            text.strip() == str(code) and abs(at_y - y) < 6 and x - 8 <= at_x < x + 16
            for (at_x, at_y), text in shown.window.texts().items()
        ),
        "the code stands in its cell",
    )


def test_the_playhead_runs_while_it_plays(shown: Shown, grid: OpenGrid):
    def heads() -> list[float]:
        return [i.coords[0] for i in shown.window.items if i.fill == "#ff7043" and _is_bar(i)]

    shown.pd.click_text(shown.window, "loop")
    shown.pd.until(heads, "the playhead is shown")
    first = heads()[0]
    shown.pd.until(lambda: heads() and heads()[0] != first, "it moves")
    for _ in range(20):
        shown.pd.wait(0.04)
        assert heads(), "it stays while it plays"
    shown.pd.click_text(shown.window, "stop")
    shown.pd.until(lambda: not heads(), "it is gone")


def _is_bar(item) -> bool:
    xs, ys = item.coords[0::2], item.coords[1::2]
    return max(xs) - min(xs) <= 4 and max(ys) - min(ys) > 80


def test_swap_and_blend_between_the_tracks(shown: Shown, grid: OpenGrid):
    other = "the other"
    grid.client.call("/sda/grid/new", other, "starter", N_COLUMNS, 7)
    # A colour that changes after the new grid was told shows that Pd has heard of it.
    colour = shown.colours(0)[0]
    grid.client.call("/sda/grid/set", grid.name, 0, 0, (grid.code(0, 0) + 60) % 128)
    shown.pd.until(lambda: shown.colours(0)[0] != colour, "has heard of the new grid")
    before = grid.row(0, 4, 5)
    x, y = shown.window.place_of("<", nth=1)
    shown.pd.click(shown.window, x + 23, y)
    shown.pd.until(lambda: _lower_name(shown) == other, "the lower track turns to the other")

    shown.pd.drag(shown.window, shown.cell(0, 4), shown.cell(0, 8))
    shown.pd.click_text(shown.window, "swap")

    shown.pd.until(lambda: grid.row(0, 4, 5) == [7] * 5, "the codes came over")
    there = [int(c) for c in grid.client.call("/sda/grid/get", other, 0, 4, 5)[3:]]
    assert there == before


def _lower_name(shown: Shown) -> str:
    return shown.window.text_near(NAME[0], NAME[1] + LOWER_Y - UPPER_Y)


def test_a_refused_command_is_explained(shown: Shown, grid: OpenGrid):
    steps = int(grid.client.call("/sda/grid/info", grid.name)[6])
    grid.client.call("/sda/grid/undo", grid.name, steps)
    shown.pd.click_text(shown.window, "undo")
    shown.pd.until(lambda: shown.window.has("undo"), "the reason")
    shown.pd.until(
        lambda: any("othing" in t or "no step" in t for t in shown.window.texts().values()),
        "says that there is nothing",
    )


def test_a_model_is_copied_deleted_and_restored(shown: Shown, grid: OpenGrid):
    client = grid.client
    client.call("/sda/model/copy", "starter", "mine")
    shown.pd.until(lambda: shown.window.has("mine - 3x128"), "the copy is listed")

    shown.pd.click_text(shown.window, "mine - 3x128 prior")
    shown.pd.until(lambda: shown.window.has("health green"), "its facts")
    shown.pd.click_text(shown.window, "delete")
    shown.pd.until(lambda: shown.window.has("really?"), "asks once more")
    shown.pd.click_text(shown.window, "really?")
    shown.pd.until(lambda: not shown.window.has("mine - 3x128"), "it is gone")
    shown.pd.click_text(shown.window, "restore")
    shown.pd.until(lambda: shown.window.has("mine - 3x128"), "it is back")


def test_a_take_is_sampled_and_shown(shown: Shown, grid: OpenGrid):
    shown.pd.click_text(shown.window, "sample")
    shown.pd.until(lambda: shown.window.has("take 1 - "), "the take is told", timeout_s=60)
    assert "take 1" in [event[1][0] for event in _grids(grid.client)]


def _grids(client: Client) -> list:
    client.events.clear()
    client.call("/sda/grid/list")
    return [event for event in client.events if event[0] == "/sda/grid/state"]


def test_a_text_is_typed_without_being_taken_for_commands(shown: Shown, grid: OpenGrid):
    revision = grid.client.call("/sda/grid/info", grid.name)[5]
    x, y = shown.window.place_of("Structure", nth=0)

    shown.pd.click(shown.window, x + 3, y)
    shown.pd.type(shown.window, "\b" * 9 + "zycxv 7\n")

    shown.pd.until(
        lambda: grid.client.call("/sda/grid/info", grid.name)[8] == "zycxv 7", "the level's name"
    )
    shown.pd.until(lambda: shown.window.has("zycxv 7"), "is shown")
    assert grid.client.call("/sda/grid/info", grid.name)[5] == revision


def test_a_daemon_that_comes_back_is_found_again(new_daemon):
    daemon = new_daemon()
    with opened(daemon.port) as shown:
        shown.pd.until(lambda: shown.window.has("connected to sdaudio"), "connects")
        daemon.stop()
        shown.pd.until(lambda: shown.window.has("no answer"), "says that it is gone")
        again = new_daemon("--port", str(daemon.port))
        assert again.port == daemon.port
        shown.pd.until(lambda: shown.window.has("connected to sdaudio"), "finds it by itself")


def test_nobody_at_the_port_is_shown_with_what_to_do():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with opened(port) as shown:
        shown.pd.until(lambda: shown.window.has("sdaudio serve"), "what to do")
        assert shown.window.has(f"127.0.0.1 {port}")
