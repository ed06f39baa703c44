"""Reads the text of .pd files: canvases, boxes, wires. Enough for tests, not a full reader."""

import re
from dataclasses import dataclass, field

LETTER_WIDTH, LINE_HEIGHT, MARGIN = 7, 15, 5
WRAP_AT = 60


@dataclass(frozen=True, slots=True)
class Box:
    """One box: kind is obj, msg, text or restore; words are what is written in it."""

    kind: str
    x: int
    y: int
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first word of an object."""
        return self.words[0] if self.words else ""

    def rectangle(self) -> tuple[int, int, int, int]:
        """Return (left, top, right, bottom) in pixels, about as Pd draws it in font 12."""
        match self.name:
            case "bng":
                return self._labelled(int(self.words[1]), int(self.words[1]), 7)
            case "tgl":
                return self._labelled(int(self.words[1]), int(self.words[1]), 5)
            case "hsl":
                return self._labelled(int(self.words[1]), int(self.words[2]), 9)
            case "cnv":
                return self._labelled(int(self.words[2]), int(self.words[3]), 6)
        words = list(self.words)
        width = WRAP_AT
        if "f" in words[-2:-1] and words[-1].isdigit():
            width = int(words[-1])
            words = words[:-2]
        lines, length = [0], 0
        for word in words:
            length = len(word.replace("\\", ""))
            if lines[-1] and lines[-1] + 1 + length > width:
                lines.append(0)
            lines[-1] += length + (1 if lines[-1] else 0)
            if word == "\\;" and self.kind in ("msg", "text"):
                lines.append(0)
        right = self.x + max(lines) * LETTER_WIDTH + MARGIN
        return self.x, self.y, right, self.y + len(lines) * LINE_HEIGHT + MARGIN

    def _labelled(self, width: int, height: int, label_at: int) -> tuple[int, int, int, int]:
        """Return the rectangle of a GUI box and of the label to its right."""
        label, offset, _, _, size = self.words[label_at : label_at + 5]
        letters = 0 if label == "empty" else len(label)
        right = int(offset) + int(letters * int(size) * LETTER_WIDTH / 12) if letters else 0
        return self.x, self.y, self.x + max(width, right), self.y + max(height, 16 * bool(letters))


@dataclass(slots=True)
class Canvas:
    """One window: its name, boxes and wires."""

    name: str
    boxes: list[Box] = field(default_factory=list)
    wires: list[tuple[int, int, int, int]] = field(default_factory=list)


def canvases_of(text: str, name: str) -> list[Canvas]:
    """Return the canvas of a file and of all its subpatches."""
    done: list[Canvas] = []
    open_canvases: list[Canvas] = []
    for record in re.split(r"(?<!\\);\n", text):
        # A blank behind a backslash belongs to its word, as in the label of a button.
        words = record.replace("\\\n", "").replace("\\ ", "_").split()
        if words[:2] == ["#N", "canvas"]:
            open_canvases.append(Canvas(name if not open_canvases else words[6]))
        elif words[:2] == ["#X", "connect"]:
            open_canvases[-1].wires.append(tuple(int(word) for word in words[2:6]))
        elif words[:2] == ["#X", "restore"]:
            done.append(open_canvases.pop())
            open_canvases[-1].boxes.append(_box("restore", words))
        elif words[:1] == ["#X"] and words[1] in ("obj", "msg", "text"):
            open_canvases[-1].boxes.append(_box(words[1], words))
    return done + open_canvases


def _box(kind: str, words: list[str]) -> Box:
    return Box(kind, int(words[2]), int(words[3]), tuple(w.removesuffix(",") for w in words[4:]))
