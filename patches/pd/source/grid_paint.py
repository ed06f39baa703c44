"""How the cells of a track look: painted a few at a time, by brightness, wide or narrow."""

from document import Patch
from hands import HOT_COLOUR
from layout import GAP, GRID_X, GRID_Y, MAX_LEVELS, N_SLOTS, ROW_HEIGHT, SLOT_WIDTH
from palette import N_COLOURS, code_colours

N_CELLS = MAX_LEVELS * N_SLOTS
MOST_CODES = 256
CELLS_PER_PASS = 64
PASS_MS = 20
RANKS_WITHIN_MS = 300
NUMBER_WIDTH = 20
"""Of three digits in a cell."""


def painter() -> tuple[Patch, Patch]:
    """Return the two subpatches that make ``$0-have`` equal ``$0-want`` for the eye."""
    return _passes(), _paint()


def code_ranks() -> Patch:
    """Return the subpatch that asks how bright the codes of the shown model are."""
    p = Patch(name="ranks")
    p.comment("The place of each code among its level's, from dark to bright.", width=90)
    p.obj(f"array define $0-ranks {MAX_LEVELS * MOST_CODES}")

    p.group("until it is known: as they are numbered")
    load = p.obj("loadbang")
    index = p.obj("t f f")
    write = p.obj("tabwrite $0-ranks")
    load >> p.msg(str(MAX_LEVELS * MOST_CODES)) >> p.obj("sda.count") >> index
    index[1] >> write[1]
    index[0] >> p.obj(f"mod {MOST_CODES}") >> write

    p.group("another model, or a new connection: ask")
    shown = p.obj("r $0-shown")
    model = p.obj("symbol -")
    known = p.obj("sel -")
    order = p.obj("t b s s b")
    shown >> model >> known
    p.obj("r $0-model") >> model[1]
    known[1] >> order
    order[3] >> p.obj("s $0-ranks-asked")
    order[2] >> known[1]
    question = p.obj("pack s f")
    n_levels = p.obj("f")
    count = p.obj("sda.count")
    level = p.obj("t b f")
    name = p.obj("symbol -")
    order[1] >> name[1]
    order[0] >> n_levels >> count >> level
    level[1] >> question[1]
    level[0] >> name >> question
    question >> p.obj("list prepend /sda/code/ranks") >> p.obj("s sda-$1-send")
    p.obj("r $0-n-levels") >> n_levels[1]
    p.obj("r sda-$1-connected") >> p.obj("t b") >> p.obj("symbol -") >> known[1]

    p.group("answers: model, level, quality, ranks")
    receive = p.obj("r sda-$1-in")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-model")
    level = p.obj("list split 1")
    rest = p.obj("list split 1")
    order = p.obj("t b f")
    waiting = p.obj("list")
    store = p.obj("array set $0-ranks")
    receive >> done >> p.obj("route /sda/code/ranks") >> mine >> level
    level[1] >> rest
    rest[1] >> waiting[1]
    level[0] >> order
    order[1] >> p.obj(f"* {MOST_CODES}") >> store[1]
    again = p.obj("t b b")
    order[0] >> again
    again[1] >> waiting >> store
    # The levels come one after the other; paint once.
    again[0] >> p.obj("del 5") >> p.obj("s $0-paint-all")

    p.group(f"paint when they are known, or after {RANKS_WITHIN_MS} ms")
    asked = p.obj("t b b")
    p.obj("r $0-ranks-asked") >> asked
    asked[1] >> p.msg("0") >> p.obj("s $0-may-paint")
    asked[0] >> p.obj(f"del {RANKS_WITHIN_MS}") >> p.obj("s $0-ranks-over")
    on = p.msg("1")
    p.obj("r $0-ranks-over") >> on >> p.obj("s $0-may-paint")
    p.obj("r $0-paint-all") >> p.obj("t b") >> on

    p.group("paint every code again; what is blank stays so")
    order = p.obj("t b b")
    index = p.obj("t f f")
    painted = p.obj("moses 0")
    forget = p.obj("t b f")
    write = p.obj("tabwrite $0-have")
    p.obj("r $0-paint-all") >> order
    order[1] >> p.msg(str(N_CELLS)) >> p.obj("sda.count") >> index
    place = p.obj("f")
    index[1] >> place[1]
    index[0] >> p.obj("tabread $0-have") >> painted
    painted[1] >> p.obj("t b") >> place >> forget
    forget[1] >> write[1]
    forget[0] >> p.msg("-2") >> write
    order[0] >> p.obj("s $0-dirty")
    return p


def cell_sizes() -> Patch:
    """Return the subpatch that makes cells as wide as the zoom wants them."""
    p = Patch(name="sizes")
    p.comment(
        "A wide cell is the box of its first slot; the boxes of its other slots hide in the "
        "corner. Codes are written into cells that are wide enough.",
        width=100,
    )
    p.group("when a column takes another number of slots")
    slots = p.obj("r $0-slots")
    changed = p.obj("change 1")
    order = p.obj("t b b f f")
    slots >> changed >> order
    order[3] >> p.obj("> 1") >> p.obj("s $0-numbers")
    order[2] >> p.obj("s $0-size-slots")
    order[1] >> p.msg(str(N_CELLS)) >> p.obj("sda.count") >> p.obj("s $0-size-cell")
    order[0] >> p.obj("s $0-paint-all")

    p.group("one cell")
    cell = p.obj("r $0-size-cell")
    place = p.obj(f"expr int($f1 / {N_SLOTS}); $f1 % {N_SLOTS}; ($f1 % {N_SLOTS}) % $f2 == 0")
    box = p.obj(
        f"expr if ($f3, {GRID_X} + {SLOT_WIDTH} * $f2, {GRID_X - 1}); "
        f"if ($f3, {GRID_Y} + {ROW_HEIGHT} * $f1, {GRID_Y - 1}); "
        f"if ($f3, {SLOT_WIDTH} * $f4 - {GAP}, 1); if ($f3, {ROW_HEIGHT - GAP}, 1); "
        f"({SLOT_WIDTH} * $f4 - {NUMBER_WIDTH}) / 2"
    )
    own = p.obj("f $0")
    words = p.obj("pack f f f f f f f f")
    cell >> place
    place[2] >> box[2]
    slot = p.obj("t f f")
    level = p.obj("t b f f")
    place[1] >> slot
    slot[1] >> words[2]
    slot[0] >> box[1]
    place[0] >> level
    level[2] >> words[1]
    level[1] >> box
    level[0] >> own >> words
    for outlet in range(5):
        box[outlet] >> words[3 + outlet]
    words >> p.msg(
        "; $1-c-$2-$3 pos $4 $5; $1-c-$2-$3 vis_size $6 $7; $1-c-$2-$3 label_pos $8 11; "
        "$1-c-$2-$3 label"
    )
    size_slots = p.obj("r $0-size-slots")
    size_slots >> place[1]
    size_slots >> box[3]
    return p


def _passes() -> Patch:
    p = Patch(name="passes")
    p.group("on while there is work")
    running = p.obj("change")
    metro = p.obj(f"metro {PASS_MS}")
    one_pass = p.obj("t b b b")
    may = p.obj("spigot 1")
    p.obj("r $0-dirty") >> p.obj("t b") >> may >> p.msg("1") >> running >> metro >> one_pass
    allowed = p.obj("t f f")
    p.obj("r $0-may-paint") >> allowed
    allowed[1] >> may[1]
    allowed[0] >> p.obj("sel 1") >> p.obj("s $0-dirty")
    p.obj("r $0-all-painted") >> p.msg("0") >> running
    one_pass[2] >> p.obj("s $0-none-painted")
    one_pass[1] >> p.msg(str(N_CELLS)) >> p.obj("sda.count") >> p.obj("s $0-look-at")
    one_pass[0] >> p.obj("s $0-pass-done")

    p.group("where wanted and painted differ")
    cell = p.obj("r $0-look-at")
    three = p.obj("t f f f")
    have = p.obj("tabread $0-have")
    want = p.obj("tabread $0-want")
    code = p.obj("t f f")
    differ = p.obj("!=")
    needed = p.obj("sel 1")
    place = p.obj("f")
    painting = p.obj("pack f f")
    cell >> three
    three[2] >> place[1]
    three[1] >> have >> differ[1]
    three[0] >> want >> code
    code[1] >> painting[1]
    code[0] >> differ >> needed >> p.obj("s $0-one-more")
    p.obj("r $0-paint-it") >> place >> painting >> p.obj("s $0-paint")

    p.group(f"{CELLS_PER_PASS} cells at most in a pass")
    count = p.obj("f")
    room = p.obj(f"moses {CELLS_PER_PASS}")
    order = p.obj("t b f")
    more = p.obj("+ 1")
    p.obj("r $0-one-more") >> count >> room >> order
    order[1] >> more >> count[1]
    order[0] >> p.obj("s $0-paint-it")
    p.obj("r $0-none-painted") >> p.msg("0") >> count[1]
    painted = p.obj("f")
    p.obj("r $0-pass-done") >> painted >> p.obj("sel 0") >> p.obj("s $0-all-painted")
    more >> painted[1]
    p.obj("r $0-none-painted") >> p.msg("0") >> painted[1]
    return p


def _paint() -> Patch:
    p = Patch(name="paint")
    p.text_file("$0-palette", [f"{fill} {ink}" for fill, ink in code_colours()])
    p.group("a cell and its code: what is said of it goes out at the end")
    fields = p.obj("unpack f f")
    code = p.obj("f")
    order = p.obj("t b f f f")
    write = p.obj("tabwrite $0-have")
    p.obj("r $0-paint") >> fields
    fields[1] >> code[1]
    fields[0] >> order
    order[3] >> write[1]
    order[2] >> p.obj("s $0-paint-cell")
    parts = p.obj("t f f f")
    order[0] >> code >> parts
    parts[2] >> write
    parts[1] >> p.obj("s $0-paint-text")
    parts[0] >> p.obj("s $0-paint-colour")

    p.group("whom it concerns: $0, level, slot")
    cell = p.obj("r $0-paint-cell")
    place = p.obj("t b f f")
    whom = p.obj("pack f f f")
    cell >> place
    place[2] >> p.obj(f"mod {N_SLOTS}") >> whom[2]
    place[1] >> p.obj(f"div {N_SLOTS}") >> whom[1]
    place[0] >> p.obj("f $0") >> whom >> p.obj("s $0-paint-whom")

    p.group("its colour")
    colour = p.obj("r $0-paint-colour")
    some = p.obj("moses 0")
    index = p.obj("+")
    step = p.obj("expr int($f1 * $f2)")
    inside = p.obj(f"clip 0 {N_COLOURS - 1}")
    look_up = p.obj("text get $0-palette")
    words = p.obj("list prepend")
    colour >> some
    some[0] >> p.msg(f"symbol {HOT_COLOUR}") >> p.obj("list append #000000") >> words
    some[1] >> index >> p.obj("tabread $0-ranks") >> step >> inside >> look_up >> words
    words >> p.msg("; $1-c-$2-$3 color $4 $4 $5")
    whom = p.obj("r $0-paint-whom")
    whom >> words[1]
    level = p.obj("unpack f f f")
    whom >> level
    level[1] >> p.obj(f"* {MOST_CODES}") >> index[1]
    size = p.obj("r $0-size")
    size >> p.obj(f"expr {N_COLOURS - 1} / max($f1 - 1, 1)") >> step[1]

    p.group("its number, where there is room")
    text = p.obj("r $0-paint-text")
    room = p.obj("spigot")
    some = p.obj("moses 0")
    words = p.obj("list prepend")
    text >> room >> some
    some[1] >> p.obj("makefilename %3d") >> words
    words >> p.msg("; $1-c-$2-$3 label $4")
    blank = p.obj("t b")
    nobody = p.obj("list")
    some[0] >> blank >> nobody >> p.msg("; $1-c-$2-$3 label")
    whom = p.obj("r $0-paint-whom")
    whom >> words[1]
    whom >> nobody[1]
    p.obj("r $0-numbers") >> room[1]
    return p
