"""sdaudio.pd: the window."""

from document import Patch
from layout import CELL_HEIGHT, GRID_HEIGHT, GRID_WIDTH, MAX_LEVELS, PROGRESS_HEIGHT, RULER_HEIGHT
from palette import (
    ACTIVE,
    CARD,
    HEADER,
    HEADER_QUIET,
    HEADER_TEXT,
    LINE,
    PAGE,
    QUIET,
    TEXT,
    WAITING,
    code_colours,
)

SWATCH = 14
WIDTH, HEIGHT = 1110, 640
LEFT, GRID_LEFT, GRID_TOP = 20, 120, 182
HINTS = (
    "HEAR: click a cell to hear its code, a column number to hear the column.",
    "EDIT: drag a cell up or down, or click it, type a number and press Enter.",
    "PLAY: the loop takes up every edit while it sounds. Others may edit too.",
    "REACH IT: any Pd patch may send 'sda-undo bang' or 'sda-send /sda/...'.",
)
BUTTONS = (
    (GRID_LEFT, "sda-play", "play loop"),
    (240, "sda-play-page", "loop this page"),
    (395, "sda-stop", "stop"),
    (490, "sda-undo", "undo"),
    (575, "sda-redo", "redo"),
    (680, "sda-render", "render to a file"),
    (870, "sda-open", "open sound"),
)
SCROLL_BUTTONS = (
    (GRID_LEFT, "sda-page-left", "page left"),
    (230, "sda-left", "left"),
    (300, "sda-right", "right"),
    (378, "sda-page-right", "page right"),
)
PARTS = ("client", "grids", "window", "cells", "edit", "transport", "status")


def face() -> Patch:
    """Return the patch that a person opens."""
    p = Patch(WIDTH, HEIGHT)
    _header(p)
    _label(p, LEFT, 58, "model", colour=QUIET)
    _label(p, 70, 58, "", name="sda-show-model", size=14)
    _label(p, 290, 58, "grid", name="sda-show-place", colour=QUIET)
    _label(p, 385, 58, "", name="sda-show-grid", size=14)
    _button(p, 620, 56, "sda-previous-grid", "previous")
    _button(p, 720, 56, "sda-next-grid", "next")
    _label(p, 836, 58, "", name="sda-show-facts", colour=QUIET)

    _line(p, 86)
    _label(p, LEFT, 98, "sound", colour=QUIET)
    for x, name, text in BUTTONS:
        _button(p, x, 97, name, text)

    _label(p, 1010, 98, "", name="sda-show-playing", colour=ACTIVE)

    _line(p, 127)
    _label(p, LEFT, 139, "view", colour=QUIET)
    for x, name, text in SCROLL_BUTTONS:
        _button(p, x, 138, name, text)
    p.at(500, 140)
    p.obj(
        f"hsl 330 18 0 1 0 0 sda-scroll sda-show-scroll empty 0 0 0 12 {CARD} {ACTIVE} {TEXT} 0 1"
    )
    _label(p, 846, 139, "", name="sda-show-columns")
    p.at(1012, 139)
    p.obj(f"tgl 20 0 sda-follow empty follow 26 10 0 12 {CARD} {ACTIVE} {TEXT} 0 1")

    _line(p, 168)
    _grid(p)
    _below(p, GRID_TOP + GRID_HEIGHT + 12)
    return p


def _header(p: Patch) -> None:
    _box(p, 0, 0, WIDTH - 10, 48, HEADER)
    _label(p, LEFT, 14, "sdaudio", size=24, colour=HEADER_TEXT, background=HEADER)
    _label(
        p, 150, 16, "edit the codes of a sound and hear it", colour=HEADER_QUIET, background=HEADER
    )
    p.at(760, 17)
    p.obj(f"cnv 14 14 14 empty sda-show-dot empty 0 0 0 12 {WAITING} {WAITING} 0")
    _label(
        p,
        784,
        15,
        "looking for the daemon",
        name="sda-show-connection",
        colour=HEADER_TEXT,
        background=HEADER,
    )


def _grid(p: Patch) -> None:
    _label(p, LEFT, GRID_TOP + 1, "column", colour=QUIET)
    for level in range(MAX_LEVELS):
        y = GRID_TOP + RULER_HEIGHT + level * CELL_HEIGHT + CELL_HEIGHT // 2 - 10
        _label(p, LEFT, y, "", name=f"sda-show-level-{level}", size=14)
    _label(p, GRID_LEFT + 30, GRID_TOP + 90, "", name="sda-show-hint", size=16)
    p.at(GRID_LEFT, GRID_TOP)
    cells = Patch(GRID_WIDTH + 40, GRID_HEIGHT + 40, name="sda-cells")
    cells.graph = (GRID_WIDTH, GRID_HEIGHT)
    p.subpatch(cells)


def _below(p: Patch, y: int) -> None:
    _label(p, LEFT, y, "codes", colour=QUIET)
    for step, (fill, _) in enumerate(code_colours()):
        red, green, blue = (min(255, 32 * int(digit)) for digit in f"{fill:03d}")
        _box(p, GRID_LEFT + SWATCH * step, y + 3, SWATCH, 12, f"#{red:02x}{green:02x}{blue:02x}")
    right = GRID_LEFT + SWATCH * len(code_colours()) + 10
    _label(p, right, y, "dark is code 0 and bright is the last", colour=QUIET)

    y += 34
    _label(p, LEFT, y, "", name="sda-show-message", size=12)
    _label(p, LEFT, y + 18, "", name="sda-show-message-2", size=12)
    p.at(LEFT, y + 40)
    p.obj(f"cnv 1 1 {PROGRESS_HEIGHT} empty sda-show-progress empty 0 0 0 12 {PAGE} {PAGE} 0")

    y += 58
    _line(p, y - 6)
    for column, hint in enumerate(HINTS):
        p.at(LEFT + 268 * column, y)
        p.comment(hint, width=35)
    y += 64
    p.at(LEFT, y)
    p.comment("the parts, click to look inside:", width=40)
    for column, part in enumerate(PARTS):
        p.at(290 + 115 * column, y)
        p.obj(f"sda.{part}")


def _line(p: Patch, y: int) -> None:
    _box(p, LEFT, y, GRID_LEFT + GRID_WIDTH - LEFT, 1, LINE)


def _button(p: Patch, x: int, y: int, name: str, text: str) -> None:
    p.at(x, y)
    words = text.replace(" ", "\\ ")
    p.obj(f"bng 22 150 50 0 {name} empty {words} 29 10 0 12 {CARD} {ACTIVE} {TEXT}")


def _box(p: Patch, x: int, y: int, width: int, height: int, colour: str) -> None:
    p.at(x, y)
    p.obj(f"cnv 1 {width} {height} empty empty empty 0 0 0 12 {colour} {colour} 0")


def _label(
    p: Patch,
    x: int,
    y: int,
    text: str,
    *,
    name: str = "empty",
    size: int = 12,
    colour: str = TEXT,
    background: str = PAGE,
) -> None:
    p.at(x, y)
    words = text.replace(" ", "\\ ") or "empty"
    p.obj(f"cnv 4 4 4 empty {name} {words} 0 9 0 {size} {background} {colour} 0")
