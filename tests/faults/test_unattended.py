"""What watches over the daemon: systemd's notices and watchdog, metrics, logs, units."""

import os
import plistlib
import socket
import sys
import time
from pathlib import Path

import pytest
from daemon_metrics import metrics

from sdaudio_server.cli import main


def test_metrics_count_what_happens(spare_daemon):
    before = metrics(spare_daemon.http_port)
    assert before["sdaudio_uptime_seconds"] > 0
    assert before['sdaudio_worker_up{lane="live"}'] in (0, 1)
    with spare_daemon.client() as client:
        client.call("/sda/subscribe")
        client.call("/sda/grid/new", "counted", "starter", 4)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"no osc at all, of 32 bytes here!", ("127.0.0.1", spare_daemon.port))
        time.sleep(0.2)
        client.call("/sda/hello")
        after = metrics(spare_daemon.http_port)
        client.call("/sda/grid/close", "counted")
    assert after["sdaudio_grids"] == before["sdaudio_grids"] + 1
    assert after["sdaudio_clients"] == before["sdaudio_clients"] + 1
    assert after["sdaudio_packets_malformed_total"] == before["sdaudio_packets_malformed_total"] + 1
    assert after["sdaudio_packets_total"] >= before["sdaudio_packets_total"] + 4
    if Path("/proc/self").exists():
        assert 20e6 < after["sdaudio_resident_memory_bytes"] < 500e6


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd is not on this system")
@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_told_that_it_is_ready_lives_and_ends(kind: str, new_daemon, tmp_path: Path):
    if kind == "abstract" and sys.platform != "linux":
        pytest.skip("abstract sockets are Linux's")
    name = str(tmp_path / "notify") if kind == "path" else f"@sdaudio-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0", 1))
        manager.settimeout(10)
        running = new_daemon(environment={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "400000"})
        told = [manager.recv(4096).decode() for _ in range(4)]
        assert told[0].startswith("READY=1\nSTATUS=sdaudio ")
        assert told[1:] == ["WATCHDOG=1"] * 3
        assert running.stop() == 0
        last = told[-1]
        while last == "WATCHDOG=1":
            last = manager.recv(4096).decode()
        assert last == "STOPPING=1"


def test_the_log_goes_into_a_file_that_is_put_aside(new_daemon, tmp_path: Path):
    log = tmp_path / "logs" / "sdaudio.log"
    running = new_daemon("--log", str(log))
    with running.client() as client:
        client.call("/sda/worker/list")
        pid = int(client.wait_for("/sda/worker/state", lambda v: v[0] == "render" and v[1])[1])
        os.kill(pid, 9)
        client.job("/sda/prior/sample", "a", "starter", 0.5)
    assert running.stop() == 0
    assert "render worker was lost (signal 9)" in log.read_text()


def test_a_unit_starts_this_installation_with_its_options(capsys, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    words = ["--", "--port", "5700", "--models", '/a "b" 100%']
    assert main(["service", "--kind", "systemd", *words]) == 0
    unit = capsys.readouterr().out
    assert f'ExecStart="{sys.executable}" "-m" "sdaudio_server" "serve" "--port" "5700"' in unit
    assert r'"/a \"b\" 100%%"' in unit
    for line in ("Type=notify", "WatchdogSec=20", "Restart=always"):
        assert line in unit.splitlines()
    assert main(["service", "--kind", "launchd", *words]) == 0
    plist = plistlib.loads(capsys.readouterr().out.encode())
    assert plist["ProgramArguments"][-4:] == words[1:]
    assert plist["KeepAlive"] is True
    assert main(["service", "--kind", "systemd", "--install"]) == 0
    assert "systemctl --user enable --now sdaudio" in capsys.readouterr().out
    assert (tmp_path / "systemd" / "user" / "sdaudio.service").is_file()
    assert main(["service", "--kind", "systemd", "--install"]) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["service", "--kind", "systemd", "--install", "--replace"]) == 0
