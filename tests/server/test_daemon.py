"""A daemon started the way a user starts it, driven over real UDP and TCP."""

import os
import signal
import socket
import struct
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

import sdaudio
from sdaudio.audio import write_sound
from sdaudio.errors import FileError, JobError, StateError, UsageError
from sdaudio_server.client import Client, JobCancelled


def _message(address: str, *arguments):
    builder = OscMessageBuilder(address=address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()


def _codes(client: Client, grid: str) -> np.ndarray:
    levels, columns = client.call("/sda/grid/info", grid)[2:4]
    rows = []
    for level in range(levels):
        row = []
        while len(row) < columns:
            row += client.call("/sda/grid/get", grid, level, len(row))[3:]
        rows.append(row)
    return np.array(rows)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A second of a decaying tone at another rate, in stereo."""
    t = np.arange(44_100) / 44_100
    mono = 0.5 * np.sin(2 * np.pi * 330 * t) * np.exp(-4 * t)
    path = tmp_path / "tone.wav"
    write_sound(path, np.stack([mono, 0.5 * mono]).astype(np.float32), 44_100)
    return path


@pytest.fixture
def grid(client: Client, tone: Path, request: pytest.FixtureRequest):
    """A grid of the test's own with the tone in it."""
    name = request.node.name[:40].replace("[", "-").replace("]", "")
    client.job("/sda/grid/encode", name, "starter", str(tone))
    yield name
    client.call("/sda/grid/close", name)


def test_hello_says_who_is_there(client: Client, daemon):
    assert client.call("/sda/hello") == ("sdaudio", sdaudio.__version__, 1, daemon.port)


def test_the_welcome_tells_ports_model_sound_midi_and_what_next(daemon):
    for word in (f"port {daemon.port}", "starter", "sound", "MIDI", "Try next"):
        assert word in daemon.welcome


def test_status_counts_workers_and_models(client: Client):
    client.job("/sda/grid/render", "starter")
    uptime, running, waiting, workers, _, models = client.call("/sda/status")
    assert uptime > 0
    assert (running, waiting) == (0, 0)
    assert workers >= 1
    assert models >= 1


def test_encode_reads_back_with_the_right_shape(client: Client, grid: str):
    model = client.call("/sda/model/info", "starter")
    info = client.call("/sda/grid/info", grid)
    assert info[:3] == (grid, "starter", model[1])
    assert info[3] == int(np.ceil(48_000 / 1024))
    assert list(info[8:]) == list(model[8:])
    assert _codes(client, grid).max() < model[2]


def test_set_swap_undo_and_redo_over_osc(client: Client, grid: str):
    before = _codes(client, grid)
    other = _codes(client, "starter")
    client.call("/sda/grid/set", grid, 0, 3, 1.0, 2, 3)
    assert _codes(client, grid)[0, 3:6].tolist() == [1, 2, 3]
    client.call("/sda/grid/swap", grid, "starter", 0, before.shape[0], 0, 2, 5)
    assert _codes(client, grid)[:, :5].tolist() == other[:, 2:7].tolist()
    client.call("/sda/grid/undo", "starter")
    assert _codes(client, "starter").tolist() == other.tolist()
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()
    client.call("/sda/grid/redo", grid, 2)
    assert _codes(client, "starter")[:, 2:7].tolist() != other[:, 2:7].tolist()
    client.call("/sda/grid/undo", grid, "steps", 2)
    assert _codes(client, "starter").tolist() == other.tolist()
    with pytest.raises(StateError, match="nothing to undo"):
        client.call("/sda/grid/undo", grid)


def test_copy_and_paste_tell_what_fitted(client: Client, grid: str):
    levels = client.call("/sda/grid/info", grid)[2]
    before = _codes(client, grid)
    assert client.call("/sda/grid/copy", grid, 0, levels, 2, 6) == (levels, 6)
    _, pasted_levels, pasted_columns = client.call("/sda/grid/paste", grid, 1, 44)
    assert (pasted_levels, pasted_columns) == (levels - 1, 3)
    assert _codes(client, grid)[1:, 44:].tolist() == before[: levels - 1, 2:5].tolist()
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()


def test_fill_shift_reverse_insert_and_delete_undo(client: Client, grid: str):
    before = _codes(client, grid)
    client.call("/sda/grid/fill", grid, 0, 2, 0, 5, 3)
    assert set(_codes(client, grid)[:2, :5].ravel()) == {3}
    client.call("/sda/grid/undo", grid)
    client.call("/sda/grid/shift", grid, 0, 1, 0, 10, 3)
    assert _codes(client, grid)[0, 3:10].tolist() == before[0, :7].tolist()
    client.call("/sda/grid/reverse", grid, 1, 1, 0, 47)
    assert _codes(client, grid)[1].tolist() == before[1, ::-1].tolist()
    client.call("/sda/grid/insert", grid, 5, 4)
    assert _codes(client, grid).shape[1] == 51
    client.call("/sda/grid/delete", grid, 0, 20)
    assert _codes(client, grid).shape[1] == 31
    client.call("/sda/grid/undo", grid, 4)
    assert _codes(client, grid).tolist() == before.tolist()


def test_labels_mutes_and_solos_are_told_to_subscribers(client: Client, grid: str):
    client.call("/sda/subscribe")
    client.call("/sda/grid/label", grid, 1, "Colour")
    client.wait_for("/sda/grid/state", lambda v: v[0] == grid and v[7] == "Colour")
    client.call("/sda/grid/mute", grid, 0, 1)
    client.wait_for("/sda/grid/levels", lambda v: v == (grid, 0, 1, 0))
    client.call("/sda/grid/solo", grid, 2, 1.0)
    client.wait_for("/sda/grid/levels", lambda v: v == (grid, 2, 0, 1))
    client.call("/sda/unsubscribe")


def test_a_bundle_is_one_step_to_undo(client: Client, grid: str):
    before = _codes(client, grid)
    builder = OscBundleBuilder(IMMEDIATELY)
    for column in range(6):
        builder.add_content(_message("/sda/grid/set", grid, 0, column, 5))
    client.send_packet(builder.build().dgram)
    client.send("/sda/sync", 1)
    client.wait_for("/sda/synced")
    assert _codes(client, grid)[0, :6].tolist() == [5] * 6
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()


def test_a_bundle_of_the_future_waits_and_blocks_nobody(client: Client, grid: str):
    code = (_codes(client, grid)[0, 0] + 1) % 64
    when = time.time() + 0.4
    builder = OscBundleBuilder(when)
    builder.add_content(_message("/sda/grid/set", grid, 0, 0, int(code)))
    client.send_packet(builder.build().dgram)
    assert client.call("/sda/grid/get", grid, 0, 0, 1)[3] != code
    answer = client.wait_for("/sda/done", lambda values: values[0] == "/sda/grid/set")
    assert answer[0] == "/sda/grid/set"
    assert time.time() >= when - 0.01
    assert client.call("/sda/grid/get", grid, 0, 0, 1)[3] == code


def test_blend_moves_live_and_tells_the_distance(client: Client, grid: str):
    before = _codes(client, grid)
    levels = before.shape[0]
    _, mean, *each = client.call("/sda/blend/set", grid, "starter", 0, levels, 0, 4, 0.5)
    assert len(each) == 4
    assert mean == pytest.approx(np.mean(each), rel=1e-5)
    client.call("/sda/blend/set", grid, "starter", 0, levels, 0, 4, 1.0)
    assert _codes(client, grid)[:, :4].tolist() == _codes(client, "starter")[:, :4].tolist()
    client.call("/sda/blend/commit", grid)
    client.call("/sda/grid/undo", grid)
    assert _codes(client, grid).tolist() == before.tolist()


def test_render_writes_a_complete_file(client: Client, grid: str, tmp_path: Path):
    target = tmp_path / "out.wav"
    path, frames, rate, peak = client.job("/sda/grid/render", grid, str(target))
    audio, file_rate = soundfile.read(target)
    assert (Path(path), frames, rate) == (target, len(audio), file_rate)
    assert frames == 47 * 1024
    assert peak == pytest.approx(np.abs(audio).max(), abs=1e-4)
    assert 0.01 < peak < 4.0
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("out")] == ["out.wav"]


def test_a_flac_is_turned_down_instead_of_clipped(client: Client, grid: str, tmp_path: Path):
    for name in ("a.flac", "a.wav"):
        client.job("/sda/grid/render", grid, str(tmp_path / name))
    flac, wav = (soundfile.read(tmp_path / name)[0] for name in ("a.flac", "a.wav"))
    np.testing.assert_allclose(flac, wav / max(1.0, np.abs(wav).max()), atol=1e-6)


def test_a_render_without_a_path_goes_to_the_output_folder(client: Client, grid: str, daemon):
    path = Path(client.job("/sda/grid/render", grid)[0])
    assert path.parent == daemon.folder / "renders"
    assert path.is_file()


def test_playing_moves_the_head_and_stopping_ends_it(client: Client, grid: str):
    client.call("/sda/subscribe")
    assert client.call("/sda/play/loop", grid, 2, 20) == (grid, 2, 20)
    first = client.wait_for("/sda/play/head", lambda v: v[0] == grid)[1]
    client.wait_for("/sda/play/head", lambda v: v[0] == grid and v[1] != first)
    client.call("/sda/grid/set", grid, 0, 5, 1)
    client.call("/sda/play/stop", grid)
    client.wait_for("/sda/play/state", lambda v: v == (grid, 0))
    client.call("/sda/unsubscribe")


def test_a_grid_that_is_played_once_ends_by_itself(client: Client, grid: str):
    client.call("/sda/subscribe")
    client.call("/sda/play/grid", grid, "columns", 8)
    client.wait_for("/sda/play/state", lambda v: v == (grid, 1))
    client.wait_for("/sda/play/state", lambda v: v == (grid, 0), timeout_s=5.0)
    client.call("/sda/unsubscribe")


def test_single_moments_rows_and_codes_can_be_heard(client: Client, grid: str):
    assert client.call("/sda/play/code", "starter", 1, 3) == (12 * 1024,)
    assert client.call("/sda/play/code", "starter", 1, 3, "columns", 4) == (4 * 1024,)
    assert client.call("/sda/play/column", grid, 2) == (12 * 1024,)
    assert client.call("/sda/play/row", grid, 0) == (47 * 1024,)
    with pytest.raises(UsageError, match="code is"):
        client.call("/sda/play/code", "starter", 0, 255)


def test_sampling_streams_columns_and_a_seed_repeats_the_take(client: Client):
    client.call("/sda/subscribe")
    takes = []
    for name in ("take-1", "take-2"):
        options = ("temperature", 1.1, "top_k", 50, "top_p", 0.8, "seed", 7)
        result = client.job("/sda/prior/sample", name, "starter", 2.0, *options)
        assert result[:1] + result[2:] == (name, 7)
        assert result[1] == round(2.0 * 48_000 / 1024)
        takes.append(_codes(client, name))
    states = [v for a, v in client.events if a == "/sda/grid/state" and v[0] == "take-1"]
    assert len(states) > 2
    assert takes[0].tolist() == takes[1].tolist()
    client.job("/sda/prior/sample", "take-2", "starter", 2.0, "seed", 8)
    assert _codes(client, "take-2").tolist() != takes[0].tolist()
    client.call("/sda/grid/undo", "take-2")
    assert _codes(client, "take-2").tolist() == takes[0].tolist()
    client.call("/sda/unsubscribe")


def test_a_cancelled_take_keeps_its_columns_and_ends_as_cancelled(client: Client):
    client.call("/sda/subscribe")
    (job,) = client.call("/sda/prior/sample", "cut", "starter", 30.0, "seed", 3)
    client.wait_for("/sda/grid/state", lambda v: v[0] == "cut")
    client.call("/sda/job/cancel", job)
    with pytest.raises(JobCancelled):
        client.wait_for_job(job)
    columns = client.call("/sda/grid/info", "cut")[3]
    assert 0 < columns < round(30.0 * 48_000 / 1024)
    client.call("/sda/grid/set", "cut", 0, 0, 1)
    client.call("/sda/unsubscribe")


def test_a_subscriber_first_gets_the_state_then_changes_of_others(
    client: Client, daemon, grid: str
):
    with daemon.client() as other:
        other.call("/sda/subscribe")
        model = other.wait_for("/sda/model/state", lambda v: v[0] == "starter")
        state = other.wait_for("/sda/grid/state", lambda v: v[0] == grid)
        assert model[1] == 1
        revision = client.call("/sda/grid/set", grid, 1, 4, 9, 9)[0]
        changed = other.wait_for("/sda/grid/codes", lambda v: v[0] == grid)
        assert changed[1] == revision == state[5] + 1
        assert changed[2] == 1
        assert set(changed[4:]) == {9}
        other.call("/sda/unsubscribe")


def test_a_subscriber_may_name_another_port_as_max_does(client: Client, daemon, grid: str):
    with Client(daemon.port) as listener:
        port = listener._socket.getsockname()[1]
        client.send("/sda/subscribe", port)
        listener.wait_for("/sda/grid/state", lambda v: v[0] == grid)
        listener.wait_for("/sda/done", lambda v: v[0] == "/sda/subscribe")
        client.send("/sda/hello")
        assert listener.wait_for("/sda/done")[1] == "sdaudio"
        client.send("/sda/unsubscribe", port)
        client.wait_for("/sda/done", lambda v: v[0] == "/sda/unsubscribe")


def test_help_lists_and_explains(client: Client):
    (count,) = client.call("/sda/help")
    listed = [v for a, v in client.events if a == "/sda/help/command"]
    assert len(listed) == count > 40
    usage, manual = client.call("/sda/help", "/sda/grid/set")
    assert usage == "/sda/grid/set grid level column code [codes ...]"
    assert "0 to 255" in manual


@pytest.mark.parametrize(
    ("address", "arguments", "error", "words"),
    [
        ("/sda/grid/sett", (), UsageError, "Did you mean '/sda/grid/set'?"),
        ("/sda/grid/set", ("nowhere", 0, 0, 1), UsageError, "no grid 'nowhere'"),
        ("/sda/grid/set", ("starter", 0, 0), UsageError, "'code' is missing"),
        ("/sda/grid/set", ("starter", 0, 0, 0.5), UsageError, "not a whole number"),
        ("/sda/model/load", ("startr",), FileError, "Did you mean 'starter'?"),
        ("/sda/model/load", ("../x",), UsageError, "cannot name a model"),
        ("/sda/job/cancel", (9999,), UsageError, "no job 9999"),
        ("/sda/train/stop", ("starter",), StateError, "not being trained"),
        ("/sda/blend/commit", ("nowhere",), UsageError, "no grid"),
        ("/sda/[", (), UsageError, ""),
        ("/sda/nothing*", (), UsageError, "No command matches"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(client: Client, address, arguments, error, words):
    with pytest.raises(error) as raised:
        client.call(address, *arguments)
    assert words in str(raised.value)


def test_a_job_on_a_missing_or_broken_file_fails_with_the_reason(client: Client, tmp_path: Path):
    with pytest.raises(FileError, match=r"none\.wav"):
        client.job("/sda/grid/encode", "x", "starter", str(tmp_path / "none.wav"))
    (tmp_path / "text.wav").write_text("this is no sound")
    with pytest.raises(FileError, match=r"text\.wav"):
        client.job("/sda/grid/encode", "x", "starter", str(tmp_path / "text.wav"))
    with pytest.raises(UsageError, match=r"must end in \.wav"):
        client.job("/sda/grid/render", "starter", str(tmp_path / "x.txt"))
    with pytest.raises(FileError, match=r"folders\.write"):
        client.job("/sda/grid/render", "starter", "/etc/sdaudio.wav")


def test_an_address_pattern_reaches_every_command_it_matches(client: Client):
    client.send("/sda/{hello,status}")
    assert client.wait_for("/sda/done")[0] == "/sda/hello"
    assert client.wait_for("/sda/done")[0] == "/sda/status"


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"nonsense",
        b"/sda/hello",
        b"/sda/hello\0\0,i\0\0",
        b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", -4),
        b"#bundle\0" * 2000,
        os.urandom(3000),
    ],
)
def test_malformed_packets_hurt_nobody(client: Client, packet: bytes):
    client.send_packet(packet)
    while client.receive(0.05):
        pass
    assert client.call("/sda/hello")[0] == "sdaudio"


@pytest.mark.parametrize("framing", ["length", "slip"])
def test_tcp_is_understood_in_both_framings(daemon, framing: str):
    packet = _message("/sda/hello").dgram
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=5) as stream:
        framed = (
            struct.pack(">i", len(packet)) + packet
            if framing == "length"
            else b"\xc0" + packet + b"\xc0"
        )
        stream.sendall(framed)
        answer = stream.recv(4096)
    assert b"/sda/done" in answer
    assert b"sdaudio" in answer


def test_training_over_osc_is_playable_at_once_and_ends_with_a_prior(
    client: Client, sound_folder: Path, daemon
):
    client.call("/sda/subscribe")
    events = []
    result = client.job(
        "/sda/train/start", "osc-trained", str(sound_folder), "minutes", 0.08, "levels", 2,
        timeout_s=120, on_event=events.append,
    )  # fmt: skip
    assert result[0] == "osc-trained"
    assert result[1] > 0
    assert result[3] == 1
    addresses = [address for address, _ in events]
    first_snapshot = addresses.index("/sda/train/snapshot")
    assert events[first_snapshot][1][2] == 0
    fractions = [v[1] for a, v in events if a == "/sda/job/progress"]
    assert fractions == sorted(fractions)
    levels = [v for a, v in events if a == "/sda/train/level"]
    assert {v[2] for v in levels} == {"Structure", "Detail"}
    assert all(v[6] in ("green", "yellow", "red") for v in levels)
    assert client.call("/sda/grid/info", "osc-trained")[1:3] == ("osc-trained", 2)
    assert client.call("/sda/model/info", "osc-trained")[7] == 1
    assert client.job("/sda/prior/train", "osc-trained")[1] > 1
    assert client.job("/sda/prior/sample", "fresh", "osc-trained", 1.0, "seed", 1)[1] == 47
    assert sum(client.call("/sda/model/usage", "osc-trained", 1)[2:]) > 0
    assert client.call("/sda/model/health", "osc-trained")[1] in ("green", "yellow", "red")
    client.call("/sda/unsubscribe")


def test_stopping_a_training_keeps_the_best_so_far(client: Client, sound_folder: Path):
    client.call("/sda/subscribe")
    (job,) = client.call("/sda/train/start", "stopped", str(sound_folder), "minutes", 5.0)
    client.wait_for("/sda/train/snapshot", timeout_s=60)
    with pytest.raises(StateError, match="being worked on"):
        client.job("/sda/train/start", "stopped", str(sound_folder), "replace", 1)
    client.call("/sda/train/stop", "stopped")
    result = client.wait_for_job(job, timeout_s=60)
    assert result[0] == "stopped"
    assert result[3] == 0
    assert client.call("/sda/model/load", "stopped")[0] == "stopped"
    with pytest.raises(StateError, match="already"):
        client.job("/sda/train/start", "stopped", str(sound_folder))
    client.call("/sda/unsubscribe")


def test_a_killed_worker_ends_its_job_and_the_next_one_works(new_daemon):
    running = new_daemon()
    with running.client() as client:
        client.job("/sda/grid/render", "starter")
        client.call("/sda/worker/list")
        pid = client.wait_for("/sda/worker/state", lambda v: v[0] == "render")[1]
        os.kill(pid, signal.SIGSTOP)
        (job,) = client.call("/sda/prior/sample", "long", "starter", 30.0, "seed", 1)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(JobError, match="lost"):
            client.wait_for_job(job, timeout_s=10)
        assert client.job("/sda/prior/sample", "next", "starter", 1.0, "seed", 1)[1] == 47
        assert client.job("/sda/grid/render", "starter")[1] > 0
        client.call("/sda/worker/list")
        assert client.wait_for("/sda/worker/state", lambda v: v[0] == "render")[1] != pid


def test_a_killed_playback_process_is_replaced_at_the_next_sound(new_daemon):
    running = new_daemon()
    with running.client() as client:
        client.call("/sda/subscribe")
        client.call("/sda/play/loop", "starter")
        client.call("/sda/worker/list")
        pid = client.wait_for("/sda/worker/state", lambda v: v[0] == "playback")[1]
        os.kill(pid, signal.SIGKILL)
        client.wait_for("/sda/play/state", lambda v: v == ("starter", 0))
        client.events.clear()
        client.call("/sda/grid/set", "starter", 0, 3, 1)
        client.call("/sda/play/code", "starter", 0, 5)
        client.call("/sda/play/loop", "starter")
        client.wait_for("/sda/play/head", lambda v: v[1] > 2)
        client.call("/sda/worker/list")
        assert client.wait_for("/sda/worker/state", lambda v: v[0] == "playback")[1] not in (0, pid)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.is_dir():
        pytest.skip("this system does not list child processes under /proc")
    text = " ".join((task / "children").read_text() for task in tasks.iterdir())
    return [int(child) for child in text.split()]


def _command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_sync_answers_after_the_jobs_before_it(client: Client, grid: str):
    client.call("/sda/grid/render", grid)
    client.send("/sda/sync", 41)
    while (event := client.receive(10.0)) is not None:
        client.events.append(event)
        if event == ("/sda/synced", (41,)):
            break
    addresses = [address for address, _ in client.events]
    assert addresses.index("/sda/job/done") < addresses.index("/sda/synced")


def test_a_second_daemon_says_who_holds_the_port(daemon, tmp_path: Path):
    import subprocess
    import sys

    second = subprocess.run(
        [sys.executable, "-m", "sdaudio_server", "serve", "--port", str(daemon.port)],
        capture_output=True, text=True, timeout=30, cwd=tmp_path,
    )  # fmt: skip
    assert second.returncode == 1
    assert str(daemon.port) in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_daemon_in_order(new_daemon, number: signal.Signals):
    running = new_daemon()
    pids = _children(running.process.pid)
    running.process.send_signal(number)
    assert running.process.wait(15) == 0
    for pid in pids:
        if pid and Path(f"/proc/{pid}").exists():
            assert b"sdaudio" not in _command_line(pid)


def test_the_answer_to_hello_comes_within_seconds_of_the_start(new_daemon):
    started = time.monotonic()
    running = new_daemon()
    with running.client() as client:
        client.call("/sda/hello")
    assert time.monotonic() - started < 15
