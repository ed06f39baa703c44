"""A daemon of its own for a benchmark."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sdaudio_server.client import Client


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon of a benchmark."""

    port: int
    process: subprocess.Popen[str]


@contextmanager
def running_daemon(folder: Path, **environment: str) -> Iterator[Running]:
    """Start a daemon on a free port, with its files in a folder, and end it if it still runs."""
    command = [
        sys.executable, "-m", "sdaudio_server", "serve", "--port", "0",
        "--models", str(folder), "--output", str(folder), "--grids", str(folder),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stdout is not None
    port = next(int(m[1]) for line in process.stdout if (m := re.search(r"port (\d+)", line)))
    try:
        yield Running(port, process)
    finally:
        if process.poll() is None:
            with Client(port) as client:
                client.send("/sda/quit")
        process.stdout.close()
        process.wait(20)
