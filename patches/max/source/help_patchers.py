"""The help patchers, one for each part, and the overview in Max's menu Extras."""

from parts import PARTS, Part
from patcher import PAGE_COLOUR, Patcher, width_of
from patchers import CLIENT_SIZE

_WIDTH = 860.0
_MARGIN = 20.0


def help_patcher(shown: Part) -> Patcher:
    """Return the help patcher of a part."""
    is_client = shown.name == "sda.client"
    p = Patcher(_WIDTH, 420.0, is_presented=False)
    p.comment(shown.name, (_MARGIN, 12, 300, 30), fontsize=20.0, fontface=1)
    p.comment(shown.about, (_MARGIN, 48, 760, 64))
    y = 146.0
    if not is_client:
        p.comment("the connection, and where the daemon is", (560, y - 22, 280, 20))
        rect = (_MARGIN, y, *CLIENT_SIZE)
        client = p.part("sda.client", ["help"], rect, None, 2)
        p.message("connect 127.0.0.1 5630", 560, y) >> client
        y += CLIENT_SIZE[1] + 20.0
    x = _MARGIN
    messages = []
    for text, does in shown.says:
        if x + width_of(text) > _WIDTH - _MARGIN:
            x, y = _MARGIN, y + 30.0
        messages.append(p.message(text, x, y, hint=does))
        x += width_of(text) + 14.0
    arguments = ["help", *(example for _, _, example in shown.arguments)]
    y += 40.0
    rect = (_MARGIN, y, *shown.size)
    if shown.sounds:
        text = " ".join(str(word) for word in (shown.name, *arguments))
        box = p.obj(text, _MARGIN, y, outlets=len(shown.outlets), types=["signal", ""])
    else:
        box = p.part(shown.name, arguments, rect, None, len(shown.outlets))
    for message in messages:
        message >> box
    y += shown.size[1] + 12.0
    if shown.sounds:
        ear = p.box("ezdac~", (_MARGIN, y, 45, 45), 2, 0)
        box >> ear
        box >> ear.inlet(1)
        y += 56.0
    if shown.outlets:
        tail = p.obj(f"print {shown.name} @popup 1", _MARGIN, y, outlets=0)
        box[len(shown.outlets) - 1 if shown.sounds else 0] >> tail
    words = " ".join(("NAME", *(name for name, _, _ in shown.arguments)))
    seen = f"{shown.name} as an object" if shown.sounds else f"bpatcher {shown.name}.maxpat"
    p.comment(f"{seen}, arguments: {words}", (300, y, 400, 20))
    y += 34.0
    for name, more, size in shown.below:
        p.part(name, ["help", *more], (_MARGIN, y, *size), None, 1)
        y += size[1] + 12.0
    p.height = max(p.height, y)
    return p


def overview() -> Patcher:
    """Return the overview: what the package has, each a click away."""
    p = Patcher(640.0, 90.0 + 34.0 * (len(PARTS) + 1))
    p.background(PAGE_COLOUR)
    p.label("sdaudio", (20, 300, 200, 30), (20, 16, 200, 24))
    control = p.obj("pcontrol", 20, 800, outlets=1)
    y = 52.0
    rows = [("sdaudio.maxpat", "two grids, the library, a training, the prior")]
    rows += [(f"{each.name}.maxhelp", each.about.split(". ")[0].rstrip(".")) for each in PARTS]
    for place, (file, about) in enumerate(rows):
        below = 340.0 + 34.0 * place
        button = p.box(
            "textbutton", (20, below, 110, 22), 1, 3, shown=(20, y, 130, 24),
            text=file.rsplit(".", 1)[0], types=["", "", "int"], parameter_enable=0,
        )  # fmt: skip
        button >> p.message(f"load {file}", 140, below) >> control
        p.label(about[:70], (400, below, 460, 20), (160, y + 2, 470, 20))
        y += 34.0
    return p
