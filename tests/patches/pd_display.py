"""A display for tests of Pd patches: it stands where Pd's Tcl/Tk program stands.

Pd draws by sending Tcl commands over a socket. They are read here into windows of items, so that a
test sees every text and colour where a person sees it, and presses the mouse where a person does.
"""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

PATCHES = Path(__file__).resolve().parents[2] / "patches" / "pd"
# Size, width and height of a letter, as Tk measures DejaVu Sans Mono, at once and twice the zoom.
_LETTERS = ((8, 5, 11), (10, 6, 13), (12, 7, 16), (16, 10, 19), (24, 14, 29), (36, 22, 44))
_FONTS = " ".join(f"{s * z} {w * z} {h * z}" for z in (1, 2) for s, w, h in _LETTERS)
NAMED_KEYS = {"\n": "10", "\b": "8", "\x1b": "27", "\x7f": "127"}


@dataclass(slots=True, eq=False)
class Item:
    """Something drawn."""

    kind: str
    coords: list[float]
    tags: set[str]
    fill: str = ""
    text: str = ""

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is inside its frame."""
        xs, ys = self.coords[0::2], self.coords[1::2]
        return min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys)


@dataclass(slots=True)
class Window:
    """One window of Pd: what is drawn, the last on top."""

    path: str
    title: str = ""
    items: dict[Item, None] = field(default_factory=dict)
    _by_tag: dict[str, dict[Item, None]] = field(default_factory=dict)

    def tagged(self, tag: str) -> list[Item]:
        """What bears a tag, which may be all."""
        return list(self.items if tag == "all" else self._by_tag.get(tag, ()))

    def add(self, item: Item) -> None:
        """Draw one more on top."""
        self.items[item] = None
        for tag in item.tags:
            self._by_tag.setdefault(tag, {})[item] = None

    def remove(self, item: Item) -> None:
        """Take something away, if it is there."""
        if item in self.items:
            del self.items[item]
            for tag in item.tags:
                del self._by_tag[tag][item]

    def texts(self) -> dict[tuple[float, float], str]:
        """Every text that is drawn, by its place."""
        return {
            (item.coords[0], item.coords[1]): item.text
            for item in self.items
            if item.kind == "text" and item.text
        }

    def has(self, text: str) -> bool:
        """Whether a text is somewhere, or a part of one."""
        return any(text in each for each in self.texts().values())

    def place_of(self, text: str, *, nth: int = 0) -> tuple[float, float]:
        """Where a whole text begins; of several the nth from the top."""
        places = sorted(
            (place for place, each in self.texts().items() if each == text),
            key=lambda place: (place[1], place[0]),
        )
        assert len(places) > nth, f"no '{text}' among {sorted(self.texts().values())}"
        return places[nth]

    def text_near(self, x: float, y: float, *, within: float = 3) -> str:
        """The text that begins at a place; empty when there is none."""
        near = [
            text
            for (left, top), text in self.texts().items()
            if abs(left - x) <= within and abs(top - y) <= within
        ]
        return near[-1] if near else ""

    def colour_at(self, x: float, y: float) -> str:
        """The colour of what is on top there."""
        found = [i.fill for i in self.items if i.kind == "rectangle" and i.fill and i.holds(x, y)]
        return found[-1] if found else ""


class PdDisplay:
    """Pd with some patches open and this display for its windows.

    Use it in a with statement; `problems` then holds what Pd wrote on stderr.

    Args:
        patches: files to open.
        sends: messages for the start, as "receiver words".
        options: further options of Pd; without, there is no audio.
        finds_parts: whether the folder of the parts is in Pd's search path.
    """

    def __init__(
        self,
        patches: Sequence[Path],
        *,
        sends: Sequence[str] = (),
        options: Sequence[str] = ("-noaudio",),
        finds_parts: bool = True,
    ) -> None:
        pd = shutil.which("pd")
        if pd is None:
            pytest.skip("Pure Data (the program 'pd') is not installed")
        self.windows: dict[str, Window] = {}
        self.chosen = Path()
        """What a person chooses in a dialogue for files or folders."""
        self.n_bytes = self.n_commands = 0
        self.problems = ""
        self._rest = ""
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(20)
        self._process = subprocess.Popen(
            [
                *(pd, "-noprefs", *options, "-nomidi", "-nrt", "-sleepgrain", "1", "-stderr"),
                *("-guiport", str(listener.getsockname()[1])),
                *(("-path", str(PATCHES)) if finds_parts else ()),
                *(word for patch in patches for word in ("-open", str(patch))),
                *(word for send in sends for word in ("-send", send)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._socket, _ = listener.accept()
        listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        _, console = self._process.communicate(timeout=10)
        # A busy machine makes Pd remark that its network code waited; that is no problem. What it
        # could not create it tells at levels 0 and 1.
        lines = console.splitlines(keepends=True)
        self.problems = "".join(line for line in lines if not re.match(r"verbose\([2-9]\)", line))
        self._socket.close()

    def window(self, title: str) -> Window:
        """The window of a patch, once it is there."""
        self.until(lambda: any(w.title == title for w in self.windows.values()), f"opens {title}")
        return next(w for w in self.windows.values() if w.title == title)

    def tell(self, line: str) -> None:
        """Send a message: receiver, words."""
        self._send(line)

    def wait(self, seconds: float) -> None:
        """Let Pd go on for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.draw(min(left, 0.02))

    def press(self, window: Window, x: float, y: float) -> None:
        """Press the mouse button and hold it."""
        self._send(f"{window.path} mouse {x:g} {y:g} 1 0")

    def release(self, window: Window, x: float, y: float) -> None:
        """Let the mouse button go."""
        self._send(f"{window.path} mouseup {x:g} {y:g} 1 0")

    def click(self, window: Window, x: float, y: float) -> None:
        """Press and release."""
        self.press(window, x, y)
        self.release(window, x, y)

    def click_text(self, window: Window, text: str, *, nth: int = 0) -> None:
        """Click on a text."""
        x, y = window.place_of(text, nth=nth)
        self.click(window, x + 3, y)

    def drag(self, window: Window, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from one place to another, a pixel at a time."""
        (x, y), (to_x, to_y) = start, end
        self.press(window, x, y)
        steps = int(max(abs(to_x - x), abs(to_y - y)))
        for step in range(1, steps + 1):
            part = step / steps
            self._send(
                f"{window.path} motion {x + (to_x - x) * part:.0f} {y + (to_y - y) * part:.0f} 0"
            )
        self.release(window, to_x, to_y)

    def type(self, window: Window, text: str) -> None:
        """Type signs; a line end is Enter."""
        for sign in text:
            self.key(window, NAMED_KEYS.get(sign, str(ord(sign))))

    def key(self, window: Window, key: str, *, held: str = "") -> None:
        """Press a key by its name (Left, Delete) or number, with another one held."""
        keys = ([(held, 1)] if held else []) + [(key, 1), (key, 0)] + ([(held, 0)] if held else [])
        for name, down in keys:
            self._send(f"{window.path} key {down} {name} 0")

    def until(self, is_so: Callable[[], object], what: str, *, timeout_s: float = 15.0) -> None:
        """Draw what Pd sends until ``is_so()``; fail with ``what`` after the timeout."""
        deadline = time.monotonic() + timeout_s
        while not is_so():
            self.draw(0.02)
            if time.monotonic() > deadline:
                shown = [sorted(window.texts().values()) for window in self.windows.values()]
                pytest.fail(f"within {timeout_s} s: {what}; shown: {shown}")

    def draw(self, timeout_s: float) -> None:
        """Take what Pd sends for a moment."""
        self._socket.settimeout(timeout_s)
        try:
            data = self._socket.recv(1 << 16).decode()
        except TimeoutError:
            return
        self.n_bytes += len(data)
        *commands, self._rest = _split(self._rest + data)
        for command in commands:
            self.n_commands += 1
            self._do(words_of(command))

    def _send(self, line: str) -> None:
        self._socket.sendall(f"{line};\n".encode())

    def _do(self, words: list[str]) -> None:
        match words:
            case ["pdtk_pd_startup", *_]:
                self._send(f"pd init /tmp 0 {_FONTS}")
            case ["pdtk_ping"]:
                self._send("pd ping")
            case ["pdtk_openpanel" | "pdtk_savepanel", target, *_]:
                escaped = str(self.chosen).replace(" ", "\\ ")
                self._send(f"{target} callback {escaped}")
            case ["pdtk_canvas_new", path, *_]:
                self.windows[path] = Window(path)
                self._send(f"{path} map 1")
            case ["pdtk_canvas_reflecttitle", path, _, title, *_]:
                self.windows[path].title = title
            case ["pdtk_text_new", canvas, tags, x, y, text, *_]:
                if window := self.windows.get(canvas.removesuffix(".c")):
                    place = [float(x), float(y)]
                    window.add(Item("text", place, set(words_of(tags)), text=text))
            case ["pdtk_text_set", canvas, tag, text]:
                window = self.windows.get(canvas.removesuffix(".c"))
                for item in window.tagged(tag) if window else ():
                    item.text = text
            case ["destroy", path]:
                self.windows.pop(path, None)
            case [canvas, verb, *rest] if canvas.startswith(".x"):
                self._draw(canvas, verb, rest)

    def _draw(self, canvas: str, verb: str, words: list[str]) -> None:
        window = self.windows.get(canvas.removesuffix(".c"))
        if window is None:
            return
        if verb == "create":
            first_option = next((i for i, w in enumerate(words) if _is_option(w)), len(words))
            numbers = [w for word in words[1:first_option] for w in word.split()]
            item = Item(words[0], [float(w) for w in numbers], set())
            _configure(item, words[first_option:])
            window.add(item)
        elif verb == "delete":
            for tag in words:
                for item in window.tagged(tag):
                    window.remove(item)
        else:
            for item in window.tagged(words[0]):
                if verb == "itemconfigure":
                    _configure(item, words[1:])
                elif verb == "coords":
                    item.coords = [float(w) for word in words[1:] for w in word.split()]
                elif verb == "move":
                    by = (float(words[1]), float(words[2]))
                    item.coords = [c + by[i % 2] for i, c in enumerate(item.coords)]


def _configure(item: Item, options: list[str]) -> None:
    for name, value in zip(options[0::2], options[1::2], strict=False):
        match name:
            case "-tags":
                item.tags = set(words_of(value))
            case "-fill":
                item.fill = value
            case "-text":
                item.text = value


def _is_option(word: str) -> bool:
    return word.startswith("-") and not _is_number(word)


def _is_number(word: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", word) is not None


def _split(text: str) -> Iterator[str]:
    """Cut Tcl into commands at ends of lines and semicolons outside braces; the last may go on."""
    start = depth = 0
    skip = False
    for place, sign in enumerate(text):
        if skip:
            skip = False
        elif sign == "\\":
            skip = True
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif sign in "\n;" and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def words_of(command: str) -> list[str]:
    """Split a Tcl command or list into its words; braces keep what is in them."""
    words, word, depth, kept, begun = [], "", 0, False, False
    for sign in command:
        if kept:
            word, kept = word + (sign if sign != "\n" else " "), False
        elif sign == "\\":
            kept = begun = True
        elif sign == "{" and (depth or not word):
            depth, begun = depth + 1, True
            word += sign if depth > 1 else ""
        elif sign == "}" and depth:
            depth -= 1
            word += sign if depth else ""
        elif sign in " \n\t" and not depth:
            if begun:
                words.append(word)
            word, begun = "", False
        else:
            word, begun = word + sign, True
    if begun:
        words.append(word)
    return words
