"""sda.status: the words on the window: connection, model, grid, level names, errors, progress."""

from document import Box, Patch, Port
from layout import MAX_LEVELS, PROGRESS_HEIGHT, PROGRESS_WIDTH
from palette import ACTIVE, BAD, GOOD, PAGE, TEXT

LINE_LENGTH = 146
QUIET_ANSWERS = (
    "/sda/hello /sda/subscribe /sda/status /sda/grid/get /sda/play/code /sda/play/column"
)


def status() -> Patch:
    """Return the abstraction that writes every label of the window."""
    p = Patch(1240, 800)
    p.at(20, 16)
    p.comment(
        "sda.status: writes the labels of the window. Each is a canvas box with a name: "
        "sda-show-connection, sda-show-model, sda-show-grid, sda-show-message and so on.",
        width=140,
    )
    _connection(p)
    _facts(p)
    _level_names(p)
    p.at(20, 670)
    p.comment("what the daemon says", width=30)
    for part in (_failures(), _jobs(), _message()):
        p.subpatch(part)
    return p


def _connection(p: Patch) -> None:
    p.at(20, 80)
    p.comment("connected or lost", width=30)
    connected = p.obj("r sda-connected")
    order = p.obj("t f f")
    is_up = p.obj("sel 1 0")
    connected >> order >> is_up
    p.at(20, 276)
    up = p.obj("list")
    up_text = p.obj("list prepend connected to")
    show = p.obj("sda.label sda-show-connection")
    p.at(240, 276)
    down = p.obj("list")
    down_text = p.obj("list prepend no answer from")
    is_up[0] >> up >> up_text >> show
    is_up[1] >> down >> down_text >> show
    p.at(220, 106)
    address = p.obj("r sda-address")
    address >> up[1]
    address >> down[1]
    p.at(20, 190)
    _colour(p, is_up[0], "sda-show-dot", GOOD, GOOD)
    _colour(p, is_up[1], "sda-show-dot", BAD, BAD)

    p.at(20, 370)
    p.comment("nothing to show yet: what to do", width=40)
    shown = p.obj("r sda-grid-shown")
    p.at(20, 460)
    has_levels = p.obj("f")
    p.at(180, 396)
    levels = p.obj("r sda-n-levels")
    levels >> has_levels[1]
    state = p.obj("f")
    p.at(120, 460)
    order[1] >> state[1]
    choice = p.obj("expr if ($f1 > 0, 2, if ($f2 > 0, 1, 0))")
    which = p.obj("sel 0 1 2")
    state >> choice[1]
    has_levels >> choice >> which
    p.at(20, 425)
    look = p.obj("t b b")
    shown >> look
    order[0] >> look
    look[1] >> state
    look[0] >> has_levels
    p.at(20, 540)
    start = p.msg("Start the daemon: sdaudio serve - this window finds it by itself.")
    open_sound = p.msg("No sound is open yet. Press 'open sound' and choose a file.")
    nothing = p.msg("list")
    hint = p.obj("sda.label sda-show-hint")
    which[0] >> start >> hint
    which[1] >> open_sound >> hint
    which[2] >> nothing >> hint


def _facts(p: Patch) -> None:
    p.at(560, 80)
    p.comment("model and grid", width=30)
    model = p.obj("r sda-model")
    model >> p.obj("sda.label sda-show-model")
    p.at(780, 106)
    grid = p.obj("r sda-grid")
    grid >> p.obj("sda.label sda-show-grid")
    p.at(560, 180)
    shown = p.obj("r sda-grid-shown")
    levels = p.obj("f")
    any_open = p.obj("sel 0")
    p.at(620, 270)
    facts = p.obj("pack f f f f f")
    text = p.msg("$1 levels x $2 columns x $3 codes")
    show = p.obj("sda.label sda-show-facts")
    shown >> levels >> any_open
    any_open[1] >> facts >> text >> show
    p.at(920, 310)
    place = p.msg("grid $4 of $5")
    show_place = p.obj("sda.label sda-show-place")
    facts >> place >> show_place
    p.at(560, 360)
    none = p.msg(
        "; sda-show-facts label; sda-show-columns label; sda-show-place label grid; "
        "sda-show-grid label none"
    )
    any_open[0] >> none
    p.at(980, 80)
    playing = p.obj("r sda-playing")
    which = p.obj("sel 0 1")
    stopped = p.msg("; sda-show-playing label")
    running = p.msg("; sda-show-playing label playing")
    playing >> which >> stopped
    which[1] >> running
    p.at(860, 160)
    for inlet, name in enumerate(
        ("sda-n-levels", "sda-n-columns", "sda-codebook-size", "sda-grid-position", "sda-n-grids")
    ):
        value = p.obj(f"r {name}")
        value >> (facts[inlet] if inlet else levels[1])


def _level_names(p: Patch) -> None:
    p.at(560, 450)
    p.comment("level names", width=30)
    names = p.obj("r sda-level-names")
    split = p.obj("t l b")
    each = p.obj(f"unpack {' '.join('s' * MAX_LEVELS)}")
    names >> split >> each
    p.at(780, 476)
    none = p.obj("r sda-n-levels")
    is_none = p.obj("sel 0")
    clear = p.msg("; " + "; ".join(f"sda-show-level-{level} label" for level in range(MAX_LEVELS)))
    none >> is_none >> clear
    split[1] >> clear
    for level in range(MAX_LEVELS):
        p.at(560, 610 + 26 * level)
        each[level] >> p.obj(f"sda.label sda-show-level-{level}")


def _failures() -> Patch:
    p = Patch(760, 340, name="failures")
    p.at(20, 16)
    p.comment("a command was refused, or its job failed", width=60)
    receive = p.obj("r sda-receive")
    topic = p.obj("route fail done job")
    address = p.obj("list")
    text = p.msg("$1: $3")
    colour_first = p.obj("t a b")
    message = p.obj("s sda-message")
    receive >> topic >> address >> text >> colour_first >> message
    p.at(300, 68)
    kind = p.obj("route failed")
    failed = p.msg("$2: $4")
    topic[2] >> kind >> failed >> colour_first
    p.at(20, 230)
    _colour(p, colour_first[1], "sda-show-message", PAGE, BAD)

    p.at(300, 150)
    p.comment("something succeeded: the old message is over", width=50)
    accepted = p.obj(f"route {QUIET_ANSWERS}")
    p.at(500, 240)
    over = p.msg("list")
    last = QUIET_ANSWERS.count(" ") + 1
    topic[1] >> accepted
    accepted[last] >> over >> message
    return p


def _jobs() -> Patch:
    p = Patch(1060, 520, name="jobs")
    p.at(20, 16)
    receive = p.obj("r sda-receive")
    topic = p.obj("route job")
    kind = p.obj("route progress done cancelled failed")
    receive >> topic >> kind

    p.at(20, 120)
    p.comment("progress: job, fraction, seconds left, text", width=50)
    fields = p.obj("unpack f f f s")
    text = p.obj("pack f f s")
    p.at(20, 250)
    with_time = p.obj("spigot")
    line = p.msg("$3: $1 % - $2 s left")
    p.at(220, 250)
    without_time = p.obj("spigot")
    short_line = p.msg("$3: $1 %")
    p.at(20, 330)
    colour_first = p.obj("t a b")
    message = p.obj("s sda-message")
    kind[0] >> fields
    fields[3] >> text[2]
    text >> with_time >> line >> colour_first >> message
    text >> without_time >> short_line >> colour_first
    p.at(180, 146)
    seconds = p.obj("t f f f")
    whole_seconds = p.obj("i")
    fields[2] >> seconds >> whole_seconds >> text[1]
    p.at(220, 198)
    known = p.obj(">= 0")
    unknown = p.obj("< 0")
    seconds[1] >> known >> with_time[1]
    seconds[2] >> unknown >> without_time[1]
    p.at(360, 146)
    fraction = p.obj("t f f")
    percent = p.obj("* 100")
    whole = p.obj("i")
    fields[1] >> fraction >> percent >> whole >> text
    p.at(360, 250)
    width = p.obj(f"* {PROGRESS_WIDTH}")
    bar = p.msg(f"; sda-show-progress vis_size $1 {PROGRESS_HEIGHT}")
    fraction[1] >> width >> bar
    p.at(120, 390)
    _colour(p, colour_first[1], "sda-show-message", PAGE, TEXT)
    _colour(p, colour_first[1], "sda-show-progress", ACTIVE, ACTIVE)

    p.at(660, 120)
    p.comment("done: job, address, results", width=40)
    done = p.obj("t l b")
    no_job = p.obj("list split 1")
    trim = p.obj("list trim")
    address = p.obj("route /sda/grid/render")
    results = p.obj("list")
    rendered = p.msg("rendered: $1")
    p.at(820, 260)
    finished = p.obj("list")
    other = p.msg("$1: done")
    kind[1] >> done >> no_job
    no_job[1] >> trim >> address >> results >> rendered >> colour_first
    address[1] >> finished >> other >> colour_first
    p.at(660, 340)
    hide = p.obj("t b")
    # The text's colour comes with the line; the bar must go after that.
    later = p.obj("del 0")
    done[1] >> hide
    kind[3] >> hide
    hide >> later
    _colour(p, later, "sda-show-progress", PAGE, PAGE)
    p.at(860, 340)
    cancelled = p.msg("$2: cancelled")
    kind[2] >> cancelled >> colour_first
    cancelled_too = p.obj("t b")
    kind[2] >> cancelled_too >> hide
    return p


def _message() -> Patch:
    p = Patch(640, 420, name="message")
    p.at(20, 16)
    p.comment(f"the message, on two lines of at most {LINE_LENGTH} characters", width=60)
    message = p.obj("r sda-message")
    words = p.obj("sda.words")
    codes = p.obj("list fromsymbol")
    split = p.obj(f"list split {LINE_LENGTH}")
    first = p.obj("list tosymbol")
    label = p.msg("label $1")
    show = p.obj("s sda-show-message")
    order = p.obj("t a b")
    p.at(320, 120)
    second = p.obj("list tosymbol")
    second_label = p.msg("label $1")
    show_second = p.obj("s sda-show-message-2")
    message >> order
    order[0] >> words >> codes >> split >> first >> label >> show
    split[2] >> first
    split[1] >> second >> second_label >> show_second
    p.at(480, 120)
    empty = p.msg("label")
    order[1] >> empty >> show_second
    return p


def _colour(p: Patch, source: Port | Box, target: str, background: str, text: str) -> None:
    source >> p.msg(f"; {target} color {background} {background} {text}")
