"""sda.transport: what the buttons mean."""

from document import Patch

COMMANDS = {
    "sda-play": "/sda/play/loop",
    "sda-stop": "/sda/play/stop",
    "sda-undo": "/sda/grid/undo",
    "sda-redo": "/sda/grid/redo",
    "sda-render": "/sda/grid/render",
}


def transport() -> Patch:
    """Return the abstraction in which a bang to sda-play, sda-undo and so on is a command."""
    p = Patch(1160, 640)
    p.at(20, 16)
    p.comment(
        "sda.transport: each button is a bang to a name: sda-play, sda-play-page, sda-stop, "
        "sda-undo, sda-redo, sda-render, sda-open. Anything else in Pd may send them too.",
        width=130,
    )
    p.at(20, 480)
    any_grid = p.obj("spigot")
    send = p.obj("s sda-send")
    p.at(120, 480)
    levels = p.obj("r sda-n-levels")
    levels >> any_grid[1]
    p.at(280, 480)
    current = p.obj("r sda-grid")
    for column, (button, address) in enumerate(COMMANDS.items()):
        p.at(20 + 220 * column, 90)
        bang = p.obj(f"r {button}")
        order = p.obj("t b b")
        p.at(20 + 220 * column, 170)
        grid = p.obj("symbol -")
        command = p.obj(f"list prepend {address}")
        bang >> order >> grid >> command >> any_grid
        p.at(90 + 220 * column, 142)
        order[1] >> p.obj("s sda-flush")
        current >> grid[1]
    any_grid >> send

    p.at(20, 260)
    p.comment("the visible columns only", width=30)
    page = p.obj("r sda-play-page")
    order = p.obj("t b b")
    p.at(20, 370)
    start = p.obj("f")
    region = p.obj("pack f f")
    loop = p.obj("list prepend /sda/play/loop")
    page >> order >> start >> region >> loop >> any_grid
    p.at(90, 340)
    order[1] >> p.obj("s sda-flush")
    p.at(160, 370)
    first = p.obj("r sda-start")
    p.at(280, 370)
    n_visible = p.obj("r sda-n-visible")
    first >> start[1]
    n_visible >> region[1]
    p.at(280, 400)
    loop_of = p.obj("list prepend /sda/play/loop")
    as_list = p.obj("list")
    current >> as_list >> loop_of >> loop[1]

    p.at(600, 260)
    p.comment("a sound file becomes a grid that has the file's name", width=30)
    ask = p.obj("r sda-open")
    panel = p.obj("openpanel")
    ask >> panel
    p.at(720, 310)
    given = p.obj("r sda-open-file")
    p.at(600, 360)
    path = p.obj("t s s")
    folder_and_file = p.obj("file splitname")
    file_name = p.obj("unpack s s")
    p.at(660, 440)
    stem_and_ending = p.obj("file splitext")
    stem = p.obj("unpack s s")
    name = p.obj("t s s")
    request = p.obj("pack s s s")
    encode = p.obj("list prepend /sda/grid/encode")
    send_encode = p.obj("s sda-send")
    panel >> path >> folder_and_file >> file_name
    given >> path
    file_name[1] >> stem_and_ending >> stem >> name >> request >> encode >> send_encode
    stem_and_ending[1] >> name
    path[1] >> request[2]
    p.at(860, 470)
    want = p.obj("s sda-want-grid")
    name[1] >> want
    p.at(860, 310)
    shown_model = p.obj("r sda-model")
    p.at(980, 310)
    receive = p.obj("r sda-receive")
    topic = p.obj("route model")
    state = p.obj("route state")
    fields = p.obj("unpack s f")
    loaded = p.obj("spigot")
    receive >> topic >> state >> fields >> loaded >> request[1]
    fields[1] >> loaded[1]
    shown_model >> request[1]
    return p
