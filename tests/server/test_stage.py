"""What plays keeps to the beat and is told of: a stage over a mixer, with a clock of its own."""

from functools import partial

import numpy as np
import pytest
from mixing_desk import RATE, Desk, sine
from sessions_alone import MODEL, Announcements, new_sessions, random_codes

from sdaudio.errors import UsageError
from sdaudio_server.playback.readers import Start
from sdaudio_server.rendering import Part
from sdaudio_server.stage import Stage
from sdaudio_server.tracks import Mix

COLUMN = MODEL.column_length
COLUMNS = 48
BLOCK = 240
SMOOTH = 0.02


class Hall:
    """A stage, the mixer that it plays on, and time, which both go by.

    ``quartz`` is how many frames the device plays while the clock counts one.
    """

    def __init__(self, *, quartz=1.0, head_rate=20.0):
        self.is_running = True
        self.now = 100.0
        self.told = Announcements()
        self.desk = Desk()
        self._frame_s = 1.0 / RATE / quartz
        self._slots = {}
        self._block = np.zeros(BLOCK + 1, np.float32)
        self.largest_step = 0.0
        self.first_sounding = None
        self.stage = Stage(self, self.told, head_rate=head_rate, clock=lambda: self.now)
        self.sessions = new_sessions(Announcements())
        self.one = self.open("one")

    def open(self, name):
        session = self.sessions.open(name, MODEL, random_codes(COLUMNS))
        self._slots[name] = len(self._slots)
        # whole periods: it has no seam
        length = COLUMNS * COLUMN
        self.desk.sound(sine(length, 100 * RATE / length), voice=self._slots[name])
        return session

    def start(self, name="one", **how):
        options = {
            "start": 0, "columns": COLUMNS, "loop": True, "gain_db": 0.0, "fade_s": 0.0,
            "in_phase": False, "at_s": None,
        }  # fmt: skip
        self.stage.start(Part(self.sessions[name]), name, **{**options, **how})

    def run(self, seconds):
        until = self.now + seconds
        next_tick = self.now
        while self.now < until - 1e-9:
            if self.now >= next_tick:
                self.stage.tick()
                next_tick += 1.0 / max(20.0, self.stage.head_rate)
            self.mix()
            self.now += BLOCK * self._frame_s

    def mix(self):
        self.desk.mixer.mix(self._block[1:])
        self.largest_step = max(self.largest_step, float(np.abs(np.diff(self._block)).max()))
        if self.first_sounding is None and self._block[1:].any():
            first = int(np.flatnonzero(self._block[1:])[0])
            self.first_sounding = self.desk.mixer.frame - BLOCK + first
        self._block[0] = self._block[-1]

    def position(self, name="one"):
        return self.desk.mixer.position(self._slots[name])

    def columns(self, name="one"):
        return self.position(name) / COLUMN

    def heads(self, address="/sda/play/head"):
        return [event for event in self.told if event[0] == address]

    # what the stage sees of playback

    def set_voice(self, voice, *, gain_db, speed):
        gain = float(10 ** (gain_db / 20))
        self.desk.mixer.set_voice(self._slots[voice], gain=gain, speed=speed)

    def play(self, voice, *, start_sample, stop_sample, loop, gain_db, at_s=None, **how):
        slot = self._slots[voice]
        start = Start(start_sample, stop_sample, loop=loop, **how)
        if at_s is None:
            self.desk.mixer.play(slot, start)
            return
        frame = self.desk.mixer.frame + round((at_s - self.now) / self._frame_s)
        self.desk.mixer.at(frame, slot, partial(self.desk.mixer.play, slot, start))

    def stop(self, voice, *, fade_s, at_s):
        assert at_s is None
        self.desk.mixer.stop(self._slots[voice], fade_s)

    def stop_all(self):
        self.desk.mixer.stop_all()

    def scrub(self, voice, sample, *, hold_s):
        self.desk.mixer.scrub(self._slots[voice], sample, hold_s=hold_s, gain=1.0)

    def moment(self):
        positions = {name: self.position(name) for name in self._slots}
        # a start that is put off is about to play
        positions = {name: max(0, place) if self.stage.get(Part(self.sessions[name])) else place
                     for name, place in positions.items()}  # fmt: skip
        return {name: place for name, place in positions.items() if place >= 0}, self.now


def off_beat(hall, name="one", *, per_beat=24.0, rate=1.0):
    """How far a loop is from where its beat says, in columns."""
    anchor = hall.stage.get(Part(hall.sessions[name])).anchor_beat
    due = (hall.stage.tempo.beat_at(hall.now) - anchor) * per_beat * rate
    return abs((hall.columns(name) - due + COLUMNS / 2) % COLUMNS - COLUMNS / 2)


def test_a_start_waits_for_the_beat_and_begins_on_its_sample():
    hall = Hall()
    hall.stage.set_tempo(120.0, 24.0, 1.0)
    hall.run(0.1)
    hall.start()
    hall.run(0.5)
    # the second sample of a sine is the first that is not zero
    assert hall.first_sounding == 24_001


def test_a_loop_stays_on_the_beat_for_a_minute_on_another_quartz():
    hall = Hall(quartz=1.0005)
    hall.stage.set_tempo(117.0, 24.0, 1.0)
    hall.start()
    hall.run(2.0)
    worst = 0.0
    for _ in range(60):
        hall.run(1.0)
        worst = max(worst, off_beat(hall))
    # without being kept it would be 30 ms off by then; a column is 21 ms
    assert worst < 0.1
    assert hall.largest_step < SMOOTH


def test_a_change_of_the_tempo_glides_and_lands_on_the_beat():
    hall = Hall()
    hall.stage.set_tempo(120.0, 24.0, 1.0)
    hall.start()
    hall.run(3.0)
    for bpm in (90.0, 150.0, 133.0):
        hall.stage.set_tempo(bpm, 24.0, 1.0)
        hall.run(4.0)
        assert off_beat(hall) < 0.1
    assert hall.largest_step < SMOOTH


def test_double_time_is_twice_as_fast_on_the_same_beat():
    hall = Hall()
    hall.stage.set_mix(hall.one, Mix(0.0, 2.0))
    hall.stage.set_tempo(100.0, 12.0, 1.0)
    hall.start()
    hall.run(5.0)
    assert off_beat(hall, per_beat=12.0, rate=2.0) < 0.1


def test_two_grids_stay_together_however_late_one_starts():
    hall = Hall()
    hall.open("two")
    hall.stage.set_tempo(120.0, 24.0, 2.0)
    hall.start("one")
    hall.run(2.3)
    hall.start("two")
    hall.run(4.0)
    apart = (hall.columns("one") - hall.columns("two") + 24) % COLUMNS - 24
    assert abs(apart) < 0.1


def test_after_a_gap_a_loop_jumps_back_to_its_beat():
    hall = Hall()
    hall.stage.set_tempo(120.0, 24.0, 1.0)
    hall.start()
    hall.run(2.0)
    hall.now += 0.4
    hall.run(1.0)
    assert off_beat(hall) < 0.1
    assert hall.largest_step < 2 * SMOOTH


def test_without_a_beat_everything_goes_at_its_own_speed():
    hall = Hall()
    hall.stage.set_tempo(150.0, 24.0, 1.0)
    hall.start()
    hall.run(1.0)
    hall.stage.set_tempo(0.0, 24.0, 1.0)
    hall.run(0.2)
    before = hall.position()
    hall.run(0.1)
    assert (hall.position() - before) % (COLUMNS * COLUMN) == pytest.approx(4800, abs=2)


def test_a_tempo_that_no_speed_can_follow_changes_nothing():
    hall = Hall()
    hall.start()
    with pytest.raises(UsageError, match=r"'one' would go at .* times its speed"):
        hall.stage.set_tempo(400.0, 200.0, 1.0)
    assert not hall.stage.tempo.is_on
    hall.stage.set_tempo(120.0, 24.0, 1.0)
    with pytest.raises(UsageError, match=r"at 4\.1 times"):
        hall.stage.set_mix(hall.one, Mix(0.0, 4.0))
    assert hall.stage.mix(hall.one) == Mix()


@pytest.mark.parametrize("rate", [5.0, 20.0, 60.0])
def test_playheads_are_told_at_their_rate_with_a_fraction(rate):
    hall = Hall(head_rate=rate)
    hall.start()
    hall.run(2.0)
    heads = hall.heads()
    assert len(heads) == pytest.approx(2.0 * rate, rel=0.15)
    _, name, column, fraction = heads[-1]
    assert (name, column) == ("one", int(column))
    assert 0.0 <= fraction < 1.0
    assert column + fraction == pytest.approx(hall.columns(), abs=(1.0 / rate + 0.02) * 47)


def test_nobody_is_told_of_playheads_at_rate_zero():
    hall = Hall(head_rate=0.0)
    hall.start(columns=12, loop=False)
    hall.run(1.0)
    assert not hall.heads()
    assert [event[2] for event in hall.heads("/sda/play/state")] == [1]


def test_a_level_alone_is_told_apart_from_its_grid():
    hall = Hall()
    hall._slots["row"] = hall._slots["one"]
    hall.stage.start(
        Part(hall.one, 2), "one", start=0, columns=COLUMNS, loop=True, gain_db=0.0, fade_s=0.0,
        in_phase=False, at_s=None,
    )  # fmt: skip
    del hall._slots["row"]
    hall.run(0.3)
    assert ("/sda/play/row/state", "one", 2, 1) in hall.told
    assert hall.heads("/sda/play/row/head")
    assert not hall.heads()
    hall.stage.end(Part(hall.one, 2))
    assert ("/sda/play/row/state", "one", 2, 0) in hall.told


def test_a_hand_is_a_playhead_until_it_goes():
    hall = Hall()
    hall.stage.scrub(Part(hall.one), "one", 10 * COLUMN + 512, hold_s=0.2)
    hall.stage.scrub(Part(hall.one), "one", 11 * COLUMN + 512, hold_s=0.2)
    hall.run(0.2)
    assert ("/sda/play/head", "one", 11, 0.5) in hall.told
    assert len(hall.heads("/sda/play/state")) == 1


def test_what_went_to_the_end_goes_to_the_new_end():
    hall = Hall()
    hall.start()
    track = hall.stage.get(Part(hall.one))
    hall.sessions.edit((hall.one, hall.one.grid.replacement(COLUMNS, 0, random_codes(10))))
    hall.stage.resized(hall.one)
    assert (track.columns, track.stop_sample) == (COLUMNS + 10, None)
