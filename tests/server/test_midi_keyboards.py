"""Keys, pedals, wheels and pressure, played on a daemon."""

import time
from pathlib import Path

import pytest
from played_midi import KEYS, MidiStage, until

NOTES = 4
"""Where ``/sda/midi/inputs`` says how many notes sound."""


@pytest.fixture
def shapes(stage: MidiStage) -> list[tuple[str, float, float]]:
    """How notes are bent and lifted, as they begin and after: (voice, speed, dB)."""
    notes = stage.daemon.context.transport.notes
    told: list[tuple[str, float, float]] = []
    sound, shape = notes.sound, notes.shape

    def sound_note(voice, audio, sample_rate, *, gain_db, attack_s, lift_db=0.0, speed=1.0):
        told.append((voice, speed, lift_db))
        sound(voice, audio, sample_rate, gain_db=gain_db, attack_s=attack_s, lift_db=lift_db,
              speed=speed)  # fmt: skip

    def shape_note(voice, *, gain_db, speed):
        told.append((voice, speed, gain_db))
        shape(voice, gain_db=gain_db, speed=speed)

    notes.sound, notes.shape = sound_note, shape_note
    return told


def n_held(stage: MidiStage) -> int:
    return int(str(stage.client.call("/sda/midi/inputs")[NOTES]))


def test_keys_play_codes_from_dark_to_bright_at_once(stage: MidiStage):
    ranks = [int(rank) for rank in stage.client.call("/sda/code/ranks", "starter", 0)[3:]]
    played = []
    for note in (36, 66, 96):
        stage.play(0x90, note, 100)
        port, number, velocity, model, level, code = stage.client.wait_for("/sda/midi/note")
        assert (port, number, velocity, model, level) == (KEYS, note, 100, "starter", 0)
        played.append(ranks[int(code)])
    assert played == [0, 64, 127]
    assert stage.client.call("/sda/midi/inputs")[4] == 3
    stage.play(0x80, 36, 0, 0x80, 66, 0)
    until(lambda: stage.client.call("/sda/midi/inputs")[4] == 1)
    # another channel plays another level
    stage.play(0x91, 60, 100)
    assert stage.client.wait_for("/sda/midi/note")[4] == 1
    stage.client.call("/sda/midi/panic")
    assert stage.client.call("/sda/midi/inputs")[4] == 0


def test_the_pedal_holds_and_lets_go(stage: MidiStage):
    stage.play(0xB0, 64, 127, 0x90, 60, 100)
    stage.client.wait_for("/sda/midi/note")
    stage.play(0x80, 60, 0)
    time.sleep(0.1)
    assert stage.client.call("/sda/midi/inputs")[4] == 1
    stage.play(0xB0, 64, 0)
    until(lambda: stage.client.call("/sda/midi/inputs")[4] == 0)


def test_more_keys_than_voices_end_the_first(stage: MidiStage):
    for note in range(40, 52):
        stage.play(0x90, note, 100)
        stage.client.wait_for("/sda/midi/note")
    assert stage.client.call("/sda/midi/inputs")[4] == 8


def test_a_program_change_loads_a_model_which_the_keys_play(stage: MidiStage):
    stage.client.call("/sda/model/copy", "starter", "another")
    stage.play(0xC0, 0)
    stage.client.wait_for("/sda/model/state", lambda v: v[:2] == ("another", 1))
    stage.play(0x90, 60, 100)
    assert stage.client.wait_for("/sda/midi/note")[3] == "another"
    # there is no hundredth model
    stage.play(0xC0, 99, 0x90, 61, 100)
    assert stage.client.wait_for("/sda/midi/note")[3] == "another"


def test_keys_and_ends_in_one_piece_of_bytes_keep_their_order(stage: MidiStage):
    stage.play(0x90, 60, 100, 0x80, 60, 0, 0x90, 61, 100, 0xB0, 123, 0, 0x90, 62, 100)
    for _ in range(3):
        stage.client.wait_for("/sda/midi/note")
    until(lambda: n_held(stage) == 1)


def test_a_key_that_cannot_sound_is_said_and_not_held(stage: MidiStage, tmp_path: Path):
    use(stage, tmp_path, "{channel: 9, level: 3}")
    stage.play(0x98, 60, 100)
    port, address, kind, text = stage.client.wait_for("/sda/midi/failed")
    assert (port, address, kind) == (KEYS, "keyboard", "usage")
    assert "3" in str(text)
    assert n_held(stage) == 0


def test_the_wheel_bends_what_sounds_and_what_begins(stage: MidiStage, shapes):
    stage.play(0x90, 60, 100)
    stage.client.wait_for("/sda/midi/note")
    assert [shape[1:] for shape in shapes] == [(1.0, 0.0)]
    stage.play(0xE0, 0, 96)
    until(lambda: len(shapes) == 2)
    assert shapes[1][0] == shapes[0][0]
    assert shapes[1][1] == pytest.approx(2 ** (1 / 12))
    stage.play(0x90, 62, 100)
    stage.client.wait_for("/sda/midi/note", lambda values: values[1] == 62)
    assert shapes[2][1] == pytest.approx(2 ** (1 / 12))
    # another channel's wheel bends nothing
    stage.play(0xE1, 0, 0)
    stage.client.call("/sda/midi/panic")
    # a panic puts the wheel in the middle
    stage.play(0x90, 62, 100)
    stage.client.wait_for("/sda/midi/note", lambda values: values[1] == 62)
    assert [shape[1] for shape in shapes[3:]] == [1.0]


def test_pressure_lifts_by_what_the_map_says(stage: MidiStage, shapes, tmp_path: Path):
    use(stage, tmp_path, "{channel: 9, level: 0, pressure_db: 12, bend_semitones: 24}")
    stage.play(0x98, 60, 100, 0x98, 61, 100)
    for _ in range(2):
        stage.client.wait_for("/sda/midi/note")
    first = shapes[0][0]
    stage.play(0xA8, 60, 127)
    until(lambda: (first, 1.0, 12.0) in shapes)
    stage.play(0xE8, 127, 127)
    until(lambda: len(shapes) >= 5)
    # two octaves are as far as it goes
    assert shapes[-1][1] == pytest.approx(4.0, rel=0.001)


def test_a_bent_note_is_kept_until_it_has_ended_at_its_own_speed(stage: MidiStage, tmp_path: Path):
    use(stage, tmp_path, "{channel: 9, level: 0, hold_s: 0.2, bend_semitones: 24}")
    for wheel, length_s in ((0, 0.8), (127, 0.05)):
        stage.play(0xE8, 0, wheel)
        stage.play(0x98, 60, 100)
        stage.client.wait_for("/sda/midi/note")
        began = time.monotonic()
        until(lambda: n_held(stage) == 0)
        assert length_s - 0.1 < time.monotonic() - began < length_s + 0.4
    # unbent while it sounds: a quarter of the speed for a while, then the whole
    stage.play(0xE8, 0, 0)
    stage.play(0x98, 60, 100)
    stage.client.wait_for("/sda/midi/note")
    began = time.monotonic()
    time.sleep(0.2)
    stage.play(0xE8, 0, 64)
    until(lambda: n_held(stage) == 0)
    assert 0.3 < time.monotonic() - began < 0.7


def test_an_mpe_controller_that_announces_itself_bends_each_note(stage: MidiStage, shapes):
    stage.play(0xB0, 101, 0, 0xB0, 100, 6, 0xB0, 6, 15)
    # all notes go to the keyboard of channel 1, whatever their own
    for channel in (2, 3):
        stage.play(0x8F + channel, 60, 100)
        assert stage.client.wait_for("/sda/midi/note")[4] == 0
    first, second = shapes[0][0], shapes[1][0]
    assert first != second
    stage.play(0xE1, 0, 80)
    until(lambda: len(shapes) == 3)
    assert shapes[2] == (first, 2.0, 0.0)
    stage.play(0xD2, 127)
    until(lambda: len(shapes) == 4)
    assert shapes[3] == (second, 1.0, 6.0)
    # the master's pedal holds both, its pressure lifts both
    stage.play(0xD0, 127, 0xB0, 64, 127, 0x81, 60, 0, 0x82, 60, 0)
    until(lambda: len(shapes) == 6)
    assert n_held(stage) == 2
    stage.play(0xB0, 64, 0)
    until(lambda: n_held(stage) == 0)
    # all notes off by the master
    stage.play(0x91, 70, 100)
    stage.client.wait_for("/sda/midi/note", lambda values: values[1] == 70)
    stage.play(0xB0, 123, 0)
    until(lambda: n_held(stage) == 0)


def test_a_map_says_that_a_controller_plays_mpe(stage: MidiStage, shapes, tmp_path: Path):
    stage.client.call("/sda/midi/unmap", "keyboard")
    use(stage, tmp_path, "{level: 1, mpe: upper, channel: 16}")
    stage.play(0x90, 60, 100, 0x94, 64, 100)
    for _ in range(2):
        assert stage.client.wait_for("/sda/midi/note")[4] == 1
    stage.play(0xEF, 0, 0)
    until(lambda: len(shapes) == 4)
    assert [shape[1] for shape in shapes[2:]] == pytest.approx([2 ** (-2 / 12)] * 2)


def test_a_map_that_is_read_again_does_not_leave_keys_hanging(stage: MidiStage, tmp_path: Path):
    use(stage, tmp_path, "{channel: 9, level: 0, hold_s: 20}")
    stage.play(0x98, 60, 100)
    stage.client.wait_for("/sda/midi/note")
    use(stage, tmp_path, "{channel: 9, level: 0, hold_s: 19}")
    stage.play(0x88, 60, 0)
    until(lambda: n_held(stage) == 0)


def use(stage: MidiStage, folder: Path, keyboard: str) -> None:
    own = folder / "own.yaml"
    own.write_text(f"keyboards:\n  - {keyboard}\n")
    stage.client.call("/sda/midi/map", str(own))
