"""What the faces of the patches are made of: labels, buttons, sliders, fields, lists of lines.

Everything is an object of plain Pd. What can be seen is a canvas box (`cnv`), which takes no
clicks; what can be clicked lies under it. So a face has one look wherever Pd runs, and a button
with a text is as wide as its text. Names are given as ``$0-name``: each copy of an abstraction has
its own.
"""

from document import Box, Patch
from palette import ACTIVE, BUTTON, FIELD, LINE, PANEL, QUIET, TEXT

TILE = 20
"""A button is as many [bng] of this size, under what is seen of it; its width a multiple."""
LETTER = 0.605
"""Width of a letter of Pd's fixed-width font, as a share of its size."""
SLIDER_HEIGHT = 16


def rectangle(
    p: Patch, x: int, y: int, width: int, height: int, *, colour: str, name: str = "empty"
) -> None:
    """Draw a filled rectangle."""
    p.at(x, y)
    p.obj(f"cnv 1 {width} {height} empty {name} empty 0 0 0 12 {colour} {colour} 0")


def panel(p: Patch, x: int, y: int, width: int, height: int, title: str = "") -> None:
    """Draw the ground that belongs together, with a title in its corner."""
    rectangle(p, x, y, width, height, colour=PANEL)
    if title:
        label(p, x + 10, y + 6, title, size=13, colour=ACTIVE, background=PANEL)


def label(
    p: Patch, x: int, y: int, text: str = "", *, name: str = "empty", size: int = 12,
    colour: str = TEXT, background: str = PANEL,
) -> None:  # fmt: skip
    """Write a text whose left edge and top are at (x, y); ``label TEXT`` to its name changes it."""
    p.at(x, y)
    p.obj(
        f"cnv 1 1 1 empty {name} {_word(text)} 0 {round(size * 0.7)} 0 {size} "
        f"{background} {colour} 0"
    )


def light(p: Patch, x: int, y: int, name: str, *, colour: str, size: int = 12) -> None:
    """Draw a small square that changes its colour."""
    p.at(x, y)
    p.obj(f"cnv {size} {size} {size} empty {name} empty 0 0 0 12 {colour} {colour} 0")


def button(
    p: Patch, x: int, y: int, width: int, text: str, send: str, *, name: str = "empty",
    colour: str = BUTTON, ink: str = TEXT, size: int = 12,
) -> None:  # fmt: skip
    """Make a button of 20 pixels' height and a multiple of 20 wide; a click bangs to ``send``.

    What is written to ``name``, ``label`` and ``color``, changes what it looks like.
    """
    if width % TILE:
        raise ValueError(f"a button is a multiple of {TILE} wide, '{text}' is {width}")
    for tile in range(width // TILE):
        p.at(x + TILE * tile, y)
        p.obj(f"bng {TILE} 50 20 0 {send} empty empty 0 0 0 8 {colour} {ACTIVE} {TEXT}")
    indent = max(2, round((width - len(text) * size * LETTER) / 2))
    p.at(x, y)
    p.obj(f"cnv 1 {width} {TILE} empty {name} {_word(text)} {indent} 10 0 {size} {colour} {ink} 0")


def slider(
    p: Patch, x: int, y: int, width: int, *, low: float, high: float, send: str,
    receive: str = "empty",
) -> None:  # fmt: skip
    """Make a horizontal slider of 16 pixels' height that jumps to where it is clicked."""
    p.at(x, y)
    p.obj(
        f"hsl {width} {SLIDER_HEIGHT} {low:g} {high:g} 0 0 {send} {receive} empty 0 0 0 10 "
        f"{FIELD} {ACTIVE} {TEXT} 0 0"
    )


def field(
    p: Patch, x: int, y: int, width: int, name: str, *, text: str = "", size: int = 12
) -> None:
    """Draw a field to type into, [sda.entry $1 $0-x] does the typing.

    A click sends a number to the name of the field with ``-press`` behind it.
    """
    p.at(x + 4, y + 1)
    p.obj(
        f"hsl {width - 8} 17 0 1 0 0 {name}-press empty empty 0 0 0 8 {FIELD} {FIELD} {FIELD} 0 0"
    )
    p.at(x, y)
    p.obj(f"cnv 1 {width} {TILE} empty {name} {_word(text)} 5 10 0 {size} {FIELD} {TEXT} 0")


def line(p: Patch, x: int, y: int, width: int, name: str, send: str, *, indent: int = 5) -> None:
    """Draw a line of a list, 18 pixels high; a press on it sends a number to ``send``.

    A press may send more than one number when the mouse moves, so it is for choosing only.
    """
    # The knob of the slider stands out to its left and right.
    p.at(x + 4, y)
    p.obj(f"hsl {width - 8} 16 0 1 0 0 {send} empty empty 0 0 0 8 {FIELD} {FIELD} {FIELD} 0 0")
    p.at(x, y)
    p.obj(f"cnv 1 {width} 17 empty {name} empty {indent} 9 0 11 {FIELD} {TEXT} 0")


def rule(p: Patch, x: int, y: int, width: int) -> None:
    """Draw a thin line across."""
    rectangle(p, x, y, width, 1, colour=LINE)


def caption(p: Patch, x: int, y: int, text: str) -> None:
    """Write the small quiet name of what stands beside or below."""
    label(p, x, y, text, size=11, colour=QUIET)


def send_list(p: Patch, *words: str) -> Box:
    """Add ``[list prepend words] - [s sda-$1-send]`` and return the first."""
    first = p.obj("list prepend " + " ".join(words))
    first >> p.obj("s sda-$1-send")
    return first


def _word(text: str) -> str:
    if "," in text or ";" in text:
        raise ValueError(f"a label ends at a comma or semicolon: '{text}'")
    return text.replace(" ", "\\ ") or "empty"
