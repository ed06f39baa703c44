"""Small abstractions that several parts share: labels, the shown grid, pointers to cells."""

from document import Patch
from palette import code_colours


def words() -> Patch:
    """Return sda.words: a list becomes one symbol with spaces, for a label."""
    p = Patch(640, 520)
    p.at(20, 16)
    p.comment("sda.words: any list in, one symbol with spaces out (for labels).", width=70)
    inlet = p.obj("inlet")
    as_list = p.obj("list")
    start = p.obj("t b l b")
    inlet >> as_list >> start

    p.at(20, 160)
    p.comment("From the last atom to the first, since [list split] gives the rest first.", width=40)
    split = p.obj("list split 1")
    kind = p.obj("route float symbol")
    number = p.obj("makefilename %g")
    codes = p.obj("list fromsymbol")
    space = p.obj("list prepend 32")
    joined = p.obj("list append")
    keep = p.obj("t l l")
    start[1] >> split >> kind >> number >> codes >> space >> joined >> keep
    split[1] >> split
    kind[1] >> codes
    keep[1] >> joined[1]

    p.at(320, 160)
    clear = p.obj("list")
    start[2] >> clear >> joined[1]
    p.at(320, 240)
    result = p.obj("list")
    no_first_space = p.obj("list split 1")
    symbol = p.obj("list tosymbol")
    outlet = p.obj("outlet")
    keep[0] >> result[1]
    clear >> result[1]
    start[0] >> result >> no_first_space
    no_first_space[1] >> symbol >> outlet
    no_first_space[2] >> symbol
    return p


def label() -> Patch:
    """Return sda.label: a list becomes the label of the box that its argument names."""
    p = Patch(420, 240)
    p.at(20, 16)
    p.comment("sda.label NAME: any list in, shown as the label of the box NAME.", width=50)
    inlet = p.obj("inlet")
    words = p.obj("sda.words")
    message = p.msg("label $1")
    send = p.obj("s $1")
    inlet >> words >> message >> send
    return p


def if_current() -> Patch:
    """Return sda.if-current: what concerns the grid that is shown, without its name."""
    p = Patch(560, 380)
    p.at(20, 16)
    p.comment(
        "sda.if-current: a message that begins with the name of a grid comes out without that "
        "name, if it is the grid that is shown.",
        width=60,
    )
    inlet = p.obj("inlet")
    as_list = p.obj("list")
    both = p.obj("t l l")
    name = p.obj("list split 1")
    is_current = p.obj("sel -")
    rest = p.obj("list")
    outlet = p.obj("outlet")
    inlet >> as_list >> both >> name >> is_current >> rest >> outlet
    p.at(200, 140)
    after = p.obj("list split 1")
    both[1] >> after
    after[1] >> rest[1]
    p.at(200, 190)
    current = p.obj("r sda-grid")
    current >> is_current[1]
    return p


def paint() -> Patch:
    """Return sda.paint: show a code in the cell that a pointer names."""
    p = Patch(620, 460)
    p.at(20, 16)
    p.comment(
        "sda.paint: code (left) shown in the cell pointed to (right): its number, centred, and "
        "its colour.",
        width=70,
    )
    code = p.obj("inlet")
    split = p.obj("t f f f b")
    p.at(20, 320)
    cell = p.obj("set sda-cell code number_x colour ink shown", hidden_text=", f 48")
    p.at(480, 62)
    pointer = p.obj("inlet")
    pointer >> cell[5]
    code >> split >> cell
    p.at(20, 140)
    centre = p.obj("expr 11.5 - 3.5 * (($f1 > 9) + ($f1 > 99))")
    split[1] >> centre >> cell[1]
    p.at(60, 180)
    n_colours = len(code_colours())
    scale = p.obj(f"* {n_colours}")
    fraction = p.obj("/ 64")
    step = p.obj("i")
    clip = p.obj(f"clip 0 {n_colours - 1}")
    lookup = p.obj("text get sda-palette")
    p.at(240, 284)
    pair = p.obj("unpack f f")
    split[2] >> scale >> fraction >> step >> clip >> lookup >> pair >> cell[2]
    pair[1] >> cell[3]
    p.at(180, 180)
    size = p.obj("r sda-codebook-size")
    size >> fraction[1]
    p.at(420, 140)
    shown = p.msg("1")
    split[3] >> shown >> cell[4]
    return p


def walk() -> Patch:
    """Return sda.walk: pointers to ``count`` scalars of the grid, from number ``first`` on."""
    p = Patch(620, 420)
    p.at(20, 16)
    p.comment(
        "sda.walk: 'first count' gives pointers to that many scalars of [pd sda-cells], 'next' "
        "gives one more. The scalars are, in this order: the cells level by level, the column "
        "numbers, the playhead.",
        width=70,
    )
    inlet = p.obj("inlet")
    is_next = p.obj("route next")
    unpack = p.obj("unpack f f")
    order = p.obj("t f b b")
    inlet >> is_next
    is_next[1] >> unpack >> order
    p.at(20, 200)
    skip = p.obj("until")
    step = p.msg("next")
    pointer = p.obj("pointer")
    gate = p.obj("spigot 1")
    outlet = p.obj("outlet")
    skip >> step >> pointer >> gate >> outlet
    is_next >> step
    p.at(120, 160)
    head = p.msg("traverse pd-sda-cells")
    shut = p.msg("0")
    opened = p.msg("1")
    head >> pointer
    shut >> gate[1]
    opened >> gate[1]
    order[2] >> head
    order[1] >> shut
    skipped = p.obj("t b b f")
    order[0] >> skipped
    skipped[2] >> skip
    skipped[1] >> opened
    p.at(320, 160)
    count = p.obj("f")
    each = p.obj("until")
    unpack[1] >> count[1]
    skipped[0] >> count >> each >> step
    return p
