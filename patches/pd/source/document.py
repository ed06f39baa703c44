"""Writes Pure Data patches: boxes, wires, subpatches, in Pd's own file format.

Pd files number their boxes and wire them by number, which nobody can keep right by hand. Here a
box is a Python object, `a >> b` is a wire, and the numbers are counted when the text is written.
Nothing here knows what the patches are about.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from arrange import BOX_HEIGHT, LETTER_WIDTH, arrange

ROW_HEIGHT = 26
LINE_HEIGHT = 15
WRAP_AT = 60
FONT_SIZE = 12
# Kept in the file (1), drawn as steps (2), without its name (8).
TABLE_FLAGS = 1 + 2 + 8
DECLARED = "declare -path ..;"


@dataclass(frozen=True, slots=True)
class Port:
    """One outlet of a box when it stands left of ``>>``, one inlet when it stands right."""

    box: Box
    index: int

    def __rshift__(self, target: Port | Box) -> Box:
        """Wire this outlet to an inlet and return the target, so that wires chain."""
        inlet = target if isinstance(target, Port) else Port(target, 0)
        self.box.patch.wires.append((self, inlet))
        return inlet.box


class Box:
    """A box in a patch. ``box >> other`` uses outlet 0 and inlet 0, ``box[1]`` is a `Port`."""

    def __init__(self, patch: Patch, text: str, *, letters: int = 0, lines: int = 1) -> None:
        self.patch = patch
        self.text = text
        """As in the file, with {x} and {y} where its place is to stand."""
        self.x = self.y = 0
        self.width = LETTER_WIDTH * letters + 6
        self.height = BOX_HEIGHT + (lines - 1) * LINE_HEIGHT

    def __getitem__(self, index: int) -> Port:
        return Port(self, index)

    def __rshift__(self, target: Port | Box) -> Box:
        return Port(self, 0) >> target


@dataclass(slots=True)
class Group:
    """Boxes that do one thing, below a title; the first is the title."""

    boxes: list[Box] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Graph:
    """The part of a canvas that is shown in its parent, in pixels.

    Args:
        width: of the part.
        height: of the part.
        x: its left edge in the canvas.
        y: its top edge in the canvas.
    """

    width: int
    height: int
    x: int = 0
    y: int = 0


@dataclass
class Patch:
    """A canvas under construction.

    Boxes go down the page from the place that `at` names, one row each. After `group` they are
    laid out by themselves, below everything that has a place.

    Args:
        width: window width in pixels.
        height: window height in pixels.
        name: of a subpatch; the file's own canvas has none.
        graph: what of it is shown in its parent; one pixel there is one unit of its scalars.
    """

    width: int = 900
    height: int = 600
    name: str = ""
    graph: Graph | None = None
    boxes: list[Box] = field(default_factory=list)
    wires: list[tuple[Port, Port]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    _x: int = 20
    _y: int = 20

    def at(self, x: int, y: int) -> None:
        """Put the next box at (x, y) and those that follow below it."""
        self._x, self._y = x, y

    def group(self, title: str) -> None:
        """Begin a group: the boxes that follow belong together and lay themselves out."""
        self.groups.append(Group())
        self.comment(title, width=min(60, len(title) + 1))

    def obj(self, text: str, *, hidden_text: str = "") -> Box:
        """Add an object. ``hidden_text`` is appended as it is, already escaped."""
        return self._box(
            f"#X obj {{x}} {{y}} {escaped(text)}{hidden_text};", wrapped(text + hidden_text)
        )

    def msg(self, text: str) -> Box:
        """Add a message box; commas and semicolons separate messages as in Pd."""
        lines = [line for part in text.split(";") for line in wrapped(part)]
        return self._box(f"#X msg {{x}} {{y}} {escaped(text)};", lines)

    def comment(self, text: str, *, width: int = 0) -> Box:
        """Add a comment, wrapped at ``width`` characters (0: Pd's own habit)."""
        wrap = f", f {width}" if width else ""
        # Pd begins a new line behind a semicolon, here too.
        lines = [line for part in text.split(";") for line in wrapped(part, width)]
        return self._box(f"#X text {{x}} {{y}} {escaped(text)}{wrap};", lines)

    def subpatch(self, patch: Patch) -> Box:
        """Add a subpatch."""
        title = f"pd {escaped(patch.name)}" if patch.name else "pd"
        return self._box(f"{patch.body()}#X restore {{x}} {{y}} {title};", [title])

    def text_file(self, name: str, lines: list[str]) -> Box:
        """Add a [text define -k] that is kept in the patch with these lines."""
        stored = " \\; ".join(escaped(line) for line in lines)
        box = self.obj(f"text define -k {name}")
        box.text = f"{box.text[:-1]};\n#A set {stored} \\;;"
        return box

    def table(
        self, name: str, values: Sequence[float], *, width: int, height: int, high: float
    ) -> Box:
        """Add an array that is drawn and can be drawn into, from 0 to ``high``, kept as it is."""
        n = len(values)
        kept = " ".join(f"{value:g}" for value in values)
        return self._box(
            "#N canvas 0 0 450 250 (subpatch) 0;\n"
            f"#X array {escaped(name)} {n} float {TABLE_FLAGS};\n"
            f"#A 0 {kept};\n#X coords 0 {high:g} {n} 0 {width} {height} 1 0 0;\n"
            "#X restore {x} {y} graph;",
            [" " * (width // LETTER_WIDTH)],
        )

    def body(self, *, x: int = 60, y: int = 60) -> str:
        """Return the text of this canvas: header, boxes, wires, and its graph if it has one."""
        width, height = self.width, self.height
        if self.groups:
            grouped = {id(box) for group in self.groups for box in group.boxes}
            placed = [box.y + box.height for box in self.boxes if id(box) not in grouped]
            edge, end = arrange(self, top=max(placed, default=0) + 16)
            width, height = max(width, edge), max(height, end)
        tail = f" {escaped(self.name)} 0;" if self.name else f" {FONT_SIZE};"
        lines = [f"#N canvas {x} {y} {width} {height}{tail}\n"]
        # Pd looks for it here, before it makes the boxes.
        lines += ["#X declare -path ..;\n" for box in self.boxes if box.text.endswith(DECLARED)]
        lines += [
            box.text.replace("{x}", str(box.x)).replace("{y}", str(box.y)) + "\n"
            for box in self.boxes
        ]
        number = {id(box): index for index, box in enumerate(self.boxes)}
        lines += [
            f"#X connect {number[id(out.box)]} {out.index} {number[id(into.box)]} {into.index};\n"
            for out, into in self.wires
        ]
        if self.graph:
            g = self.graph
            units = f"0 0 {g.width} {g.height} {g.width} {g.height}"
            lines.append(f"#X coords {units} 2 {g.x} {g.y};\n")
        return "".join(lines)

    def _box(self, text: str, lines: list[str]) -> Box:
        box = Box(self, text, letters=max(map(len, lines)), lines=len(lines))
        self.boxes.append(box)
        if self.groups:
            self.groups[-1].boxes.append(box)
        else:
            box.x, box.y = self._x, self._y
            self._y += ROW_HEIGHT + (len(lines) - 1) * LINE_HEIGHT
        return box


def wrapped(text: str, width: int = 0) -> list[str]:
    """Return the lines that Pd makes of a text at ``width`` characters (0: 60)."""
    return textwrap.wrap(text, width or WRAP_AT) or [""]


def escaped(text: str) -> str:
    """Return ``text`` as Pd stores it: separators and dollars behind a backslash."""
    return text.replace(",", " \\,").replace(";", " \\;").replace("$", "\\$").replace("  \\", " \\")
