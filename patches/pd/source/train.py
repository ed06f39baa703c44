"""sda.train: from a folder of sounds to a model, with its health while it learns."""

from document import Box, Graph, Patch
from palette import (
    ACTIVE,
    ACTIVE_DARK,
    BAD,
    BUTTON,
    FIELD,
    GOOD,
    PANEL,
    TEXT,
    WAITING,
    code_colours,
)
from train_face import (
    CELLS,
    HEIGHT,
    MAX_LEVELS,
    PRESETS,
    UTILISATION_WIDTH,
    WIDTH,
    draw_face,
)

LIGHTS = {"green": GOOD, "yellow": WAITING, "red": BAD}
NEEDS = {
    "check": ("folder",),
    "start": ("name", "folder"),
    "stop": (),
    "resume": ("model",),
    "add": ("folder", "model"),
}
"""What must be known before a command is sent."""
EVENTS = ("folder", "name", "minutes", "preset", "levels", "commitment")


def train() -> Patch:
    """Return the abstraction that checks a folder, trains on it, and shows how it goes."""
    p = Patch(1240, 900, graph=Graph(WIDTH, HEIGHT, 10, 10))
    draw_face(p)
    p.at(460, 16)
    p.comment(
        "sda.train CLIENT: trains models on folders of sounds. In: 'folder PATH', 'name TEXT', "
        "'minutes N', 'preset draft', 'levels N', 'commitment W', and 'check', 'start', 'stop', "
        "'resume', 'add'. Out: what the daemon tells of trainings, such as 'level JOB LEVEL NAME "
        "...' and 'note JOB TEXT'.",
        width=100,
    )
    p.group("messages in")
    words = p.obj("route " + " ".join([*EVENTS, *NEEDS]))
    p.obj("inlet") >> words
    for outlet, name in enumerate(EVENTS):
        value = p.obj("sda.words") if name in ("folder", "name", "preset") else p.obj("f")
        words[outlet] >> value >> p.obj(f"s $0-{name}")
    for outlet, name in enumerate(NEEDS, start=len(EVENTS)):
        words[outlet] >> p.obj("t b") >> p.obj(f"s $0-{name}-pressed")
    p.group("messages out")
    topic = p.obj("route train dataset")
    outlet = p.obj("outlet")
    p.obj("r sda-$1-in") >> topic >> outlet
    topic[1] >> outlet
    p.group("the parts")
    for part in (_choices(), _commands(), _report(), _levels(), _usage()):
        p.subpatch(part)
    return p


def _choices() -> Patch:
    p = Patch(name="choices")
    p.group("a folder")
    folder = p.obj("openpanel 1")
    p.obj("r $0-choose-folder") >> folder >> p.obj("s $0-folder")
    path = p.obj("t s s")
    p.obj("r $0-folder") >> path
    parts = p.obj("file splitname")
    name = p.obj("unpack s s")
    path[0] >> parts >> name
    name[1] >> p.obj("sda.label $0-folder-shown")
    p.group("its name is the model's, until another is typed")
    typed = p.obj("sda.entry $1 $0-name-field")
    named = p.obj("s $0-name-typed")
    name[1] >> p.obj("s $0-folder-name")
    p.obj("r $0-folder-name") >> p.obj("t s s") >> p.obj("s $0-name")
    typed >> named
    p.obj("r $0-name-typed") >> p.obj("s $0-name")
    p.obj("r $0-name") >> typed

    p.group("minutes and commitment: typed numbers")
    for what in ("minutes", "commitment"):
        entry = p.obj(f"sda.entry $1 $0-{what}-field")
        entry >> p.obj("sda.number") >> p.obj(f"s $0-{what}")
        p.obj(f"r $0-{what}-shown") >> entry
    p.obj("r $0-minutes") >> p.obj("s $0-minutes-shown")
    p.obj("r $0-commitment") >> p.obj("s $0-commitment-shown")
    p.group("a preset takes the minutes back")
    for preset in PRESETS:
        order = p.obj("t b b")
        p.obj(f"r $0-preset-{preset}") >> order
        order[1] >> p.msg("0") >> p.obj("s $0-minutes-off")
        order[0] >> p.msg(f"symbol {preset}") >> p.obj("s $0-preset")
    p.obj("r $0-minutes-off") >> p.obj("s $0-minutes-value")
    p.obj("r $0-minutes-off") >> p.msg("symbol") >> p.obj("s $0-minutes-shown")
    p.obj("r $0-minutes") >> p.obj("s $0-minutes-value")
    p.obj("r $0-minutes") >> p.msg("symbol -") >> p.obj("s $0-preset-look")
    chosen = p.obj("r $0-preset")
    chosen >> p.obj("s $0-preset-look")
    p.obj("loadbang") >> p.msg("symbol draft") >> p.obj("s $0-preset")
    p.obj("r $0-preset-look") >> p.obj("t s s") >> p.obj("s $0-preset-off")
    for preset in PRESETS:
        p.group(f"the look of {preset}")
        same = p.obj(f"sel {preset}")
        face = p.obj(f"s $0-preset-{preset}-face")
        p.obj("r $0-preset-off") >> same
        same[0] >> p.msg(f"color {ACTIVE_DARK} {ACTIVE_DARK} {TEXT}") >> face
        same[1] >> p.obj("t b") >> p.msg(f"color {BUTTON} {BUTTON} {TEXT}") >> face
    for n_levels in (2, 3, 4):
        p.group(f"{n_levels} levels")
        p.obj(f"r $0-levels-{n_levels}") >> p.msg(str(n_levels)) >> p.obj("s $0-levels")
        same = p.obj(f"sel {n_levels}")
        face = p.obj(f"s $0-levels-{n_levels}-face")
        p.obj("r $0-levels") >> same
        same[0] >> p.msg(f"color {ACTIVE_DARK} {ACTIVE_DARK} {TEXT}") >> face
        same[1] >> p.obj("t b") >> p.msg(f"color {BUTTON} {BUTTON} {TEXT}") >> face
    p.obj("loadbang") >> p.msg("3") >> p.obj("s $0-levels")
    return p


def _commands() -> Patch:
    p = Patch(name="commands")
    p.group("the options that are set: preset or minutes, levels, commitment")
    gather = p.obj("t b b b b")
    p.obj("r $0-gather") >> gather
    options = p.obj("list prepend")
    result = p.obj("t l l")
    gather[3] >> p.msg("list") >> options[1]
    options >> result
    result[1] >> options[1]
    minutes = p.obj("f 0")
    spent = p.obj("moses 0.001")
    preset = p.obj("symbol draft")
    gather[2] >> minutes >> spent
    spent[0] >> p.obj("t b") >> preset >> p.obj("list prepend preset") >> options
    spent[1] >> p.obj("list prepend minutes") >> options
    result[0] >> p.obj("s $0-options")
    p.obj("r $0-minutes-value") >> minutes[1]
    p.obj("r $0-preset") >> preset[1]
    levels = p.obj("f 3")
    gather[1] >> levels >> p.obj("list prepend levels") >> p.obj("s $0-levels-option")
    p.obj("r $0-levels") >> levels[1]
    weight = p.obj("f -1")
    given = p.obj("moses 0")
    gather[0] >> weight >> given
    given[0] >> p.msg("list") >> p.obj("s $0-weight-option")
    given[1] >> p.obj("list prepend commitment_weight") >> p.obj("s $0-weight-option")
    p.obj("r $0-commitment") >> weight[1]

    for command, address, parts in (
        ("check", "/sda/dataset/check", ("folder", "options", "levels-option")),
        ("start", "/sda/train/start", ("name", "folder", "options", "levels-option",
                                       "weight-option")),
        ("add", "/sda/train/add", ("model", "folder", "options")),
        ("resume", "/sda/train/resume", ("model", "options")),
        ("stop", "/sda/train/stop", ("trained",)),
    ):  # fmt: skip
        p.group(command)
        order = p.obj("t b b")
        p.obj(f"r $0-{command}") >> order
        order[1] >> p.obj("s $0-gather")
        words = p.obj("list")
        order[0] >> words
        box = words
        for part in parts:
            more = p.obj("list append")
            bus = "sda-$1-model" if part == "model" else f"$0-{part}"
            p.obj(f"r {bus}") >> p.obj("list") >> more[1]
            box = box >> more
        box >> p.obj(f"list prepend {address}") >> p.obj("s sda-$1-send")

    p.group("which model is trained: what was started, resumed, added to")
    name = p.obj("symbol -")
    p.obj("r $0-start") >> name >> p.obj("s $0-trained")
    p.obj("r $0-name") >> name[1]
    model = p.obj("symbol -")
    again = p.obj("t b")
    p.obj("r $0-resume") >> again
    p.obj("r $0-add") >> again
    again >> model >> p.obj("s $0-trained")
    p.obj("r sda-$1-model") >> model[1]
    p.group("or what another client trains, while nothing of ours is")
    topic = p.obj("route train")
    fields = p.obj("unpack f s")
    idle = p.obj("spigot 1")
    p.obj("r sda-$1-in") >> topic >> p.obj("route snapshot") >> fields
    fields[1] >> idle >> p.obj("s $0-trained")
    started = p.msg("0")
    for command in ("start", "resume", "add"):
        p.obj(f"r $0-{command}") >> started
    started >> idle[1]
    ended = p.obj("route done failed cancelled")
    rest = p.obj("list split 1")
    addresses = " ".join(f"/sda/train/{command}" for command in ("start", "resume", "add"))
    ours = p.obj(f"route {addresses}")
    over = p.obj("t b")
    p.obj("r sda-$1-in") >> p.obj("route job") >> ended
    for outlet in range(3):
        ended[outlet] >> rest
        ours[outlet] >> over
    rest[1] >> p.obj("list trim") >> ours
    over >> p.msg("1") >> idle[1]

    for command, needs in NEEDS.items():
        p.group(f"{command} needs " + (" and ".join(f"a {each}" for each in needs) or "nothing"))
        box: Box = p.obj(f"r $0-{command}-pressed")
        for what in needs:
            known = p.obj("f 0")
            is_missing = p.obj("sel 0")
            is_there = p.obj("t b")
            box >> p.obj("t b") >> known >> is_missing
            is_missing[0] >> p.msg(f"choose a {what} first") >> p.obj("s sda-$1-say")
            is_missing[1] >> is_there
            box = is_there
            bus = "sda-$1-model" if what == "model" else f"$0-{what}"
            p.obj(f"r {bus}") >> p.obj("t b") >> p.msg("1") >> known[1]
        box >> p.obj(f"s $0-{command}")
    return p


def _report() -> Patch:
    p = Patch(name="report")
    p.group("notes, warnings, predictions: the latest in words")
    train = p.obj("route train dataset prior")
    notes = p.obj("route note prediction snapshot")
    p.obj("r sda-$1-in") >> train >> notes
    tell = p.obj("s $0-tell")
    notes[0] >> p.msg("$2") >> tell
    notes[1] >> p.msg("$5") >> tell
    notes[2] >> p.msg("$2 can be played - step $3") >> tell
    data = p.obj("route warning file")
    train[1] >> data
    data[0] >> p.msg("$2") >> tell
    used = p.obj("unpack f s f f s")
    why = p.obj("pack s s")
    skipped = p.obj("sel 0")
    data[1] >> used
    used[4] >> why[1]
    used[2] >> skipped
    name = p.obj("symbol")
    used[1] >> name[1]
    # The name comes after whether it is used, so wait for it.
    skipped[0] >> p.obj("del 0") >> name >> why >> p.msg("not used: $1 - $2") >> tell
    prior = p.obj("route note")
    train[2] >> prior >> p.msg("$2") >> tell

    p.group("on two lines")
    p.obj("r $0-tell") >> p.obj("sda.lines $0-note 62")

    p.group("the totals of a check: job, address, used, files, seconds, codes, minutes")
    job = p.obj("route job")
    done = p.obj("route done")
    fields = p.obj("list split 1")
    check = p.obj("route /sda/dataset/check")
    p.obj("r sda-$1-in") >> job >> done >> fields
    fields[1] >> p.obj("list trim") >> check
    (
        check
        >> p.msg("$1 of $2 sounds - $3 s - $4 codes a level - about $5 minutes")
        >> p.obj("s $0-tell")
    )
    return p


def _levels() -> Patch:
    p = Patch(name="levels")
    p.group("of a training: job, level, name ...; of a chosen model: name, level, name ...")
    training = p.obj("route train model")
    level = p.obj("route level")
    rest = p.obj("list split 1")
    p.obj("r sda-$1-in") >> training >> level >> rest
    told = p.obj("s $0-level-told")
    rest[1] >> told
    known = p.obj("route level")
    mine = p.obj("sda.if-mine sda-$1-model")
    training[1] >> known >> mine >> told
    p.group("the first is told before the others, which another model may not have")
    is_first = p.obj("sel 0")
    told = p.obj("t l l")
    p.obj("r $0-level-told") >> told
    told[1] >> p.obj("list split 1") >> is_first >> p.obj("s $0-blank")
    told[0] >> p.obj("s $0-level-shown")
    for number in range(MAX_LEVELS):
        p.group(f"level {number}")
        mine = p.obj(f"route {number}")
        fields = p.obj("unpack s f f f s s")
        both = p.obj("t l b")
        p.obj("r $0-level-shown") >> mine >> p.obj("list") >> both
        both[0] >> fields
        both[1] >> p.msg(f"color {FIELD} {FIELD} {FIELD}") >> p.obj(f"s $0-trough-{number}")
        both[1] >> p.msg(f"color {ACTIVE} {ACTIVE} {ACTIVE}") >> p.obj(f"s $0-used-{number}")
        fields[5] >> p.obj(f"sda.label $0-sentence-{number}")
        light = p.obj("sel " + " ".join(LIGHTS))
        fields[4] >> light
        face = p.obj(f"s $0-light-{number}")
        for outlet, colour in enumerate(LIGHTS.values()):
            light[outlet] >> p.msg(f"color {colour} {colour} {colour}") >> face
        facts = p.obj("pack f f f")
        percent = p.obj("t f f")
        fields[3] >> facts[2]
        fields[2] >> p.obj("i") >> facts[1]
        fields[1] >> percent
        (
            percent[1]
            >> p.obj(f"expr max(1, int({UTILISATION_WIDTH} * $f1))")
            >> p.msg("vis_size $1 10")
            >> p.obj(f"s $0-used-{number}")
        )
        (
            percent[0]
            >> p.obj("expr int(100 * $f1 + 0.5)")
            >> facts
            >> p.msg("$1 % used - perplexity $2 - $3 dead")
            >> p.obj(f"sda.label $0-numbers-{number}")
        )
        fields[0] >> p.obj(f"sda.label $0-name-{number}")
    for number in range(1, MAX_LEVELS):
        p.group(f"no level {number}")
        blank = p.obj("t b b")
        p.obj("r $0-blank") >> blank
        dark = p.msg(f"color {PANEL} {PANEL} {PANEL}")
        blank[1] >> dark
        empty = p.msg("label")
        blank[0] >> empty
        for name in ("light", "trough", "used"):
            dark >> p.obj(f"s $0-{name}-{number}")
        for name in ("name", "numbers", "sentence"):
            empty >> p.obj(f"s $0-{name}-{number}")
    return p


def _usage() -> Patch:
    p = Patch(name="usage")
    p.comment("How often each code is used: neighbours add up to one cell.", width=90)
    colours = [fill for fill, _ in code_colours()]
    p.text_file("$0-heat", colours)
    p.obj("array define $0-counts 256")
    p.group("ask when another model is chosen, and at the end of a training")
    model = p.obj("symbol")
    known = p.obj("sel -")
    order = p.obj("t s s")
    ask = p.obj("list prepend /sda/model/usage")
    p.obj("r sda-$1-model") >> model >> known
    known[1] >> order
    order[1] >> known[1]
    order[0] >> ask >> p.obj("s sda-$1-send")
    topic = p.obj("route train")
    fields = p.obj("unpack f s")
    p.obj("r sda-$1-in") >> topic >> p.obj("route snapshot") >> fields
    fields[1] >> ask
    p.obj("r sda-$1-connected") >> p.obj("t b") >> p.obj("symbol -") >> known[1]

    p.group("model, level, counts")
    topic = p.obj("route model")
    level = p.obj("list split 2")
    counts = p.obj("t l l")
    p.obj("r sda-$1-in") >> topic >> p.obj("route counts") >> level
    level[1] >> counts
    counts[1] >> p.obj("array set $0-counts")
    counts[0] >> p.obj("list length") >> p.obj("s $0-n-codes")
    head = p.obj("unpack s f")
    order = p.obj("t b f")
    level[0] >> head
    head[1] >> order
    place = p.obj("t f f")
    order[1] >> place
    place[1] >> p.obj("s $0-heat-level")
    place[0] >> p.obj("sel 0") >> p.obj("s $0-heat-blank")
    order[0] >> p.msg(str(CELLS)) >> p.obj("sda.count") >> p.obj("s $0-heat-cell")

    p.group("rows that another model may not have")
    cell = p.obj("t b f")
    where = p.obj("pack f f")
    rows = p.msg(f"; $1-heat-2-$2 color {PANEL} {PANEL} {PANEL}; $1-heat-3-$2 color {PANEL} "
                 f"{PANEL} {PANEL}")  # fmt: skip
    p.obj("r $0-heat-blank") >> p.msg(str(CELLS)) >> p.obj("sda.count") >> cell
    cell[1] >> where[1]
    cell[0] >> p.obj("f $0") >> where >> rows

    p.group("an equal share of all")
    total = p.obj("array sum $0-counts")
    order = p.obj("t b f")
    p.obj("r $0-n-codes") >> order
    order[1] >> total[1]
    order[0] >> p.msg("0") >> total >> p.obj(f"/ {CELLS}") >> p.obj("s $0-equal-share")

    p.group("one cell: its codes' counts, against an equal share")
    cell = p.obj("t f b f")
    whom = p.obj("pack f f f")
    first = p.obj(f"expr int($f1 * $f2 / {CELLS})")
    used = p.obj("array sum $0-counts")
    ratio = p.obj(f"expr min({len(colours) - 1}, int({len(colours) // 2} * $f1 / max($f2, 0.001)))")
    words = p.obj("list prepend")
    p.obj("r $0-heat-cell") >> cell
    cell[2] >> whom[2]
    cell[1] >> p.obj("f $0") >> whom >> words[1]
    cell[0] >> first >> used >> ratio >> p.obj("text get $0-heat") >> words
    words >> p.msg(f"; $1-heat-$2-$3 color $4 $4 {PANEL}")
    p.obj("r $0-heat-level") >> whom[1]
    sizes = p.obj("r $0-n-codes")
    sizes >> first[1]
    sizes >> p.obj(f"expr max(1, int($f1 / {CELLS}))") >> used[1]
    p.obj("r $0-equal-share") >> ratio[1]
    return p
