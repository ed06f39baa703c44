"""What keys do in a track, while it has the focus and nobody types a text."""

from document import Patch
from layout import N_SLOTS

TYPING_RESTS_MS = 700
ENTER = 10
COMMANDS = {
    "z": "undo", "y": "redo", "c": "copy", "x": "cut", "v": "paste", "+": "brighter",
    "-": "darker", "<": "previous", ">": "next", "f": "zoom-fit",
}  # fmt: skip
SPACE = 32
NAMED = {"Delete": "clear", "BackSpace": "clear", "Escape": "deselect"}
MOVES = {"Left": (0, -1), "Right": (0, 1), "Up": (-1, 0), "Down": (1, 0)}


def grid_keys() -> Patch:
    """Return the subpatch that turns keys into what the buttons do."""
    p = Patch(name="keys")
    names = ", ".join(f"{key} {name}" for key, name in COMMANDS.items())
    p.comment(
        f"Arrows move the cursor, with shift they select. Digits are a code. {names}. Space plays "
        "and stops, Delete clears, Escape selects nothing.",
        width=130,
    )
    p.group("whose turn it is")
    mine = p.obj("expr $f1 && $f2 && $f3 == 0")
    p.obj("r $0-has-focus") >> mine
    for inlet, bus in ((1, "$0-keys"), (2, "sda-$1-typing")):
        value = p.obj(f"r {bus}")
        order = p.obj("t b f")
        value >> order
        order[1] >> mine[inlet]
        order[0] >> mine
    mine >> p.obj("s $0-key-turn")
    p.obj("loadbang") >> p.msg("1") >> p.obj("s $0-keys")

    p.group("signs")
    turn = p.obj("spigot")
    kinds = p.obj("route " + " ".join(str(ord(key)) for key in COMMANDS))
    p.obj("key") >> turn >> kinds
    p.obj("r $0-key-turn") >> turn[1]
    for outlet, name in enumerate(COMMANDS.values()):
        kinds[outlet] >> p.obj(f"s $0-{name}")
    kinds[len(COMMANDS)] >> p.obj("s $0-other-key")

    p.group("space, Enter, digits")
    kind = p.obj(f"sel {SPACE} {ENTER}")
    low = p.obj("moses 48")
    high = p.obj("moses 58")
    p.obj("r $0-other-key") >> kind
    kind[0] >> p.obj("s $0-play-or-stop")
    kind[1] >> p.obj("s $0-type-done")
    kind[2] >> low
    low[1] >> high >> p.obj("- 48") >> p.obj("s $0-digit")

    p.group("names of keys: name, 1 when it goes down")
    key = p.obj("keyname")
    order = p.obj("t b f")
    name = p.obj("symbol -")
    both = p.obj("pack s f")
    kinds = p.obj("route Shift_L Shift_R " + " ".join([*NAMED, *MOVES]))
    key[1] >> name[1]
    key[0] >> order
    order[1] >> both[1]
    order[0] >> name >> both >> kinds
    shift = p.obj("s $0-shift")
    kinds[0] >> shift
    kinds[1] >> shift
    for outlet, target in enumerate(NAMED.values(), start=2):
        down = p.obj("sel 1")
        turn = p.obj("spigot")
        kinds[outlet] >> down >> turn >> p.obj(f"s $0-{target}")
        p.obj("r $0-key-turn") >> turn[1]
    for outlet, move in enumerate(MOVES.values(), start=2 + len(NAMED)):
        down = p.obj("sel 1")
        turn = p.obj("spigot")
        kinds[outlet] >> down >> turn >> p.msg(f"{move[0]} {move[1]}") >> p.obj("s $0-move")
        p.obj("r $0-key-turn") >> turn[1]

    p.group("arrows: the cursor moves inside the grid")
    move = p.obj("unpack f f")
    level = p.obj("expr max(0, min($f3 - 1, $f2 + $f1))")
    column = p.obj("expr max(0, min($f3 - 1, $f2 + $f1 * $f4))")
    place = p.obj("pack f f")
    out = p.obj("t l l")
    p.obj("r $0-move") >> move
    move[1] >> column >> place[1]
    move[0] >> level >> place >> out
    extend = p.obj("spigot 0")
    begin = p.obj("spigot 1")
    out[1] >> begin >> p.obj("s $0-walk")
    out[0] >> extend >> p.obj("s $0-walk-and-select")
    shift = p.obj("r $0-shift")
    shift >> extend[1]
    shift >> p.obj("== 0") >> begin[1]
    cursor = p.obj("unpack f f")
    p.obj("r $0-cursor") >> cursor
    cursor[1] >> column[1]
    cursor[0] >> level[1]
    p.obj("r $0-n-columns") >> column[2]
    p.obj("r $0-every") >> column[3]
    p.obj("r $0-n-levels") >> level[2]

    p.group("there it is heard, or the selection goes on to there")
    walk = p.obj("r $0-walk")
    order = p.obj("t l l l b")
    walk >> order
    order[3] >> p.msg("0 0 0 0") >> p.obj("s $0-region")
    order[2] >> p.obj("s $0-anchor")
    order[1] >> p.obj("s $0-cursor")
    order[0] >> p.obj("s $0-hear-cell")
    extend = p.obj("r $0-walk-and-select")
    order = p.obj("t l l")
    extend >> order
    order[1] >> p.obj("s $0-cursor")
    order[0] >> p.obj("s $0-select-to")

    p.group("hear the cell at level, column, where it is in view")
    cell = p.obj("unpack f f")
    slot = p.obj("expr ($f1 - $f2) / $f3 * $f4")
    inside = p.obj(f"expr if ($f2 >= 0 && $f2 < {N_SLOTS}, $f1 * {N_SLOTS} + $f2, -1)")
    seen = p.obj("moses 0")
    used = p.obj("moses 0")
    heard = p.obj("pack f f")
    order = p.obj("t b f")
    level = p.obj("t f f")
    p.obj("r $0-hear-cell") >> cell
    cell[1] >> slot >> inside[1]
    cell[0] >> level
    kept = p.obj("f")
    level[1] >> kept[1]
    level[0] >> inside >> seen
    seen[1] >> p.obj("tabread $0-want") >> used
    used[1] >> order
    order[1] >> heard[1]
    order[0] >> kept >> heard >> p.obj("s $0-hear")
    for inlet, bus in enumerate(("start", "every", "slots"), start=1):
        p.obj(f"r $0-{bus}") >> slot[inlet]

    p.group("digits: a code, seen at once, kept at Enter or when they rest")
    typed = p.obj("expr if ($f2 * 10 + $f1 < $f3, $f2 * 10 + $f1, $f1)")
    order = p.obj("t b f f f")
    p.obj("r $0-digit") >> typed >> order
    order[3] >> typed[1]
    order[2] >> p.obj("s $0-typed")
    code = p.obj("pack f f f")
    cursor = p.obj("list")
    place = p.obj("unpack f f")
    order[1] >> code[2]
    order[0] >> cursor >> place
    place[1] >> code[1]
    place[0] >> code >> p.obj("s $0-see")
    p.obj("r $0-cursor") >> cursor[1]
    p.obj("r $0-size") >> typed[2]
    p.obj("r $0-forget-digits") >> p.msg("0") >> typed[1]

    p.group("the code is whole")
    rest = p.obj(f"del {TYPING_RESTS_MS}")
    p.obj("r $0-typed") >> p.obj("t b") >> rest >> p.obj("s $0-type-done")
    done = p.obj("r $0-type-done")
    any_ = p.obj("spigot")
    order = p.obj("t b b b")
    code = p.obj("f")
    done >> any_ >> order
    order[2] >> p.obj("s $0-forget-digits")
    order[1] >> code >> p.obj("s $0-fill-with")
    order[0] >> p.msg("0") >> any_[1]
    typed = p.obj("r $0-typed")
    both = p.obj("t f b")
    typed >> both
    both[1] >> p.msg("1") >> any_[1]
    both[0] >> code[1]
    return p
