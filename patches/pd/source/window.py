"""sda.window: which columns are visible."""

from document import Patch
from layout import WINDOW_COLUMNS

STEPS = {
    "sda-page-left": -WINDOW_COLUMNS,
    "sda-left": -1,
    "sda-right": 1,
    "sda-page-right": WINDOW_COLUMNS,
}


def window() -> Patch:
    """Return the abstraction that scrolls by sda-scroll COLUMN and sda-step COLUMNS."""
    p = Patch(900, 580)
    p.at(20, 16)
    p.comment(
        f"sda.window: the view is {WINDOW_COLUMNS} columns wide. 'sda-scroll COLUMN' makes that "
        "the first one, 'sda-step COLUMNS' moves it. What is then visible goes out as sda-start "
        "and sda-n-visible.",
        width=110,
    )
    p.at(20, 90)
    scroll = p.obj("r sda-scroll")
    p.at(20, 220)
    whole = p.obj("i")
    clip = p.obj("clip 0 0")
    changed = p.obj("change -1")
    order = p.obj("t b b f f f")
    view_changed = p.obj("s sda-view-changed")
    scroll >> whole >> clip >> changed >> order >> view_changed
    p.at(140, 90)
    step = p.obj("r sda-step")
    move = p.obj("+")
    step >> move >> whole
    order[2] >> move[1]
    p.at(20, 440)
    p.comment("the buttons", width=20)
    for place, (name, distance) in enumerate(STEPS.items()):
        p.at(20 + 150 * place, 466)
        button = p.obj(f"r {name}")
        button >> p.msg(str(distance)) >> p.obj("s sda-step")
    p.at(180, 350)
    to_start = p.obj("s sda-start")
    order[4] >> to_start
    p.at(180, 300)
    set_slider = p.msg("set $1")

    p.at(320, 90)
    columns = p.obj("r sda-n-columns")
    spread = p.obj("t b f f")
    last_start = p.obj(f"- {WINDOW_COLUMNS}")
    not_negative = p.obj("max 0")
    limits = p.obj("t b f f")
    again = p.obj("f")
    columns >> spread
    spread[1] >> last_start >> not_negative >> limits >> again >> whole
    limits[1] >> clip[2]
    order[3] >> again[1]
    p.at(440, 246)
    some_range = p.obj("max 1")
    slider_range = p.msg("range 0 $1")
    slider = p.obj("s sda-show-scroll")
    limits[2] >> some_range >> slider_range >> slider
    order[4] >> set_slider >> slider
    again >> set_slider

    p.at(640, 90)
    count = p.obj("f")
    left = p.obj("-")
    visible = p.obj(f"clip 0 {WINDOW_COLUMNS}")
    split = p.obj("t f f")
    last = p.obj("+")
    before_end = p.obj("- 1")
    fields = p.obj("pack f f f")
    text = p.msg("columns $2 to $1 of $3")
    show = p.obj("sda.label sda-show-columns")
    p.at(780, 190)
    to_visible = p.obj("s sda-n-visible")
    spread[2] >> count[1]
    spread[2] >> fields[2]
    spread[0] >> count
    order[1] >> count
    order[3] >> left[1]
    order[3] >> last[1]
    count >> left >> visible >> split >> last >> before_end >> fields
    fields >> text >> show
    order[3] >> fields[1]
    split[1] >> to_visible
    return p
