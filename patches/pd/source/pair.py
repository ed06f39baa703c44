"""sda.pair: what two tracks do together: swap and blend."""

from document import Graph, Patch
from palette import ACTIVE_DARK, QUIET
from widgets import button, caption, label, panel, slider

WIDTH, HEIGHT = 1260, 30
BLEND_EVERY_MS = 20
NAMES = ("a", "b")
KEYS = (
    (672, "arrows move  0-9 set"),
    (806, "+ - brighter darker  z y undo redo"),
    (1026, "c x v copy cut paste  space play"),
)
"""Where each begins. Pd draws a text in Tk's own font first: one that reached past the window then
would bring scroll bars, when Tk looks at that very moment."""


def pair() -> Patch:
    """Return the abstraction between two tracks."""
    p = Patch(1300, 700, graph=Graph(WIDTH, HEIGHT, 10, 10))
    _face(p)
    p.at(20, 60)
    p.comment(
        "sda.pair CLIENT: between the tracks of place 0 and 1. What was last selected in one of "
        "them is swapped with the same columns of the other (or with its selection), or blended "
        "towards it: the slider moves the grid while it sounds, 'keep' makes that one step to "
        "undo, 'cancel' takes it back.",
        width=140,
    )
    for place, name in enumerate(NAMES):
        p.group(f"track {name}")
        words = p.obj("route grid region")
        p.obj(f"r sda-$1-track-{place}") >> words
        words[0] >> p.obj("symbol") >> p.obj(f"s $0-grid-{name}")
        region = p.obj("unpack f f f f")
        some = p.obj("spigot")
        both = p.obj("t l l")
        words[1] >> both
        both[1] >> region
        n_columns = p.obj("t f f")
        region[3] >> n_columns
        n_columns[1] >> p.obj("> 0") >> some[1]
        n_columns[0] >> p.obj("sel 0") >> p.msg("-1") >> p.obj(f"s $0-column-{name}")
        order = p.obj("t l l b")
        both[0] >> some >> order
        order[2] >> p.msg(str(NAMES.index(name))) >> p.obj("s $0-side")
        order[1] >> p.obj("s $0-region")
        column = p.obj("unpack f f f f")
        order[0] >> column
        column[2] >> p.obj(f"s $0-column-{name}")

    p.group("the selected one, the other, and the column there")
    for side, (own, other) in enumerate((NAMES, NAMES[::-1])):
        which = p.obj(f"sel {side}")
        order = p.obj("t b b b")
        p.obj("r $0-side") >> which >> order
        grid, partner, column = p.obj("symbol -"), p.obj("symbol -"), p.obj("f -1")
        order[2] >> column >> p.obj("s $0-column-there")
        order[1] >> partner >> p.obj("s $0-there")
        order[0] >> grid >> p.obj("s $0-here")
        p.obj(f"r $0-grid-{own}") >> grid[1]
        p.obj(f"r $0-grid-{other}") >> partner[1]
        p.obj(f"r $0-column-{other}") >> column[1]

    p.group("swap")
    region = p.obj("list")
    fields = p.obj("unpack f f f f")
    column = p.obj("t f f")
    there = p.obj("expr if ($f2 < 0, $f1, $f2)")
    words = p.obj("pack s s f f f f f")
    level = p.obj("t b f")
    here = p.obj("symbol -")
    p.obj("r $0-swap") >> region >> fields
    fields[3] >> words[6]
    fields[2] >> column
    column[1] >> there >> words[5]
    column[0] >> words[4]
    fields[1] >> words[3]
    fields[0] >> level
    level[1] >> words[2]
    level[0] >> here >> words
    words >> p.obj("list prepend /sda/grid/swap") >> p.obj("s sda-$1-send")
    p.obj("r $0-region") >> region[1]
    p.obj("r $0-here") >> here[1]
    p.obj("r $0-there") >> words[1]
    p.obj("r $0-column-there") >> there[1]

    p.group("blend: the region, the amount, the column there")
    amount = p.obj("r $0-amount")
    order = p.obj("t b f f")
    region = p.obj("list")
    words = p.obj("list append")
    amount >> order
    order[2] >> p.obj("expr int(100 * $f1 + 0.5)") >> p.msg("$1 %") >> p.obj("sda.label $0-percent")
    order[1] >> p.obj("pack f f") >> words[1]
    tail = p.boxes[-1]
    p.obj("r $0-column-there") >> tail[1]
    named = p.obj("list prepend")
    to_daemon = p.obj(f"sda.latest {BLEND_EVERY_MS}")
    order[0] >> region >> words >> named >> p.obj("list prepend /sda/blend/set") >> to_daemon
    to_daemon >> p.obj("s sda-$1-send")
    p.obj("r $0-region") >> region[1]
    pair_names = p.obj("pack s s")
    p.obj("r $0-here") >> pair_names >> named[1]
    p.obj("r $0-there") >> pair_names[1]

    p.group("keep it, or take it back")
    for name in ("commit", "cancel"):
        grid = p.obj("symbol -")
        order = p.obj("t b b")
        p.obj(f"r $0-{name}") >> order
        order[1] >> p.msg("0") >> p.obj("s $0-amount-shown")
        order[0] >> grid >> p.obj(f"list prepend /sda/blend/{name}") >> p.obj("s sda-$1-send")
        p.obj("r $0-here") >> grid[1]

    p.group("what it came to: how far the columns land from their codes")
    receive = p.obj("r sda-$1-in")
    answer = p.obj("route done fail")
    blend = p.obj("route /sda/blend/set")
    distance = p.obj("unpack f f")
    receive >> answer >> blend >> distance
    (
        distance[1]
        >> p.obj("expr int(100 * $f1 + 0.5) / 100")
        >> p.msg("distance $1")
        >> p.obj("sda.label $0-distance")
    )
    return p


def _face(p: Patch) -> None:
    panel(p, 10, 10, WIDTH, HEIGHT)
    button(p, 20, 15, 60, "swap", "$0-swap")
    caption(p, 104, 17, "blend")
    slider(p, 146, 17, 240, low=0, high=1, send="$0-amount", receive="$0-amount-shown")
    label(p, 396, 17, "0 %", name="$0-percent", size=11)
    button(p, 440, 15, 60, "keep", "$0-commit", colour=ACTIVE_DARK)
    button(p, 504, 15, 60, "cancel", "$0-cancel")
    label(p, 576, 17, "", name="$0-distance", size=11, colour=QUIET)
    for x, text in KEYS:
        label(p, x, 18, text, size=10, colour=QUIET)
