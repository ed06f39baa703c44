"""The scalars that sda.cells draws: how they look, and how they are made."""

from document import Box, Patch, Port
from layout import (
    CELL_HEIGHT,
    CELL_WIDTH,
    GRID_HEIGHT,
    GRID_WIDTH,
    MAX_LEVELS,
    RULER_HEIGHT,
    WINDOW_COLUMNS,
)
from palette import PLAYHEAD, WHITE

# A number can be dragged and typed only where its own text is. This label of blanks and line
# ends in front of it makes that text as large as a cell; the filled cell then hides it.
WHOLE_CELL = "\\ \\ \\ \\ \\\n\\\n"
RULER_FILL, RULER_INK = 777, 222
GAP = 3


def cell_template() -> Patch:
    """Return the structure of a cell and its looks."""
    p = Patch(900, 260, name="cell-template")
    p.at(20, 16)
    p.comment("How a cell looks.", width=60)
    cell = p.obj(
        "struct sda-cell float x float y float level float slot float code float number_x "
        "float colour float ink float shown",
        hidden_text=", f 60",
    )
    p.at(20, 90)
    p.comment(
        "This number takes drags and typing. It is as large as the cell, which hides it.",
        width=90,
    )
    p.obj("drawnumber -v shown code 1 1 888", hidden_text=f" {WHOLE_CELL}")
    p.at(20, 170)
    tile = _rectangle(CELL_WIDTH - GAP, CELL_HEIGHT - GAP)
    p.obj(f"filledpolygon -x -v shown colour colour 1 {tile}")
    p.obj(f"drawnumber -v shown code number_x {CELL_HEIGHT // 2 - 8} ink")
    p.at(560, 42)
    cell >> p.obj("s sda-cell-event")
    return p


def column_template() -> Patch:
    """Return the structure of a column number and its looks."""
    p = Patch(760, 220, name="column-template")
    p.at(20, 16)
    p.comment("How the number of a column looks.", width=60)
    column = p.obj("struct sda-column float x float y float slot float column float shown")
    p.at(20, 100)
    ink = f"{RULER_FILL} {RULER_FILL} 1"
    p.obj(f"filledpolygon -x -v shown {ink} {_rectangle(CELL_WIDTH, RULER_HEIGHT - 4)}")
    p.obj(f"drawnumber -v shown column 3 1 {RULER_INK}")
    p.at(560, 42)
    column >> p.obj("s sda-column-event")
    return p


def playhead_template() -> Patch:
    """Return the structure of the playhead and its looks."""
    p = Patch(760, 160, name="playhead-template")
    p.at(20, 16)
    p.comment("How the playhead looks: a bar in the gap to the left of its column.", width=70)
    p.obj("struct sda-playhead float x float y float height float shown")
    p.obj(f"filledpolygon -x -v shown {PLAYHEAD} {WHITE} 1 -4 0 0 0 0 height -4 height")
    return p


def _rectangle(right: int, bottom: int) -> str:
    return f"0 0 {right} 0 {right} {bottom} 0 {bottom}"


def _head(p: Patch, target: Box, inlet: int) -> Box:
    """Let ``target`` append at the head of the canvas; return the box that says so on a bang."""
    start = p.msg("traverse pd-sda-cells, bang")
    pointer = p.obj("pointer")
    start >> pointer >> target[inlet]
    return start


def build() -> Patch:
    """Return the subpatch that makes all scalars anew on a bang."""
    p = Patch(1200, 520, name="build")
    p.at(20, 16)
    p.comment(
        "New scalars, each kind at the head of the list: the cells, made last, come first.",
        width=90,
    )
    inlet = p.obj("inlet")
    order = p.obj("t b b b b")
    inlet >> order
    p.at(760, 90)
    clear = p.msg("; pd-sda-cells clear")
    order[3] >> clear
    resize = p.msg(f"; pd-sda-cells coords 0 0 {GRID_WIDTH} $1 {GRID_WIDTH} $1 2 0 0")

    p.at(560, 90)
    p.comment("playhead, hidden", width=20)
    playhead = p.obj("t b b b")
    order[2] >> playhead
    p.at(560, 340)
    new_playhead = p.obj("append sda-playhead x y height")
    to_playhead = p.obj("s sda-playhead-pointer")
    new_playhead >> to_playhead
    p.at(560, 150)
    playhead[2] >> _head(p, new_playhead, 3)
    p.at(760, 190)
    levels = p.obj("r sda-n-levels")
    height = p.obj(f"* {CELL_HEIGHT}")
    below = p.obj(f"+ {RULER_HEIGHT - 1}")
    levels >> height >> below >> new_playhead[2]
    p.at(760, 270)
    frame = p.obj(f"expr if ($f1 > {RULER_HEIGHT}, $f1, {GRID_HEIGHT})")
    below >> frame >> resize
    p.at(560, 300)
    left_edge = p.msg("0")
    playhead[0] >> left_edge >> new_playhead

    p.at(320, 90)
    p.comment("column numbers", width=20)
    ruler = p.obj("t b b b")
    order[1] >> ruler
    p.at(320, 370)
    new_column = p.obj("append sda-column x y slot")
    p.at(320, 150)
    ruler[2] >> _head(p, new_column, 3)
    p.at(320, 210)
    ruler[0] >> _slots(p, ruler[1], p.msg(str(WINDOW_COLUMNS)), new_column)

    p.at(20, 90)
    p.comment("cells", width=20)
    grid = p.obj("t b b b")
    order[0] >> grid
    p.at(20, 400)
    new_cell = p.obj("append sda-cell x y level slot")
    p.at(20, 150)
    grid[2] >> _head(p, new_cell, 4)
    p.at(20, 210)
    n_levels = p.obj("f")
    n_cells = p.obj(f"* {WINDOW_COLUMNS}")
    each = p.obj("until")
    number = p.obj("f")
    place = p.obj("t f f f f")
    p.at(20, 345)
    slot_x = p.obj(f"mod {WINDOW_COLUMNS}")
    x = p.obj(f"* {CELL_WIDTH}")
    p.at(120, 320)
    level_y = p.obj(f"div {WINDOW_COLUMNS}")
    y = p.obj(f"* {CELL_HEIGHT}")
    below_ruler = p.obj(f"+ {RULER_HEIGHT}")
    p.at(200, 320)
    level = p.obj(f"div {WINDOW_COLUMNS}")
    p.at(200, 346)
    slot = p.obj(f"mod {WINDOW_COLUMNS}")
    p.at(120, 270)
    following = p.obj("+ 1")
    p.at(200, 210)
    first = p.msg("0")
    p.at(200, 240)
    count = p.obj("r sda-n-levels")
    at_most = p.obj(f"min {MAX_LEVELS}")
    count >> at_most >> n_levels[1]
    grid[1] >> first >> number[1]
    grid[0] >> n_levels >> n_cells >> each >> number >> place
    number >> following >> number[1]
    place[0] >> slot_x >> x >> new_cell
    place[1] >> level_y >> y >> below_ruler >> new_cell[1]
    place[2] >> level >> new_cell[2]
    place[3] >> slot >> new_cell[3]
    return p


def _slots(p: Patch, reset: Port, count: Box, new_column: Box) -> Box:
    each = p.obj("until")
    slot = p.obj("f")
    place = p.obj("t f f")
    x = p.obj(f"* {CELL_WIDTH}")
    p.at(440, 236)
    first = p.msg("0")
    following = p.obj("+ 1")
    reset >> first >> slot[1]
    count >> each >> slot >> place
    slot >> following >> slot[1]
    place[1] >> new_column[2]
    place[0] >> x >> new_column
    return count
