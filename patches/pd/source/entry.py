"""sda.entry: typing into a field of a face."""

from document import Patch
from palette import ACTIVE_DARK, FIELD, TEXT

BACKSPACE, ENTER, ESCAPE, DELETE = 8, 10, 27, 127
CURSOR = 95
MOST_BYTES = 200


def entry() -> Patch:
    """Return sda.entry: one field takes the keys until Enter, and nothing else hears them."""
    p = Patch(1100, 640)
    p.at(20, 16)
    p.comment(
        "sda.entry CLIENT FIELD: types into the field of that name. A click on it begins, Enter "
        "ends and gives the text out (symbol), Escape or a click elsewhere leaves all as it was. "
        "Meanwhile sda-CLIENT-typing is 1, so that no key does anything else. Inlet: a text or a "
        "number that is shown and not given out.",
        width=130,
    )
    p.at(20, 100)
    p.comment("a text from outside", width=24)
    inlet = p.obj("inlet")
    words = p.obj("sda.words")
    order = p.obj("t s s")
    shown = p.msg("label $1")
    face = p.obj("s $2")
    inlet >> words >> order >> shown >> face
    p.at(120, 208)
    known = p.obj("list fromsymbol")
    order[1] >> known

    p.at(260, 100)
    p.comment("a click begins, and the others end", width=40)
    press = p.obj("r $2-press")
    begin = p.obj("t b b b")
    p.at(400, 152)
    leave = p.obj("s sda-$1-focus")
    press >> begin
    begin[2] >> leave
    p.at(330, 178)
    on = p.msg("1")
    begin[1] >> on
    p.at(260, 230)
    saved = p.obj("list")
    begin[0] >> saved
    known >> saved[1]

    p.at(480, 178)
    off = p.msg("0")
    p.at(480, 204)
    changed = p.obj("change")
    state = p.obj("t f f f")
    p.at(480, 260)
    look = p.obj("sel 1 0")
    active = p.msg(f"color {ACTIVE_DARK} {ACTIVE_DARK} {TEXT}")
    quiet = p.msg(f"color {FIELD} {FIELD} {TEXT}")
    colour = p.obj("s $2")
    on >> changed >> state >> look >> active >> colour
    look[1] >> quiet >> colour
    off >> changed
    p.at(640, 204)
    typing = p.obj("s sda-$1-typing")
    state[1] >> typing

    p.at(780, 100)
    p.comment("keys, while it is this field's turn", width=40)
    key = p.obj("key")
    turn = p.obj("spigot")
    which = p.obj(f"sel {ENTER} {ESCAPE} {BACKSPACE} {DELETE}")
    letter = p.obj("moses 32")
    encode = p.subpatch(_utf8())
    p.at(780, 290)
    joined = p.obj("list prepend")
    room = p.obj(f"list split {MOST_BYTES}")
    p.at(780, 420)
    now = p.obj("t l l l l")
    state[2] >> turn[1]
    key >> turn >> which
    which[4] >> letter
    letter[1] >> encode >> joined >> room >> now
    room[2] >> now
    now[3] >> joined[1]
    saved >> now

    p.at(940, 230)
    p.comment("one letter less", width=20)
    shorter = p.subpatch(_without_last())
    back = p.obj("t b")
    which[2] >> back >> shorter
    which[3] >> back
    shorter >> now
    now[2] >> shorter[1]

    p.at(780, 470)
    p.comment("what is typed, with a cursor", width=30)
    cursor = p.obj(f"list append {CURSOR}")
    as_text = p.obj("list tosymbol")
    draft = p.msg("label $1")
    to_face = p.obj("s $2")
    now[0] >> cursor >> as_text >> draft >> to_face

    p.at(20, 360)
    p.comment("Enter: give it out", width=30)
    finish = p.obj("t b b")
    p.at(20, 420)
    typed = p.obj("list")
    result = p.obj("list tosymbol")
    both = p.obj("t s s s")
    outlet = p.obj("outlet")
    which[0] >> finish
    finish[1] >> off
    finish[0] >> typed >> result >> both >> outlet
    both[1] >> shown
    both[2] >> known
    now[1] >> typed[1]

    p.at(400, 400)
    p.comment("Escape, or a click elsewhere: as it was", width=50)
    others = p.obj("r sda-$1-focus")
    mine = p.obj("spigot")
    cancel = p.obj("t b b")
    p.at(400, 530)
    before = p.obj("list")
    old = p.obj("list tosymbol")
    old_text = p.msg("label $1")
    old_face = p.obj("s $2")
    state[1] >> mine[1]
    others >> mine >> cancel
    which[1] >> cancel
    cancel[1] >> off
    cancel[0] >> before >> old >> old_text >> old_face
    known >> before[1]
    return p


def _utf8() -> Patch:
    p = Patch(640, 300, name="utf-8")
    p.at(20, 16)
    p.comment("the bytes of a letter", width=40)
    inlet = p.obj("inlet")
    ascii_ = p.obj("moses 128")
    p.at(160, 68)
    two = p.obj("moses 2048")
    p.at(160, 110)
    second = p.obj("expr 192 + int($f1 / 64) \\; 128 + $f1 % 64")
    pair = p.obj("pack f f")
    p.at(160, 190)
    third = p.obj("expr 224 + int($f1 / 4096) \\; 128 + int($f1 / 64) % 64 \\; 128 + $f1 % 64")
    triple = p.obj("pack f f f")
    p.at(20, 250)
    outlet = p.obj("outlet")
    inlet >> ascii_ >> outlet
    ascii_[1] >> two >> second >> pair >> outlet
    second[1] >> pair[1]
    two[1] >> third >> triple >> outlet
    third[1] >> triple[1]
    third[2] >> triple[2]
    return p


def _without_last() -> Patch:
    p = Patch(620, 460, name="without-last")
    p.at(20, 16)
    p.comment("bytes without the last letter, whose following bytes are 128 to 191", width=70)
    inlet = p.obj("inlet")
    kept = p.obj("list")
    split = p.obj("t l l")
    some = p.obj("spigot")
    p.at(160, 120)
    length = p.obj("list length")
    not_empty = p.obj("moses 1")
    p.at(160, 190)
    shut = p.msg("0")
    p.at(220, 190)
    shorter = p.obj("t f b")
    one_less = p.obj("- 1")
    p.at(320, 216)
    opened = p.msg("1")
    p.at(20, 270)
    cut = p.obj("list split")
    rest = p.obj("t b l")
    last = p.obj("f")
    following = p.obj("expr ($f1 & 192) == 128")
    again = p.obj("sel 1 0")
    p.at(120, 400)
    store = p.obj("list")
    outlet = p.obj("outlet")
    p.at(260, 42)
    given = p.obj("inlet")
    given >> kept[1]
    inlet >> kept >> split
    split[1] >> length >> not_empty >> shut >> some[1]
    not_empty[1] >> shorter >> one_less >> cut[1]
    shorter[1] >> opened >> some[1]
    split[0] >> some >> cut
    # The rest comes first, then what is before it.
    cut[1] >> last[1]
    cut[0] >> rest
    rest[1] >> store[1]
    rest[1] >> kept[1]
    rest[0] >> last >> following >> again
    again[0] >> kept
    again[1] >> store >> outlet
    return p
