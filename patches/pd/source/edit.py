"""sda.edit: what a hand does to a cell."""

from document import Box, Patch

DRAG_RESTS_MS = 80
TYPING_RESTS_MS = 700
HEAR_EVERY_MS = 40


def edit() -> Patch:
    """Return the abstraction that turns clicks, drags and typing into commands."""
    p = Patch(1220, 740)
    p.at(20, 16)
    p.comment(
        "sda.edit: a click plays the code, a drag or typing changes it. The daemon is told when "
        f"the hand rests ({DRAG_RESTS_MS} ms after a drag, {TYPING_RESTS_MS} ms or Enter after "
        "typing), so that a drag is one step to undo. Meanwhile each new code is played, unless "
        "the loop plays.",
        width=140,
    )
    p.at(20, 100)
    events = p.obj("r sda-cell-event")
    kind = p.obj("route click change")
    events >> kind

    p.at(20, 170)
    p.comment("click: hear it", width=20)
    clicked = p.obj("unpack p")
    get_code = p.obj("get sda-cell level code")
    heard = p.obj("pack f f")
    click_order = p.obj("t l b")
    flush_first = p.obj("s sda-flush")
    play = p.obj("s sda-hear")
    kind[0] >> clicked >> get_code >> heard >> click_order >> play
    get_code[1] >> heard[1]
    click_order[1] >> flush_first

    p.at(300, 170)
    p.comment("change: whole numbers that are codes", width=40)
    keys = p.subpatch(_keys())
    changed = p.obj("unpack p")
    both = p.obj("t p p")
    get = p.obj("get sda-cell level slot code")
    p.at(300, 400)
    cell = p.obj("pack f f f")
    p.at(520, 290)
    whole = p.obj("i")
    clip = p.obj("clip 0 63")
    code = p.obj("t f f")
    paint = p.obj("sda.paint")
    p.at(420, 310)
    column = p.obj("+")
    kind[1] >> keys >> changed >> both >> get >> cell
    both[1] >> paint[1]
    get[1] >> column >> cell[1]
    get[2] >> whole >> clip >> code
    code[1] >> paint
    code[0] >> cell[2]
    p.at(620, 170)
    size = p.obj("r sda-codebook-size")
    largest = p.obj("- 1")
    size >> largest >> clip[2]
    p.at(620, 230)
    start = p.obj("r sda-start")
    start >> column[1]

    p.at(300, 430)
    p.comment("pending until the hand rests: level, column, code", width=50)
    pending = p.obj("t b l l l")
    rest = p.obj(f"f {DRAG_RESTS_MS}")
    timer = p.obj("del")
    cell >> pending >> rest >> timer
    keys[1] >> rest[1]
    p.at(420, 482)
    hold = p.obj("list")
    pending[2] >> hold[1]
    p.at(480, 482)
    raise_flag = p.msg("1")
    pending[3] >> raise_flag
    p.at(300, 550)
    has = p.obj("f")
    if_has = p.obj("sel 1")
    commit = p.obj("t b b")
    raise_flag >> has[1]
    timer >> has >> if_has >> commit
    p.at(420, 600)
    lower_flag = p.msg("0")
    commit[1] >> lower_flag >> has[1]
    p.at(300, 640)
    set_code = p.obj("list prepend /sda/grid/set")
    send = p.obj("s sda-send")
    commit[0] >> hold >> set_code >> send
    p.at(520, 540)
    flush = p.obj("r sda-flush")
    flush >> has
    p.at(520, 590)
    _prefix(p, "r sda-grid", "/sda/grid/set", set_code)

    p.at(720, 380)
    p.comment("a code that is dragged through", width=30)
    drop_column = p.obj("unpack f f f")
    new_heard = p.obj("pack f f")
    dragged = p.obj("s sda-hear-while-dragging")
    pending[1] >> drop_column >> new_heard >> dragged
    drop_column[2] >> new_heard[1]

    p.at(940, 100)
    p.comment("hear: level, code", width=24)
    hear = p.obj("r sda-hear")
    play_code = p.obj("list prepend /sda/play/code")
    send_play = p.obj("s sda-send")
    hear >> play_code >> send_play
    p.at(940, 204)
    _prefix(p, "r sda-model", "/sda/play/code", play_code)

    p.at(940, 310)
    p.comment(f"while dragging: every {HEAR_EVERY_MS} ms, the latest, in a pause", width=28)
    while_dragging = p.obj("r sda-hear-while-dragging")
    silent = p.obj("spigot 1")
    latest = p.obj("t b l")
    idle = p.obj("spigot 1")
    begin = p.obj("t b b")
    wait = p.obj(f"del {HEAR_EVERY_MS}")
    due = p.obj("t b b")
    p.at(940, 556)
    newest = p.obj("list")
    to_hear = p.obj("s sda-hear")
    while_dragging >> silent >> latest >> idle >> begin >> wait >> due >> newest >> to_hear
    latest[1] >> newest[1]
    p.at(1060, 450)
    shut = p.msg("0")
    opened = p.msg("1")
    begin[1] >> shut >> idle[1]
    due[1] >> opened >> idle[1]
    p.at(1080, 384)
    playing = p.obj("r sda-playing")
    pause = p.obj("== 0")
    playing >> pause >> silent[1]

    p.at(20, 640)
    receive = p.obj("r sda-receive")
    refused = p.obj("route fail")
    set_refused = p.obj("route /sda/grid/set")
    p.at(180, 640)
    truth = p.obj("t b")
    show_truth = p.obj("s sda-refill")
    receive >> refused >> set_refused >> truth >> show_truth

    p.at(620, 560)
    p.subpatch(_columns())
    return p


def _prefix(p: Patch, source: str, address: str, target: Box) -> None:
    """Keep "address name" in the cold inlet of ``target``, a [list prepend]."""
    name = p.obj(source)
    as_list = p.obj("list")
    with_address = p.obj(f"list prepend {address}")
    name >> as_list >> with_address >> target[1]


def _keys() -> Patch:
    p = Patch(760, 420, name="keys")
    p.at(20, 16)
    p.comment(
        "Typing rests longer than dragging. A key that is no digit ends the number: Pd would make "
        "it a zero, were it the first, so that change is refused and the true code shown.",
        width=90,
    )
    p.at(20, 90)
    key = p.obj("key")
    is_digit = p.obj("expr $f1 >= 48 && $f1 <= 57 || $f1 == 8")
    which = p.obj("sel 1 0")
    p.at(20, 180)
    digit = p.obj("t b b b")
    longer = p.msg(str(TYPING_RESTS_MS))
    p.at(120, 180)
    other = p.obj("t b b")
    refuse = p.msg("0")
    p.at(20, 250)
    # The change comes right after its key, before the clock moves on.
    afterwards = p.obj("del 0")
    usual = p.obj("t b b")
    usual_rest = p.msg(str(DRAG_RESTS_MS))
    p.at(120, 302)
    accept = p.msg("1")
    key >> is_digit >> which >> digit >> afterwards >> usual >> usual_rest
    digit[1] >> longer
    digit[2] >> accept
    which[1] >> other >> afterwards
    other[1] >> refuse
    usual[1] >> accept

    p.at(380, 120)
    change = p.obj("inlet")
    accepting = p.obj("spigot 1")
    p.at(380, 360)
    accepted = p.obj("outlet")
    p.at(520, 360)
    rest = p.obj("outlet")
    change >> accepting >> accepted
    usual_rest >> rest
    longer >> rest
    p.at(520, 146)
    refusing = p.obj("spigot 0")
    ended = p.obj("t b b")
    truth = p.obj("s sda-view-changed")
    p.at(600, 120)
    is_refused = p.obj("== 0")
    p.at(600, 224)
    flush = p.obj("s sda-flush")
    change >> refusing >> ended >> truth
    ended[1] >> flush
    for gate in (refuse, accept):
        gate >> accepting[1]
        gate >> is_refused
    is_refused >> refusing[1]
    return p


def _columns() -> Patch:
    p = Patch(640, 400, name="column-numbers")
    p.at(20, 16)
    p.comment("A click on a column number plays it. Dragging one changes nothing.", width=80)
    events = p.obj("r sda-column-event")
    kind = p.obj("route click change")
    pointer = p.obj("unpack p")
    get = p.obj("get sda-column column")
    play = p.obj("list prepend /sda/play/column")
    send = p.obj("s sda-send")
    events >> kind >> pointer >> get >> play >> send
    p.at(320, 120)
    _prefix(p, "r sda-grid", "/sda/play/column", play)
    p.at(320, 240)
    restore = p.obj("t b")
    refill = p.obj("s sda-refill")
    kind[1] >> restore >> refill
    return p
