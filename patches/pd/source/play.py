"""sda.play~: the sound of a grid inside Pd, and sda.code~: its codes as an instrument."""

from document import Patch

SWITCH_MS = 20
EDGE_MS = 4
COLUMNS_SOUNDING, COLUMNS_A_CODE = 6, 12
"""In the bank of codes: how long each one is held, and where the next one begins."""
FILL_EVERY_MS = 2
VOICES = 8


def play() -> Patch:
    """Return sda.play~: two arrays that take turns, so that a new render is faded in."""
    p = Patch(1240, 900)
    p.comment(
        "sda.play~ CLIENT GRID: the sound of a grid, played in Pd. The daemon keeps a file as the "
        "grid is; each time it is complete it is loaded into the array that is not heard, and "
        f"faded over in {SWITCH_MS} ms. In: 'show GRID', 'loop', 'once', 'stop', 'speed X', 'jump "
        "FRACTION'. Out: the signal; 'loaded GRID SECONDS', 'position FRACTION' and 'end'.",
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

    p.group("follow the grid, from the start and after each connection")
    name = p.obj("symbol $2")
    ask = p.obj("t b")
    known = p.obj("sel 0 -")
    p.obj("r sda-$1-connected") >> p.obj("sel 1") >> p.obj("del 50") >> ask >> name
    grid = p.obj("t b s")
    p.obj("r $0-grid") >> grid
    grid[1] >> name[1]
    grid[0] >> ask
    name >> p.obj("t s s") >> p.obj("s $0-shown")
    shown = p.obj("r $0-shown")
    shown >> known
    known[2] >> p.obj("list prepend /sda/grid/render") >> p.obj("s sda-$1-send")
    p.group("the first file is in the output folder; it stays as the grid is from then on")
    topic = p.obj("route job")
    done = p.obj("route done")
    rest = p.obj("list split 1")
    path = p.obj("unpack s")
    grid = p.obj("symbol -")
    order = p.obj("t b s")
    request = p.obj("pack s s")
    first = p.obj("spigot")
    p.obj("r sda-$1-in") >> topic >> done >> rest
    rest[1] >> p.obj("list trim") >> p.obj("route /sda/grid/render") >> p.obj("list") >> first
    first >> path >> order
    order[1] >> request[1]
    follow = p.obj("t b b")
    order[0] >> follow
    follow[1] >> p.msg("0") >> first[1]
    follow[0] >> grid >> request >> p.obj("list prepend /sda/grid/follow") >> p.obj("s sda-$1-send")
    shown = p.obj("r $0-shown")
    asked = p.obj("t b s")
    shown >> asked
    asked[1] >> grid[1]
    asked[0] >> p.msg("1") >> first[1]

    p.group("a file is complete: path, revision, frames, rate, peak")
    topic = p.obj("route grid")
    mine = p.obj("sda.if-mine $0-shown")
    fields = p.obj("unpack s f f f f")
    p.obj("r sda-$1-in") >> topic >> p.obj("route rendered") >> mine >> fields
    fields[3] >> p.obj("s $0-rate")
    fields[2] >> p.obj("s $0-new-frames")
    fields[0] >> p.obj("s $0-load")

    p.group("into the array that is not heard, then fade over")
    turn = p.obj("f 0")
    flip = p.obj("== 0")
    which = p.obj("t f f f")
    load = p.obj("t b s")
    p.obj("r $0-load") >> load
    path = p.obj("symbol")
    load[1] >> path[1]
    load[0] >> turn >> flip >> which
    which[2] >> turn[1]
    choose = p.obj("sel 0 1")
    which[1] >> choose
    for outlet, array in enumerate("ab"):
        get = p.obj("symbol")
        choose[outlet] >> get
        p.obj("r $0-load") >> get[1]
        (
            get
            >> p.obj("list prepend read -resize -maxsize 90000000")
            >> p.obj(f"list append $0-{array}")
            >> p.obj("list trim")
            >> p.obj("soundfiler")
        )
    which[0] >> p.obj("s $0-heard")

    p.group("what was loaded")
    frames = p.obj("r $0-new-frames")
    order = p.obj("t f f")
    frames >> order
    order[1] >> p.obj("s $0-frames")
    seconds = p.obj("/ 48000")
    told = p.obj("pack s f")
    order[0] >> seconds >> told[1]
    p.obj("r $0-rate") >> seconds[1]
    name = p.obj("symbol -")
    p.obj("r $0-heard") >> p.obj("t b") >> name >> told
    p.obj("r $0-shown") >> name[1]
    status = p.obj("s $0-status")
    told >> p.obj("list prepend loaded") >> status
    p.obj("r $0-status") >> p.obj("list trim") >> p.obj("s $0-out")
    p.group("the sound")
    p.subpatch(_sound())
    p.group("out: signal, messages")
    p.obj("r~ $0-signal") >> p.obj("outlet~")
    p.obj("r $0-out") >> p.obj("outlet")
    return p


def _sound() -> Patch:
    p = Patch(name="sound")
    for array in "ab":
        p.obj(f"array define $0-{array} 100")
    p.group("where it is, 0 to 1: round and round")
    speed = p.obj("f 1")
    hertz = p.obj("expr $f1 * $f2 / max($f3, 1)")
    phase = p.obj("phasor~")
    p.obj("r $0-speed") >> speed
    change = p.obj("t b")
    p.obj("r $0-rate-changed") >> change >> speed
    speed >> hertz >> phase
    p.obj("r $0-rate") >> hertz[1]
    p.obj("r $0-frames") >> hertz[2]
    p.obj("r $0-frames") >> p.obj("t b") >> p.obj("s $0-rate-changed")
    p.obj("r $0-loop") >> p.obj("t b") >> p.obj("s $0-rate-changed")
    p.obj("r $0-jump") >> phase[1]
    p.obj("r $0-start-over") >> p.msg("0") >> phase[1]
    p.group("once: stop before it comes round")
    once = p.obj("t b b b")
    p.obj("r $0-once") >> once
    once[2] >> p.obj("s $0-start-over")
    once[1] >> p.msg("1") >> p.obj("s $0-gate")
    length = p.obj("expr 1000 * $f4 * $f1 / max($f2 * $f3, 1)")
    one = p.obj("f 1")
    end = p.obj("del")
    once[0] >> one >> length >> end >> p.obj("t b b") >> p.obj("s $0-ended")
    ended = p.obj("t b b")
    p.obj("r $0-ended") >> ended
    ended[1] >> p.msg("0") >> p.obj("s $0-gate")
    ended[0] >> p.msg("end") >> p.obj("s $0-out")
    p.obj("r $0-rate") >> length[1]
    p.obj("r $0-speed") >> length[2]
    p.obj("loadbang") >> p.msg("1") >> length[2]
    p.obj("r $0-frames") >> length[3]
    p.group("loop, stop")
    loop = p.obj("t b b")
    p.obj("r $0-loop") >> loop
    loop[1] >> p.obj("s $0-start-over")
    loop[0] >> p.msg("1") >> p.obj("s $0-gate")
    p.obj("r $0-stop") >> p.msg("0") >> p.obj("s $0-gate")
    stop_end = p.msg("stop")
    p.obj("r $0-loop") >> p.obj("t b") >> stop_end
    p.obj("r $0-stop") >> p.obj("t b") >> stop_end
    stop_end >> end

    p.group("both arrays, and a fade from one to the other")
    frames = p.obj("r $0-frames")
    index = p.obj("*~")
    frames >> index[1]
    phase >> index
    mix = p.obj("+~")
    for inlet, (array, wanted) in enumerate((("a", "== 0"), ("b", "== 1"))):
        read = p.obj(f"tabread4~ $0-{array}")
        gain = p.obj("*~")
        fade = p.obj("line~")
        index >> read >> gain >> mix[inlet]
        p.obj("r $0-heard") >> p.obj(wanted) >> p.msg(f"$1 {SWITCH_MS}") >> fade >> gain[1]
    p.group("short slopes at both ends and at stop")
    edge = p.obj("expr~ min(min($v1, 1 - $v1) * $f2, 1)")
    phase >> edge
    steep = p.obj(f"expr $f1 / max({EDGE_MS} * 0.001 * $f2, 1)")
    frames_too = p.obj("r $0-frames")
    frames_too >> steep >> edge[1]
    p.obj("r $0-rate") >> steep[1]
    shaped = p.obj("*~")
    gated = p.obj("*~")
    gate = p.obj("line~")
    mix >> shaped >> gated >> p.obj("s~ $0-signal")
    edge >> shaped[1]
    p.obj("r $0-gate") >> p.msg("$1 8") >> gate >> gated[1]
    p.group("tell where it is, 20 times a second")
    tick = p.obj("metro 50")
    place = p.obj("snapshot~")
    phase >> place
    p.obj("r $0-gate") >> tick >> place
    place >> p.obj("list prepend position") >> p.obj("s $0-status")
    return p


def code() -> Patch:
    """Return sda.code~: an instrument whose notes are the codes of a level."""
    p = Patch(1240, 900)
    p.comment(
        "sda.code~ CLIENT MODEL LEVEL: the codes of one level as an instrument. At the first "
        "connection the daemon makes one sound of all codes, which is loaded here; then notes "
        "sound at once. In: 'note PITCH VELOCITY' (0 to 127 go from dark codes to bright ones; "
        "velocity 0 lets go), 'code NUMBER VELOCITY', 'panic'. Out: the signal; 'ready CODES'.",
        width=140,
    )
    p.obj("array define $0-bank 100")
    p.obj("array define $0-by-rank 256")
    p.group("ask for the model, then for the brightness of its codes")
    model = p.obj("symbol $2")
    both = p.obj("t s s")
    level = p.obj("f $3")
    ranks = p.obj("pack s f")
    p.obj("r sda-$1-connected") >> p.obj("sel 1") >> p.obj("del 50") >> p.obj("t b") >> model
    order = p.obj("t b s s")
    model >> both >> p.obj("list prepend /sda/model/info") >> p.obj("s sda-$1-send")
    both[1] >> order
    order[2] >> p.obj("s $0-model")
    order[1] >> ranks
    order[0] >> level >> ranks[1]
    ranks >> p.obj("list prepend /sda/code/ranks") >> p.obj("s sda-$1-send")

    p.group("rank to code: level, quality, ranks")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-model")
    head = p.obj("list split 2")
    same = p.obj("unpack f s")
    fits = p.obj("== $3")
    gate = p.obj("spigot")
    (
        p.obj("r sda-$1-in")
        >> done
        >> p.obj("route /sda/code/ranks")
        >> mine
        >> p.obj("s $0-ranks-came")
    )
    came = p.obj("t l l")
    p.obj("r $0-ranks-came") >> came
    came[1] >> head >> same
    same[0] >> fits >> gate[1]
    after = p.obj("list split 2")
    came[0] >> gate >> after
    store = p.obj("array set $0-ranks")
    p.obj("array define $0-ranks 256")
    kept = p.obj("t l l")
    after[1] >> kept
    kept[1] >> store
    kept[0] >> p.obj("list length") >> p.obj("s $0-n-ranks")
    number = p.obj("t f f")
    read = p.obj("tabread $0-ranks")
    write = p.obj("tabwrite $0-by-rank")
    keep = p.obj("f")
    p.obj("r $0-n-ranks") >> p.obj("sda.count") >> number
    number[1] >> keep[1]
    place = p.obj("t b f")
    number[0] >> read >> place
    place[1] >> write[1]
    place[0] >> keep >> write

    p.group("how many codes; then the bank is made")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-model")
    fields = p.obj("unpack f f f f")
    first = p.obj("spigot 1")
    p.obj("r sda-$1-in") >> done >> p.obj("route /sda/model/info") >> mine >> fields
    fields[3] >> p.obj("s $0-column-samples")
    fields[2] >> p.obj("s $0-rate")
    order = p.obj("t b f")
    fields[1] >> first >> order
    order[1] >> p.obj("s $0-size")
    order[0] >> p.obj("t b b") >> p.obj("s $0-make-bank")
    p.obj("r $0-bank-asked") >> p.msg("0") >> first[1]
    p.group("the bank and the voices")
    p.subpatch(_bank())
    p.subpatch(_notes())
    p.group("out")
    p.obj("r~ $0-signal") >> p.obj("outlet~")
    p.obj("r $0-out") >> p.obj("outlet")
    p.group("messages in")
    words = p.obj("route note code panic")
    p.obj("inlet") >> words
    words[0] >> p.obj("s $0-note")
    words[1] >> p.obj("s $0-play-code")
    words[2] >> p.obj("t b") >> p.obj("s $0-panic")
    return p


def _bank() -> Patch:
    p = Patch(name="bank")
    p.comment(
        f"A grid in which code n sounds for {COLUMNS_SOUNDING} columns from {COLUMNS_A_CODE} n "
        "on, the other levels absent; rendered, loaded, and closed again.",
        width=110,
    )
    p.group("a grid of silence, with a name that says what it is for")
    model = p.obj("symbol -")
    p.obj("r $0-model") >> model[1]
    order = p.obj("t b b b")
    p.obj("r $0-make-bank") >> order
    order[2] >> p.obj("s $0-bank-asked")
    name = p.obj("sda.words")
    order[1] >> model >> p.obj("list append codes of level $3") >> name
    named = p.obj("s $0-bank-name")
    name >> named
    size = p.obj("f")
    p.obj("r $0-size") >> size[1]
    request = p.obj("pack s s f")
    columns = p.obj(f"* {COLUMNS_A_CODE}")
    order[0] >> size >> columns >> p.obj("s $0-bank-columns")
    p.obj("r $0-bank-name") >> p.obj("t s s") >> p.obj("s $0-bank-grid")
    go = p.obj("symbol -")
    p.obj("r $0-bank-grid") >> go[1]
    start = p.obj("t b f")
    p.obj("r $0-bank-columns") >> start
    start[1] >> request[2]
    start[0] >> go >> request >> p.obj("list prepend /sda/grid/new") >> p.obj("s sda-$1-send")
    p.obj("r $0-model") >> request[1]

    p.group(f"a code every {FILL_EVERY_MS} ms")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-bank-grid")
    begin = p.obj("t b b")
    p.obj("r sda-$1-in") >> done >> p.obj("route /sda/grid/new") >> mine >> begin
    code = p.obj("f 0")
    begin[1] >> p.msg("0") >> code[1]
    tick = p.obj(f"metro {FILL_EVERY_MS}")
    begin[0] >> p.msg("1") >> tick >> code
    more = p.obj("t f f")
    code >> more
    more[1] >> p.obj("+ 1") >> code[1]
    enough = p.obj("moses 128")
    p.obj("r $0-size") >> enough[1]
    more[0] >> enough
    over = p.obj("t b b")
    enough[1] >> over
    over[1] >> p.msg("0") >> tick
    fill = p.obj(f"expr $f1 * {COLUMNS_A_CODE}; $f1")
    words = p.obj(f"pack f 1 f {COLUMNS_SOUNDING} f")
    enough[0] >> fill
    fill[1] >> words[4]
    fill[0] >> words[2]
    level = p.obj("f $3")
    enough[0] >> p.obj("t b") >> level >> words
    words >> p.obj("sda.to-grid $0-bank $1 /sda/grid/fill")

    p.group("its level alone; then a file; then it is closed")
    order = p.obj("t b b")
    over[0] >> order
    (
        order[1]
        >> p.obj("f $3")
        >> p.obj("list append 1")
        >> p.obj("sda.to-grid $0-bank $1 /sda/grid/solo")
    )
    order[0] >> p.obj("sda.to-grid $0-bank $1 /sda/grid/render")
    job = p.obj("route job")
    done = p.obj("route done")
    rest = p.obj("list split 1")
    address = p.obj("route /sda/grid/render")
    path = p.obj("list")
    waiting = p.obj("spigot")
    p.obj("r sda-$1-in") >> job >> done >> rest
    rest[1] >> p.obj("list trim") >> address >> path >> waiting
    over[1] >> p.msg("1") >> waiting[1]
    name_of = p.obj("unpack s")
    loaded = p.obj("t b b s b")
    waiting >> name_of >> loaded
    loaded[3] >> p.msg("0") >> waiting[1]
    (
        loaded[2]
        >> p.obj("list prepend read -resize -maxsize 90000000")
        >> p.obj("list append $0-bank")
        >> p.obj("list trim")
        >> p.obj("soundfiler")
    )
    loaded[1] >> p.obj("sda.to-grid $0-bank $1 /sda/grid/close")
    size = p.obj("f")
    p.obj("r $0-size") >> size[1]
    loaded[0] >> size >> p.obj("list prepend ready") >> p.obj("list trim") >> p.obj("s $0-out")
    return p


def _notes() -> Patch:
    p = Patch(name="notes")
    p.group("a pitch is a rank, and so a code")
    note = p.obj("unpack f f")
    rank = p.obj("expr max(0, min($f2 - 1, int($f1 * $f2 / 128)))")
    code = p.obj("tabread $0-by-rank")
    pair = p.obj("pack f f")
    p.obj("r $0-note") >> note
    note[1] >> pair[1]
    note[0] >> rank >> code >> pair >> p.obj("s $0-play-code")
    p.obj("r $0-size") >> rank[1]
    p.group("one of the voices: voice, begin, end, milliseconds, velocity")
    played = p.obj("unpack f f")
    poly = p.obj(f"poly {VOICES} 1")
    place = p.obj(f"expr $f1 * $f3 * {COLUMNS_A_CODE}; $f3 * {COLUMNS_A_CODE - 1}; $f2")
    p.obj("r $0-play-code") >> played
    played[1] >> poly[1]
    played[0] >> poly
    poly[2] >> place[1]
    voice = p.obj("pack f f f f")
    poly[2] >> voice[3]
    poly[1] >> place
    place[1] >> voice[2]
    place[0] >> voice[1]
    poly[0] >> voice
    p.obj("r $0-column-samples") >> place[2]
    rate = p.obj("list append 48000")
    p.obj("r $0-rate") >> rate[1]
    voices = p.obj(f"clone sda.code-voice~ {VOICES} $0")
    voice >> rate >> voices >> p.obj("s~ $0-signal")
    p.group("panic")
    p.obj("r $0-panic") >> p.msg("stop") >> poly
    all_off = p.msg("all 0 0 0 48000")
    p.obj("r $0-panic") >> all_off >> voices
    return p


def code_voice() -> Patch:
    """Return sda.code-voice~: one voice of sda.code~."""
    p = Patch()
    p.comment(
        "sda.code-voice~ TRACK (inside sda.code~): onset and length in samples, velocity, rate.",
        width=100,
    )
    p.group("the place in the bank, and how loud")
    fields = p.obj("unpack f f f f")
    p.obj("inlet") >> fields
    on = p.obj("sel 0")
    velocity = p.obj("t f f")
    fields[2] >> velocity
    fields[3] >> p.obj("s $0-rate")
    fields[1] >> p.obj("s $0-length")
    velocity[1] >> p.obj("s $0-velocity")
    loud = p.obj("expr pow($f1 / 127, 2)")
    velocity[0] >> on
    on[0] >> p.msg("0 80") >> p.obj("s $0-envelope")
    on[1] >> loud >> p.msg("$1 2") >> p.obj("s $0-envelope")
    sounding = p.obj("spigot")
    p.obj("r $0-velocity") >> sounding[1]
    fields[0] >> sounding >> p.obj("s $0-onset")
    p.group("read it")
    onset = p.obj("t f f")
    p.obj("r $0-onset") >> onset
    end = p.obj("+")
    ms = p.obj("expr 1000 * $f1 / max($f2, 1)")
    line = p.obj("pack f f")
    length = p.obj("r $0-length")
    length >> end[1]
    length >> ms >> line[1]
    p.obj("r $0-rate") >> ms[1]
    index = p.obj("vline~")
    read = p.obj("tabread4~ $1-bank")
    gain = p.obj("*~")
    envelope = p.obj("line~")
    onset[1] >> index
    onset[0] >> end >> line >> index
    index >> read >> gain >> p.obj("outlet~")
    p.obj("r $0-envelope") >> envelope >> gain[1]
    return p
