"""sda.client: the connection to the daemon, with its watchdog."""

from document import Patch

HOST, PORT = "127.0.0.1", 5630
PING_EVERY_MS = 2000
LOST_AFTER_MS = 5000
FIRST_ANSWER_WITHIN_MS = 1000


def client() -> Patch:
    """Return the abstraction that owns the socket and knows whether anybody answers."""
    p = Patch(1000, 760)
    p.at(20, 16)
    p.comment(
        "sda.client: the connection to the sdaudio daemon. Send it commands with [s sda-send], "
        "read its answers and events with [r sda-receive] (the leading sda is taken off), and "
        "whether it answers with [r sda-connected]. Choose a daemon with the message "
        "'sda-connect HOST PORT'.",
        width=120,
    )

    p.at(20, 90)
    p.comment("1 where the daemon is", width=40)
    chosen = p.obj("r sda-connect") >> p.obj("list")
    on_chosen = p.obj("t b b b l")
    address = p.obj(f"list append {HOST} {PORT}")
    chosen >> on_chosen
    on_chosen[3] >> address[1]

    p.at(20, 230)
    p.comment("2 the watchdog: ask every 2 s", width=40)
    load = p.obj("loadbang")
    # A command line's -send arrives right after loading and goes before the default address.
    wait = p.obj("del 20")
    stop_waiting = p.msg("stop")
    tick = p.obj(f"metro {PING_EVERY_MS}")
    alive = p.obj("f 0")
    if_lost = p.obj("sel 0")
    load >> wait >> tick >> alive >> if_lost
    on_chosen[0] >> tick
    on_chosen[1] >> stop_waiting >> wait

    p.at(20, 420)
    p.comment("3 lost: open the socket again", width=40)
    reopen = p.obj("t b b b b")
    p.at(20, 480)
    hello = p.msg("/sda/hello, /sda/subscribe")
    p.at(230, 510)
    connect = address >> p.obj("list prepend connect")
    trim_connect = p.obj("list trim")
    connect >> trim_connect
    p.at(230, 480)
    disconnect = p.msg("disconnect")
    p.at(300, 430)
    tell_address = p.obj("s sda-address")
    address >> tell_address
    on_chosen[3] >> tell_address
    if_lost >> reopen >> hello
    reopen[1] >> address
    reopen[3] >> disconnect
    p.at(20, 506)
    status = p.msg("/sda/status")
    if_lost[1] >> status

    p.at(440, 90)
    p.comment("4 out: /sda/address arguments", width=40)
    commands = p.obj("r sda-send")
    # Commands wait for nobody: while the daemon is lost they are dropped, not queued.
    gate = p.obj("spigot 0")
    packed = p.obj("list")
    both = p.obj("t l l")
    arguments = p.obj("list split 1")
    path = p.obj("list split 1")
    set_path = p.obj("list prepend set")
    trim_path = p.obj("list trim")
    osc = p.obj("oscformat")
    to_send = p.obj("list prepend send")
    trim_send = p.obj("list trim")
    socket = p.obj("netsend -u -b")
    commands >> gate >> packed >> both
    both[1] >> path >> set_path >> trim_path >> osc
    both[0] >> arguments
    arguments[1] >> osc
    osc >> to_send >> trim_send >> socket
    hello >> packed
    status >> packed
    trim_connect >> socket
    disconnect >> socket

    p.at(440, 440)
    p.comment("5 in: any answer proves that it lives", width=40)
    parse = p.obj("oscparse")
    trim_in = p.obj("list trim")
    ours = p.obj("route sda")
    heard = p.obj("t a b b")
    receive = p.obj("s sda-receive")
    socket[1] >> parse >> trim_in >> ours >> heard >> receive

    p.at(740, 90)
    p.comment("6 connected 1, lost 0", width=30)
    patience = p.msg(str(LOST_AFTER_MS))
    p.at(860, 116)
    first_patience = p.msg(str(FIRST_ANSWER_WITHIN_MS))
    p.at(740, 150)
    timeout = p.obj("del")
    lost = p.msg("0")
    p.at(800, 176)
    found = p.msg("1")
    p.at(740, 210)
    changed = p.obj("change -1")
    state = p.obj("t f f f")
    p.at(740, 266)
    p.obj("s sda-connected")
    connected = p.boxes[-1]
    heard[1] >> found
    heard[2] >> patience >> timeout >> lost >> changed
    reopen[2] >> first_patience >> timeout
    found >> changed >> state >> connected
    state[1] >> alive[1]
    state[2] >> gate[1]
    on_chosen[2] >> lost

    p.at(740, 330)
    p.comment("7 an uptime that went back: the daemon was restarted and forgot us", width=30)
    again = p.obj("r sda-receive")
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
    return p
