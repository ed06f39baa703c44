"""Real daemons for tests: started the way a user starts them, on free ports, in scratch folders."""

import os

# Workers multiply with one thread, and other numbers of threads round otherwise: what tests
# compute to compare with must do as they do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import atexit
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sdaudio.audio import write_sound
from sdaudio.starter.synthesis import render_sounds
from sdaudio_server.client import Client

READY_TIMEOUT_S = 30.0

# What a test starts without saying where its grids go must not open those of whoever tests.
_HOME = tempfile.mkdtemp(prefix="sdaudio-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["XDG_DATA_HOME"] = _HOME
os.environ["XDG_CONFIG_HOME"] = f"{_HOME}/config"

# A shell lets what it starts in the background ignore Ctrl-C, and so would every program that is
# started from here to be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class RunningDaemon:
    """A daemon process with the client that talks to it."""

    port: int
    http_port: int
    process: subprocess.Popen[str]
    welcome: str
    folder: Path
    token: str = ""

    def client(self) -> Client:
        return Client(self.port)

    def stop(self) -> int:
        if self.process.poll() is None:
            with self.client() as client:
                if self.token:
                    client.call("/sda/hello", self.token)
                client.send("/sda/quit")
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.returncode


def start_daemon(folder: Path, *arguments: str, environment: dict[str, str] | None = None):
    """Start ``sdaudio serve`` on a free port and wait until it says that it is ready."""
    command = [
        sys.executable, "-m", "sdaudio_server", "serve", "--port", "0", "--http-port", "0",
        "--models", str(folder / "models"), "--output", str(folder / "renders"),
        "--grids", str(folder / "grids"), *arguments,
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    welcome: list[str] = []
    while not welcome or "Try next:" not in welcome[-1]:
        line = lines.get(timeout=READY_TIMEOUT_S)
        if line is None:
            raise AssertionError(f"the daemon ended at its start:\n{''.join(welcome)}")
        welcome.append(line)
    text = "".join(welcome)
    port = re.search(r"port (\d+)", text)
    assert port, text
    http_port = re.search(r"HTTP +http://\S+:(\d+),", text)
    return RunningDaemon(int(port[1]), int(http_port[1]) if http_port else 0, process, text, folder)


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    process.stdout.close()
    lines.put(None)


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """One daemon for all tests that leave it as it was; use grid names of your own."""
    running = start_daemon(tmp_path_factory.mktemp("daemon"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def spare_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon for the tests of one module, whatever they do to it."""
    running = start_daemon(tmp_path_factory.mktemp("spare"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def closed_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon on loopback that asks for a token."""
    folder = tmp_path_factory.mktemp("closed")
    config = folder / "sdaudio.yaml"
    config.write_text("server: {token: sesame-sesame-sesame}\n")
    running = start_daemon(folder, environment={"SDAUDIO_CONFIG": str(config)})
    running.token = "sesame-sesame-sesame"
    yield running
    assert running.stop() == 0


@pytest.fixture
def new_daemon(tmp_path: Path) -> Iterator[Callable[..., RunningDaemon]]:
    """Start daemons that belong to one test."""
    started: list[RunningDaemon] = []

    def start(*arguments: str, environment: dict[str, str] | None = None) -> RunningDaemon:
        running = start_daemon(tmp_path, *arguments, environment=environment)
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def client(daemon: RunningDaemon) -> Iterator[Client]:
    with daemon.client() as connected:
        yield connected


@pytest.fixture(scope="session")
def sounds() -> dict[str, np.ndarray]:
    """Synthesised sounds at 48 kHz by name."""
    return render_sounds()


@pytest.fixture(scope="session")
def sound_folder(sounds: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with eight short sounds."""
    folder = tmp_path_factory.mktemp("sounds")
    shortest = sorted(sounds, key=lambda name: len(sounds[name]))[:8]
    for name in shortest:
        write_sound(folder / f"{name}.wav", sounds[name], 48_000)
    return folder
