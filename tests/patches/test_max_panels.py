"""The panels of the Max package, run without Max against a real daemon."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from max_host import MaxHost, connected_host, until

from sdaudio.audio import write_sound

PARTS = ("client", "grid", "library", "train", "generate", "output", "pair", "news", "play~")
LIBRARY, TRAIN, GENERATE, OUTPUT, PAIR, NEWS = (
    f"sda.{name}.maxpat" for name in ("library", "train", "generate", "output", "pair", "news")
)


@pytest.fixture
def host(spare_daemon) -> Iterator[MaxHost]:
    with connected_host(spare_daemon.port) as opened:
        opened.until(lambda grid: grid["name"] != "")
        yield opened


@pytest.mark.parametrize("part", PARTS)
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
    until(lambda: any("3 levels of 128 codes" in line for line in host.texts(LIBRARY)))
    assert not any("loaded" in line for line in host.texts(LIBRARY))
    host.press(LIBRARY, "load")
    until(lambda: any(line.startswith("loaded, 3 levels") for line in host.texts(LIBRARY)))
    client.events.clear()
    for name in ("another one", "another one 2"):
        host.press(LIBRARY, "new 96")
        assert client.wait_for("/sda/grid/state")[:4] == (name, "another one", 3, 96)
    host.press(LIBRARY, "unload")
    client.wait_for("/sda/model/state", lambda values: values[:2] == ("another one", 0))
    for name in ("another one", "another one 2"):
        client.call("/sda/grid/close", name)
    client.call("/sda/model/delete", "another one")
    until(lambda: host.do("items", part=LIBRARY) == ["starter"])


def test_the_prior_draws_for_the_grid_that_was_touched_last(host: MaxHost, client):
    client.call("/sda/grid/new", "touched", "starter", 20)
    host.until(lambda grid: grid["name"] == "touched", box=1)
    host.mouse("onclick", *host.cell(0, 2, box=1), 1, 0, 0, box=1)
    until(lambda: "touched" in host.texts(GENERATE))
    host.do("send", to="flonum", part=GENERATE, message=[0.5])
    host.press(GENERATE, "infill")
    client.wait_for("/sda/grid/codes", lambda values: values[0] == "touched", timeout_s=20)
    until(lambda: "done" in host.texts(GENERATE), timeout_s=20)
    host.press(GENERATE, "continue")
    client.wait_for(
        "/sda/grid/state", lambda values: values[0] == "touched" and values[3] > 20, timeout_s=20
    )
    client.wait_for("/sda/job/done", lambda values: values[1] == "/sda/prior/continue")
    client.call("/sda/grid/close", "touched")
    host.until(lambda grid: grid["name"] == "", box=1)
    # it falls back to a grid that is there
    until(lambda: "starter" in host.texts(GENERATE))


def test_a_training_is_started_shown_and_cancelled(host: MaxHost, client, tmp_path: Path):
    host.press(TRAIN, "start")
    until(lambda: any("Choose a folder" in line for line in host.texts(TRAIN)))
    folder = tmp_path / "my sounds"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        write_sound(folder / f"{number}.wav", 0.1 * rng.standard_normal((1, 48_000)).astype("f4"),
                    48_000)  # fmt: skip
    host.do("send", to="opendialog", part=TRAIN, message=[f"Macintosh HD:{folder}/"])
    until(lambda: host.do("shown", of="textedit", part=TRAIN) == ["my sounds"])
    assert f"{folder}/" in host.texts(TRAIN)
    host.do("send", to="textedit", part=TRAIN, message=["from max"])
    host.do("send", to="flonum", part=TRAIN, message=[0.5])
    host.press(TRAIN, "start")
    client.wait_for("/sda/job/progress", timeout_s=60)
    until(lambda: any("left" in line for line in host.texts(TRAIN)), timeout_s=60)
    host.press(TRAIN, "start")
    until(lambda: "A training runs; stop it first." in host.texts(TRAIN))
    host.press(TRAIN, "cancel")
    client.wait_for("/sda/job/cancelled", timeout_s=60)
    until(lambda: "cancelled" in host.texts(TRAIN))


def test_without_a_region_the_pair_says_what_to_do(host: MaxHost):
    host.press(PAIR, "swap")
    until(lambda: "Select a region in one of two grids first." in host.texts(PAIR))


def test_the_output_chooses_a_device_levels_and_renders(host: MaxHost, client):
    until(lambda: any(" at " in line and " Hz" in line for line in host.texts(OUTPUT)))
    devices = host.do("items", part=OUTPUT)
    assert len(devices) == client.call("/sda/play/devices")[0]
    host.do("send", to="flonum", part=OUTPUT, message=[-12.0])
    client.wait_for("/sda/play/gain", lambda values: values == (-12.0,))
    client.call("/sda/play/gain", -3.0)
    until(lambda: host.do("shown", of="flonum", part=OUTPUT)[0] == -3.0)
    host.press(OUTPUT, "render")
    until(lambda: any(line.endswith(".wav") for line in host.texts(OUTPUT)))
    rendered = next(line for line in host.texts(OUTPUT) if line.endswith(".wav"))
    assert Path(rendered).stat().st_size > 10_000
    client.call("/sda/play/gain", 0.0)


def test_the_news_say_what_went_wrong_and_show_the_job(host: MaxHost, client):
    host.do("send", to="message", text="connect 127.0.0.1 5630",
            message=["set", "/sda/grid/undo", "nothing"])  # fmt: skip
    host.do("send", to="message", text="connect 127.0.0.1 5630", message=["bang"])
    until(lambda: any("/sda/grid/undo" in line for line in host.texts(NEWS)))
    (job,) = client.call("/sda/prior/sample", "news", "starter", 20.0)
    until(lambda: any("left" in line or "%" in line or line for line in host.texts(NEWS)[1:]))
    host.press(NEWS, "cancel")
    client.wait_for("/sda/job/cancelled", lambda values: values[0] == job, timeout_s=20)
    until(lambda: host.do("shown", of="slider", part=NEWS) == [0])


@pytest.mark.parametrize("part", PARTS)
def test_all_that_a_help_offers_to_be_tried_is_understood(part: str, spare_daemon, client):
    refused: list[str] = []
    with connected_host(spare_daemon.port, f"sda.{part}.maxhelp") as opened:
        until(lambda: opened.do("shown", of="led") == [1])
        for text in opened.do("hinted"):
            opened.do("send", to="message", text=text, message=["bang"])
        client.call("/sda/hello")
        until(lambda: opened.do("received"))
        refused += [each[3] for each in opened.do("received") if each[0] == "/sda/fail"]
    # refused for what is not there to be acted on, never for what was said
    assert not [text for text in refused if "argument" in text or "command" in text]
