"""The examples: small instruments that a person opens, plays and takes apart."""

import client
from document import Box, Patch
from layout import FACE_HEIGHT, FACE_WIDTH
from page import MARGIN, header, loudspeakers, paragraph, said
from widgets import button, slider

LEVELS = ("Structure", "Timbre", "Detail")
N_STEPS, STEP_WIDTH, TABLE_HEIGHT = 16, 24, 90
# What the sequencer plays at first, a value for each step; 0 is a rest.
FIRST_STEPS = (
    (20, 0, 60, 0, 20, 0, 90, 40) * 2,
    (0, 0, 0, 0, 70, 0, 0, 0) * 2,
    (0, 100, 0, 60, 0, 100, 0, 110) * 2,
)
KEYS = "asdfghjk"
SOUNDS = ("morph a", "morph b")
TAKES = ("installation a", "installation b")
TAKE_S, FADE_S = 20, 4
COLUMN = 300
"""Where boxes beside the faces begin."""


def step_sequencer() -> Patch:
    """Return a sequencer that is drawn with the mouse, a row of codes for each level."""
    p = Patch(860, 0)
    y = _top(p, "step sequencer", "draw a row of codes for each level and let them go round")
    y = paragraph(
        p, MARGIN, y,
        "Draw into the three fields with the mouse: dark codes are low, bright ones high, and what "
        "lies at the bottom is a rest. 'starter' in the boxes may be the name of any model.", 100,
    )  # fmt: skip
    for place, name in enumerate(("play", "stop", "by chance")):
        button(p, MARGIN + 90 * place, y, 80, name, f"$0-{name.replace(' ', '-')}")
    slider(p, COLUMN, y + 2, 200, low=40, high=240, send="$0-bpm")
    p.at(COLUMN + 220, y)
    p.comment("beats a minute (40 to 240)", width=30)
    p.at(COLUMN + 440, y)
    p.subpatch(_clock())
    y += 34
    p.at(MARGIN, y)
    p.obj(f"hradio {STEP_WIDTH} 0 0 {N_STEPS} empty $0-step empty 0 0 0 8 #fcfcfc #000 #000 0")
    y += STEP_WIDTH + 10
    for level, name in enumerate(LEVELS):
        p.at(MARGIN, y)
        p.table(
            f"$0-steps-{level}", FIRST_STEPS[level], width=N_STEPS * STEP_WIDTH,
            height=TABLE_HEIGHT, high=127,
        )  # fmt: skip
        p.at(MARGIN + N_STEPS * STEP_WIDTH + 20, y)
        p.comment(name, width=12)
        row = p.subpatch(_row(level))
        row >> p.obj(f"sda.code~ $0 starter {level}") >> p.obj("throw~ $0-mix")
        y += TABLE_HEIGHT + 12
    y = loudspeakers(p, y)
    p.height = y + 40
    return p


def _row(level: int) -> Patch:
    p = Patch(name=f"row-{level}")
    p.group("the code of a step, 0 is a rest")
    rest = p.obj("sel 0")
    p.obj("r $0-now") >> p.obj(f"tabread $0-steps-{level}") >> rest
    note = p.obj("list append 100")
    rest[1] >> note >> p.obj("list prepend note") >> p.obj("list trim") >> p.obj("outlet")
    p.group("by chance: two of five are rests")
    order = p.obj("t b b f")
    place = p.obj(f"tabwrite $0-steps-{level}")
    p.obj("r $0-by-chance") >> p.msg(str(N_STEPS)) >> p.obj("sda.count") >> order
    order[2] >> place[1]
    value = p.obj("f")
    order[1] >> p.obj("random 127") >> p.obj("+ 1") >> value[1]
    which = p.obj("sel 0 1")
    order[0] >> p.obj("random 5") >> which
    silent = p.msg("0")
    which[0] >> silent
    which[1] >> silent >> place
    which[2] >> p.obj("t b") >> value >> place
    return p


def _clock() -> Patch:
    p = Patch(name="clock")
    p.group("four steps a beat")
    tick = p.obj("metro 125")
    p.obj("r $0-play") >> p.msg("1") >> tick
    p.obj("r $0-stop") >> p.msg("0") >> tick
    step = p.obj("f 0")
    both = p.obj("t f f f")
    tick >> step >> both
    both[2] >> p.obj("+ 1") >> p.obj(f"mod {N_STEPS}") >> step[1]
    both[1] >> p.obj("s $0-step")
    both[0] >> p.obj("s $0-now")
    p.obj("r $0-bpm") >> p.obj("expr 15000 / max($f1, 20)") >> tick[1]
    return p


def keyboard() -> Patch:
    """Return an instrument for a MIDI keyboard, or for the one of the computer."""
    p = Patch(860, 0)
    y = _top(p, "keyboard", "play the codes of a model from dark to bright")
    y = paragraph(
        p, MARGIN, y,
        "A MIDI keyboard plays the level of its channel: 1 is Structure, 2 Timbre, 3 Detail. "
        f"Without one the keys {' '.join(KEYS)} of the computer play the level that was chosen "
        "here. Low keys are dark codes, high ones bright.", 100,
    )  # fmt: skip
    for level, name in enumerate(LEVELS):
        button(p, MARGIN + 130 * level, y, 120, name, f"$0-level-{level}")
    y += 34
    p.at(MARGIN + COLUMN, y)
    p.subpatch(_midi())
    p.at(MARGIN + COLUMN + 120, y)
    p.subpatch(_computer_keys())
    p.at(MARGIN, y)
    notes = p.subpatch(_to_levels())
    y += 40
    for level in range(len(LEVELS)):
        p.at(MARGIN + 220 * level, y)
        notes[level] >> p.obj(f"sda.code~ $0 starter {level}") >> p.obj("throw~ $0-mix")
    y = loudspeakers(p, y + 66)
    y = said(p, MARGIN, y + 36)
    p.height = y + 40
    return p


def _midi() -> Patch:
    p = Patch(name="midi")
    p.group("pitch, velocity, channel; out: level, pitch, velocity")
    keys = p.obj("notein")
    note = p.obj("pack f f f")
    keys[2] >> p.obj("- 1") >> note[2]
    keys[1] >> note[1]
    keys[0] >> note >> p.msg("$3 $1 $2") >> p.obj("s $0-note")
    return p


def _computer_keys() -> Patch:
    p = Patch(name="computer-keys")
    p.group("the level that was chosen")
    for level in range(len(LEVELS)):
        p.obj(f"r $0-level-{level}") >> p.msg(str(level)) >> p.obj("s $0-level")
    for source, velocity in (("key", 100), ("keyup", 0)):
        p.group(f"{source}: velocity {velocity}")
        which = p.obj("sel " + " ".join(str(ord(key)) for key in KEYS))
        level = p.obj("pack f f")
        p.obj(source) >> which
        for place in range(len(KEYS)):
            which[place] >> p.msg(str(round(8 + 110 * place / (len(KEYS) - 1)))) >> level
        p.obj("r $0-level") >> level[1]
        level >> p.msg(f"$2 $1 {velocity}") >> p.obj("s $0-note")
    return p


def _to_levels() -> Patch:
    p = Patch(name="to-levels")
    p.group("level, pitch, velocity")
    level = p.obj("route 0 1 2")
    p.obj("r $0-note") >> level
    for place in range(len(LEVELS)):
        level[place] >> p.obj("list prepend note") >> p.obj("list trim") >> p.obj("outlet")
    p.group("show it")
    p.obj("r $0-note") >> p.msg("level $1 pitch $2 velocity $3") >> p.obj("sda.label $0-out")
    return p


def morph() -> Patch:
    """Return two sounds, and a slider from one to the other."""
    p = Patch(FACE_WIDTH + 2 * MARGIN, 0)
    y = _top(p, "morph", "from one sound to another and back while it plays")
    y = paragraph(
        p, MARGIN, y,
        "Choose two sounds, or let the prior make two takes, and move the slider: all codes of the "
        "upper grid go from its own sound (left) to that of the lower one (right). 'to and fro' "
        "does it by itself. 'keep' makes what is heard one step to undo, 'back' takes it back.",
        120,
    )  # fmt: skip
    for place, name in enumerate(("sound a", "sound b", "two takes", "play", "stop")):
        button(p, MARGIN + 110 * place, y, 100, name, f"$0-{name.replace(' ', '-')}")
    p.at(MARGIN + 600, y)
    p.subpatch(_sounds())
    y += 30
    slider(p, MARGIN + 4, y + 2, 430, low=0, high=1, send="$0-moved", receive="$0-amount-shown")
    for place, name in enumerate(("to and fro", "keep", "back")):
        button(p, MARGIN + 450 + 110 * place, y, 100, name, f"$0-{name.replace(' ', '-')}")
    p.at(MARGIN + 800, y)
    p.subpatch(_blend())
    y += 34
    _tracks(p, SOUNDS, y)
    return p


def _sounds() -> Patch:
    p = Patch(name="sounds")
    for name, grid in zip(("sound-a", "sound-b"), SOUNDS, strict=True):
        p.group(f"a file becomes the grid '{grid}'")
        model = p.obj("list prepend " + _symbol(grid) + " starter")
        file = p.obj("openpanel")
        p.obj(f"r $0-{name}") >> file >> model
        _send(p, model, "/sda/grid/encode")
    p.group("or the prior makes both")
    both = p.obj("t b b")
    p.obj("r $0-two-takes") >> both
    for outlet, grid in enumerate(SOUNDS):
        take = p.obj(f"list append {_symbol(grid)} starter 4")
        both[outlet] >> take
        _send(p, take, "/sda/prior/sample")
    p.group("hear the first")
    for name, address in (("play", "/sda/play/loop"), ("stop", "/sda/play/stop")):
        grid = p.obj(f"list append {_symbol(SOUNDS[0])}")
        p.obj(f"r $0-{name}") >> grid
        _send(p, grid, address)
    return p


def _blend() -> Patch:
    p = Patch(name="blend")
    p.group("how long the shorter one is")
    state = p.obj("route grid")
    of = p.obj("route state")
    grids = p.obj(f"route {_symbol(SOUNDS[0])} {_symbol(SOUNDS[1])}")
    shorter = p.obj("min")
    p.obj("r sda-$0-in") >> state >> of >> p.obj("list trim") >> grids
    fields = [p.obj("unpack s f f"), p.obj("unpack s f f")]
    columns = [p.obj("f"), p.obj("f")]
    for place, (field, column) in enumerate(zip(fields, columns, strict=True)):
        grids[place] >> field
        field[2] >> column
        field[1] >> p.obj("s $0-levels")
    again = p.obj("t b f")
    columns[1] >> again
    again[1] >> shorter[1]
    again[0] >> columns[0] >> shorter >> p.obj("s $0-columns")
    p.group("blend all of it, fifty times a second at the most")
    amount = p.obj("sda.latest 20")
    value = p.obj("unpack f")
    request = p.obj("pack f f f f f")
    p.obj("r $0-moved") >> amount >> value
    order = p.obj("t b f")
    value >> order
    order[1] >> request[4]
    order[0] >> p.msg("0") >> request
    p.obj("r $0-levels") >> request[1]
    p.obj("r $0-columns") >> request[3]
    grid = p.obj("list prepend " + " ".join(_symbol(name) for name in SOUNDS))
    request >> grid
    _send(p, grid, "/sda/blend/set")
    p.group("to and fro, once in 16 seconds, until it is pressed again")
    on = p.obj("f 0")
    tick = p.obj("metro 40")
    turned = p.obj("== 0")
    both = p.obj("t f f")
    p.obj("r $0-to-and-fro") >> on >> turned >> both
    both[1] >> on[1]
    both[0] >> tick
    phase = p.obj("f 0")
    step = p.obj("t f f")
    tick >> phase >> step
    step[1] >> p.obj("+ 0.0025") >> p.obj("expr $f1 - int($f1)") >> phase[1]
    shown = p.obj("t f f")
    step[0] >> p.obj("expr 0.5 - 0.5 * cos(6.2831853 * $f1)") >> shown
    shown[1] >> p.msg("set $1") >> p.obj("s $0-amount-shown")
    shown[0] >> p.obj("s $0-moved")
    p.group("keep, or back to where it was")
    for name, address in (("keep", "/sda/blend/commit"), ("back", "/sda/blend/cancel")):
        both = p.obj("t b b")
        p.obj(f"r $0-{name}") >> both
        both[0] >> p.msg("set 0") >> p.obj("s $0-amount-shown")
        grid = p.obj(f"list append {_symbol(SOUNDS[0])}")
        both[1] >> grid
        _send(p, grid, address)
    return p


def installation() -> Patch:
    """Return what goes on by itself: one take sounds while the next is made."""
    p = Patch(FACE_WIDTH + 2 * MARGIN, 0)
    y = _top(p, "installation", "new material for ever: one take sounds while the next is made")
    y = paragraph(
        p, MARGIN, y,
        f"Press 'start'. Each {TAKE_S} seconds a new take is made of the model 'starter', no seed "
        f"twice and each time with another temperature, and fades in over {FADE_S} seconds when it "
        "is whole. When the daemon is started again it goes on by itself. For a show: pd -nogui "
        "-open installation.pd -send \"installation 1\"", 120,
    )  # fmt: skip
    button(p, MARGIN, y, 100, "start", "$0-start")
    button(p, MARGIN + 110, y, 100, "end", "$0-end")
    p.at(MARGIN + 240, y)
    p.subpatch(_for_ever())
    y = said(p, MARGIN, y + 32)
    _tracks(p, TAKES, y)
    return p


def _for_ever() -> Patch:
    p = Patch(name="for-ever")
    p.group("on and off; again when a daemon is found")
    on = p.obj("sel 1 0")
    p.obj("r $0-start") >> p.msg("1") >> p.obj("s $0-on")
    p.obj("r $0-end") >> p.msg("0") >> p.obj("s $0-on")
    p.obj("r installation") >> p.obj("s $0-on")
    p.obj("r $0-on") >> on
    tick = p.obj(f"metro {1000 * TAKE_S}")
    found = p.obj("spigot")
    p.obj("r sda-$0-connected") >> found[1]
    on[0] >> found >> p.msg("1") >> tick >> p.obj("s $0-next")
    over = p.obj("t b b")
    on[1] >> over
    over[1] >> p.msg("0") >> tick
    stop = p.obj(f"list append fade {FADE_S}")
    over[0] >> p.msg("symbol") >> stop
    _send(p, stop, "/sda/play/stop")
    is_on = p.obj("spigot")
    p.obj("r $0-on") >> is_on[1]
    p.obj("r sda-$0-connected") >> p.obj("sel 1") >> p.obj("del 50") >> is_on >> tick
    p.group("the next take: into the grid that is not heard, and its temperature")
    turn = p.obj("f 0")
    flip = p.obj("== 0")
    both = p.obj("t f f")
    p.obj("r $0-next") >> turn >> flip >> both
    both[1] >> turn[1]
    which = p.obj("sel 0 1")
    both[0] >> which
    names = p.obj("s $0-grid")
    for outlet, take in enumerate(TAKES):
        which[outlet] >> p.obj(f"symbol {_symbol(take)}") >> names
    order = p.obj("t b b s")
    p.obj("r $0-grid") >> order
    request = p.obj("pack s f")
    order[2] >> p.obj("s $0-made")
    order[1] >> p.obj("random 60") >> p.obj("expr 0.8 + $f1 / 100") >> request[1]
    grid = p.obj("symbol")
    p.obj("r $0-made") >> grid[1]
    order[0] >> grid >> request
    take = p.msg(f"$1 starter {TAKE_S + FADE_S} temperature $2 novelty 0.3")
    as_list = p.obj("list")
    request >> p.obj("list") >> take >> as_list
    _send(p, as_list, "/sda/prior/sample")
    p.group("it is whole: fade it in, and the other out")
    topic = p.obj("route job")
    done = p.obj("route done")
    rest = p.obj("list split 1")
    sampled = p.obj("route /sda/prior/sample")
    mine = p.obj("sda.if-mine $0-made")
    p.obj("r sda-$0-in") >> topic >> done >> rest
    rest[1] >> p.obj("list trim") >> sampled >> mine
    fields = p.obj("unpack f f")
    mine >> fields
    fields[1] >> p.obj("list prepend a new take - seed") >> p.obj("sda.label $0-out")
    swap = p.obj("t b b b")
    fields[0] >> swap
    new = p.obj("symbol")
    p.obj("r $0-made") >> new[1]
    old = p.obj("symbol -")
    both = p.obj("t s s")
    before = p.obj("sel -")
    out = p.obj(f"list append fade {FADE_S}")
    swap[2] >> old >> before
    before[1] >> out
    _send(p, out, "/sda/play/stop")
    swap[1] >> new >> both
    both[1] >> old[1]
    in_ = p.obj(f"list append fade {FADE_S}")
    both[0] >> in_
    _send(p, in_, "/sda/play/loop")
    return p


def _top(p: Patch, name: str, summary: str) -> int:
    y = header(p, name, summary)
    p.at(MARGIN, y)
    p.obj("sda.client $0")
    p.at(MARGIN + client.WIDTH + 20, y)
    # The parts are one folder up.
    p.obj("declare -path ..")
    return y + client.HEIGHT + 16


def _tracks(p: Patch, grids: tuple[str, str], y: int) -> None:
    """Add two grids one above the other and the news below."""
    for place, name in enumerate(grids):
        p.at(MARGIN, y)
        p.obj(f"sda.grid $0 {_symbol(name)} {place}")
        y += FACE_HEIGHT + 8
    p.at(MARGIN, y)
    p.obj("sda.news $0")
    p.height = y + 60


def _send(p: Patch, source: Box, address: str) -> None:
    source >> p.obj(f"list prepend {address}") >> p.obj("s sda-$0-send")


def _symbol(name: str) -> str:
    return name.replace(" ", "\\ ")


EXAMPLES = {
    "step-sequencer.pd": step_sequencer,
    "keyboard.pd": keyboard,
    "morph.pd": morph,
    "installation.pd": installation,
}
