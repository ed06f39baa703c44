"""Scores: recorded through a port, edited, and replayed in time."""

import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from osc_bytes import message

from sdaudio.errors import FileError, UsageError
from sdaudio_server.cli import main
from sdaudio_server.client import Client, build_bundle, build_message
from sdaudio_server.shell.replaying import Passage, Player
from sdaudio_server.shell.score import Entry, answer_line, read_score, rest_line, sent_line
from sdaudio_server.wire import Bundle, Colour, Message, decode, encode

ROOT = Path(__file__).parents[2]


def _score(path: Path, *lines: object) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_a_score_reads_in_the_order_of_its_times_and_answers_are_not_sent(tmp_path: Path):
    path = _score(
        tmp_path / "a.score",
        {"score": 1},
        "# by hand",
        {"at": 1.5, "bundle": [["/b", 1], ["/c", 0.5, "x"]]},
        "",
        {"at": 1, "send": ["/a", True, None, [1, 2.0]]},
        {"at": 1.2, "answer": ["/sda/done", "/a"]},
        {"at": 3},
    )
    first, second, rest = read_score(path)
    assert (first.at_s, second.at_s, rest) == (1.0, 1.5, Entry(3.0))
    assert [decode(p) for p in first.packets] == [Message("/a", (True, None, (1, 2.0)))]
    assert [decode(p) for p in second.packets] == [Message("/b", (1,)), Message("/c", (0.5, "x"))]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1: Expecting"),
        ("[1]", "an object in braces"),
        ('{"at": -1}', "0 or more"),
        ('{"at": true}', "0 or more"),
        ('{"at": NaN}', "0 or more"),
        ('{"send": ["/a"]}', "0 or more"),
        ('{"at": 1, "sent": ["/a"]}', 'one of "send"'),
        ('{"at": 1, "send": ["/a"], "bundle": []}', 'one of "send"'),
        ('{"at": 1, "bundle": []}', "a list of messages"),
        ('{"at": 1, "send": []}', "a message is a list"),
        ('{"at": 1, "send": "/a"}', "a message is a list"),
        ('{"at": 1, "send": ["a"]}', "begins with '/'"),
        ('{"at": 1, "send": ["/a", {"b": 1}]}', "/a cannot be sent"),
        ('{"at": 1, "send": ["/a", 1e400]}', ""),
        ('{"score": 2}', "version 1"),
        ("[" * 100_000, ""),
    ],
)
def test_a_line_that_is_no_entry_is_named(line, words, tmp_path: Path):
    if line == '{"at": 1, "send": ["/a", 1e400]}':
        assert decode(read_score(_score(tmp_path / "x", line))[0].packets[0]).arguments
        return
    with pytest.raises(FileError, match="line 1") as caught:
        read_score(_score(tmp_path / "x", line))
    assert words in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(FileError, match=r"none\.score"):
        read_score(tmp_path / "none.score")
    (tmp_path / "sound.wav").write_bytes(b"RIFF\xff\xff\xff\xff")
    with pytest.raises(FileError, match="is no text"):
        read_score(tmp_path / "sound.wav")


def test_what_is_written_reads_back_as_the_same_bytes(tmp_path: Path):
    sent = Message("/a", (1, -2.5, decode(message("/x", 0.1).dgram).arguments[0], "Ré", True, None))
    lines = [sent_line(0.0, [sent], is_bundle=False), sent_line(0.5, [sent, sent], is_bundle=True),
             answer_line(0.6, sent), rest_line(1.0)]  # fmt: skip
    assert '0.1, "Ré"' in lines[0]
    first, second, rest = read_score(_score(tmp_path / "x", *lines))
    assert (first.packets, second.packets, rest.packets) == (
        (build_message("/a", sent.arguments),), first.packets * 2, (),
    )  # fmt: skip
    assert decode(first.packets[0]) == sent


def test_a_type_that_a_score_cannot_hold_is_refused():
    for value in (Colour(1, 2, 3, 4), b"blob", float("nan")):
        with pytest.raises(UsageError, match="a score cannot hold"):
            sent_line(0.0, [Message("/a", (value,))], is_bundle=False)


_A, _B, _C = (build_message(f"/{name}", ()) for name in "abc")
_ENTRIES = [Entry(1.0, (_A,)), Entry(2.0, (_B, _C)), Entry(4.0)]


@pytest.mark.parametrize(
    ("passage", "times"),
    [
        (Passage(), [1.0, 2.0, 4.0]),
        (Passage(speed=2.0), [0.5, 1.0, 2.0]),
        (Passage(start_s=2.0), [0.0, 2.0]),
        (Passage(stop_s=2.0), [1.0]),
        (Passage(n_times=2), [1.0, 2.0, 4.0, 5.0, 6.0, 8.0]),
        (Passage(1.0, 3.0, 1.0, 3), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
        (Passage(n_times=0), [1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 9.0]),
    ],
)
def test_a_passage_says_when_what_is_sent(passage, times):
    schedule = passage.schedule(_ENTRIES)
    assert [at_s for at_s, _ in itertools.islice(schedule, len(times))] == times
    if passage.n_times:
        assert next(schedule, None) is None


@pytest.mark.parametrize(
    ("passage", "entries", "words"),
    [
        (Passage(), [], "nothing to send"),
        (Passage(), [Entry(1.0)], "nothing to send"),
        (Passage(start_s=3.0), _ENTRIES, "nothing to send from 3 s"),
        (Passage(n_times=2), [Entry(0.0, (_A,))], "no length to repeat"),
    ],
)
def test_a_passage_without_anything_is_refused(passage, entries, words):
    with pytest.raises(UsageError, match=words):
        passage.schedule(entries)


class _Daemon:
    """A connection to nobody on which time passes by waiting."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.came: list[tuple[float, Bundle]] = []
        self.answers = [("/sda/late", (0.1,)), ("/sda/fail", ("/b", "usage", "no b"))]

    def send_packet(self, packet: bytes) -> None:
        self.came.append((self.now, decode(packet)))

    def receive(self, timeout_s: float):
        if self.came and self.answers:
            return self.answers.pop(0)
        self.now += timeout_s
        return None


def test_bundles_go_out_a_moment_before_their_time():
    daemon, troubles = _Daemon(), []
    player = Player(daemon, on_trouble=troubles.append, clock=lambda: daemon.now)
    start = daemon.now
    player.play(iter([(0.0, (_A,)), (0.5, (_B, _C)), (2.0, ())]))
    assert [[e.address for e in bundle.elements] for _, bundle in daemon.came] == [
        ["/a"], ["/b", "/c"],
    ]  # fmt: skip
    for (sent_at, bundle), at_s in zip(daemon.came, (0.0, 0.5), strict=True):
        due = bundle.timetag / 2**32 - 2_208_988_800
        assert due == pytest.approx(start + 0.2 + at_s, abs=1e-5)
        assert due - sent_at == pytest.approx(0.2, abs=1e-5)
    # a rest lasts until it is over
    assert daemon.now == pytest.approx(start + 2.2, abs=1e-5)
    assert (player.n_messages, player.n_refused, player.n_late) == (3, 1, 1)
    assert troubles == ["no b"]


def test_a_replay_keeps_time_and_tells_what_was_refused(daemon, client, grid, tmp_path, capsys):
    n, step_s = 12, 0.05
    sets = [{"at": i * step_s, "send": ["/sda/grid/set", grid, 0, i, i + 1]} for i in range(n)]
    path = _score(tmp_path / "x.score", *sets)
    assert main(["replay", str(path), "--port", str(daemon.port)]) == 0
    assert f"{n} messages sent" in capsys.readouterr().err
    assert list(client.call("/sda/grid/get", grid, 0, 0, n)[3:]) == list(range(1, n + 1))
    path = _score(tmp_path / "y.score", {"at": 0, "send": ["/sda/grid/set", grid, 9, 0, 0]})
    assert main(["replay", str(path), "--port", str(daemon.port)]) == 1
    shown = capsys.readouterr().err
    assert "argument 2 'level' is 9" in shown
    assert "1 refused" in shown


def test_the_daemon_keeps_the_rhythm_of_a_score(daemon, client, grid, tmp_path: Path):
    n, step_s = 20, 0.04
    lines = [{"at": i * step_s, "send": ["/sda/grid/set", grid, 0, i, 5 + i]} for i in range(n)]
    _score(tmp_path / "x.score", *lines)
    client.call("/sda/subscribe")
    command = [sys.executable, "-m", "sdaudio_server", "replay", str(tmp_path / "x.score")]
    with subprocess.Popen([*command, "--port", str(daemon.port)], stderr=subprocess.PIPE) as replay:
        times = []
        while len(times) < n:
            client.wait_for("/sda/grid/codes", lambda values: values[0] == grid)
            times.append(time.monotonic())
        assert replay.wait(20) == 0
        replay.stderr.read()
    client.call("/sda/unsubscribe")
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert statistics.median(steps) == pytest.approx(step_s, abs=0.004)
    assert times[-1] - times[0] == pytest.approx((n - 1) * step_s, abs=0.1)


def test_a_bundle_of_a_score_is_one_step_to_undo(daemon, client, grid, tmp_path: Path):
    before = client.call("/sda/grid/get", grid, 0, 0, 2)[3:]
    sets = [["/sda/grid/set", grid, 0, column, 99] for column in range(2)]
    path = _score(tmp_path / "x.score", {"at": 0, "bundle": sets})
    assert main(["replay", str(path), "--port", str(daemon.port)]) == 0
    client.call("/sda/grid/undo", grid)
    assert client.call("/sda/grid/get", grid, 0, 0, 2)[3:] == before


@pytest.fixture
def recording(daemon, tmp_path: Path):
    """Start ``sdaudio record`` and return (its port, a function that ends it)."""
    started = []

    def start(*arguments: str):
        command = [
            sys.executable, "-m", "sdaudio_server", "record", str(tmp_path / "take.score"),
            "--port", str(daemon.port), "--through", "0", *arguments,
        ]  # fmt: skip
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        started.append(process)
        welcome = process.stderr.readline()
        assert "Recording what comes to port" in welcome, welcome
        port = int(welcome.split("port ")[1].split()[0])

        def end(number: signal.Signals = signal.SIGINT) -> list[dict[str, object]]:
            process.send_signal(number)
            assert process.wait(20) == 0
            lines = (tmp_path / "take.score").read_text(encoding="utf-8").splitlines()
            return [json.loads(line) for line in lines]

        return port, end

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.stderr.close()
        process.wait()


pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for others")


def test_a_performance_is_recorded_with_its_timing_and_replayed(
    daemon, client, grid, recording, tmp_path: Path
):
    port, end = recording()
    with Client(port) as player:
        player.call("/sda/hello")
        player.call("/sda/subscribe")
        player.call("/sda/grid/set", grid, 0, 1, 11)
        player.wait_for("/sda/grid/codes", lambda values: values[0] == grid)
        time.sleep(0.2)
        both = (
            message("/sda/grid/set", grid, 0, 2.0, 22.0),
            message("/sda/grid/set", grid, 1, 0, 9),
        )
        player.send_packet(build_bundle([each.dgram for each in both], time_s=time.time() + 0.3))
        player.wait_for("/sda/grid/codes", lambda values: values[-1] == 9)
        player.call("/sda/unsubscribe")
    header, first, second, rest = end()
    assert header == {"score": 1}
    assert first == {"at": 0.0, "send": ["/sda/grid/set", grid, 0, 1, 11]}
    assert second["bundle"] == [
        ["/sda/grid/set", grid, 0, 2.0, 22.0], ["/sda/grid/set", grid, 1, 0, 9],
    ]  # fmt: skip
    assert second["at"] == pytest.approx(0.5, abs=0.2)
    assert rest["at"] >= second["at"]
    client.call("/sda/grid/undo", grid, 2)
    take = str(tmp_path / "take.score")
    assert main(["replay", take, "--speed", "4", "--port", str(daemon.port)]) == 0
    assert client.call("/sda/grid/get", grid, 0, 1, 2)[3:] == (11, 22)
    assert client.call("/sda/grid/get", grid, 1, 0, 1)[3] == 9


def test_answers_are_recorded_on_demand_and_several_players_get_their_own(grid, recording, daemon):
    port, end = recording("--answers")
    with Client(port) as one, Client(port) as two:
        first, second = (each.call("/sda/grid/set", grid, 0, 0, 40 + i) for i, each in
                         enumerate((one, two)))  # fmt: skip
        assert second > first
        one.send("/sda/blob", b"abc")
        assert one.wait_for("/sda/fail")[0] == "/sda/blob"
        one.send_packet(b"no OSC")
        assert one.wait_for("/sda/fail")[0] == ""
        assert not two.events
    lines = end(signal.SIGTERM)
    assert [next(key for key in each if key != "at") for each in lines[1:5]] == [
        "send", "answer", "send", "answer",
    ]  # fmt: skip
    assert not any("/sda/blob" in each.get("send", ()) for each in lines)


def test_more_players_than_sockets_are_heard(grid, recording):
    port, end = recording()
    for column in range(80):
        with Client(port) as player:
            player.call("/sda/grid/set", grid, 0, column % 40, column % 64)
    sent = [each for each in end() if "send" in each]
    assert len(sent) == 80


def test_a_recording_writes_over_nothing_and_needs_its_port(daemon, recording, tmp_path, capsys):
    path = tmp_path / "take.score"
    path.write_text("dear")
    base = ["record", str(path), "--port", str(daemon.port), "--through"]
    assert main([*base, "0"]) == 1
    assert "--replace writes over it" in capsys.readouterr().err
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        assert main([*base, str(taken.getsockname()[1])]) == 1
    assert "Name another" in capsys.readouterr().err
    assert main(["record", "/nowhere/x", "--port", str(daemon.port), "--through", "0"]) == 1
    assert path.read_text() == "dear"
    _, end = recording("--replace")
    assert end() == [{"score": 1}]


def test_a_nested_bundle_is_recorded_as_the_scheduler_runs_it(grid, recording):
    port, end = recording()
    with Client(port) as player:
        inner = Bundle(1, (Message("/sda/grid/set", (grid, 0, 1, 5)),))
        outer = Bundle(1, (Message("/sda/grid/set", (grid, 0, 0, 4)), inner))
        player.send_packet(encode(outer))
        player.wait_for("/sda/done")
        player.wait_for("/sda/done")
    [line] = [each for each in end() if "bundle" in each]
    assert [words[-1] for words in line["bundle"]] == [4, 5]
