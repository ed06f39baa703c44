"""MIDI ports of the system, and none; and real ones over a sound server without a card."""

import ast
import functools
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile
from jack_server import wait_for

from sdaudio_server.midi import MidoBackend


def test_listing_ports_never_raises_and_says_why_there_are_none():
    ports = MidoBackend().ports()
    assert ports.problem or ports.inputs or ports.outputs


def test_without_a_midi_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mido", None)
    ports = MidoBackend().ports()
    assert (ports.inputs, ports.outputs) == ((), ())
    assert "sdaudio[midi]" in ports.problem


# In a process of its own: python-rtmidi brings another libjack than the one that listens here.
KEYBOARD = """
import sys
import rtmidi
port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="test")
port.open_virtual_port("Test keys")
print("plugged in", flush=True)
for line in sys.stdin:
    port.send_message(bytes.fromhex(line))
port.close_port()
port.delete()
"""


class Keyboard:
    """A keyboard that is plugged into JACK."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", KEYBOARD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "plugged in\n"

    def play(self, data: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{data}\n")
        self._process.stdin.flush()

    def pull_out(self) -> None:
        if self._process.poll() is not None:
            return
        self._process.communicate(timeout=10)


@pytest.fixture
def keys(jack_server) -> Iterator[Keyboard]:
    rtmidi = pytest.importorskip("rtmidi", reason="python-rtmidi is not installed")
    if rtmidi.API_UNIX_JACK not in rtmidi.get_compiled_api():
        pytest.skip("this python-rtmidi knows no JACK")
    keyboard = Keyboard()
    yield keyboard
    keyboard.pull_out()


@pytest.mark.parametrize("jack_server", [{"survives_kills": True}], indirect=True)
def test_a_real_keyboard_sounds_at_the_speakers_and_is_missed_when_it_goes(
    keys, jack_server, new_daemon, tmp_path
):
    config = tmp_path / "sdaudio.yaml"
    config.write_text("playback: {device: system}\n")
    running = new_daemon(
        environment={
            "SDAUDIO_CONFIG": str(config), "MIDO_BACKEND": "mido.backends.rtmidi/UNIX_JACK",
        }
    )  # fmt: skip
    jack_server.listen()
    with running.client() as client:
        client.call("/sda/subscribe")
        assert client.call("/sda/midi/inputs")[0] == 1
        client.job("/sda/code/render", "starter", 0, str(tmp_path / "codes.wav"))
        codes = soundfile.read(tmp_path / "codes.wav", dtype="float32")[0].reshape(128, -1)
        errors = []
        # a dummy server loses blocks on a busy machine
        for _ in range(3):
            begin = len(jack_server.heard)
            keys.play("90 3C 64")
            _, *played, code = client.wait_for("/sda/midi/note", lambda values: values[2] > 0)
            assert played == [60, 100, "starter", 0]
            wait_for(functools.partial(_is_heard, jack_server, begin), "the note")
            keys.play("80 3C 00")
            wait_for(lambda: not jack_server.heard[-4096:].any(), "its end")
            # behind its attack it is the code's sound, as loud as it was struck
            heard = jack_server.sounding_since(begin)
            errors.append(_difference(heard, codes[code] * (100 / 127) ** 2, 1_000, 8_000))
            if errors[-1] < 2e-4:
                break
        else:
            pytest.fail(f"it differs from the code's sound by {errors}")
        keys.pull_out()
        assert client.wait_for("/sda/midi/input", lambda v: v[1] == 0, timeout_s=8)


def _is_heard(server, begin):
    return len(server.sounding_since(begin)) > 20_000


def _difference(heard, expected, start, length):
    """How far a sound is from what was heard from ``start`` on, wherever the hearing began."""
    part = heard[start : start + length]
    windows = np.lib.stride_tricks.sliding_window_view(expected, length)
    return np.abs(windows[start - 50 : start + 200] - part).max(axis=1).min()


LISTENER = """
import sys
import time
import rtmidi
port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
port.ignore_types(timing=False)
names = port.get_ports()
port.open_port(next(number for number, name in enumerate(names) if "our clock" in name))
times = []
port.set_callback(lambda event, _: times.append((time.monotonic(), event[0][0])))
print("listening", flush=True)
sys.stdin.readline()
print(times, flush=True)
port.close_port()
port.delete()
"""


@pytest.mark.parametrize("jack_server", [{"survives_kills": True}], indirect=True)
def test_another_program_hears_the_clock_on_a_port_of_ours(keys, jack_server, new_daemon):
    running = new_daemon(environment={"MIDO_BACKEND": "mido.backends.rtmidi/UNIX_JACK"})
    with running.client() as client:
        client.call("/sda/subscribe")
        assert client.call("/sda/midi/clock/send", "virtual:our clock") == (1,)
        assert client.wait_for("/sda/midi/clock/output") == ("virtual:our clock", 1)
        client.call("/sda/play/tempo", 120.0, 24, 1)
        with subprocess.Popen(
            [sys.executable, "-c", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        ) as listener:  # fmt: skip
            assert listener.stdout is not None
            assert listener.stdout.readline() == "listening\n"
            time.sleep(4.0)
            client.call("/sda/play/tempo", 0)
            time.sleep(0.2)
            told = listener.communicate("end\n", timeout=10)[0]
        events = ast.literal_eval(told)
        assert events[-1][1] == 0xFC
        ticks = [time_s for time_s, message in events if message == 0xF8]
        beat_s = 24 * np.polyfit(np.arange(len(ticks)), ticks, 1)[0]
        assert beat_s == pytest.approx(0.5, rel=0.01)
        assert client.call("/sda/midi/clock/send", "virtual:our clock", 0) == (0,)
