"""sda.grids: which grids are open, and which of them is shown."""

from document import Patch


def grids() -> Patch:
    """Return the abstraction that keeps the list of grids and tells the parts what is shown."""
    p = Patch(1060, 820)
    p.at(20, 16)
    p.comment(
        "sda.grids: one line of text for each open grid: name, model, levels, columns, codebook "
        "size, revision, level names. What is shown goes out as sda-grid, sda-model, "
        "sda-n-levels, sda-n-columns, sda-codebook-size and sda-level-names, then a bang to "
        "sda-grid-shown.",
        width=130,
    )
    p.at(20, 100)
    table = p.obj("text define sda-grids")
    p.at(20, 150)
    receive = p.obj("r sda-receive")
    topic = p.obj("route grid")
    kind = p.obj("route state closed")
    receive >> topic >> kind

    p.at(20, 250)
    p.comment("opened, resized or relabelled", width=30)
    line = p.obj("list")
    stored = p.obj("t b l l")
    p.at(20, 420)
    store = p.obj("text set sda-grids")
    kind[0] >> line >> stored
    p.at(120, 306)
    key = p.obj("list split 1")
    find = p.obj("text search sda-grids 0")
    is_new = p.obj("sel -1")
    end = p.msg("1000000")
    stored[2] >> key >> find >> is_new >> end >> store[1]
    is_new[1] >> store[1]
    stored[1] >> store

    p.at(320, 250)
    p.comment("closed", width=30)
    name = p.obj("list")
    find_closed = p.obj("text search sda-grids 0")
    is_known = p.obj("moses 0")
    drop = p.obj("t b f")
    delete = p.obj("text delete sda-grids")
    kind[1] >> name >> find_closed >> is_known
    is_known[1] >> drop
    drop[1] >> delete

    p.at(320, 430)
    p.comment("a new connection: forget them", width=30)
    connected = p.obj("r sda-connected")
    is_up = p.obj("sel 1")
    forget = p.obj("t b b")
    clear = p.msg("clear")
    connected >> is_up >> forget
    forget[1] >> clear >> table

    p.at(560, 100)
    p.comment("choose: the wanted grid, or stay, or the first", width=40)
    # A new subscriber is told of every grid at once; one look at the end is enough.
    soon = p.obj("del 10")
    size = p.obj("text size sda-grids")
    counted = p.obj("t f f")
    is_empty = p.obj("sel 0")
    pick = p.obj("t b")
    wanted = p.obj("symbol -")
    find_wanted = p.obj("text search sda-grids 0")
    is_missing = p.obj("sel -1")
    stay = p.obj("symbol -")
    find_shown = p.obj("text search sda-grids 0")
    at_least_first = p.obj("max 0")
    shown = p.obj("t f f f")
    show = p.obj("text get sda-grids")
    split = p.obj("t l l")
    fields = p.obj("unpack s s f f f f")
    stored[0] >> soon
    drop[0] >> soon
    forget[0] >> soon
    soon >> size >> counted >> is_empty
    is_empty[1] >> pick >> wanted >> find_wanted >> is_missing >> stay
    stay >> find_shown >> at_least_first >> shown
    is_missing[1] >> shown
    shown >> show >> split >> fields

    p.at(560, 540)
    grid = p.obj("t b s")
    shown_bang = p.obj("s sda-grid-shown")
    p.at(560, 596)
    to_grid = p.obj("s sda-grid")
    to_model = p.obj("s sda-model")
    to_levels = p.obj("s sda-n-levels")
    to_columns = p.obj("s sda-n-columns")
    to_size = p.obj("s sda-codebook-size")
    fields[0] >> grid >> shown_bang
    grid[1] >> to_grid
    grid[1] >> stay[1]
    fields[1] >> to_model
    fields[2] >> to_levels
    fields[3] >> to_columns
    fields[4] >> to_size
    p.at(720, 500)
    names = p.obj("list split 6")
    to_names = p.obj("s sda-level-names")
    split[1] >> names
    names[1] >> to_names

    p.at(720, 580)
    p.comment("none is open", width=20)
    empty = p.obj("t b b b")
    none = p.msg("symbol -")
    zero = p.msg("0")
    is_empty[0] >> empty
    empty[2] >> zero >> to_levels
    zero >> to_columns
    empty[1] >> none >> to_grid
    empty[0] >> shown_bang

    p.at(820, 150)
    p.comment("previous and next", width=20)
    previous = p.obj("r sda-previous-grid")
    back = p.msg("-1")
    following = p.obj("r sda-next-grid")
    forward = p.msg("1")
    p.at(820, 280)
    flush = p.obj("t f b")
    to_flush = p.obj("s sda-flush")
    p.at(820, 340)
    index = p.obj("+")
    wrap = p.obj("mod")
    nth = p.obj("text get sda-grids 0 1")
    as_symbol = p.obj("symbol")
    choose = p.obj("t b s")
    previous >> back >> flush
    following >> forward >> flush
    flush[1] >> to_flush
    flush[0] >> index >> wrap >> nth >> as_symbol >> choose
    choose[1] >> wanted[1]
    choose[0] >> soon
    shown[2] >> index[1]
    counted[1] >> wrap[1]
    p.at(880, 440)
    asked = p.obj("r sda-want-grid")
    asked >> choose

    p.at(560, 730)
    position = p.obj("+ 1")
    to_position = p.obj("s sda-grid-position")
    shown[1] >> position >> to_position
    p.at(720, 730)
    to_count = p.obj("s sda-n-grids")
    counted[1] >> to_count
    return p
