"""A controller with pads: what it lights, what presses do, and that it may come and go."""

import time
from pathlib import Path

import pytest
from played_midi import MidiStage, until

from sdaudio.errors import UsageError
from sdaudio_server.commands import all_commands
from sdaudio_server.midi import read_map
from sdaudio_server.midi.maps import map_path
from sdaudio_server.midi.pads import PadSettings
from sdaudio_server.registry import Registry

PAD = "Launchpad X"
N_COLUMNS = 40
REGISTRY = Registry(all_commands())


@pytest.fixture
def pads(stage: MidiStage) -> MidiStage:
    """The stage with a controller of 8 times 8 pads that shows a grid of codes 10, 11, 12 ..."""
    client = stage.client
    client.call("/sda/grid/close", "starter")
    client.call("/sda/grid/new", "one", "starter", N_COLUMNS)
    for level in range(3):
        client.call("/sda/grid/set", "one", level, 0, *(10 + c for c in range(N_COLUMNS)))
    stage.midi.names.append(PAD)
    stage.midi.outputs.append(PAD)
    client.call("/sda/midi/map", "launchpad")
    client.call("/sda/midi/ports")
    until(lambda: len({message[1] for message in stage.midi.sent}) == 64)
    return stage


def press(stage: MidiStage, row: int, column: int) -> None:
    stage.play(0x90, 81 - 10 * row + column, 100, port=PAD)


def let_go(stage: MidiStage, row: int, column: int) -> None:
    stage.play(0x80, 81 - 10 * row + column, 0, port=PAD)


def lit(stage: MidiStage) -> dict[tuple[int, int], int]:
    """What is lit where, by (row, column) from the top."""
    latest = {message[1]: message[2] for message in list(stage.midi.sent)}
    return {
        (row, column): latest[81 - 10 * row + column] for row in range(8) for column in range(8)
    }


def code(stage: MidiStage, level: int, column: int) -> int:
    return int(str(stage.client.call("/sda/grid/get", "one", level, column, 1)[3]))


def test_equal_codes_are_lit_alike_and_edits_are_shown_at_once(pads: MidiStage):
    ranks = [int(str(r)) for r in pads.client.call("/sda/code/ranks", "starter", 0)[3:]]
    dark, bright = ranks.index(0), ranks.index(127)
    pads.client.call("/sda/grid/set", "one", 0, 1, dark, bright, dark, bright)
    until(lambda: (now := lit(pads))[0, 1] == now[0, 3] != now[0, 2] == now[0, 4])
    # the second band of three rows goes on where the first ends; the seventh row is spare
    pads.client.call("/sda/grid/set", "one", 0, 8, dark)
    until(lambda: lit(pads)[3, 0] == lit(pads)[0, 1])
    assert {lit(pads)[6, column] for column in range(8)} == {0}


def test_a_press_is_heard_and_moves_the_cursor(pads: MidiStage):
    press(pads, 1, 5)
    until(lambda: lit(pads)[1, 5] == 5)
    let_go(pads, 1, 5)
    assert code(pads, 1, 5) == 15


def test_holding_one_and_pressing_another_copies_the_code(pads: MidiStage):
    press(pads, 2, 1)
    press(pads, 2, 6)
    until(lambda: code(pads, 2, 6) == code(pads, 2, 1) == 11)
    # another level is another kind of code
    press(pads, 0, 6)
    time.sleep(0.2)
    assert code(pads, 0, 6) == 16
    for pad in ((2, 1), (2, 6), (0, 6)):
        let_go(pads, *pad)


def test_the_lowest_row_scrolls_plays_undoes_and_steps(pads: MidiStage):
    press(pads, 7, 1)
    press(pads, 0, 0)
    let_go(pads, 0, 0)
    until(lambda: lit(pads)[0, 0] == 5)
    press(pads, 7, 6)
    until(lambda: code(pads, 0, 16) != 26)
    press(pads, 7, 3)
    until(lambda: code(pads, 0, 16) == 26)
    press(pads, 7, 4)
    until(lambda: code(pads, 0, 16) != 26)
    press(pads, 7, 2)
    until(lambda: lit(pads)[7, 2] == 21)
    press(pads, 7, 0)
    until(lambda: any(lit(pads)[0, column] == 3 for column in range(8)))
    press(pads, 7, 2)
    until(lambda: lit(pads)[7, 2] == 1)


def test_pads_do_not_play_as_keys_and_another_grid_can_be_shown(pads: MidiStage):
    pads.client.call("/sda/grid/new", "two", "starter", 4, 100)
    press(pads, 7, 7)
    until(lambda: lit(pads)[0, 4] == 0)
    press(pads, 0, 1)
    let_go(pads, 0, 1)
    time.sleep(0.2)
    assert pads.client.call("/sda/midi/inputs")[4] == 0


def test_a_controller_that_is_pulled_out_and_comes_back_is_lit_again(pads: MidiStage):
    pads.midi.names.remove(PAD)
    pads.client.call("/sda/midi/ports")
    # it is darkened, as far as it still listens
    until(lambda: {message[2] for message in pads.midi.sent[-64:]} == {0})
    pads.midi.sent.clear()
    pads.midi.names.append(PAD)
    pads.client.call("/sda/midi/ports")
    until(lambda: len({message[1] for message in pads.midi.sent}) == 64)
    pads.client.call("/sda/midi/unmap", "launchpad")
    until(lambda: {message[2] for message in pads.midi.sent[-64:]} == {0})


def test_without_an_output_presses_work_in_the_dark(stage: MidiStage):
    stage.midi.names.append(PAD)
    stage.client.call("/sda/midi/map", "launchpad")
    stage.client.call("/sda/midi/ports")
    before = stage.client.call("/sda/grid/get", "starter", 0, 0, 2)[3:]
    time.sleep(0.3)
    press(stage, 0, 0)
    press(stage, 0, 1)
    until(
        lambda: stage.client.call("/sda/grid/get", "starter", 0, 0, 2)[3:] == (before[0], before[0])
    )


def test_large_grids_of_pads_have_a_channel_for_each_row(tmp_path: Path):
    found = read_map(map_path("grid64x16"), REGISTRY)
    settings = found.pads[0]
    assert settings.note_of(0, 0) == (1, 0)
    assert settings.note_of(15, 63) == (16, 63)
    path = tmp_path / "own.yaml"
    path.write_text("pads: [{first: 100, step: 10}]")
    with pytest.raises(UsageError, match=r"pads 1: the pads would have the notes 100 to 177"):
        read_map(path, REGISTRY)
    assert PadSettings().problem() == ""
