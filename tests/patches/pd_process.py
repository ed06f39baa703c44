"""A real Pure Data process without a window, driven and read by a test.

Pd runs `sdaudio.pd` next to `remote.pd`, which talks to a UDP socket of the test in Pd's own text
protocol (FUDI): a line "receiver message" reaches any named receiver, canvases included, so that
``pd-sdaudio.pd mouse X Y 1 0`` is a real click.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from pd_file import canvases_of

PATCHES = Path(__file__).resolve().parents[2] / "patches" / "pd"
REMOTE = Path(__file__).with_name("remote.pd")
WINDOW_COLUMNS = 32
# Where sdaudio.pd draws its first cell, and how large a cell is, in pixels.
GRID_X, GRID_Y = 120, 182
RULER_HEIGHT, CELL_WIDTH, CELL_HEIGHT = 22, 30, 47


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is drawn."""

    level: int
    slot: int
    code: int
    shown: bool
    colour: int


class PdProcess:
    """``sdaudio.pd`` in a headless Pd that connects to the daemon at ``daemon_port``.

    Use it in a with statement; `problems` then holds what Pd wrote on stderr.
    """

    def __init__(self, daemon_port: int) -> None:
        pd = shutil.which("pd")
        if pd is None:
            pytest.skip("Pure Data (the program 'pd') is not installed")
        self.labels: dict[str, str] = {}
        self.problems = ""
        self._lines: list[list[str]] = []
        self._pd_address: tuple[str, int] | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self._process = subprocess.Popen(
            [
                *(pd, "-nogui", "-noprefs", "-noaudio", "-nomidi", "-nrt", "-sleepgrain", "1"),
                *("-stderr", "-path", str(PATCHES)),
                *("-open", str(REMOTE), "-open", str(PATCHES / "sdaudio.pd")),
                *("-send", f"remote-connect 127.0.0.1 {port}"),
                *("-send", f"sda-connect 127.0.0.1 {daemon_port}"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        try:
            self.until(lambda: self._pd_address is not None, "Pd starts")
            # A canvas takes mouse and keys only when it has an editor; it needs no window.
            self.send("pd-sdaudio.pd vis 1")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def send(self, line: str) -> None:
        """Send "receiver message..." to Pd."""
        assert self._pd_address is not None
        self._socket.sendto(f"{line};\n".encode(), self._pd_address)

    def press(self, button: str) -> None:
        """Click the button of the window that sends to the name ``button``."""
        face = canvases_of((PATCHES / "sdaudio.pd").read_text(), "sdaudio.pd")[-1]
        (found,) = [box for box in face.boxes if box.name == "bng" and box.words[5] == button]
        half = int(found.words[1]) // 2
        self.click(found.x + half, found.y + half)

    def click(self, x: int, y: int) -> None:
        """Press and release the mouse at (x, y) in the window of the patch."""
        self.send(f"pd-sdaudio.pd mouse {x} {y} 1 0")
        self.send(f"pd-sdaudio.pd mouseup {x} {y} 1 0")

    def drag(self, x: int, y: int, *, up: int) -> None:
        """Drag from (x, y) by ``up`` pixels, a pixel at a time."""
        self.send(f"pd-sdaudio.pd mouse {x} {y} 1 0")
        step = 1 if up > 0 else -1
        for moved in range(step, up + step, step):
            self.send(f"pd-sdaudio.pd motion {x} {y - moved} 0")
        self.send(f"pd-sdaudio.pd mouseup {x} {y - up} 1 0")

    def type(self, text: str) -> None:
        """Type characters; a line end is Enter."""
        for character in text:
            self.send(f"pd-sdaudio.pd key 1 {ord(character)} 0")

    def cells(self, n_levels: int) -> list[Cell]:
        """Read every cell that is drawn, level by level."""
        count = n_levels * WINDOW_COLUMNS
        rows = self._ask(f"cells 0 {count}", "cell", count)
        return [
            Cell(int(level), int(slot), int(code), shown == "1", int(colour))
            for level, slot, code, shown, colour in rows
        ]

    def columns(self, n_levels: int) -> list[int]:
        """Read the column numbers that are shown above the cells."""
        rows = self._ask(
            f"columns {n_levels * WINDOW_COLUMNS} {WINDOW_COLUMNS}", "column", WINDOW_COLUMNS
        )
        return [int(column) for _, column, shown in rows if shown == "1"]

    def playhead(self) -> tuple[float, bool]:
        """Read the playhead: its x in the grid, in pixels, and whether it is shown."""
        ((x, shown),) = self._ask("playhead", "playhead", 1)
        return float(x), shown == "1"

    def until(self, is_so: Callable[[], bool], what: str, *, timeout_s: float = 10.0) -> None:
        """Take what Pd says until ``is_so()``; fail with ``what`` after the timeout."""
        deadline = time.monotonic() + timeout_s
        while not is_so():
            self._receive(0.02)
            if time.monotonic() > deadline:
                pytest.fail(f"within {timeout_s} s: {what}; labels: {self.labels}")

    def _ask(self, question: str, kind: str, count: int) -> list[list[str]]:
        self._lines.clear()
        self.send(question)
        self.until(
            lambda: sum(line[0] == kind for line in self._lines) >= count, f"Pd answers {question}"
        )
        return [line[1:] for line in self._lines if line[0] == kind]

    def _receive(self, timeout_s: float) -> None:
        self._socket.settimeout(timeout_s)
        try:
            data, self._pd_address = self._socket.recvfrom(65536)
        except TimeoutError:
            return
        line = words_of(data.decode())
        if line[0] == "label":
            self.labels[line[1]] = line[2] if len(line) > 2 else ""
        else:
            self._lines.append(line)

    def _end(self) -> None:
        self._process.terminate()
        _, console = self._process.communicate(timeout=10)
        # A busy machine makes Pd remark that its network code waited; that is no problem.
        lines = console.splitlines(keepends=True)
        self.problems = "".join(line for line in lines if not line.startswith("verbose("))
        self._socket.close()


def centre_of(level: int, slot: int) -> tuple[int, int]:
    """Return the middle of a cell in the window of the patch, in pixels."""
    return (
        GRID_X + slot * CELL_WIDTH + CELL_WIDTH // 2,
        GRID_Y + RULER_HEIGHT + level * CELL_HEIGHT + CELL_HEIGHT // 2,
    )


def fudi(text: str) -> str:
    """Return ``text`` as one word of a line for Pd."""
    return text.replace(" ", "\\ ")


def words_of(line: str) -> list[str]:
    """Split one FUDI message into its words; a backslash keeps the next sign as it is."""
    words, word, kept = [], "", False
    for sign in line.strip().removesuffix(";"):
        if kept:
            word, kept = word + sign, False
        elif sign == "\\":
            kept = True
        elif sign in " \n":
            words.append(word)
            word = ""
        else:
            word += sign
    words.append(word)
    return [word for word in words if word]
