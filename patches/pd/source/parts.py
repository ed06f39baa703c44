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


def lines() -> Patch:
    """Return sda.lines: a text on the two labels NAME-0 and NAME-1."""
    p = Patch()
    p.comment(
        "sda.lines NAME LETTERS: a text in; its first LETTERS letters become the label of the box "
        "NAME-0, those that follow the label of NAME-1.",
        width=80,
    )
    p.group("the second is emptied before it is written")
    order = p.obj("t a b")
    letters = p.obj("list fromsymbol")
    first = p.obj("list split $2")
    rest = p.obj("list split $2")
    label = p.msg("label $1")
    below = p.obj("s $1-1")
    p.obj("inlet") >> p.obj("sda.words") >> order
    order[1] >> p.msg("label") >> below
    order[0] >> letters >> first
    upper = p.obj("list tosymbol")
    lower = p.obj("list tosymbol")
    first[0] >> upper >> label >> p.obj("s $1-0")
    first[2] >> upper
    first[1] >> rest
    rest[0] >> lower >> p.msg("label $1") >> below
    rest[2] >> lower
    return p


def count() -> Patch:
    """Return sda.count: a number n comes out as 0, 1 ... n - 1."""
    p = Patch()
    p.comment("sda.count: a number n in; 0, 1 ... n - 1 out, at once.", width=60)
    p.group("count")
    any_ = p.obj("moses 1")
    order = p.obj("t f b")
    each = p.obj("until")
    number = p.obj("f")
    both = p.obj("t f f")
    p.obj("inlet") >> any_
    any_[1] >> order
    order[1] >> p.msg("0") >> number[1]
    order[0] >> each >> number >> both
    both[1] >> p.obj("+ 1") >> number[1]
    both[0] >> p.obj("outlet")
    return p


def if_mine() -> Patch:
    """Return sda.if-mine: what concerns the grid or model of a track, without its name."""
    p = Patch()
    p.comment(
        "sda.if-mine NAME: a list that begins with the symbol that was last sent to NAME comes out "
        "without it; all else is dropped.",
        width=90,
    )
    p.group("compare the first")
    both = p.obj("t l l")
    rest = p.obj("list")
    name = p.obj("list split 1")
    is_mine = p.obj("sel -")
    after = p.obj("list split 1")
    p.obj("inlet") >> p.obj("list") >> both
    both[1] >> after
    after[1] >> rest[1]
    both[0] >> name >> is_mine >> rest >> p.obj("outlet")
    p.obj("r $1") >> is_mine[1]
    return p


def to_grid() -> Patch:
    """Return sda.to-grid: a command about the grid that a track shows."""
    p = Patch()
    p.comment(
        "sda.to-grid TRACK CLIENT ADDRESS: a bang or a list in goes to the daemon behind the "
        "address and the name of the grid that was last sent to TRACK-grid, if one is shown.",
        width=90,
    )
    p.group("address, grid, words")
    shown = p.obj("spigot")
    named = p.obj("list prepend")
    send = p.obj("s sda-$2-send")
    p.obj("inlet") >> p.obj("list") >> shown >> named >> p.obj("list prepend $3") >> send
    grid = p.obj("r $1-grid")
    order = p.obj("t s s")
    none = p.obj("sel -")
    grid >> order
    order[1] >> named[1]
    order[0] >> none
    is_one = p.obj("t b")
    none[0] >> p.msg("0") >> shown[1]
    none[1] >> is_one >> p.msg("1") >> shown[1]
    return p


def latest() -> Patch:
    """Return sda.latest: what comes too fast comes out less often, and the last of it surely."""
    p = Patch()
    p.comment(
        "sda.latest MS: lists come out at once, but at most every MS milliseconds; of those "
        "between, the last.",
        width=90,
    )
    p.group("at once when idle; when due, if there is news")
    news = p.obj("t b b l")
    kept = p.obj("list")
    waiting = p.obj("f 0")
    idle = p.obj("spigot 1")
    go = p.obj("t b b b b")
    pause = p.obj("del $1")
    due = p.obj("t b b")
    any_ = p.obj("sel 1")
    p.obj("inlet") >> p.obj("list") >> news
    news[2] >> kept[1]
    news[1] >> p.msg("1") >> waiting[1]
    news[0] >> idle >> go
    go[3] >> p.msg("0") >> idle[1]
    go[2] >> p.msg("0") >> waiting[1]
    go[1] >> pause >> due
    go[0] >> kept >> p.obj("outlet")
    due[1] >> p.msg("1") >> idle[1]
    due[0] >> waiting >> any_ >> idle
    return p


def number() -> Patch:
    """Return sda.number: a typed text becomes a number."""
    p = Patch()
    p.comment("sda.number: a symbol such as 12.5 in, a number out; what is no number is dropped.")
    p.group("read as Pd reads")
    kind = p.obj("route float")
    letters = p.obj("list fromsymbol")
    p.obj("inlet") >> letters >> p.obj("list append 59") >> p.obj("fudiparse") >> kind
    kind >> p.obj("outlet")
    return p
