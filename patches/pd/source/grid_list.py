"""Which grids are open, and which of them this track shows."""

from document import Patch


def grid_list() -> Patch:
    """Return the subpatch that keeps the list of grids and tells the others what is shown."""
    p = Patch(1240, 900, name="list")
    p.at(20, 16)
    p.comment(
        "One line of text for each open grid: name, model, levels, columns, codebook size, "
        "revision, level names. What is shown goes out as $0-grid, $0-model, $0-n-levels, "
        "$0-n-columns, $0-size and $0-level-names, then a bang to $0-shown.",
        width=130,
    )
    p.at(20, 90)
    table = p.obj("text define $0-grids")
    p.at(20, 150)
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route grid")
    kind = p.obj("route state closed renamed")
    receive >> topic >> kind

    p.at(20, 250)
    p.comment("opened, resized or relabelled", width=30)
    line = p.obj("list")
    stored = p.obj("t b l l")
    p.at(20, 420)
    store = p.obj("text set $0-grids")
    kind[0] >> line >> stored
    p.at(120, 330)
    key = p.obj("list split 1")
    find = p.obj("text search $0-grids 0")
    is_new = p.obj("sel -1")
    p.at(200, 420)
    end = p.msg("1000000")
    stored[2] >> key >> find >> is_new >> end >> store[1]
    is_new[1] >> store[1]
    stored[1] >> store

    p.at(320, 250)
    p.comment("closed", width=30)
    name = p.obj("list")
    find_closed = p.obj("text search $0-grids 0")
    is_known = p.obj("moses 0")
    drop = p.obj("t b f")
    delete = p.obj("text delete $0-grids")
    kind[1] >> name >> find_closed >> is_known
    is_known[1] >> drop
    drop[1] >> delete

    p.at(320, 430)
    p.comment("a new connection, or none: forget them", width=30)
    connected = p.obj("r sda-$1-connected")
    forget = p.obj("t b b")
    clear = p.msg("clear")
    connected >> forget
    forget[1] >> clear >> table

    p.at(620, 100)
    p.comment("choose: the wanted grid, or stay, or the first of one's own", width=70)
    # A new subscriber is told of every grid at once; one look at the end is enough.
    soon = p.obj("del 10")
    size = p.obj("text size $0-grids")
    counted = p.obj("t f f f")
    is_empty = p.obj("sel 0")
    pick = p.obj("t b")
    wanted = p.obj("symbol $2")
    find_wanted = p.obj("text search $0-grids 0")
    is_missing = p.obj("sel -1")
    stay = p.obj("symbol -")
    find_shown = p.obj("text search $0-grids 0")
    not_there = p.obj("moses 0")
    first = p.subpatch(_first())
    shown = p.obj("t f f")
    show = p.obj("text get $0-grids")
    split = p.obj("t l l")
    fields = p.obj("unpack s s f f f f")
    for change in (stored[0], drop[0], forget[0]):
        change >> soon
    soon >> size >> counted >> is_empty
    is_empty[1] >> pick >> wanted >> find_wanted >> is_missing >> stay
    stay >> find_shown >> not_there >> first >> shown
    counted[2] >> first[1]
    not_there[1] >> shown
    is_missing[1] >> shown
    shown >> show >> split >> fields

    p.at(620, 600)
    grid = p.obj("t b s")
    shown_bang = p.obj("s $0-shown")
    p.at(620, 670)
    fields[0] >> grid >> shown_bang
    grid[1] >> p.obj("s $0-grid")
    grid[1] >> stay[1]
    # The wanted one was found or not, but it is not wanted for ever.
    p.at(780, 670)
    for outlet, target in enumerate(("model", "n-levels", "n-columns", "size"), start=1):
        fields[outlet] >> p.obj(f"s $0-{target}")
    p.at(860, 560)
    names = p.obj("list split 6")
    to_names = p.obj("s $0-level-names")
    split[1] >> names
    names[1] >> to_names

    p.at(960, 670)
    p.comment("none is open", width=20)
    empty = p.obj("t b b b")
    none = p.obj("symbol -")
    zero = p.msg("0")
    is_empty[0] >> empty
    empty[2] >> zero
    zero >> p.obj("s $0-n-levels")
    zero >> p.obj("s $0-n-columns")
    p.at(1080, 722)
    empty[1] >> none >> p.obj("s $0-grid")
    none >> stay[1]
    empty[0] >> shown_bang

    p.at(900, 126)
    previous = p.obj("r $0-previous")
    back = p.msg("-1")
    p.at(1000, 126)
    following = p.obj("r $0-next")
    forward = p.msg("1")
    p.at(900, 200)
    index = p.obj("+")
    wrap = p.obj("mod")
    nth = p.obj("text get $0-grids 0 1")
    as_symbol = p.obj("symbol")
    choose = p.obj("t b s")
    previous >> back >> index
    following >> forward >> index
    index >> wrap >> nth >> as_symbol >> choose
    choose[1] >> wanted[1]
    choose[0] >> soon
    shown[1] >> index[1]
    counted[1] >> wrap[1]
    p.at(1060, 200)
    asked = p.obj("r $0-show")
    asked >> choose
    p.at(1060, 260)
    everywhere = p.obj("r sda-$1-want-grid")
    focused = p.obj("spigot")
    everywhere >> focused >> choose
    p.at(1140, 230)
    p.obj("r $0-has-focus") >> focused[1]
    return p


def _first() -> Patch:
    p = Patch(420, 260, name="first")
    p.at(20, 16)
    p.comment("where to begin: at $3, if so many are open", width=50)
    inlet = p.obj("inlet")
    start = p.obj("t b")
    third = p.obj("f $3")
    last = p.obj("min")
    outlet = p.obj("outlet")
    inlet >> start >> third >> last >> outlet
    p.at(200, 42)
    count = p.obj("inlet")
    before = p.obj("- 1")
    count >> before >> last[1]
    return p
