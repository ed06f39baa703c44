"""What lies over the cells of a track: the cursor, the selection, the playhead."""

from document import Patch
from hands import HOT_COLOUR
from layout import (
    GRID_WIDTH,
    GRID_X,
    GRID_Y,
    MAX_LEVELS,
    N_SLOTS,
    ROW_HEIGHT,
    RULER_HEIGHT,
    RULER_Y,
    SLOT_WIDTH,
)
from palette import ACTIVE, PLAYHEAD, SELECTION

THICKNESS = 2
HIDDEN = f"{GRID_X - 1} {RULER_Y - 1}"


def grid_marks() -> Patch:
    """Return the subpatch that moves the frames and the playhead."""
    p = Patch(name="marks")
    p.group("the cursor: level, column")
    fields = p.obj("unpack f f")
    region = p.obj("pack f 1 f 1 0")
    p.obj("r $0-cursor") >> fields
    fields[1] >> region[2]
    fields[0] >> region >> p.subpatch(_frame("cursor", ACTIVE))
    p.group("the selection: level, levels, column, columns")
    p.obj("r $0-region") >> p.subpatch(_frame("selection", SELECTION))
    p.group("the playhead")
    p.subpatch(_playhead())
    return p


def _frame(name: str, colour: str) -> Patch:
    p = Patch(name=name)
    p.comment("A frame inside the edge of a region, as far as that is seen.", width=80)
    p.group("again when the view changes")
    region = p.obj("list")
    p.obj("inlet") >> region
    again = p.obj("t b")
    p.obj("r $0-view") >> again >> region
    fields = p.obj("unpack f f f f")
    kept = p.obj("t l l")
    region >> kept
    kept[1] >> region[1]
    kept[0] >> fields

    left = p.obj(f"expr max(0, min({GRID_WIDTH}, ($f1 - $f2) / $f3 * $f4 * {SLOT_WIDTH}))")
    right = p.obj(
        f"expr max(0, min({GRID_WIDTH}, ceil(($f1 + $f5 - $f2) / $f3) * $f4 * {SLOT_WIDTH}))"
    )
    column = p.obj("t f f")
    fields[3] >> right[4]
    fields[2] >> column
    column[1] >> left
    column[0] >> right
    box = p.obj("pack f f f f")
    left >> box[1]
    right >> box[2]
    fields[1] >> p.obj(f"* {ROW_HEIGHT}") >> box[3]
    fields[0] >> p.obj(f"* {ROW_HEIGHT}") >> box
    for place, bus in enumerate(("start", "every", "slots"), start=1):
        value = p.obj(f"r $0-{bus}")
        value >> left[place]
        value >> right[place]
    box >> p.obj("s $0-frame-" + name)

    p.group("is it seen; and where: x, y, right edge, bottom edge")
    frame = p.obj(f"r $0-frame-{name}")
    both = p.obj("t l l")
    seen = p.obj("expr $f3 > $f2 && $f4 > 0")
    which = p.obj("sel 1 0")
    frame >> both
    places = p.obj(
        f"expr {GRID_X} + $f2; {GRID_Y} + $f1; {GRID_X} + $f3 - {THICKNESS + 1}; "
        f"{GRID_Y} + $f1 + $f4 - {THICKNESS + 1}; $f3 - $f2 - 1; $f4 - 1"
    )
    words = p.obj("pack f f f f f f f")
    show = p.obj("list")
    for outlet in range(6):
        places[outlet] >> words[1 + outlet]
    own = p.obj("f $0")
    order = p.obj("t b l")
    both[1] >> order
    order[1] >> places
    order[0] >> own >> words >> show[1]
    both[0] >> seen >> which >> show
    edges = {
        "top": ("$2 $3", f"$6 {THICKNESS}"),
        "bottom": ("$2 $5", f"$6 {THICKNESS}"),
        "left": ("$2 $3", f"{THICKNESS} $7"),
        "right": ("$4 $3", f"{THICKNESS} $7"),
    }
    show >> p.msg(
        "".join(
            f"; $1-{name}-{edge} pos {place}; $1-{name}-{edge} vis_size {size}"
            for edge, (place, size) in edges.items()
        )
    )
    show >> p.msg("".join(f"; $1-{name}-{edge} color {colour} {colour} {colour}" for edge in edges))
    hide = p.obj("f $0")
    which[1] >> hide
    hide >> p.msg(
        "".join(
            f"; $1-{name}-{edge} vis_size 1 1; $1-{name}-{edge} pos {HIDDEN}; "
            f"$1-{name}-{edge} color {HOT_COLOUR} {HOT_COLOUR} {HOT_COLOUR}"
            for edge in edges
        )
    )
    return p


def _playhead() -> Patch:
    p = Patch(name="playhead")
    p.comment("The playhead of the shown grid, and the view that turns with it.", width=80)
    p.group("column and fraction: where that is")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route play")
    kind = p.obj("route head")
    mine = p.obj("sda.if-mine $0-grid")
    fields = p.obj("unpack f f")
    column = p.obj("+")
    x = p.obj(f"expr ($f1 - $f2) / $f3 * $f4 * {SLOT_WIDTH}")
    both = p.obj("t f f")
    inside = p.obj(f"expr $f1 >= 0 && $f1 < {GRID_WIDTH}")
    gate = p.obj("spigot")
    receive >> topic >> kind >> mine >> fields
    fields[1] >> column[1]
    head = p.obj("t f f")
    fields[0] >> head
    head[1] >> p.obj("s $0-head")
    head[0] >> column >> x >> both
    both[1] >> inside >> gate[1]
    whole = p.obj("i")
    both[0] >> gate >> whole >> p.obj("change -1") >> p.obj("s $0-head-x")
    for inlet, bus in enumerate(("start", "every", "slots"), start=1):
        p.obj(f"r $0-{bus}") >> x[inlet]

    p.group("move it")
    place = p.obj(f"+ {GRID_X}")
    words = p.obj("pack f f")
    order = p.obj("t b f")
    p.obj("r $0-head-x") >> place >> order
    order[1] >> words[1]
    order[0] >> p.obj("f $0") >> words >> p.msg(f"; $1-playhead pos $2 {RULER_Y}")

    p.group("it plays: show it; it does not: hide it")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route play")
    kind = p.obj("route state")
    mine = p.obj("sda.if-mine $0-grid")
    fields = p.obj("unpack f")
    receive >> topic >> kind >> mine >> fields >> p.obj("s $0-playing")
    p.obj("r $0-shown") >> p.obj("t b") >> p.msg("0") >> p.obj("s $0-playing")
    playing = p.obj("r $0-head")
    on = p.msg("1")
    playing >> on >> p.obj("s $0-heading")
    quiet = p.obj("del 400")
    # A number would be taken for the time.
    playing >> p.obj("t b") >> quiet >> p.msg("0") >> p.obj("s $0-heading")

    p.group("seen or not")
    heading = p.obj("r $0-heading")
    changed = p.obj("change 0")
    which = p.obj("sel 1 0")
    shown = p.obj("f $0")
    hidden = p.obj("f $0")
    heading >> changed >> which >> shown
    which[1] >> hidden
    shown >> p.msg(
        f"; $1-playhead color {PLAYHEAD} {PLAYHEAD} 0; $1-playhead vis_size {THICKNESS} "
        f"{RULER_HEIGHT + MAX_LEVELS * ROW_HEIGHT}"
    )
    hidden >> p.msg(
        f"; $1-playhead vis_size 1 1; $1-playhead pos {HIDDEN}; "
        f"$1-playhead color {HOT_COLOUR} {HOT_COLOUR} 0"
    )

    p.group("follow: turn the page")
    follow = p.obj("spigot")
    head = p.obj("r $0-head")
    page = p.obj(f"expr if ($f1 < $f2 || $f1 >= $f2 + {N_SLOTS} * $f3 / $f4, $f1, -1)")
    outside = p.obj("moses 0")
    head >> follow >> page >> outside
    outside[1] >> p.obj("s $0-scroll")
    p.obj("r $0-following") >> follow[1]
    for inlet, bus in enumerate(("start", "every", "slots"), start=1):
        p.obj(f"r $0-{bus}") >> page[inlet]
    return p
