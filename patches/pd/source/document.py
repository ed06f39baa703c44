"""Writes Pure Data patches: boxes, wires, subpatches, in Pd's own file format.

Pd files number their boxes and wire them by number, which nobody can keep right by hand. Here a
box is a Python object, `a >> b` is a wire, and the numbers are counted when the text is written.
Nothing here knows what the patches are about.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

ROW_HEIGHT = 26
LINE_HEIGHT = 15
WRAP_AT = 60
FONT_SIZE = 12


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

    def __init__(self, patch: Patch, text: str) -> None:
        self.patch = patch
        self.text = text

    def __getitem__(self, index: int) -> Port:
        return Port(self, index)

    def __rshift__(self, target: Port | Box) -> Box:
        return Port(self, 0) >> target


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

    Boxes go down the page from the place that `at` names, one row each.

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
    _x: int = 20
    _y: int = 20

    def at(self, x: int, y: int) -> None:
        """Put the next box at (x, y) and those that follow below it."""
        self._x, self._y = x, y

    def obj(self, text: str, *, hidden_text: str = "") -> Box:
        """Add an object. ``hidden_text`` is appended as it is, already escaped."""
        lines = lines_of(text + hidden_text, WRAP_AT)
        return self._box(f"#X obj {{x}} {{y}} {escaped(text)}{hidden_text};", lines)

    def msg(self, text: str) -> Box:
        """Add a message box; commas and semicolons separate messages as in Pd."""
        lines = text.count(";") + lines_of(text.rpartition(";")[2], WRAP_AT)
        return self._box(f"#X msg {{x}} {{y}} {escaped(text)};", lines)

    def comment(self, text: str, *, width: int = 0) -> Box:
        """Add a comment, wrapped at ``width`` characters (0: Pd's own habit)."""
        wrap = f", f {width}" if width else ""
        return self._box(f"#X text {{x}} {{y}} {escaped(text)}{wrap};", lines_of(text, width))

    def subpatch(self, patch: Patch) -> Box:
        """Add a subpatch."""
        title = f"pd {escaped(patch.name)}" if patch.name else "pd"
        return self._box(f"{patch.body()}#X restore {{x}} {{y}} {title};")

    def text_file(self, name: str, lines: list[str]) -> Box:
        """Add a [text define -k] that is kept in the patch with these lines."""
        stored = " \\; ".join(escaped(line) for line in lines)
        box = self.obj(f"text define -k {name}")
        box.text = f"{box.text[:-1]};\n#A set {stored} \\;;"
        return box

    def body(self, *, x: int = 60, y: int = 60) -> str:
        """Return the text of this canvas: header, boxes, wires, and its graph if it has one."""
        tail = f" {escaped(self.name)} 0;" if self.name else f" {FONT_SIZE};"
        lines = [f"#N canvas {x} {y} {self.width} {self.height}{tail}\n"]
        lines += [box.text + "\n" for box in self.boxes]
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

    def _box(self, template: str, lines: int = 1) -> Box:
        box = Box(self, template.replace("{x}", str(self._x)).replace("{y}", str(self._y)))
        self.boxes.append(box)
        self._y += ROW_HEIGHT + (lines - 1) * LINE_HEIGHT
        return box


def lines_of(text: str, width: int) -> int:
    """Return the number of lines that Pd needs for a text at ``width`` characters (0: 60)."""
    return max(1, len(textwrap.wrap(text, width or WRAP_AT)))


def escaped(text: str) -> str:
    """Return ``text`` as Pd stores it: separators and dollars behind a backslash."""
    return text.replace(",", " \\,").replace(";", " \\;").replace("$", "\\$").replace("  \\", " \\")
