"""The knobs and low keys that every controller has: they act on the grid that is meant."""

import pytest
from played_midi import MidiStage, until

from sdaudio.errors import UsageError


@pytest.fixture
def two_grids(stage: MidiStage) -> MidiStage:
    stage.client.call("/sda/grid/close", "starter")
    stage.client.call("/sda/grid/new", "one", "starter", 12)
    stage.client.call("/sda/grid/new", "two", "starter", 8)
    for level in range(3):
        stage.client.call("/sda/grid/set", "two", level, 0, *[5] * 8)
    return stage


def row(stage: MidiStage, grid: str, level: int = 0) -> list[object]:
    return list(stage.client.call("/sda/grid/get", grid, level, 0, 8)[3:])


def test_a_knob_blends_towards_the_next_grid_and_a_key_keeps_it(two_grids: MidiStage):
    before = row(two_grids, "one")
    two_grids.play(0xB0, 72, 127)
    until(lambda: row(two_grids, "one") == [5] * 8)
    two_grids.play(0x90, 29, 100)
    until(lambda: two_grids.client.call("/sda/blend/list", "one")[0] == 0)
    two_grids.play(0x90, 25, 100)
    until(lambda: row(two_grids, "one") == before)
    two_grids.play(0x90, 26, 100)
    until(lambda: row(two_grids, "one") == [5] * 8)


def test_knobs_leave_levels_out_of_the_grid_that_plays(two_grids: MidiStage):
    client = two_grids.client
    client.call("/sda/play/loop", "two")
    client.wait_for("/sda/play/state", lambda values: values == ("two", 1))
    two_grids.play(0xB0, 76, 127)
    sessions = two_grids.daemon.context.sessions
    until(lambda: sessions["two"].muted == {1})
    assert not sessions["one"].muted
    two_grids.play(0xB0, 76, 20)
    until(lambda: not sessions["two"].muted)
    two_grids.play(0x90, 28, 100)
    client.wait_for("/sda/play/state", lambda values: values == ("two", 0))
    two_grids.play(0x90, 27, 100)
    client.wait_for("/sda/play/state", lambda values: values == ("one", 1))


def test_dials_are_turned_by_knobs_and_used_by_keys(two_grids: MidiStage):
    client = two_grids.client
    ran: list[tuple[object, ...]] = []
    desk = two_grids.daemon.context.midi
    run = desk.run

    def note_and_run(messages, peer):
        ran.extend(message.arguments for message in messages)
        run(messages, peer)

    desk.run = note_and_run
    two_grids.play(0xB0, 70, 0, 0xB0, 71, 127)
    assert client.wait_for("/sda/midi/dial") == ("temperature", pytest.approx(0.1))
    two_grids.play(0x90, 24, 100)
    until(lambda: len(ran) == 3)
    assert ran[2] == (
        "one", 0, 3, 0, 12, "temperature", pytest.approx(0.1), "top_p", pytest.approx(1.0)
    )  # fmt: skip
    until(lambda: len(set(row(two_grids, "one"))) > 1)
    # patches turn them, too
    assert client.call("/sda/midi/dial", "temperature", 2.0) == ("temperature", 2.0)
    with pytest.raises(UsageError, match="Did you mean 'temperature'"):
        client.call("/sda/midi/dial", "temprature", 1.0)


def test_where_no_grid_is_open_it_is_said(stage: MidiStage):
    stage.client.call("/sda/grid/close", "starter")
    stage.play(0x90, 25, 100)
    told = stage.client.wait_for("/sda/midi/failed")
    assert told[1:3] == ("/sda/grid/undo", "state")
    assert "No grid is open" in str(told[3])
    stage.client.call("/sda/grid/new", "one", "starter", 12)
    stage.play(0xB0, 72, 100)
    assert "Only one grid is open" in str(stage.client.wait_for("/sda/midi/failed")[3])
