"""A JACK server without a sound card: real time, real device, and every sample can be compared."""

import contextlib
import functools
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

RATE = 48_000
SHARED = Path("/dev/shm")
"""Where JACK keeps its memory and its sockets."""
_ATTEMPTS = 3
WAIT_S = 15.0


def wait_for(condition, what):
    deadline = time.monotonic() + WAIT_S
    while not (result := condition()):
        assert time.monotonic() < deadline, f"waited {WAIT_S} s for {what}"
        time.sleep(0.002)
    return result


class JackServer:
    """A real sound server without a card, and what arrives at its speakers."""

    def __init__(self, *, survives_kills=False):
        # A server that waits for its clients loses no block on a busy machine, and waits for ever
        # for one that was killed.
        self._manner = ("-t", "500") if survives_kills else ("-S", "-t", "5000")
        self.name = f"sdaudio-{os.getpid()}"
        self.begin_again()

    def begin_again(self):
        """Start a server, the first or one more of the same name."""
        self.process = _started(self.name, self._manner)
        self.client = wait_for(self._connect, "jackd")
        self._port = self.client.inports.register("in")
        self._blocks = []
        self.client.set_process_callback(
            lambda n_frames: self._blocks.append(self._port.get_array().copy())
        )
        self.client.activate()

    def _connect(self):
        import jack

        assert self.process.poll() is None, "jackd has ended"

        with contextlib.suppress(jack.JackError), quiet_stderr():
            return jack.Client("capture", no_start_server=True, servername=self.name)
        return None

    def listen(self):
        """Connect to what playback plays, and forget what was heard before."""
        ports = wait_for(self._speakers, "playback to play")
        self._blocks.clear()
        self.client.connect(ports[0], self._port)
        # A connection holds from one of the next cycles on.
        wait_for(lambda: len(self._blocks) > 8, "a few cycles")

    def _speakers(self):
        return self.client.get_ports("PortAudio", is_audio=True, is_output=True)

    @property
    def heard(self):
        return np.concatenate([np.zeros(0, dtype=np.float32), *self._blocks])

    @property
    def sounding(self):
        """What was heard, from its first sample that is not zero."""
        return self.sounding_since(0)

    def sounding_since(self, begin):
        """What was heard from a sample on, from the first one that is not zero."""
        heard = self.heard[begin:]
        sounding = np.flatnonzero(heard)
        return heard[sounding[0] :] if len(sounding) else heard[:0]

    def end(self):
        # Not by SIGKILL: JACK has room for eight servers, and one that is killed keeps its place.
        self.process.terminate()
        self.process.wait()
        # Closing a client whose server has gone can crash, and it would be closed by itself.
        self.client._ptr = None

    def close(self):
        if self.process.poll() is None:
            self.client.deactivate()
            self.client.close()
        if self.process.poll() is None:
            self.end()
        # What its clients leave when the server goes first.
        for path in SHARED.glob(f"jack_sem.*_{self.name}_*"):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def quiet_stderr():
    saved = os.dup(2)
    with open(os.devnull, "w") as silence:  # noqa: PTH123 - a device, not a path of ours
        os.dup2(silence.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def _started(name, manner):
    """Start jackd and wait until it has a socket; where it cannot run at all, say what it said."""
    for _ in range(_ATTEMPTS):
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                ["jackd", "-n", name, "--no-realtime", *manner,
                 "-d", "dummy", "-r", str(RATE), "-p", "256"],
                stdout=said, stderr=said,
            )  # fmt: skip
            wait_for(functools.partial(_is_there_or_ended, name, process), "jackd's socket")
            if process.poll() is None:
                return process
            said.seek(0)
            text = said.read()
        _forget_killed_servers()
    return pytest.skip(f"jackd is installed and cannot run here: {text[-1000:]}")


def _is_there_or_ended(name, process):
    socket = SHARED / f"jack_{name}_{os.getuid()}_0"
    return socket.exists() or process.poll() is not None


def _forget_killed_servers():
    """JACK has room for eight servers; those that were killed keep their places."""
    if not any(_is_jackd(path) for path in Path("/proc").glob("[0-9]*/comm")):
        for path in SHARED.glob("jack*"):
            if not path.is_dir():
                path.unlink(missing_ok=True)


def _is_jackd(path):
    with contextlib.suppress(OSError):
        return path.read_text().strip() == "jackd"
    return False
