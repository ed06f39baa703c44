"""Which columns a track shows: where it begins and how wide a column is."""

from document import Patch
from layout import N_SLOTS

RULER_MARKS = 8
NEAREST, FARTHEST = -2, 12
"""Zoom 0 has one slot for a column, -1 two, -2 four; 1 has two columns in a slot, and so on."""


def grid_view() -> Patch:
    """Return the subpatch that scrolls and zooms."""
    p = Patch(name="view")
    p.comment(
        f"There are {N_SLOTS} slots. A column takes $0-slots of them, or $0-every columns share "
        "one; $0-start is the first column and $0-n-shown the slots in use. $0-view is banged "
        "when one of these has changed.",
        width=120,
    )

    p.group("zoom")
    nearer, farther, fit, given = (
        p.obj(f"r $0-zoom-{name}") for name in ("in", "out", "fit", "to")
    )
    step = p.obj("+")
    nearer >> p.msg("-1") >> step
    farther >> p.msg("1") >> step
    all_columns = p.obj("f")
    needed = p.obj(f"expr ceil(ln(max($f1, {N_SLOTS}) / {N_SLOTS}) / ln(2) - 0.000001)")
    limits = p.obj(f"clip {NEAREST} {FARTHEST}")
    fit >> all_columns >> needed >> limits
    given >> limits
    step >> limits >> p.obj("s $0-zoom")
    p.obj("r $0-zoom") >> step[1]
    p.obj("r $0-n-columns") >> all_columns[1]

    p.group("what a zoom means")
    zoom = p.obj("r $0-zoom")
    order = p.obj("t b f f")
    zoom >> order
    order[2] >> p.obj("expr if ($f1 < 0, pow(2, 0 - $f1), 1)") >> p.obj("s $0-slots")
    order[1] >> p.obj("expr if ($f1 > 0, pow(2, $f1), 1)") >> p.obj("s $0-every")
    order[0] >> p.obj("s $0-place-again")
    p.obj("loadbang") >> p.msg("0") >> p.obj("s $0-zoom")

    p.group("the last place to begin, when the sound or the zoom changes")
    again = p.obj("r $0-place-again")
    again_order = p.obj("t b b")
    n_columns = p.obj("f")
    last = p.obj(f"expr max(0, $f1 - {N_SLOTS} * $f2 / $f3)")
    again >> again_order
    again_order[1] >> n_columns >> last >> p.obj("s $0-last-start")
    again_order[0] >> p.obj("s $0-scroll-again")
    p.obj("r $0-n-columns") >> n_columns[1]
    p.obj("r $0-every") >> last[1]
    p.obj("r $0-slots") >> last[2]
    p.obj("r $0-shown") >> again_order

    p.group("scroll")
    scroll = p.obj("r $0-scroll")
    whole = p.obj("i")
    clip = p.obj("clip 0 0")
    aligned = p.obj("expr int($f1 / $f2) * $f2")
    told = p.obj("t b b f f")
    same = p.obj("f")
    scroll >> whole >> clip >> aligned >> told
    p.obj("r $0-scroll-again") >> same >> clip
    told[3] >> same[1]
    told[2] >> p.obj("s $0-start")
    told[1] >> p.obj("s $0-count-shown")
    told[0] >> p.obj("s $0-view")
    p.obj("r $0-last-start") >> clip[2]
    p.obj("r $0-every") >> aligned[1]

    p.group("how many slots are in use")
    count = p.obj("r $0-count-shown")
    n_left = p.obj("f")
    slots = p.obj(f"expr min({N_SLOTS}, max(0, ceil(($f1 - $f2) / $f3)) * $f4)")
    count >> n_left >> slots >> p.obj("s $0-n-shown")
    p.obj("r $0-n-columns") >> n_left[1]
    for inlet, name in enumerate(("start", "every", "slots"), start=1):
        p.obj(f"r $0-{name}") >> slots[inlet]

    p.group("the slider below, and how much is seen")
    p.obj("r $0-last-start") >> p.obj("max 1") >> p.msg("range 0 $1") >> p.obj("s $0-scroll-shown")
    p.obj("r $0-start") >> p.msg("set $1") >> p.obj("s $0-scroll-shown")
    seen = p.obj("f")
    text = p.obj(f"expr {N_SLOTS} * $f1 / $f2")
    p.obj("r $0-view") >> seen >> text >> p.msg("$1 col") >> p.obj("sda.label $0-view-columns")
    p.obj("r $0-every") >> seen[1]
    p.obj("r $0-slots") >> text[1]

    p.group("the numbers above; none after the end")
    start = p.obj("f")
    place = p.obj("pack f f f f")
    p.obj("r $0-view") >> start >> place
    for inlet, name in enumerate(("every", "slots", "n-columns"), start=1):
        p.obj(f"r $0-{name}") >> place[inlet]
    p.obj("r $0-start") >> start[1]
    for mark in range(RULER_MARKS):
        column = f"$f1 + {mark * N_SLOTS // RULER_MARKS} * $f2 / $f3"
        number = p.obj(f"expr if ({column} < $f4, {column}, -1)")
        inside = p.obj("moses 0")
        text = p.obj(f"sda.label $0-ruler-{mark}")
        place >> number >> inside >> p.msg("list") >> text
        inside[1] >> text
    return p
