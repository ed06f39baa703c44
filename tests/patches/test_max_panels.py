"""The panels of the Max package, run without Max against a real daemon."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from max_host import MaxHost, connected_host, until

from sdaudio.audio import write_sound

LIBRARY, TRAIN, GENERATE = ("sda.library.maxpat", "sda.train.maxpat", "sda.generate.maxpat")


@pytest.fixture
def host(spare_daemon) -> Iterator[MaxHost]:
    with connected_host(spare_daemon.port) as opened:
        opened.until(lambda grid: grid["name"] != "")
        yield opened


def texts(host: MaxHost, part: str) -> list[str]:
    return list(host.do("shown", of="comment", part=part))


def press(host: MaxHost, part: str, message: str) -> None:
    """Press the button that says something: its message box, which it goes through."""
    host.do("send", to="message", text=message, part=part, message=["bang"])


@pytest.mark.parametrize("part", ["client", "grid", "library", "train", "generate"])
def test_a_help_patcher_works_when_it_is_opened(part: str, spare_daemon):
    with connected_host(spare_daemon.port, f"sda.{part}.maxhelp") as opened:
        until(lambda: opened.do("shown", of="led") == [1])
        if part == "client":
            opened.do("send", to="message", text="/sda/status", message=["bang"])
            until(lambda: any("/sda/done /sda/status" in each for each in opened.do("posted")))
        if part == "grid":
            found = opened.until(lambda grid: grid["nColumns"] > 0)
            assert opened.do("posted")[-1] == f"set {found['name']}"
        if part == "library":
            until(lambda: opened.do("items", part=LIBRARY) == ["starter"])


def test_the_library_lists_loads_and_makes_grids(host: MaxHost, client):
    client.call("/sda/model/copy", "starter", "another one")
    until(lambda: host.do("items", part=LIBRARY) == ["another one", "starter"])
    host.do("send", to="umenu", part=LIBRARY, message=["another", "one"])
    until(lambda: any("3 levels of 128 codes" in line for line in texts(host, LIBRARY)))
    assert not any("loaded" in line for line in texts(host, LIBRARY))
    press(host, LIBRARY, "load")
    until(lambda: any(line.startswith("loaded, 3 levels") for line in texts(host, LIBRARY)))
    client.events.clear()
    for name in ("another one", "another one 2"):
        press(host, LIBRARY, "new 96")
        assert client.wait_for("/sda/grid/state")[:4] == (name, "another one", 3, 96)
    press(host, LIBRARY, "unload")
    client.wait_for("/sda/model/state", lambda values: values[:2] == ("another one", 0))
    for name in ("another one", "another one 2"):
        client.call("/sda/grid/close", name)
    client.call("/sda/model/delete", "another one")
    until(lambda: host.do("items", part=LIBRARY) == ["starter"])


def test_the_prior_draws_for_the_grid_that_was_touched_last(host: MaxHost, client):
    client.call("/sda/grid/new", "touched", "starter", 20)
    host.until(lambda grid: grid["name"] == "touched", box=1)
    host.mouse("onclick", *host.cell(0, 2, box=1), 1, 0, 0, box=1)
    until(lambda: "touched" in texts(host, GENERATE))
    host.do("send", to="flonum", part=GENERATE, message=[0.5])
    press(host, GENERATE, "infill")
    client.wait_for("/sda/grid/codes", lambda values: values[0] == "touched", timeout_s=20)
    until(lambda: "done" in texts(host, GENERATE), timeout_s=20)
    press(host, GENERATE, "continue")
    client.wait_for(
        "/sda/grid/state", lambda values: values[0] == "touched" and values[3] > 20, timeout_s=20
    )
    client.wait_for("/sda/job/done", lambda values: values[1] == "/sda/prior/continue")
    client.call("/sda/grid/close", "touched")
    host.until(lambda grid: grid["name"] == "", box=1)
    # it falls back to a grid that is there
    until(lambda: "starter" in texts(host, GENERATE))


def test_a_training_is_started_shown_and_cancelled(host: MaxHost, client, tmp_path: Path):
    press(host, TRAIN, "start")
    until(lambda: any("Choose a folder" in line for line in texts(host, TRAIN)))
    folder = tmp_path / "my sounds"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        write_sound(folder / f"{number}.wav", 0.1 * rng.standard_normal((1, 48_000)).astype("f4"),
                    48_000)  # fmt: skip
    host.do("send", to="opendialog", part=TRAIN, message=[f"Macintosh HD:{folder}/"])
    until(lambda: host.do("shown", of="textedit", part=TRAIN) == ["my sounds"])
    assert f"{folder}/" in texts(host, TRAIN)
    host.do("send", to="textedit", part=TRAIN, message=["from max"])
    host.do("send", to="flonum", part=TRAIN, message=[0.5])
    press(host, TRAIN, "start")
    client.wait_for("/sda/job/progress", timeout_s=60)
    until(lambda: any("left" in line for line in texts(host, TRAIN)), timeout_s=60)
    press(host, TRAIN, "start")
    until(lambda: "A training runs; stop it first." in texts(host, TRAIN))
    press(host, TRAIN, "cancel")
    client.wait_for("/sda/job/cancelled", timeout_s=60)
    until(lambda: "cancelled" in texts(host, TRAIN))
