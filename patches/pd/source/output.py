"""sda.output: where the daemon's sound goes, how loud, how fast; and into files."""

from document import Graph, Patch
from palette import ACTIVE_DARK, BAD, BUTTON, FIELD, QUIET, TEXT
from widgets import button, caption, label, line, panel, slider

WIDTH, HEIGHT = 222, 300
N_DEVICES = 4


def output() -> Patch:
    """Return the abstraction for the sound card, levels, comparison and renders."""
    p = Patch(1240, 900, graph=Graph(WIDTH, HEIGHT, 10, 10))
    _face(p)
    p.at(270, 16)
    p.comment(
        "sda.output CLIENT: in: 'gain DB', 'speed X', 'silence', 'original 1', 'render', 'device "
        "NAME'. Speed, original and render concern the grid with the focus. Out: 'rendered PATH'.",
        width=100,
    )
    p.group("messages in")
    words = p.obj("route gain speed silence original render device")
    p.obj("inlet") >> words
    words[0] >> p.obj("s $0-gain-shown")
    words[1] >> p.obj("s $0-speed-shown")
    words[2] >> p.obj("t b") >> p.obj("s $0-silence")
    words[3] >> p.obj("s $0-original")
    words[4] >> p.obj("t b") >> p.obj("s $0-render")
    words[5] >> p.obj("sda.words") >> p.obj("s $0-device")
    p.group("the parts")
    for part in (_devices(), _levels(), _compare(), _render()):
        p.subpatch(part)
    p.group("messages out")
    (
        p.obj("r $0-rendered")
        >> p.obj("list prepend rendered")
        >> p.obj("list trim")
        >> p.obj("outlet")
    )
    return p


def _face(p: Patch) -> None:
    panel(p, 10, 10, WIDTH, HEIGHT, "output")
    button(p, 144, 15, 80, "silence", "$0-silence", colour=BAD, ink=FIELD, size=11)
    label(p, 20, 38, "", name="$0-device-now", size=10, colour=QUIET)
    label(p, 20, 50, "", name="$0-device-why-0", size=10, colour=QUIET)
    label(p, 20, 62, "", name="$0-device-why-1", size=10, colour=QUIET)
    for row in range(N_DEVICES):
        line(p, 18, 78 + 18 * row, 206, f"$0-device-{row}", f"$0-press-{row}")
    y = 78 + 18 * N_DEVICES + 6
    for place, (name, text, low, high) in enumerate(
        (("gain", "level", -60, 12), ("speed", "speed", -2, 2))
    ):
        caption(p, 20, y + 22 * place, text)
        slider(
            p, 64, y + 22 * place, 110, low=low, high=high,
            send=f"$0-{name}-moved", receive=f"$0-{name}-shown",
        )  # fmt: skip
        label(p, 184, y + 22 * place, "", name=f"$0-{name}-value", size=11)
    y += 50
    button(p, 20, y, 100, "grid", "$0-hear-grid", name="$0-hear-grid-face", size=11)
    button(p, 124, y, 100, "original", "$0-hear-original", name="$0-hear-original-face", size=11)
    label(p, 20, y + 24, "", name="$0-compared", size=10, colour=QUIET)
    button(p, 20, y + 42, 140, "render to a file", "$0-render", size=11, colour=ACTIVE_DARK)
    label(p, 20, y + 66, "", name="$0-path-0", size=10, colour=QUIET)
    label(p, 20, y + 78, "", name="$0-path-1", size=10, colour=QUIET)


def _devices() -> Patch:
    p = Patch(name="devices")
    table = p.obj("text define $0-devices")
    p.group("ask for them at a connection")
    ask = p.obj("t b b b")
    p.obj("r sda-$1-connected") >> p.obj("sel 1") >> ask
    ask[2] >> p.msg("clear") >> table
    ask[1] >> p.obj("s $0-no-devices")
    ask[0] >> p.msg("/sda/play/devices") >> p.obj("s sda-$1-send")
    p.group("number, name, in use; and which one is used now: name, rate, heard, reason")
    device = p.obj("route device")
    item = p.obj("route item")
    play = p.obj("route play")
    p.obj("r sda-$1-in") >> play >> device >> item
    item[0] >> p.obj("list") >> p.obj("text set $0-devices 1000000")
    now = p.obj("unpack s f f s")
    line_now = p.obj("pack s f")
    item[1] >> p.obj("list") >> now
    now[3] >> p.obj("sda.lines $0-device-why 33")
    now[1] >> line_now[1]
    now[0] >> line_now >> p.msg("$1 at $2 Hz") >> p.obj("sda.label $0-device-now")
    p.group("shown when all have come")
    done = p.obj("route done")
    (
        p.obj("r sda-$1-in")
        >> done
        >> p.obj("route /sda/play/devices")
        >> p.obj("t b")
        >> p.obj("s $0-show-devices")
    )
    for row in range(N_DEVICES):
        p.group(f"row {row}")
        get = p.obj("text get $0-devices")
        fields = p.obj("unpack f s f")
        text = p.obj(f"sda.label $0-device-{row}")
        used = p.obj("sel 0 1")
        face = p.obj(f"s $0-device-{row}")
        p.obj("r $0-show-devices") >> p.msg(str(row)) >> get >> fields
        fields[2] >> used
        used[0] >> p.msg(f"color {FIELD} {FIELD} {TEXT}") >> face
        used[1] >> p.msg(f"color {ACTIVE_DARK} {ACTIVE_DARK} {TEXT}") >> face
        fields[1] >> text
        p.obj("r $0-no-devices") >> p.msg("list") >> text
        name = p.obj("text get $0-devices 1 1")
        p.obj(f"r $0-press-{row}") >> p.obj("t b") >> p.msg(str(row)) >> name
        name >> p.obj("symbol") >> p.obj("s $0-device")
    p.group("choose")
    order = p.obj("t b s")
    p.obj("r $0-device") >> order
    order[1] >> p.obj("list prepend /sda/play/device") >> p.obj("s sda-$1-send")
    order[0] >> p.obj("del 500") >> p.obj("s $0-ask-again")
    p.obj("r $0-ask-again") >> ask
    return p


def _levels() -> Patch:
    p = Patch(name="levels")
    p.group("the level of everything, in dB")
    both = p.obj("t f f")
    p.obj("r $0-gain-moved") >> p.obj("expr int(10 * $f1 + 0.5 - ($f1 < 0)) / 10.") >> both
    both[1] >> p.msg("$1 dB") >> p.obj("sda.label $0-gain-value")
    (
        both[0]
        >> p.obj("sda.latest 30")
        >> p.obj("list prepend /sda/play/gain")
        >> p.obj("s sda-$1-send")
    )
    p.group("told by the daemon: shown, and not sent again")
    play = p.obj("route play")
    gain = p.obj("route gain")
    both = p.obj("t f f")
    p.obj("r sda-$1-in") >> play >> gain >> p.obj("f") >> both
    both[1] >> p.msg("set $1") >> p.obj("s $0-gain-shown")
    both[0] >> p.msg("$1 dB") >> p.obj("sda.label $0-gain-value")
    p.group("the speed of the grid with the focus: octaves on the slider")
    both = p.obj("t f f")
    p.obj("r $0-speed-moved") >> p.obj("expr int(100 * pow(2, $f1) + 0.5) / 100.") >> both
    both[1] >> p.msg("x $1") >> p.obj("sda.label $0-speed-value")
    grid = p.obj("symbol -")
    words = p.obj("pack s f")
    order = p.obj("t b f")
    both[0] >> p.obj("sda.latest 30") >> p.obj("f") >> order
    order[1] >> words[1]
    order[0] >> grid >> words >> p.obj("list prepend /sda/play/speed") >> p.obj("s sda-$1-send")
    p.obj("r sda-$1-grid") >> grid[1]
    load = p.obj("loadbang")
    centre = p.msg("set 0")
    load >> centre
    centre >> p.obj("s $0-speed-shown")
    centre >> p.obj("s $0-gain-shown")
    p.group("silence")
    p.obj("r $0-silence") >> p.msg("/sda/play/silence") >> p.obj("s sda-$1-send")
    return p


def _compare() -> Patch:
    p = Patch(name="compare")
    p.group("the grid, or the sound that was encoded into it")
    p.obj("r $0-hear-grid") >> p.msg("0") >> p.obj("s $0-original")
    p.obj("r $0-hear-original") >> p.msg("1") >> p.obj("s $0-original")
    order = p.obj("t b f")
    grid = p.obj("symbol -")
    words = p.obj("pack s f")
    p.obj("r $0-original") >> order
    order[1] >> words[1]
    order[0] >> grid >> words >> p.obj("list prepend /sda/play/compare") >> p.obj("s sda-$1-send")
    p.obj("r sda-$1-grid") >> grid[1]
    p.group("told: original, gain")
    play = p.obj("route play")
    mine = p.obj("sda.if-mine sda-$1-grid")
    fields = p.obj("unpack f f")
    which = p.obj("sel 0 1")
    p.obj("r sda-$1-in") >> play >> p.obj("route compare") >> mine >> fields
    gain = p.obj("f")
    fields[1] >> p.obj("expr int(10 * $f1) / 10.") >> gain[1]
    fields[0] >> which
    which[1] >> gain >> p.msg("the original - turned by $1 dB") >> p.obj("sda.label $0-compared")
    which[0] >> p.msg("the grid") >> p.obj("sda.label $0-compared")
    for outlet, name in enumerate(("grid", "original")):
        other = ("original", "grid")[outlet]
        on = p.msg(f"color {ACTIVE_DARK} {ACTIVE_DARK} {TEXT}")
        off = p.msg(f"color {BUTTON} {BUTTON} {TEXT}")
        which[outlet] >> on >> p.obj(f"s $0-hear-{name}-face")
        which[outlet] >> off >> p.obj(f"s $0-hear-{other}-face")
    return p


def _render() -> Patch:
    p = Patch(name="render")
    p.group("into the output folder")
    grid = p.obj("symbol -")
    p.obj("r $0-render") >> grid >> p.obj("list prepend /sda/grid/render") >> p.obj("s sda-$1-send")
    p.obj("r sda-$1-grid") >> grid[1]
    p.group("where it is: job, address, path")
    job = p.obj("route job")
    done = p.obj("route done")
    rest = p.obj("list split 1")
    mine = p.obj("route /sda/grid/render")
    path = p.obj("unpack s")
    p.obj("r sda-$1-in") >> job >> done >> rest
    rest[1] >> p.obj("list trim") >> mine >> p.obj("list") >> path >> p.obj("s $0-rendered")
    p.obj("r $0-rendered") >> p.obj("sda.lines $0-path 33")
    return p
