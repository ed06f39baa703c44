"""The Max patchers, run without Max against a real daemon: from a click to OSC, from OSC to the
picture. The stand-in for Max is max_host.js."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from max_host import PACKAGE, MaxHost, connected_host, node, until

N_COLUMNS = 40


@pytest.fixture
def host(spare_daemon, client) -> Iterator[MaxHost]:
    for name in ("starter", "one", "two"):
        client.send("/sda/grid/close", name)
    for name in ("one", "two"):
        client.call("/sda/grid/new", name, "starter", N_COLUMNS)
        for level in range(3):
            client.call("/sda/grid/set", name, level, 0, *range(10, 10 + N_COLUMNS))
    with connected_host(spare_daemon.port) as opened:
        opened.until(lambda grid: grid["name"] == "one" and is_known(grid))
        opened.until(lambda grid: grid["name"] == "two" and is_known(grid), box=1)
        yield opened


def is_known(grid: dict[str, Any]) -> bool:
    return all(-1 not in row for row in grid["codes"]) and all(grid["ranks"])


def codes(client: Any, level: int, column: int, count: int = 1, grid: str = "one") -> list[int]:
    return [int(code) for code in client.call("/sda/grid/get", grid, level, column, count)[3:]]


def test_it_connects_and_shows_what_is_open(host: MaxHost, client):
    found = host.grid()
    assert (found["model"], found["nLevels"], found["nColumns"]) == ("starter", 3, N_COLUMNS)
    assert found["codes"] == [list(range(10, 10 + N_COLUMNS))] * 3
    assert found["labels"] == ["Structure", "Timbre", "Detail"]
    assert sorted(found["ranks"][0]) == list(range(128))
    assert host.do("shown", of="led") == [1]
    assert any("connected to" in line for line in host.do("shown", of="comment"))


def test_a_drag_upwards_turns_the_code_and_is_one_step_to_undo(host: MaxHost, client):
    x, y = host.cell(1, 5)
    ranks = host.grid()["ranks"][1]
    steps = client.call("/sda/grid/info", "one")[6]
    client.events.clear()
    host.mouse("onclick", x, y, 1, 0, 0)
    for up in (3, 6, 9, 12):
        host.mouse("ondrag", x, y - up, 1)
    host.mouse("ondrag", x, y - 12, 0)
    wanted = ranks.index(min(ranks[15] + 12, 127))
    client.wait_for("/sda/grid/codes", lambda values: values[2:] == (1, 5, wanted))
    host.until(lambda grid: grid["codes"][1][5] == wanted)
    assert client.call("/sda/grid/info", "one")[6] == steps + 1
    host.do("call", box=0, name="key", args=[ord("z")])
    host.until(lambda grid: grid["codes"][1][5] == 15)


def test_a_drag_across_selects_what_keys_act_on(host: MaxHost, client):
    x, y = host.cell(0, 2)
    to_x, to_y = host.cell(1, 6)
    host.mouse("onclick", x, y, 1, 0, 0)
    host.mouse("ondrag", (x + to_x) / 2, y, 1)
    host.mouse("ondrag", to_x, to_y, 1)
    host.mouse("ondrag", to_x, to_y, 0)
    assert host.grid()["selection"] == {"level": 0, "levels": 2, "column": 2, "columns": 5}
    for key in (ord("7"), ord("7"), 13):
        host.do("call", box=0, name="key", args=[key])
    host.until(lambda grid: grid["codes"][1][2:7] == [77] * 5)
    assert codes(client, 0, 1, 7) == [11, *[77] * 5, 17]
    # copied into the other grid
    host.do("call", box=0, name="key", args=[ord("c")])
    x, y = host.cell(0, 20, box=1)
    host.mouse("onclick", x, y, 1, 0, 0, box=1)
    host.do("call", box=1, name="key", args=[ord("v")])
    host.until(lambda grid: grid["codes"][0][20:25] == [77] * 5, box=1)
    assert codes(client, 1, 19, 3, "two") == [29, 77, 77]


def test_what_others_do_is_seen_and_what_is_refused_is_said(host: MaxHost, client):
    client.call("/sda/grid/set", "one", 2, 7, 99)
    host.until(lambda grid: grid["codes"][2][7] == 99)
    client.call("/sda/grid/mute", "one", 2, 1)
    host.until(lambda grid: grid["muted"][2:] == [True])
    client.call("/sda/grid/insert", "one", 0, 300)
    found = host.until(lambda grid: grid["nColumns"] == N_COLUMNS + 300 and is_seen(grid))
    assert found["codes"][2][307] == 99 or found["codes"][2][307] == -1
    host.do("call", box=0, name="key", args=[ord("y")])
    found = host.until(lambda grid: grid["text"])
    assert "nothing to redo" in found["text"]


def is_seen(grid: dict[str, Any]) -> bool:
    last = int(grid["first"] + (820 - grid["lefts"][0]) / grid["cell"])
    return all(-1 not in row[int(grid["first"]) : last] for row in grid["codes"])


def test_switches_and_the_ruler(host: MaxHost, client):
    left = host.grid()["lefts"][0]
    host.mouse("onclick", left - 9, host.cell(0, 0)[1], 1, 0, 0)
    client.wait_for("/sda/grid/levels", lambda values: values == ("one", 0, 0, 1))
    host.until(lambda grid: grid["soloed"][:1] == [True])
    host.mouse("onclick", left - 27, host.cell(1, 0)[1], 1, 0, 0)
    client.wait_for("/sda/grid/levels", lambda values: values[:3] == ("one", 1, 1))
    x, _ = host.cell(0, 4)
    host.mouse("onclick", x, 5, 1, 0, 0)
    host.mouse("ondrag", host.cell(0, 9)[0], 5, 1)
    host.mouse("ondrag", 0, 5, 0)
    assert host.grid()["selection"] == {"level": 0, "levels": 3, "column": 4, "columns": 6}
    host.do("call", box=0, name="key", args=[32])
    client.wait_for("/sda/play/state", lambda values: values == ("one", 1))
    host.until(lambda grid: 4 <= grid["head"] < 10)
    host.do("call", box=0, name="key", args=[32])
    client.wait_for("/sda/play/state", lambda values: values == ("one", 0))
    host.until(lambda grid: grid["head"] == -1)


def test_the_buttons_of_the_patcher_undo_and_redo(host: MaxHost, client):
    client.call("/sda/grid/set", "one", 0, 0, 99)
    host.until(lambda grid: grid["codes"][0][0] == 99)
    host.do("send", to="textbutton", message=["bang"])
    host.until(lambda grid: grid["codes"][0][0] == 10)


def test_keys_act_while_they_are_switched_on(host: MaxHost, client):
    x, y = host.cell(1, 3)
    host.mouse("onclick", x, y, 1, 0, 0)
    host.mouse("ondrag", x, y, 0)
    host.do("send", to="key", message=[29, 0])
    assert host.grid()["cursor"] == {"level": 1, "column": 3}
    host.do("send", to="toggle", message=["bang"])
    host.do("send", to="key", message=[29, 0])
    assert host.grid()["cursor"] == {"level": 1, "column": 4}
    host.do("send", to="key", message=[31, 512])
    assert host.grid()["selection"] == {"level": 1, "levels": 2, "column": 4, "columns": 1}
    host.do("send", to="key", message=[45, 0])
    darker = host.until(lambda grid: grid["codes"][1][4] != 14 or grid["codes"][2][4] != 14)
    assert codes(client, 1, 4) == [darker["codes"][1][4]]


def test_a_grid_that_is_closed_makes_room_and_the_next_one_comes(host: MaxHost, client):
    client.call("/sda/grid/close", "two")
    host.until(lambda grid: grid["name"] == "", box=1)
    client.call("/sda/grid/new", "three", "starter", 8)
    host.until(lambda grid: grid["name"] == "three", box=1)
    client.call("/sda/grid/close", "three")


def test_the_picture_shows_codes_by_brightness(host: MaxHost, client):
    dark, bright = (host.grid()["ranks"][0].index(rank) for rank in (0, 127))
    client.call("/sda/grid/set", "one", 0, 0, dark, bright)
    host.until(lambda grid: grid["codes"][0][:2] == [dark, bright])
    svg = host.do("draw", box=0)
    assert 'fill="rgb(68,1,84)"' in svg
    assert 'fill="rgb(253,231,37)"' in svg
    assert ">Structure<" in svg


def test_two_patches_listen_apart_and_see_each_other(host: MaxHost, client, spare_daemon):
    with connected_host(spare_daemon.port) as second:
        second.until(lambda grid: grid["name"] == "one" and is_known(grid))
        assert host.do("port") != second.do("port")
        x, y = second.cell(2, 3)
        second.mouse("onclick", x, y, 1, 0, 0)
        second.mouse("ondrag", x, y, 0)
        for key in (ord("5"), 13):
            second.do("call", box=0, name="key", args=[key])
        host.until(lambda grid: grid["codes"][2][3] == 5)
    # one that leaves takes nothing from the other
    client.call("/sda/grid/set", "one", 2, 3, 6)
    host.until(lambda grid: grid["codes"][2][3] == 6)


PAIR = "sda.pair.maxpat"


@pytest.fixture
def region(host: MaxHost, client) -> None:
    """Two grids, each of one code, and a region of the first one that is selected."""
    for box, (name, code) in enumerate((("one", 30), ("two", 90))):
        client.call("/sda/grid/fill", name, 0, 3, 0, N_COLUMNS, code)
        host.until(lambda grid, code=code: grid["codes"][2][-1] == code, box=box)
    host.mouse("onclick", *host.cell(0, 2), 1, 0, 0)
    for level, column in ((0, 4), (1, 6)):
        host.mouse("ondrag", *host.cell(level, column), 1)
    host.mouse("ondrag", *host.cell(1, 6), 0)


@pytest.mark.usefixtures("region")
def test_a_region_is_swapped_with_the_other_grid(host: MaxHost):
    until(lambda: "one 2 x 5 from 2 with two from 2" in host.texts(PAIR))
    host.press(PAIR, "swap")
    host.until(lambda grid: grid["codes"][1][2:7] == [90] * 5)
    host.until(lambda grid: grid["codes"][0][2:7] == [30] * 5, box=1)
    # what is selected in the other one says where
    host.mouse("onclick", *host.cell(0, 10, box=1), 1, 0, 0, box=1)
    host.mouse("ondrag", *host.cell(0, 12, box=1), 1, box=1)
    host.mouse("ondrag", *host.cell(0, 12, box=1), 0, box=1)
    until(lambda: "two 1 x 3 from 10 with one from 2" in host.texts(PAIR))
    host.press(PAIR, "swap")
    host.until(lambda grid: grid["codes"][0][10:13] == [90] * 3, box=1)


@pytest.mark.usefixtures("region")
def test_a_region_is_blended_taken_back_and_kept(host: MaxHost, client):
    steps = client.call("/sda/grid/info", "one")[6]
    for amount in (0.2, 0.4, 0.6, 0.8, 1.0):
        host.do("send", to="slider", part=PAIR, message=[amount])
    host.until(lambda grid: grid["codes"][0][2:7] == [90] * 5)
    until(lambda: any(line.startswith("lands 0") for line in host.texts(PAIR)))
    host.press(PAIR, "cancel")
    host.until(lambda grid: grid["codes"][0][2:7] == [30] * 5)
    assert host.do("shown", of="slider", part=PAIR) == [0]
    host.do("send", to="slider", part=PAIR, message=[1.0])
    host.until(lambda grid: grid["codes"][0][2:7] == [90] * 5)
    host.press(PAIR, "keep")
    until(lambda: client.call("/sda/grid/info", "one")[6] == steps + 1)


REPLAYED = ("name", "nColumns", "codes", "ranks", "muted")
REPLAY = """
const { Grid } = require("sdaudio_grid");
const told = JSON.parse(require("fs").readFileSync(0));
const grid = new Grid();
grid.resize(820, 164);
for (const [address, ...args] of told) {
    if (address === "connected") { grid.connected(true); } else { grid.receive(address, args); }
}
console.log(JSON.stringify([grid.name, grid.nColumns, grid.codes, grid.ranks, grid.muted]));
"""


def test_what_a_daemon_said_gives_the_same_grid_again(host: MaxHost, client):
    """Everything a patch got over UDP, played into the model alone, under node."""
    client.call("/sda/grid/mute", "one", 1, 1)
    client.call("/sda/grid/reverse", "one", 0, 3, 0, 12)
    client.call("/sda/grid/insert", "one", 5, 3)
    client.call("/sda/grid/undo", "one")
    host.until(lambda grid: grid["nColumns"] == N_COLUMNS and is_known(grid))
    until(lambda: replayed(host) == [host.grid()[name] for name in REPLAYED])
    assert host.grid()["codes"][0][0] == 21


def replayed(host: MaxHost) -> list[Any]:
    run = subprocess.run(
        [node(), "-e", REPLAY], env={"NODE_PATH": str(PACKAGE / "javascript")},
        input=json.dumps([["connected"], *host.do("received")]), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return list(json.loads(run.stdout))
