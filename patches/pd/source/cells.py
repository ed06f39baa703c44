"""sda.cells: the drawing of the grid, as scalars of data structures."""

from document import Patch
from drawing import build, cell_template, column_template, playhead_template
from layout import CELL_WIDTH, MAX_LEVELS, WINDOW_COLUMNS
from palette import code_colours


def cells() -> Patch:
    """Return the abstraction that draws what sda.grids and sda.window choose to show."""
    p = Patch(1000, 640)
    p.at(20, 16)
    p.comment(
        "sda.cells: draws the grid into [pd sda-cells] of the main patch and keeps it true: asks "
        "for the visible codes when the view changes, and takes every change that the daemon "
        "announces.",
        width=130,
    )
    p.at(20, 90)
    for column, template in enumerate((cell_template(), column_template(), playhead_template())):
        p.at(20 + 160 * column, 90)
        p.subpatch(template)
    p.at(20, 130)
    palette = " \\; ".join(f"{fill} {ink}" for fill, ink in code_colours())
    p.comment(f"{len(code_colours())} colours, low codes to high codes: fill and ink", width=50)
    p.obj("text define -k sda-palette")
    p.boxes[-1].text = f"{p.boxes[-1].text[:-1]};\n#A set {palette} \\;;"

    p.at(20, 230)
    p.comment("build again when the number of levels or codes changes", width=30)
    shown = p.obj("r sda-grid-shown")
    once = p.obj("t b b")
    dirty = p.obj("f 1")
    needs_build = p.obj("sel 1")
    order = p.obj("t b b")
    new_scalars = p.subpatch(build())
    p.at(220, 300)
    levels = p.obj("r sda-n-levels")
    levels_changed = p.obj("change -1")
    p.at(360, 300)
    size = p.obj("r sda-codebook-size")
    size_changed = p.obj("change -1")
    p.at(220, 360)
    mark = p.msg("1")
    levels >> levels_changed >> mark >> dirty[1]
    size >> size_changed >> mark
    clean = p.msg("0")
    shown >> once
    once[1] >> dirty >> needs_build >> order
    order[1] >> clean >> dirty[1]
    order[0] >> new_scalars
    p.at(20, 440)
    view = p.obj("r sda-view-changed")
    # The name, the size and the place may all change at once; ask when they have.
    later = p.obj("del 0")
    refill = p.obj("s sda-refill")
    once[0] >> later
    view >> later >> refill

    p.at(560, 90)
    p.comment("ask for what is visible", width=40)
    p.subpatch(_ask())
    p.comment("hide the columns after the end, number the others", width=50)
    p.subpatch(_limit())
    p.comment("take codes: level, start column, codes", width=50)
    take = p.subpatch(_take())
    p.comment("the playhead", width=40)
    p.subpatch(_playhead())

    p.at(560, 340)
    receive = p.obj("r sda-receive")
    topic = p.obj("route done grid")
    answer = p.obj("route /sda/grid/get")
    mine = p.obj("sda.if-current")
    receive >> topic >> answer >> mine >> take
    p.at(760, 392)
    event = p.obj("route codes")
    mine_too = p.obj("sda.if-current")
    no_revision = p.obj("list split 1")
    topic[1] >> event >> mine_too >> no_revision
    no_revision[1] >> take
    return p


def _ask() -> Patch:
    p = Patch(760, 420, name="ask")
    p.at(20, 16)
    refill = p.obj("r sda-refill")
    order = p.obj("t b b")
    n_levels = p.obj("f")
    each = p.obj("until")
    level = p.obj("f")
    row = p.obj("t b f")
    p.at(20, 200)
    grid = p.obj("symbol -")
    fields = p.obj("pack s f f f")
    request = p.obj("list prepend /sda/grid/get")
    send = p.obj("s sda-send")
    refill >> order >> n_levels >> each >> level >> row >> grid >> fields >> request >> send
    row[1] >> fields[1]
    p.at(160, 94)
    first = p.msg("0")
    following = p.obj("+ 1")
    order[1] >> first >> level[1]
    level >> following >> level[1]
    p.at(160, 16)
    count = p.obj("r sda-n-levels")
    at_most = p.obj(f"min {MAX_LEVELS}")
    count >> at_most >> n_levels[1]
    p.at(160, 172)
    current = p.obj("r sda-grid")
    current >> grid[1]
    p.at(320, 172)
    start = p.obj("r sda-start")
    p.at(460, 172)
    visible = p.obj("r sda-n-visible")
    start >> fields[2]
    visible >> fields[3]
    return p


def _limit() -> Patch:
    p = Patch(900, 520, name="limit")
    p.at(20, 16)
    refill = p.obj("r sda-refill")
    n_levels = p.obj("f")
    n_cells = p.obj(f"* {WINDOW_COLUMNS}")
    order = p.obj("t f f b")
    p.at(320, 16)
    count = p.obj("r sda-n-levels")
    at_most = p.obj(f"min {MAX_LEVELS}")
    count >> at_most >> n_levels[1]
    refill >> n_levels >> n_cells >> order

    p.at(20, 150)
    p.comment("cells", width=20)
    all_cells = p.msg("0 $1")
    walk = p.obj("sda.walk")
    both = p.obj("t p p")
    get = p.obj("get sda-cell slot shown")
    after_end = p.obj(">=")
    # A cell that is to be seen waits for its code; only the others change here.
    hide = p.obj("sel 1")
    nothing = p.msg("0")
    hidden = p.obj("set sda-cell shown")
    order[1] >> all_cells >> walk >> both >> get >> after_end >> hide >> nothing >> hidden
    both[1] >> hidden[1]

    p.at(420, 150)
    p.comment("column numbers", width=20)
    has_levels = p.obj("moses 1")
    all_columns = p.msg(f"$1 {WINDOW_COLUMNS}")
    walk_columns = p.obj("sda.walk")
    both_columns = p.obj("t p p")
    get_slot = p.obj("get sda-column slot")
    split = p.obj("t f f")
    add_start = p.obj("+")
    number = p.obj("set sda-column column shown")
    order[0] >> has_levels
    has_levels[1] >> all_columns >> walk_columns >> both_columns >> get_slot >> split
    split[0] >> add_start >> number
    both_columns[1] >> number[2]
    p.at(620, 300)
    inside = p.obj("<")
    split[1] >> inside >> number[1]

    p.at(620, 16)
    visible = p.obj("r sda-n-visible")
    visible >> after_end[1]
    visible >> inside[1]
    start = p.obj("r sda-start")
    start >> add_start[1]
    return p


def _take() -> Patch:
    p = Patch(900, 620, name="take")
    p.at(20, 16)
    inlet = p.obj("inlet")
    split = p.obj("list split 2")
    place = p.obj("unpack f f")
    inlet >> split >> place
    p.at(420, 42)
    codes = p.obj("list")
    split[1] >> codes[1]

    p.at(20, 110)
    p.comment("a level that is drawn", width=30)
    known = p.obj("moses")
    not_negative = p.obj("moses 0")
    offset_of_level = p.obj(f"* {WINDOW_COLUMNS}")
    p.at(160, 136)
    levels = p.obj("r sda-n-levels")
    levels >> known[1]
    place[0] >> known >> not_negative
    not_negative[1] >> offset_of_level

    p.at(420, 80)
    p.comment("start in the window: drop what is left of it", width=60)
    from_start = p.obj("-")
    split_start = p.obj("t b f f")
    to_left = p.obj("min 0")
    n_dropped = p.obj("* -1")
    p.at(420, 250)
    dropped = p.obj("list split 0")
    place[1] >> from_start >> split_start
    split_start[2] >> to_left >> n_dropped >> dropped[1]
    p.at(560, 110)
    start = p.obj("r sda-start")
    start >> from_start[1]
    p.at(560, 200)
    first = p.obj("max 0")
    split_start[1] >> first

    p.at(420, 290)
    p.comment("and what is right of it", width=40)
    kept = p.obj(f"list split {WINDOW_COLUMNS}")
    visible = p.obj("list")
    dropped[1] >> kept
    split_start[0] >> codes >> dropped
    p.at(600, 290)
    room = p.obj("* -1")
    room_left = p.obj(f"+ {WINDOW_COLUMNS}")
    not_less = p.obj("max 0")
    first >> room >> room_left >> not_less >> kept[1]
    kept[0] >> visible[1]
    kept[2] >> visible[1]

    p.at(20, 250)
    p.comment("walk to the first cell", width=30)
    index = p.obj("+")
    order = p.obj("t b f")
    go = p.msg("$1 0")
    p.at(20, 470)
    walk = p.obj("sda.walk")
    p.at(20, 530)
    paint = p.obj("sda.paint")
    first >> index[1]
    offset_of_level >> index >> order
    order[1] >> go >> walk

    p.at(220, 340)
    p.comment("one code, one step", width=30)
    each = p.obj("until")
    remaining = p.obj("list")
    one = p.obj("list split 1")
    step = p.obj("t f b")
    move = p.msg("next")
    order[0] >> visible
    p.at(420, 400)
    begin = p.obj("t b l")
    visible >> begin
    begin[1] >> remaining[1]
    begin[0] >> each >> remaining >> one >> step
    one[1] >> remaining[1]
    p.at(340, 440)
    done = p.obj("t b")
    one[2] >> done >> each[1]
    step[1] >> move >> walk >> paint[1]
    step[0] >> paint
    return p


def _playhead() -> Patch:
    p = Patch(760, 460, name="playhead")
    p.at(20, 16)
    receive = p.obj("r sda-receive")
    topic = p.obj("route play")
    kind = p.obj("route head state")
    mine = p.obj("sda.if-current")
    column = p.obj("unpack f")
    in_window = p.obj("-")
    split = p.obj("t f f")
    x = p.obj(f"* {CELL_WIDTH}")
    move = p.obj("set sda-playhead x shown")
    receive >> topic >> kind >> mine >> column >> in_window >> split >> x >> move
    p.at(160, 180)
    inside = p.obj(f"expr $f1 >= 0 && $f1 < {WINDOW_COLUMNS}")
    split[1] >> inside >> move[1]
    p.at(240, 16)
    start = p.obj("r sda-start")
    start >> in_window[1]
    p.at(360, 120)
    mine_too = p.obj("sda.if-current")
    playing = p.obj("unpack f")
    state = p.obj("t f f")
    to_playing = p.obj("s sda-playing")
    stopped = p.obj("sel 0")
    away = p.msg("0")
    hide = p.obj("set sda-playhead shown")
    kind[1] >> mine_too >> playing >> state >> to_playing
    state[1] >> stopped >> away >> hide
    p.at(240, 70)
    pointer = p.obj("r sda-playhead-pointer")
    pointer >> move[2]
    pointer >> hide[1]

    p.at(360, 16)
    p.comment("follow: turn the page with the playhead", width=40)
    follow = p.obj("r sda-follow")
    p.at(560, 120)
    gate = p.obj("spigot")
    outside = p.obj(f"expr $f1 - $f1 % {WINDOW_COLUMNS}")
    new_page = p.obj("change -1")
    scroll = p.obj("s sda-scroll")
    follow >> gate[1]
    column >> gate >> outside >> new_page >> scroll
    return p
