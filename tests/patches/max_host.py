"""Runs Max patchers without Max: see max_host.js."""

import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "patches" / "max"


def node() -> str:
    """The path of node; a test that needs it is skipped where there is none."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    return found


def until(is_so: Callable[[], object], *, timeout_s: float = 8.0) -> None:
    """Wait for something."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


class MaxHost:
    """A patcher that is open."""

    def __init__(self, patcher: str) -> None:
        self._process = subprocess.Popen(
            [node(), str(Path(__file__).with_name("max_host.js")), str(PACKAGE), patcher],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._answers: queue.Queue[str] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def do(self, command: str, /, **arguments: object) -> Any:
        """Run one of the commands of max_host.js."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._answers.get(timeout=10))
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def grid(self, box: int = 0) -> dict[str, Any]:
        """What a grid knows."""
        found = self.do("grid", box=box)
        assert isinstance(found, dict)
        return found

    def until(
        self, is_so: Callable[[dict[str, Any]], object], box: int = 0, timeout_s: float = 8.0
    ) -> dict[str, Any]:
        """Wait until a grid knows something; returns all that it knows then."""
        until(lambda: is_so(self.grid(box)), timeout_s=timeout_s)
        return self.grid(box)

    def mouse(self, name: str, *args: float, box: int = 0) -> None:
        """Let the mouse do something: onclick, ondrag, onwheel."""
        self.do("call", box=box, name=name, args=args)

    def texts(self, part: str) -> list[str]:
        """The lines that a part shows."""
        return list(self.do("shown", of="comment", part=part))

    def press(self, part: str, message: str) -> None:
        """Press the button that says something: its message box, which it goes through."""
        self.do("send", to="message", text=message, part=part, message=["bang"])

    def cell(self, level: int, column: int, box: int = 0) -> tuple[float, float]:
        """The middle of a cell, in pixels."""
        found = self.grid(box)
        (left, next_left), (top, next_top) = found["lefts"], found["tops"]
        width, height = next_left - left, next_top - top
        return left + (column + 0.5) * width, top + (level + 0.5) * height

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reading.join(10)
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)


@contextmanager
def connected_host(port: int, patcher: str = "sdaudio.maxpat") -> Iterator[MaxHost]:
    """Open a patcher and let it speak to a daemon."""
    opened = MaxHost(patcher)
    try:
        box = "connect 127.0.0.1 5630"
        change = ["set", "connect", "127.0.0.1", port]
        opened.do("send", to="message", text=box, message=change)
        opened.do("send", to="message", text=box, message=["bang"])
        yield opened
    finally:
        opened.close()
