"""A daemon started the way a user starts it: its answers, its mistakes, its life and its end."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jack_server import wait_for
from osc_bytes import message

import sdaudio
from sdaudio.errors import FileError, JobError, StateError, UsageError
from sdaudio_server.client import Client


def test_hello_says_who_is_there(client: Client, daemon):
    assert client.call("/sda/hello") == (
        "sdaudio", sdaudio.__version__, 1, daemon.port, daemon.http_port
    )  # fmt: skip


def test_the_welcome_tells_ports_model_sound_midi_and_what_next(daemon):
    for word in (f"port {daemon.port}", "starter", "sound", "MIDI", "Try next"):
        assert word in daemon.welcome


def test_status_counts_workers_and_models(client: Client):
    client.job("/sda/grid/render", "starter")
    uptime, running, waiting, workers, _, models, *lost = client.call("/sda/status")
    assert uptime > 0
    assert (running, waiting) == (0, 0)
    assert workers >= 1
    assert models >= 1
    assert len(lost) == 2


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
    assert "code (i): index of a codebook entry (0 to 255)" in manual
    assert manual.endswith("Example: /sda/grid/set one 0 12 77 78 79")
    assert client.call("/sda/help", "grid/set") == (usage, manual)


def test_help_without_an_address_is_an_overview_by_section(client: Client):
    (count,) = client.call("/sda/help")
    told = [event for event in client.events if event[0].startswith("/sda/help/")]
    section, left = "", 0
    for address, values in told:
        if address == "/sda/help/section":
            assert left == 0
            section, left, sentence = values
            assert sentence.endswith(".")
        else:
            assert values[0].startswith(section)
            left -= 1
    assert left == 0
    assert count == sum(v[1] for a, v in told if a == "/sda/help/section")


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [
        ("/sda/blend", "/sda/blend/cancel grid [level] [column]", 4),
        ("/sda/blend/", "/sda/blend/cancel grid [level] [column]", 4),
        ("/sda/blend/c", "/sda/blend/cancel grid [level] [column]", 2),
        ("blend", "/sda/blend/cancel grid [level] [column]", 4),
        ("/sda/*/list", "/sda/blend/list grid", 6),
        ("/sda/grid/{undo,redo}", "/sda/grid/redo grid [steps]", 2),
    ],
)
def test_help_explains_what_begins_alike_or_fits_a_pattern(
    client: Client, asked: str, first: str, count: int
):
    assert client.call("/sda/help", asked) == (count,)
    listed = [values[0] for address, values in client.events if address == "/sda/help/command"]
    assert len(listed) == count
    assert listed[0] == first


def test_help_explains_values_and_what_holds_them(client: Client):
    base = "/sda/state/grid/starter"
    assert client.call("/sda/help", f"{base}/mute/0") == (
        f"{base}/mute/0 [value]", "leaves Structure out (can be set)",
    )  # fmt: skip
    usage, text = client.call("/sda/help", base)
    assert usage == base
    assert f"{base}/revision: grows with every edit\n" in text


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("/sda/grid/sett", "/sda/grid/set"),
        ("/sda/gird", "/sda/grid"),
        ("/sda/plya/loop", "/sda/play/loop"),
        ("helo", "/sda/hello"),
        ("/sda/state/grid/starter/playign", "/sda/state/grid/starter/playing"),
    ],
)
def test_help_for_a_misspelt_address_names_the_nearest(client: Client, asked: str, nearest: str):
    with pytest.raises(UsageError, match=f"Did you mean '{nearest}'"):
        client.call("/sda/help", asked)


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
    packet = message("/sda/hello").dgram
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


def test_what_looped_goes_on_looping_when_the_playback_process_is_killed(new_daemon):
    running = new_daemon()
    with running.client() as client:
        client.call("/sda/subscribe")
        client.call("/sda/play/loop", "starter")
        client.call("/sda/worker/list")
        pid = client.wait_for("/sda/worker/state", lambda v: v[0] == "playback")[1]
        os.kill(pid, signal.SIGKILL)
        # an edit while nothing plays is heard, too
        client.call("/sda/grid/set", "starter", 0, 3, 1)

        def player() -> int:
            client.call("/sda/worker/list")
            return client.wait_for("/sda/worker/state", lambda v: v[0] == "playback")[1]

        wait_for(lambda: player() not in (0, pid), "another playback process")
        client.events.clear()
        first = client.wait_for("/sda/play/head")[1]
        client.wait_for("/sda/play/head", lambda v: v[1] != first)
        assert not [event for event in client.events if event[0] == "/sda/play/state"]
        client.call("/sda/play/code", "starter", 0, 5)


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
