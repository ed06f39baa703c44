"""sda.code~: the codes of a level as an instrument."""

from document import Patch

VOICES = 8
MOST_CODES = 256
ATTACK_MS, RELEASE_MS, STEAL_MS = 2, 80, 3
END_MS = 40
"""The slope at the end of what there is of a code."""


def code() -> Patch:
    """Return sda.code~: an instrument whose notes are the codes of a level."""
    p = Patch(1240, 900)
    p.comment(
        "sda.code~ CLIENT MODEL LEVEL: the codes of one level as an instrument. At the connection "
        "the daemon renders all of them into one file, which is loaded here; from then on notes "
        "sound at once. In: 'note PITCH VELOCITY' (0 to 127 go from dark codes to bright ones; "
        "velocity 0 lets go), 'code NUMBER VELOCITY', 'panic', 'model NAME', 'level NUMBER'. Out: "
        "the signal; 'ready CODES'.",
        width=140,
    )
    for array, size in (("bank", 100), ("ranks", MOST_CODES), ("by-rank", MOST_CODES)):
        p.obj(f"array define $0-{array} {size}")
    p.group("messages in")
    words = p.obj("route note code panic model level")
    p.obj("inlet") >> words
    words[0] >> p.obj("s $0-note")
    words[1] >> p.obj("s $0-play-code")
    words[2] >> p.obj("t b") >> p.obj("s $0-panic")
    words[3] >> p.obj("sda.words") >> p.obj("s $0-choose-model")
    words[4] >> p.obj("s $0-choose-level")

    p.group("ask for the ranks of the codes, then for their sound")
    model = p.obj("symbol $2")
    level = p.obj("f $3")
    request = p.obj("pack s f")
    order = p.obj("t b b")
    known = p.obj("sel 0")
    p.obj("r sda-$1-connected") >> p.obj("sel 1") >> p.obj("del 50") >> order
    for chosen, kept in (("model", model), ("level", level)):
        both = p.obj("t b a")
        p.obj(f"r $0-choose-{chosen}") >> both
        both[1] >> kept[1]
        both[0] >> order
    wanted = p.obj("t f f")
    order[1] >> level >> wanted
    wanted[1] >> p.obj("s $0-level")
    wanted[0] >> request[1]
    order[0] >> model >> known
    both = p.obj("t s s")
    known[1] >> both
    both[1] >> p.obj("s $0-model")
    ask = p.obj("t l l")
    both[0] >> request >> ask
    send = p.obj("s sda-$1-send")
    ask[1] >> p.obj("list prepend /sda/code/ranks") >> send
    ask[0] >> p.obj("list prepend /sda/code/render") >> send

    p.group("answers about this model and level")
    done = p.obj("route done job")
    ranks = p.obj("route /sda/code/ranks")
    job = p.obj("route done")
    rest = p.obj("list split 1")
    sounds = p.obj("route /sda/code/render")
    p.obj("r sda-$1-in") >> done >> ranks >> p.obj("sda.if-mine $0-model") >> p.obj("s $0-ranked")
    done[1] >> job >> rest
    rest[1] >> p.obj("list trim") >> sounds >> p.obj("sda.if-mine $0-model")
    p.boxes[-1] >> p.obj("s $0-rendered")
    for name, result in (("ranked", "ranks-are"), ("rendered", "bank-is")):
        p.group(f"{name}: the level, then the rest")
        both = p.obj("t l l")
        head = p.obj("list split 1")
        level = p.obj("==")
        gate = p.obj("spigot")
        tail = p.obj("list split 1")
        p.obj(f"r $0-{name}") >> both
        both[1] >> head >> level >> gate[1]
        p.obj("r $0-level") >> level[1]
        both[0] >> gate >> tail
        tail[1] >> p.obj(f"s $0-{result}")

    p.group("from rank to code: quality, ranks")
    after = p.obj("list split 1")
    kept = p.obj("t l l")
    p.obj("r $0-ranks-are") >> after
    after[1] >> kept
    kept[1] >> p.obj("array set $0-ranks")
    number = p.obj("t f f")
    read = p.obj("tabread $0-ranks")
    write = p.obj("tabwrite $0-by-rank")
    keep = p.obj("f")
    kept[0] >> p.obj("list length") >> p.obj("sda.count") >> number
    number[1] >> keep[1]
    place = p.obj("t b f")
    number[0] >> read >> place
    place[1] >> write[1]
    place[0] >> keep >> write

    p.group("the sound of all: path, codes, samples of each, rate")
    fields = p.obj("unpack s f f f")
    p.obj("r $0-bank-is") >> fields
    fields[3] >> p.obj("s $0-rate")
    fields[2] >> p.obj("s $0-length")
    fields[1] >> p.obj("s $0-size")
    load = p.obj("t b s")
    size = p.obj("f")
    fields[0] >> load
    read = p.obj("list prepend read -resize -maxsize 90000000")
    load[1] >> read >> p.obj("list append $0-bank") >> p.obj("list trim") >> p.obj("soundfiler")
    load[0] >> size >> p.obj("list prepend ready") >> p.obj("list trim") >> p.obj("s $0-out")
    p.obj("r $0-size") >> size[1]
    p.group("play; out: signal, messages")
    p.subpatch(_notes()) >> p.obj("outlet~")
    p.obj("r $0-out") >> p.obj("outlet")
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
    p.group("one of the voices: voice, onset, length, velocity, rate")
    played = p.obj("unpack f f")
    poly = p.obj(f"poly {VOICES} 1")
    onset = p.obj("expr max(0, min($f1, $f3 - 1)) * $f2")
    p.obj("r $0-play-code") >> played
    played[1] >> poly[1]
    played[0] >> poly
    p.obj("r $0-length") >> onset[1]
    p.obj("r $0-size") >> onset[2]
    voice = p.obj("pack f f f f f")
    poly[2] >> voice[3]
    poly[1] >> onset >> voice[1]
    poly[0] >> voice
    p.obj("r $0-length") >> voice[2]
    p.obj("r $0-rate") >> voice[4]
    voices = p.obj(f"clone -s 1 sda.code-voice~ {VOICES} $0")
    voice >> voices >> p.obj("outlet~")
    p.obj("r $0-panic") >> p.msg("stop") >> poly
    return p


def code_voice() -> Patch:
    """Return sda.code-voice~: one voice of sda.code~."""
    p = Patch()
    p.comment(
        "sda.code-voice~ NUMBER TRACK (inside sda.code~): onset and length in samples of the bank, "
        "velocity, rate.",
        width=100,
    )
    p.group("let go: fade; a note: when it still sounds, after a short fade")
    parts = p.obj("unpack f f f f")
    is_let_go = p.obj("sel 0")
    note = p.obj("t b b")
    sounding = p.obj("f 0")
    is_free = p.obj("sel 0")
    p.obj("inlet") >> p.obj("list") >> parts
    parts[3] >> p.obj("s $0-rate")
    velocity = p.obj("f")
    parts[2] >> velocity[1]
    parts[2] >> p.obj("s $0-velocity")
    parts[1] >> p.obj("s $0-length")
    order = p.obj("t b f")
    parts[0] >> order
    order[1] >> p.obj("s $0-onset")
    order[0] >> velocity >> is_let_go
    let_go = p.obj("t b b")
    is_let_go[0] >> let_go
    let_go[1] >> p.msg(f"0 {RELEASE_MS}") >> p.obj("s $0-envelope")
    let_go[0] >> p.msg(f"{RELEASE_MS + 5}") >> p.obj("s $0-over-in")
    is_let_go[1] >> note
    note[1] >> p.msg("stop") >> p.obj("s $0-over-in")
    note[0] >> sounding >> is_free
    p.obj("r $0-sounding") >> sounding[1]
    is_free[0] >> p.obj("s $0-begin")
    steal = p.obj("t b b")
    is_free[1] >> steal
    steal[1] >> p.msg(f"0 {STEAL_MS}") >> p.obj("s $0-envelope")
    steal[0] >> p.obj(f"del {STEAL_MS}") >> p.obj("s $0-begin")
    p.obj("r $0-over-in") >> p.obj("del") >> p.msg("0") >> p.obj("s $0-sounding")

    p.group("begin: onset, then the line through the code and its envelope")
    order = p.obj("t b b b b")
    onset = p.obj("f 0")
    length = p.obj("f 0")
    velocity = p.obj("f 0")
    ms = p.obj("expr 1000 * $f1 / max($f2, 1)")
    several = p.obj("t f f f")
    p.obj("r $0-begin") >> order
    order[3] >> p.msg("1") >> p.obj("s $0-sounding")
    order[2] >> onset >> p.obj("s $0-from")
    p.obj("r $0-onset") >> onset[1]
    order[1] >> length >> ms >> several
    p.obj("r $0-length") >> length[1]
    p.obj("r $0-rate") >> ms[1]
    line = p.obj("pack f f")
    several[2] >> line[1]
    envelope = p.obj("pack f f")
    several[1] >> p.obj(f"- {END_MS}") >> envelope[1]
    several[0] >> p.obj("+ 5") >> p.obj("s $0-over-in")
    order[0] >> p.obj("t b b")
    last = p.boxes[-1]
    samples = p.obj("f 0")
    p.obj("r $0-length") >> samples[1]
    last[1] >> samples >> line >> p.msg("0, $1 $2") >> p.obj("s $0-line")
    last[0] >> velocity >> p.obj("expr pow($f1 / 127, 2)") >> envelope
    p.obj("r $0-velocity") >> velocity[1]
    envelope >> p.msg(f"$1 {ATTACK_MS}, 0 {END_MS} $2") >> p.obj("s $0-envelope")

    p.group("the sound")
    index = p.obj("vline~")
    read = p.obj("tabread4~ $2-bank")
    gain = p.obj("*~")
    envelope = p.obj("vline~")
    p.obj("r $0-line") >> index >> read >> gain >> p.obj("outlet~")
    p.obj("r $0-from") >> read[1]
    p.obj("r $0-envelope") >> envelope >> gain[1]
    return p
