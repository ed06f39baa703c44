"""A daemon of its own for a benchmark."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdaudio_server.client import Client


@contextmanager
def running_daemon(folder: Path) -> Iterator[int]:
    """Start a daemon on a free port, with its models and renders in a folder, and end it."""
    command = [
        sys.executable, "-m", "sdaudio_server", "serve", "--port", "0",
        "--models", str(folder), "--output", str(folder), "--grids", str(folder),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    port = next(int(m[1]) for line in process.stdout if (m := re.search(r"port (\d+)", line)))
    try:
        yield port
    finally:
        with Client(port) as client:
            client.send("/sda/quit")
        process.stdout.close()
        process.wait(20)
