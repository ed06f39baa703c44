"""A daemon with a controller: keys, knobs, learning, floods, plugs pulled out."""

import threading
import time
from pathlib import Path

import pytest
from played_midi import KEYS, MidiStage, until

from sdaudio.errors import FileError, StateError, UsageError
from sdaudio_server.cli import main
from sdaudio_server.client import Client


def test_a_knob_is_learned_kept_and_forgotten(stage: MidiStage, tmp_path: Path):
    answer: list[object] = []
    asked = threading.Thread(
        target=lambda: answer.extend(_call(stage, "/sda/midi/learn", "/sda/play/gain", "-40", "0"))
    )
    asked.start()
    stage.client.wait_for("/sda/midi/learning")
    stage.play(0xB4, 21, 64)
    asked.join(10)
    assert answer == ["/sda/play/gain", "cc 21 on channel 5", -40.0, 0.0, 0]
    stage.play(0xB4, 21, 127)
    assert stage.client.wait_for("/sda/play/gain") == (0.0,)
    stage.play(0xB4, 21, 0)
    assert stage.client.wait_for("/sda/play/gain") == (-40.0,)
    kept = tmp_path / "config" / "midi" / "learned.yaml"
    assert "cc 21" in kept.read_text()
    # it is read again as any other map
    assert stage.client.call("/sda/midi/map", "learned") == ("learned", 1, 0)
    assert stage.client.call("/sda/midi/forget", "/sda/play/gain") == (1,)
    assert stage.client.call("/sda/midi/map", "learned") == ("learned", 0, 0)


def test_what_cannot_be_learned_is_said_before_a_knob_is_moved(stage: MidiStage):
    with pytest.raises(UsageError, match="Did you mean '/sda/play/gain'"):
        stage.client.call("/sda/midi/learn", "/sda/play/gian")
    with pytest.raises(UsageError, match="argument 1 'grid' is missing"):
        stage.client.call("/sda/midi/learn", "/sda/grid/undo")


def test_a_conflict_is_said(stage: MidiStage):
    answer: list[object] = []
    asked = threading.Thread(
        target=lambda: answer.extend(_call(stage, "/sda/midi/learn", "/sda/play/silence"))
    )
    asked.start()
    stage.client.wait_for("/sda/midi/learning")
    stage.play(0xB0, 7, 64)
    asked.join(10)
    assert answer[4] == 1
    assert stage.client.wait_for("/sda/midi/conflict") == ("cc 7 in map 'keyboard'",)


def test_hands_edit_grids_as_one_step_and_what_fails_is_told(stage: MidiStage, tmp_path: Path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "about: edits\n"
        "controls:\n"
        "  - {on: cc 1, do: /sda/grid/set, arguments: [one, 0, 3, $value], range: [0, 127]}\n"
        "  - {on: note 30, do: /sda/grid/undo, arguments: [nothing]}\n"
    )
    stage.client.call("/sda/grid/new", "one", "starter", 8)
    steps = stage.client.call("/sda/grid/info", "one")[6]
    assert stage.client.call("/sda/midi/map", str(own)) == ("own", 2, 0)
    for value in range(20, 40):
        stage.play(0xB0, 1, value)
    until(lambda: stage.client.call("/sda/grid/get", "one", 0, 3, 1)[3] == 39)
    time.sleep(0.6)
    assert stage.client.call("/sda/grid/info", "one")[6] == steps + 1
    stage.play(0x90, 30, 100)
    port, address, kind, text = stage.client.wait_for("/sda/midi/failed")
    assert (port, address, kind) == (KEYS, "/sda/grid/undo", "usage")
    assert "nothing" in str(text)
    stage.client.call("/sda/midi/unmap", "own")
    with pytest.raises(StateError, match="not in use; these are: keyboard"):
        stage.client.call("/sda/midi/unmap", "own")
    with pytest.raises(FileError, match="There is no MIDI map"):
        stage.client.call("/sda/midi/map", "knobs that nobody has")


def test_an_input_that_is_pulled_out_lets_go_and_comes_back(stage: MidiStage):
    stage.play(0x90, 60, 100)
    stage.client.wait_for("/sda/midi/note")
    stage.midi.names.clear()
    assert stage.client.call("/sda/midi/ports") == (0, 0)
    assert stage.client.wait_for("/sda/midi/input", lambda v: v[1] == 0) == (KEYS, 0)
    assert stage.client.call("/sda/midi/inputs")[4] == 0
    stage.midi.names += [KEYS, "Pads"]
    assert stage.client.wait_for("/sda/midi/input", lambda v: v == ("Pads", 1), timeout_s=6)
    stage.play(0x90, 61, 100)
    assert stage.client.wait_for("/sda/midi/note")[1] == 61
    assert stage.client.call("/sda/midi/close", "Pads") == (1,)
    assert stage.client.call("/sda/midi/inputs")[0] == 1
    with pytest.raises(StateError, match="There is no MIDI input 'Organ' now"):
        stage.client.call("/sda/midi/open", "Organ")


def test_an_input_that_cannot_be_opened_harms_nobody(stage: MidiStage):
    stage.midi.broken.add("Broken")
    stage.midi.names.append("Broken")
    assert stage.client.call("/sda/midi/ports") == (2, 0)
    assert stage.client.call("/sda/midi/inputs")[0] == 1
    stage.play(0x90, 60, 100)
    stage.client.wait_for("/sda/midi/note")


def test_an_event_that_goes_wrong_does_not_end_what_follows(
    stage: MidiStage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_: object) -> None:
        raise RuntimeError("for this test")

    with monkeypatch.context() as broken:
        broken.setattr(stage.daemon.context.midi, "run", fail)
        stage.play(0xB0, 7, 64)
        until(lambda: "failed unexpectedly" in caplog.text)
    stage.play(0xB0, 7, 127)
    assert stage.client.wait_for("/sda/play/gain") == (0.0,)


def test_a_monitor_hears_everything(stage: MidiStage):
    stage.client.call("/sda/midi/monitor", 1)
    stage.play(0xE2, 0, 0x40, 0xC1, 9)
    assert stage.client.wait_for("/sda/midi/event") == (KEYS, "bend", 3, 0, 0)
    assert stage.client.wait_for("/sda/midi/event") == (KEYS, "program", 2, 9, 0)
    stage.client.call("/sda/midi/monitor", 0)


def test_a_flood_holds_up_nobody_and_ends_with_the_latest_position(stage: MidiStage):
    is_over = threading.Event()

    def flood() -> None:
        for number in range(60_000):
            if number % 50 == 0:
                time.sleep(0.001)
            stage.play(0xB0, 7, number % 128)
        stage.play(0xB0, 7, 100)
        is_over.set()

    thread = threading.Thread(target=flood)
    thread.start()
    taken = []
    while not is_over.is_set():
        started = time.perf_counter()
        stage.client.call("/sda/status")
        taken.append(time.perf_counter() - started)
    thread.join()
    last = -60 + 60 * 100 / 127
    until(
        lambda: stage.daemon.context.transport.gain_db == pytest.approx(last, abs=0.01),
        timeout_s=10,
    )
    # a generous bound for a busy machine; benchmarks/midi.py measures
    assert sorted(taken)[len(taken) // 2] < 0.05


def _call(stage: MidiStage, address: str, *arguments: str) -> tuple[object, ...]:
    with Client(stage.daemon.context.port) as other:
        return other.call(address, *arguments)


def test_the_command_line_shows_and_learns(stage: MidiStage, capsys: pytest.CaptureFixture[str]):
    port = ["--port", str(stage.daemon.context.port)]
    for arguments, shown in (
        (["ports"], f"/sda/midi/port in '{KEYS}'"),
        (["inputs"], f"/sda/midi/input '{KEYS}' 1"),
        (["maps"], "/sda/midi/map/item keyboard 1"),
        (["controls"], "/sda/midi/control keyboard 'cc 7' -60.0 0.0 /sda/play/gain"),
        (["clock", "1"], "1 ''"),
        (["clock-send"], "0"),
        (["open", "keys"], "1"),
    ):
        assert main(["midi", *arguments, *port]) == 0
        assert shown in capsys.readouterr().out
    turning = threading.Timer(1.0, lambda: stage.play(0xB0, 20, 5))
    turning.start()
    assert main(["midi", "learn", "/sda/play/gain", "-40.5", "0", *port]) == 0
    assert "cc 20 on channel 1" in capsys.readouterr().out
    assert main(["midi", "forget", *port]) == 0
    keys = threading.Timer(1.0, lambda: stage.play(0x90, 60, 100))
    keys.start()
    assert main(["midi", "monitor", "--count", "1", *port]) == 0
    assert f"/sda/midi/event '{KEYS}' note-on 1 60 100" in capsys.readouterr().out
