"""sda.client: the connection to the daemon, with its watchdog."""

from document import Graph, Patch
from palette import BAD, GOOD, QUIET, TEXT, WAITING
from widgets import caption, field, label, light, panel

HOST, PORT = "127.0.0.1", 5630
PROTOCOL = 1
PING_EVERY_MS = 2000
LOST_AFTER_MS = 5000
FIRST_ANSWER_WITHIN_MS = 1000
WIDTH, HEIGHT = 420, 50


def client() -> Patch:
    """Return the abstraction that owns the socket and knows whether anybody answers."""
    p = Patch(1240, 980, graph=Graph(WIDTH, HEIGHT, 10, 10))
    _face(p)
    p.at(460, 16)
    p.comment(
        "sda.client NAME: the connection to an sdaudio daemon. The other parts that bear the same "
        "NAME as first argument speak through it. In: any command, such as /sda/status, or "
        "'connect HOST PORT', 'disconnect', 'token TEXT'. Out, left to right: every answer and "
        "event without its leading sda; 1 connected or 0 lost. Patches may also use [s "
        "sda-NAME-send], [r sda-NAME-in] and [r sda-NAME-connected]. 'sda-connect HOST PORT' "
        "speaks to all of them.",
        width=105,
    )

    p.at(20, 140)
    p.comment("1 where the daemon is", width=30)
    everybody = p.obj("r sda-connect")
    p.at(140, 166)
    mine = p.obj("r sda-$1-connect")
    p.at(270, 150)
    arguments = p.obj("inlet")
    p.at(240, 192)
    own = p.obj("route connect disconnect token")
    p.at(20, 230)
    chosen = p.obj("list")
    on_chosen = p.obj("t b b b l")
    address = p.obj(f"list append {HOST} {PORT}")
    everybody >> chosen
    mine >> chosen
    arguments >> own >> chosen
    chosen >> on_chosen
    on_chosen[3] >> address[1]
    p.at(300, 218)
    commands_in = p.obj("s sda-$1-send")
    own[3] >> commands_in

    p.at(20, 360)
    p.comment("2 the watchdog: ask every 2 s", width=40)
    load = p.obj("loadbang")
    # A command line's -send arrives right after loading and goes before the default address.
    wait = p.obj("del 20")
    tick = p.obj(f"metro {PING_EVERY_MS}")
    alive = p.obj("f 0")
    if_lost = p.obj("sel 0")
    p.at(140, 386)
    stop_waiting = p.msg("stop")
    load >> wait >> tick >> alive >> if_lost
    on_chosen[0] >> tick
    on_chosen[1] >> stop_waiting >> wait
    own[1] >> stop_waiting
    stop_waiting >> tick

    p.at(20, 520)
    p.comment("3 lost: open the socket again", width=40)
    reopen = p.obj("t b b b b")
    p.at(20, 590)
    hello = p.subpatch(_hello())
    p.at(230, 620)
    connect = p.obj("list prepend connect")
    trim_connect = p.obj("list trim")
    address >> connect >> trim_connect
    p.at(230, 580)
    disconnect = p.msg("disconnect")
    if_lost >> reopen >> hello
    reopen[1] >> address
    reopen[3] >> disconnect
    p.at(20, 630)
    status = p.msg("/sda/status")
    if_lost[1] >> status
    own[1] >> disconnect
    token = p.obj("list")
    shown = p.obj("t b l")
    own[2] >> token >> shown
    shown[1] >> hello[1]
    shown[0] >> reopen

    p.at(480, 140)
    p.comment("4 out: /sda/address arguments", width=40)
    commands = p.obj("r sda-$1-send")
    # Commands wait for nobody: while the daemon is lost they are dropped, not queued.
    gate = p.obj("spigot 0")
    packed = p.obj("list")
    both = p.obj("t l l")
    only_arguments = p.obj("list split 1")
    path = p.obj("list split 1")
    set_path = p.obj("list prepend set")
    trim_path = p.obj("list trim")
    osc = p.obj("oscformat")
    to_send = p.obj("list prepend send")
    trim_send = p.obj("list trim")
    socket = p.obj("netsend -u -b")
    commands >> gate >> packed >> both
    both[1] >> path >> set_path >> trim_path >> osc
    both[0] >> only_arguments
    only_arguments[1] >> osc
    osc >> to_send >> trim_send >> socket
    hello >> packed
    status >> packed
    trim_connect >> socket
    disconnect >> socket

    p.at(460, 490)
    p.comment("5 in: any answer proves that it lives", width=40)
    parse = p.obj("oscparse")
    trim_in = p.obj("list trim")
    ours = p.obj("route sda")
    heard = p.obj("t a a b b")
    receive = p.obj("s sda-$1-in")
    outlet = p.obj("outlet")
    socket[1] >> parse >> trim_in >> ours >> heard >> outlet
    heard[1] >> receive

    p.at(800, 140)
    p.comment("6 connected 1, lost 0", width=30)
    patience = p.msg(str(LOST_AFTER_MS))
    p.at(920, 166)
    first_patience = p.msg(str(FIRST_ANSWER_WITHIN_MS))
    p.at(800, 200)
    timeout = p.obj("del")
    lost = p.msg("0")
    p.at(860, 226)
    found = p.msg("1")
    p.at(800, 260)
    changed = p.obj("change -1")
    state = p.obj("t f f f f")
    p.at(800, 320)
    connected_out = p.obj("outlet")
    p.at(880, 320)
    connected = p.obj("s sda-$1-connected")
    heard[2] >> found
    heard[3] >> patience >> timeout >> lost >> changed
    reopen[2] >> first_patience >> timeout
    found >> changed >> state >> connected_out
    state[1] >> connected
    state[2] >> alive[1]
    state[3] >> gate[1]
    on_chosen[2] >> lost
    own[1] >> lost

    p.at(800, 380)
    p.comment("7 an uptime that went back: the daemon was restarted and forgot us", width=30)
    again = p.obj("r sda-$1-in")
    status_reply = p.obj("route done")
    uptime_of = p.obj("route /sda/status")
    uptime = p.obj("unpack f")
    compare = p.obj("t f f")
    older = p.obj("<")
    restarted = p.obj("sel 1")
    resubscribe = p.obj("t b b")
    again >> status_reply >> uptime_of >> uptime >> compare
    compare[1] >> older >> restarted >> resubscribe
    compare[0] >> older[1]
    resubscribe[1] >> lost
    resubscribe[0] >> tick

    p.at(800, 660)
    p.comment("8 what the face says", width=30)
    face = p.subpatch(_words())
    address >> face
    return p


def _face(p: Patch) -> None:
    panel(p, 10, 10, WIDTH, HEIGHT)
    light(p, 20, 20, "$0-light", colour=WAITING, size=14)
    label(p, 42, 18, "looking for the daemon", name="$0-state")
    label(p, 42, 37, "", name="$0-advice", size=11, colour=QUIET)
    caption(p, 268, 18, "at")
    field(p, 288, 16, 120, "$0-address", text=f"{HOST} {PORT}", size=11)
    p.at(20, 90)
    shown = p.obj("r $0-address-shown")
    p.at(180, 90)
    typed = p.obj("sda.entry $1 $0-address")
    shown >> typed
    p.at(20, 116)
    choose = p.obj("s sda-$1-connect")
    p.at(180, 116)
    typed >> p.subpatch(_parse()) >> choose


def _parse() -> Patch:
    p = Patch(420, 260, name="host-and-port")
    p.at(20, 16)
    p.comment("'127.0.0.1 5630' as typed becomes a symbol and a number", width=50)
    inlet = p.obj("inlet")
    codes = p.obj("list fromsymbol")
    end = p.obj("list append 59")
    words = p.obj("fudiparse")
    as_list = p.obj("list")
    outlet = p.obj("outlet")
    inlet >> codes >> end >> words >> as_list >> outlet
    return p


def _hello() -> Patch:
    p = Patch(480, 260, name="hello")
    p.at(20, 16)
    p.comment("hello, with the token where there is one, then subscribe", width=60)
    inlet = p.obj("inlet")
    order = p.obj("t b b")
    subscribe = p.msg("/sda/subscribe")
    p.at(160, 120)
    hello = p.obj("list append /sda/hello")
    p.at(20, 180)
    outlet = p.obj("outlet")
    p.at(260, 42)
    token = p.obj("inlet")
    with_token = p.obj("list prepend /sda/hello")
    inlet >> order
    order[1] >> hello >> outlet
    order[0] >> subscribe >> outlet
    token >> with_token >> hello[1]
    return p


def _words() -> Patch:
    p = Patch(1180, 560, name="words")
    p.at(20, 16)
    p.comment("the state in words, and what to do about it", width=60)
    address = p.obj("inlet")
    address >> p.obj("s $0-address-shown")

    p.at(20, 130)
    p.comment("lost", width=20)
    connected = p.obj("r sda-$1-connected")
    is_lost = p.obj("sel 0")
    p.at(20, 220)
    lost = p.obj("t b b b")
    p.at(20, 260)
    start_it = p.msg("Start it: 'sdaudio serve' - does it want a token?")
    no_answer = p.msg("label no\\ answer")
    bad = p.msg(f"color {BAD} {BAD} {TEXT}")
    connected >> is_lost >> lost

    p.at(460, 42)
    p.comment("hello: name, version, protocol", width=40)
    receive = p.obj("r sda-$1-in")
    topic = p.obj("route done fail")
    answer = p.obj("route /sda/hello")
    fields = p.obj("unpack s s f")
    order = p.obj("t f f f")
    p.at(460, 216)
    name = p.obj("pack s s")
    says = p.msg("connected to $1 $2")
    state = p.obj("sda.label $0-state")
    receive >> topic >> answer >> fields
    fields[2] >> order
    fields[1] >> name[1]
    fields[0] >> name >> says >> state
    p.at(700, 216)
    good = p.msg(f"color {GOOD} {GOOD} {TEXT}")
    p.at(700, 250)
    is_ours = p.obj(f"sel {PROTOCOL}")
    fine = p.msg("list")
    is_older = p.obj(f"moses {PROTOCOL}")
    p.at(700, 360)
    update_daemon = p.msg("It is older than these patches: update sdaudio.")
    p.at(700, 330)
    update_patches = p.msg("It is newer than these patches: sdaudio patches --copy-to pd")
    p.at(940, 240)
    warn = p.msg(f"color {WAITING} {WAITING} {TEXT}")
    order[0] >> is_ours >> fine
    order[1] >> good
    is_ours[1] >> p.obj("t f b")
    other = p.boxes[-1]
    other[1] >> warn
    other[0] >> is_older >> update_daemon
    is_older[1] >> update_patches

    p.at(940, 42)
    refused = p.obj("route /sda/hello")
    why = p.msg("$2")
    topic[1] >> refused >> p.obj("list") >> why

    p.at(20, 460)
    advice = p.obj("sda.label $0-advice")
    p.at(20, 420)
    show_state = p.obj("s $0-state")
    p.at(240, 420)
    light = p.obj("s $0-light")
    for text in (start_it, fine, update_daemon, update_patches, why):
        text >> advice
    lost[0] >> start_it
    lost[1] >> no_answer >> show_state
    lost[2] >> bad >> light
    good >> light
    warn >> light
    return p
