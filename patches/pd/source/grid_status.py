"""What a track says of itself: facts, hints, focus, mutes and solos."""

from document import Patch
from layout import MAX_LEVELS
from palette import ACTIVE, BUTTON, FIELD, PANEL, TEXT, WAITING

SWITCHES = {"mute": WAITING, "solo": ACTIVE}


def grid_status() -> Patch:
    """Return the subpatch that keeps the words and lights of the face true."""
    p = Patch(name="status")
    p.group("name and facts")
    shown = p.obj("r $0-shown")
    grid = p.obj("symbol -")
    none = p.obj("sel -")
    shown >> grid >> none
    p.obj("r $0-grid") >> grid[1]
    none[0] >> p.msg("symbol") >> p.obj("s $0-grid-shown")
    none[1] >> p.obj("s $0-grid-shown")
    facts = p.obj("pack s f f f")
    model = p.obj("symbol -")
    told = p.obj("t b")
    none[1] >> told >> model >> facts
    facts >> p.msg("$1: $2 levels x $3 columns x $4 codes") >> p.obj("sda.label $0-facts")
    none[0] >> p.msg("list") >> p.obj("sda.label $0-facts")
    p.obj("r $0-model") >> model[1]
    for inlet, bus in enumerate(("n-levels", "n-columns", "size"), start=1):
        p.obj(f"r $0-{bus}") >> facts[inlet]

    p.group("nothing to show yet: what to do")
    shown = p.obj("r $0-shown")
    levels = p.obj("f")
    which = p.obj("expr if ($f1 > 0, 2, $f2)")
    say = p.obj("sel 0 1 2")
    hint = p.obj("sda.label $0-hint")
    shown >> levels >> which >> say
    say[0] >> p.msg("waiting for the daemon") >> hint
    say[1] >> p.msg("no grid is open yet: press 'open' and choose a sound") >> hint
    say[2] >> p.msg("list") >> hint
    p.obj("r $0-n-levels") >> levels[1]
    p.obj("r sda-$1-connected") >> which[1]

    p.group("the focus: what others in this patch act on")
    take = p.obj("r $0-take-focus")
    order = p.obj("t b b")
    take >> order
    order[1] >> p.obj("s sda-$1-focus")
    order[0] >> p.obj("f $0") >> p.obj("s sda-$1-track")
    track = p.obj("r sda-$1-track")
    is_mine = p.obj("f")
    own = p.obj("f $0")
    same = p.obj("==")
    changed = p.obj("change -1")
    told = p.obj("t f f")
    track >> is_mine >> same >> changed >> told
    p.obj("loadbang") >> own >> same[1]
    told[1] >> p.obj("s $0-has-focus")
    colour = p.obj("sel 1 0")
    told[0] >> colour
    mark = p.obj("s $0-focus-mark")
    colour[0] >> p.msg(f"color {ACTIVE} {ACTIVE} {ACTIVE}") >> mark
    colour[1] >> p.msg(f"color {PANEL} {PANEL} {PANEL}") >> mark

    p.group("the first track has it from the start")
    begin = p.obj("f $3")
    first = p.obj("sel 0")
    p.obj("loadbang") >> p.obj("del 1") >> begin >> first >> p.obj("s $0-take-focus")

    p.group("with the focus: the grid, its model and the selection are everybody's")
    for bus, kind in (("grid", "symbol -"), ("model", "symbol -"), ("region", "list")):
        value = p.obj(kind)
        gate = p.obj("spigot")
        again = p.obj("t b")
        p.obj("r $0-has-focus") >> again
        now = p.obj("t a a") if kind == "list" else p.obj("t s s")
        p.obj(f"r $0-{bus}") >> now
        now[1] >> value[1]
        now[0] >> gate
        focus = p.obj("r $0-has-focus")
        focus >> gate[1]
        again >> value >> gate >> p.obj(f"s sda-$1-{bus}")

    p.group("levels that are muted or heard alone")
    for outlet, (name, colour_on) in enumerate(SWITCHES.items()):
        p.subpatch(_switch(name, outlet, colour_on))
    p.group("levels that are not there have no buttons")
    p.subpatch(_heads())
    p.group("follow")
    press = p.obj("r $0-follow")
    on = p.obj("f 0")
    flip = p.obj("== 0")
    told = p.obj("t f f f")
    press >> on >> flip >> told
    told[2] >> on[1]
    told[1] >> p.obj("s $0-following")
    look = p.obj("sel 0 1")
    face = p.obj("s $0-follow-face")
    told[0] >> look
    look[0] >> p.msg(f"color {BUTTON} {BUTTON} {TEXT}") >> face
    look[1] >> p.msg(f"color {ACTIVE} {ACTIVE} {PANEL}") >> face
    p.group("it plays")
    playing = p.obj("r $0-playing")
    look = p.obj("sel 0 1")
    face = p.obj("s $0-play-face")
    playing >> look
    look[0] >> p.msg(f"color {BUTTON} {BUTTON} {TEXT}") >> face
    look[1] >> p.msg(f"color {ACTIVE} {ACTIVE} {PANEL}") >> face
    return p


def _switch(name: str, outlet: int, colour: str) -> Patch:
    p = Patch(name=name)
    p.group("told: level, muted, soloed")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route grid")
    mine = p.obj("sda.if-mine $0-grid")
    receive >> topic >> p.obj("route levels") >> mine >> p.obj(f"s $0-{name}-told")
    for level in range(MAX_LEVELS):
        p.group(f"level {level}")
        told = p.obj(f"route {level}")
        fields = p.obj("unpack f f")
        on = p.obj("f 0")
        p.obj(f"r $0-{name}-told") >> told >> fields
        fields[outlet] >> on[1]
        look = p.obj("sel 0 1")
        fields[outlet] >> look
        face = p.obj(f"s $0-{name}-face-{level}")
        look[0] >> p.msg(f"color {BUTTON} {BUTTON} {TEXT}") >> face
        look[1] >> p.msg(f"color {colour} {colour} {PANEL}") >> face
        (
            p.obj(f"r $0-{name}-{level}")
            >> on
            >> p.obj("== 0")
            >> p.obj(f"list prepend {level}")
            >> p.obj(f"sda.to-grid $0 $1 /sda/grid/{name}")
        )
    return p


def _heads() -> Patch:
    p = Patch(name="heads")
    for level in range(MAX_LEVELS):
        p.group(f"level {level}")
        there = p.obj("sel 0 1")
        p.obj("r $0-n-levels") >> p.obj(f"> {level}") >> p.obj("change -1") >> there
        hidden = p.msg(f"color {PANEL} {PANEL} {PANEL}")
        button = p.msg(f"color {BUTTON} {BUTTON} {TEXT}")
        name = p.msg(f"color {FIELD} {FIELD} {TEXT}")
        there[0] >> hidden
        there[1] >> button
        there[1] >> name
        for part in ("mute", "solo", "row"):
            face = p.obj(f"s $0-{part}-face-{level}")
            hidden >> face
            button >> face
        face = p.obj(f"s $0-level-{level}")
        hidden >> face
        name >> face
    return p
