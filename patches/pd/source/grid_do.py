"""What the buttons of a track do, for a hand, a key or a message."""

from document import Box, Patch
from layout import MAX_LEVELS

REGION_COMMANDS = {
    "copy": "/sda/grid/copy", "cut": "/sda/grid/cut", "clear": "/sda/grid/clear",
}  # fmt: skip
GRID_COMMANDS = {"undo": "/sda/grid/undo", "redo": "/sda/grid/redo", "stop": "/sda/play/stop"}
STEPS = ("brighter", "darker")


def grid_do() -> Patch:
    """Return the subpatch in which a bang to ``$0-undo`` and so on is a command."""
    p = Patch(name="do")
    p.comment(
        "Each button is a bang to a name. Where a command needs a region it takes the selection, "
        "and without one the cell under the cursor.",
        width=110,
    )
    p.group("the region that commands act on")
    region = p.obj("r $0-region")
    n_columns = p.obj("unpack f f f f")
    both = p.obj("t l l")
    some = p.obj("spigot")
    region >> both
    both[1] >> n_columns
    n_columns[3] >> p.obj("> 0") >> some[1]
    none = p.obj("t b")
    empty = p.obj("sel 0")
    n_columns[3] >> empty >> none >> p.obj("s $0-region-of-cursor")
    both[0] >> some >> p.obj("s $0-acts-on")
    cursor = p.obj("list")
    fields = p.obj("unpack f f")
    cell = p.obj("pack f f f f")
    p.obj("r $0-region-of-cursor") >> cursor >> fields
    fields[1] >> cell[2]
    fields[0] >> cell >> p.obj("s $0-acts-on")
    moved = p.obj("r $0-cursor")
    order = p.obj("t b l")
    moved >> order
    order[1] >> cursor[1]
    order[0] >> p.obj("s $0-region-of-cursor")
    p.obj("loadbang") >> p.msg("1") >> cell[1]
    p.obj("r $0-every") >> cell[3]

    for title, commands in (
        ("with the region", REGION_COMMANDS),
        ("with the grid", GRID_COMMANDS),
    ):
        p.group(title)
        for name, address in commands.items():
            button = p.obj(f"r $0-{name}")
            if commands is REGION_COMMANDS:
                button = button >> acts_on(p)
            button >> p.obj(f"sda.to-grid $0 $1 {address}")

    p.group("paste at the upper left corner of the region")
    corner = p.obj("unpack f f f f")
    p.obj("r $0-paste") >> acts_on(p) >> corner
    place = p.obj("pack f f")
    corner[2] >> place[1]
    corner[0] >> place >> p.obj("sda.to-grid $0 $1 /sda/grid/paste")

    p.group("a typed code into the whole region")
    code = p.obj("r $0-fill-with")
    order = p.obj("t b f")
    words = p.obj("list append")
    code >> order
    order[1] >> words[1]
    order[0] >> acts_on(p) >> words >> p.obj("sda.to-grid $0 $1 /sda/grid/fill")

    p.group("brighter and darker, by ear")
    for step in STEPS:
        (
            p.obj(f"r $0-{step}")
            >> acts_on(p)
            >> p.obj(f"list append {step}")
            >> p.obj("sda.to-grid $0 $1 /sda/grid/step")
        )

    p.group("the loop: what is selected, or all")
    selected = p.obj("list")
    fields = p.obj("unpack f f f f")
    span = p.obj("pack f f")
    loop = p.obj("sda.to-grid $0 $1 /sda/play/loop")
    p.obj("r $0-play") >> selected >> fields
    p.obj("r $0-region") >> selected[1]
    fields[3] >> span[1]
    fields[2] >> span
    span >> loop

    p.group("space: play, or stop what plays")
    space = p.obj("r $0-play-or-stop")
    playing = p.obj("f")
    which = p.obj("sel 0")
    space >> playing >> which >> p.obj("s $0-play")
    which[1] >> p.obj("t b") >> p.obj("s $0-stop")
    p.obj("r $0-playing") >> playing[1]

    p.group("one level alone, from where the view begins")
    for level in range(MAX_LEVELS):
        row = p.obj(f"r $0-row-{level}")
        start = p.obj("f")
        row >> start >> p.obj(f"list prepend {level}") >> p.obj("sda.to-grid $0 $1 /sda/play/row")
        p.obj("r $0-start") >> start[1]

    p.group("names: of the grid, of its levels")
    rename = p.obj("sda.entry $1 $0-name")
    renamed = p.obj("t s s")
    rename >> renamed
    renamed[1] >> p.obj("sda.to-grid $0 $1 /sda/grid/rename")
    renamed[0] >> p.obj("s $0-want")
    p.obj("r $0-grid-shown") >> rename
    names = p.obj("r $0-level-names")
    each = p.obj("unpack " + " ".join("s" * MAX_LEVELS))
    names >> each
    for level in range(MAX_LEVELS):
        entry = p.obj(f"sda.entry $1 $0-level-{level}")
        each[level] >> entry
        entry >> p.obj(f"list prepend {level}") >> p.obj("sda.to-grid $0 $1 /sda/grid/label")

    p.group("a sound file becomes a grid that has the file's name")
    p.subpatch(_open())
    p.group("at first, and after Escape: nothing is selected")
    nothing = p.msg("0 0 0 0")
    p.obj("r $0-deselect") >> nothing >> p.obj("s $0-region")
    p.obj("loadbang") >> nothing
    return p


def acts_on(p: Patch) -> Box:
    """Add a box that gives, on a bang, the region that commands act on."""
    region = p.obj("list")
    p.obj("r $0-acts-on") >> region[1]
    return region


def _open() -> Patch:
    p = Patch(name="open")
    p.group("choose")
    panel = p.obj("openpanel")
    p.obj("r $0-open") >> panel
    path = p.obj("t s s")
    panel >> path
    p.obj("r $0-open-file") >> path
    path[1] >> p.obj("s $0-open-path")
    path[0] >> p.obj("s $0-open-name")

    p.group("its name without folder and ending")
    folder_and_file = p.obj("file splitname")
    file_name = p.obj("unpack s s")
    ending = p.obj("file splitext")
    stem = p.obj("unpack s s")
    name = p.obj("t s s")
    p.obj("r $0-open-name") >> folder_and_file >> file_name
    file_name[1] >> ending >> stem >> name
    ending[1] >> name
    name[1] >> p.obj("s $0-want")
    name[0] >> p.obj("s $0-open-as")

    p.group("encode it with the chosen model")
    request = p.obj("pack s s s")
    p.obj("r $0-open-as") >> request
    request >> p.obj("list prepend /sda/grid/encode") >> p.obj("s sda-$1-send")
    p.obj("r $0-open-path") >> request[2]
    p.obj("r sda-$1-model") >> request[1]
    p.obj("r $0-model") >> request[1]

    p.group("without a choice: a model that is loaded")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route model")
    kind = p.obj("route state")
    fields = p.obj("unpack s f")
    loaded = p.obj("spigot")
    receive >> topic >> kind >> fields
    fields[1] >> loaded[1]
    fields[0] >> loaded >> request[1]
    return p
