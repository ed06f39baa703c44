"""sda.play~: the sound of a grid inside Max."""

from patcher import Box, Outlet, Patcher

_SIGNAL = ["signal"]
_EDGE_MS = 4.0
_PARTS = ("a", "b", "fade-a", "fade-b", "speed", "place", "wrap", "length", "gate", "news")


def play() -> Patcher:
    """Return sda.play~: two buffers that take turns, read at the same place."""
    p = Patcher(900.0, 760.0, is_presented=False)
    p.comment(
        "sda.play~ NAME GRID: the sound of a grid, played in Max. The daemon keeps a file as the "
        "grid is; when it is new, it is read into the buffer that is not heard and faded over. "
        "GRID 0 is the one that was touched last. In: show GRID, loop, once, stop, from F, jump F, "
        "speed X (1 is as it is, -1 backwards). Out: the signal; loaded GRID SECONDS, position F, "
        "end, problem TEXT.",
        (20, 12, 820, 50),
    )
    events = p.obj("r #1-sda-in", 20, 80, inlets=0)
    own = p.box("inlet", (140, 80, 30, 30), 0, 1, comment="show, loop, once, stop, jump, speed")
    touched = p.obj("r #1-sda-touched", 200, 80, inlets=0)
    script = p.obj("js sda.panel.js sdaudio_sound", 20, 170, inlets=2, outlets=2)
    parts = p.obj(f"route {' '.join(_PARTS)}", 240, 210, outlets=len(_PARTS) + 1)
    to = {name: parts[place] for place, name in enumerate(_PARTS)}
    events >> script
    own >> script.inlet(1)
    touched >> p.obj("prepend touched", 200, 110) >> script.inlet(1)
    p.obj("loadmess grid #2", 360, 80) >> script.inlet(1)
    script >> p.obj("s #1-sda-send", 20, 210, outlets=0)
    script[1] >> parts

    speed = p.obj("line~ 1.", 40, 330, inlets=2, outlets=2, types=["signal", "bang"])
    step = p.obj("sampstoms~", 40, 360, outlets=2, types=["signal", "float"])
    count = p.obj("+=~", 40, 390, inlets=2, types=_SIGNAL)
    place = p.obj("pong~ 1 0. 1000.", 40, 420, inlets=3, types=_SIGNAL)
    to["speed"] >> speed >> step >> count >> place
    to["place"] >> count
    to["wrap"] >> place.inlet(2)
    told = p.obj("snapshot~ 50", 40, 560, inlets=2, types=["float"])
    place >> told >> p.obj("prepend position", 40, 590) >> script.inlet(1)

    mix = p.obj("+~", 240, 480, inlets=2, types=_SIGNAL)
    for number, name in enumerate("ab"):
        _reader(p, number, name, (place, script, mix), to)
    edge = _edge(p, place, to)
    shaped = p.obj("*~", 240, 600, inlets=2, types=_SIGNAL)
    gated = p.obj("*~", 240, 660, inlets=2, types=_SIGNAL)
    gate = p.obj("line~ 0.", 330, 630, inlets=2, outlets=2, types=["signal", "bang"])
    mix >> shaped >> gated
    edge >> shaped.inlet(1)
    to["gate"] >> gate >> gated.inlet(1)
    gated >> p.box("outlet", (240, 700, 30, 30), 1, 0, comment="the signal")
    to["news"] >> p.box("outlet", (800, 700, 30, 30), 1, 0, comment="loaded, position, end")
    return p


def _reader(
    p: Patcher, number: int, name: str, wires: tuple[Box, Box, Box], to: dict[str, Outlet]
) -> None:
    """Add one of the two buffers and what reads it."""
    place, script, mix = wires
    x = 240.0 + 170.0 * number
    buffer = p.obj(f"buffer~ #0-sda-{name}", x, 270, outlets=2, types=["float", "bang"])
    read = p.message(f"read {number}", x + 60, 310)
    player = p.obj(f"play~ #0-sda-{name}", x, 350, outlets=2, types=["signal", "bang"])
    fade = p.obj("line~ 0." if number else "line~ 1.", x + 60, 390, inlets=2, outlets=2,
                 types=["signal", "bang"])  # fmt: skip
    faded = p.obj("*~", x, 430, inlets=2, types=_SIGNAL)
    to[name] >> buffer
    buffer[1] >> read >> script.inlet(1)
    place >> player >> faded
    to[f"fade-{name}"] >> fade >> faded.inlet(1)
    faded >> mix.inlet(number)


def _edge(p: Patcher, place: Box, to: dict[str, Outlet]) -> Box:
    """Add a slope at both ends, so that a loop that comes round does not click; silence beyond."""
    slope = f"*~ {1 / _EDGE_MS}"
    rising = p.obj(slope, 600, 480, inlets=2, types=_SIGNAL)
    left = p.obj("!-~ 1000.", 700, 450, inlets=2, types=_SIGNAL)
    falling = p.obj(slope, 700, 480, inlets=2, types=_SIGNAL)
    lower = p.obj("minimum~", 600, 520, inlets=2, types=_SIGNAL)
    edge = p.obj("clip~ 0. 1.", 600, 560, inlets=3, types=_SIGNAL)
    place >> rising >> lower >> edge
    place >> left >> falling >> lower.inlet(1)
    to["length"] >> left.inlet(1)
    return edge
