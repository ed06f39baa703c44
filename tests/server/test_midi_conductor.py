"""The daemon follows a MIDI clock, and sends one."""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from played_midi import KEYS, MidiStage, until

from sdaudio.errors import StateError

BEAT_S = 0.5
START, CONTINUE, STOP, TICK = 0xFA, 0xFB, 0xFC, 0xF8


class Clock:
    """Ticks at 120 beats a minute until it is told to be silent."""

    def __init__(self, stage: MidiStage) -> None:
        self._stage, self._ended = stage, threading.Event()
        self._say: list[tuple[int, ...]] = []
        self.said_s = 0.0
        """When the last tick came that was right behind something said."""
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def say(self, *data: int) -> None:
        """Say something right before the next tick; returns when that has come."""
        self._say.append(data)
        until(lambda: not self._say)

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        for number in itertools.count():
            if self._ended.wait(max(0.0, began + number * BEAT_S / 24 - time.monotonic())):
                return
            if self._say:
                self._stage.play(*self._say[0])
                self._stage.play(TICK)
                self.said_s = time.monotonic()
                self._say.pop()
            else:
                self._stage.play(TICK)


@pytest.fixture
def clock(stage: MidiStage) -> Iterator[Clock]:
    stage.client.call("/sda/grid/new", "one", "starter", 96)
    stage.client.call("/sda/midi/clock", 1)
    ticking = Clock(stage)
    yield ticking
    ticking.end()


def off_by(stage: MidiStage, top_s: float, top_beat: float = 0.0) -> float:
    """How many columns a loop of 96 at 24 a beat is from where a song puts it."""
    transport = stage.daemon.context.transport
    positions, time_s = transport.stage._playback.moment()
    track = next(iter(transport.stage))
    column = positions[track.voice] / track.column_length
    due = ((time_s - top_s) / BEAT_S + top_beat) * 24.0
    return (column - due + 48.0) % 96.0 - 48.0


def test_a_clock_sets_the_tempo(stage: MidiStage):
    stage.play(*[0xF8] * 48)
    assert stage.client.call("/sda/midi/inputs")[1] == 48
    assert not stage.daemon.context.transport.stage.tempo.is_on
    stage.client.call("/sda/midi/clock", 1)
    began = time.monotonic()
    for number in itertools.count():
        if number >= 24 * 4:
            break
        while time.monotonic() < began + number * 0.5 / 24:
            time.sleep(0.0005)
        stage.play(0xF8)
    told = stage.client.wait_for("/sda/play/tempo")
    for address, values in list(stage.client.events):
        told = values if address == "/sda/play/tempo" else told
    assert float(told[0]) == pytest.approx(120.0, rel=0.01)
    tempo = stage.daemon.context.transport.stage.tempo
    assert tempo.bpm == pytest.approx(120.0, rel=0.004)
    phase = tempo.beat_at(began) % 1.0
    assert min(phase, 1.0 - phase) < 0.03


def test_start_begins_loops_anew_and_stop_ends_them(stage: MidiStage, clock: Clock):
    client = stage.client
    until(lambda: client.call("/sda/midi/clock", 1) == (1, KEYS))
    client.call("/sda/play/tempo", 120.0, 24)
    client.call("/sda/play/loop", "one")
    client.wait_for("/sda/play/state", lambda values: values == ("one", 1))
    clock.say(STOP)
    client.wait_for("/sda/play/state", lambda values: values == ("one", 0))
    clock.say(START)
    client.wait_for("/sda/play/state", lambda values: values == ("one", 1))
    time.sleep(1.0)
    # as near as the two of them keep time on a machine without a sound card
    assert abs(off_by(stage, clock.said_s)) < 2.0
    assert stage.daemon.context.transport.stage.tempo.beat_at(clock.said_s) == pytest.approx(
        0.0, abs=0.05
    )


def test_continue_goes_on_where_the_song_is(stage: MidiStage, clock: Clock):
    client = stage.client
    client.call("/sda/play/tempo", 120.0, 24)
    clock.say(START)
    client.call("/sda/play/loop", "one")
    client.wait_for("/sda/play/state", lambda values: values == ("one", 1))
    anchor = next(iter(stage.daemon.context.transport.stage)).anchor_beat
    assert anchor == pytest.approx(round(anchor), abs=0.1)
    clock.say(STOP)
    client.wait_for("/sda/play/state", lambda values: values == ("one", 0))
    # to the third beat of the song, told in sixteenths
    clock.say(0xF2, 8, 0)
    clock.say(CONTINUE)
    client.wait_for("/sda/play/state", lambda values: values == ("one", 1))
    time.sleep(1.0)
    assert abs(off_by(stage, clock.said_s, 2.0 - round(anchor))) < 2.0


def test_what_is_stopped_by_hand_does_not_go_on(stage: MidiStage, clock: Clock):
    client = stage.client
    client.call("/sda/play/tempo", 120.0, 24)
    client.call("/sda/play/loop", "one")
    clock.say(STOP)
    client.wait_for("/sda/play/state", lambda values: values == ("one", 0))
    client.call("/sda/play/stop", "one")
    clock.say(START)
    time.sleep(0.3)
    assert not list(stage.daemon.context.transport.stage)


def test_another_input_that_ticks_too_changes_nothing(stage: MidiStage, clock: Clock):
    client = stage.client
    until(lambda: client.call("/sda/midi/clock", 1)[1] == KEYS)
    stage.midi.names.append("Drums")
    client.call("/sda/midi/ports")
    client.call("/sda/play/tempo", 120.0, 24)
    client.call("/sda/play/loop", "one")
    stage.play(STOP, *[TICK] * 48, port="Drums")
    client.call("/sda/midi/ports")
    assert list(stage.daemon.context.transport.stage)
    # until it is the one that is asked for
    assert client.call("/sda/midi/clock", 1, "drums") == (1, "")
    stage.play(TICK, STOP, port="Drums")
    until(lambda: not list(stage.daemon.context.transport.stage))
    assert client.call("/sda/midi/clock", 1, "drums") == (1, "Drums")


def sent(stage: MidiStage) -> list[int]:
    return [message[0] for message in stage.midi.sent]


def test_a_clock_is_sent_on_the_beat_and_follows_the_tempo(stage: MidiStage):
    client, midi = stage.client, stage.midi
    midi.outputs.append("Digitakt")
    client.call("/sda/midi/ports")
    assert client.call("/sda/midi/clock/send", "digi") == (1,)
    assert client.wait_for("/sda/midi/clock/output") == ("Digitakt", 1)
    assert not midi.sent
    client.call("/sda/play/tempo", 120.0, 24, 4)
    until(lambda: START in sent(stage)[:-44])
    messages, times = sent(stage), np.array(midi.sent_s)
    assert messages.count(START) == 1
    tempo = stage.daemon.context.transport.stage.tempo
    first = messages.index(START) + 1
    assert messages[first] == TICK
    # the tick behind start is a bar
    assert tempo.beat_at(times[first]) / 4 == pytest.approx(
        round(tempo.beat_at(times[first]) / 4), abs=0.01
    )
    ticks = times[first : first + 40]
    assert np.polyfit(np.arange(len(ticks)), ticks, 1)[0] * 24 == pytest.approx(0.5, rel=0.01)
    client.call("/sda/play/tempo", 240.0)
    before = len(midi.sent)
    until(lambda: len(midi.sent) >= before + 40)
    ticks = np.array(midi.sent_s)[before + 4 : before + 40]
    assert np.polyfit(np.arange(len(ticks)), ticks, 1)[0] * 24 == pytest.approx(0.25, rel=0.02)
    client.call("/sda/play/tempo", 0)
    until(lambda: sent(stage)[-1] == STOP)
    assert client.call("/sda/midi/clock/send") == (1,)
    assert client.call("/sda/midi/clock/send", "digi", 0) == (0,)


def test_a_clock_goes_to_an_output_when_it_comes_and_a_broken_one_harms_no_other(
    stage: MidiStage,
):
    client, midi = stage.client, stage.midi
    with pytest.raises(StateError, match=r"no MIDI output 'Synth' now .* when it comes"):
        client.call("/sda/midi/clock/send", "Synth")
    client.call("/sda/play/tempo", 120.0)
    midi.outputs += ["Synth A", "Synth B"]
    client.call("/sda/midi/ports")
    until(lambda: client.call("/sda/midi/clock/send") == (2,))
    until(lambda: midi.sent)
    midi.broken_outputs.add("Synth A")
    until(lambda: client.call("/sda/midi/clock/send") == (1,))
    before = len(midi.sent)
    until(lambda: len(midi.sent) > before + 4)
    # it is tried again when it was away
    midi.outputs.remove("Synth A")
    client.call("/sda/midi/ports")
    midi.broken_outputs.clear()
    midi.outputs.append("Synth A")
    client.call("/sda/midi/ports")
    until(lambda: client.call("/sda/midi/clock/send") == (2,))


def test_a_clock_of_ours_is_not_heard_by_ourselves(stage: MidiStage):
    client = stage.client
    assert client.call("/sda/midi/clock/send", "virtual:our clock") == (1,)
    assert client.call("/sda/midi/ports") == (2, 0)
    assert client.call("/sda/midi/inputs")[0] == 1


def test_a_jump_of_the_beat_starts_the_clock_anew(stage: MidiStage):
    client, midi = stage.client, stage.midi
    midi.outputs.append("Synth")
    client.call("/sda/midi/ports")
    client.call("/sda/midi/clock/send", "Synth")
    client.call("/sda/play/tempo", 240.0, 24, 1)
    until(lambda: START in sent(stage) and len(midi.sent) > 10)
    tempo = stage.daemon.context.transport.stage.tempo
    tempo.align(100.0, time.monotonic())
    until(lambda: sent(stage).count(START) == 2)
    messages = sent(stage)
    assert messages.count(STOP) == 1
    assert messages.index(STOP) < len(messages) - messages[::-1].index(START)


def test_the_settings_name_outputs_and_the_clock_to_follow(tmp_path: Path):
    from sdaudio.settings import load_settings

    path = tmp_path / "sdaudio.yaml"
    path.write_text("midi: {clock: true, clock_outputs: [Digitakt, 'virtual:sdaudio clock']}\n")
    midi = load_settings(path).midi
    assert (midi.clock, midi.clock_outputs) == (True, ("Digitakt", "virtual:sdaudio clock"))
