import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from sdaudio.errors import DeviceError
from sdaudio_server.playback.messages import Card
from sdaudio_server.playback.outputs import SilentClock, SoundCard


class FakeClock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Filled:
    """Counts the frames it is asked for."""

    def __init__(self):
        self.n_frames = 0

    def __call__(self, out):
        self.n_frames += len(out)
        out.fill(0.25)


@pytest.fixture
def timed():
    clock = FakeClock()
    output = SilentClock(48_000, clock=clock)
    output.begin()
    return clock, output, Filled()


def test_the_silent_clock_asks_for_as_much_as_time_has_passed(timed):
    clock, output, fill = timed
    for _ in range(100):
        clock.now += 0.0173
        output.advance(fill)
    assert abs(fill.n_frames - 1.73 * 48_000) <= 480


def test_the_silent_clock_tells_when_it_wants_to_be_asked_again(timed):
    clock, output, fill = timed
    assert output.advance(fill) == pytest.approx(0.01)
    clock.now += 0.004
    assert output.advance(fill) == pytest.approx(0.006)
    assert fill.n_frames == 480


def test_the_silent_clock_catches_up_after_a_short_delay(timed):
    clock, output, fill = timed
    clock.now += 0.3
    output.advance(fill)
    assert fill.n_frames == pytest.approx(0.3 * 48_000, abs=480)
    assert output.n_missed == 0


def test_the_silent_clock_does_not_catch_up_after_a_sleep(timed):
    clock, output, fill = timed
    clock.now += 3600.0
    output.advance(fill)
    assert fill.n_frames == 480
    assert output.n_missed == 360_000
    assert output.advance(fill) == pytest.approx(0.01)


def test_the_silent_clock_runs_by_itself_until_it_is_stopped():
    asked = threading.Event()
    output = SilentClock(48_000)
    output.start(lambda out: asked.set())
    assert asked.wait(5.0)
    output.stop()
    assert not any(thread.name == "silent clock" for thread in threading.enumerate())


@pytest.fixture
def no_portaudio(tmp_path, monkeypatch):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)


def test_without_portaudio_the_card_says_what_to_install(no_portaudio):
    with pytest.raises(DeviceError, match=r"PortAudio library not found.*libportaudio2"):
        SoundCard(Card("", 48_000, 256))


class FakeStream:
    def __init__(self, **options):
        if options["samplerate"] != FakeStream.possible_rate:
            raise PortAudioError("Invalid sample rate")
        self.options = options
        self.samplerate = float(options["samplerate"])
        self.calls = []

    def start(self):
        if FakeStream.is_busy:
            raise PortAudioError("Device busy")
        self.calls.append("start")

    def abort(self):
        self.calls.append("abort")

    def close(self):
        self.calls.append("close")


class PortAudioError(Exception):
    pass


@pytest.fixture
def device(monkeypatch):
    found = {
        "index": 3, "name": "Cheap card", "max_output_channels": 8, "default_samplerate": 44_100.0,
    }  # fmt: skip

    def query_devices(wanted, kind):
        if wanted not in (None, "Cheap", 3):
            raise ValueError(f"No output device matching {wanted!r}")
        return found

    module = SimpleNamespace(
        query_devices=query_devices, OutputStream=FakeStream, PortAudioError=PortAudioError
    )
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    monkeypatch.setattr(FakeStream, "possible_rate", 48_000, raising=False)
    monkeypatch.setattr(FakeStream, "is_busy", False, raising=False)
    return found


def test_a_card_is_found_by_part_of_its_name_or_its_number(device):
    for wanted in ("", "Cheap", "3"):
        card = SoundCard(Card(wanted, 48_000, 256))
        assert card.name == "Cheap card"
        assert card._stream.options["device"] == 3


def test_an_unknown_card_is_refused_by_name(device):
    with pytest.raises(DeviceError, match="the device 'Dear' cannot be opened"):
        SoundCard(Card("Dear", 48_000, 256))


def test_a_rate_the_card_cannot_do_becomes_its_own(device, monkeypatch):
    monkeypatch.setattr(FakeStream, "possible_rate", 44_100)
    card = SoundCard(Card("", 48_000, 256))
    assert card.sample_rate == 44_100


def test_a_card_that_can_do_no_rate_is_refused(device, monkeypatch):
    monkeypatch.setattr(FakeStream, "possible_rate", 8_000)
    with pytest.raises(DeviceError, match="Invalid sample rate"):
        SoundCard(Card("", 48_000, 256))


def test_a_card_that_does_not_start_is_an_error(device, monkeypatch):
    card = SoundCard(Card("", 48_000, 256))
    monkeypatch.setattr(FakeStream, "is_busy", True)
    with pytest.raises(DeviceError, match="Device busy"):
        card.start(Filled())


def test_every_channel_gets_the_same_and_late_blocks_are_counted(device):
    card = SoundCard(Card("", 48_000, 256))
    assert card._stream.options["channels"] == 2
    fill = Filled()
    card.start(fill)
    out = np.zeros((10_000, 2), dtype=np.float32)
    card._stream.options["callback"](out, 10_000, None, SimpleNamespace(output_underflow=False))
    card._stream.options["callback"](out, 10_000, None, SimpleNamespace(output_underflow=True))
    assert (out == 0.25).all()
    assert fill.n_frames == 20_000
    assert card.n_missed == 1


def test_a_mono_card_gets_one_channel(device):
    device["max_output_channels"] = 1
    card = SoundCard(Card("", 48_000, 256))
    assert card._stream.options["channels"] == 1


def test_stopping_closes_the_stream(device):
    card = SoundCard(Card("", 48_000, 256))
    card.start(Filled())
    card.stop()
    assert card._stream.calls == ["start", "abort", "close"]
