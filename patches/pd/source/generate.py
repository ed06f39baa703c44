"""sda.generate: new material from the prior of the chosen model."""

from dataclasses import dataclass

from document import Box, Graph, Patch
from palette import ACTIVE_DARK, BUTTON, QUIET
from widgets import button, caption, field, label, panel, slider

WIDTH, HEIGHT = 300, 300


@dataclass(frozen=True, slots=True)
class Knob:
    """A slider with its value beside it: how the daemon calls it, and what it may be."""

    name: str
    text: str
    low: float
    high: float
    start: float
    places: int
    is_option: bool = True


KNOBS = (
    Knob("seconds", "seconds", 0.1, 30, 10, 1, is_option=False),
    Knob("temperature", "temperature", 0.1, 2, 1, 2),
    Knob("top_k", "top-k (0 off)", 0, 128, 0, 0),
    Knob("top_p", "top-p (0 off)", 0, 1, 0.9, 2),
    Knob("novelty", "novelty at least", 0, 1, 0, 2),
    Knob("amount", "vary by", 0, 1, 0.3, 2, is_option=False),
)
COMMANDS = ("sample", "continue", "infill", "vary")
KNOB_Y, KNOB_PITCH = 58, 20


def generate() -> Patch:
    """Return the abstraction that samples, continues, fills and varies."""
    p = Patch(1240, 900, graph=Graph(WIDTH, HEIGHT, 10, 10))
    _face(p)
    p.at(340, 16)
    names = "', '".join(f"{knob.name} X" for knob in KNOBS)
    p.comment(
        f"sda.generate CLIENT: new material from the prior of the chosen model. In: '{names}', "
        "'seed N' (-1 draws one), 'name TEXT', 'sample', 'continue', 'infill', 'vary', 'cancel', "
        "'train'. Continue, infill and vary work on the grid with the focus, the last two on what "
        "is selected in it. Out: what a job answers, such as 'sample GRID COLUMNS SEED'.",
        width=100,
    )
    p.group("messages in")
    words = p.obj(
        "route "
        + " ".join([k.name for k in KNOBS] + ["seed", "name", *COMMANDS, "cancel", "train"])
    )
    p.obj("inlet") >> words
    for outlet, knob in enumerate(KNOBS):
        words[outlet] >> p.obj(f"s $0-{knob.name}-shown")
    n = len(KNOBS)
    words[n] >> p.obj("s $0-seed")
    words[n + 1] >> p.obj("sda.words") >> p.obj("s $0-base")
    for outlet, name in enumerate((*COMMANDS, "cancel", "train"), start=n + 2):
        words[outlet] >> p.obj("t b") >> p.obj(f"s $0-{name}")
    p.group("messages out")
    p.obj("r $0-answer") >> p.obj("outlet")
    p.group("the parts")
    for part in (_knobs(), _seed(), _options(), _take(), _edits(), _prior(), _job()):
        p.subpatch(part)
    return p


def _face(p: Patch) -> None:
    panel(p, 10, 10, WIDTH, HEIGHT, "generate")
    button(p, 224, 15, 80, "train prior", "$0-train", size=10)
    label(p, 20, 36, "choose a model", name="$0-prior", size=11, colour=QUIET)
    for place, knob in enumerate(KNOBS):
        y = KNOB_Y + place * KNOB_PITCH
        caption(p, 20, y, knob.text)
        slider(
            p, 136, y, 120, low=knob.low, high=knob.high,
            send=f"$0-{knob.name}-moved", receive=f"$0-{knob.name}-shown",
        )  # fmt: skip
        label(p, 266, y, f"{knob.start:g}", name=f"$0-{knob.name}-value", size=11)
    y = KNOB_Y + len(KNOBS) * KNOB_PITCH + 2
    caption(p, 20, y + 1, "seed")
    field(p, 56, y, 80, "$0-seed-field", text="any", size=11)
    caption(p, 150, y + 1, "name")
    field(p, 186, y, 120, "$0-base-field", text="take", size=11)
    y += 28
    for place, name in enumerate(COMMANDS):
        colour = ACTIVE_DARK if name == "sample" else BUTTON
        x = 20 + place % 2 * 104
        button(p, x, y + place // 2 * 24, 100, name, f"$0-{name}", colour=colour, size=11)
    label(p, 20, y + 50, "", name="$0-told", size=10, colour=QUIET)
    label(p, 20, y + 62, "", name="$0-new", size=10, colour=QUIET)
    button(p, 228, y, 80, "cancel", "$0-cancel", size=11)


def _knobs() -> Patch:
    p = Patch(name="knobs")
    for knob in KNOBS:
        p.group(knob.text)
        scale = 10**knob.places
        value = p.obj(f"expr int({scale} * $f1 + 0.5) / {scale}." if scale > 1 else "i")
        both = p.obj("t f f")
        p.obj(f"r $0-{knob.name}-moved") >> value >> both
        both[1] >> p.obj(f"sda.label $0-{knob.name}-value")
        both[0] >> p.obj(f"s $0-{knob.name}")
        load = p.obj("loadbang")
        load >> p.msg(f"set {knob.start:g}") >> p.obj(f"s $0-{knob.name}-shown")
        load >> p.msg(f"{knob.start:g}") >> p.obj(f"s $0-{knob.name}")
    return p


def _seed() -> Patch:
    p = Patch(name="seed")
    p.group("a typed seed; a text that is no number draws one each time")
    typed = p.obj("sda.entry $1 $0-seed-field")
    order = p.obj("t s b")
    number = p.obj("sda.number")
    p.obj("r $0-seed-shown") >> typed
    typed >> order
    order[1] >> p.msg("-1") >> p.obj("s $0-seed")
    order[0] >> number >> p.obj("s $0-seed")
    drawn = p.obj("moses 0")
    p.obj("r $0-seed") >> drawn
    shown = p.obj("s $0-seed-shown")
    drawn[0] >> p.msg("symbol any") >> shown
    drawn[1] >> shown
    p.group("the name of the next take")
    typed = p.obj("sda.entry $1 $0-base-field")
    base = p.obj("t s s")
    p.obj("r $0-base") >> base
    base[0] >> p.obj("s $0-base-name")
    base[1] >> p.obj("s $0-base-shown")
    typed >> p.obj("s $0-base-name")
    p.obj("r $0-base-shown") >> typed
    return p


def _options() -> Patch:
    p = Patch(name="options")
    p.comment("Names and values, as the daemon wants them behind the arguments.", width=80)
    p.group("$0-options, whenever one of them changes")
    box: Box = p.msg("list")
    p.obj("r $0-gather") >> box
    for knob in KNOBS:
        if knob.is_option:
            more = p.obj(f"list append {knob.name} {knob.start:g}")
            p.obj(f"r $0-{knob.name}") >> p.obj(f"list prepend {knob.name}") >> more[1]
            box = box >> more
    seed = p.obj("list append seed -1")
    p.obj("r $0-seed") >> p.obj("list prepend seed") >> seed[1]
    box >> seed >> p.obj("s $0-options")
    return p


def _take() -> Patch:
    p = Patch(name="take")
    p.group("a new grid: name, model, seconds, options; it is shown while it grows")
    order = p.obj("t b b")
    p.obj("r $0-sample") >> order
    order[1] >> p.obj("s $0-gather")
    count = p.obj("f 1")
    both = p.obj("t f f")
    base = p.obj("list prepend take")
    name = p.obj("sda.words")
    order[0] >> count >> both
    both[1] >> p.obj("+ 1") >> count[1]
    both[0] >> base >> name
    # A take never takes the name of an open grid.
    known = p.obj("text search $0-known")
    held = p.obj("t s s")
    free = p.obj("moses 0")
    again = p.obj("t b")
    new = p.obj("symbol")
    named = p.obj("t s s")
    name >> held
    held[1] >> new[1]
    held[0] >> known >> free
    free[0] >> p.obj("t b") >> new >> named
    free[1] >> again >> count
    p.obj("r $0-base-name") >> base[1]
    request = p.obj("pack s s f")
    whole = p.obj("list append")
    named[1] >> request
    request >> whole >> p.obj("list prepend /sda/prior/sample") >> p.obj("s sda-$1-send")
    named[0] >> p.obj("s sda-$1-want-grid")
    p.obj("r sda-$1-model") >> request[1]
    p.obj("r $0-seconds") >> request[2]
    p.obj("r $0-options") >> whole[1]

    p.group("the names of the grids that were told")
    p.obj("text define $0-known")
    state = p.obj("route grid")
    grid = p.obj("list split 1")
    told = p.obj("t s s")
    where = p.obj("text search $0-known")
    is_new = p.obj("moses 0")
    add = p.obj("symbol")
    p.obj("r sda-$1-in") >> state >> p.obj("route state") >> p.obj("list") >> grid
    grid[0] >> p.obj("symbol") >> told
    told[1] >> add[1]
    told[0] >> where >> is_new >> p.obj("t b") >> add >> p.obj("text set $0-known 1000000")

    p.group("the grid with the focus, from what is selected or its end on")
    order = p.obj("t b b b")
    p.obj("r $0-continue") >> order
    order[2] >> p.obj("s $0-gather")
    region = p.obj("list 0 0 0 0")
    fields = p.obj("unpack f f f f")
    column = p.obj("expr if ($f2 > 0, $f1 + $f2, -1)")
    request = p.obj("pack s f f")
    whole = p.obj("list append")
    grid = p.obj("symbol -")
    order[1] >> region >> fields
    fields[3] >> column[1]
    fields[2] >> column >> request[1]
    order[0] >> grid >> request >> whole
    whole >> p.obj("list prepend /sda/prior/continue") >> p.obj("s sda-$1-send")
    p.obj("r sda-$1-grid") >> grid[1]
    p.obj("r sda-$1-region") >> region[1]
    p.obj("r $0-seconds") >> request[2]
    p.obj("r $0-options") >> whole[1]
    return p


def _edits() -> Patch:
    p = Patch(name="edits")
    for command in ("infill", "vary"):
        p.group(f"{command}: grid, region, options")
        order = p.obj("t b b")
        p.obj(f"r $0-{command}") >> order
        order[1] >> p.obj("s $0-gather")
        region = p.obj("list 0 0 0 0")
        both = p.obj("t l l")
        fields = p.obj("unpack f f f f")
        any_ = p.obj("> 0")
        gate = p.obj("spigot")
        nothing = p.obj("sel 0")
        order[0] >> region >> both
        both[1] >> fields
        fields[3] >> any_
        any_ >> gate[1]
        (
            any_
            >> nothing
            >> p.msg("select a region first: drag across cells")
            >> p.obj("s sda-$1-say")
        )
        named = p.obj("list prepend")
        whole = p.obj("list append")
        both[0] >> gate >> named
        box: Box = named
        if command == "vary":
            amount = p.obj("list append 0.3")
            p.obj("r $0-amount") >> p.obj("list") >> amount[1]
            box = box >> amount
        box >> whole >> p.obj(f"list prepend /sda/prior/{command}") >> p.obj("s sda-$1-send")
        p.obj("r sda-$1-grid") >> p.obj("list") >> named[1]
        p.obj("r sda-$1-region") >> region[1]
        p.obj("r $0-options") >> whole[1]
    return p


def _prior() -> Patch:
    p = Patch(name="prior")
    p.group("has the chosen model one")
    done = p.obj("route done")
    mine = p.obj("sda.if-mine sda-$1-model")
    fields = p.obj("unpack f f f f f f f")
    has = p.obj("sel 1 0")
    text = p.obj("sda.label $0-prior")
    p.obj("r sda-$1-in") >> done >> p.obj("route /sda/model/info") >> mine >> fields
    fields[6] >> has
    model = p.obj("symbol -")
    has[0] >> model >> p.msg("$1 has a prior") >> text
    has[1] >> p.msg("no prior yet - press 'train prior'") >> text
    p.obj("r sda-$1-model") >> model[1]
    p.group("ask about it")
    name = p.obj("symbol")
    (
        p.obj("r sda-$1-model")
        >> name
        >> p.obj("list prepend /sda/model/info")
        >> p.obj("s $0-ask-info")
    )
    p.obj("r $0-ask-info") >> p.obj("sda.latest 500") >> p.obj("s sda-$1-send")
    p.group("train it")
    model = p.obj("symbol -")
    p.obj("r $0-train") >> model >> p.obj("list prepend /sda/prior/train") >> p.obj("s sda-$1-send")
    p.obj("r sda-$1-model") >> model[1]
    p.group("perplexity per code while it learns: job, level, name, counts, net")
    topic = p.obj("route prior")
    kind = p.obj("route level snapshot")
    p.obj("r sda-$1-in") >> topic >> kind
    kind[0] >> p.msg("$3: perplexity $4 by counts - $5 by the net") >> p.obj("sda.label $0-prior")
    kind[1] >> p.msg("$2 can be sampled") >> p.obj("sda.label $0-prior")
    return p


def _job() -> Patch:
    p = Patch(name="job")
    addresses = [f"/sda/prior/{name}" for name in ("sample", "continue", "infill", "train")]
    p.group("its number, to cancel it")
    done = p.obj("route done")
    started = p.obj("route " + " ".join(addresses))
    number = p.obj("f")
    p.obj("r sda-$1-in") >> done >> started
    for outlet in range(len(addresses)):
        started[outlet] >> p.obj("f") >> number[1]
    (
        p.obj("r $0-cancel")
        >> number
        >> p.obj("list prepend /sda/job/cancel")
        >> p.obj("s sda-$1-send")
    )
    p.group("how it ended")
    topic = p.obj("route job")
    ended = p.obj("route done")
    rest = p.obj("list split 1")
    which = p.obj("route " + " ".join(addresses[:2]))
    p.obj("r sda-$1-in") >> topic >> ended >> rest
    rest[1] >> p.obj("list trim") >> which
    text = p.obj("sda.label $0-told")
    answer = p.obj("s $0-answer")
    for outlet, name in enumerate(("sample", "continue")):
        facts = p.obj("list")
        which[outlet] >> facts >> p.msg("$1 - $2 columns - seed $3") >> text
        facts >> p.obj(f"list prepend {name}") >> p.obj("list trim") >> answer
    p.group("how new it is: grid, column, columns, novelty, usual, seconds, at, file")
    topic = p.obj("route prior")
    p.obj("r sda-$1-in") >> topic >> p.obj("route novelty") >> p.obj("s $0-novelty-told")
    told = p.obj("list split 8")
    fields = p.obj("unpack s f f f f f f s")
    line = p.obj("pack f f s")
    p.obj("r $0-novelty-told") >> told >> fields
    fields[7] >> line[2]
    fields[5] >> p.obj("expr int(10 * $f1 + 0.5) / 10.") >> line[1]
    fields[3] >> p.obj("expr int(100 * $f1 + 0.5)") >> line
    line >> p.msg("$1 % new - longest copy $2 s of $3") >> p.obj("sda.label $0-new")
    return p
