"""What holds several parts: the main patcher, and a device for Ableton Live."""

from panels import LINE_SIZE, NEWS_SIZE, PANEL_SIZE
from patcher import PAGE_COLOUR, Patcher
from patchers import CLIENT_SIZE, GRID_SIZE, SMALL_GRID_SIZE

_NAME = "sdaudio"
_MARGIN = 12.0
_DEVICE_HEIGHT = 169.0
"""What Live shows of a device."""
_FIRST_PAD = 36
_N_PADS = 16


def main() -> Patcher:
    """sdaudio.maxpat: a connection, two tracks, and the panels."""
    rows: list[tuple[tuple[str, list[str | int], tuple[float, float], int], ...]] = [
        (("sda.client", [_NAME], CLIENT_SIZE, 2),),
        (("sda.grid", [_NAME, 0, 0], GRID_SIZE, 1),),
        (("sda.pair", [_NAME], LINE_SIZE, 0),),
        (("sda.grid", [_NAME, 0, 1], GRID_SIZE, 1),),
        (("sda.library", [_NAME], PANEL_SIZE, 0), ("sda.train", [_NAME], PANEL_SIZE, 0)),
        (("sda.generate", [_NAME], PANEL_SIZE, 0), ("sda.output", [_NAME], PANEL_SIZE, 0)),
        (("sda.news", [_NAME], NEWS_SIZE, 0),),
    ]
    height = _MARGIN + sum(row[0][2][1] + _MARGIN for row in rows)
    p = Patcher(GRID_SIZE[0] + 2 * _MARGIN, height)
    p.background(PAGE_COLOUR)
    connect = p.message("connect 127.0.0.1 5630", 20, 20)
    y, below = _MARGIN, 60.0
    for row in rows:
        tallest = row[0][2][1]
        for place, (name, args, size, outlets) in enumerate(row):
            x = place * (GRID_SIZE[0] - PANEL_SIZE[0])
            shown = (_MARGIN + x, y, *size)
            box = p.part(name, args, (20.0 + x, below, *size), shown, outlets)
            if name == "sda.client":
                connect >> box
        y += tallest + _MARGIN
        below += tallest + 20.0
    return p


def device() -> Patcher:
    """The device for Live: a connection, a grid to edit, and its sound on the track.

    Three dashes before a name make it one of this device alone; notes from C1 up begin at
    sixteenths of the grid.
    """
    name = "---sda"
    width = SMALL_GRID_SIZE[0] + 120.0
    p = Patcher(width, _DEVICE_HEIGHT)
    p.devicewidth = width
    p.background(PAGE_COLOUR)
    connect = p.message("connect 127.0.0.1 5630", 20, 20)
    client = p.part("sda.client", [name], (20.0, 60.0, *CLIENT_SIZE), (4, 1, *CLIENT_SIZE), 2)
    connect >> client
    small = SMALL_GRID_SIZE
    p.part("sda.grid-small", [name, 0, 0], (20.0, 110.0, *small), (4, 28, *small), 1)
    sound = p.obj(f"sda.play~ {name} 0", 20, 420, outlets=2, types=["signal", ""])
    out = p.obj("plugout~ 1 2", 20, 520, inlets=2, outlets=2, types=["signal", "signal"])
    loud = p.obj("*~ 1.", 20, 470, inlets=2, types=["signal"])
    sound >> loud >> out
    loud >> out.inlet(1)
    x = width - 108.0
    loop = p.live("live.text", "loop", (240, 300, 60, 20), (x, 8, 100, 24), types=["", ""],
                  kind="toggle", text="loop", texton="stop", mode=1)  # fmt: skip
    choose = p.obj("sel 0 1", 240, 340, outlets=3)
    loop >> choose
    choose[0] >> p.message("stop", 240, 370) >> sound
    choose[1] >> p.message("loop", 300, 370) >> sound
    speed = p.live("live.dial", "speed", (400, 300, 44, 48), (x, 44, 48, 48), types=["", "float"],
                   kind="number", limits=(0.25, 4.0), start=1.0)  # fmt: skip
    speed >> p.obj("prepend speed", 400, 370) >> sound
    level = p.live("live.dial", "level", (520, 300, 44, 48), (x + 52, 44, 48, 48),
                   types=["", "float"], kind="number", limits=(-60.0, 6.0), start=0.0)  # fmt: skip
    level >> p.obj("dbtoa", 520, 370) >> loud.inlet(1)
    p.label("notes from C1 on", (640, 300, 130, 20), (x, 98, 104, 20))
    p.label("play from 16 places", (640, 330, 130, 20), (x, 120, 104, 36))
    notes = p.obj("notein", 640, 360, outlets=3)
    on = p.obj("stripnote", 640, 390, inlets=2, outlets=2)
    place = p.obj(f"expr ($i1 - {_FIRST_PAD}) / {_N_PADS}.", 640, 420)
    notes >> on
    notes[1] >> on.inlet(1)
    on >> place >> p.obj("prepend from", 640, 450) >> sound
    return p
