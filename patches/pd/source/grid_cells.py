"""The codes of a track: asked for, kept true, and painted a few at a time."""

from document import Patch
from grid_paint import cell_sizes, code_ranks, painter
from layout import MAX_LEVELS, N_SLOTS

N_CELLS = MAX_LEVELS * N_SLOTS
MOST_CODES = 256


def grid_cells() -> Patch:
    """Return the subpatch that fills ``$0-want`` with codes and makes the cells look like it."""
    p = Patch(name="cells")
    p.comment(
        "$0-want holds the code of every slot, level by level, or -1; $0-have what is painted. The "
        "painter compares them in short steps while there is work, and paints so many in each that "
        "Pd never waits for its window, however fast codes come.",
        width=130,
    )
    p.group("codes of the slots, wanted and painted")
    for name, size in (("want", N_CELLS), ("have", N_CELLS)):
        p.obj(f"array define $0-{name} {size}")
    load = p.obj("loadbang")
    load >> p.msg("const -1") >> p.obj("s $0-want")
    load >> p.msg("const -1") >> p.obj("s $0-have")

    p.group("ask for what is visible, once all has changed that changes")
    soon = p.obj("del 1")
    p.obj("r $0-view") >> soon
    p.obj("r $0-shown") >> soon
    soon >> p.obj("s $0-refill")
    p.obj("r $0-refill") >> p.subpatch(_ask())

    p.group("answers: grid, level, start, codes")
    answers = p.obj("r sda-$1-in")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-grid")
    answers >> done >> p.obj("route /sda/grid/get") >> mine >> p.subpatch(_answer())

    p.group("changes: grid, revision, level, column, codes")
    events = p.obj("r sda-$1-in")
    topic = p.obj("route grid")
    mine = p.obj("sda.if-mine $0-grid")
    events >> topic >> p.obj("route codes") >> mine >> p.subpatch(_change())

    p.group("an edit was refused: show the truth")
    events = p.obj("r sda-$1-in")
    failed = p.obj("route fail")
    edit = p.obj("route /sda/grid/set /sda/grid/fill")
    truth = p.obj("t b")
    events >> failed >> edit >> truth >> p.obj("s $0-refill")
    edit[1] >> truth

    p.group("how it works")
    for part in (_put(), _blank(), *painter(), code_ranks(), cell_sizes()):
        p.subpatch(part)
    return p


def _ask() -> Patch:
    p = Patch(name="ask")
    p.group("one question for each level")
    n_levels = p.obj("f")
    count = p.obj("sda.count")
    order = p.obj("t b f")
    grid = p.obj("symbol -")
    question = p.obj("pack s f f f")
    from_afar = p.obj("list append")
    p.obj("inlet") >> n_levels >> count >> order
    order[1] >> question[1]
    order[0] >> grid >> question
    question >> from_afar >> p.obj("list prepend /sda/grid/get") >> p.obj("s sda-$1-send")
    p.obj("r $0-n-levels") >> n_levels[1]
    p.obj("r $0-grid") >> grid[1]
    p.obj("r $0-start") >> question[2]
    n_codes = p.obj("expr max(1, $f1 / $f2)")
    p.obj("r $0-n-shown") >> n_codes >> question[3]
    p.obj("r $0-slots") >> n_codes[1]
    more = p.obj("sel 1")
    p.obj("r $0-every") >> more
    more[0] >> p.msg("list") >> from_afar[1]
    more[1] >> from_afar[1]
    return p


def _answer() -> Patch:
    p = Patch(name="answer")
    p.comment("Level, start, codes. Only what begins where the view does counts.", width=90)
    p.group("does it fit the view")
    split = p.obj("t l l")
    place = p.obj("unpack f f")
    fits = p.obj("==")
    gate = p.obj("spigot")
    p.obj("inlet") >> split
    split[1] >> p.obj("list split 2") >> place
    place[1] >> fits >> gate[1]
    p.obj("r $0-start") >> fits[1]
    split[0] >> gate

    level = p.obj("list split 1")
    codes = p.obj("list split 1")
    step = p.obj("list prepend 0 1")
    whole = p.obj("list prepend 0")
    gate >> level
    # What is behind a place comes before it: the codes wait for their level.
    waiting = p.obj("list")
    level[1] >> codes
    codes[1] >> step >> waiting[1]
    order = p.obj("t b f")
    level[0] >> order
    order[1] >> whole[1]
    order[0] >> waiting >> whole >> p.obj("s $0-put")

    p.group("offset 0, and as many columns from code to code as share a slot")
    p.obj("r $0-every") >> p.obj("list prepend 0") >> p.obj("s $0-answer-step")
    p.obj("r $0-answer-step") >> step[1]
    return p


def _change() -> Patch:
    p = Patch(name="change")
    p.comment("Revision, level, column, codes of neighbouring columns.", width=90)
    p.group("level, columns from the start of the view, 1, codes")
    place = p.obj("list split 3")
    fields = p.obj("unpack f f f")
    offset = p.obj("-")
    head = p.obj("pack f f f")
    order = p.obj("t b l")
    codes = p.obj("list")
    whole = p.obj("list prepend")
    p.obj("inlet") >> place >> fields
    place[1] >> codes[1]
    fields[2] >> offset >> head[1]
    fields[1] >> head
    head >> order
    order[1] >> whole[1]
    order[0] >> codes >> whole >> p.obj("s $0-put")
    p.obj("r $0-start") >> offset[1]
    p.obj("loadbang") >> p.msg("1") >> head[2]
    return p


def _put() -> Patch:
    p = Patch(name="put")
    p.comment(
        "Level, offset of the first code, columns from code to code, codes. Of columns that share "
        "a slot the first one shows.",
        width=110,
    )
    p.obj(f"array define $0-came {MOST_CODES}")
    p.group("the codes into an array, then one after the other")
    split = p.obj("list split 3")
    codes = p.obj("t l l")
    length = p.obj("list length")
    order = p.obj("t b b l")
    n_codes = p.obj("f")
    p.obj("r $0-put") >> split
    split[1] >> codes
    codes[1] >> p.obj("array set $0-came")
    codes[0] >> length >> p.obj(f"min {MOST_CODES}") >> n_codes[1]
    split[0] >> order
    order[2] >> p.obj("s $0-put-place")
    order[1] >> n_codes >> p.obj("sda.count") >> p.obj("s $0-put-number")
    order[0] >> p.obj("s $0-dirty")

    p.group("the slot of each, and is it seen")
    number = p.obj("r $0-put-number")
    both = p.obj("t f f")
    code = p.obj("tabread $0-came")
    kept = p.obj("f")
    column = p.obj("expr $f1 * $f2 + $f3")
    slot = p.obj("expr if ($f1 >= 0 && $f1 % $f2 == 0, $f1 / $f2 * $f3, -1)")
    not_before = p.obj("moses 0")
    not_behind = p.obj(f"moses {N_SLOTS}")
    index = p.obj("+")
    order = p.obj("t b f")
    write = p.obj("tabwrite $0-want")
    number >> both
    both[1] >> code >> kept[1]
    both[0] >> column >> slot >> not_before
    not_before[1] >> not_behind >> index >> order
    order[1] >> write[1]
    order[0] >> kept >> write
    place = p.obj("r $0-put-place")
    fields = p.obj("unpack f f f")
    place >> fields
    fields[2] >> column[1]
    fields[1] >> column[2]
    fields[0] >> p.obj(f"* {N_SLOTS}") >> index[1]
    p.obj("r $0-every") >> slot[1]
    p.obj("r $0-slots") >> slot[2]
    return p


def _blank() -> Patch:
    p = Patch(name="blank")
    p.group("nothing below the last level, behind the end, and under wide cells")
    when = p.obj("t b b")
    p.obj("r $0-view") >> when
    p.obj("r $0-shown") >> when
    unused = p.obj(
        f"expr if (int($f1 / {N_SLOTS}) >= $f2 || $f1 % {N_SLOTS} >= $f3 || $f1 % $f4 != 0, "
        "$f1, -1)"
    )
    which = p.obj("moses 0")
    order = p.obj("t b f")
    write = p.obj("tabwrite $0-want")
    when[1] >> p.msg(str(N_CELLS)) >> p.obj("sda.count") >> unused >> which
    which[1] >> order
    order[1] >> write[1]
    order[0] >> p.msg("-1") >> write
    when[0] >> p.obj("s $0-dirty")
    for inlet, name in enumerate(("n-levels", "n-shown", "slots"), start=1):
        p.obj(f"r $0-{name}") >> unused[inlet]
    return p
