"""``sdaudio listen``: what it prints, and that it survives the daemon."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scripted_daemon import ScriptedDaemon

from sdaudio.errors import NoAnswerError
from sdaudio_server.cli import main
from sdaudio_server.client import Client, DaemonAddress, Event
from sdaudio_server.shell.listening import Subscription


@contextmanager
def _listener(port: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a listener; one that is still there at the end tells where it hangs and is ended."""
    options = ["-X", "faulthandler", "-m", "sdaudio_server", "listen", *arguments]
    with subprocess.Popen(
        [sys.executable, *options, "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGABRT)
                sys.stdout.write(process.stderr.read())


def test_every_message_that_fits_is_one_line_with_its_time(daemon, client, grid):
    with _listener(daemon.port, "/sda/grid/*") as listener:
        for line in listener.stdout:
            if f"/sda/grid/state {grid} " in line:
                break
        client.call("/sda/grid/set", grid, 1, 2, 7, 8)
        line = next(line for line in listener.stdout if "/sda/grid/codes" in line)
        assert re.fullmatch(
            rf"\d\d:\d\d:\d\d\.\d\d\d /sda/grid/codes {re.escape(grid)} \d+ 1 2 7 8\n", line
        )
        listener.send_signal(signal.SIGINT)
        assert listener.wait(20) == 0
        rest = listener.stdout.read()
    assert "/sda/play" not in rest


def test_json_lines_and_a_count(daemon, grid, capsys):
    arguments = ["listen", "/sda/[gm]*/state", "--count", "2", "--json"]
    assert main([*arguments, "--port", str(daemon.port)]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["address"], first["arguments"][:2]) == ("/sda/model/state", ["starter", 1])
    assert second["address"] in ("/sda/model/state", "/sda/grid/state")
    assert 0 <= second["time"] - first["time"] < 5


def test_no_daemon_and_a_bad_pattern_are_told_at_once(daemon, capsys):
    silent = ScriptedDaemon({})
    silent.close()
    assert main(["listen", "--port", str(silent.port)]) == 3
    assert main(["listen", "/sda/[", "--port", str(daemon.port)]) == 2
    assert "pattern" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_it_comes_back_with_the_daemon(new_daemon, tmp_path: Path):
    running = new_daemon()
    with _listener(running.port, "/sda/model/state") as listener:
        assert "starter" in listener.stdout.readline()
        assert running.stop() == 0
        assert "waiting for it to come back" in listener.stderr.readline()
        again = new_daemon("--port", str(running.port))
        assert again.port == running.port
        assert "is back" in listener.stderr.readline()
        assert "starter" in listener.stdout.readline()
        listener.send_signal(signal.SIGINT)
        assert listener.wait(20) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for oneself")
def test_ctrl_c_in_a_finalizer_ends_it_too(daemon, capfd, monkeypatch):
    class Interrupted:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    def show(_time_s: float, _event: Event) -> None:
        Interrupted()

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    monkeypatch.setattr("sdaudio_server.shell.listening._show_line", show)
    assert main(["listen", "--count", "1000", "--port", str(daemon.port)]) == 0


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _status(uptime_s: float):
    return [("/sda/done", "/sda/status", uptime_s, 0, 0, 1, 1, 1)]


def test_a_restart_between_two_questions_is_noticed_by_the_uptime():
    script = {"/sda/subscribe": [("/sda/done", "/sda/subscribe", 1)], "/sda/status": _status(50.0)}
    daemon, clock, news = ScriptedDaemon(script), _Clock(), []
    with Client(daemon.port, timeout_s=5.0) as client:
        subscription = Subscription(client, on_news=news.append, clock=clock)
        subscription.start()

        def check():
            clock.now += 2.0
            before = len(daemon.received)
            subscription.receive()
            while len(daemon.received) == before:
                pass
            client.events.append(client.receive(5.0))
            subscription.receive()

        check()
        assert news == []
        daemon.script["/sda/status"] = _status(0.5)
        check()
        assert news == ["The daemon is back."]
    daemon.close()
    assert [each[0] for each in daemon.received].count("/sda/subscribe") == 2


def test_a_daemon_that_was_away_is_shown_the_token_again():
    script = {"/sda/hello": [("/sda/done", "/sda/hello")], "/sda/subscribe": [
        ("/sda/done", "/sda/subscribe", 1)]}  # fmt: skip
    daemon, clock, news = ScriptedDaemon(script, until="/sda/status"), _Clock(), []
    with DaemonAddress(port=daemon.port, token="sesame").connect() as client:
        subscription = Subscription(client, on_news=news.append, clock=clock)
        subscription.start()
        clock.now += 2.0
        subscription.receive()
        assert daemon.waiting.wait(10)
    daemon.close()
    assert daemon.received[-2:] == [("/sda/hello", "sesame"), ("/sda/status",)]


def test_a_subscription_to_nobody_is_an_error():
    silent = ScriptedDaemon({})
    silent.close()
    with Client(silent.port, timeout_s=0.1) as client, pytest.raises(NoAnswerError):
        Subscription(client, on_news=print).start()
