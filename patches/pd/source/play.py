"""sda.play~: the sound of a grid inside Pd."""

from document import Patch

SWITCH_MS = 20
EDGE_MS = 4
BLOCK = 64
"""Samples between two looks at where the sound is; the subpatch asks Pd for blocks of this size."""
PAGE = 1024
"""Positions are kept as a multiple of this and a rest.

A signal of Pd has 24 bits: as one number, a place in a sound of a minute would be wrong by a tenth
of a sample, which is heard as noise at -50 dB. The rest is exact to a thousandth, and [tabread4~]
takes the multiple as its onset.
"""


def play() -> Patch:
    """Return sda.play~: two arrays that take turns, so that a new render is faded in."""
    p = Patch(1240, 900)
    p.comment(
        "sda.play~ CLIENT GRID: the sound of a grid, played in Pd. The daemon keeps a file as the "
        "grid is; each time it is complete it is loaded into the array that is not heard, and "
        f"faded over in {SWITCH_MS} ms. In: 'show GRID', 'loop', 'once', 'stop', 'speed X' "
        "(1 is as it is, -1 backwards), 'jump FRACTION'. Out: the signal; 'loaded GRID SECONDS', "
        "'position FRACTION' and 'end'.",
        width=140,
    )
    p.group("messages in")
    words = p.obj("route show loop once stop speed jump")
    p.obj("inlet") >> words
    words[0] >> p.obj("sda.words") >> p.obj("s $0-grid")
    for outlet, name in enumerate(("loop", "once", "stop"), start=1):
        words[outlet] >> p.obj("t b") >> p.obj(f"s $0-{name}")
    words[4] >> p.obj("s $0-speed")
    words[5] >> p.obj("s $0-jump")

    p.group("a file follows the grid, from each connection on")
    name = p.obj("symbol $2")
    ask = p.obj("t b")
    known = p.obj("sel 0 -")
    p.obj("r sda-$1-connected") >> p.obj("sel 1") >> p.obj("del 50") >> ask >> name
    grid = p.obj("t b s")
    p.obj("r $0-grid") >> grid
    grid[1] >> name[1]
    grid[0] >> ask
    both = p.obj("t s s")
    name >> both
    both[1] >> p.obj("s $0-shown")
    both[0] >> known
    known[2] >> p.obj("list prepend /sda/grid/follow") >> p.obj("s sda-$1-send")

    p.group("it is complete: path, revision, frames, rate, peak")
    topic = p.obj("route grid")
    mine = p.obj("sda.if-mine $0-shown")
    p.obj("r sda-$1-in") >> topic >> p.obj("route rendered") >> mine >> p.obj("s $0-rendered")
    # While one array fades into the other neither may be written.
    p.obj("r $0-rendered") >> p.obj(f"sda.latest {3 * SWITCH_MS}") >> p.obj("s $0-next")
    fields = p.obj("unpack s f f f")
    p.obj("r $0-next") >> fields
    fields[3] >> p.obj("s $0-rate")
    fields[0] >> p.obj("s $0-load")

    p.group("into the array that is not heard, then fade over")
    turn = p.obj("f 0")
    flip = p.obj("== 0")
    which = p.obj("t f f f")
    path = p.obj("symbol")
    order = p.obj("t b s")
    p.obj("r $0-load") >> order
    order[1] >> path[1]
    order[0] >> turn >> flip >> which
    which[2] >> turn[1]
    choose = p.obj("sel 0 1")
    which[1] >> choose
    for outlet, array in enumerate("ab"):
        get = p.obj("t b")
        choose[outlet] >> get >> p.obj(f"symbol $0-{array}") >> p.obj("s $0-array")
    array = p.obj("t b s")
    file = p.obj("pack s s")
    p.obj("r $0-array") >> array
    array[1] >> file[1]
    array[0] >> path >> file
    frames = p.obj("t f f")
    file >> p.msg("read -resize -maxsize 90000000 $1 $2") >> p.obj("soundfiler") >> frames
    frames[1] >> p.obj("s $0-frames")
    frames[0] >> p.obj("s $0-loaded")
    which[0] >> p.obj("s $0-heard")

    p.group("what was loaded")
    seconds = p.obj("/ 48000")
    told = p.obj("pack s f")
    name = p.obj("symbol -")
    loaded = p.obj("t b f")
    p.obj("r $0-loaded") >> loaded
    loaded[1] >> seconds >> told[1]
    p.obj("r $0-rate") >> seconds[1]
    loaded[0] >> name >> told
    p.obj("r $0-shown") >> name[1]
    told >> p.obj("list prepend loaded") >> p.obj("list trim") >> p.obj("s $0-out")
    p.group("the sound; out: signal, messages")
    p.subpatch(_transport())
    p.subpatch(_sound()) >> p.obj("outlet~")
    p.obj("r $0-out") >> p.obj("outlet")
    return p


def _transport() -> Patch:
    p = Patch(name="transport")
    p.comment(
        "Where the sound is, told once for each block: $0-page (a multiple of "
        f"{PAGE}) and $0-rest, in samples of the file.",
        width=110,
    )
    p.group("loop, once: begin; what sounds is faded out first")
    begin = p.obj("t b b")
    p.obj("r $0-loop") >> p.msg("0") >> p.obj("s $0-is-once")
    p.obj("r $0-once") >> p.msg("1") >> p.obj("s $0-is-once")
    p.obj("r $0-is-once") >> begin
    speed = p.obj("f 1")
    start = p.obj("expr if($f1 < 0, $f2 - 1, 0)")
    begin[0] >> speed >> start >> p.obj("s $0-go")
    p.obj("r $0-speed") >> speed[1]
    p.obj("r $0-frames") >> start[1]
    begin[1] >> p.obj("s $0-look")
    p.group("jump: only what sounds goes elsewhere")
    sounding = p.obj("spigot")
    place = p.obj("expr max(0, min($f1, 1)) * $f2")
    p.obj("r $0-jump") >> sounding >> place >> p.obj("s $0-go")
    p.obj("r $0-running") >> sounding[1]
    p.obj("r $0-frames") >> place[1]
    p.group("go to a sample")
    order = p.obj("t b f")
    where = p.obj("f")
    p.obj("r $0-go") >> order
    order[1] >> where[1]
    running = p.obj("f 0")
    p.obj("r $0-running") >> running[1]
    is_on = p.obj("sel 1")
    order[0] >> running >> is_on
    fade = p.obj("t b b")
    is_on[0] >> fade
    fade[1] >> p.msg("0 5") >> p.obj("s $0-gate")
    now = p.obj("t b b b")
    fade[0] >> p.obj("del 8") >> now
    is_on[1] >> now
    now[2] >> where >> p.obj("s $0-at")
    now[1] >> p.msg("1") >> p.obj("s $0-running")
    now[0] >> p.msg("1 2") >> p.obj("s $0-gate")
    stop = p.obj("t b b")
    p.obj("r $0-stop") >> stop
    stop[1] >> p.msg("0 8") >> p.obj("s $0-gate")
    off = p.obj("del 12")
    stop[0] >> off >> p.msg("0") >> p.obj("s $0-running")
    keep_on = p.msg("stop")
    p.obj("r $0-look") >> keep_on >> off

    p.group("samples of the file in one block")
    speed = p.obj("f 1")
    rate = p.obj("samplerate~")
    step = p.obj("expr max(-16, min($f1, 16)) * $f2 / max($f3, 1)")
    order = p.obj("t b b")
    p.obj("r $0-look") >> order
    order[1] >> rate >> step[2]
    order[0] >> speed >> step >> p.obj("s $0-ratio")
    p.obj("r $0-speed") >> speed[1]
    p.obj("r $0-rate") >> step[1]
    p.obj("loadbang") >> p.msg("48000") >> p.obj("s $0-rate")
    changed = p.obj("t b")
    p.obj("r $0-speed") >> changed
    p.obj("r $0-loaded") >> changed
    changed >> p.obj("s $0-look")

    p.group("each block: tell, then go on")
    gate = p.obj("spigot")
    order = p.obj("t b b")
    page = p.obj("f 0")
    rest = p.obj("f 0")
    p.obj("bang~") >> gate >> order
    p.obj("r $0-running") >> gate[1]
    both = p.obj("t b b")
    order[1] >> both
    both[1] >> page >> p.obj("s $0-page")
    both[0] >> rest >> p.obj("s $0-rest")
    order[0] >> p.obj("s $0-advance")
    p.obj("r $0-new-page") >> page[1]
    p.obj("r $0-new-rest") >> rest[1]
    p.group("on by a block; into the next page")
    rest = p.obj("f 0")
    p.obj("r $0-new-rest") >> rest[1]
    further = p.obj("+")
    carry = p.obj(f"expr ($f1 >= {PAGE}) - ($f1 < 0)")
    turn = p.obj("t f f")
    p.obj("r $0-advance") >> rest >> further >> turn
    p.obj("r $0-ratio") >> p.obj(f"* {BLOCK}") >> further[1]
    pages = p.obj(f"expr $f2 + {PAGE} * $f1")
    rests = p.obj(f"expr $f2 - {PAGE} * $f1")
    p.obj("r $0-new-page") >> pages[1]
    split = p.obj("t f f")
    turn[1] >> rests[1]
    turn[0] >> carry >> split
    split[1] >> pages
    split[0] >> rests
    # how far past the end, or before the start
    past = p.obj("expr ($f2 + $f1 < 0) + ($f2 - $f3 + $f1 >= 0); $f2 - $f3 + $f1")
    keep_rest = p.obj("t f f")
    rests >> keep_rest
    pages >> past[1]
    p.obj("r $0-frames") >> past[2]
    new_rest = p.obj("f")
    new_page = p.obj("f")
    keep_rest[1] >> new_rest[1]
    pages >> new_page[1]
    keep_rest[0] >> past
    past[1] >> p.obj("s $0-past")
    outside = p.obj("sel 0")
    past[0] >> outside
    stay = p.obj("t b b")
    outside[0] >> stay
    stay[1] >> new_page >> p.obj("s $0-new-page")
    stay[0] >> new_rest >> p.obj("s $0-new-rest")
    outside[1] >> p.obj("s $0-outside")
    p.group("past an end: once stops, a loop comes round")
    once = p.obj("f 0")
    is_once = p.obj("sel 1")
    p.obj("r $0-is-once") >> once[1]
    p.obj("r $0-outside") >> p.obj("t b") >> once >> is_once
    end = p.obj("t b b b")
    is_once[0] >> end
    end[2] >> p.msg("0") >> p.obj("s $0-running")
    end[1] >> p.msg("0 0") >> p.obj("s $0-gate")
    end[0] >> p.msg("end") >> p.obj("s $0-out")
    past = p.obj("f 0")
    p.obj("r $0-past") >> past[1]
    # a backward one has the length taken off already
    wrapped = p.obj(
        "expr if($f1 < 0, fmod($f1 + 2 * max($f2, 1), max($f2, 1)), fmod($f1, max($f2, 1)))"
    )
    p.obj("r $0-frames") >> wrapped[1]
    is_once[1] >> past >> wrapped >> p.obj("s $0-at")
    p.group("be at a sample")
    at = p.obj("t f f")
    whole = p.obj(f"expr {PAGE} * int($f1 / {PAGE})")
    left = p.obj(f"expr $f1 - {PAGE} * int($f1 / {PAGE})")
    p.obj("r $0-at") >> at
    at[1] >> whole >> p.obj("s $0-new-page")
    at[0] >> left >> p.obj("s $0-new-rest")

    p.group("tell where it is, 20 times a second")
    tick = p.obj("metro 50")
    order = p.obj("t b b")
    page = p.obj("f 0")
    place = p.obj("expr ($f2 + $f1) / max($f3, 1)")
    rest = p.obj("f 0")
    p.obj("r $0-running") >> tick >> order
    order[1] >> page >> place[1]
    order[0] >> rest >> place
    p.obj("r $0-page") >> page[1]
    p.obj("r $0-rest") >> rest[1]
    p.obj("r $0-frames") >> place[2]
    place >> p.obj("list prepend position") >> p.obj("list trim") >> p.obj("s $0-out")
    return p


def _sound() -> Patch:
    p = Patch(name="sound")
    p.obj(f"block~ {BLOCK}")
    for array in "ab":
        p.obj(f"array define $0-{array} 100")
    p.obj("loadbang") >> p.msg("100") >> p.obj("s $0-frames")
    p.group("where in the page, round at the ends; both arrays, slopes at the ends and at stop")
    ratio = p.obj("r $0-ratio")
    ramp = p.obj("rpole~ 1")
    since = p.obj("-~")
    place = p.obj("+~")
    ratio >> p.obj("sig~ 1") >> ramp >> since >> place
    p.obj("bang~") >> p.msg("clear") >> ramp
    ratio >> since[1]
    p.obj("r $0-rest") >> place[1]
    index = p.obj("expr~ if($v1 >= $f2 - $f3, $v1 - $f2, if($v1 + $f3 < 0, $v1 + $f2, $v1))")
    frames = p.obj("r $0-frames")
    page = p.obj("r $0-page")
    place >> index
    frames >> index[1]
    page >> index[2]
    mix = p.obj("+~")
    for inlet, (array, wanted) in enumerate((("a", "== 0"), ("b", "== 1"))):
        read = p.obj(f"tabread4~ $0-{array}")
        gain = p.obj("*~")
        fade = p.obj("line~")
        index >> read >> gain >> mix[inlet]
        page >> read[1]
        p.obj("r $0-heard") >> p.obj(wanted) >> p.msg(f"$1 {SWITCH_MS}") >> fade >> gain[1]
    edge = p.obj("expr~ max(0, min(min($v1 + $f2, $f3 - $f2 - $v1) * $f4, 1))")
    index >> edge
    page >> edge[1]
    frames >> edge[2]
    p.obj("r $0-rate") >> p.obj(f"expr {1000 / EDGE_MS:g} / max($f1, 1)") >> edge[3]
    shaped = p.obj("*~")
    gated = p.obj("*~")
    gate = p.obj("line~")
    mix >> shaped >> gated >> p.obj("outlet~")
    edge >> shaped[1]
    p.obj("r $0-gate") >> gate >> gated[1]
    return p
