"""What the mouse does in a track: hear, choose, change, select."""

from document import Patch
from layout import N_SLOTS, ROW_HEIGHT, SLOT_WIDTH

HEAR_EVERY_MS = 40
GESTURE_RESTS_MS = 400
VALUE, SELECT = 1, 2
ACROSS, DOWN = 5, 3
"""Pixels from which on a drag selects, or changes the code."""
AT_REST = 0.25
"""What a drag is put back to: a part of a pixel, which no drag sets."""
RULER = -1
"""The level of a press on the numbers above the cells."""


def grid_hand() -> Patch:
    """Return the subpatch that turns presses and drags into what they mean."""
    p = Patch(name="hand")
    p.comment(
        "A press hears the code and puts the cursor there. A drag up or down changes the code, one "
        "for each pixel and all of it one step to undo; a drag across selects. A press on the "
        "numbers above hears that moment, a drag there selects columns. With shift a press selects "
        "from the cursor on.",
        width=130,
    )
    for name in ("cell", "ruler"):
        p.group(f"the mouse on a {name}: $0-pressed level slot, $0-dragged across down")
        _event(p, name)
    p.group("in words")
    for part in (_press(), _meaning(), _drag(), _value(), _select(), _edit(), _hear()):
        p.subpatch(part)
    return p


def _event(p: Patch, name: str) -> None:
    kind = p.obj("route click change")
    p.obj(f"r $0-{name}-event") >> kind
    clicked = p.obj("unpack p")
    order = p.obj("t p b")
    place = p.obj(f"get $0-{name} level slot")
    pressed = p.obj("pack f f")
    kind[0] >> clicked >> order
    order[1] >> p.obj("s $0-take-focus")
    order[0] >> place >> pressed >> p.obj("s $0-pressed")
    place[1] >> pressed[1]

    moved = p.obj("unpack p")
    both = p.obj("t p p")
    far = p.obj(f"get $0-{name} across down")
    dragged = p.obj("pack f f")
    back = p.obj("t b b p")
    reset = p.obj(f"set $0-{name} across down")
    kind[1] >> moved >> both
    both[1] >> far
    # Pd sets only what has moved, so that what still is as it was put back has not.
    begin = p.msg("0")
    for axis in (1, 0):
        place = p.obj(f"expr if ($f1 == {AT_REST}, $f2, $f1)")
        now = p.obj("t f f")
        far[axis] >> place >> now
        now[1] >> place[1]
        now[0] >> dragged[axis]
        begin >> place[1]
    order[1] >> begin
    dragged >> p.obj("s $0-dragged")
    both[0] >> back
    back[2] >> reset[2]
    back[1] >> p.msg(f"{AT_REST}") >> reset[1]
    back[0] >> p.msg(f"{AT_REST}") >> reset


def _press() -> Patch:
    p = Patch(name="press")
    p.group("which column it is, and its code; a blank cell is none")
    fields = p.obj("unpack f f")
    slot = p.obj("t f f f")
    level = p.obj("t f f f")
    column = p.obj("expr $f2 + int($f1 / $f3) * $f4")
    index = p.obj(f"expr max($f1, 0) * {N_SLOTS} + int($f2 / $f3) * $f3")
    code = p.obj("t f f")
    used = p.obj("spigot")
    cell = p.obj("pack f f f")
    p.obj("r $0-pressed") >> fields
    fields[1] >> slot
    slot[2] >> p.obj("s $0-press-slot")
    slot[1] >> column >> cell[1]
    slot[0] >> index[1]
    fields[0] >> level
    level[2] >> p.obj("s $0-press-level")
    level[1] >> index >> p.obj("tabread $0-want") >> code
    code[1] >> p.obj(">= 0") >> used[1]
    code[0] >> cell[2]
    level[0] >> used >> cell >> p.obj("s $0-press")
    p.obj("r $0-start") >> column[1]
    slots = p.obj("r $0-slots")
    slots >> column[2]
    slots >> index[2]
    p.obj("r $0-every") >> column[3]
    return p


def _meaning() -> Patch:
    p = Patch(name="meaning")
    p.group("a press: level, column, code")
    press = p.obj("r $0-press")
    order = p.obj("t l l l b")
    press >> order
    order[3] >> p.msg("0") >> p.obj("s $0-mode")
    order[2] >> p.obj("s $0-press-cell")
    extend = p.obj("spigot 0")
    begin = p.obj("spigot 1")
    order[1] >> extend
    order[0] >> begin
    extend >> p.obj("list split 2") >> p.obj("s $0-select-to")
    shift = p.obj("r $0-shift")
    shift >> extend[1]
    shift >> p.obj("== 0") >> begin[1]
    begin >> p.obj("s $0-begin")

    p.group("without shift: the selection begins anew, and one hears what is there")
    begin = p.obj("r $0-begin")
    fields = p.obj("unpack f f f")
    everything = p.obj("t l l l b")
    begin >> everything
    everything[3] >> p.msg("0 0 0 0") >> p.obj("s $0-region")
    everything[2] >> p.obj("list split 2") >> p.obj("s $0-anchor")
    on_ruler = p.obj(f"route {RULER}")
    everything[1] >> on_ruler >> p.obj("unpack f") >> p.obj("s $0-hear-column")
    everything[0] >> fields
    level = p.obj("moses 0")
    heard = p.obj("pack f f")
    place = p.obj("pack f f")
    both = p.obj("t f f")
    fields[2] >> heard[1]
    fields[1] >> place[1]
    fields[0] >> level
    level[1] >> both
    both[1] >> place >> p.obj("s $0-cursor")
    both[0] >> heard >> p.obj("s $0-hear")
    return p


def _drag() -> Patch:
    p = Patch(name="drag")
    p.group("what a drag means shows in its first pixels")
    both = p.obj("t l l")
    fields = p.obj("unpack f f")
    mode = p.obj(
        f"expr if ($f3 > 0, $f3, if (abs($f1) > {ACROSS}, {SELECT}, "
        f"if (abs($f2) > {DOWN} && $f4 >= 0, {VALUE}, 0)))"
    )
    p.obj("r $0-dragged") >> both
    both[1] >> fields
    fields[1] >> mode[1]
    fields[0] >> mode >> p.obj("s $0-mode")
    p.obj("r $0-mode") >> mode[2]
    p.obj("r $0-press-level") >> mode[3]
    for which, target in ((VALUE, "value"), (SELECT, "select")):
        gate = p.obj("spigot")
        both[0] >> gate >> p.obj(f"s $0-drag-{target}")
        is_on = p.obj(f"== {which}")
        p.obj("r $0-mode") >> is_on >> gate[1]
    return p


def _value() -> Patch:
    p = Patch(name="value")
    p.group("a drag up or down: one code for each pixel")
    fields = p.obj("unpack f f")
    code = p.obj("expr max(0, min($f3 - 1, $f2 - $f1))")
    changed = p.obj("change -1")
    order = p.obj("t b f")
    edit = p.obj("pack f f f")
    go = p.obj("f")
    out = p.obj("t l l b")
    p.obj("r $0-drag-value") >> fields
    fields[1] >> code >> changed >> order
    order[1] >> edit[2]
    order[0] >> go >> edit >> out
    out[2] >> p.obj("s $0-gesture")
    out[1] >> p.obj("s $0-edit")
    out[0] >> p.obj("s $0-hear-edit")
    p.obj("r $0-size") >> code[2]
    start = p.obj("unpack f f f")
    p.obj("r $0-press-cell") >> start
    begin = p.obj("t f f")
    start[2] >> begin
    begin[1] >> code[1]
    begin[0] >> p.msg("set $1") >> changed
    start[1] >> edit[1]
    start[0] >> go[1]

    p.group(f"one step to undo, until it rests for {GESTURE_RESTS_MS} ms or the next press")
    begin = p.obj("t b b")
    on = p.obj("change 0")
    p.obj("r $0-gesture") >> begin
    begin[1] >> p.msg("1") >> on
    begin[0] >> p.obj(f"del {GESTURE_RESTS_MS}") >> p.obj("s $0-gesture-ends")
    end = p.msg("0")
    p.obj("r $0-gesture-ends") >> end >> on
    p.obj("r $0-press-cell") >> p.obj("t b") >> end
    on >> p.obj("list prepend /sda/grid/gesture") >> p.obj("s sda-$1-send")
    return p


def _select() -> Patch:
    p = Patch(name="select")
    p.group("where a drag has come to")
    fields = p.obj("unpack f f")
    column = p.obj(
        "expr $f3 + int(max(0, min($f4 - 1, $f2 + "
        f"floor(($f1 + {SLOT_WIDTH // 2}) / {SLOT_WIDTH}))) / $f5) * $f6"
    )
    level = p.obj(
        f"expr max(0, min($f3 - 1, $f2 + floor(($f1 + {ROW_HEIGHT // 2}) / {ROW_HEIGHT})))"
    )
    place = p.obj("pack f f")
    order = p.obj("t b f")
    kept = p.obj("f")
    p.obj("r $0-drag-select") >> fields
    fields[1] >> level >> kept[1]
    fields[0] >> column >> order
    order[1] >> place[1]
    order[0] >> kept >> place >> p.obj("s $0-select-to")
    for inlet, bus in enumerate(("press-slot", "start", "n-shown", "slots", "every"), start=1):
        p.obj(f"r $0-{bus}") >> column[inlet]
    p.obj("r $0-press-level") >> level[1]
    p.obj("r $0-n-levels") >> level[2]

    p.group("the region from there to the anchor")
    there = p.obj("unpack f f")
    columns = p.obj("expr min($f1, $f2); min(abs($f1 - $f2) + $f3, $f4 - min($f1, $f2))")
    levels = p.obj("expr if ($f2 < 0, 0, min($f1, $f2)); if ($f2 < 0, $f3, abs($f1 - $f2) + 1)")
    region = p.obj("pack f f f f")
    p.obj("r $0-select-to") >> there
    there[1] >> columns
    columns[1] >> region[3]
    columns[0] >> region[2]
    there[0] >> levels
    levels[1] >> region[1]
    levels[0] >> region >> p.obj("s $0-region")
    anchor = p.obj("unpack f f")
    p.obj("r $0-anchor") >> anchor
    anchor[1] >> columns[1]
    anchor[0] >> levels[1]
    p.obj("r $0-every") >> columns[2]
    p.obj("r $0-n-columns") >> columns[3]
    p.obj("r $0-n-levels") >> levels[2]
    return p


def _edit() -> Patch:
    p = Patch(name="edit")
    p.comment("Level, column, code: seen at once, and sent for all columns of the slot.", width=90)
    p.group("both")
    edit = p.obj("r $0-edit")
    order = p.obj("t l l")
    edit >> order
    order[1] >> p.obj("s $0-see")
    order[0] >> p.obj("s $0-tell")

    p.group("seen")
    edit = p.obj("r $0-see")
    fields = p.obj("unpack f f f")
    slot = p.obj("expr ($f1 - $f2) / $f3 * $f4")
    level = p.obj(f"* {N_SLOTS}")
    index = p.obj("+")
    inside = p.obj("moses 0")
    order = p.obj("t b f")
    code = p.obj("f")
    write = p.obj("tabwrite $0-want")
    edit >> fields
    fields[2] >> code[1]
    fields[1] >> slot >> index[1]
    fields[0] >> level >> index >> inside
    inside[1] >> order
    order[1] >> write[1]
    done = p.obj("t b f")
    order[0] >> code >> done
    done[1] >> write
    done[0] >> p.obj("s $0-dirty")
    for inlet, bus in enumerate(("start", "every", "slots"), start=1):
        p.obj(f"r $0-{bus}") >> slot[inlet]

    p.group("sent: grid, level, 1, column, columns, code")
    edit = p.obj("r $0-tell")
    fields = p.obj("unpack f f f")
    column = p.obj("t f f")
    n_columns = p.obj("expr min($f2, $f3 - $f1)")
    level = p.obj("t b f")
    grid = p.obj("symbol -")
    words = p.obj("pack s f f f f f")
    edit >> fields
    fields[2] >> words[5]
    fields[1] >> column
    column[1] >> n_columns >> words[4]
    column[0] >> words[3]
    fields[0] >> level
    level[1] >> words[1]
    level[0] >> grid >> words
    words >> p.obj("list prepend /sda/grid/fill") >> p.obj("s sda-$1-send")
    p.obj("loadbang") >> p.msg("1") >> words[2]
    p.obj("r $0-grid") >> grid[1]
    p.obj("r $0-every") >> n_columns[1]
    p.obj("r $0-n-columns") >> n_columns[2]
    return p


def _hear() -> Patch:
    p = Patch(name="hear")
    p.group("a code alone: level, code")
    hear = p.obj("r $0-hear")
    order = p.obj("t b l")
    model = p.obj("symbol -")
    words = p.obj("list append")
    hear >> order
    order[1] >> words[1]
    order[0] >> model >> words
    words >> p.obj("list prepend /sda/play/code") >> p.obj("s sda-$1-send")
    p.obj("r $0-model") >> model[1]

    p.group("a moment: its column")
    column = p.obj("r $0-hear-column")
    order = p.obj("t b f")
    grid = p.obj("symbol -")
    words = p.obj("pack s f")
    column >> order
    order[1] >> words[1]
    order[0] >> grid >> words
    words >> p.obj("list prepend /sda/play/column") >> p.obj("s sda-$1-send")
    p.obj("r $0-grid") >> grid[1]

    p.group(f"while it is dragged: the latest, every {HEAR_EVERY_MS} ms, unless the grid plays")
    silent = p.obj("spigot 1")
    fields = p.obj("unpack f f f")
    heard = p.obj("pack f f")
    p.obj("r $0-hear-edit") >> silent >> fields
    fields[2] >> heard[1]
    fields[0] >> heard >> p.obj(f"sda.latest {HEAR_EVERY_MS}") >> p.obj("s $0-hear")
    p.obj("r $0-playing") >> p.obj("== 0") >> silent[1]
    return p
