"""The face of sda.grid: its title, level names, cells and the marks over them.

What takes the mouse comes first and so lies under everything; the marks come last.
"""

from document import Graph, Patch
from hands import HOT_COLOUR
from layout import (
    FACE_HEIGHT,
    FACE_WIDTH,
    FACE_X,
    FACE_Y,
    GAP,
    GRID_HEIGHT,
    GRID_WIDTH,
    GRID_X,
    GRID_Y,
    MAX_LEVELS,
    N_SLOTS,
    ROW_HEIGHT,
    RULER_HEIGHT,
    RULER_Y,
    SCROLL_Y,
    SLOT_WIDTH,
)
from palette import ACTIVE, BUTTON, PANEL, QUIET, TEXT
from widgets import button, field, label, rectangle, slider

TITLE_Y = FACE_Y + 4
RULER_MARKS = 8
"""Column numbers that are written above the grid."""
MARK_COLOURS = {"selection": TEXT, "cursor": ACTIVE}
BUTTONS = (
    (40, "open", "open"), (40, "play", "loop"), (40, "stop", "stop"), (40, "undo", "undo"),
    (40, "redo", "redo"), (40, "copy", "copy"), (60, "paste", "paste"), (60, "clear", "clear"),
)  # fmt: skip


def draw_face(p: Patch) -> None:
    """Draw everything that is seen of a track."""
    _hot_rows(p)
    rectangle(p, FACE_X, FACE_Y, FACE_WIDTH, FACE_HEIGHT, colour=PANEL)
    rectangle(p, FACE_X, FACE_Y, 4, FACE_HEIGHT, colour=PANEL, name="$0-focus-mark")
    _title(p)
    for level in range(MAX_LEVELS):
        _row_head(p, level)
    _right(p)
    rectangle(
        p, GRID_X - 1, RULER_Y - 1, GRID_WIDTH + 1, RULER_HEIGHT + GRID_HEIGHT + 2,
        colour=HOT_COLOUR,
    )  # fmt: skip
    _ruler(p)
    _cells(p)
    p.at(GRID_X - 1, GRID_Y - 1)
    p.obj(f"cnv 1 1 1 empty $0-hint empty 120 46 0 14 {HOT_COLOUR} {TEXT} 0")
    for name, colour in MARK_COLOURS.items():
        for edge in ("top", "bottom", "left", "right"):
            rectangle(p, GRID_X - 1, RULER_Y - 1, 1, 1, colour=colour, name=f"$0-{name}-{edge}")
    rectangle(p, GRID_X - 1, RULER_Y - 1, 1, 1, colour=HOT_COLOUR, name="$0-playhead")
    slider(
        p, GRID_X, SCROLL_Y, GRID_WIDTH, low=0, high=1, send="$0-scroll",
        receive="$0-scroll-shown",
    )  # fmt: skip


def _hot_rows(p: Patch) -> None:
    for row in range(-1, MAX_LEVELS):
        y = RULER_Y if row < 0 else GRID_Y + row * ROW_HEIGHT
        hot = Patch(GRID_WIDTH + 40, 80, name=f"$0-hot-{row}" if row >= 0 else "$0-hot-ruler")
        hot.graph = Graph(GRID_WIDTH, RULER_HEIGHT if row < 0 else ROW_HEIGHT)
        p.at(GRID_X, y)
        p.subpatch(hot)


def _title(p: Patch) -> None:
    button(p, FACE_X + 8, TITLE_Y, 20, "<", "$0-previous")
    button(p, FACE_X + 28, TITLE_Y, 20, ">", "$0-next")
    field(p, FACE_X + 54, TITLE_Y, 220, "$0-name", size=13)
    label(p, FACE_X + 284, TITLE_Y + 1, "", name="$0-facts", size=11, colour=QUIET)
    x = FACE_X + FACE_WIDTH - 8 - sum(width + 4 for width, _, _ in BUTTONS)
    for width, name, text in BUTTONS:
        button(p, x, TITLE_Y, width, text, f"$0-{name}", name=f"$0-{name}-face", size=11)
        x += width + 4


def _row_head(p: Patch, level: int) -> None:
    y = GRID_Y + level * ROW_HEIGHT + 2
    field(p, FACE_X + 8, y, 100, f"$0-level-{level}", size=12)
    for place, (text, name) in enumerate((("M", "mute"), ("S", "solo"), (">", "row"))):
        button(
            p, FACE_X + 112 + 21 * place, y, 20, text, f"$0-{name}-{level}",
            name=f"$0-{name}-face-{level}", colour=BUTTON, size=11,
        )  # fmt: skip


def _right(p: Patch) -> None:
    x = GRID_X + GRID_WIDTH + 6
    button(p, x, GRID_Y + 2, 20, "+", "$0-zoom-in")
    button(p, x + 22, GRID_Y + 2, 20, "-", "$0-zoom-out")
    button(p, x, GRID_Y + ROW_HEIGHT + 2, 40, "fit", "$0-zoom-fit", size=11)
    label(p, x, GRID_Y + 2 * ROW_HEIGHT + 4, "", name="$0-view-columns", size=10, colour=QUIET)
    button(p, x, GRID_Y + 3 * ROW_HEIGHT + 2, 40, "foll.", "$0-follow", name="$0-follow-face",
           size=10)  # fmt: skip


def _ruler(p: Patch) -> None:
    rectangle(p, GRID_X, RULER_Y, GRID_WIDTH, RULER_HEIGHT - GAP, colour=PANEL)
    for mark in range(RULER_MARKS):
        x = GRID_X + mark * GRID_WIDTH // RULER_MARKS
        rectangle(p, x, RULER_Y, 1, RULER_HEIGHT - GAP, colour=QUIET)
        label(p, x + 4, RULER_Y + 1, "", name=f"$0-ruler-{mark}", size=9, colour=QUIET)


def _cells(p: Patch) -> None:
    for level in range(MAX_LEVELS):
        for slot in range(N_SLOTS):
            p.at(GRID_X + slot * SLOT_WIDTH, GRID_Y + level * ROW_HEIGHT)
            width, height = SLOT_WIDTH - GAP, ROW_HEIGHT - GAP
            p.obj(
                f"cnv 1 {width} {height} empty $0-c-{level}-{slot} empty 1 11 0 10 "
                f"{HOT_COLOUR} {HOT_COLOUR} 0"
            )
