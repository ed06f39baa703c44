"""sda.news: what the daemon says: errors, jobs with their progress, and a way to cancel them."""

from document import Graph, Patch
from palette import ACTIVE, BAD, FIELD, PANEL, QUIET, TEXT
from widgets import button, label, panel, rectangle

WIDTH, HEIGHT = 832, 50
BAR_WIDTH = 220
LINE_LENGTH = 112
STAYS_MS = 12000


def news() -> Patch:
    """Return the abstraction that shows the last message and the running job."""
    p = Patch(1240, 700, graph=Graph(WIDTH, HEIGHT, 10, 10))
    panel(p, 10, 10, WIDTH, HEIGHT)
    label(p, 20, 14, "", name="$0-first", size=11)
    label(p, 20, 27, "", name="$0-second", size=11)
    label(p, 20, 42, "", name="$0-job", size=11, colour=QUIET)
    rectangle(p, 10 + WIDTH - BAR_WIDTH - 100, 44, BAR_WIDTH, 10, colour=FIELD)
    rectangle(p, 10 + WIDTH - BAR_WIDTH - 100, 44, 1, 10, colour=FIELD, name="$0-bar")
    button(p, 10 + WIDTH - 88, 38, 80, "cancel job", "$0-cancel", size=11)
    p.at(20, 90)
    p.comment(
        "sda.news CLIENT: a refused command, a failed job, or what another part says (a list to "
        "sda-CLIENT-say), on two lines; the job that runs, how far it is and the time it needs.",
        width=130,
    )
    p.group("a command was refused, or its job failed")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route fail job")
    why = p.obj("list")
    job = p.obj("route failed")
    receive >> topic >> why >> p.msg("$3") >> p.obj("s $0-bad")
    topic[1] >> job >> p.msg("$4") >> p.obj("s $0-bad")

    p.group("whose words they are: red, or quiet")
    bad = p.obj("r $0-bad")
    order = p.obj("t a b")
    bad >> order
    order[1] >> p.obj("s $0-bad-ink")
    order[0] >> p.obj("s $0-text")
    say = p.obj("r sda-$1-say")
    order = p.obj("t a b")
    say >> order
    order[1] >> p.obj("s $0-good-ink")
    order[0] >> p.obj("s $0-text")
    for ink, colour in (("bad", BAD), ("good", TEXT)):
        message = p.msg(f"color {PANEL} {PANEL} {colour}")
        p.obj(f"r $0-{ink}-ink") >> message
        message >> p.obj("s $0-first")
        message >> p.obj("s $0-second")

    p.group(f"on two lines of {LINE_LENGTH} letters, for {STAYS_MS // 1000} s")
    text = p.obj("r $0-text")
    order = p.obj("t a b b")
    words = p.obj("sda.words")
    letters = p.obj("list fromsymbol")
    split = p.obj(f"list split {LINE_LENGTH}")
    first, second = p.obj("list tosymbol"), p.obj("list tosymbol")
    over = p.obj(f"del {STAYS_MS}")
    clear = p.msg("label")
    text >> order
    order[2] >> clear >> p.obj("s $0-second")
    order[1] >> over
    order[0] >> words >> letters >> split >> first
    split[2] >> first
    split[1] >> second >> p.msg("label $1") >> p.obj("s $0-second")
    first >> p.msg("label $1") >> p.obj("s $0-first")
    over >> p.obj("s $0-clear")
    clear = p.msg("label")
    p.obj("r $0-clear") >> clear
    clear >> p.obj("s $0-first")
    clear >> p.obj("s $0-second")

    p.group("progress: job, fraction, seconds left, what it does")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route job")
    kind = p.obj("route progress")
    fields = p.obj("unpack f f f s")
    receive >> topic >> kind >> fields
    line = p.obj("pack f f s")
    fraction = p.obj("t f f")
    seconds = p.obj("t f f")
    fields[3] >> line[2]
    fields[2] >> seconds
    seconds[1] >> p.obj(">= 0") >> p.obj("s $0-time-known")
    seconds[0] >> p.obj("i") >> line[1]
    fields[1] >> fraction
    fraction[1] >> p.obj("s $0-fraction")
    fraction[0] >> p.obj("* 100") >> p.obj("i") >> line >> p.obj("s $0-line")
    fields[0] >> p.obj("s $0-running")

    p.group("in words, and as a bar")
    line = p.obj("r $0-line")
    known, unknown = p.obj("spigot"), p.obj("spigot 1")
    words = p.obj("sda.label $0-job")
    line >> known >> p.msg("$3 $1 % - $2 s left") >> words
    line >> unknown >> p.msg("$3 $1 %") >> words
    time_known = p.obj("r $0-time-known")
    time_known >> known[1]
    time_known >> p.obj("== 0") >> unknown[1]
    width = p.obj(f"expr max(1, int({BAR_WIDTH} * $f1))")
    order = p.obj("t f b")
    bar = p.obj("s $0-bar")
    p.obj("r $0-fraction") >> width >> order
    order[1] >> p.msg(f"color {ACTIVE} {ACTIVE} {ACTIVE}") >> bar
    order[0] >> p.msg("vis_size $1 10") >> bar

    p.group("it ended")
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route job")
    ended = p.obj("route done cancelled failed")
    over = p.obj("t b b")
    receive >> topic >> ended
    for outlet in range(3):
        ended[outlet] >> over
    p.obj("r sda-$1-connected") >> p.obj("sel 0") >> over
    over[1] >> p.msg(f"color {FIELD} {FIELD} {FIELD}") >> p.obj("s $0-bar")
    over[0] >> p.msg("list") >> p.obj("sda.label $0-job")

    p.group("cancel the job that last told how far it is")
    number = p.obj("f")
    (
        p.obj("r $0-cancel")
        >> number
        >> p.obj("list prepend /sda/job/cancel")
        >> p.obj("s sda-$1-send")
    )
    p.obj("r $0-running") >> number[1]
    return p
