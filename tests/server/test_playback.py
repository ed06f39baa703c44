import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from jack_server import WAIT_S, wait_for

from sdaudio.errors import DeviceError, StateError, UsageError
from sdaudio_server.playback import Playback, PlaybackInfo, memory
from sdaudio_server.playback.link import Link

RATE = 48_000
NO_CARD = "no such sound card"


def noise(length, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, length).astype(np.float32)


@contextlib.contextmanager
def silent_playback():
    made = Playback()
    made.start(device=NO_CARD, sample_rate=RATE, block_length=256)
    yield made
    made.close()


@pytest.fixture
def playback():
    with silent_playback() as made:
        yield made


@pytest.fixture(scope="module")
def lasting_playback():
    """For tests that change nothing; a process costs a third of a second."""
    with silent_playback() as made:
        made.set_sound("a", noise(1000), RATE)
        yield made


@pytest.fixture
def heard(jack_server):
    """Playback through a real sound server, and the server."""
    made = Playback()
    info = made.start(device="system", sample_rate=RATE, block_length=256)
    assert info == PlaybackInfo("system", RATE, silent=False, reason="")
    jack_server.listen()
    yield made, jack_server
    made.close()


def test_importing_playback_loads_no_audio_library():
    code = (
        "import sys, sdaudio_server.playback;"
        "assert not {'sounddevice', 'torch', 'librosa'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_without_a_card_playback_is_silent_and_says_why(lasting_playback):
    info = lasting_playback.info
    assert info.silent
    assert info.sample_rate == RATE
    assert NO_CARD in info.reason


def test_starting_is_quick():
    made = Playback()
    began = time.monotonic()
    made.start(device=NO_CARD, sample_rate=RATE, block_length=256)
    # 0.3 s on a free machine.
    assert time.monotonic() - began < 5.0
    made.close()


def test_a_patch_that_waits_for_the_mixer_is_in_what_is_composed_of_the_sound(playback):
    playback.set_sound("a", noise(48_000), RATE)
    for turn in range(10):
        playback.play("a", start_sample=1000, loop=True)
        playback.patch("a", 1000, np.full(500, turn, np.float32))

        def longer(samples):
            samples[:48_000] = playback.samples("a")

        playback.compose_sound("a", 48_100, RATE, longer)
        assert (playback.samples("a")[1000:1500] == turn).all()
        playback.set_sound("a", noise(48_000), RATE)


def test_silent_positions_advance_in_real_time(playback):
    playback.set_sound("a", noise(RATE * 10), RATE)
    playback.play("a", start_sample=1000)
    began = time.monotonic()
    wait_for(lambda: playback.positions()["a"] > 1000 + RATE // 2, "half a second of sound")
    assert 0.45 < time.monotonic() - began < 1.5


def test_a_voice_plays_from_the_moment_it_is_told(playback):
    playback.set_sound("a", noise(RATE), RATE)
    assert playback.positions() == {}
    playback.play("a", start_sample=500)
    assert "a" in playback.positions()
    assert playback.positions()["a"] >= 500
    playback.stop("a")
    assert "a" not in playback.positions()
    assert playback.positions() == {}


def test_a_voice_that_is_played_out_is_silent(playback):
    playback.set_sound("a", noise(2000), RATE)
    playback.play("a")
    wait_for(lambda: "a" not in playback.positions(), "the end of the sound")


def test_every_voice_can_be_stopped_together(playback):
    for voice in "abc":
        playback.set_sound(voice, noise(RATE), RATE)
        playback.play(voice, loop=True)
    assert set(playback.positions()) == set("abc")
    playback.stop_all()
    assert playback.positions() == {}


def test_a_removed_voice_is_unknown_and_its_place_is_used_again(playback):
    for turn in range(memory.MAX_VOICES + 10):
        playback.set_sound(f"voice {turn}", noise(100), RATE)
        playback.play(f"voice {turn}", loop=True)
        assert set(playback.positions()) == {f"voice {turn}"}
        playback.remove(f"voice {turn}")
    with pytest.raises(StateError, match="no sound yet"):
        playback.play("voice 0")
    playback.remove("voice 0")


def test_too_many_voices_are_refused(playback):
    for number in range(memory.MAX_VOICES):
        playback.set_sound(str(number), noise(100), RATE)
    with pytest.raises(StateError, match="256 voices"):
        playback.set_sound("one more", noise(100), RATE)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda it: it.set_sound("b", noise(0), RATE), "not empty"),
        (lambda it: it.set_sound("b", noise(10).reshape(2, 5), RATE), r"shape \(2, 5\)"),
        (lambda it: it.set_sound("b", np.zeros(10), RATE), "float64"),
        (lambda it: it.set_sound("b", np.full(10, np.nan, np.float32), RATE), "finite"),
        (lambda it: it.set_sound("b", noise(10), 0), "sample_rate is 0"),
        (lambda it: it.play("a", start_sample=-1), "-1 to 1000"),
        (lambda it: it.play("a", start_sample=990), "990 to 1000"),
        (lambda it: it.play("a", stop_sample=1001), "0 to 1001"),
        (lambda it: it.play("a", start_sample=500, stop_sample=510), "500 to 510"),
        (lambda it: it.play("a", gain_db=25.0), "25.0 dB"),
        (lambda it: it.play("a", gain_db=float("nan")), "nan dB"),
        (lambda it: it.set_gain(-121.0), "-121.0 dB"),
        (lambda it: it.patch("a", 999, noise(2)), "999 to 1001"),
        (lambda it: it.patch("a", -1, noise(2)), "-1 to 1"),
        (lambda it: it.one_shot(noise(61_000), 1000), "61.0 s"),
    ],
)
def test_wrong_arguments_are_refused_with_a_reason(lasting_playback, call, reason):
    with pytest.raises(UsageError, match=reason):
        call(lasting_playback)
    assert lasting_playback.positions() == {}


def test_a_voice_without_a_sound_cannot_be_played_or_patched(lasting_playback):
    with pytest.raises(StateError, match="'b' has no sound yet"):
        lasting_playback.play("b")
    with pytest.raises(StateError, match="'b' has no sound yet"):
        lasting_playback.patch("b", 0, noise(10))
    lasting_playback.stop("b")


@pytest.mark.parametrize("options", [{"sample_rate": 100}, {"block_length": 8}])
def test_a_start_out_of_range_is_refused(options):
    with pytest.raises(UsageError, match="allowed are"):
        Playback().start(**{"device": None, "sample_rate": RATE, "block_length": 256, **options})


def test_playback_cannot_be_started_twice(lasting_playback):
    with pytest.raises(StateError, match="running already"):
        lasting_playback.start(device=None, sample_rate=RATE, block_length=256)


def test_playback_that_is_not_running_says_so():
    made = Playback()
    with pytest.raises(DeviceError, match="not running"):
        made.set_sound("a", noise(10), RATE)
    assert made.positions() == {}
    assert made.missed_blocks() == 0
    assert made.info is None
    made.close()


def test_a_playback_process_that_dies_is_noticed_and_can_be_started_again(playback):
    playback.set_sound("a", noise(RATE), RATE)
    playback.play("a", loop=True)
    os.kill(playback.pid, signal.SIGKILL)
    wait_for(lambda: not playback.is_running, "the end of the process")
    assert playback.positions() == {}
    with pytest.raises(DeviceError, match="not running"):
        playback.play("a")
    playback.start(device=NO_CARD, sample_rate=RATE, block_length=256)
    playback.set_sound("a", noise(RATE), RATE)
    playback.play("a")
    wait_for(lambda: playback.positions()["a"] > 1000, "sound")


def test_playback_can_be_asked_while_another_thread_starts_or_ends_it(monkeypatch):
    opening, may_go_on = threading.Event(), threading.Event()
    really_open = Link.open

    def slow(card):
        opening.set()
        assert may_go_on.wait(WAIT_S)
        return really_open(card)

    monkeypatch.setattr(Link, "open", slow)
    made = Playback()
    options = {"device": NO_CARD, "sample_rate": RATE, "block_length": 256}
    starting = threading.Thread(target=made.start, kwargs=options)
    starting.start()
    assert opening.wait(WAIT_S)
    assert made.positions() == {}
    assert not made.is_running
    with pytest.raises(DeviceError, match="not running"):
        made.set_sound("a", noise(100), RATE)
    may_go_on.set()
    starting.join(WAIT_S)
    assert made.is_running
    made.close()


def test_threads_can_share_playback(playback):
    failures = []

    def work(voice):
        try:
            for turn in range(60):
                playback.set_sound(voice, noise(500 + turn), RATE)
                playback.play(voice, loop=True)
                playback.patch(voice, 10, noise(100))
                playback.one_shot(noise(100), RATE)
                assert voice in playback.positions()
                playback.stop(voice)
        except Exception as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(voice,)) for voice in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert failures == []
    assert playback.is_running


def run_script(body, **options):
    script = "def main():\n" + textwrap.indent(textwrap.dedent(body), "    ")
    script += "\nif __name__ == '__main__':\n    main()\n"
    path = options.pop("folder") / "script.py"
    path.write_text(script)
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_no_shared_memory_is_left_behind_and_nothing_is_complained_about(tmp_path):
    script = run_script(
        """
        import logging
        import numpy as np
        from multiprocessing.shared_memory import SharedMemory
        from sdaudio_server.playback import Playback, memory

        logging.disable()
        names = []
        create = memory.create
        def noted(n_bytes):
            block = create(n_bytes)
            names.append(block.name)
            return block
        memory.create = noted

        for turn in range(2):
            playback = Playback()
            playback.start(device="no such card", sample_rate=48000, block_length=256)
            for number in range(30):
                playback.set_sound(str(number % 3), np.ones(5000, np.float32), 44100)
                playback.play(str(number % 3), loop=True)
                playback.patch(str(number % 3), 100, np.ones(1000, np.float32))
                playback.one_shot(np.ones(500, np.float32), 48000)
            playback.remove("0")
            playback.close()
        for name in names:
            try:
                SharedMemory(name)
            except FileNotFoundError:
                continue
            raise SystemExit(f"{name} is left behind")
        print(len(names))

        global left_open
        left_open = Playback()
        left_open.start(device="no such card", sample_rate=48000, block_length=256)
        left_open.set_sound("a", np.ones(5000, np.float32), 48000)
        left_open.play("a", loop=True)
        """,
        folder=tmp_path,
    )
    out, error = script.communicate(timeout=60)
    assert (out, error) == ("122\n", "")
    assert script.returncode == 0


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_playback_process_ends_when_the_daemon_is_killed(tmp_path):
    script = run_script(
        """
        import sys
        import numpy as np
        from sdaudio_server.playback import Playback

        playback = Playback()
        playback.start(device="no such card", sample_rate=48000, block_length=256)
        playback.set_sound("a", np.ones(48000, np.float32), 48000)
        playback.play("a", loop=True)
        print(playback.pid, flush=True)
        sys.stdin.read()
        """,
        folder=tmp_path,
        stdin=subprocess.PIPE,
    )
    pid = int(script.stdout.readline())
    assert is_alive(pid)
    script.kill()
    script.communicate(timeout=WAIT_S)
    wait_for(lambda: not is_alive(pid), "the end of the playback process")


def test_what_reaches_the_speakers_is_the_sound_sample_by_sample(heard):
    playback, server = heard
    audio = noise(RATE)
    playback.set_sound("a", audio, RATE)
    playback.play("a")
    wait_for(lambda: len(server.sounding) >= RATE + 256, "the sound at the speakers")
    np.testing.assert_array_equal(server.sounding[:RATE], audio)
    assert not server.sounding[RATE:].any()
    assert "a" not in playback.positions()


def test_a_patched_loop_reaches_the_speakers_in_its_next_pass(heard):
    playback, server = heard
    audio = noise(9600)
    playback.set_sound("a", audio, RATE)
    playback.play("a", loop=True, gain_db=0.0)
    wait_for(lambda: playback.positions()["a"] > 4000, "the middle of the loop")
    part = noise(1000, 5)
    n_before = len(server.sounding)
    playback.patch("a", 500, part)
    patched = audio.copy()
    patched[500:1500] = part
    n_passes = n_before // 9600 + 2
    wait_for(lambda: len(server.sounding) >= 9600 * (n_passes + 1), "the next pass")
    sounding = server.sounding
    np.testing.assert_array_equal(sounding[:4000], audio[:4000])
    np.testing.assert_array_equal(sounding[9600 * n_passes :][:9600], patched)


def test_a_lost_sound_server_leaves_playback_silent_and_alive(heard, caplog):
    playback, server = heard
    playback.set_sound("a", noise(RATE), RATE)
    playback.play("a", loop=True)
    wait_for(lambda: len(server.sounding) > 1000, "sound")
    server.end()
    info = wait_for(lambda: playback.info if playback.info.silent else None, "the fall back")
    assert info == PlaybackInfo("none", RATE, silent=True, reason="system stopped asking for sound")
    assert "system stopped asking for sound" in caplog.text
    first = playback.positions()["a"]
    wait_for(lambda: playback.positions()["a"] != first, "positions that advance")
    began = time.monotonic()
    playback.close()
    assert time.monotonic() - began < 4.0
