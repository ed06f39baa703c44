"""sda.library: the models there are, and what one may do with them."""

from document import Graph, Patch
from palette import ACTIVE_DARK, BAD, BUTTON, FIELD, GOOD, PANEL, QUIET, TEXT, WAITING
from widgets import button, caption, field, label, light, line, panel

WIDTH, HEIGHT = 300, 300
N_ROWS = 8
ROW_Y, ROW_PITCH = 60, 18
FACTS_Y = ROW_Y + N_ROWS * ROW_PITCH + 4
LIGHTS = {"green": GOOD, "yellow": WAITING, "red": BAD}
REALLY_MS = 3000


def library() -> Patch:
    """Return the abstraction that lists, loads, names, copies and deletes models."""
    p = Patch(1240, 900, graph=Graph(WIDTH, HEIGHT, 10, 10))
    _face(p)
    p.at(340, 16)
    p.comment(
        "sda.library CLIENT: the models of the library, for an sda.client of that name. In: "
        "'search TEXT', 'choose NAME', 'load', 'unload', 'refresh'. Out: the name of the chosen "
        "model. Others hear it as sda-CLIENT-model.",
        width=100,
    )
    p.group("messages in")
    words = p.obj("route search choose load unload refresh")
    p.obj("inlet") >> words
    words[0] >> p.obj("sda.words") >> p.obj("s $0-search")
    words[1] >> p.obj("sda.words") >> p.obj("s sda-$1-model")
    for outlet, name in enumerate(("load", "unload", "refresh"), start=2):
        words[outlet] >> p.obj("t b") >> p.obj(f"s $0-{name}")
    p.group("out: the chosen model")
    p.obj("r sda-$1-model") >> p.obj("outlet")
    p.group("the parts")
    for part in (_ask(), _take(), _rows(), _choose(), _facts(), _buttons(), _sure()):
        p.subpatch(part)
    return p


def _face(p: Patch) -> None:
    panel(p, 10, 10, WIDTH, HEIGHT, "library")
    caption(p, 100, 17, "search")
    field(p, 150, 15, 140, "$0-find", size=11)
    label(p, 20, 40, "", name="$0-count", size=11, colour=QUIET)
    button(p, 246, 38, 20, "^", "$0-up")
    button(p, 270, 38, 20, "v", "$0-down")
    for row in range(N_ROWS):
        y = ROW_Y + row * ROW_PITCH
        line(p, 32, y, 258, f"$0-row-{row}", f"$0-press-{row}")
        light(p, 18, y + 4, f"$0-light-{row}", colour=PANEL, size=9)
    for fact in range(3):
        label(p, 20, FACTS_Y + 15 * fact, "", name=f"$0-fact-{fact}", size=11,
              colour=QUIET)  # fmt: skip
    y = FACTS_Y + 48
    for x, width, name in (
        (18, 60, "load"),
        (82, 60, "unload"),
        (146, 60, "copy"),
        (210, 80, "delete"),
    ):
        button(p, x, y, width, name, f"$0-{name}", name=f"$0-{name}-face", size=11)
    caption(p, 18, y + 25, "name")
    field(p, 56, y + 23, 140, "$0-rename", size=11)
    button(p, 210, y + 23, 80, "restore", "$0-restore", size=11)


def _ask() -> Patch:
    p = Patch(name="ask")
    p.group("when: a connection, a change, a job that ended")
    soon = p.obj("del 80")
    soon >> p.obj("s $0-ask")
    p.obj("r sda-$1-connected") >> p.obj("sel 1") >> soon
    p.obj("r $0-refresh") >> soon
    topic = p.obj("route model job")
    p.obj("r sda-$1-in") >> topic
    changed = p.obj("route state removed added")
    again = p.obj("t b")
    topic[0] >> changed
    for outlet in range(3):
        changed[outlet] >> again
    topic[1] >> p.obj("route done") >> again
    again >> soon

    p.group("all models, or those that fit the text")
    ask = p.obj("t b b")
    text = p.obj("list")
    found = p.obj("list prepend /sda/model/search")
    p.obj("r $0-ask") >> ask
    ask[1] >> p.msg("clear") >> p.obj("s $0-forget")
    ask[0] >> text >> found >> p.obj("s sda-$1-send")
    p.obj("r $0-search") >> text[1]

    p.group("typed into the field")
    typed = p.obj("sda.entry $1 $0-find")
    order = p.obj("t b s")
    typed >> order
    order[1] >> p.obj("s $0-search")
    order[0] >> p.obj("s $0-refresh")
    return p


def _take() -> Patch:
    p = Patch(name="take")
    p.comment(
        "A line each: name, loaded, levels, codes, seconds, files, prior, problem, light. They are "
        "shown when all have come.",
        width=100,
    )
    table = p.obj("text define $0-models")
    p.group("a new answer begins")
    p.obj("r $0-forget") >> table
    p.group("a model")
    topic = p.obj("route model")
    store = p.obj("text set $0-models 1000000")
    p.obj("r sda-$1-in") >> topic >> p.obj("route item") >> p.obj("list") >> store
    p.group("all have come")
    done = p.obj("route done")
    which = p.obj("route /sda/model/list /sda/model/search")
    both = p.obj("t b f")
    p.obj("r sda-$1-in") >> done >> which
    which[1] >> both
    both[1] >> p.obj("s $0-n-models")
    both[0] >> p.obj("s $0-show")
    text = p.obj("sda.label $0-count")
    p.obj("r $0-n-models") >> p.msg("$1 models") >> text
    p.obj("r sda-$1-connected") >> p.obj("sel 0") >> p.msg("no connection") >> text
    return p


def _rows() -> Patch:
    p = Patch(name="rows")
    p.group("scroll by half a page")
    step = p.obj("+")
    limits = p.obj("clip 0 0")
    order = p.obj("t b f f")
    p.obj("r $0-up") >> p.msg(str(-(N_ROWS // 2))) >> step
    p.obj("r $0-down") >> p.msg(str(N_ROWS // 2)) >> step
    step >> limits >> order
    order[2] >> step[1]
    order[1] >> p.obj("s $0-first")
    order[0] >> p.obj("s $0-show-rows")
    again = p.obj("f")
    order[1] >> again[1]
    p.obj("r $0-show") >> again >> limits
    last = p.obj(f"expr max(0, $f1 - {N_ROWS})")
    p.obj("r $0-n-models") >> last >> limits[2]

    p.group("each row")
    row = p.obj("t f f")
    index = p.obj("+")
    inside = p.obj("spigot")
    line = p.obj("text get $0-models")
    p.obj("r $0-show-rows") >> p.msg(str(N_ROWS)) >> p.obj("sda.count") >> p.obj("s $0-row")
    p.obj("r $0-row") >> row
    row[1] >> p.obj("s $0-row-number")
    both = p.obj("t f f f")
    row[0] >> index >> both
    count = p.obj("<")
    both[2] >> count >> inside[1]
    blank = p.obj("sel 0")
    count >> p.obj("s $0-row-used")
    both[0] >> inside >> line >> p.obj("s $0-row-line")
    p.obj("r $0-row-used") >> blank >> p.obj("s $0-row-blank")
    p.obj("r $0-first") >> index[1]
    p.obj("r $0-n-models") >> count[1]

    p.group("nothing there")
    number = p.obj("f")
    words = p.obj("pack f f")
    order = p.obj("t b f")
    p.obj("r $0-row-blank") >> number >> order
    order[1] >> words[1]
    (
        order[0]
        >> p.obj("f $0")
        >> words
        >> p.msg(
            f"; $1-row-$2 label; $1-light-$2 color {PANEL} {PANEL} {PANEL}; "
            f"$1-row-$2 color {FIELD} {FIELD} {TEXT}"
        )
    )
    p.obj("r $0-row-number") >> number[1]

    p.group("name, what it is, and whether it is loaded and has a prior")
    fields = p.obj("unpack s f f f f f f s s")
    p.obj("r $0-row-line") >> fields
    fields[8] >> p.obj("s $0-row-light")
    loaded, prior = p.obj("list append"), p.obj("list append")
    for outlet, box, word in ((6, prior, "prior"), (1, loaded, "loaded")):
        has = p.obj("sel 1 0")
        fields[outlet] >> has
        has[0] >> p.msg(word) >> box[1]
        has[1] >> p.msg("list") >> box[1]
    what = p.obj("pack s f f")
    fields[3] >> what[2]
    fields[2] >> what[1]
    name = p.obj("t s s")
    fields[0] >> name
    name[1] >> p.obj("s $0-row-name")
    name[0] >> what >> p.msg("list $1 - $2x$3") >> loaded >> prior >> p.obj("s $0-row-text")

    p.group("as the text of the row")
    order = p.obj("t b s")
    number = p.obj("t b f")
    words = p.obj("pack f f s")
    p.obj("r $0-row-text") >> p.obj("sda.words") >> order
    order[1] >> words[2]
    kept = p.obj("f")
    order[0] >> kept >> number
    number[1] >> words[1]
    number[0] >> p.obj("f $0") >> words >> p.msg("; $1-row-$2 label $3")
    p.obj("r $0-row-number") >> kept[1]

    p.group("its light")
    kinds = p.obj("sel " + " ".join(LIGHTS))
    words = p.obj("list prepend")
    p.obj("r $0-row-light") >> kinds
    for outlet, colour in enumerate((*LIGHTS.values(), PANEL)):
        kinds[outlet] >> p.msg(f"symbol {colour}") >> words
    words >> p.msg("; $1-light-$2 color $3 $3 $3")
    whom = p.obj("pack f f")
    order = p.obj("t b f")
    p.obj("r $0-row-number") >> order
    order[1] >> whom[1]
    order[0] >> p.obj("f $0") >> whom >> words[1]

    p.group("the chosen one stands out")
    same = p.obj("sel -")
    words = p.obj("list prepend")
    p.obj("r $0-row-name") >> same
    same[0] >> p.msg(f"symbol {ACTIVE_DARK}") >> words
    same[1] >> p.obj("t b") >> p.msg(f"symbol {FIELD}") >> words
    words >> p.msg(f"; $1-row-$2 color $3 $3 {TEXT}")
    p.obj("r sda-$1-model") >> same[1]
    whom = p.obj("pack f f")
    order = p.obj("t b f")
    p.obj("r $0-row-number") >> order
    order[1] >> whom[1]
    order[0] >> p.obj("f $0") >> whom >> words[1]
    return p


def _choose() -> Patch:
    p = Patch(name="choose")
    p.group("a press on a row")
    index = p.obj("+")
    inside = p.obj("spigot")
    fits = p.obj("<")
    both = p.obj("t f f")
    name = p.obj("text get $0-models 0 1")
    for row in range(N_ROWS):
        p.obj(f"r $0-press-{row}") >> p.obj("t b") >> p.msg(str(row)) >> index
    index >> both
    both[1] >> fits >> inside[1]
    both[0] >> inside >> name >> p.obj("symbol") >> p.obj("s $0-chosen")
    p.obj("r $0-first") >> index[1]
    p.obj("r $0-n-models") >> fits[1]
    p.group("for everybody, and shown")
    order = p.obj("t s b")
    p.obj("r $0-chosen") >> order
    order[1] >> p.obj("s sda-$1-focus")
    order[0] >> p.obj("s sda-$1-model")
    model = p.obj("t b s")
    p.obj("r sda-$1-model") >> model
    model[1] >> p.obj("s $0-model")
    model[0] >> p.obj("s $0-show-rows")
    return p


def _facts() -> Patch:
    p = Patch(name="facts")
    p.group("ask when another is chosen")
    model = p.obj("symbol")
    known = p.obj("sel -")
    order = p.obj("t s s s")
    p.obj("r $0-model") >> model >> known
    known[1] >> order
    order[2] >> known[1]
    send = p.obj("s sda-$1-send")
    order[1] >> p.obj("list prepend /sda/model/info") >> send
    order[0] >> p.obj("list prepend /sda/model/health") >> send
    p.obj("r sda-$1-connected") >> p.obj("t b") >> p.obj("symbol -") >> known[1]

    p.group("model, levels, codes, rate, samples in a column, seconds, files, prior, names")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-model")
    fields = p.obj("unpack f f f f f f f")
    p.obj("r sda-$1-in") >> done >> p.obj("route /sda/model/info") >> mine >> fields
    first = p.obj("pack f f f")
    rate = p.obj("expr int(10 * $f1 / $f2 + 0.5) / 10")
    second = p.obj("pack f f")
    prior = p.obj("list append")
    has = p.obj("sel 1 0")
    fields[6] >> has
    has[0] >> p.msg("with a prior") >> prior[1]
    has[1] >> p.msg("no prior yet") >> prior[1]
    fields[5] >> second[1]
    second >> p.msg("list $2 files - $1 s -") >> prior >> p.obj("sda.label $0-fact-1")
    fields[4] >> p.obj("i") >> second
    fields[3] >> rate[1]
    fields[2] >> rate
    rate >> first[2]
    fields[1] >> first[1]
    fields[0] >> first
    first >> p.msg("$1 levels x $2 codes - $3 columns/s") >> p.obj("sda.label $0-fact-0")

    p.group("how well its codes are used")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine $0-model")
    light = p.obj("sel " + " ".join(LIGHTS))
    name = p.obj("unpack s")
    p.obj("r sda-$1-in") >> done >> p.obj("route /sda/model/health") >> mine >> name >> light
    text = p.obj("sda.label $0-fact-2")
    for outlet, sentence in enumerate(
        ("health green", "health yellow - some codes underused", "health red - train it again")
    ):
        light[outlet] >> p.msg(sentence) >> text
    return p


def _buttons() -> Patch:
    p = Patch(name="buttons")
    p.group("load, unload")
    for name in ("load", "unload"):
        model = p.obj("symbol -")
        (
            p.obj(f"r $0-{name}")
            >> model
            >> p.obj(f"list prepend /sda/model/{name}")
            >> p.obj("s sda-$1-send")
        )
        p.obj("r $0-model") >> model[1]
    p.group("copy, under a name that says so")
    model = p.obj("symbol -")
    both = p.obj("t s s")
    words = p.obj("pack s s")
    p.obj("r $0-copy") >> model >> both
    both[1] >> p.obj("list append copy") >> p.obj("sda.words") >> words[1]
    both[0] >> words >> p.obj("list prepend /sda/model/copy") >> p.obj("s sda-$1-send")
    p.obj("r $0-model") >> model[1]
    p.group("another name")
    typed = p.obj("sda.entry $1 $0-rename")
    order = p.obj("t b s")
    words = p.obj("pack s s")
    model = p.obj("symbol -")
    typed >> order
    order[1] >> words[1]
    order[0] >> model >> words >> p.obj("list prepend /sda/model/rename") >> p.obj("s sda-$1-send")
    p.obj("r $0-model") >> model[1]
    shown = p.obj("symbol")
    p.obj("r $0-model") >> shown >> typed
    p.group("it is chosen under that name when it has it")
    done = p.obj("route done")
    (
        p.obj("r sda-$1-in")
        >> done
        >> p.obj("route /sda/model/rename")
        >> p.obj("symbol")
        >> p.obj("s sda-$1-model")
    )
    p.group("restore what was deleted last: ask what that is")
    press = p.obj("t b b")
    waiting = p.obj("spigot")
    first = p.obj("list split 1")
    model = p.obj("t s b")
    p.obj("r $0-restore") >> press
    press[1] >> p.msg("1") >> waiting[1]
    press[0] >> p.msg("/sda/model/trash") >> p.obj("s sda-$1-send")
    topic = p.obj("route model")
    p.obj("r sda-$1-in") >> topic >> p.obj("route deleted") >> waiting >> first >> model
    model[1] >> p.msg("0") >> waiting[1]
    model[0] >> p.obj("list prepend /sda/model/restore") >> p.obj("s sda-$1-send")
    p.group("nothing is there")
    done = p.obj("route done")
    (
        p.obj("r sda-$1-in")
        >> done
        >> p.obj("route /sda/model/trash")
        >> p.obj("sel 0")
        >> p.msg("nothing was deleted")
        >> p.obj("s sda-$1-say")
    )
    return p


def _sure() -> Patch:
    p = Patch(name="sure")
    p.group(f"delete asks once more, for {REALLY_MS // 1000} s")
    armed = p.obj("f 0")
    which = p.obj("sel 0 1")
    face = p.obj("s $0-delete-face")
    arm = p.obj("t b b b")
    p.obj("r $0-delete") >> armed >> which >> arm
    arm[2] >> p.msg("1") >> armed[1]
    arm[1] >> p.msg(f"color {BAD} {BAD} {FIELD}, label really?") >> face
    over = p.obj(f"del {REALLY_MS}")
    arm[0] >> over
    sure = p.obj("t b b")
    which[1] >> sure
    model = p.obj("symbol -")
    sure[0] >> model >> p.obj("list prepend /sda/model/delete") >> p.obj("s sda-$1-send")
    p.obj("r $0-model") >> model[1]
    rest = p.obj("t b b")
    over >> rest
    sure[1] >> rest
    rest[1] >> p.msg("0") >> armed[1]
    rest[0] >> p.msg(f"color {BUTTON} {BUTTON} {TEXT}, label delete") >> face
    return p
