"""What takes the mouse over the cells: one scalar for each, which is never seen.

A polygon whose points have variable places can be dragged where a point is within 6 pixels, and
tells both directions of the drag. So these have points all over their cell. Pd draws the first 100
points of a polygon and grabs at any: the first 100 are one place in the gap between two cells, and
the others need no look.
"""

import math

from document import Patch
from layout import MAX_LEVELS, N_SLOTS, SLOT_WIDTH

HOT_COLOUR, HOT_DIGITS = "#202020", 111
FAR = 10_000
"""A field may be dragged so far; its place is itself plus the place of the point."""
CLICK_REACH = 6
DRAWN_POINTS = 100


def hot_template(name: str, height: int) -> Patch:
    """Return the template of cells of this height; events go to ``$0-NAME-event``."""
    p = Patch(1100, 460, name=f"{name}-template")
    p.at(20, 16)
    p.comment(
        "Takes the mouse over one cell. Pd draws the first 100 points and grabs at all. How far it "
        "was dragged is told by the fields across and down.",
        width=90,
    )
    left, top, right, bottom = -1, -1, SLOT_WIDTH - 1, height - 1
    rows = range(top, bottom + 1, (bottom - top) // math.ceil((bottom - top) / (2 * CLICK_REACH)))
    points = [(x, y) for y in rows for x in (left, (left + right) // 2, right)]
    template = p.obj(f"struct $0-{name} float x float y float level float slot float across "
                     "float down")  # fmt: skip
    hidden = f"{left} {top} " * DRAWN_POINTS
    p.obj(f"drawpolygon {HOT_DIGITS} 1 {hidden}{_points(points)}")
    p.at(720, 60)
    template >> p.obj(f"s $0-{name}-event")
    return p


def hot_scalars() -> Patch:
    """Return the subpatch that lays one scalar over every cell."""
    p = Patch(name="hot-scalars")
    p.comment("One scalar for each cell, in the canvas of its row.", width=70)
    p.group("the ruler")
    p.obj("loadbang") >> p.subpatch(_row("ruler", "ruler", -1))
    for level in range(MAX_LEVELS):
        p.group(f"level {level}, when a grid has so many for the first time")
        first = p.obj("spigot 1")
        order = p.obj("t b b")
        p.obj("r $0-n-levels") >> p.obj(f"> {level}") >> p.obj("sel 1") >> first >> order
        order[1] >> p.msg("0") >> first[1]
        order[0] >> p.subpatch(_row("cell", str(level), level))
    return p


def _row(template: str, row: str, level: int) -> Patch:
    p = Patch(560, 460, name=f"row-{row}")
    p.at(20, 16)
    inlet = p.obj("inlet")
    order = p.obj("t b b b")
    p.at(320, 68)
    own = p.obj("f $0")
    head = p.msg(f"traverse pd-$1-hot-{row}, bang")
    pointer = p.obj("pointer")
    p.at(20, 400)
    append = p.obj(f"append $0-{template} x y level slot")
    inlet >> order
    order[2] >> own >> head >> pointer >> append[4]

    p.at(220, 200)
    level_number = p.msg(str(level))
    order[1] >> level_number >> append[2]
    p.at(20, 120)
    count = p.msg(str(N_SLOTS))
    each = p.obj("until")
    slot = p.obj("f 0")
    place = p.obj("t f f f")
    x = p.obj(f"* {SLOT_WIDTH}")
    order[0] >> count >> each >> slot >> place
    p.at(120, 172)
    following = p.obj("+ 1")
    place[2] >> following >> slot[1]
    place[1] >> append[3]
    place[0] >> x >> append
    return p


def _points(places: list[tuple[int, int]]) -> str:
    return " ".join(
        f"across(-{FAR}:{FAR})({x - FAR}:{x + FAR}) down(-{FAR}:{FAR})({y - FAR}:{y + FAR})"
        for x, y in places
    )
