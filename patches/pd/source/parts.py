"""Small abstractions that all parts share: any list as one text, and as a label."""

from document import Patch


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
