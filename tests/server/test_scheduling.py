import logging
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdaudio.errors import StateError, UsageError
from sdaudio_server.scheduling import Scheduler, ntp_to_unix, unix_to_ntp
from sdaudio_server.wire import Bundle, Message

BEGIN = 1_750_000_000.0


@dataclass
class Someone:
    description: str = "someone"


PEER = Someone()


@dataclass
class Timer:
    time_s: float
    callback: object
    is_cancelled: bool = False

    def cancel(self):
        self.is_cancelled = True


@dataclass
class Time:
    now: float = BEGIN
    timers: list = field(default_factory=list)

    def __call__(self):
        return self.now

    def call_later(self, delay_s, callback):
        timer = Timer(self.now + delay_s, callback)
        self.timers.append(timer)
        return timer

    def pass_until(self, time_s):
        while True:
            due = [each for each in self.timers if not each.is_cancelled and each.time_s <= time_s]
            if not due:
                break
            timer = min(due, key=lambda each: each.time_s)
            self.timers.remove(timer)
            self.now = max(self.now, timer.time_s)
            timer.callback()
        self.now = time_s


class Rig:
    def __init__(self, **limits):
        self.time = Time()
        self.ran = []
        self.late = []
        self.scheduler = Scheduler(
            self.time,
            self.time.call_later,
            run=self.run,
            on_late=lambda late_s, messages, peer: self.late.append(round(late_s, 3)),
            **limits,
        )

    def run(self, messages, peer):
        assert peer is PEER
        names = [message.address for message in messages]
        self.ran.append((round(self.time.now - BEGIN, 3), *names))

    def submit(self, packet):
        self.scheduler.submit(packet, PEER)


def bundle(delay_s, *elements):
    timetag = 1 if delay_s is None else unix_to_ntp(BEGIN + delay_s)
    return Bundle(
        timetag, tuple(Message(each) if isinstance(each, str) else each for each in elements)
    )


def test_a_message_runs_at_once():
    rig = Rig()
    rig.submit(Message("/a"))
    assert rig.ran == [(0.0, "/a")]


@pytest.mark.parametrize("timetag", [0, 1])
def test_an_immediate_bundle_runs_at_once_and_together(timetag):
    rig = Rig()
    rig.submit(Bundle(timetag, (Message("/a"), Message("/b"))))
    assert rig.ran == [(0.0, "/a", "/b")]
    assert rig.late == []


def test_a_dated_bundle_runs_at_its_time_while_others_go_ahead():
    rig = Rig()
    rig.submit(bundle(2.0, "/later", "/too"))
    rig.submit(Message("/now"))
    assert rig.scheduler.n_waiting == 1
    rig.time.pass_until(BEGIN + 5)
    assert rig.ran == [(0.0, "/now"), (2.0, "/later", "/too")]
    assert rig.scheduler.n_waiting == 0


def test_bundles_run_in_the_order_of_their_times_and_then_of_arrival():
    rig = Rig()
    rig.submit(bundle(3.0, "/third"))
    rig.submit(bundle(1.0, "/first"))
    rig.submit(bundle(1.0, "/second"))
    rig.time.pass_until(BEGIN + 5)
    assert rig.ran == [(1.0, "/first"), (1.0, "/second"), (3.0, "/third")]


def test_a_late_bundle_runs_at_once_and_is_told():
    rig = Rig()
    rig.submit(bundle(-0.25, "/a"))
    assert rig.ran == [(0.0, "/a")]
    assert rig.late == [0.25]


def test_a_bundle_dated_now_is_not_called_late():
    rig = Rig()
    rig.submit(bundle(-0.005, "/a"))
    assert rig.late == []


def test_a_timer_that_comes_late_is_told():
    rig = Rig()
    rig.submit(bundle(1.0, "/a"))
    rig.time.now = BEGIN + 1.5
    rig.time.timers.pop().callback()
    assert rig.late == [0.5]


def test_what_is_due_runs_before_what_arrives():
    rig = Rig()
    rig.submit(bundle(1.0, "/due"))
    rig.time.now = BEGIN + 1.001
    rig.submit(Message("/new"))
    assert [entry[1] for entry in rig.ran] == ["/due", "/new"]


def test_a_nested_bundle_waits_for_its_own_time():
    rig = Rig()
    rig.submit(bundle(1.0, "/a", bundle(2.0, "/c", "/d"), "/b"))
    rig.time.pass_until(BEGIN + 5)
    assert rig.ran == [(1.0, "/a", "/b"), (2.0, "/c", "/d")]


@pytest.mark.parametrize("delay_s", [None, 0.5, -3.0])
def test_a_nested_bundle_that_is_earlier_joins_the_one_around_it(delay_s):
    rig = Rig()
    rig.submit(bundle(1.0, "/a", bundle(delay_s, "/b"), "/c"))
    rig.time.pass_until(BEGIN + 5)
    assert rig.ran == [(1.0, "/a", "/b", "/c")]


def test_a_late_bundle_in_an_immediate_one_keeps_its_place():
    rig = Rig()
    rig.submit(bundle(None, "/a", bundle(-3.0, "/b"), "/c"))
    assert rig.ran == [(0.0, "/a", "/b", "/c")]


def test_a_bundle_too_far_in_the_future_is_refused_as_a_whole():
    rig = Rig(horizon_s=10.0)
    with pytest.raises(UsageError, match=r"11\.0 s into the future"):
        rig.submit(bundle(None, "/a", bundle(11.0, "/b")))
    assert rig.ran == []
    assert rig.scheduler.n_waiting == 0


def test_too_many_bundles_are_refused_and_those_waiting_stay():
    rig = Rig(max_waiting=3)
    for _ in range(3):
        rig.submit(bundle(1.0, "/a"))
    with pytest.raises(StateError, match="3 bundles"):
        rig.submit(bundle(2.0, "/b"))
    rig.submit(bundle(None, "/now"))
    rig.time.pass_until(BEGIN + 5)
    assert len(rig.ran) == 4


def test_too_many_messages_are_refused():
    rig = Rig(max_waiting_messages=3)
    rig.submit(bundle(1.0, "/a", "/b"))
    with pytest.raises(StateError, match="2 messages"):
        rig.submit(bundle(1.0, "/c", "/d"))
    rig.time.pass_until(BEGIN + 5)
    rig.submit(bundle(6.0, "/c", "/d", "/e"))
    assert rig.scheduler.n_waiting == 1


def test_a_run_that_fails_is_logged_and_the_next_one_runs(caplog):
    rig = Rig()
    rig.submit(bundle(1.0, "/a"))
    rig.submit(bundle(1.0, "/b"))
    working = rig.scheduler._run

    def failing(messages, peer):
        rig.scheduler._run = working
        raise RuntimeError("broken")

    rig.scheduler._run = failing
    with caplog.at_level(logging.ERROR):
        rig.time.pass_until(BEGIN + 2)
    assert rig.ran == [(1.0, "/b")]
    assert "broken" in caplog.text


def test_bundles_that_come_due_together_leave_room_for_others():
    rig = Rig()
    for _ in range(200):
        rig.submit(bundle(1.0, "/a"))
    rig.time.now += 1.0
    rig.scheduler._on_timer()
    assert rig.scheduler.n_waiting == 136
    rig.submit(Message("/b"))
    assert rig.scheduler.n_waiting == 72
    assert rig.ran[-1] == (1.0, "/b")
    rig.time.pass_until(BEGIN + 1.0)
    assert len(rig.ran) == 201


def test_clearing_forgets_what_waits():
    rig = Rig()
    rig.submit(bundle(1.0, "/a"))
    rig.submit(bundle(2.0, "/b"))
    assert rig.scheduler.clear() == 2
    rig.time.pass_until(BEGIN + 5)
    assert rig.ran == []
    assert all(timer.is_cancelled for timer in rig.time.timers)


def test_only_one_timer_runs_at_a_time():
    rig = Rig()
    for delay_s in (5.0, 3.0, 4.0, 1.0):
        rig.submit(bundle(delay_s, "/a"))
    assert sum(not timer.is_cancelled for timer in rig.time.timers) == 1


def test_known_timetags_mean_these_times():
    assert ntp_to_unix((2_208_988_800 + 10) << 32 | 1 << 31, near=0.0) == 10.5
    assert unix_to_ntp(10.5) == (2_208_988_800 + 10) << 32 | 1 << 31


def test_the_era_that_begins_in_2036_is_recognised():
    rollover = 2_085_978_496.0
    assert unix_to_ntp(rollover + 5.0) == 5 << 32
    assert ntp_to_unix(5 << 32, near=rollover - 1.0) == rollover + 5.0
    assert ntp_to_unix(0xFFFFFFFF << 32, near=rollover + 1.0) == rollover - 1.0


@given(st.floats(0.0, 5e9), st.floats(-1e9, 1e9))
def test_times_survive_the_way_through_ntp(time_s, offset_s):
    assert ntp_to_unix(unix_to_ntp(time_s), near=time_s + offset_s) == pytest.approx(
        time_s, abs=2e-6
    )
