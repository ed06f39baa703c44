"""The patchers of the connection and of a grid."""

from patcher import TEXT_COLOUR, Patcher

CLIENT_SIZE = (420.0, 26.0)
GRID_SIZE = (820.0, 190.0)
SMALL_GRID_SIZE = (640.0, 138.0)
"""There is room for that in a device of Live."""
_TOOLS = 26.0


def client() -> Patcher:
    """sda.client NAME: the connection of all parts with that name."""
    p = Patcher(*CLIENT_SIZE)
    p.comment(
        "sda.client NAME: the connection to an sdaudio daemon. Parts with the same NAME speak "
        "through it. In: connect HOST PORT, token TEXT, disconnect, or any command such as "
        "/sda/status. Out: all that the daemon says; connected 1 or 0.",
        (20, 40, 560, 62),
    )
    commands = p.box("inlet", (20, 120, 30, 30), 0, 1, comment="commands")
    others = p.obj("r #1-sda-send", 330, 124, inlets=0)
    js = p.obj("js sda.client.js", 20, 200, inlets=2, outlets=5)
    sent = p.obj("udpsend 127.0.0.1 5630", 20, 260, outlets=0)
    heard = p.obj("udpreceive 20001", 200, 290)
    out = p.obj("s #1-sda-in", 20, 330, outlets=0)
    left = p.box("outlet", (200, 340, 30, 30), 1, 0, comment="answers and events")
    right = p.box("outlet", (260, 340, 30, 30), 1, 0, comment="connected 1 or 0")
    own = p.obj("route connect token disconnect reconnect", 20, 160, outlets=5)
    for number, word in enumerate(("connect", "token", "disconnect", "reconnect")):
        again = p.obj(f"prepend {word}", 330 + 150 * number, 160)
        own[number] >> again >> js
    light = p.box(
        "led", (480, 260, 18, 18), 1, 1, shown=(4, 4, 18, 18), types=["int"],
        oncolor=[0.184314, 0.74902, 0.560784, 1.0], parameter_enable=0,
    )  # fmt: skip
    is_connected = p.obj("route connected", 480, 220, outlets=2)
    status = p.message("looking for sdaudio", 330, 260)
    line = p.comment(
        "looking for sdaudio", (330, 300, 380, 20), shown=(28, 4, 388, 20), textcolor=TEXT_COLOUR
    )
    commands >> own
    own[4] >> js.inlet(1)
    others >> js.inlet(1)
    js[0] >> sent
    js[1] >> heard
    heard >> js
    js[2] >> out
    js[2] >> left
    js[3] >> right
    js[3] >> out
    js[3] >> is_connected >> light
    js[4] >> status
    js[4] >> line
    return p


def grid(size: tuple[float, float] = GRID_SIZE) -> Patcher:
    """sda.grid NAME GRID PLACE: a grid to see, hear and edit."""
    width, height = size
    p = Patcher(width, height)
    p.comment(
        "sda.grid NAME GRID PLACE: a grid of codes. Press to hear, drag up or down to change a "
        "code, across to select; type a number and Return; arrows, z y c x v + - space f h as in "
        "the help. GRID 0 takes the one of PLACE among those that are open. In: grid NAME, play, "
        "fit, heat 0 or 1. Out: the name of the grid.",
        (20, 250, 620, 62),
    )
    events = p.obj("r #1-sda-in", 20, 330, inlets=0)
    own = p.box("inlet", (140, 330, 30, 30), 0, 1, comment="grid NAME, play, fit, heat 0/1")
    picture = p.box(
        "jsui", (20, 440, width, height - _TOOLS), 1, 3, shown=(0, _TOOLS, width, height - _TOOLS),
        filename="sda.grid.js", parameter_enable=0, nofsaa=1, border=0,
    )  # fmt: skip
    commands = p.obj("s #1-sda-send", 20, 640, outlets=0)
    name = p.box("outlet", (300, 680, 30, 30), 1, 0, comment="the grid's name")
    wide = min(200.0, width - 568.0)
    shown = p.comment("", (160, 640, 120, 20), shown=(4, 3, wide, 20), textcolor=TEXT_COLOUR)
    chosen = p.obj("route grid", 140, 370, outlets=2)
    show = p.obj("prepend show", 200, 400)
    events >> picture
    own >> chosen
    chosen[0] >> show >> picture
    chosen[1] >> picture
    picture[0] >> commands
    picture[1] >> shown
    picture[1] >> name
    picture[1] >> p.obj("s #1-sda-touched", 400, 684, outlets=0)
    picture[2] >> p.obj("s #1-sda-region", 540, 684, outlets=0)
    p.obj("loadmess take #2 #3", 20, 400) >> picture

    keys = p.obj("key", 700, 330, inlets=0, outlets=4)
    pressed = p.message("key $1", 700, 370)
    shifted = p.message("modifiers $1", 760, 370)
    over = p.box(
        "toggle", (600, 330, 20, 20), 1, 1, shown=(width - 210, 3, 20, 20), types=["int"],
        parameter_enable=0,
    )  # fmt: skip
    gate = p.obj("gate 1 0", 600, 370, inlets=2)
    p.comment("keys", (640, 300, 40, 20), shown=(width - 188, 3, 40, 20), textcolor=TEXT_COLOUR)
    over >> gate
    keys >> pressed >> gate.inlet(1)
    gate >> picture
    keys[2] >> shifted >> picture
    x = width - 560.0
    for place, (word, wide) in enumerate((("play", 44.0), ("fit", 36.0))):
        button = p.box(
            "message", (290 + 70 * place, 330, 60, 22), 2, 1, text=word, shown=(x, 2, wide, 22)
        )
        button >> picture
        x += wide + 4.0
    for place, (word, address) in enumerate(
        (("undo", "/sda/grid/undo"), ("redo", "/sda/grid/redo"))
    ):
        button = p.box(
            "textbutton", (900, 440 + 120 * place, 50, 22), 1, 3, shown=(x, 2, 48, 22), text=word,
            types=["", "", "int"], parameter_enable=0,
        )  # fmt: skip
        current = p.obj("zl reg", 900, 480 + 120 * place, inlets=2, outlets=2)
        command = p.obj(f"prepend {address}", 900, 510 + 120 * place)
        plain = p.obj("route set", 1000, 440 + 120 * place, outlets=2)
        picture[1] >> plain >> current.inlet(1)
        button >> current >> command >> commands
        x += 52.0
    heat = p.box(
        "toggle", (440, 330, 20, 20), 1, 1, shown=(x + 8, 3, 20, 20), types=["int"],
        parameter_enable=0,
    )  # fmt: skip
    p.comment("usage", (464, 330, 50, 20), shown=(x + 30, 3, 50, 20), textcolor=TEXT_COLOUR)
    heat >> p.message("heat $1", 440, 370) >> picture
    return p
